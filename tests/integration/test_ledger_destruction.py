"""What the law destroys is destroyed: the ledger goes on verifying, and nobody can say any more of whom it speaks."""

import json
from pathlib import Path

from jikimi.ledger.digests import Digester
from jikimi.ledger.export import export
from jikimi.ledger.sealer import Sealer
from jikimi.ledger.verify import verify
from jikimi.respond.facts import opened
from jikimi.store.custody import Custody
from jikimi.store.database import Database
from tests.integration.respond.conftest import Site, shared_nats, site
from tests.integration.test_ledger_sealing import KEY, ORIGIN, Hand
from tests.ledger_forging import meddle
from tests.unit.test_ledger_verifier import verdict

__all__ = ["shared_nats", "site"]
SITE_KEY = Digester(bytes(range(32)))  # the same the site's responder has
DESTROYED = [
    "feed_message",
    "delivery",
    "tasking",
    "alert",
    "incident",
    "standing_plan",
    "place",
    "protective_order",
    "person",
]


def committed(path: Path, kind: str, field: str) -> str:
    """What a row of the ledger commits to."""
    rows = [json.loads(json.loads(line)["body"]) for line in path.read_text().splitlines() if '"body"' in line]
    return str(next(row for row in rows if row["kind"] == kind)[field])


async def test_destroying_a_person_s_facts_leaves_a_ledger_that_verifies_and_tells_nothing(
    site: Site, service: Database, custody: Custody, database_url: str, tmp_path: Path
) -> None:
    """While the facts stand, the site can show that they are those it sealed; once they are destroyed, not even its key can."""
    await site.take(site.alert())
    sealer = Sealer(service, KEY, ORIGIN, Hand())
    await sealer.seal_once()
    before, path, kept = tmp_path / "before.jsonl", tmp_path / "ledger.jsonl", tmp_path / "kept"
    kept.write_text((await export(service, before)).checkpoint)
    digest, reasons = (
        committed(before, "alert.recorded", "facts_digest"),
        committed(before, "tasking.created", "reasons_digest"),
    )
    async with service.transaction() as connection:
        found = await opened(connection, (await site.rows("SELECT id FROM alert"))[0]["id"])
    assert found is not None
    opening, facts = found
    assert SITE_KEY.agrees(digest, opening, facts)
    taskings = await site.rows("SELECT id, sealed FROM tasking")
    plain = [custody.open(one["sealed"], one["id"].bytes) for one in taskings]
    assert any(SITE_KEY.agrees(reasons, one[:32], one[32:]) for one in plain)

    await meddle(database_url, *(f"DELETE FROM {table}" for table in DESTROYED))
    assert await Sealer(service, KEY, ORIGIN, Hand()).seal_once() == 0
    await export(service, path)
    assert path.read_bytes() == before.read_bytes()
    assert verify(path, kept, str(sealer.public_key)).ok
    assert verdict(path, "--checkpoint", kept, "--key", str(sealer.public_key))[0] == 0
    assert not SITE_KEY.agrees(digest, facts)
    assert not SITE_KEY.agrees(digest, bytes(32), facts)
    for word in ("he", "she", "127.0", "37.5", opening.hex()):
        assert f'"{word}"' not in path.read_text()


def test_two_commitments_to_the_same_facts_are_not_seen_to_be_the_same() -> None:
    """A commitment tells nothing by being equal to another: each has an opening of its own."""
    facts = b"the same"
    (one, first), (other, second) = SITE_KEY.commit(facts), SITE_KEY.commit(facts)
    assert one != other
    assert len(first) == len(second) == 32
    assert SITE_KEY.agrees(one, first, facts)
    assert not SITE_KEY.agrees(one, second, facts)
    assert not SITE_KEY.agrees(one, first, b"other")
