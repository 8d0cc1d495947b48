"""What rooms see moving and read at a glance, on the desk's own application."""

import asyncio

from tests.integration.respond.test_respond_live import Desk, desk, until

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
