"""Whoever goes to him learns nothing of her but how near he may be: every byte of that side, with the record and without."""

import asyncio
import time
from collections import defaultdict
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from nats.aio.client import Client
from tests.integration.respond.conftest import HERE, Site
from tests.integration.respond.test_respond_live import TAGS, Desk, desk, until
from tests.integration.respond.test_respond_outage import (
    away,
    detect,
    kill,
    mortal,
    plan_everything,
    raise_alert,
    running,
)
from tests.security.test_ladder import routes

from jikimi.app.desk import application
from jikimi.detect.decisions import Alert, Known
from jikimi.detect.facts import Fix, Fixes, encode
from jikimi.respond import backup
from jikimi.respond.briefing import tasking_order
from jikimi.respond.model import Pick
from jikimi.store.embedded import Postgres
from jikimi.stream import names
from jikimi.stream.client import append

__all__ = ["away", "desk", "detect", "mortal"]
HERS = (127.0004321, 37.5006789)
TELLING = ("127.00043", "37.50067", ":81.2", ": 81.2", ":33.3", ": 33.3")
"""Digits of where she is, of how far and how long."""
PLACE = str(uuid4())


def about(site: Site, code: str = "A02", **changed: Any) -> Alert:
    """An alert with her at a place that can be told from any other."""
    now = site.clock.at
    hers = Known(str(site.ids["she"]), now - 5, *HERS, 5.0, 4.0)
    return site.alert(code, victim=hers, distance_m=81.2345, time_to_contact_s=33.3333, **changed)


def gives_away(site: Site, text: str) -> list[str]:
    """What of her is found in a text."""
    return [part for part in (*TELLING, str(site.ids["she"]), PLACE) if part in text]


async def move(desk: Desk) -> float:
    """Both report; she from where only she is."""
    now = time.time()
    fixes = [Fix(TAGS["he"], now, HERE[0] + 0.001, HERE[1], 5.0), Fix(TAGS["she"], now, *HERS, 5.0)]
    await append(desk.intake, names.FIXES, encode(Fixes(now, fixes)))
    return now


async def test_every_byte_of_an_incident_on_the_way_to_him(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """From the order to the closing and after coming back: his position, never hers, her id or her places; nor in a log."""
    site = desk.site
    lines = {who: await desk.terminal(who) for who in ("p1", "m2")}
    await site.take(about(site, "A06"))
    await site.take(about(site, place=PLACE))
    incident = str((await site.incident())["id"])
    at = await move(desk)
    await until(lambda: all([t for _, t in line.positions() if t == at] for line in lines.values()))
    assert {who for who, _ in lines["m2"].positions()} == {str(site.ids["he"])}
    assert {who for who, _ in lines["p1"].positions()} == {str(site.ids["he"]), str(site.ids["she"])}
    tasking = await site.tasking("m2")
    for state in ("accepted", "on_scene"):
        answer = await desk.call("m2", "POST", f"/api/taskings/{tasking}/answer", {"state": state})
        assert answer.status_code == 204
    await site.do(lambda c: backup.ask(c, site.officer("m2"), tasking, site.clock.at))
    hers = str(site.ids["she"])
    given = defaultdict(lambda: hers, {"incident": incident, "order": str(site.ids["order"]), "code": "none"})
    read = [
        (await desk.call("m2", "GET", path.format_map(given) + more)).text
        for method, path in sorted(routes(application().routes)) if method == "GET"
        for more in ("", "?closed=true", f"?lon={HERE[0]}&lat={HERE[1]}")
    ]  # fmt: skip
    assert sum(incident in one for one in read) >= 2, "the incident itself is read"
    police = (await desk.call("p1", "GET", f"/api/incidents/{incident}")).json()
    assert police["victim"] == str(site.ids["she"])
    await move(desk)
    lines["later"], lines["back"] = await desk.terminal("m2"), await desk.terminal("m2", after=0)
    await until(lambda: lines["later"].positions() and len(lines["back"].of("message")) >= 4)
    site.clock.at = time.time()
    await site.close(outcome="apprehended")
    await until(lambda: lines["m2"].of("message")[-1]["kind"] == "incident_closed")
    # What ended is told a moment later: to each only what was its own.
    await until(lambda: lines["m2"].of("withheld"))
    assert {one for said in lines["m2"].of("withheld") for one in said["subjects"]} == {str(site.ids["he"])}
    lines["after"] = await desk.terminal("m2", after=0)
    await until(lambda: lines["after"].of("message") and lines["after"].of("message")[-1]["kind"] == "incident_closed")
    raised = [one for one in lines["m2"].of("message") if one["kind"] == "tasking"][-1]["body"]
    assert raised["raised"] == {"from": 1, "to": 0}
    assert (raised["within_m"], raised["within_s"]) == (100.0, 60.0)
    for who in ("m2", "later", "back", "after"):
        assert gives_away(site, msgspec.json.encode(lines[who].seen).decode()) == [], who
    assert gives_away(site, "".join(read)) == []
    assert gives_away(site, "".join(capfd.readouterr())) == []
    assert gives_away(site, str(await site.feed("p1"))) != []
    old = await desk.terminal("p1", after=0)
    await until(lambda: old.of("message"))
    assert gives_away(site, msgspec.json.encode(old.seen).decode()) == [PLACE], (
        "not who she is: that ended with the incident"
    )


async def test_what_is_pushed_while_the_record_is_away_says_no_more(
    away: Site, mortal: Postgres, detect: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    """The standing plan's order, under the same id recorded or not: his side holds his position and a band."""
    site = away
    await site.listen()
    plan_everything(site)
    async with running(site.responder):
        await asyncio.sleep(0.2)
        kill(mortal)
        await raise_alert(detect, about(site, place=PLACE))
        await until(lambda: site.told("m2") and site.told("p1"))
        (order,) = site.told("m2")
        assert order["recorded"] is False
        assert order["body"]["offender"] is not None
        assert order["body"]["within_m"] == 100.0
        assert gives_away(site, str(site.told("p1"))) != []
        mortal.start()
        await until(lambda: len(site.told("m2")) == 2)
    assert gives_away(site, msgspec.json.encode(site.told("m2")).decode()) == []
    assert gives_away(site, str(await site.feed("m2"))) == []
    assert gives_away(site, "".join(capfd.readouterr())) == []


async def test_whatever_is_not_the_way_to_her_is_not_told_of_her(site: Site) -> None:
    """The order toward him or a place has every key and none of hers filled; why this unit is said without a measure."""
    await site.take(about(site, place=PLACE))
    card = site.responder.roster.orders[site.ids["order"]]
    unit = site.responder.roster.units[site.ids["m2"]]
    entry = site.responder.rules.alerts["A02"]
    for toward in ("offender", "place"):
        pick = Pick(unit, toward, 812.3, 98.7, 3.0, 2, "near a protected place", 5)
        body = tasking_order(about(site, place=PLACE), entry, card, pick, site.clock.at, site.responder.response)
        hers = ("victim", "victim_id", "place", "distance_m", "time_to_contact_s")
        assert [body[name] for name in hers] == [None] * len(hers)
        assert body["reasons"] == {
            "rule": "available unit", "distance_m": None, "eta_s": None, "unit_position_age_s": 3, "rank": 2, "among": 5,
            "note": "",
        }  # fmt: skip
        assert gives_away(site, str(body)) == []


@pytest.mark.parametrize(("apart", "band"), [(None, None), (0.0, 100.0), (100.0, 100.0), (100.1, 500.0), (9e9, None)])
async def test_how_near_is_told_in_bands(site: Site, apart: float | None, band: float | None) -> None:
    """The least edge not below it; beyond them all, and where nothing is known, nothing."""
    await site.take(site.alert("A06", distance_m=apart))
    (order,) = await site.feed("m2")
    assert order["body"]["within_m"] == band
