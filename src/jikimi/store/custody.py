"""Keys that make data of one person or one order readable, kept apart from the data. It must never keep a key bare, make
one again for somebody whose was destroyed, nor open anything under another's.

A key belongs to ``whose`` (a person, an order, a device) and to a kind of data; destroying it destroys, wherever copies
lie, whatever was sealed under it until then. Only a measure entered afterwards begins a new generation
(:meth:`Custody.begin`); what is late does not, and whatever finds no key is counted and said. The file holds keys wrapped
(AES key wrap, RFC 3394) under a master the vault keeps: the file alone opens nothing, and the database alone even less.
Values are sealed with AES-256-GCM under a nonce of their own.
"""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from prometheus_client import Counter

from jikimi.kernel.errors import Destroyed, Misconfigured

_log = structlog.get_logger()
_unkept = Counter("jikimi_custody_unkept", "Values not kept, for the key they belong under was destroyed", ["kind"])
_SAY_S: Final = 3600.0
"""How long after it was said of somebody that nothing is kept it is not said again; it is always counted."""
_FORMAT: Final = 1
_HEAD: Final = 20
_NONCE: Final = 12
_HURRY_S: Final = 0.2
"""How long an alert may wait for a file somebody else holds, before the record counts as away."""
_FRESH_S: Final = 0.5
"""How long a key may be used from memory before the file is asked whether anything changed."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS kept (whose BLOB, kind INTEGER, generation INTEGER, master INTEGER NOT NULL, wrapped BLOB NOT NULL,
  made_at REAL NOT NULL, PRIMARY KEY (whose, kind, generation)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS destroyed (whose BLOB, kind INTEGER, at REAL NOT NULL, generation INTEGER NOT NULL,
  PRIMARY KEY (whose, kind)) WITHOUT ROWID;
"""
# Of before it is not known how many generations there were; none was ever near this.
_UPTO: Final = "ALTER TABLE destroyed ADD COLUMN generation INTEGER NOT NULL DEFAULT 32767"
_DESTROY: Final = """
INSERT INTO destroyed (whose, kind, at, generation)
VALUES (?1, ?2, ?3, (SELECT coalesce(max(generation), 1) FROM kept WHERE whose = ?1 AND kind = ?2))
ON CONFLICT (whose, kind) DO UPDATE SET at = excluded.at, generation = max(generation, excluded.generation)
"""


_AGED: Final = """
SELECT whose, generation, made_at, until FROM (
  SELECT whose, generation, made_at, lead(made_at) OVER (PARTITION BY whose ORDER BY generation) AS until
  FROM kept WHERE kind = ?)
WHERE until IS NOT NULL AND until <= ? ORDER BY until, whose
"""


class Aged(NamedTuple):
    """A generation of somebody's key under which they were sealed in [since, until), Unix seconds."""

    whose: UUID
    generation: int
    since: float
    until: float


class Kind(IntEnum):
    """What lies under a key: each has its own end by law."""

    PERSON = 1
    """What names somebody: file label, numbers."""
    ORDER = 2
    """Places of an order, and all that was said in answering its alerts."""
    SUPERVISED = 3
    """Positions of a wearer under the Electronic Monitoring Act, article 16."""
    ORDERED = 4
    """Positions of a wearer under a provisional measure, article 31-8."""
    AGREED = 5
    """Positions of a protected person, by consent."""
    DEVICE = 6
    """Positions of a device nobody was known to carry."""
    MATCH = 7
    """Nothing lies under it: by it numbers are compared, the installation's own (:data:`INSTALLATION`)."""


INSTALLATION: Final = UUID(int=0)
"""Whose a key is that is nobody's own."""


class Custody:
    """The keys in one file; ``master`` gives the vault's key of a generation, and ``forget`` destroys one there.

    Whoever destroys keys rotates the master afterwards: then a copy of the file made before opens nothing either.
    """

    def __init__(self, file: Path, master: Callable[[int, bool], bytes], forget: Callable[[int], None]) -> None:
        """``master(generation, make)`` may make a key only where ``make`` says so; ``forget`` bears repetition."""
        self._file, self._master, self._forget = file, master, forget
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.executescript(_TABLES)
            self._upto(connection)
            with contextlib.suppress(Misconfigured):  # keys without their own master leave whatever other is there
                newest = _newest_master(connection)
                self._master(newest, False) if newest > 1 else None
                self._forget_before(newest)
        self._reader = self._connect(_HURRY_S)
        self._seen: tuple[float, int] = (0.0, -1)
        self._ciphers: dict[bytes, AESGCM] = {}
        self._newest: dict[tuple[bytes, int, int | None], bytes] = {}
        self._said: dict[tuple[bytes, int], float] = {}

    def seal(self, kind: Kind, whose: UUID, plain: bytes, about: bytes = b"", era: int | None = None) -> bytes:
        """``plain`` readable only while that key is kept, and only as what ``about`` says it is; raises Destroyed.

        ``era``: of the measure it belongs to, as :meth:`begin` said; what belongs to an earlier one is not kept.
        """
        with _within_reach():
            self._recall()
            head = self._newest.get((whose.bytes, kind, era)) or self._head(kind, whose, era)
            cipher = self._ciphers.get(head) or self._cipher(head)
        nonce = os.urandom(_NONCE)
        return head + nonce + cipher.encrypt(nonce, plain, head + about)

    def open(self, sealed: bytes, about: bytes = b"") -> bytes:
        """What was sealed; raises Destroyed where its key was, ValueError for what was not sealed so."""
        head = sealed[:_HEAD]
        with _within_reach():
            self._recall()
            cipher = self._ciphers.get(head) or self._cipher(head)
        try:
            return cipher.decrypt(sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :], head + about)
        except InvalidTag:
            raise ValueError("this was sealed as something else, or changed since") from None

    def prepare(self, kind: Kind, whose: Iterable[UUID], patience_s: float = 10.0) -> None:
        """Make the keys of many in one flush; those that are there stay, and those destroyed stay so."""
        with _within_reach(), closing(self._connect(patience_s)) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            master = _newest_master(connection)
            for each in whose:
                if not _gone(connection, each.bytes, kind) and not _generation(connection, each.bytes, kind):
                    self._make(connection, each.bytes, kind, 1, master)

    def begin(self, kind: Kind, whose: Iterable[UUID]) -> dict[UUID, int]:
        """Let a measure that is entered now be sealed for, also where an earlier one was destroyed; returns each one's era.

        Call it where somebody enters it and nowhere else: what was destroyed stays so, and its late words are not kept.
        """
        eras = {}
        with _within_reach(), closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for each in whose:
                before = _destroyed(connection, each.bytes, kind)
                eras[each] = before + 1
                if before and not _generation(connection, each.bytes, kind):
                    self._make(connection, each.bytes, kind, before + 1, _newest_master(connection))
        return eras

    def secrets(self, kind: Kind, whose: UUID) -> dict[int, bytes]:
        """The keys themselves by generation, oldest first, for comparing and never for sealing; makes the first."""
        with _within_reach():
            if not self.count(kind, whose):
                self.prepare(kind, [whose])
            which = "SELECT generation, master, wrapped FROM kept WHERE whose = ? AND kind = ? ORDER BY generation"
            rows = self._reader.execute(which, (whose.bytes, kind)).fetchall()
            return {generation: self._unwrapped(master, wrapped) for generation, master, wrapped in rows}

    def adopt(self, kind: Kind, whose: UUID, keys: Iterable[bytes]) -> None:
        """Take keys that were kept elsewhere as the first generations, oldest first; one that is there already stays."""
        with _within_reach(), closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            if not _generation(connection, whose.bytes, kind) and not _gone(connection, whose.bytes, kind):
                for generation, key in enumerate(keys, 1):
                    self._make(connection, whose.bytes, kind, generation, _newest_master(connection), key=key)

    @contextmanager
    def apart(self) -> Iterator["Custody"]:
        """The same keys with a memory of their own, for long work in a thread: nothing of it is kept afterwards."""
        own = Custody(self._file, self._master, self._forget)
        try:
            yield own
        finally:
            own._reader.close()

    def renew(self, kind: Kind, whose: UUID) -> int:
        """Seal under a new key from now on; returns its generation. The old one stays until :meth:`retire`."""
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            if _gone(connection, whose.bytes, kind):
                raise Destroyed("The key was destroyed.")
            generation = _generation(connection, whose.bytes, kind) + 1
            self._make(connection, whose.bytes, kind, generation, _newest_master(connection))
        self._drop()
        return generation

    def retire(self, kind: Kind, whose: UUID, before: int) -> None:
        """Destroy the generations before that one: nothing may lie under them any more."""
        self._drop()
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "DELETE FROM kept WHERE whose = ? AND kind = ? AND generation < ?", (whose.bytes, kind, before)
            )

    def roll(self, kind: Kind, at: float) -> None:
        """Seal for everybody of that kind under a new key from now on, in one flush; the old ones stay until :meth:`expire`."""
        self._drop()
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            master = _newest_master(connection)
            newest = "SELECT whose, max(generation) FROM kept WHERE kind = ? GROUP BY whose"
            for whose, generation in connection.execute(newest, (kind,)).fetchall():
                self._make(connection, whose, kind, generation + 1, master, at)

    def aged(self, kind: Kind, before: float) -> list[Aged]:
        """Generations of that kind after which another was made by ``before``, oldest first."""
        with _within_reach():
            rows = self._reader.execute(_AGED, (kind, before)).fetchall()
        return [Aged(UUID(bytes=whose), generation, since, until) for whose, generation, since, until in rows]

    def expire(self, kind: Kind, aged: Iterable[Aged]) -> None:
        """Destroy these generations, in one flush; what was sealed under later ones stays."""
        self._drop()
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "DELETE FROM kept WHERE whose = ? AND kind = ? AND generation = ?",
                [(one.whose.bytes, kind, one.generation) for one in aged],
            )

    def count(self, kind: Kind, whose: UUID) -> int:
        """How many keys of that kind there are of theirs."""
        with _within_reach():
            counted = "SELECT count(*) FROM kept WHERE whose = ? AND kind = ?"
            return int(self._reader.execute(counted, (whose.bytes, kind)).fetchone()[0])

    def destroy(self, kind: Kind, whose: UUID, at: float) -> int:
        """Destroy every key of that kind of theirs until now, for ever; returns how many there were."""
        self._drop()
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_DESTROY, (whose.bytes, kind, at))
            return connection.execute("DELETE FROM kept WHERE whose = ? AND kind = ?", (whose.bytes, kind)).rowcount

    def check(self) -> tuple[int, int]:
        """How many keys there are, and the generation of the master that opens them all; raises OSError where one stays shut."""
        with closing(self._connect()) as connection, connection:
            connection.execute("BEGIN")
            rows = connection.execute("SELECT master, wrapped FROM kept").fetchall()
            for row in rows:
                self._unwrapped(*row)
            return len(rows), _newest_master(connection)

    def copy(self, to: Path) -> None:
        """Write the keys as they are now, wrapped, into a new file of the owner's alone; others go on meanwhile.

        Raises FileExistsError. What is destroyed afterwards opens from it no more: the master it needs is destroyed then too.
        """
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(self._connect()) as connection:
            connection.execute("VACUUM INTO ?", (str(to),))
        with to.open("rb") as written:
            os.fsync(written.fileno())

    def rotate(self) -> int:
        """Wrap every key under a new master, then destroy the old one; returns how many keys there are."""
        with closing(self._connect()) as connection:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                old = _newest_master(connection)
                rows = connection.execute("SELECT whose, kind, generation, master, wrapped FROM kept").fetchall()
                fresh = self._master(old + 1, True)
                connection.executemany(
                    "UPDATE kept SET master = ?, wrapped = ? WHERE whose = ? AND kind = ? AND generation = ?",
                    [(old + 1, aes_key_wrap(fresh, self._unwrapped(row[3], row[4])), *row[:3]) for row in rows],
                )
                connection.execute(f"PRAGMA user_version = {old + 1}")
            self._forget_before(old + 1)
            return len(rows)

    def _forget_before(self, newest: int) -> None:
        # A crash may have left a master behind, under which old copies of the file would still open.
        for generation in range(1, newest):
            self._forget(generation)

    def _recall(self) -> None:
        # What another process destroyed must not be opened from this one's memory.
        now = time.monotonic()
        if now - self._seen[0] < _FRESH_S:
            return
        version = self._reader.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen[1]:
            self._drop()
        self._seen = (now, version)

    def _drop(self) -> None:
        self._ciphers.clear()
        self._newest.clear()

    def _head(self, kind: Kind, whose: UUID, era: int | None) -> bytes:
        generation = _generation(self._reader, whose.bytes, kind)
        before = _destroyed(self._reader, whose.bytes, kind)
        if before and (not generation or (era is not None and era <= before)):
            self._say(kind, whose)
            raise Destroyed("The key was destroyed.")
        if not generation:
            self.prepare(kind, [whose], _HURRY_S)
            generation = 1
        head = bytes([_FORMAT, kind]) + generation.to_bytes(2, "big") + whose.bytes
        if head not in self._ciphers:
            self._cipher(head)
        self._newest[whose.bytes, kind, era] = head
        return head

    def _say(self, kind: Kind, whose: UUID) -> None:
        _unkept.labels(kind.name.lower()).inc()
        now, one = time.monotonic(), (whose.bytes, int(kind))
        if now - self._said.get(one, -_SAY_S) >= _SAY_S:
            self._said[one] = now
            _log.warning("not kept: the key was destroyed", kind=kind.name.lower(), whose=str(whose))

    def _cipher(self, head: bytes) -> AESGCM:
        if len(head) != _HEAD or head[0] != _FORMAT:
            raise ValueError("this was not sealed by us")
        which = (head[4:], head[1], int.from_bytes(head[2:4], "big"))
        found = self._reader.execute(
            "SELECT master, wrapped FROM kept WHERE whose = ? AND kind = ? AND generation = ?", which
        ).fetchone()
        if found is None:
            raise Destroyed("The key was destroyed.")
        cipher = self._ciphers[head] = AESGCM(self._unwrapped(*found))
        return cipher

    def _make(
        self, connection: sqlite3.Connection, whose: bytes, kind: int, generation: int, master: int, at: float = 0.0,
        key: bytes | None = None,
    ) -> None:  # fmt: skip
        # Only the first key of all may bring its master with it: one that was lost must not be taken for a new one.
        first = connection.execute("SELECT 1 FROM kept LIMIT 1").fetchone() is None
        wrapped = aes_key_wrap(self._master(master, first), key or AESGCM.generate_key(256))
        connection.execute("INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?)", (whose, kind, generation, master, wrapped, at))

    def _unwrapped(self, master: int, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._master(master, False), wrapped)
        except (InvalidUnwrap, Misconfigured) as error:
            raise OSError("the vault's custody secret does not open the keys; restore it from your backup") from error

    def _upto(self, connection: sqlite3.Connection) -> None:
        if not any(row[1] == "generation" for row in connection.execute("PRAGMA table_info(destroyed)")):
            with contextlib.suppress(sqlite3.OperationalError):  # another process was first
                connection.execute(_UPTO)

    def _connect(self, patience_s: float = 10.0) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=patience_s, isolation_level=None, check_same_thread=False)
        # A key that is deleted is overwritten, and a destruction that was told is on disk.
        connection.executescript("PRAGMA secure_delete = ON; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;")
        self._file.chmod(0o600)
        return connection


@contextmanager
def _within_reach() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, Misconfigured) as error:
        # Keys that cannot be read are a record that is away: what is done then is decided where that is.
        raise OSError(f"the keys to the record: {error}") from error


def _newest_master(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) or 1


def _generation(connection: sqlite3.Connection, whose: bytes, kind: int) -> int:
    found = connection.execute(
        "SELECT max(generation) FROM kept WHERE whose = ? AND kind = ?", (whose, kind)
    ).fetchone()
    return int(found[0] or 0)


def _destroyed(connection: sqlite3.Connection, whose: bytes, kind: int) -> int:
    """The last generation that was destroyed; 0 where none was."""
    found = connection.execute("SELECT generation FROM destroyed WHERE whose = ? AND kind = ?", (whose, kind))
    return int((found.fetchone() or (0,))[0])


def _gone(connection: sqlite3.Connection, whose: bytes, kind: int) -> bool:
    """Whether there is no key because it was destroyed, and nothing was begun since."""
    return bool(_destroyed(connection, whose, kind)) and not _generation(connection, whose, kind)
