"""One connected terminal: what it was sent, what it may follow. It must never be handed what its grant does not cover."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from starlette.websockets import WebSocket

from jikimi.identity.model import Actor
from jikimi.respond.nearness import Nearness
from jikimi.respond.picture import Seen
from jikimi.respond.whereabouts import PARTIES, WORDS, without_whereabouts, without_words

MOST_WAITING = 1000
_MOST_OWED = 100
_NAMES = ("offender_id", "victim_id", "person", "subject")
"""Where a message names somebody."""
_KINDS = ("tasking", "alert")
"""Messages that say where somebody was."""
_SHOWING = tuple(f'"kind":"{kind}"'.encode() for kind in (*_KINDS, *WORDS))


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose live positions may be followed, and under which incident."""

    incident: UUID
    subjects: frozenset[str]
    offender: str | None = None
    victim: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """One frame to send: a numbered message, an unrecorded one (``seq`` None), or a passing word (``numbered`` False)."""

    frame: bytes
    seq: int | None
    numbered: bool = True


@dataclass(eq=False, slots=True)
class Seat:
    """A WebSocket and the person behind it. ``sent`` is the last number of its feed that went out."""

    socket: WebSocket
    actor: Actor
    token: str
    feed: str
    sent: int = 0
    grants: dict[UUID, Grant] = field(default_factory=dict)
    registered: set[UUID] = field(default_factory=set)
    words: asyncio.Queue[Word] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    targets: dict[str, Seen] = field(default_factory=dict)
    pairs: dict[UUID, Nearness] = field(default_factory=dict)
    board: "Callable[[Seat], bytes] | None" = None
    """What it sees of units, written as it leaves."""
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    glancing: bool = False
    """Whether it is on the register that it is shown where units are."""
    over: str | None = None
    since: float = 0.0
    """When it sat down."""
    past: frozenset[UUID] = frozenset()
    """Grants that had ended by then."""
    heard: dict[UUID, int] = field(default_factory=dict)
    """Incidents whose grants changed by wire, each with the question to the record that was the last one put before."""
    answered: int = 0
    """The newest question to the record whose answer it goes by."""
    owed: list[Word] = field(default_factory=list)
    """What left before the record could say whether it might be told whole."""
    tied: frozenset[str] = frozenset()
    """People whose case is this account's own."""
    barred: frozenset[UUID] = frozenset()
    """Incidents of theirs: nothing of them leaves by this line."""

    def offer(self, word: Word) -> None:
        """Queue a frame; a terminal that does not keep up is told to come back and resume."""
        try:
            self.words.put_nowait(word)
        except asyncio.QueueFull:
            self.over = "too slow"
        self.stirred.set()

    def follow(self, seen: Seen) -> None:
        """Queue a position; a newer one of the same subject replaces one that still waits."""
        self.targets[seen.subject] = seen
        self.stirred.set()

    def subjects(self) -> set[str]:
        """Everybody this seat follows now."""
        return {subject for grant in self.grants.values() for subject in grant.subjects}

    def grant(self, incident: UUID, offender: Any, victim: Any) -> None:
        """Let it follow these parties while the incident is open."""
        his, hers = str(offender) if offender else None, str(victim) if victim else None
        if incident in self.barred or self.tied & {his, hers}:
            self.barred |= {incident}
            self.revoke(incident)
            return
        named = frozenset(subject for subject in (his, hers) if subject)
        if named:
            given = Grant(incident, named, his, hers)
            if self.grants.get(incident) != given:
                self.pairs.pop(incident, None)  # measured for whom it might follow before
            self.grants[incident] = given
        else:
            self.revoke(incident)

    def lacks(self, kind: str, incident: object, body: Any) -> bool:
        """Whether a message says where somebody is whom it does not follow: the record may know better than what it heard."""
        which = UUID(str(incident)) if incident else None
        if which is None or which in self.barred or not (kind in _KINDS or (kind in WORDS and not self.actor.unit)):
            return False
        held = self.grants.get(which)
        named = {str(body[party]) for party in PARTIES if body.get(party)}
        return not named <= (held.subjects if held else frozenset())

    def fit(self, frame: bytes) -> bytes:
        """A message as it may leave by this line: of one's own case only its number, so that none seems missing; of whom it
        may not follow neither where they were nor what was written.
        """
        if not self.tied and not any(kind in frame for kind in _SHOWING):
            return frame
        return msgspec.json.encode(self.fitting(msgspec.json.decode(frame)))

    def fitting(self, said: dict[str, Any]) -> dict[str, Any]:
        """The same for a message that is not written yet."""
        body, incident = said.get("body"), said.get("incident")
        if not isinstance(body, dict):
            return said
        which = UUID(str(incident)) if incident else None
        if self.tied & {body.get(name) for name in _NAMES} or which in self.barred:
            return {**said, "kind": "withheld", "incident": None, "body": {}}
        kind, held = str(said["kind"]), self.grants.get(which) if which else None
        followed = held.subjects if held else frozenset()
        if which is None or kind not in {*_KINDS, *WORDS}:
            return said
        if kind in WORDS:  # what an officer wrote is the own unit's
            return said if self.actor.unit else {**said, "body": without_words(kind, body, followed)}
        return {**said, "body": without_whereabouts(body, followed)}

    def owe(self, word: Word) -> None:
        """Keep a word that leaves before the record has answered."""
        self.owed = [*self.owed[1 - _MOST_OWED :], Word(word.frame, None)]

    def paid(self) -> list[Word]:
        """What was owed and may be told whole by now; the rest was told as it had to be."""
        owed, self.owed = self.owed, []
        said = [(word, msgspec.json.decode(word.frame)) for word in owed]
        return [word for word, told in said if not self.lacks(told["kind"], told["incident"], told["body"])]

    def measure(self, incident: UUID, nearness: Nearness) -> None:
        """Queue how near the parties are; a newer reading replaces one that still waits."""
        self.pairs[incident] = nearness
        self.stirred.set()

    def revoke(self, incident: UUID) -> None:
        """From now on, nothing of that incident's parties, not even what waits."""
        if self.grants.pop(incident, None):
            self.pairs.pop(incident, None)
            left = self.subjects()
            self.targets = {subject: seen for subject, seen in self.targets.items() if subject in left}

    def show(self, board: "Callable[[Seat], bytes]") -> None:
        """Queue what is seen of units; a newer look replaces one that still waits."""
        self.board = board
        self.stirred.set()

    def pending(self, now: float, shows: Callable[[Seen], bool] = lambda _: True) -> Iterator[bytes]:
        """The positions, distances and units that wait, each as this seat may have it (``shows``: as anybody may) at the moment
        it is taken: a line that is full takes it seconds later.
        """
        waiting, self.targets = self.targets, {}
        for incident in list(self.grants):
            held = self._held(incident)
            told = [seen.told(now) for who, seen in waiting.items() if who in held and shows(seen)]
            if told:
                yield msgspec.json.encode({"type": "target", "incident": incident, "positions": told})
            if (near := self.pairs.pop(incident, None)) is not None and incident in self.grants:
                yield msgspec.json.encode({"type": "pair", "incident": incident, "at": now, **asdict(near)})
        self.pairs = {incident: near for incident, near in self.pairs.items() if incident in self.grants}
        board, self.board = self.board, None
        if board is not None:
            yield board(self)

    def follows(self, incident: UUID, whom: str) -> bool:
        """Whether it may follow this person while it works on that incident."""
        return whom in self._held(incident)

    def _held(self, incident: UUID) -> frozenset[str]:
        grant = self.grants.get(incident)
        return grant.subjects if grant else frozenset()
