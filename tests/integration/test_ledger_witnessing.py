"""One party's witness over another's real ledger, from sealing to `jikimi verify`."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jikimi.cli.main import app
from jikimi.kernel.errors import Conflict
from jikimi.ledger.export import export, export_growth
from jikimi.ledger.sealer import Sealer
from jikimi.ledger.verify import verify
from jikimi.ledger.witness import NotWitnessed, new_key, witness
from jikimi.store.database import Database
from tests.integration.test_ledger_sealing import KEY, ORIGIN, Hand, sealer, written
from tests.ledger_forging import meddle, recompute

__all__ = ["sealer"]


async def test_a_chain_recomputed_with_the_site_s_own_key_is_not_witnessed(
    service: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    """What grew is witnessed with no row shown; a history rewritten and signed anew is refused, and caught by the note."""
    key, last, offered, kept = (tmp_path / name for name in ("key", "last", "offered", "kept"))
    public = new_key(key, "justice.example/witness")
    last.write_text(f"{sealer.public_key}\n")
    for since, more in ((0, 3), (4, 4)):
        await written(service, more)
        await sealer.seal_once()
        offered.write_text(str(await export_growth(service, since)))
        assert "tasking" not in offered.read_text()
        kept.write_text(witness(last, offered, key, Hand()))
    path = tmp_path / "ledger.jsonl"
    await export(service, path)
    report = verify(path, kept, None, [str(public)])
    assert report.ok
    assert report.witnesses[0].rows == 8
    await meddle(database_url, """UPDATE ledger_row SET body = replace(body, '"count":1', '"count":9')""")
    await recompute(database_url, KEY, ORIGIN)
    await written(service, 1)
    await Sealer(service, KEY, ORIGIN, Hand()).seal_once()
    offered.write_text(str(await export_growth(service, 8)))
    with pytest.raises(NotWitnessed, match="does not grow out of the 8 rows"):
        witness(last, offered, key, Hand())
    await export(service, path)
    assert verify(path).ok
    assert not verify(path, kept, None, [str(public)]).ok


async def test_there_is_no_proof_of_what_is_not_there(service: Database, sealer: Sealer, database_url: str) -> None:
    """Nothing sealed, a size never had, and rows gone from the table are said in a sentence."""
    with pytest.raises(Conflict, match="Nothing is sealed yet"):
        await export_growth(service, 0)
    await written(service, 3)
    await sealer.seal_once()
    with pytest.raises(Conflict, match="Only 4 rows are sealed"):
        await export_growth(service, 5)
    await meddle(database_url, "DELETE FROM ledger_row WHERE seq = 1")
    with pytest.raises(Conflict, match="Sealed rows are missing"):
        await export_growth(service, 0)


async def test_the_command_writes_what_a_witness_reads(
    service: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    """`jikimi export checkpoint PATH --since N` writes the proof, or says why it cannot."""
    path = tmp_path / "offered"
    arguments = ["export", "checkpoint", str(path), "--since", "1", "--database", database_url]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert (done.exit_code, "Nothing is sealed yet." in done.output) == (1, True)
    await written(service, 3)
    await sealer.seal_once()
    assert (await asyncio.to_thread(CliRunner().invoke, app, arguments)).exit_code == 0
    assert path.read_text() == str(await export_growth(service, 1))
