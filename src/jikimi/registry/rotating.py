"""Keys of names and numbers made anew. It must never leave a person unfound who was found before.

Every person's file is sealed again under a new key and the old one destroyed; every number is found by a digest under a
new key from then on: those of before too, by which no search finds anybody and staff near to them stay near. What was entered
before numbers were kept sealed cannot be found anew, and is said first.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.errors import Conflict
from jikimi.registry import sealing, ties
from jikimi.registry.identifiers import MATCH_KEY, Matcher
from jikimi.registry.matching import ENTERING
from jikimi.store.custody import Kind
from jikimi.store.database import custody_of

# Whoever enters somebody waits, and makes their digests by the new key.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(:lock)")
_IN_FORCE: Final = text(
    "INSERT INTO cursor (name, seq) VALUES (:name, :mark) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
)
_LOCK: Final = text("LOCK TABLE person, person_mark, staff_mark IN SHARE ROW EXCLUSIVE MODE")
_PEOPLE: Final = text("SELECT id, agency, sealed FROM person WHERE sealed IS NOT NULL ORDER BY id")
_PERSON: Final = text("UPDATE person SET sealed = :sealed, identifier_digest = :digest WHERE id = :id")
_UNFOUND: Final = text("""
SELECT (SELECT count(*) FROM person WHERE identifier_digest IS NOT NULL AND sealed IS NULL)
  + (SELECT count(*) FROM staff_mark WHERE sealed IS NULL)
""")
_DROP: Final = text("DELETE FROM person_mark WHERE person = :id")
_MARK: Final = text("""
INSERT INTO person_mark (person, agency, kind, digest, former) VALUES (:id, :agency, :kind, :digest, :former)
ON CONFLICT DO NOTHING
""")
_FORMER: Final = text("SELECT count(*) FROM person_mark WHERE former")
_STAFF: Final = text("SELECT account, kind, digest, sealed FROM staff_mark ORDER BY account, digest")
_REMARK: Final = text("""
UPDATE staff_mark SET digest = :digest, sealed = :sealed WHERE account = :account AND kind = :kind AND digest = :old
""")


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many files were sealed anew, how many numbers are found by a new digest, and how many of before were lost: changed
    by an edition that kept no more of them than the digest. A tie that was found by one stays.
    """

    people: int
    numbers: int
    lost: int


async def renew(connection: AsyncConnection, matcher: Matcher) -> Renewed:
    """Seal every file under a new key and find every number by ``matcher``; raises Conflict where some could not be."""
    await connection.execute(_ALONE, {"lock": ENTERING})
    await connection.execute(_LOCK)
    if unfound := (await connection.execute(_UNFOUND)).scalar_one():
        raise Conflict(
            f"{unfound} entries were made before numbers were kept sealed; enter those people and staff again."
        )
    custody, numbers = custody_of(connection), 0
    former = (await connection.execute(_FORMER)).scalar_one()
    rows = (await connection.execute(_PEOPLE)).mappings().all()
    for row in rows:
        file = sealing.opened(connection, "person", row)
        custody.renew(Kind.PERSON, row["id"])
        marks = [("telephone", matcher.telephone(each)) for each in file["telephones"] or ()]
        digest = matcher.digest(file["identifier"]) if file["identifier"] else None
        marks += [("identifier", digest)] if digest else []
        sealed = sealing.sealed(connection, "person", file)
        await connection.execute(_PERSON, {"id": row["id"], "sealed": sealed, "digest": digest})
        await connection.execute(_DROP, {"id": row["id"]})
        of = {"id": row["id"], "agency": row["agency"]}
        for kind, mark in marks:
            await connection.execute(_MARK, {**of, "kind": kind, "digest": mark, "former": False})
        for kind, number in file.get("former") or ():
            mark = matcher.telephone(number) if kind == "telephone" else matcher.digest(number)
            await connection.execute(_MARK, {**of, "kind": kind, "digest": mark, "former": True})
        numbers += len(marks)
    for row in (await connection.execute(_STAFF)).mappings().all():
        number = custody.open(row["sealed"], b"staff" + row["digest"]).decode()
        digest = matcher.digest(number) if row["kind"] == "identifier" else matcher.telephone(number)
        sealed = custody.seal(Kind.PERSON, row["account"], number.encode(), b"staff" + digest)
        await connection.execute(
            _REMARK,
            {"account": row["account"], "kind": row["kind"], "old": row["digest"], "digest": digest, "sealed": sealed},
        )
        numbers += 1
    await ties.anew(connection)
    # With the digests, in one commit: a crash before the vault's file is renamed leaves nobody unfound.
    await connection.execute(_IN_FORCE, {"name": MATCH_KEY, "mark": matcher.mark})
    left = (await connection.execute(_FORMER)).scalar_one()
    return Renewed(len(rows), numbers, former - left)


async def retire(connection: AsyncConnection) -> None:
    """Destroy the keys of before; call it once :func:`renew` has committed."""
    custody = custody_of(connection)
    for row in await connection.execute(_PEOPLE):
        custody.retire(Kind.PERSON, row.id, int.from_bytes(row.sealed[2:4], "big"))
