"""How often one address may try passwords, and other ways in. It must never slow an address whose sign-ins succeed."""

import ipaddress
from collections import OrderedDict
from typing import Final

from starlette.datastructures import State

TRIES: Final = 20.0
"""At once: a whole room signs in from one address when the shift begins."""
REFILL_S: Final = 6.0
"""Seconds until a spent try comes back."""
_MOST: Final = 50_000


class Tries:
    """A token bucket an address (IPv6: a /64, which one machine has whole)."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, address: str, now: float) -> float:
        """0.0 when a try may be made at ``now`` (Unix seconds), else the seconds to wait first."""
        key = network(address)
        left = self._now(key, now)
        if left < 1:
            return (1 - left) * REFILL_S
        self._put(key, left - 1, now)
        return 0.0

    def give_back(self, address: str, now: float) -> None:
        """The try succeeded and costs nothing."""
        key = network(address)
        self._put(key, min(TRIES, self._now(key, now) + 1), now)

    def _now(self, key: str, now: float) -> float:
        left, at = self._left.get(key, (TRIES, now))
        return min(TRIES, left + max(0.0, now - at) / REFILL_S)

    def _put(self, key: str, left: float, now: float) -> None:
        self._left[key] = (left, now)
        self._left.move_to_end(key)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)


def tries_of(state: State, what: str = "passwords") -> Tries:
    """The one of this application for ``what`` is tried: a provider that is away takes nobody's tries at a password."""
    if not hasattr(state, "sign_in_tries"):
        state.sign_in_tries = {}
    tries: dict[str, Tries] = state.sign_in_tries
    return tries.setdefault(what, Tries())


def network(address: str) -> str:
    """What of an address one machine or one building has whole; the text itself where it is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
