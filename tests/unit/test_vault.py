"""Secrets of an installation."""

import os
import stat
import threading
from pathlib import Path

import pytest

from jikimi.kernel.errors import Misconfigured
from jikimi.vault import Vault


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    """The same name gives the same 32 bytes for ever, and another installation gets others."""
    first = Vault(tmp_path / "a").key("x")
    assert len(first) == 32
    assert Vault(tmp_path / "a").key("x") == first
    assert Vault(tmp_path / "a").key("y") != first
    assert Vault(tmp_path / "b").key("x") != first
    assert Vault(tmp_path / "a").password("x") == first.hex()


def test_only_the_owner_may_read_a_secret(tmp_path: Path) -> None:
    """The folder is 0700 and each file 0600, and no draft is left beside it."""
    vault = Vault(tmp_path)
    vault.key("x")
    assert stat.S_IMODE(vault.folder.stat().st_mode) == 0o700
    assert [path.name for path in vault.folder.iterdir()] == ["x.key"]
    assert stat.S_IMODE((vault.folder / "x.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_secret_others_may_read_is_no_secret(tmp_path: Path, mode: int) -> None:
    """An installation with an opened secret refuses to start and says what to do."""
    vault = Vault(tmp_path)
    vault.key("x")
    (vault.folder / "x.key").chmod(mode)
    with pytest.raises(Misconfigured, match="chmod 600"):
        vault.key("x")


@pytest.mark.parametrize("content", ["", "password", "00" * 32, "ab" * 16, "abcd" * 16])
def test_a_weak_secret_never_starts(tmp_path: Path, content: str) -> None:
    """A secret that is empty, short, repeated or no key at all is refused by the name of its file."""
    vault = Vault(tmp_path)
    vault.key("x")
    (vault.folder / "x.key").write_text(content)
    with pytest.raises(Misconfigured, match=r"x\.key"):
        vault.key("x")


def test_two_who_are_first_get_one_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When two processes make the same secret at once, both go on with the same one."""
    both = threading.Barrier(2)
    honest = os.link

    def together(draft: Path, path: Path) -> None:
        both.wait(5)
        honest(draft, path)

    monkeypatch.setattr(os, "link", together)
    monkeypatch.setattr(os, "getpid", threading.get_ident)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(Vault(tmp_path).key("x"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]


def test_a_signing_key_signs_the_same_after_a_restart(tmp_path: Path) -> None:
    """The ledger's key is the same key for as long as its file is."""
    one, other = Vault(tmp_path).signing_key("x"), Vault(tmp_path).signing_key("x")
    assert one.sign(b"x") == other.sign(b"x")
    assert one.private_bytes_raw() == Vault(tmp_path).key("x")
