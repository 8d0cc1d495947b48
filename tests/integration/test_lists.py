"""Lists as parameters: sent in binary, and as they were."""

from typing import Any
from uuid import UUID

import pytest
from psycopg import pq
from psycopg.adapt import PyFormat
from sqlalchemy import text

from jikimi.store.database import Database

_HOW = """
SELECT CAST(:told AS {kind}[]) AS told
"""


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("text", ["", "가나다", 'a"b', "back\\slash", "{1,2}", "NULL", " ", "a,b"]),
        ("text", [None, "x", None]),
        ("text", []),
        ("text", [None]),
        ("uuid", [UUID(int=1), None, UUID(int=2**128 - 1)]),
        ("bytea", [b"", b"\x00\xff\\", None]),
        ("int8", [1, -(2**63), 2**63 - 1, None]),
        ("int2", [0, 7]),
        ("float8", [0.1, -1e300, float("inf"), None]),
    ],
)
async def test_a_list_reaches_the_record_as_it_is(database_url: str, kind: str, told: list[Any]) -> None:
    """Whatever stands in it, and where it is empty."""
    database = Database(database_url, "service", pool_size=1)
    async with database.transaction() as connection:
        found = (await connection.execute(text(_HOW.format(kind=kind)), {"told": told})).scalar_one()
    await database.close()
    assert [bytes(one) if isinstance(one, memoryview) else one for one in found] == told


@pytest.mark.parametrize("side", ["service", "people"])
async def test_a_list_is_sent_in_binary(database_url: str, side: Any) -> None:
    """As text, five hundred positions hold up everybody who shares the process."""
    database = Database(database_url, side, pool_size=1)
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        dumper = driver.adapters.get_dumper(list, PyFormat.AUTO)
    await database.close()
    assert dumper.format == pq.Format.BINARY
