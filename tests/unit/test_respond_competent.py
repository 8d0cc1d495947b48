"""Training and whom an alert sends: a preference of a minute, and never an empty hand."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.test_respond_parts import CARD, HERE, POLICE, RULES, unit

from jikimi.respond.competent import LAPSED, preferring
from jikimi.respond.recommend import plan, rank

STEP_DEG = RULES.speed_mps["police"] / RULES.detour / 88_000
"""About a second of a police unit's way, in degrees of longitude here."""


def signs(*units: Any) -> list[str]:
    """In which order these would be sent."""
    return [pick.unit.callsign for pick in rank("police", POLICE, "victim", HERE, units, 1000.0, RULES, set())]


def test_whoever_is_trained_goes_first_where_it_costs_little() -> None:
    """Half a minute further away is sent before a unit whose training has lapsed; two minutes further is not."""
    lapsed = unit("L", lon=HERE[0], lapsed=True)
    near, far = (unit(sign, lon=HERE[0] + seconds * STEP_DEG) for sign, seconds in (("N", 30), ("F", 120)))
    assert signs(lapsed, near) == ["N", "L"]
    assert signs(lapsed, far) == ["L", "F"]
    assert signs(lapsed, near, far) == ["N", "L", "F"]


def test_the_only_unit_is_never_passed_over() -> None:
    """Lapsed or not, with a position or without: it is sent, and the reason says so."""
    for lon in (HERE[0], None):
        only = unit("L", lon=lon, lapsed=True)
        (pick,) = plan(CARD, [only], HERE, None, 1000.0, RULES).picks
        assert pick.unit is only
        assert pick.reasons()["note"] == LAPSED
    old = unit("L", lapsed=True, position_at=0.0)
    (pick,) = rank("police", POLICE, "victim", HERE, [old], 1e6, RULES, set())
    assert pick.note == f"position is old; {LAPSED}"


def test_of_two_without_a_position_the_trained_one_goes() -> None:
    """Where nobody's way is known, training decides."""
    assert signs(unit("A", lon=None, lapsed=True), unit("B", lon=None)) == ["B", "A"]


@given(st.lists(st.tuples(st.integers(0, 600), st.booleans(), st.booleans()), max_size=8))
def test_nobody_is_left_out_and_nobody_arrives_much_later(crew: list[tuple[int, bool, bool]]) -> None:
    """The same units in another order; the first arrives at most ``lapsed_s`` after the nearest. Places stay as counted."""
    units = [
        unit(str(n), lon=HERE[0] + seconds * STEP_DEG if placed else None, lapsed=lapsed)
        for n, (seconds, placed, lapsed) in enumerate(crew)
    ]  # fmt: skip
    ranked = rank("police", POLICE, "victim", HERE, units, 1000.0, RULES, set())
    assert sorted(pick.unit.callsign for pick in ranked) == sorted(one.callsign for one in units)
    etas = [pick.eta_s for pick in ranked if pick.eta_s is not None]
    if etas:
        assert ranked[0].eta_s is not None
        assert ranked[0].eta_s <= min(etas) + RULES.lapsed_s
    assert {pick.rank for pick in ranked} == set(range(1, len(units) + 1))
    assert len(preferring(ranked, 0.0)) == len(ranked)
