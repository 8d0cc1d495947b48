"""Reading sealed rows from the table, against the checkpoints over them. It must never mend what it finds.

A tree grown from a row's text, and not from the hash kept beside it, is consistent with every checkpoint it passes, or
somebody has altered the table.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from jikimi.kernel.errors import JikimiError
from jikimi.ledger.checkpoint import Checkpoint, opened
from jikimi.ledger.merkle import Frontier, leaf_hash
from jikimi.ledger.note import PublicKey, UnreadableNote
from jikimi.ledger.report import rows_are
from jikimi.store.database import Database

PIECE: Final = 500
"""Rows read at once; hashing them holds the event loop for about 1 ms."""

_ROWS: Final = text("SELECT seq, body, leaf FROM ledger_row WHERE seq >= :start ORDER BY seq LIMIT :most")
_NOTES: Final = text("SELECT size, note FROM checkpoint WHERE size > :start AND size <= :end ORDER BY size")


class LedgerBroken(JikimiError):
    """What is in the record does not grow out of what was signed; nothing is sealed until people have looked."""

    code = "ledger-broken"
    advice = "Export the ledger, run `jikimi verify` against another party's checkpoint, and find out who wrote."


class Reading:
    """``frontier`` over the rows read so far, the last ``covered`` checkpoint among them; it goes on where it stands."""

    def __init__(self, key: PublicKey) -> None:
        self.key = key
        self.frontier, self.covered = Frontier(), 0

    async def on(self, database: Database) -> bool:
        """Read the next piece; whether that was the last there is for now.

        Raises LedgerBroken with the first row it can be; then this reading stands where it stood and says so again.
        """
        start = self.frontier.size
        async with database.transaction() as connection:
            rows = (await connection.execute(_ROWS, {"start": start, "most": PIECE})).all()
            # Read after the rows: a checkpoint is committed together with those it covers.
            end = {"start": start, "end": start + len(rows)}
            notes = (await connection.execute(_NOTES, end)).all() if rows else []
        frontier, covered = self._grown(rows, {note.size: note.note for note in notes})
        ended = len(rows) < PIECE
        if ended and covered != frontier.size:
            raise LedgerBroken(f"{rows_are(covered, frontier.size - 1)} numbered and under no checkpoint.")
        self.frontier, self.covered = frontier, covered
        return ended

    def _grown(self, rows: Sequence[Row[Any]], notes: dict[int, str]) -> tuple[Frontier, int]:
        frontier, covered = Frontier(self.frontier.size, list(self.frontier.peaks)), self.covered
        for row in rows:
            if row.seq != frontier.size:
                raise LedgerBroken(f"Row {frontier.size} is missing from the table.")
            leaf = leaf_hash(row.body.encode())
            if leaf != row.leaf:
                raise LedgerBroken(f"Row {row.seq} was altered after it was sealed.")
            frontier.append(leaf)
            if frontier.size in notes:
                self._agree(notes[frontier.size], frontier, covered)
                covered = frontier.size
        return frontier, covered

    def _agree(self, note: str, frontier: Frontier, covered: int) -> None:
        size = frontier.size
        try:
            said = opened(note, self.key)
        except UnreadableNote as error:
            raise LedgerBroken(f"The checkpoint of size {size} cannot be read.") from error
        if said is None:
            raise LedgerBroken(f"The checkpoint of size {size} was not signed with this installation's key.")
        if said != Checkpoint(self.key.name, size, frontier.root()):
            raise LedgerBroken(f"{rows_are(covered, size - 1)} not what the checkpoint of size {size} says.")
