"""A measure that begins after a destruction: its own is kept, and of what was destroyed nothing comes back, however late."""

import asyncio
from uuid import UUID

import pytest

from jikimi.detect.facts import Fix
from jikimi.detect.pair import pair_id
from jikimi.intake.points import Point, owner, points, sealed
from jikimi.kernel.clock import iso
from jikimi.kernel.errors import Destroyed
from jikimi.registry.beginning import carries
from jikimi.registry.devices import carried
from jikimi.registry.schemas import CarryMove
from jikimi.registry.service import import_document, move_carry, stands
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import Database, custody_of
from tests.integration.oversee_world import MATCHER, Place, entered
from tests.test_registry_world import WORLD

BASES = {"he": ("tag", "centre", "provisional", Kind.ORDERED), "she": ("watch", "police", "consent", Kind.AGREED)}


async def moved(place: Place, device: str, agency: str, person: str | None, basis: str | None = None) -> None:
    """Put a device on somebody, or on nobody, from now on."""
    whom = str(place.ids[person]) if person else None
    move = CarryMove.model_validate({
        "device": str(place.ids[device]), "person": whom, "since": iso(place.clock.at), "basis": basis,
    })  # fmt: skip
    await move_carry(place.service, place.clock, place.at(agency), move)


async def kept(place: Place, device: UUID, times: list[float]) -> list[bool]:
    """Whether a position of each of these times is kept when it comes now."""
    async with place.service.transaction() as connection:
        worn = await carried(connection, [device])
        custody = custody_of(connection)
        fixes = [Fix(str(device), t, 127.0, 37.5, 5.0, 0, 3) for t in times]
        return [sealed(custody, owner(device, one.t, worn), one) is not None for one in fixes]


@pytest.mark.parametrize("who", ["he", "she"])
async def test_a_second_measure_is_kept_and_a_late_word_of_the_first_is_not(
    service: Database, people: Database, custody: Custody, who: str
) -> None:
    """He wears a tag again, she says yes again: positions from then on are sealed, a backlog of before is not."""
    place = await entered(service, people)
    device, agency, basis, kind = BASES[who]
    first = place.clock.at - 60
    assert await kept(place, place.ids[device], [first]) == [True]
    await moved(place, device, agency, None)
    custody.destroy(kind, place.ids[who], place.clock.at)
    assert await kept(place, place.ids[device], [first]) == [False]
    place.clock.at += 60
    await moved(place, device, agency, who, basis)
    assert await kept(place, place.ids[device], [first, place.clock.at]) == [False, True]
    custody.destroy(kind, place.ids[who], place.clock.at)
    assert await kept(place, place.ids[device], [place.clock.at]) == [False]


async def test_a_backup_of_the_database_brings_nothing_of_before_back(
    service: Database, people: Database, custody: Custody
) -> None:
    """Rows of before the destruction, restored beside a measure that began after it, open no more."""
    place = await entered(service, people)
    await place.went("he", [0.0, 10.0])
    await moved(place, "tag", "centre", None)
    custody.destroy(Kind.ORDERED, place.ids["he"], 1.0)
    await moved(place, "tag", "centre", "he", "provisional")

    async def his() -> list[Point]:
        async with service.transaction() as connection:
            return await points(connection, place.ids["he"], 0, place.clock.at + 9)

    assert await his() == []


async def test_a_new_order_between_them_has_keys_and_the_old_one_s_stay_destroyed(
    service: Database, people: Database, custody: Custody
) -> None:
    """What is said in answering the new order's alerts, or of the two without an order, is kept; of the old one nothing is."""
    place = await entered(service, people)
    he, she, old = (place.ids[name] for name in ("he", "she", "order"))
    pair = UUID(pair_id(str(he), str(she)))
    for whose in (he, she, old, pair):
        custody.destroy(Kind.ORDER, whose, 1.0)
    order = WORLD["orders"][0] | {
        "offender": str(he), "victim": str(she), "police_agency": str(place.ids["police"]), "monitoring_agency": None,
    }  # fmt: skip
    made = await import_document(service, place.clock, place.at("police"), {"orders": [order]}, MATCHER)
    for whose in (he, she, pair, made.ids["order"]):
        assert custody.seal(Kind.ORDER, whose, b"said")
    with pytest.raises(Destroyed):
        custody.seal(Kind.ORDER, old, b"said")


async def test_a_measure_entered_while_one_is_being_destroyed_begins_after_it(
    service: Database, people: Database, custody: Custody
) -> None:
    """Whoever puts a tag on him meanwhile waits until the destruction is through, and what the tag says then is kept."""
    place = await entered(service, people)
    await moved(place, "tag", "centre", None)
    place.clock.at += 60
    async with service.transaction() as connection:
        assert not await stands(connection, place.ids["he"], {"provisional"}, place.clock.at, file=False)
        putting = asyncio.ensure_future(moved(place, "tag", "centre", "he", "provisional"))
        await asyncio.sleep(0.3)
        custody.destroy(Kind.ORDERED, place.ids["he"], place.clock.at)
        assert not putting.done()
    await putting
    assert await kept(place, place.ids["tag"], [place.clock.at]) == [True]


async def test_an_entry_that_is_undone_opens_nothing_for_what_is_late(
    service: Database, people: Database, custody: Custody
) -> None:
    """A carry that was rolled back leaves an empty key at most: a late position of the destroyed measure stays out."""
    place = await entered(service, people)
    first = place.clock.at - 60
    await moved(place, "tag", "centre", None)
    custody.destroy(Kind.ORDERED, place.ids["he"], 1.0)
    async with service.transaction() as connection:
        await carries(connection, [{"person": place.ids["he"], "basis": "provisional"}])
        await connection.rollback()
    assert await kept(place, place.ids["tag"], [first]) == [False]
