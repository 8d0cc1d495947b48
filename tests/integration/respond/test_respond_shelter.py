"""She is at a secret place: somebody is sent to her, and nothing that is told depends on where it is."""

from typing import Any

import msgspec
import pytest
from tests.integration.respond.conftest import HERE, SECRET, Site

from jikimi.detect.decisions import Known
from jikimi.detect.facts import Carry, Fix, Fixes
from jikimi.kernel.ids import uuid7
from jikimi.store.database import Database

ELSEWHERE = (SECRET[0] - 0.3, SECRET[1] + 0.2)


def seen(site: Site, who: str, lon: float, lat: float) -> None:
    """Somebody's device reported there just now."""
    site.responder.picture.apply(Carry(0.0, f"carry-{who}", who, str(site.ids[who]), 0.0))
    site.responder.picture.apply(Fixes(site.clock.at, [Fix(who, site.clock.at, lon, lat, 5.0)]))


async def known(site: Site) -> None:
    """The responder knows which places are secret, as it does a second after its start."""
    await site.responder.veil.reload(site.database)


async def orders(site: Site) -> dict[str, dict[str, Any]]:
    """By police unit, the newest order it holds."""
    return {
        ref: [m["body"] for m in await site.feed(ref) if m["kind"] == "tasking"][-1]
        for ref in ("p1", "p2", "p3") if "tasking" in await site.kinds(ref)
    }  # fmt: skip


async def test_the_next_officer_is_not_told_how_far_the_shelter_is(site: Site) -> None:
    """She has reached it since the alert, and the first officer refuses: neither the next order nor the rooms' row measures."""
    await known(site)
    await site.take(site.alert())
    seen(site, "she", *SECRET)
    await site.answer("p1", "rejected", "busy")
    await site.pass_time(1)
    order = (await orders(site))["p2"]
    (row,) = [tasking for tasking in await site.taskings("police") if tasking["ref"] == "p2"]
    for reasons in (order["reasons"], row["reasons"]):
        assert (reasons["distance_m"], reasons["eta_s"], reasons["note"]) == (None, None, "near a protected place")


async def test_an_alert_without_her_position_measures_no_way_to_the_shelter(site: Site) -> None:
    """Where the alert does not say where she is the picture does, and it has her there: somebody is sent, without a measure."""
    await known(site)
    seen(site, "she", *SECRET)
    await site.take(site.alert("A02", victim=None, distance_m=None))
    (order,) = (await orders(site)).values()
    (room,) = [m["body"] for m in await site.feed("centre") if m["kind"] == "alert"]
    measured = [order["reasons"], *(one["reasons"] for one in room["sent"] if one["toward"] == "victim")]
    assert [(one["distance_m"], one["eta_s"]) for one in measured] == [(None, None)] * 2


async def test_whoever_is_nearest_to_the_shelter_is_not_shown_by_being_sent(site: Site) -> None:
    """Who goes first, who next and in which order is the same wherever it is; nobody is left out and she is never left alone."""
    where = "UPDATE unit SET lon = :lon, lat = :lat, position_at = now() WHERE id = :id"
    await site.execute(where, lon=SECRET[0], lat=SECRET[1], id=site.ids["p3"])
    await known(site)
    seen(site, "she", *SECRET)
    await site.take(site.alert(victim=Known(str(site.ids["she"]), site.clock.at - 5, *SECRET, 5.0, 4.0)))
    sent = [[tasking["ref"] for tasking in await site.taskings("police")]]
    for ref in ("p1", "p2"):
        await site.answer(ref, "rejected", "busy")
        await site.pass_time(1)
        sent.append([tasking["ref"] for tasking in await site.taskings("police")])
    assert sent == [["p1"], ["p1", "p2"], ["p1", "p2", "p3"]]


async def test_with_nobody_s_position_told_somebody_goes_to_her(site: Site) -> None:
    """She is at the shelter and nobody knows where he is: a unit of her police is sent all the same, without a rank."""
    await known(site)
    seen(site, "she", *SECRET)
    await site.take(site.alert("A01", victim=None, offender=None, distance_m=None))
    (order,) = (await orders(site)).values()
    assert (order["toward"], order["reasons"]["rank"], order["reasons"]["distance_m"]) == ("victim", None, None)


async def test_an_incident_at_the_shelter_names_no_station(site: Site) -> None:
    """On whose ground it is would say where: none is named, whether the alert or the picture has her there."""
    station, (lon, lat) = uuid7(), SECRET
    west, south, east, north = lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1
    square = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    await site.execute("INSERT INTO station VALUES (:id, :agency, 'Hanbit')", id=station, agency=site.ids["police"])
    await site.execute(
        "INSERT INTO jurisdiction VALUES (gen_random_uuid(), :agency, :station, 'Hanbit', 'drawn', '2026-01-01',"
        " CAST(:boundary AS jsonb), :west, :south, :east, :north)",
        agency=site.ids["police"], station=station, west=west, south=south, east=east, north=north,
        boundary=msgspec.json.encode({"type": "Polygon", "coordinates": [square]}).decode(),
    )  # fmt: skip
    await site.responder.roster.reload_orders(site.database)
    await known(site)
    seen(site, "she", *SECRET)
    await site.take(site.alert(victim=None, offender=None, distance_m=None))
    assert (await site.incident())["station"] is None


async def test_a_standing_plan_measures_no_way_to_a_secret_place(site: Site) -> None:
    """She is there when it is made: it sends the same units wherever that is, and holds no measure."""
    await known(site)
    chosen = []
    for where in (SECRET, ELSEWHERE):
        await site.execute(
            "UPDATE place SET lon = :lon, lat = :lat, sealed = NULL WHERE secret", lon=where[0], lat=where[1]
        )
        await known(site)
        seen(site, "she", *where)
        seen(site, "he", *HERE)
        made = site.responder.standing.refresh(site.ids["order"], site.clock.at)
        assert made is not None
        assert {(pick.distance_m, pick.eta_s) for pick in made.picks} == {(None, None)}
        chosen.append([pick.unit.callsign for pick in made.picks])
        site.clock.at += 10
    assert chosen[0] == chosen[1] == ["P-1", "M-2"]


async def test_a_plan_made_in_the_street_is_told_without_measures_once_she_is_there(
    site: Site,
) -> None:
    """The record is away, the plan is seconds old and she has reached the shelter since: no measure of it leaves."""
    await known(site)
    seen(site, "she", *HERE)
    made = site.responder.standing.refresh(site.ids["order"], site.clock.at)
    assert made is not None
    assert made.picks[0].distance_m is not None
    site.clock.at += 10
    seen(site, "she", *SECRET)
    await site.listen()
    await site.responder._tell_unrecorded(site.alert(victim=None))
    await site.all_heard()
    (order,) = [one["body"] for one in site.told("p1")]
    (room,) = [one["body"] for one in site.told("centre")]
    assert order["reasons"]["distance_m"] is None
    assert {one["reasons"]["distance_m"] for one in room["sent"]} == {None}


async def test_a_shelter_stays_secret_when_the_order_it_was_entered_with_ends(site: Site) -> None:
    """She lives there still, and an order against another man protects her: his alert tells nobody where."""
    she = site.ids["she"]
    await site.execute("UPDATE protective_order SET victim = :she WHERE id = :third", she=she, third=site.ids["third"])
    await site.execute("UPDATE protective_order SET ended_at = now() WHERE id = :order", order=site.ids["order"])
    await known(site)
    there = Known(str(she), site.clock.at - 5, *SECRET, 5.0, 4.0)
    await site.take(site.alert(order="third", victim=there, victim_id=str(she)))
    (order,) = (await orders(site)).values()
    assert (order["victim"], order["reasons"]["distance_m"]) == (None, None)


async def test_a_shelter_is_secret_until_nothing_protects_her_any_more(site: Site) -> None:
    """Its order ends while an incident is open: as long as anybody may follow her by it nobody is told where she lives."""
    she = str(site.ids["she"])
    await site.take(site.alert())
    await site.execute("UPDATE protective_order SET ended_at = now() WHERE id = :id", id=site.ids["order"])
    await site.execute("UPDATE access_grant SET ended_at = now() WHERE kind = 'standing' AND ended_at IS NULL")
    await known(site)
    assert site.responder.veil.hides(she, *SECRET, 5.0)
    await site.close(outcome="apprehended")
    await known(site)
    assert not site.responder.veil.hides(she, *SECRET, 5.0)


async def test_nobody_can_be_sent_before_it_is_known_what_must_not_be_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A responder that has just begun reads secret places before it reads units, wherever it reads them."""
    responder, she, found = site.responder, str(site.ids["she"]), []
    real = responder.roster.reload

    async def reload(database: Database) -> None:
        found.append(responder.veil.hides(she, *SECRET, 5.0))
        await real(database)

    monkeypatch.setattr(responder.roster, "reload", reload)
    await responder._begin()
    assert found == [True]
