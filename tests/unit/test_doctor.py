"""What the doctor says of keys before anybody has to ask."""

from pathlib import Path
from uuid import UUID

from jikimi.cli.doctor import examine
from jikimi.settings import Settings
from jikimi.store.custody import Kind
from jikimi.vault import Vault


def said_of_custody(folder: Path, elsewhere: Path | None = None) -> tuple[bool | None, str]:
    """The finding on the keys."""
    more = {"JIKIMI_CUSTODY": str(elsewhere)} if elsewhere else {}
    settings = Settings.read({"JIKIMI_DATA": str(folder), **more})
    found = next(finding for finding in examine(settings) if finding.what == "custody")
    return found.ok, found.said


def test_keys_others_may_read_are_to_be_mended(tmp_path: Path) -> None:
    """None yet is no fault, beside the secrets is worth knowing, elsewhere is as it should be, open to others is not."""
    elsewhere = tmp_path / "other-disk"
    assert said_of_custody(tmp_path)[0] is None
    Vault(tmp_path).custody().prepare(Kind.PERSON, [UUID(int=1)])
    assert said_of_custody(tmp_path) == (None, "beside the secrets")
    assert said_of_custody(tmp_path, elsewhere)[0] is False, "the folder was named and the keys were not moved"
    (tmp_path / "custody").rename(elsewhere)
    assert said_of_custody(tmp_path, elsewhere)[0] is True
    (elsewhere / "keys").chmod(0o644)
    assert said_of_custody(tmp_path, elsewhere)[0] is False


def test_keys_and_a_master_of_two_times_are_told_apart(tmp_path: Path) -> None:
    """Keys that their master does not open, or that are not there although their master is, are said before anybody starts."""
    custody = Vault(tmp_path).custody()
    custody.prepare(Kind.PERSON, [UUID(int=1)])
    before = (tmp_path / "custody" / "keys").read_bytes()
    custody.rotate()
    (tmp_path / "custody" / "keys").write_bytes(before)
    assert said_of_custody(tmp_path)[0] is False
    (tmp_path / "custody" / "keys").unlink()
    assert said_of_custody(tmp_path)[0] is False
