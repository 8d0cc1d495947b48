"""Whoever is root on the site, holds its database and its signing key, and rewrites what happened."""

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.respond.conftest import Site, shared_nats, site
from tests.ledger_forging import meddle, recompute
from tests.unit.test_ledger_verifier import verdict
from typer.testing import CliRunner

from jikimi.cli.main import app
from jikimi.identity.model import Actor, Role
from jikimi.kernel.ids import uuid7
from jikimi.ledger.export import export, export_growth
from jikimi.ledger.sealer import Sealer
from jikimi.ledger.verify import verify
from jikimi.ledger.witness import NotWitnessed, new_key, witness
from jikimi.share.policy import Action, require
from jikimi.share.register import record
from jikimi.store.database import Database
from jikimi.vault import Vault

__all__ = ["shared_nats", "site"]
NAME = "jikimi/0123456789abcdef"
SEOUL_S = 32_400


@dataclass
class Crime:
    """A site and what the other party kept of its ledger before; the numbers of the rows that were touched."""

    sealer: Sealer
    vault: Vault
    folder: Path
    public: str
    answer: int
    access: int

    def kept(self, what: str) -> Path:
        """What the other party kept."""
        return self.folder / what


async def numbered(site: Site, row: UUID) -> int:
    return int(await site.one("SELECT seq FROM ledger_row WHERE id = :id", id=row))


@pytest.fixture
async def crime(site: Site, service: Database, database_url: str, tmp_path: Path) -> Crime:
    """A slow answer to an order and a look at a file, sealed and kept elsewhere; then the one is made quick, the other gone."""
    vault = Vault(tmp_path / "site")
    sealer = Sealer(service, vault.signing_key("ledger-seal"), NAME, site.clock, SEOUL_S)
    monitor = Actor(uuid7(), site.ids["centre"], Role.MONITOR, None, "monitor", uuid7())
    rule, looks = require(monitor, Action.FOLLOW_LIVE_POSITIONS), []
    await site.take(site.alert())
    await sealer.seal_once()
    for subject in ("he", "she", "he2"):
        async with service.transaction() as connection:
            looks.append(await record(
                connection, site.clock, monitor, rule.action, rule.purpose, rule.article, "file", site.ids[subject]
            ))  # fmt: skip
    site.clock.at += 540
    await site.answer((await site.taskings("police"))[0]["ref"], "accepted")
    await sealer.seal_once()
    key, last, offered = tmp_path / "key", tmp_path / "last", tmp_path / "offered"
    public = new_key(key, "justice.example/witness")
    last.write_text(f"{sealer.public_key}\n")
    offered.write_text(str(await export_growth(service, 0)))
    (tmp_path / "note").write_text(witness(last, offered, key, site.clock))
    await export(service, tmp_path / "copy.jsonl")
    await export(service, tmp_path / "hashes.jsonl", hashes=True)
    answer = await site.one("""SELECT id FROM ledger_row WHERE body LIKE '%"kind":"tasking.accepted"%'""")
    made = Crime(sealer, vault, tmp_path, str(public), await numbered(site, answer), await numbered(site, looks[1]))
    await meddle(
        database_url,
        "UPDATE tasking SET answered_at = answered_at - interval '530 seconds' WHERE answered_at IS NOT NULL",
        f"""UPDATE ledger_row SET at = at - interval '530 seconds', body = replace(body, to_char(at AT TIME ZONE 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS.US'), to_char((at - interval '530 seconds') AT TIME ZONE 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS.US')) WHERE id = '{answer}'""",
        f"DELETE FROM ledger_row WHERE id = '{looks[1]}'",
        f"DELETE FROM access_register WHERE id = '{looks[1]}'",
    )
    stolen = bytes.fromhex((vault.folder / "ledger-seal.key").read_text())
    await recompute(database_url, Ed25519PrivateKey.from_private_bytes(stolen), NAME)
    await export(service, tmp_path / "ledger.jsonl")
    return made


async def test_without_another_party_nothing_shows_it_and_that_is_said(crime: Crime) -> None:
    """The file fits itself and the right key signed it: `verify` says on whose word alone, and who could have rewritten it."""
    path = crime.folder / "ledger.jsonl"
    report = verify(path, key=str(crime.sealer.public_key))
    assert report.ok
    assert len(report.notes) == 1
    assert report.notes[0].startswith("Whoever holds the signing key could have written another ledger")
    assert report.notes[0].endswith("Only a checkpoint that another party kept (--checkpoint) shows that.")
    code, said = verdict(path, "--key", str(crime.sealer.public_key))
    assert (code, "The first 0 are vouched for by what you kept; for the rest only the key speaks." in said) == (
        0,
        True,
    )


async def test_the_other_party_s_copy_names_both_rows_and_what_differs(crime: Crime) -> None:
    """Held against an earlier export, the altered answer is named with both times, and the deleted look with its kind."""
    path, copy = crime.folder / "ledger.jsonl", crime.kept("copy.jsonl")
    said = [one.sentence for one in verify(path, copy, str(crime.sealer.public_key)).breaks]
    now = crime.answer - 1
    assert any(
        one.startswith(f"Row {crime.answer} is another one than in the copy you hold, here row {now}: at was ")
        for one in said
    ), said
    assert any(one.startswith(f"Row {crime.access} of the copy you hold is missing: access of ") for one in said), said
    assert verify(path, copy).first_row == crime.access
    code, other = verdict(path, "--checkpoint", copy)
    assert (code, f"Row {crime.access} is another one than in the copy you hold." in other) == (1, True)


async def test_a_copy_of_hashes_names_both_rows(crime: Crime) -> None:
    """Another party that was shown no row, only hashes, can still name what became of each."""
    path, hashes = crime.folder / "ledger.jsonl", crime.kept("hashes.jsonl")
    done = CliRunner().invoke(app, ["verify", str(path), "--checkpoint", str(hashes), "--json"])
    assert done.exit_code == 1
    found = json.loads(done.output)
    assert found["first_row"] == crime.access
    assert {one["row"] for one in found["breaks"]} >= {crime.access}
    assert any(one["through"] == crime.answer or one["row"] == crime.answer for one in found["breaks"]), found["breaks"]
    assert verdict(path, "--checkpoint", hashes)[0] == 1


async def test_a_witnessed_checkpoint_alone_says_between_which_rows(crime: Crime) -> None:
    """A note of under 200 bytes shows that it was done, and cannot say where: every row it covers is named."""
    path, note = crime.folder / "ledger.jsonl", crime.kept("note")
    report = verify(path, note, None, [crime.public])
    assert not report.ok
    assert not [one for one in report.holds if "witnessed" in one]
    assert "Your checkpoint covers" in report.breaks[0].sentence
    assert verdict(path, "--checkpoint", note, "--witness", crime.public)[0] == 1


async def test_the_witness_signs_no_more_of_it(crime: Crime, site: Site, service: Database) -> None:
    """The site's own sealer, started anew, goes on with the rewritten history; the other party's key does not."""
    sealer = Sealer(service, crime.vault.signing_key("ledger-seal"), NAME, site.clock, SEOUL_S)
    await site.answer((await site.taskings("police"))[0]["ref"], "en_route")
    assert await sealer.seal_once() == 1
    offered = crime.kept("offered")
    since = verify(crime.kept("copy.jsonl")).size
    offered.write_text(str(await export_growth(service, since)))
    with pytest.raises(NotWitnessed, match=f"does not grow out of the {since} rows"):
        witness(crime.kept("last"), offered, crime.kept("key"), site.clock)
