"""An end reaches every line that is to hear of it: also one whose look failed, and one that was committed late."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from sqlalchemy import text
from tests.integration.respond.test_respond_live import Desk, Terminal, desk, until
from tests.security.test_revoked import revoke

from jikimi.share.withdrawn import OVERLAP_S

__all__ = ["desk"]
LATE = OVERLAP_S + 1.5


@contextmanager
def unread(database_url: str, table: str) -> Iterator[None]:
    """A table that no service may read for a while."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"REVOKE SELECT ON {table} FROM jikimi_service")
        yield
        connection.execute(f"GRANT SELECT ON {table} TO jikimi_service")


def told(line: Terminal) -> list[list[str]]:
    """Whom a line was told to forget, each time."""
    return [one["subjects"] for one in line.of("withheld")]


async def test_an_end_that_a_failed_look_had_found_is_told_by_the_next(desk: Desk, database_url: str) -> None:
    """What is asked after the ends fails: nobody was told by that look, and everybody is by the one that holds, once."""
    line, she = await desk.terminal("centre"), str(desk.site.ids["she4"])
    await until(lambda: line.of("beat"))  # what it asks for itself has been answered
    with unread(database_url, "staff_tie"):
        await revoke(desk, "centre", "she4")
        await asyncio.sleep(2.0)
        assert told(line) == []
    await until(lambda: told(line))
    await asyncio.sleep(2.0)
    assert told(line) == [[she]]


async def test_an_end_that_was_committed_late_is_told(desk: Desk) -> None:
    """Whoever ended it waited for a row: every line that sat till then is told, once; who sits down afterwards is told nothing."""
    site, lines = desk.site, [await desk.terminal("centre")]
    she = site.ids["she4"]
    (row,) = await site.rows("SELECT id FROM access_grant WHERE subject = :she AND agency = :centre AND ended_at IS NULL",
                             she=she, centre=site.ids["centre"])  # fmt: skip
    async with site.database.transaction() as connection:
        await connection.execute(text("SELECT FROM access_grant WHERE id = :id FOR UPDATE"), {"id": row["id"]})
        click = asyncio.create_task(desk.call("privacy", "POST", f"/api/access/grants/{UUID(str(row['id']))}/end"))
        await asyncio.sleep(LATE)
        lines.append(await desk.terminal("centre"))
        await asyncio.sleep(1.0)
        assert [told(line) for line in lines] == [[], []]
    assert (await click).status_code == 204
    late = await desk.terminal("centre")
    await until(lambda: all(map(told, lines)))
    await asyncio.sleep(LATE)
    assert [told(line) for line in [*lines, late]] == [[[str(she)]], [[str(she)]], []]
