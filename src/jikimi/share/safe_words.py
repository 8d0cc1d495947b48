"""The word she says on the telephone when she means it, and the one she says when somebody stands beside her.

It must never show either, nor take another time for a wrong one: both are compared whatever is said.
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity import passwords
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Malformed

_KEEP: Final = text("""
INSERT INTO safe_word (person, agency, word, duress, kept_at, kept_by) VALUES (:person, :agency, :word, :duress, :now, :by)
ON CONFLICT (person) DO UPDATE SET word = excluded.word, duress = excluded.duress, kept_at = excluded.kept_at,
  kept_by = excluded.kept_by, agency = excluded.agency
""")
_FORGET: Final = text("DELETE FROM safe_word WHERE person = :person")
_KEPT: Final = text("SELECT word, duress FROM safe_word WHERE person = :person")


@dataclass(frozen=True, slots=True)
class Hashed:
    """Both words as they are kept: argon2, RFC 9106."""

    word: str = field(repr=False)
    duress: str = field(repr=False)


async def hashed(word: str, duress: str) -> Hashed:
    """Two words she chose; raises Malformed where one could be heard as the other."""
    if _heard(word) == _heard(duress) or not _heard(word) or not _heard(duress):
        raise Malformed("duress: choose two words that are not alike.", field="duress")
    return Hashed(await passwords.hashed(_heard(word)), await passwords.hashed(_heard(duress)))


async def keep(connection: AsyncConnection, person: UUID, agency: UUID, words: Hashed, by: UUID, now: float) -> None:
    """Keep her words, in place of any before."""
    await connection.execute(
        _KEEP,
        {
            "person": person, "agency": agency, "word": words.word, "duress": words.duress, "now": moment(now), "by": by,
        },
    )  # fmt: skip


async def kept(connection: AsyncConnection, person: UUID) -> Hashed | None:
    """Her words as they are kept; None where she has chosen none."""
    row = (await connection.execute(_KEPT, {"person": person})).one_or_none()
    return None if row is None else Hashed(row.word, row.duress)


async def forget(connection: AsyncConnection, person: UUID) -> None:
    """Keep nothing of either, where the law had the person destroyed."""
    await connection.execute(_FORGET, {"person": person})


async def safe(words: Hashed | None, said: str) -> bool:
    """Whether that was the safe word; false for any other, and where she has chosen none. Always the same work."""
    heard = _heard(said)
    right = await passwords.matches(words.word if words else None, heard)
    forced = await passwords.matches(words.duress if words else None, heard)
    return right and not forced


def _heard(said: str) -> str:
    """As it sounds: however it was typed (NFKC), without spaces and marks."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", said).casefold() if letter.isalnum())
