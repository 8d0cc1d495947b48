"""Access that a person ended between a plan and what is sent by it: officers go, and are told of nobody they may not know."""

from typing import Any
from uuid import uuid4

import pytest
from tests.integration.respond.conftest import Site
from tests.integration.respond.test_respond_outage import keep_everything, plan_everything, until

from jikimi.kernel.ids import uuid7
from jikimi.respond.ended import Barred, by_hand
from jikimi.respond.kept import recall
from jikimi.share import grants
from jikimi.store.database import Database


async def revoke(site: Site, agency: str, *who: str, heard: bool = True) -> None:
    """End an agency's own grants on these people, as a privacy officer does; the responder has heard of it, or not yet."""
    async with site.database.transaction() as connection:
        for row in await site.rows(
            "SELECT id FROM access_grant WHERE agency = :agency AND unit IS NULL AND ended_at IS NULL"
            " AND subject = ANY(CAST(:who AS uuid[]))",
            agency=site.ids[agency], who=[site.ids[one] for one in who],
        ):  # fmt: skip
            await grants.end(connection, row["id"], uuid4(), site.clock.at)
    if heard:
        await site.responder.ended.reload(site.database)


async def held(site: Site, agency: str, who: str) -> int:
    """How many grants of an agency and its units on somebody hold."""
    return int(await site.one(
        "SELECT count(*) FROM access_grant WHERE agency = :agency AND subject = :who AND ended_at IS NULL"
        " AND kind IN ('incident', 'tasking')", agency=site.ids[agency], who=site.ids[who],
    ))  # fmt: skip


def nothing_of_her(body: dict[str, Any]) -> bool:
    """Whether a message neither names her nor says where she is, nor how near."""
    return all(body.get(name) is None for name in ("victim_id", "victim", "distance_m", "time_to_contact_s"))


async def test_whoever_is_sent_after_a_revocation_is_sent_and_not_told_of_her(site: Site) -> None:
    """Between the incident and the next unit the police lose her: the next unit goes, without her in its order or its grants."""
    await site.take(site.alert())
    await site.pass_time(2)
    await revoke(site, "police", "she")
    before = await held(site, "police", "she")
    await site.answer("p1", "rejected", "busy")
    await site.pass_time(0.1)
    assert [one["ref"] for one in await site.taskings("police")] == ["p1", "p2"]
    assert await held(site, "police", "she") == before - 1  # what the first had ended with its answer
    (order,) = [one for one in await site.feed("p2") if one["kind"] == "tasking"]
    assert nothing_of_her(order["body"])
    assert order["body"]["offender_id"] == str(site.ids["he"])
    (row,) = [row for row in await site.ledger() if row["kind"] == "access.withheld"]
    assert (row["agency"], row["unit"], row["subject"]) == tuple(str(site.ids[one]) for one in ("police", "p2", "she"))


@pytest.mark.parametrize("kind", ["standing", "incident"])
async def test_what_ended_in_the_same_second_is_not_given_back(site: Site, kind: str) -> None:
    """Nobody told the responder yet: neither the incident that opens now nor the next unit brings her back to the agency."""
    agency = "centre" if kind == "standing" else "police"
    if kind == "incident":
        await site.take(site.alert())
    await revoke(site, agency, "she", heard=False)
    before = await held(site, agency, "she")
    if kind == "standing":
        await site.take(site.alert())
    else:
        await site.answer("p1", "rejected", "busy")
        await site.pass_time(0.1)
        before -= 1  # what the first had ended with its answer
        assert [one["ref"] for one in await site.taskings("police")] == ["p1", "p2"]
    assert await held(site, agency, "she") == before
    assert await held(site, agency, "he") == 2
    other = "police" if kind == "standing" else "centre"
    assert await held(site, other, "she") == (2 if kind == "standing" else 1)
    unheard = await site.rows(
        "SELECT ended_by IS NOT NULL AS by_hand, ended_at = starts_at AS at_once FROM access_grant WHERE agency = :agency"
        " AND subject = :she AND ended_by IS NOT NULL ORDER BY id DESC LIMIT 1",
        agency=site.ids[agency], she=site.ids["she"],
    )  # fmt: skip
    assert [(row["by_hand"], row["at_once"]) for row in unheard] == [(True, True)]


async def test_what_was_given_while_it_was_being_ended_is_ended_within_the_second(site: Site) -> None:
    """An alert is written between a privacy officer's word and its commit: neither waits, and the next look ends what was given."""
    ids = site.ids
    hers = "agency = :agency AND subject = :she AND ended_at IS NULL"
    values = {"agency": ids["centre"], "she": ids["she"]}
    standing = await site.one(f"SELECT id FROM access_grant WHERE {hers}", **values)
    async with site.database.transaction() as connection:
        await grants.end(connection, standing, uuid4(), site.clock.at)
        await site.take(site.alert())
        await site.responder.ended.reload(site.database)
        assert await held(site, "centre", "she") == 1
    await site.responder.ended.reload(site.database)
    assert [await held(site, *one) for one in (("centre", "she"), ("centre", "he"), ("police", "she"))] == [0, 2, 2]
    assert (
        await site.one(
            "SELECT count(*) FROM access_grant WHERE agency = :agency AND subject = :she AND ended_by IS NULL", **values
        )
        == 0
    )


async def test_what_was_given_before_is_not_ended_by_looking(site: Site) -> None:
    """The room loses her: an officer who was on the way to her before knows where she is until that is ended as well."""
    await site.take(site.alert())
    await site.pass_time(2)
    await revoke(site, "police", "she")
    assert await held(site, "police", "she") == 1


async def test_a_plan_of_before_gives_back_nothing_when_an_alert_comes(site: Site) -> None:
    """The centre lost her before: its officer goes to him, its room hears of an incident and not of her; armed anew, it does."""
    plan_everything(site)
    await revoke(site, "centre", "she")
    await site.take(site.alert())
    assert sorted(one["ref"] for one in await site.taskings()) == ["m2", "p1"]
    assert (await held(site, "centre", "she"), await held(site, "centre", "he")) == (0, 2)
    assert await held(site, "police", "she") == 2
    (notice,) = [one for one in await site.feed("centre") if one["kind"] == "alert"]
    (theirs,) = [one for one in await site.feed("police") if one["kind"] == "alert"]
    assert nothing_of_her(notice["body"])
    assert theirs["body"]["victim_id"] == str(site.ids["she"])
    await site.execute(
        'INSERT INTO access_grant (id, kind, agency, subject, data, purpose, article, "order", starts_at)'
        ' SELECT :id, kind, agency, subject, data, purpose, article, "order", now() FROM access_grant'
        " WHERE agency = :agency AND subject = :who AND kind = 'standing'",
        id=uuid7(), agency=site.ids["centre"], who=site.ids["she"],
    )  # fmt: skip
    async with site.database.transaction() as connection:
        assert await by_hand(connection) == []


@pytest.mark.parametrize("successor", [False, True])
async def test_while_the_record_is_away_the_plan_of_before_says_nothing_of_her(site: Site, *, successor: bool) -> None:
    """What is told over open lines from the standing plan is covered too, also by whoever only has what was kept of it."""
    plan_everything(site)
    await revoke(site, "police", "she")
    await site.responder.kept.reached(0, [])
    async with site.database.transaction() as connection:
        site.responder.kept._ended = await by_hand(connection)
    await keep_everything(site)
    expected = Barred(site.ids["police"], site.ids["she"], site.ids["order"])

    async def kept() -> bool:
        found = await recall(site.client)
        return found is not None and expected in found.ended

    await until(kept)
    if successor:
        found = await recall(site.client)
        assert found is not None
        site.responder.ended.restore(found.ended)
    await site.listen()
    await site.responder._tell_unrecorded(site.alert())
    await until(lambda: site.told("p1") and site.told("police") and site.told("m2"))
    for who in ("p1", "police"):
        assert nothing_of_her(site.told(who)[0]["body"])
        assert site.told(who)[0]["recorded"] is False
    assert site.told("m2")[0]["body"]["offender"] is not None


async def test_a_plan_is_shown_to_a_side_while_it_may_know_of_its_parties(site: Site, people: Database) -> None:
    """The row itself is beneath the screens: gone for whom access ended, there for the other side."""
    await site.execute(
        "INSERT INTO standing_plan VALUES (:pair, :police, :centre, now(), jsonb_build_object('order', CAST(:order AS text)),"
        " '[]')",
        pair=uuid7(), police=site.ids["police"], centre=site.ids["centre"], order=str(site.ids["order"]),
    )  # fmt: skip

    async def seen(agency: str) -> int:
        async with people.transaction(site.ids[agency]) as connection:
            return len((await connection.exec_driver_sql("SELECT FROM standing_plan")).all())

    assert [await seen(one) for one in ("police", "centre", "others")] == [1, 1, 0]
    await revoke(site, "centre", "he", "she")
    assert [await seen(one) for one in ("police", "centre", "others")] == [1, 0, 0]


@pytest.mark.parametrize("again", [False, True])
async def test_what_a_person_ended_stays_ended_while_an_incident_of_an_order_that_is_over_goes_on(
    site: Site, *, again: bool
) -> None:
    """Nothing of her until the incident is closed; what was allowed anew meanwhile stays so, though it ended with the order."""
    await site.take(site.alert())
    police, she, order = (site.ids[one] for one in ("police", "she", "order"))
    (row,) = await site.rows(
        "SELECT id FROM access_grant WHERE agency = :police AND subject = :she AND kind = 'standing' AND ended_at IS NULL",
        police=police, she=she,
    )  # fmt: skip
    async with site.database.transaction() as connection:
        await grants.end(connection, row["id"], uuid4(), site.clock.at)
        if again:
            await grants.give(connection, grants.standing(order, police, None, [she], site.clock.at + 1, None))
    site.clock.at += 5
    await site.execute("UPDATE protective_order SET ended_at = now() WHERE id = :id", id=order)
    async with site.database.transaction() as connection:
        await grants.end_with_orders(connection, [order], site.clock.at)
        assert await by_hand(connection) == ([] if again else [Barred(police, she, order)])
    await site.close(outcome="apprehended")
    async with site.database.transaction() as connection:
        assert await by_hand(connection) == []
