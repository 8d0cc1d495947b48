"""Who asked a moment ago, in this process. It must never remember longer, nor remember a refusal."""

from collections import OrderedDict
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from jikimi.identity.model import Actor
from jikimi.store.database import Database

HELD_S: Final = 0.4
"""So that a page which asks twice a second knows within a second that it is over."""
_MOST: Final = 8192


class Recent:
    """Digests of tokens and the actors they spoke for, each for at most ``HELD_S``."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[float, Actor]] = OrderedDict()
        self._gone: OrderedDict[UUID, None] = OrderedDict()

    def gone(self, session: UUID) -> bool:
        """Whether this process ended that session itself: open lines must not wait for the next look at the record."""
        return session in self._gone

    def get(self, digest: bytes, now: float) -> Actor | None:
        """The actor, if asked about within ``HELD_S``. A clock that stepped back forgets."""
        entry = self._known.get(digest)
        return entry[1] if entry is not None and 0.0 <= now - entry[0] < HELD_S else None

    def put(self, digest: bytes, actor: Actor, now: float) -> None:
        """Remember from ``now`` on; the oldest is forgotten when there are too many."""
        self._known[digest] = (now, actor)
        self._known.move_to_end(digest)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def drop(self, session: UUID) -> None:
        """Forget a session at once."""
        self._gone[session] = None
        if len(self._gone) > _MOST:
            self._gone.popitem(last=False)
        for digest in [digest for digest, (_, actor) in self._known.items() if actor.session == session]:
            del self._known[digest]


_of: WeakKeyDictionary[Database, Recent] = WeakKeyDictionary()


def of(database: Database) -> Recent:
    """The one for that database."""
    return _of.setdefault(database, Recent())
