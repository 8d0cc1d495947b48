"""What rooms write into an incident's log, and what is read back of it."""

from uuid import UUID

import pytest
from tests.integration.respond.conftest import Site

from jikimi.identity.model import Actor
from jikimi.kernel.errors import Conflict, Forbidden, Malformed, NotFound
from jikimi.ledger.digests import Digester
from jikimi.respond import log, repository
from jikimi.respond.model import Message
from jikimi.store.database import Database

DIGESTER = Digester(bytes(range(32)))
LINE = "Called her: door locked, neighbour is with her."


async def write(site: Site, actor: Actor, incident: UUID, line: str = LINE) -> list[Message]:
    """Somebody writes a line."""
    made: list[Message] = await site.do(lambda c: log.enter(c, actor, incident, line, DIGESTER, site.clock.at))
    return made


async def opened(site: Site) -> UUID:
    """The id of an incident that has just begun."""
    await site.take(site.alert())
    return UUID(str((await site.incident())["id"]))


async def test_both_rooms_read_what_one_wrote(site: Site, people: Database) -> None:
    """The line is in both rooms' log, with the writer's name in the writer's room alone; officers get none of it."""
    incident = await opened(site)
    assert len(await write(site, site.room("centre"), incident, f"  {LINE} ")) == 2
    for room, name in (("police", None), ("centre", "centre")):
        whole = await repository.incident(people, site.database, site.clock, site.room(room), incident)
        assert [one.kind for one in whole.said] == ["alert", "log_entry"]
        body = whole.said[-1].body
        assert (body["text"], body["name"], body["agency"]) == (LINE, name, str(site.ids["centre"]))
    officer = await repository.incident(people, site.database, site.clock, site.officer("p1"), incident)
    assert officer.said == []
    for unit in ("p1", "m2"):
        assert "log_entry" not in await site.kinds(unit)


async def test_the_ledger_commits_to_a_line_and_does_not_hold_it(site: Site) -> None:
    """A keyed digest with the entry's id stands there; not a word of what was written does."""
    incident = await opened(site)
    (message, _) = await write(site, site.room("police"), incident)
    (row,) = [row for row in await site.ledger() if row["kind"] == "incident.logged"]
    assert row["incident"] == str(incident)
    assert DIGESTER.agrees(row["content_digest"], UUID(str(message.body["entry"])), LINE)
    assert "door" not in str(await site.ledger())


async def test_what_is_told_of_an_incident_holds_no_position(site: Site, people: Database) -> None:
    """Whatever was said of it, read back: no coordinate of anybody."""
    incident = await opened(site)
    await site.answer("p1", "accepted")
    await write(site, site.room("police"), incident)
    whole = await repository.incident(people, site.database, site.clock, site.room("centre"), incident)
    assert [one.kind for one in whole.said] == ["alert", "tasking_state", "log_entry"]
    assert [one.seq for one in whole.said] == sorted(one.seq for one in whole.said)
    for word in ("lon", "lat", "127.0", "37.5"):
        assert word not in whole.said[0].model_dump_json()


@pytest.mark.parametrize("line", ["", "   ", "x" * 201, "two\nlines", "a\x00b", "turned \u202e round"])
async def test_an_entry_is_one_line(site: Site, line: str) -> None:
    """Nothing, too much, more lines than one and characters that hide or turn what is read are refused."""
    incident = await opened(site)
    with pytest.raises(Malformed):
        await write(site, site.room("police"), incident, line)


async def test_only_rooms_of_an_open_incident_write(site: Site) -> None:
    """Officers are Forbidden, another agency finds nothing, and a closed incident takes no more."""
    incident = await opened(site)
    for ref in ("p1", "m2"):
        with pytest.raises(Forbidden):
            await write(site, site.officer(ref), incident)
    with pytest.raises(NotFound):
        await write(site, site.room("others"), incident)
    await site.close(outcome="apprehended")
    with pytest.raises(Conflict):
        await write(site, site.room("police"), incident)


@pytest.mark.parametrize("revoked", [False, True])
async def test_an_agency_keeps_what_its_officers_wrote_when_it_is_over(
    site: Site, people: Database, *, revoked: bool
) -> None:
    """Why an officer could not go is read by the officer's room and, while it may, by the other; then by the own alone, unless a
    person ended its access.
    """
    centre = site.ids["centre"]
    await site.execute("UPDATE person SET agency = :centre WHERE id = :he", centre=centre, he=site.ids["he"])
    incident = await opened(site)
    await site.answer("p1", "rejected", "a police car's own reason")
    await site.answer("m2", "rejected", "a probation car's own reason")

    async def read(room: str) -> list[str]:
        whole = await repository.incident(people, site.database, site.clock, site.room(room), incident)
        return [str(one.body["reason"]) for one in whole.said if one.kind == "tasking_state" and one.body["reason"]]

    assert len(await read("police")) == len(await read("centre")) == 2
    if revoked:
        await site.execute(
            "UPDATE access_grant SET ended_at = now(), ended_by = id WHERE agency = :centre AND subject = :she",
            centre=centre, she=site.ids["she"],
        )  # fmt: skip
        assert await read("centre") == []
    await site.close(outcome="apprehended")
    await site.execute("UPDATE protective_order SET ended_at = now()")
    await site.execute("UPDATE access_grant SET ended_at = now() WHERE ended_at IS NULL")
    assert await read("police") == ["a police car's own reason"]
    assert await read("centre") == ([] if revoked else ["a probation car's own reason"])
