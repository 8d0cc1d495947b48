"""The published verifier on real exports of a real database, honest and meddled with."""

import secrets
from pathlib import Path

from sqlalchemy import text

from jikimi.kernel.ids import uuid7
from jikimi.ledger.digests import Digester
from jikimi.ledger.export import export
from jikimi.ledger.rows import append
from jikimi.ledger.sealer import Sealer
from jikimi.ledger.verify import verify
from jikimi.store.database import Database
from tests.integration.test_ledger_sealing import KEY, ORIGIN, Hand, meddle, sealer, written
from tests.unit.test_ledger_verifier import verdict

__all__ = ["sealer"]
NOT = "The ledger does NOT verify.\n"


async def test_a_superuser_s_hand_is_named_by_a_program_of_another(
    service: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    """An altered row, a deleted row, and a chain recomputed and signed with the site's own key: each names its row."""
    await written(service, 6)
    await sealer.seal_once()
    path, kept, key = tmp_path / "ledger.jsonl", tmp_path / "kept.jsonl", str(sealer.public_key)
    note = tmp_path / "note"
    note.write_text((await export(service, kept)).checkpoint)
    code, said = verdict(kept, "--key", key)
    assert (code, "6 rows" in said) == (0, True)
    await meddle(database_url, """UPDATE ledger_row SET body = replace(body, '"count":3', '"count":4') WHERE seq = 3""")
    await export(service, path)
    assert verdict(path) == (1, "BREAKS  Row 3 was altered: its text is not what was sealed.\n" + NOT)
    await meddle(database_url, "DELETE FROM checkpoint", "UPDATE ledger_row SET seq = NULL, leaf = NULL")
    await Sealer(service, KEY, ORIGIN, Hand()).seal_once()
    await export(service, path)
    assert verdict(path, "--key", key)[0] == 0
    named = "BREAKS  Row 3 is another one than in the copy you hold.\n" + NOT
    assert verdict(path, "--key", key, "--checkpoint", kept) == (1, named)
    within = "BREAKS  Rows 0 to 5 are not what your checkpoint of size 6 was signed over.\n" + NOT
    assert verdict(path, "--key", key, "--checkpoint", note) == (1, within)
    await meddle(database_url, "DELETE FROM ledger_row WHERE seq = 2")
    await export(service, path)
    assert verdict(path) == (1, "BREAKS  Row 2 is missing.\n" + NOT)


async def test_the_ledger_holds_when_whom_it_speaks_of_is_destroyed(
    service: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    """A person gone from the record and the commitment's key with her: every seal holds, and no file says who it was."""
    person, agency, label = uuid7(), uuid7(), "Invented Person 17"
    async with service.transaction() as connection:
        values = {"agency": agency, "person": person, "label": label}
        await connection.execute(text("INSERT INTO agency (id, kind, name) VALUES (:agency, 'police', 'Town')"), values)
        await connection.execute(
            text("INSERT INTO person (id, agency, label) VALUES (:person, :agency, :label)"), values
        )
        digest = Digester(secrets.token_bytes(32)).of(label)
        await append(connection, 1_780_000_000.0, "tasking", person=person, facts_digest=digest)
    await sealer.seal_once()
    path, kept, key = tmp_path / "ledger.jsonl", tmp_path / "kept", str(sealer.public_key)
    kept.write_text((await export(service, path)).checkpoint)
    await meddle(database_url, "DELETE FROM person")
    assert await Sealer(service, KEY, ORIGIN, Hand()).seal_once() == 0
    await export(service, path)
    code, said = verdict(path, "--key", key, "--checkpoint", kept)
    assert (code, "The first 1 are vouched for" in said) == (0, True)
    assert verify(path, kept, key).ok
    assert label not in path.read_text()
    assert digest in path.read_text()
    assert not Digester(secrets.token_bytes(32)).agrees(digest, label)
