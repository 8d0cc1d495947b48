"""One person in two agencies' files, found without either showing its file. It must never keep what it compares.

A resident number has a known birth date and a few thousand likely tails, so a plain or salted hash of one is the
number itself. What is kept is an HMAC under a key of this installation that the database does not hold.
"""

import hashlib
import hmac
import unicodedata
from typing import Final, Literal, Self

from jikimi.store.custody import INSTALLATION, Custody, Kind

Mark = Literal["identifier", "telephone"]
MATCH_KEY: Final = "person-match"
"""The cursor that says which key the record's digests are made with."""
SHORTEST: Final = 6
LONGEST: Final = 64
_LONGEST_NUMBER: Final = 15
_SHORTEST_AT_HOME: Final = 8


class Matcher:
    """Makes the digest by which two entries are found to be one person."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def kept(cls, custody: Custody) -> list[Self]:
        """By every key this installation keeps, oldest first: more than one only while keys are made anew."""
        return [cls(key) for key in custody.secrets(Kind.MATCH, INSTALLATION).values()]

    @property
    def mark(self) -> int:
        """Says which key this is, and nothing of it."""
        return int.from_bytes(hmac.new(self._key, b"which key", hashlib.sha256).digest()[:7], "big")

    def of(self, kind: Mark, number: str) -> bytes:
        """The digest of a number of that kind."""
        return self.digest(number) if kind == "identifier" else self.telephone(number)

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
