"""The published verifier on real exports of a real database, honest and meddled with."""

from pathlib import Path

from jikimi.ledger.export import export
from jikimi.ledger.sealer import Sealer
from jikimi.store.database import Database
from tests.integration.test_ledger_sealing import KEY, ORIGIN, sealer, written
from tests.ledger_forging import meddle, recompute
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
    assert (code, "7 rows" in said) == (0, True)
    await meddle(database_url, """UPDATE ledger_row SET body = replace(body, '"count":3', '"count":4') WHERE seq = 4""")
    await export(service, path)
    assert verdict(path) == (1, "BREAKS  Row 4 was altered: its text is not what was sealed.\n" + NOT)
    await recompute(database_url, KEY, ORIGIN)
    await export(service, path)
    assert verdict(path, "--key", key)[0] == 0
    named = "BREAKS  Row 4 is another one than in the copy you hold.\n" + NOT
    assert verdict(path, "--key", key, "--checkpoint", kept) == (1, named)
    within = "BREAKS  Rows 0 to 6 are not what your checkpoint of size 7 was signed over.\n" + NOT
    assert verdict(path, "--key", key, "--checkpoint", note) == (1, within)
    await meddle(database_url, "DELETE FROM ledger_row WHERE seq = 2")
    await export(service, path)
    assert verdict(path) == (1, "BREAKS  Row 2 is missing.\n" + NOT)
