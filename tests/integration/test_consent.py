"""Her yes and her no, against a real record."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from jikimi.identity.model import Role
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.registry import subjects
from jikimi.registry.service import Desk, import_document, list_orders, list_people
from jikimi.share import consent, granting, grants, words
from jikimi.share.consent import NARROWED, PAUSED, WITHDRAWN, Yes
from jikimi.share.grants import Grant, Kind
from jikimi.share.policy import Data, Purpose
from jikimi.store.database import Database
from tests.test_registry_world import CLOCK, actor, world

WORDS = words.load("kr")
PERSON, ORDER = Data.PERSON, Data.ORDER


async def test_her_yes_lets_the_unit_know_at_once_and_her_no_ends_it_at_once(
    service: Database, people: Database
) -> None:
    """What she named and nothing else, from that moment; narrowed, paused and taken back hold for the next read."""
    document = world()
    document["agencies"] = [*document["agencies"], {"ref": "city", "kind": "support", "name": "Hanbit Support"}]
    ids = (await import_document(service, CLOCK, None, document)).ids
    desk, reading = granting.Desk(people, service, CLOCK), Desk(people, service, CLOCK)
    clerk, helper = actor(ids["police"]), actor(ids["city"], Role.SUPPORTER)
    assert await list_people(reading, helper) == []
    yes = Yes(ids["she"], ids["city"], (PERSON, ORDER), CLOCK.unix() + 86400, "ko")
    made = await consent.given(desk, clerk, WORDS, yes)
    assert [each.id for each in await list_people(reading, helper)] == [ids["she"]]
    (order,) = await list_orders(reading, helper)
    assert order.id == ids["order"]
    opened = await subjects.open_person(reading, helper, ids["she"])
    assert opened.policy.id == "support-consented"
    with pytest.raises(NotFound):
        await subjects.open_person(reading, helper, ids["he"])
    (seen,) = await consent.listed(desk, helper, None)
    assert (seen["id"], seen["words"], seen["data"]) == (made, WORDS.version, [PERSON, ORDER])
    stranger = actor(ids["others"])
    assert await consent.listed(desk, stranger, None) == []
    with pytest.raises(NotFound):
        await consent.changed(desk, stranger, made, 1, WITHDRAWN, None)

    assert await consent.changed(desk, clerk, made, 1, NARROWED, (PERSON,)) == 2
    assert await list_orders(reading, helper) == []
    with pytest.raises(Malformed):
        await consent.changed(desk, clerk, made, 2, NARROWED, (PERSON, ORDER))
    with pytest.raises(Conflict):
        await consent.changed(desk, clerk, made, 1, PAUSED, None)
    assert await consent.changed(desk, helper, made, 2, PAUSED, None) == 3
    assert await list_people(reading, helper) == []
    with pytest.raises(Forbidden):
        await consent.changed(desk, helper, made, 3, "given", None)
    await consent.changed(desk, clerk, made, 3, "given", None)
    assert [each.id for each in await list_people(reading, helper)] == [ids["she"]]
    await consent.changed(desk, clerk, made, 4, WITHDRAWN, None)
    assert await list_people(reading, helper) == []
    with pytest.raises(Conflict):
        await consent.changed(desk, clerk, made, 5, "given", None)


async def test_her_no_ends_what_others_let_the_unit_know_of_her(service: Database, people: Database) -> None:
    """Whatever that recipient was given of her by another's word goes with her no; another's of hers stays."""
    document = world()
    document["agencies"] = [*document["agencies"], {"ref": "city", "kind": "support", "name": "Hanbit Support"}]
    ids = (await import_document(service, CLOCK, None, document)).ids
    desk, clerk = granting.Desk(people, service, CLOCK), actor(ids["police"])
    yes = Yes(ids["she"], ids["city"], (PERSON,), CLOCK.unix() + 86400, "ko")
    made = await consent.given(desk, clerk, WORDS, yes)
    given = [
        Grant(kind, ids[agency], ids[whom], (PERSON,), Purpose.JOINT_RESPONSE, CLOCK.unix(), CLOCK.unix() + 60)
        for kind, agency, whom in (
            (Kind.AGREED, "city", "she"), (Kind.GIVEN, "city", "she"), (Kind.AGREED, "others", "she"),
            (Kind.AGREED, "city", "he"),
        )
    ]  # fmt: skip
    async with service.transaction() as connection:
        await grants.give(connection, given)
    await consent.changed(desk, clerk, made, 1, WITHDRAWN, None)
    async with service.transaction() as connection:
        open_ = await connection.execute(
            text("SELECT id FROM access_grant WHERE ended_at IS NULL AND kind <> 'standing'")
        )
        assert set(open_.scalars()) == {given[2].id, given[3].id}


async def test_what_consent_cannot_give(service: Database, people: Database) -> None:
    """Not where she is, not for ever, not of another's file, not to whoever is no support unit, and not by a helper."""
    document = world()
    document["agencies"] = [*document["agencies"], {"ref": "city", "kind": "support", "name": "Hanbit Support"}]
    ids = (await import_document(service, CLOCK, None, document)).ids
    desk, clerk = granting.Desk(people, service, CLOCK), actor(ids["police"])
    yes = Yes(ids["she"], ids["city"], (PERSON,), CLOCK.unix() + 86400, "ko")
    for wrong in (
        replace(yes, data=(Data.LOCATION,)), replace(yes, data=(PERSON, Data.PLACE)), replace(yes, data=()),
        replace(yes, ends_at=CLOCK.unix() + 10 * 365 * 86400), replace(yes, ends_at=CLOCK.unix() - 1),
    ):  # fmt: skip
        with pytest.raises(Malformed):
            await consent.given(desk, clerk, WORDS, wrong)
    for wrong in (
        replace(yes, person=ids["foreign"]),
        replace(yes, recipient=ids["centre"]),
        replace(yes, recipient=uuid4()),
    ):
        with pytest.raises(NotFound):
            await consent.given(desk, clerk, WORDS, wrong)
    with pytest.raises(Forbidden):
        await consent.given(desk, actor(ids["city"], Role.SUPPORTER), WORDS, yes)
    with pytest.raises(Forbidden):
        await consent.given(desk, actor(ids["police"], Role.DISPATCHER), WORDS, yes)


def test_the_words_name_everything_that_is_asked() -> None:
    """In both languages there is a sentence for the question and for each class of data, and nothing more."""
    for language in (WORDS.ko, WORDS.en):
        assert set(language) == {"ask", *words.ASKED}
