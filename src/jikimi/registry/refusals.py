"""The database's own refusals as errors that name the entry. It must never pass on the database's words."""

from collections.abc import Sequence
from typing import Final

from psycopg.errors import Error as DriverError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.errors import Conflict
from jikimi.registry import tables
from jikimi.registry.tables import Row

_SENTENCES: Final = {
    "carry_device_tstzrange_excl": "the device is already carried at that time",
    "person_identifier": "your agency has a person of that identifier already",
    "device_external_id": "your agency has a device of that external_id already",
}
_ELSE: Final = "it contradicts what is entered already"


async def enter(
    connection: AsyncConnection, table: str, rows: Sequence[Row], named: str, indexes: Sequence[int]
) -> None:
    """Insert ``rows``; raises Conflict naming the list and the first entry the database will not have.

    ``indexes`` are the rows' places in the list ``named``.
    """
    try:
        async with connection.begin_nested():
            await tables.insert(connection, table, rows)
    except IntegrityError as error:
        index = indexes[await _first_refused(connection, table, rows)]
        cause = error.orig
        constraint = cause.diag.constraint_name if isinstance(cause, DriverError) else None
        sentence = _SENTENCES.get(constraint or "", _ELSE)
        raise Conflict(f"{named}.{index}: {sentence}.", list=named, index=index) from None


async def _first_refused(connection: AsyncConnection, table: str, rows: Sequence[Row]) -> int:
    # Under row-level security PostgreSQL does not say which row it was; halving finds it in a few tries.
    start, end = 0, len(rows)
    while end - start > 1:
        middle = (start + end) // 2
        try:
            async with connection.begin_nested():
                await tables.insert(connection, table, rows[start:middle])
        except IntegrityError:
            end = middle
        else:
            start = middle
    return start
