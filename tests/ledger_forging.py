"""Who holds the database as its superuser and the site's signing key: everything is written again, and fits."""

import json

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.ledger.canonical import canonical
from jikimi.ledger.checkpoint import signed
from jikimi.ledger.course import Course
from jikimi.ledger.merkle import leaf_hash
from jikimi.ledger.months import opens
from jikimi.ledger.note import public_key

_PAST_EVERY_RULE = b"SET session_replication_role = replica"


async def meddle(url: str, *statements: str) -> None:
    """Write as the database's superuser, past every rule and trigger."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for statement in (_PAST_EVERY_RULE, *map(str.encode, statements)):
            await connection.execute(statement)


async def recompute(url: str, key: Ed25519PrivateKey, site: str) -> None:
    """Number what the table holds now anew, from the first row, and sign every month's tree wherever one was signed."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(_PAST_EVERY_RULE)
        found = await connection.execute("SELECT id, seq, body FROM ledger_row WHERE seq IS NOT NULL ORDER BY seq")
        rows = await found.fetchall()
        found = await connection.execute("SELECT size FROM checkpoint ORDER BY size")
        ends = [size for (size,) in await found.fetchall()]
        await connection.execute("DELETE FROM checkpoint")
        await connection.execute("UPDATE ledger_row SET seq = NULL, leaf = NULL")
        course = Course(site)
        for place, (name, seq, text) in enumerate(rows):
            body = _following(text, course)
            leaf = leaf_hash(body.encode())
            course.take(body, leaf)
            await connection.execute(
                "UPDATE ledger_row SET body = %s, seq = %s, leaf = %s WHERE id = %s", [body, place, leaf, name]
            )
            after = rows[place + 1][1] if place + 1 < len(rows) else ends[-1]
            if any(seq < end <= after for end in ends):
                await _sign(connection, course, key)
                course.covered = course.size


def _following(text: str, course: Course) -> str:
    """A month's first row made to fit what stands before it now."""
    if not opens(text) or not course.size:
        return text
    head = course.head()
    said = {"rows_before": course.size, "size": head.size, "digest": head.root.hex(), "previous_log": head.origin}
    return canonical(json.loads(text) | said)


async def _sign(connection: psycopg.AsyncConnection[object], course: Course, key: Ed25519PrivateKey) -> None:
    head = course.head()
    values = [course.size, course.before, head.root, course.frontier.to_bytes(), str(public_key(course.site, key))]
    await connection.execute(
        "INSERT INTO checkpoint (size, before, at, root, frontier, key, note) VALUES (%s, %s, now(), %s, %s, %s, %s)",
        [*values, signed(head, key)],
    )
