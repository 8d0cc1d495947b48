"""What is guarded of one pair over one stretch of time. It must never be changed once it is made."""

import msgspec

FOREVER = float("inf")


class Arming(msgspec.Struct, frozen=True):
    """The union of orders binding on one pair over [since, until): the widest radius leads (ties: by order id).

    ``known``: before this an earlier version of an order held. ``suspended``: orders bind, every one of them
    suspended. ``order`` "" when none binds.
    """

    since: float
    until: float
    order: str = ""
    version: int = 0
    also: list[str] = []
    radius_m: float = 0.0
    rings_m: list[float] | None = None
    suspended: bool = False
    monitored: bool = True
    known: float = -FOREVER

    @property
    def armed(self) -> bool:
        """Whether anything is guarded now."""
        return bool(self.order) and not self.suspended
