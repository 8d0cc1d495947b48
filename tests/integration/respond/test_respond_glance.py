"""What rooms see moving and read at a glance, on the desk's own application."""

import asyncio
import time

from tests.integration.respond.conftest import HERE, SECRET
from tests.integration.respond.test_respond_live import Desk, desk, until
from tests.security.test_revoked import pairs

from jikimi.kernel.clock import iso

__all__ = ["desk"]


async def test_rooms_of_the_incident_see_nearness_and_units_and_nobody_else_does(desk: Desk) -> None:
    """A pair's distance goes to its two rooms; units to their own room, and to the other while both work together."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("p1", "m2", "police", "centre", "others")}
    units = {who: {} for who in ("police", "centre", "others")}  # type: dict[str, dict[str, dict[str, object]]]

    def shown(who: str) -> set[str]:
        said = lines[who].of("units")
        units[who] = {one["callsign"]: one for one in said[-1]["units"]} if said else {}
        return set(units[who])

    await until(lambda: all(shown(who) for who in units))
    assert shown("police") == {"P-1", "P-2", "P-3"}
    assert shown("centre") == {"M-1", "M-2"}
    assert shown("others") == {"X-1"}
    await site.take(site.alert())
    await desk.move("he", "she")
    await until(
        lambda: all(
            near and near[-1]["distance_m"] is not None for near in (lines[w].of("pair") for w in ("police", "centre"))
        )
    )
    await until(lambda: "M-2" in shown("police") and "P-1" in shown("centre"))
    assert "X-1" not in shown("police")
    assert units["police"]["P-1"]["toward"] == "victim"
    assert units["police"]["P-1"]["eta_s"] is not None
    near = lines["police"].of("pair")[-1]
    assert near["incident"] == str((await site.incident())["id"])
    assert near["victim_age_s"] < 5
    for who in ("p1", "m2", "others"):
        assert lines[who].of("pair") == []
    assert lines["p1"].of("units") == lines["m2"].of("units") == []
    assert shown("others") == {"X-1"}

    await site.close(outcome="apprehended")
    await until(lambda: lines["police"].of("message")[-1]["kind"] == "incident_closed")
    await until(lambda: shown("police") == {"P-1", "P-2", "P-3"})
    before = len(lines["police"].of("pair"))
    await asyncio.sleep(1.5)
    assert len(lines["police"].of("pair")) == before
    rows = await site.rows("SELECT DISTINCT agency FROM access_register WHERE what = 'unit_positions' AND allowed")
    assert {row["agency"] for row in rows} == {site.ids[who] for who in ("police", "centre", "others")}


async def test_a_place_that_becomes_secret_while_she_is_there_shows_her_to_nobody(desk: Desk) -> None:
    """Her telephone is quiet indoors: within seconds open lines are told to forget where she is, and later ones never learn it."""
    site = desk.site
    room = await desk.terminal("centre")
    await site.take(site.alert())
    await desk.move("he", "she")
    she = str(site.ids["she"])
    await until(lambda: she in {who for who, _ in room.positions()})
    path = f"/api/registry/people/{she}/places"
    places = (await desk.call("clerk", "GET", path)).json()["places"]
    shelter = next(place["id"] for place in places if place["secret"])
    there = {"lon": HERE[0], "lat": HERE[1], "radius_m": 150}
    assert (await desk.call("clerk", "POST", f"{path}/{shelter}", there)).status_code == 200
    await until(lambda: room.of("withheld"))
    (told,) = room.of("withheld")
    assert (told["subjects"], told["positions"], told["incidents"], told["anew"]) == ([], [she], [], False)
    late = [await desk.terminal(who) for who in ("p1", "centre", "police")]
    await until(lambda: len([one for one in room.of("units") if one["at"] > told["at"] + 0.2]) > 1)
    assert [one for line in late for one in line.positions() if one[0] == she] == []
    assert {one["distance_m"] for one in pairs(room, told["at"] + 0.2)} == {None}
    assert {one["distance_m"] for one in room.of("units")[-1]["units"] if one["toward"] == "victim"} == {None}


async def test_who_reached_the_shelter_is_shown_there_to_its_own_agency_alone(desk: Desk) -> None:
    """The police's secret place: their officer is no point for the centre, live, in the list or among the nearest units."""
    site = desk.site
    rooms = {who: await desk.terminal(who) for who in ("police", "centre")}
    place = await site.one("SELECT id FROM place WHERE secret")
    await site.take(site.alert(place=str(place), victim=None, distance_m=40.0))
    tasking = (await site.taskings("police"))[-1]
    for state in ("accepted", "on_scene"):
        await site.answer(tasking["ref"], state, tasking=tasking["id"])
    await until(lambda: tasking["ref"].upper().replace("P", "P-") in str(rooms["centre"].of("units")[-1:]))
    path = f"/api/units/{site.ids[tasking['ref']]}/position"
    at = {"lon": SECRET[0], "lat": SECRET[1], "sigma_m": 5, "at": iso(time.time())}
    assert (await desk.call(tasking["ref"], "PUT", path, at)).status_code == 200
    await until(lambda: str(SECRET[0]) in str(rooms["police"].of("units")[-1:]))
    await asyncio.sleep(1.2)
    assert str(SECRET[0]) not in str(rooms["centre"].seen)
    (shown,) = [one for one in rooms["centre"].of("units")[-1]["units"] if one["unit"] == str(site.ids[tasking["ref"]])]
    assert (shown["state"], shown["lat"], shown["age_s"], shown["distance_m"]) == ("on_scene", None, None, None)
    # Nor by another order that the same officer was given meanwhile.
    await site.take(site.alert(order="third"))
    await site.execute("UPDATE tasking SET unit = :unit WHERE incident = :which AND toward = 'victim'",
                       unit=site.ids[tasking["ref"]], which=(await site.incident("third"))["id"])  # fmt: skip
    since = rooms["centre"].of("units")[-1]["at"] + 0.2
    await until(lambda: len([one for one in rooms["centre"].of("units") if one["at"] > since]) > 1)
    assert str(SECRET[0]) not in str(rooms["centre"].seen)
    for who, known in (("police", True), ("centre", False)):
        assert (f'"lon":{SECRET[0]}' in (await desk.call(who, "GET", "/api/registry/units")).text) == known
        nearest = (await desk.call(who, "GET", "/api/locate?lon=127.7&lat=37.8")).json()["units"]
        assert [one["distance_m"] is not None for one in nearest if one["id"] == shown["unit"]] == [known]


async def test_the_queue_at_a_glance_is_the_rooms_own(desk: Desk) -> None:
    """Masked labels, the order, the deadlines and who took it, by name in one's own room alone; no position in it."""
    site = desk.site
    await site.take(site.alert())
    incident = str((await site.incident())["id"])
    assert (await desk.call("police", "POST", f"/api/incidents/{incident}/take")).status_code == 204
    mine, theirs = [(await desk.call(who, "GET", "/api/overview")).json() for who in ("police", "centre")]
    (row,) = mine["incidents"]
    assert (row["id"], row["code"], row["offender_label"], row["victim_label"]) == (incident, "A02", "h○○", "s○○")
    assert row["arrestable"] is True
    assert mine["accept_s"] == 30
    assert [(one["agency"], one["name"]) for one in row["owners"]] == [(str(site.ids["police"]), "it-police")]
    assert [one["name"] for one in theirs["incidents"][0]["owners"]] == [None]
    assert "lon" not in str(mine)
    assert (await desk.call("others", "GET", "/api/overview")).json()["incidents"] == []
    assert (await desk.call("p1", "GET", "/api/overview")).status_code == 403
    assert (await desk.call("clerk", "GET", "/api/overview")).status_code == 403
    choices = (await desk.call("police", "GET", "/api/choices")).json()
    assert {"apprehended", "victim_safe_with_officer"} <= set(choices["outcomes"])


async def test_what_a_room_was_told_outside_of_incidents_is_there_for_a_shift(desk: Desk) -> None:
    """The newest first, to the rooms that were told it and to nobody else, without a position; then it is no news."""
    site = desk.site
    watch, settled = site.alert("A08", state="WATCH"), site.alert("A26", n=1, grade="evidence")
    await site.take(watch, settled, site.alert(order="third"))
    for who in ("police", "centre"):
        told = (await desk.call(who, "GET", "/api/notices")).json()
        assert [(one["kind"], one["body"]["code"]) for one in told] == [("alert", "A26"), ("alert", "A08")]
        assert "lon" not in str(told)
    assert (await desk.call("others", "GET", "/api/notices")).json() == []
    for who in ("p1", "clerk"):
        assert (await desk.call(who, "GET", "/api/notices")).status_code == 403
    assert await site.rows("SELECT FROM access_register WHERE what = 'notices' AND allowed")
    await site.execute("UPDATE feed_message SET at = at - interval '13 hours'")
    assert (await desk.call("police", "GET", "/api/notices")).json() == []


async def test_an_officer_who_needs_help_pages_every_room_each_time(desk: Desk) -> None:
    """Both rooms hear who calls; another unit's tasking is nobody's to call for, and a closed incident says so."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("police", "centre", "others")}
    await site.take(site.alert())
    rows = await site.rows("SELECT id FROM tasking WHERE unit = :unit", unit=site.ids["p1"])
    path = f"/api/taskings/{rows[0]['id']}/help"
    for _ in range(2):
        assert (await desk.call("p1", "POST", path)).status_code == 204
    assert (await desk.call("p2", "POST", path)).status_code == 404

    def calls(who: str) -> list[str]:
        said = [one["body"] for one in lines[who].of("message") if one["kind"] == "page"]
        return [body["callsign"] for body in said if body["why"] == "help"]

    await until(lambda: calls("police") == calls("centre") == ["P-1", "P-1"])
    assert calls("others") == []
    await site.close(outcome="apprehended")
    assert (await desk.call("p1", "POST", path)).status_code == 409
