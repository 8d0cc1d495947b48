"""The ledger verified for whoever audits it. It must never judge more than was recomputed, nor leave a copy of it anywhere.

What is verified is the export `jikimi export ledger` writes, by the verifier `jikimi verify` runs. Another party's checkpoint
is what shows a ledger that was rewritten: without one the answer says so. What holds of the ledger is held against the tables
that say the same (:mod:`jikimi.oversee.comparing`): files cannot.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from jikimi.identity.model import Actor
from jikimi.kernel.errors import Malformed
from jikimi.ledger.export import export
from jikimi.ledger.note import UnreadableNote
from jikimi.ledger.report import Report
from jikimi.ledger.verify import verify
from jikimi.oversee import comparing
from jikimi.share import register
from jikimi.share.granting import Desk
from jikimi.share.policy import Action, require

_LAST: Final = text("""
SELECT size, key, note, CAST(extract(epoch FROM at) AS float8) AS at FROM checkpoint ORDER BY size DESC LIMIT 1
""")
_UNSEALED: Final = text("SELECT count(*) FROM ledger_row WHERE seq IS NULL")
_one = asyncio.Lock()


async def stands(desk: Desk, actor: Actor) -> dict[str, Any]:
    """The last checkpoint, to hand to another party, and how many rows wait for the next; raises Forbidden."""
    await _noted(desk, actor, "checkpoint")
    async with desk.service.transaction() as connection:
        last = (await connection.execute(_LAST)).mappings().one_or_none()
        waiting = (await connection.execute(_UNSEALED)).scalar_one()
    return {"checkpoint": None if last is None else dict(last), "waiting": waiting}


async def verified(desk: Desk, actor: Actor, checkpoint: str | None, witnesses: list[str]) -> Report:
    """What holds of the ledger as it is now; one at a time. Raises Forbidden, Conflict (nothing sealed), Malformed."""
    await _noted(desk, actor, "ledger_verified")
    async with _one:
        with tempfile.TemporaryDirectory(prefix="jikimi-verify-") as folder:
            path, kept = Path(folder) / "ledger", Path(folder) / "kept"
            await export(desk.service, path)
            if checkpoint is not None:
                kept.write_text(checkpoint, encoding="utf-8", newline="\n")
            try:
                report = await asyncio.to_thread(
                    verify, path, kept if checkpoint is not None else None, None, witnesses
                )
            except UnreadableNote as error:
                raise Malformed(error.detail, field="checkpoint") from None
        if report.ok:  # rows that were altered are nothing to hold against
            report.breaks += await comparing.differing(desk.service)
    return report


async def _noted(desk: Desk, actor: Actor, what: str) -> None:
    rule = require(actor, Action.EXPORT_LEDGER)
    async with desk.service.transaction() as connection:
        await register.record(connection, desk.clock, actor, rule.action, rule.purpose, rule.article, what, None)
