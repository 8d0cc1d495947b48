"""A backup of the keys: made while everything runs, opening nothing by itself, and worth nothing once something was destroyed."""

import json
import sqlite3
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from jikimi.cli.main import app
from jikimi.kernel.errors import Destroyed, Misconfigured
from jikimi.store.custody import Custody, Kind
from jikimi.vault import Vault

HER = UUID(int=7)


@pytest.fixture
def custody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Custody:
    """The keys of an installation, some of them destroyed."""
    monkeypatch.setenv("JIKIMI_DATA", str(tmp_path / "data"))
    custody = Vault(tmp_path / "data").custody()
    custody.prepare(Kind.PERSON, [HER, uuid4()])
    custody.destroy(Kind.ORDER, HER, 1.0)
    custody.rotate()
    return custody


def backed_up(to: Path) -> dict[str, object]:
    """What the command prints."""
    done = CliRunner().invoke(app, ["keys", "backup", str(to)])
    assert done.exit_code == 0, done.output
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_a_copy_made_while_keys_are_used_restores_everything(tmp_path: Path, custody: Custody) -> None:
    """Put back beside its master it opens what was sealed, and what was destroyed stays destroyed."""
    sealed, to = custody.seal(Kind.PERSON, HER, b"said"), tmp_path / "backup"
    using = sqlite3.connect(tmp_path / "data" / "custody" / "keys", isolation_level=None)
    using.execute("BEGIN")
    using.execute("SELECT count(*) FROM kept").fetchone()
    assert backed_up(to) == {"file": str(to), "keys": 2, "opened_by": "custody-2"}
    using.close()
    assert to.stat().st_mode & 0o077 == 0
    (tmp_path / "data" / "custody" / "keys").unlink()
    with pytest.raises(Misconfigured, match="restore"):
        Vault(tmp_path / "data").custody()
    to.rename(tmp_path / "data" / "custody" / "keys")
    restored = Vault(tmp_path / "data").custody()
    assert restored.open(sealed) == b"said"
    with pytest.raises(Destroyed):
        restored.seal(Kind.ORDER, HER, b"said")


def test_a_copy_holds_no_bare_key_and_opens_nothing_without_its_master(tmp_path: Path, custody: Custody) -> None:
    """What is in it is wrapped: with another installation's secrets it stays shut."""
    sealed, to = custody.seal(Kind.PERSON, HER, b"said"), tmp_path / "other" / "custody" / "keys"
    to.parent.mkdir(parents=True)
    backed_up(to)
    master = (tmp_path / "data" / "secrets" / "custody-2.key").read_text().strip()
    body = to.read_bytes()
    assert bytes.fromhex(master) not in body
    assert master.encode() not in body
    assert all(len(row[0]) == 40 for row in sqlite3.connect(to).execute("SELECT wrapped FROM kept"))
    with pytest.raises(OSError, match="restore"):
        Vault(tmp_path / "other").custody().open(sealed)
    assert not (tmp_path / "other" / "secrets").exists(), "no master is made for keys that have one"


def test_a_copy_of_before_a_destruction_opens_nothing(tmp_path: Path, custody: Custody) -> None:
    """Destruction rotates the master: neither what was destroyed nor anything else opens from the older copy."""
    sealed, to = custody.seal(Kind.PERSON, HER, b"said"), tmp_path / "backup"
    backed_up(to)
    custody.destroy(Kind.PERSON, HER, 1.0)
    custody.rotate()
    to.replace(tmp_path / "data" / "custody" / "keys")
    with pytest.raises(OSError, match="restore"):
        Vault(tmp_path / "data").custody().open(sealed)


@pytest.mark.usefixtures("custody")
def test_nothing_is_written_over_and_no_copy_is_made_of_keys_that_stay_shut(tmp_path: Path) -> None:
    """A file that is there stays; a backup that could not be restored is never taken for one."""
    there = tmp_path / "there"
    there.write_text("another's")
    assert CliRunner().invoke(app, ["keys", "backup", str(there)]).exit_code != 0
    assert there.read_text() == "another's"
    (tmp_path / "data" / "secrets" / "custody-2.key").rename(tmp_path / "lost")
    assert CliRunner().invoke(app, ["keys", "backup", str(tmp_path / "shut")]).exit_code != 0
    assert not (tmp_path / "shut").exists()
