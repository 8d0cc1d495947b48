"""Every number found by a digest under a new key. It must never leave somebody unfound who was found before, nor hold up
whoever is guarded meanwhile.

Whoever has a dump of before and every key of today then finds nobody in it by number. Files are opened and digests made in
a thread while nothing waits but entering and searching; the rows are then changed in one go, with the mark of the key. The
new key is on disk before that commit and the old one goes after it (:func:`retire`): whenever it stops, everybody is found.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.errors import Conflict, Destroyed
from jikimi.registry import sealing, ties
from jikimi.registry.identifiers import MATCH_KEY, Mark, Matcher
from jikimi.registry.matching import alone, mark_in_force
from jikimi.store.custody import INSTALLATION, Aged, Custody, Kind
from jikimi.store.database import custody_of

_log = structlog.get_logger()
_BATCH: Final = 500
"""Rows read or written at a time: whoever shares the event loop waits no longer than for so many."""
_IN_FORCE: Final = text(
    "INSERT INTO cursor (name, seq) VALUES (:name, :mark) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
)
_PEOPLE: Final = text("""
SELECT id, agency, sealed, identifier_digest IS NOT NULL AS found,
  (SELECT count(*) FROM person_mark WHERE person = p.id AND kind = 'telephone' AND NOT former) AS telephones
FROM person p WHERE id > :after AND (sealed IS NOT NULL OR identifier_digest IS NOT NULL) ORDER BY id LIMIT :most
""")
_FOUND: Final = text("""
UPDATE person SET identifier_digest = x.digest FROM unnest(CAST(:ids AS uuid[]), CAST(:digests AS bytea[])) AS x (id, digest)
WHERE person.id = x.id AND identifier_digest IS DISTINCT FROM x.digest
""")
_NO_MARKS: Final = text("DELETE FROM person_mark")
_MARKS: Final = text("""
INSERT INTO person_mark (person, agency, kind, digest, former) SELECT * FROM unnest(CAST(:people AS uuid[]),
  CAST(:agencies AS uuid[]), CAST(:kinds AS text[]), CAST(:digests AS bytea[]), CAST(:former AS boolean[]))
ON CONFLICT DO NOTHING
""")
_FORMER: Final = text("SELECT count(*) FROM person_mark WHERE former")
_STAFF: Final = text("SELECT account, kind, digest, sealed FROM staff_mark ORDER BY account, digest")
_REMARK: Final = text("""
UPDATE staff_mark m SET digest = x.digest, sealed = x.sealed FROM unnest(CAST(:accounts AS uuid[]), CAST(:kinds AS text[]),
  CAST(:before AS bytea[]), CAST(:digests AS bytea[]), CAST(:sealed AS bytea[])) AS x (account, kind, before, digest, sealed)
WHERE m.account = x.account AND m.kind = x.kind AND m.digest = x.before
""")
_UNMARK: Final = text("""
DELETE FROM staff_mark m USING unnest(CAST(:accounts AS uuid[]), CAST(:before AS bytea[])) AS x (account, before)
WHERE m.account = x.account AND m.digest = x.before
""")


@dataclass(frozen=True, slots=True)
class Anew:
    """How many numbers are found by a new digest, and how many of before were lost: of which no more than the digest was
    kept, or that cannot be read. A tie that was found by one stays.
    """

    numbers: int
    lost: int


@dataclass(slots=True)
class _Made:
    """What is to be written, a tuple a row; what is kept as a digest alone; what cannot be read.

    Ids as text: the collector need not look into so many tuples of nothing but text and bytes, and stops nobody for that.
    """

    found: list[tuple[str, bytes | None]] = field(default_factory=list)
    marks: list[tuple[str, str, str, bytes, bool]] = field(default_factory=list)
    staff: list[tuple[str, str, bytes, bytes, bytes]] = field(default_factory=list)
    gone: list[tuple[str, bytes]] = field(default_factory=list)
    unsealed: int = 0
    lost: int = 0


async def anew(connection: AsyncConnection) -> Anew:
    """Find every number by a new key from this transaction's commit on; then :func:`retire` is due.

    Raises Conflict where some are kept as digests alone: nothing is changed. Where their key is not kept either, nobody can be
    found by those, and they are lost.
    """
    await alone(connection)
    custody, mark, made = custody_of(connection), await mark_in_force(connection), _Made()
    known = mark is None or mark in _marks(custody)
    generation = await asyncio.to_thread(custody.renew, Kind.MATCH, INSTALLATION)
    matcher = Matcher.kept(custody)[-1]
    with custody.apart() as own:
        await _people(connection, lambda rows: _digests(own, matcher, rows, made))
        staff = (await connection.execute(_STAFF)).all()
        await asyncio.to_thread(_staff, own, matcher, staff, made)
    if made.unsealed and known:
        custody.expire(Kind.MATCH, [Aged(INSTALLATION, generation, 0.0, 0.0)])
        raise Conflict(
            f"{made.unsealed} entries were made before numbers were kept sealed; enter those people and staff again."
        )
    before = (await connection.execute(_FORMER)).scalar_one()
    await _write(connection, made)
    await ties.anew(connection)
    # With the digests, in one commit.
    await connection.execute(_IN_FORCE, {"name": MATCH_KEY, "mark": matcher.mark})
    left = (await connection.execute(_FORMER)).scalar_one()
    current = sum(not former for *_, former in made.marks)
    return Anew(current + len(made.staff), before - left + made.lost + made.unsealed)


async def retire(connection: AsyncConnection) -> None:
    """Destroy every key of before the one in force; call it once :func:`anew` has committed.

    Copies of the keys hold them still, until the master is renewed (:meth:`Custody.rotate`).
    """
    custody, mark = custody_of(connection), await mark_in_force(connection)
    for generation, key in custody.secrets(Kind.MATCH, INSTALLATION).items():
        if Matcher(key).mark == mark:
            await asyncio.to_thread(custody.retire, Kind.MATCH, INSTALLATION, generation)


async def settled(connection: AsyncConnection) -> bool:
    """Whether the record's digests are made with a key that is kept; puts down which where nobody has yet.

    Whoever starts waits for nobody who enters, unless that key is gone.
    """
    custody = custody_of(connection)
    if await mark_in_force(connection) in _marks(custody):
        return True
    await alone(connection)
    mark, kept = await mark_in_force(connection), _marks(custody)
    if mark is None:
        await connection.execute(_IN_FORCE, {"name": MATCH_KEY, "mark": kept[0]})
    return mark is None or mark in kept


def _marks(custody: Custody) -> list[int]:
    return [one.mark for one in Matcher.kept(custody)]


async def _people(connection: AsyncConnection, take: Callable[[Sequence[Any]], None]) -> None:
    after = UUID(int=0)
    while rows := (await connection.execute(_PEOPLE, {"after": after, "most": _BATCH})).all():
        await asyncio.to_thread(take, rows)
        after = rows[-1].id


def _digests(custody: Custody, matcher: Matcher, rows: Sequence[Any], made: _Made) -> None:
    for row in rows:
        file: dict[str, Any] = {}
        try:
            file = sealing.file_of(custody, row.id, row.sealed) if row.sealed is not None else {}
            made.unsealed += row.found and not file.get("identifier")
            made.unsealed += row.telephones if file.get("telephones") is None else 0
        except Destroyed:
            pass  # of a record put back: what was destroyed stays so
        except ValueError:
            _log.error("numbers that cannot be read are found no more", person=str(row.id))
            made.lost += row.found + row.telephones
        identifier, person, agency = file.get("identifier"), str(row.id), str(row.agency)
        made.found.append((person, matcher.digest(identifier) if identifier else None))
        numbers: list[tuple[Mark, str, bool]] = [("identifier", identifier, False)] if identifier else []
        numbers += [("telephone", each, False) for each in file.get("telephones") or ()]
        numbers += [(kind, each, True) for kind, each in file.get("former") or ()]
        made.marks += [(person, agency, kind, matcher.of(kind, each), past) for kind, each, past in numbers]


def _staff(custody: Custody, matcher: Matcher, rows: Sequence[Any], made: _Made) -> None:
    for row in rows:
        before = bytes(row.digest)
        if row.sealed is None:
            made.unsealed += 1
            made.gone.append((str(row.account), before))
            continue
        try:
            number = custody.open(bytes(row.sealed), b"staff" + before).decode()
        except (Destroyed, ValueError):
            _log.error("a number staff are near to cannot be read and is found no more", account=str(row.account))
            made.gone.append((str(row.account), before))
            made.lost += 1
            continue
        digest = matcher.of(row.kind, number)
        sealed = custody.seal(Kind.PERSON, row.account, number.encode(), b"staff" + digest)
        made.staff.append((str(row.account), row.kind, before, digest, sealed))


async def _write(connection: AsyncConnection, made: _Made) -> None:
    await _each(connection, _FOUND, ("ids", "digests"), made.found)
    await connection.execute(_NO_MARKS)
    await _each(connection, _MARKS, ("people", "agencies", "kinds", "digests", "former"), made.marks)
    await _each(connection, _REMARK, ("accounts", "kinds", "before", "digests", "sealed"), made.staff)
    await _each(connection, _UNMARK, ("accounts", "before"), made.gone)


async def _each(connection: AsyncConnection, statement: TextClause, names: Sequence[str], rows: Sequence[Any]) -> None:
    for at in range(0, len(rows), _BATCH):
        columns = zip(*rows[at : at + _BATCH], strict=True)
        await connection.execute(statement, dict(zip(names, map(list, columns), strict=True)))
