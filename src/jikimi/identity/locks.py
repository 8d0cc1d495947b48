"""How long an account stays shut after wrong passwords. It must never tell the one who tries that it is shut."""

from typing import Final

FREE: Final = 5
"""Wrong passwords in a row before the first lock."""
FIRST_S: Final = 30.0
LONGEST_S: Final = 900.0


def locked_for(failures: int) -> float:
    """Seconds an account is locked after that many wrong passwords in a row: 0, then 30 doubling up to 900."""
    if failures < FREE:
        return 0.0
    return min(FIRST_S * 2.0 ** min(failures - FREE, 16), LONGEST_S)
