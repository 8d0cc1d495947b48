"""An order changed in its term, or named anew: what goes on, and what a person ended that stays ended."""

import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from jikimi.identity.model import Role
from jikimi.kernel.errors import Malformed, NotFound
from jikimi.registry import subjects
from jikimi.registry.schemas import OrderChange
from jikimi.registry.service import Desk, change_order, end_order, import_document
from jikimi.share import grants
from jikimi.store.database import Database
from tests.test_registry_world import CLOCK, SINCE, actor, built

_LIVE = """
SELECT agency, subject FROM access_grant WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > now()) ORDER BY agency, subject
"""


async def live(service: Database) -> list[Any]:
    """Every grant that holds now."""
    async with service.transaction() as connection:
        return list(await connection.execute(text(_LIVE)))


async def changed(service: Database, agency: UUID, order: UUID, version: int, until: str | None) -> int:
    """The order with another end, by a registrar of that agency."""
    change = OrderChange.model_validate({"version": version, "until": until})
    return await change_order(service, CLOCK, actor(agency), order, change)


async def revoked(service: Database, agency: UUID, subject: UUID) -> None:
    """Whatever that agency may know of them, ended by a privacy officer."""
    async with service.transaction() as connection:
        found = await connection.execute(
            text("SELECT id FROM access_grant WHERE agency = :agency AND subject = :subject AND ended_at IS NULL"),
            {"agency": agency, "subject": subject},
        )
        for row in found.all():
            await grants.end(connection, row.id, uuid4(), time.time())


async def test_an_order_s_end_may_go_back_and_forth(service: Database) -> None:
    """Ended by its term it is nobody's at once; given time again, each side knows what it knew."""
    ids = (await built(service)).ids
    before = [(row.agency, row.subject) for row in await live(service)]
    assert await changed(service, ids["police"], ids["order"], 1, "2026-10-02T00:00:00Z") == 2
    assert await live(service) == []
    async with service.transaction() as connection:
        assert (await connection.execute(text("SELECT bool_and(ended_at IS NOT NULL) FROM access_grant"))).scalar()
    await changed(service, ids["police"], ids["order"], 2, None)
    assert [(row.agency, row.subject) for row in await live(service)] == before


async def test_what_a_privacy_officer_ended_no_registrar_gives_back(service: Database, people: Database) -> None:
    """Neither side's change of the order's term opens again what was revoked; what was not goes on."""
    ids = (await built(service)).ids
    monitor = actor(ids["centre"], Role.MONITOR)
    await revoked(service, ids["centre"], ids["she"])
    for version, side in ((1, "centre"), (2, "police")):
        await changed(service, ids[side], ids["order"], version, f"2027-0{version + 1}-01T00:00:00Z")
        with pytest.raises(NotFound):
            await subjects.open_person(Desk(people, service, CLOCK), monitor, ids["she"])
    assert (await subjects.open_person(Desk(people, service, CLOCK), monitor, ids["he"])).person["id"] == ids["he"]


def naming(person: UUID, **more: str) -> dict[str, Any]:
    """An order of one's own that names somebody by id."""
    return {
        "people": [{"ref": "somebody", "label": "case 9"}],
        "orders": [
            {"regime": "kr", "offender": "somebody", "victim": str(person), "from": SINCE, "radius_m": 100, **more}
        ],
    }


async def test_nobody_comes_back_by_an_order_that_names_her_by_id(service: Database) -> None:
    """Once the order between them is over, or its access was revoked, her id leads nowhere."""
    ids = (await built(service)).ids
    clerk, police = actor(ids["centre"]), {"police_agency": str(ids["police"])}
    await revoked(service, ids["centre"], ids["she"])
    with pytest.raises(Malformed, match="no such person"):
        await import_document(service, CLOCK, clerk, naming(ids["she"], **police))
    await end_order(service, CLOCK, actor(ids["police"]), ids["order"], 1)
    with pytest.raises(Malformed, match="no such person"):
        await import_document(service, CLOCK, clerk, naming(ids["he"], **police))


async def test_an_order_that_names_another_s_file_by_id_is_told_to_its_keeper(service: Database) -> None:
    """While an order stands between them the other side may name her by id too, and never in silence."""
    ids = (await built(service)).ids
    made = naming(ids["she"], ref="second", police_agency=str(ids["police"]))
    order = (await import_document(service, CLOCK, actor(ids["centre"]), made)).ids["second"]
    async with service.transaction() as connection:
        (told,) = (await connection.execute(text("SELECT body FROM due WHERE kind = 'order-matched'"))).scalars()
    assert (told["order"], told["person"], told["side"]) == (str(order), str(ids["she"]), "victim")
    assert set(told["rooms"]) == {str(ids["police"]), str(ids["centre"])}
