"""An order lowered while officers are under way: both rooms are told, and nothing that goes on is touched."""

from typing import Any

import pytest
from tests.integration.respond.conftest import Site

from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import iso
from jikimi.kernel.ids import uuid7
from jikimi.registry import lowering
from jikimi.registry.schemas import OrderChange
from jikimi.registry.service import change_order, end_order
from jikimi.respond import lowered, repository
from jikimi.respond.grants import _ROOMS, AHEAD_S
from jikimi.store.database import Database
from jikimi.store.due import Loop


def registrar(site: Site, agency: str = "police") -> Actor:
    """Who enters orders."""
    return Actor(uuid7(), site.ids[agency], Role.REGISTRAR, None, "registrar", uuid7())


async def change(site: Site, version: int = 1, order: str = "order", **changed: Any) -> None:
    """A registrar changes an order, and what is due for it is done."""
    said = OrderChange.model_validate({"version": version, **changed})
    await change_order(site.database, site.clock, registrar(site), site.ids[order], said)
    await told(site)


async def told(site: Site) -> None:
    """Run what a lowering has put."""
    await Loop(site.database, site.clock, {lowering.KIND: lowered.handler(site.client, site.clock)}).round()


LESS: dict[str, dict[str, Any]] = {
    "radius": {"radius_m": 50}, "monitored": {"monitored": False}, "places": {"places": []},
    "suspension": {"suspensions": [{"from": "2026-01-01T00:00:00Z", "reason": "together at court"}]},
    "schedule": {"schedule": [{"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}]},
}  # fmt: skip


@pytest.mark.parametrize("what", [*LESS, "end", "ended"])
async def test_a_lowering_is_told_to_both_rooms_and_stops_nothing(site: Site, people: Database, what: str) -> None:
    """A page in each room's log of the incident and a row on the ledger; the incident and its officers go on."""
    await site.take(site.alert())
    await site.listen()
    before = [await site.incident(), await site.taskings()]
    if what == "ended":
        await end_order(site.database, site.clock, registrar(site), site.ids["order"], 1)
        await told(site)
    else:
        await change(site, **(LESS.get(what) or {"until": iso(site.clock.at + 60)}))
    assert [await site.incident(), await site.taskings()] == before
    incident = (await site.incident())["id"]
    for room in ("police", "centre"):
        whole = await repository.incident(people, site.database, site.clock, site.room(room), incident)
        page = whole.said[-1].body
        assert (whole.said[-1].kind, page["why"], page["what"]) == ("page", "order-lowered", [what])
        assert page["agency"] == str(site.ids["police"])
    (row,) = [row for row in await site.ledger() if row["kind"] == "incident.order_lowered"]
    assert (row["incident"], row["why"]) == (str(incident), what)
    assert "order-lowered" not in [*await site.kinds("p1"), *await site.kinds("m2")]
    await site.all_heard()
    assert {one["kind"] for one in site.told("centre")} == {"page"}


async def test_who_works_an_incident_keeps_its_parties_when_the_order_is_withdrawn(site: Site) -> None:
    """What the order armed ends with it; what the open incident gave the rooms and the officers goes on until it is closed."""
    await site.take(site.alert())
    ids = site.ids
    open_kinds = (
        'SELECT count(*) AS n, kind FROM access_grant WHERE "order" = :order AND ended_at IS NULL GROUP BY kind'
    )

    async def held() -> dict[str, int]:
        return {row["kind"]: row["n"] for row in await site.rows(open_kinds, order=ids["order"])}

    before = await held()
    await end_order(site.database, site.clock, registrar(site), ids["order"], 1)
    assert before.pop("standing")
    assert set(before) == {"incident", "tasking"}
    assert await held() == before
    async with site.database.transaction() as connection:
        asked = {"holders": [ids["police"], ids["centre"]], "now": site.clock.at, "ahead": AHEAD_S}
        rooms = {row.holder: row[2:] for row in await connection.execute(_ROOMS, asked)}
    assert rooms == dict.fromkeys([ids["police"], ids["centre"]], (ids["he"], ids["she"]))
    await site.close(outcome="apprehended")
    assert await held() == {}


async def test_what_is_raised_or_concerns_no_open_incident_is_told_to_nobody(site: Site) -> None:
    """A wider radius, a later end, another pair's order: no room is disturbed."""
    await site.take(site.alert())
    await change(site, radius_m=200, suspensions=[], monitored=True)
    await change(site, order="third", radius_m=20)
    assert await site.kinds("police") == ["alert"]
    assert await site.due(lowering.KIND) == []
