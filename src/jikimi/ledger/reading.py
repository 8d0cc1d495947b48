"""Reading sealed rows from the table, against the checkpoints over them. It must never mend what it finds.

A tree grown from a row's text, and not from the hash kept beside it, is consistent with every checkpoint it passes, or
somebody has altered the table.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from jikimi.kernel.errors import JikimiError
from jikimi.ledger.checkpoint import opened
from jikimi.ledger.course import Course, OutOfCourse
from jikimi.ledger.merkle import leaf_hash
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
    """``course`` through the rows read so far, under ``key``'s checkpoints; it goes on where it stands."""

    def __init__(self, key: PublicKey) -> None:
        self.key = key
        self.course = Course(key.name)

    async def on(self, database: Database) -> bool:
        """Read the next piece; whether that was the last there is for now.

        Raises LedgerBroken with the first row it can be; then this reading stands where it stood and says so again.
        """
        start = self.course.size
        async with database.transaction() as connection:
            rows = (await connection.execute(_ROWS, {"start": start, "most": PIECE})).all()
            # Read after the rows: a checkpoint is committed together with those it covers.
            end = {"start": start, "end": start + len(rows)}
            notes = (await connection.execute(_NOTES, end)).all() if rows else []
        course = self._gone(rows, {note.size: note.note for note in notes})
        ended = len(rows) < PIECE
        if ended and course.covered != course.size:
            raise LedgerBroken(f"{rows_are(course.covered, course.size - 1)} numbered and under no checkpoint.")
        self.course = course
        return ended

    def _gone(self, rows: Sequence[Row[Any]], notes: dict[int, str]) -> Course:
        course = self.course.copy()
        for row in rows:
            if row.seq != course.size:
                raise LedgerBroken(f"Row {course.size} is missing from the table.")
            leaf = leaf_hash(row.body.encode())
            if leaf != row.leaf:
                raise LedgerBroken(f"Row {row.seq} was altered after it was sealed.")
            try:
                course.take(row.body, leaf)
            except OutOfCourse as error:
                raise LedgerBroken(str(error)) from None
            if course.size in notes:
                self._agree(notes[course.size], course)
                course.covered = course.size
        return course

    def _agree(self, note: str, course: Course) -> None:
        here = f"The checkpoint {course.head().called}"
        try:
            said = opened(note, self.key)
        except UnreadableNote as error:
            raise LedgerBroken(f"{here} cannot be read.") from error
        if said is None:
            raise LedgerBroken(f"{here} was not signed with this installation's key.")
        if said != course.head():
            rows = rows_are(course.covered, course.size - 1)
            raise LedgerBroken(f"{rows} not what the checkpoint {course.head().called} says.")
