"""One person in two agencies' files, found without either showing its file. It must never keep what it compares.

A resident number has a known birth date and a few thousand likely tails, so a plain or salted hash of one is the
number itself. What is kept is an HMAC under a key of this installation that the database does not hold.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from typing import Final, Protocol, Self

MATCH_KEY: Final = "person-match"
"""The secret's name in the vault."""
SHORTEST: Final = 6
LONGEST: Final = 64
_LONGEST_NUMBER: Final = 15
_SHORTEST_AT_HOME: Final = 8


class Keeper(Protocol):
    """What keeps the key, and beside it the next one while keys are made anew."""

    def keys(self, name: str) -> list[bytes]:
        """The secret of that name last."""
        ...


class Matcher:
    """Makes the digest by which two entries are found to be one person."""

    def __init__(self, key: bytes, anew: Callable[[], list[bytes]] | None = None) -> None:
        self._key, self._anew = key, anew

    @classmethod
    def kept(cls, vault: Keeper) -> Self:
        """By the key ``vault`` keeps, which may be another one by the time something is entered."""
        return cls(vault.keys(MATCH_KEY)[-1], lambda: vault.keys(MATCH_KEY))

    @property
    def mark(self) -> int:
        """Says which key this is, and nothing of it."""
        return int.from_bytes(hmac.new(self._key, b"which key", hashlib.sha256).digest()[:7], "big")

    def marked(self, mark: int | None) -> "Matcher":
        """The one whose key has that mark, of those kept now; the last of them where none has, or there is no mark."""
        kept = [Matcher(key) for key in self._anew()] if self._anew else [self]
        return next((one for one in kept if one.mark == mark), kept[-1])

    def digest(self, identifier: str) -> bytes:
        """32 bytes, the same for the same number however it was typed."""
        return hmac.new(self._key, normal(identifier).encode(), hashlib.sha256).digest()

    def telephone(self, number: str) -> bytes:
        """The same for a telephone number, which is no identifier and never equals one."""
        return hmac.new(self._key, b"telephone:" + dialled(number).encode(), hashlib.sha256).digest()


def dialled(number: str) -> str:
    """Digits as dialled at home: +82 10-1234-5678 and 010 1234 5678 are one number (ITU-T E.164)."""
    digits = "".join(letter for letter in unicodedata.normalize("NFKC", number) if letter.isdecimal())
    digits = "".join(str(int(digit)) for digit in digits)
    for prefix in ("0082", "82"):
        if digits.startswith(prefix) and len(digits) >= len(prefix) + _SHORTEST_AT_HOME:
            return "0" + digits[len(prefix) :].removeprefix("0")
    return digits


def telephone(value: str) -> str:
    """``value`` if it can be a telephone number; raises ValueError, never repeating it."""
    if not SHORTEST <= len(dialled(value)) <= _LONGEST_NUMBER:
        raise ValueError(f"a telephone number has {SHORTEST} to {_LONGEST_NUMBER} digits")
    return value


def normal(identifier: str) -> str:
    """Letters and digits only, in one case and one width (NFKC)."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", identifier).upper() if letter.isalnum())


def identifying(value: str) -> str:
    """``value`` if it can name one person; raises ValueError, never repeating it."""
    if not SHORTEST <= len(normal(value)) <= LONGEST:
        raise ValueError(f"an identifier has {SHORTEST} to {LONGEST} letters and digits")
    return value
