"""The response's parts, each alone: choosing, the picture, nearness, a seat's grants and its rules."""

import math
from dataclasses import replace
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.detect import scene as stage

from jikimi.detect.decisions import Known
from jikimi.detect.facts import Carry, Fix, Fixes, FixFlag, Tick
from jikimi.identity.model import Actor, Role
from jikimi.kernel.ids import uuid7
from jikimi.registry.model import OrderCard, SecretPlace
from jikimi.respond import rules
from jikimi.respond.briefing import code_112_of, position
from jikimi.respond.model import Unit
from jikimi.respond.nearness import Follower
from jikimi.respond.picture import Picture, Seen
from jikimi.respond.recommend import plan, rank
from jikimi.respond.seat import MOST_WAITING, Seat, Word
from jikimi.respond.vantage import vantage
from jikimi.respond.veil import Veil

RULES = rules.load("kr")
POLICE, CENTRE, OTHERS = uuid7(), uuid7(), uuid7()
HE, SHE = uuid7(), uuid7()
CARD = OrderCard(uuid7(), POLICE, CENTRE, HE, SHE, "kr", "", True)
HERE, THERE = (127.0, 37.5), (127.02, 37.5)


def unit(sign: str, kind: str = "police", lon: float | None = 127.0, **more: object) -> Unit:
    """A free unit of the agency of its kind."""
    agency = POLICE if kind == "police" else CENTRE
    values = {
        "id": uuid7(), "agency": agency, "kind": kind, "callsign": sign, "available": True, "lon": lon,
        "lat": None if lon is None else 37.5, "position_at": None if lon is None else 900.0,
    }  # fmt: skip
    return Unit(**{**values, **more})  # type: ignore[arg-type]


# choosing -----------------------------------------------------------------------------------------------------


def test_the_nearest_of_each_kind_is_sent_where_it_belongs() -> None:
    """Police to her, probation to him, each with distance, time and the age of the unit's position."""
    units = [unit("P-2", lon=127.01), unit("P-1"), unit("M-1", "probation"), unit("M-2", "probation", 127.019)]
    made = plan(CARD, units, HERE, THERE, 1000.0, RULES)
    assert [(pick.unit.callsign, pick.toward, pick.rank) for pick in made.picks] == [
        ("P-1", "victim", 1), ("M-2", "offender", 1),
    ]  # fmt: skip
    reasons = made.picks[1].reasons()
    away = made.picks[1].distance_m
    assert away is not None
    assert reasons["eta_s"] == round(away * RULES.detour / RULES.speed_mps["probation"])
    assert reasons["unit_position_age_s"] == 100
    assert made.gaps == ()
    assert (reasons["rank"], reasons["among"]) == (1, 2)


def test_a_rank_counts_whoever_is_nearer_and_cannot_go() -> None:
    """Second and third nearest are said to be that, whether the nearer is busy, was asked, or both; nowhere is no rank."""
    units = [unit("P-1", available=False), unit("P-2", lon=127.01), unit("P-3", lon=127.02), unit("P-4", lon=None)]
    (made,) = plan(CARD, [*units, unit("M-1", "probation")], HERE, THERE, 0, RULES, [units[1].id]).picks[:1]
    assert (made.unit.callsign, made.rank, made.among) == ("P-3", 3, 4)
    ranked = rank("police", POLICE, "victim", HERE, units, 0, RULES, set())
    assert [(one.unit.callsign, one.rank) for one in ranked] == [("P-2", 2), ("P-3", 3), ("P-4", 4)]
    assert {(one.rank, one.among) for one in rank("police", POLICE, "victim", None, units, 0, RULES, set())} == {
        (None, None)
    }


def test_a_unit_without_a_position_is_last_and_never_dropped() -> None:
    """Better somebody of whom we do not know where than nobody; an old position is said to be old."""
    lost, old = unit("P-0", lon=None), unit("P-9", lon=128.0, position_at=-9e4)
    first, second = rank("police", POLICE, "victim", HERE, [lost, old], 1000.0, RULES, set())
    assert (first.unit, second.unit) == (old, lost)
    assert first.note == "position is old"
    assert second.reasons()["rule"] == "available unit without a position"
    assert [pick.distance_m for pick in rank("police", POLICE, "victim", None, [lost, old], 0, RULES, set())] == [
        None
    ] * 2


def test_where_one_party_is_unknown_the_other_is_where_to_go() -> None:
    """Whoever is not seen is looked for near the one who is."""
    units = [unit("P-1", lon=127.0), unit("P-2", lon=127.02), unit("M-1", "probation", 127.0)]
    assert plan(CARD, units, None, THERE, 0, RULES).picks[0].unit.callsign == "P-2"
    assert plan(CARD, units, HERE, None, 0, RULES).picks[1].unit.callsign == "M-1"


def test_nothing_is_measured_from_where_somebody_may_not_be_told_to_be() -> None:
    """What is known of each is tried in turn; whoever is at a place of their own that is secret is hidden, on either side."""
    veil, (lon, lat) = Veil(), HERE
    veil.restore([SecretPlace(uuid7(), who, lon, lat, 100.0, None, 0.0) for who in (HE, SHE)])
    here, there = Known("x", 0, *HERE, 5.0, 0), Known("x", 0, *THERE, 5.0, 0)
    for hers, his, seen in (
        ([here, there], [there], (THERE, THERE, True)), ([there, here], [there], (THERE, THERE, False)),
        ([None, here], [there], (None, THERE, True)), ([], [None], (None, None, False)), ([there], [here], (THERE, None, True)),
    ):  # fmt: skip
        at = vantage(veil, CARD, hers, his)
        assert (at.victim, at.offender, at.hidden) == seen
    assert vantage(veil, replace(CARD, victim=None), [here], []).victim == HERE


def test_a_gap_says_why() -> None:
    """No unit, none available and every one asked are different reasons."""
    busy = unit("P-1", available=False)
    free = unit("P-2")
    assert [gap.reason for gap in plan(CARD, [], HERE, THERE, 0, RULES).gaps] == [
        "the agency has no police unit", "the agency has no probation unit",
    ]  # fmt: skip
    assert plan(CARD, [busy], HERE, THERE, 0, RULES).gaps[0].reason == "none of 1 units is available"
    assert plan(CARD, [busy, free], HERE, THERE, 0, RULES, [free.id]).gaps[0].reason == "every available unit was asked"


@given(st.permutations([unit(f"P-{n}", lon=127.0 + n / 1000) for n in range(6)]))
def test_the_choice_does_not_depend_on_the_order_of_the_roster(units: list[Unit]) -> None:
    """The same units give the same ranking however they were read."""
    ranked = rank("police", POLICE, "victim", HERE, units, 0, RULES, set())
    assert [pick.unit.callsign for pick in ranked] == [f"P-{n}" for n in range(6)]


# the picture --------------------------------------------------------------------------------------------------


def picture() -> Picture:
    """With one device on her."""
    made = Picture(30.0)
    made.apply(Carry(0.0, "c", "watch", str(SHE), 0.0, 5000.0))
    return made


def fix(t: float, flags: int = 3, device: str = "watch") -> Fix:
    """A fix at a time."""
    return Fix(device, t, 127.0, 37.5, 5.0, flags=flags)


def test_the_picture_holds_each_ones_newest_proven_position() -> None:
    """Older, unproven, invalid and future fixes replace nothing, nor do those of a device on nobody."""
    made = picture()
    assert made.where(SHE) is None
    (news,) = made.apply(Fixes(1000.0, [fix(1000.0)]))
    assert (news.subject, made.where(SHE)) == (str(SHE), (127.0, 37.5))
    for late in (fix(999.0), fix(1000.0), fix(1001.0, FixFlag.VALID), fix(1001.0, FixFlag.PROVEN), fix(1100.0),
                 fix(1001.0, device="nobody's"), fix(5001.0)):  # fmt: skip
        assert made.apply(Fixes(1000.0, [late])) == []
    assert made.apply(Tick(1001.0)) == []
    assert made.apply(Fixes(1002.0, [fix(1001.0)]), only={"somebody else"}) == []
    assert len(made.apply(Fixes(1002.0, [fix(1001.0)]), only={str(SHE)})) == 1
    told = made.seen[str(SHE)].told(1011.0)
    assert (told["age_s"], told["lon"], told["sigma_m"]) == (10.0, 127.0, 5.0)


def test_a_place_that_becomes_secret_takes_out_who_stands_there() -> None:
    """Whoever was seen there is forgotten when it is looked at again; whoever was seen elsewhere stays."""
    secret: set[str] = set()
    made = Picture(30.0, lambda who, *_: who in secret)
    for subject in (SHE, HE):
        made.apply(Carry(0.0, f"c-{subject}", f"watch-{subject}", str(subject), 0.0, 5000.0))
        made.apply(Fixes(1000.0, [fix(1000.0, device=f"watch-{subject}")]))
    assert made.look_again() == set()
    secret.add(str(SHE))
    assert made.look_again() == {str(SHE)}
    assert set(made.seen) == {str(HE)}


def test_no_position_is_said_to_be_none() -> None:
    """An order about somebody never seen says so."""
    assert position(None, 0.0) is None


# nearness -----------------------------------------------------------------------------------------------------


def seen(t: float, east_m: float, sigma: float = 3.0) -> Seen:
    """Somebody so many metres east."""
    return Seen("x", t, t, 127.0 + east_m / 88_400, 37.5, sigma, None, None)


def test_nearness_tells_distance_trend_and_time() -> None:
    """Closing at 2 m/s is a run, standing still is a walk assumed, and going away is opening."""
    follower = Follower()
    first = follower.look(seen(0.0, 300), seen(0.0, 0, 4.0), 1.0)
    assert first.distance_m == pytest.approx(300, rel=0.01)
    assert (first.sigma_m, first.trend, first.assumed) == (5.0, None, True)
    closing = follower.look(seen(30.0, 240), seen(0.0, 0), 31.0)
    assert (closing.trend, closing.assumed) == ("closing", False)
    assert closing.closing_mps == pytest.approx(2.0, abs=0.1)
    assert closing.time_to_contact_s == pytest.approx(120, rel=0.05)
    again = follower.look(seen(30.0, 240), seen(0.0, 0), 40.0)
    assert (again.closing_mps, again.offender_age_s, again.victim_age_s) == (closing.closing_mps, 10.0, 40.0)
    for n in range(1, 8):
        last = follower.look(seen(30.0 + 20 * n, 240 + 60 * n), seen(0.0, 0), 200.0)
    assert last.trend == "opening"
    steady = Follower()
    steady.look(seen(0.0, 100), seen(0.0, 0), 0.0)
    assert steady.look(seen(10.0, 100), seen(10.0, 0), 10.0).trend == "steady"


def test_nobody_is_near_to_somebody_never_seen() -> None:
    """Without a position there is no distance, only ages."""
    near = Follower().look(None, seen(5.0, 0), 10.0)
    assert (near.distance_m, near.offender_age_s, near.victim_age_s) == (None, None, 5.0)


# a seat -------------------------------------------------------------------------------------------------------


def seat() -> Seat:
    """An officer's seat; its socket is not spoken to here."""
    actor = Actor(uuid7(), POLICE, Role.POLICE_OFFICER, uuid7(), "p", uuid7())
    return Seat(None, actor, "token", "unit:x")  # type: ignore[arg-type]


def told(one: Seat, now: float = 0.0) -> list[str]:
    """Whose positions would go out now."""
    frames = [msgspec.json.decode(frame) for frame in one.pending(now)]
    return [place["subject"] for frame in frames if frame["type"] == "target" for place in frame["positions"]]


def place(subject: UUID, t: float = 0.0) -> Seen:
    """Somebody's position."""
    return Seen(str(subject), t, t, 127.0, 37.5, 5.0, None, None)


def test_a_seat_is_told_nothing_without_a_grant() -> None:
    """A position that waits goes out only under a grant that holds at that moment."""
    one, incident = seat(), uuid7()
    one.follow(place(HE))
    assert told(one) == []
    one.grant(incident, HE, None)
    one.follow(place(HE))
    one.follow(place(SHE))
    assert told(one) == [str(HE)]
    assert told(one) == []


def test_a_revoked_grant_takes_back_what_waits() -> None:
    """Revoked between queueing and sending, nothing goes out; what another grant covers still does."""
    one, first, second = seat(), uuid7(), uuid7()
    one.grant(first, HE, SHE)
    one.grant(second, None, SHE)
    one.grant(uuid7(), None, None)
    one.measure(first, Follower().look(None, None, 0.0))
    one.follow(place(HE))
    one.follow(place(SHE))
    one.revoke(first)
    one.revoke(uuid7())
    assert told(one) == [str(SHE)]
    assert one.subjects() == {str(SHE)}
    assert one.pairs == {}


def test_what_waits_is_judged_as_it_is_taken() -> None:
    """A full line takes it seconds later: by then one is nowhere to be shown, one grant names her no more, others have ended."""
    one, first, second, third = seat(), uuid7(), uuid7(), uuid7()
    one.grant(first, HE, SHE)
    one.grant(second, None, SHE)
    one.grant(third, HE, None)
    for incident in (first, second, third):
        one.measure(incident, Follower().look(None, None, 0.0))
    one.follow(place(HE))
    one.follow(place(SHE))
    taken = one.pending(0.0, shows=lambda seen: seen.subject != str(SHE))
    now = msgspec.json.decode(next(taken))
    assert [place["subject"] for place in now["positions"]] == [str(HE)]
    one.grant(first, HE, None)
    one.revoke(second)
    one.revoke(third)
    assert list(taken) == []


def test_what_was_owed_is_told_again_only_where_it_may_be_told_whole() -> None:
    """What left before the record could answer comes again to whoever may follow whom it names, once, and to nobody else."""
    one, incident = seat(), uuid7()
    body = {"offender_id": str(HE), "victim_id": str(SHE), "victim": {"lon": 127.0}}
    frame = msgspec.json.encode({"kind": "tasking", "incident": incident, "body": body, "seq": 3})
    one.owe(Word(frame, 3))
    assert one.lacks("tasking", incident, body)
    assert one.paid() == []
    one.owe(Word(frame, 3))
    one.grant(incident, HE, SHE)
    assert not one.lacks("tasking", incident, body)
    assert one.paid() == [Word(frame, None)]
    assert one.paid() == []
    assert not one.lacks("log_entry", incident, body)
    assert not one.lacks("tasking", None, body)


def test_a_newer_position_replaces_one_that_waits() -> None:
    """A slow line is not sent yesterday's places one by one."""
    one, incident = seat(), uuid7()
    one.grant(incident, HE, None)
    for t in (1.0, 2.0, 3.0):
        one.follow(place(HE, t))
    one.measure(incident, Follower().look(None, None, 0.0))
    frames = [msgspec.json.decode(frame) for frame in one.pending(3.0)]
    assert [frame["type"] for frame in frames] == ["target", "pair"]
    assert [where["t"] for where in frames[0]["positions"]] == [3.0]


def test_a_seat_that_cannot_keep_up_is_over() -> None:
    """Past the most that may wait it is told to come back, and the memory stays bounded."""
    one = seat()
    for n in range(MOST_WAITING + 5):
        one.offer(Word(b"{}", n))
    assert one.over == "too slow"
    assert one.words.qsize() == MOST_WAITING


# the rules ----------------------------------------------------------------------------------------------------


def test_the_rules_are_whole_and_of_a_regime_that_exists() -> None:
    """Every number is positive and finite; a regime nobody wrote is an error, not a guess."""
    for name, value in msgspec.structs.asdict(RULES).items():
        several = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
        for number in several:
            assert isinstance(number, str) or (math.isfinite(number) and number > 0), name
    assert RULES.deliver_s < RULES.accept_s <= RULES.own_s
    assert all(edges == tuple(sorted(edges)) for edges in (RULES.within_m, RULES.within_s))
    with pytest.raises(FileNotFoundError):
        rules.load("nowhere")


def test_a_row_for_the_file_raises_no_code() -> None:
    """The live breach is Code 0; its row of evidence grade has none, so that an incident is never raised by the file."""
    scene = stage.Scene(stage.order())
    scene.stand(0, 240, (20, 0), (0, 0), every=30)
    scene.tick(500)
    entry = stage.RULES.alerts["A02"]
    codes = [code_112_of(alert, entry) for grade in ("live", "evidence") for alert in scene.alerts("A02", grade=grade)]
    assert codes == [0, None]
