"""Which columns of the registry lie sealed, and under whose key. It must never write one of them readable.

Names and numbers lie under their person's key; the shapes of places, when and why they count, and what somebody typed as an
order's article, under their order's.
Rows of before lie open until :mod:`jikimi.app.resealing` has passed over them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.errors import Destroyed
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import custody_of

_log = structlog.get_logger()
Found = Mapping[str, Any] | RowMapping


@dataclass(frozen=True, slots=True)
class Sealed:
    """Of one table: the kind of key, the column that says whose, the columns sealed, what stands where it was destroyed."""

    kind: Kind
    whose: str
    fields: tuple[str, ...]
    destroyed: Mapping[str, Any]


SHAPE: Final = ("lon", "lat", "radius_m", "polygon", "line", "width_m")
TIMES: Final = ("schedule", "hours", "exceptions")
"""When a place counts: each stretch has a reason in somebody's words."""
SEALED: Final[Mapping[str, Sealed]] = {
    "person": Sealed(Kind.PERSON, "id", ("label", "identifier", "telephones", "former"), {"label": "—"}),
    "place": Sealed(Kind.ORDER, "order", (*SHAPE, *TIMES), {}),
    "protective_order": Sealed(
        Kind.ORDER, "id", ("article", "suspensions", "schedule"), {"article": "", "suspensions": []}
    ),
}


def sealed(connection: AsyncConnection, table: str, row: Mapping[str, Any]) -> bytes:
    """The sealed columns of a row; raises Destroyed where the law had that person or order destroyed."""
    how = SEALED[table]
    plain = msgspec.json.encode({name: row.get(name) for name in how.fields})
    return custody_of(connection).seal(how.kind, row[how.whose], plain, _about(table, row["id"]))


def opened(connection: AsyncConnection, table: str, row: Found) -> dict[str, Any]:
    """A row with ``id`` and ``sealed`` as it was entered, ``sealed`` left out; a destroyed one says nothing any more."""
    found = {str(name): value for name, value in row.items()}
    body = found.pop("sealed")
    how = SEALED[table]
    if body is None:
        return found | {name: said for name, said in how.destroyed.items() if found.get(name) is None}
    try:
        plain: dict[str, Any] = msgspec.json.decode(custody_of(connection).open(body, _about(table, found["id"])))
    except Destroyed:
        plain = dict.fromkeys(how.fields) | dict(how.destroyed)
    except ValueError:
        # One row that cannot be read must stop nobody's protection: it says nothing, and that it does not is said.
        _log.error("a sealed row cannot be read", table=table, row=str(found["id"]))
        plain = dict.fromkeys(how.fields) | dict(how.destroyed)
    return found | plain


def file_of(custody: Custody, person: UUID, body: bytes) -> dict[str, Any]:
    """What was sealed of a person, for whoever makes digests anew; raises Destroyed, ValueError where it cannot be read."""
    found: dict[str, Any] = msgspec.json.decode(custody.open(body, _about("person", person)))
    return found


def label_of(connection: AsyncConnection, person: UUID | None, label: str | None, body: bytes | None) -> str | None:
    """What staff call a person's file, of columns met in a join; None where there is no such person."""
    if person is None:
        return None
    found: str | None = opened(connection, "person", {"id": person, "label": label, "sealed": body})["label"]
    return found


def article_of(connection: AsyncConnection, order: UUID | None, article: str | None, body: bytes | None) -> str | None:
    """What somebody typed as an order's article, of columns met in a join; None where there is no such order."""
    if order is None:
        return None
    found: str = opened(connection, "protective_order", {"id": order, "article": article, "sealed": body})["article"]
    return found


def _about(table: str, row_id: UUID) -> bytes:
    return table.encode() + row_id.bytes
