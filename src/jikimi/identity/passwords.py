"""Passwords: made, hashed and compared. It must never block the event loop, nor answer faster for a name unknown.

Argon2id with RFC 9106's second recommended choice of parameters (64 MiB, three passes), about 150 ms a hash.
"""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jikimi.kernel.errors import Absurd

SHORTEST: Final = 12
"""Characters of a password a person chooses."""
LONGEST: Final = 1024
MADE: Final = 24
"""Characters of a password we make: 24 of 54 are 138 bits."""
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ234679-"  # none that a person mistakes for another

_hasher = PasswordHasher()
# Each hash takes 64 MiB and a core; a storm of sign-ins may slow sign-ins, never dispatch.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def make() -> str:
    """A new password of ``MADE`` characters."""
    return "".join(secrets.choice(_LETTERS) for _ in range(MADE))


def acceptable(password: str) -> str:
    """``password`` if a person may choose it; raises Absurd with the reason (NIST SP 800-63B-4, 3.1.1)."""
    if not SHORTEST <= len(normal(password)) <= LONGEST:
        raise Absurd(f"A password has {SHORTEST} to {LONGEST} characters.")
    if len(set(normal(password))) < SHORTEST // 2:
        raise Absurd("A password of so few different characters is guessed first.")
    return password


def normal(password: str) -> str:
    """The same characters however a keyboard composed them (NFKC, as NIST SP 800-63B-4 asks)."""
    return unicodedata.normalize("NFKC", password)


async def hashed(password: str) -> str:
    """The PHC string to store."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` made ``stored``. None, for a name unknown, costs the same and is never matched."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _matches, stored, password)


def outdated(stored: str) -> bool:
    """Whether ``stored`` was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _hash(password: str) -> str:
    return _hasher.hash(_bytes(password))


def _matches(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _nobody(), _bytes(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    # A lone surrogate is no character, and no reason to fail differently from any other wrong password.
    return normal(password[: LONGEST + 1]).encode("utf-8", "surrogatepass")


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_bytes(32))
