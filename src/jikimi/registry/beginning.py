"""A measure that is entered, and the keys it is sealed under. It must never be called for what comes late of an old one.

What was destroyed stays so. A device put on somebody, or an order entered, after that is another measure, and has keys of
its own (:meth:`jikimi.store.custody.Custody.begin`); a carry keeps its era, by which late positions of before are told apart.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.pair import pair_id
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of

KINDS: Final = {"supervision": Kind.SUPERVISED, "provisional": Kind.ORDERED, "consent": Kind.AGREED}
"""By what law a device is on a body, and so under which key its positions lie."""
# A destruction holds the person until it is through: whatever begins, begins before it or after it.
_LOCK: Final = text("SELECT id FROM person WHERE id = ANY(CAST(:people AS uuid[])) ORDER BY id FOR KEY SHARE")


async def carries(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Set ``era`` on new rows of ``carry``."""
    await connection.execute(_LOCK, {"people": [row["person"] for row in rows]})
    for basis, kind in KINDS.items():
        of = [row for row in rows if row["basis"] == basis]
        eras = custody_of(connection).begin(kind, {row["person"] for row in of}) if of else {}
        for row in of:
            row["era"] = eras[row["person"]]


async def orders(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Let what is said of the parties of new rows of ``protective_order`` be sealed for them."""
    parties = {row[side] for row in rows for side in ("offender", "victim") if row[side] is not None}
    await connection.execute(_LOCK, {"people": list(parties)})
    pairs = {UUID(pair_id(str(row["offender"]), row["victim"] and str(row["victim"]))) for row in rows}
    custody_of(connection).begin(Kind.ORDER, parties | pairs)
