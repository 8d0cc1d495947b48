"""Servers of ours are children: under an account of no rights, in a folder of their own, gone when we are gone."""

import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from jikimi.kernel import process
from jikimi.kernel.errors import Misconfigured
from jikimi.kernel.process import User, at_home_in, brought_within_reach, own_folder, reachable, spawn, unprivileged

ME = User("me", os.getuid(), os.getgid())
STRANGER = User("stranger", 12345, 12345)


def accounts(monkeypatch: pytest.MonkeyPatch, **known: int) -> None:
    """We are root, and these accounts exist."""

    def named(name: str) -> object:
        return SimpleNamespace(pw_uid=known[name], pw_gid=7)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", named)


def test_who_is_no_root_runs_servers_as_oneself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is needed, and nobody else could be had."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert unprivileged() is None


def test_root_runs_servers_as_the_first_account_without_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, else PostgreSQL's, else nobody's; an account that is root under another name is none."""
    accounts(monkeypatch, jikimi=0, nobody=65534)
    assert unprivileged() == User("nobody", 65534, 7)
    accounts(monkeypatch, jikimi=501, postgres=502)
    assert unprivileged() == User("jikimi", 501, 7)
    accounts(monkeypatch)
    with pytest.raises(Misconfigured, match="no account"):
        unprivileged()


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    """Killed outright, the parent leaves nobody."""
    words = (
        "import sys, time; from jikimi.kernel.process import spawn\n"
        "print(spawn([sys.executable, '-c', 'import time; time.sleep(60)'], env={}).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        parent.kill()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "\nState:\tZ" in Path(f"/proc/{child}/status").read_text():
            return
        time.sleep(0.05)
    pytest.fail("the child lives on")


def test_a_child_runs_where_and_as_whom_it_is_told(tmp_path: Path) -> None:
    """Its folder, its words in the log, nothing on its standard input; and it is found at home there while it lives."""
    if os.geteuid() == 0:
        tmp_path.chmod(0o777)
    with (tmp_path / "log").open("wb") as log:
        child = spawn(["/bin/sh", "-c", "id -u; pwd; read line; echo $?; exec sleep 60"], env={"PATH": "/usr/bin:/bin"},
                      log=log, user=ME if os.geteuid() == 0 else None, dies_by=signal.SIGTERM, cwd=tmp_path)  # fmt: skip
    try:
        for _ in range(100):
            if (said := (tmp_path / "log").read_text().split())[2:]:
                break
            time.sleep(0.05)
        assert said == [str(os.getuid()), str(tmp_path), "1"]
        assert at_home_in(tmp_path) == [child.pid]
        assert at_home_in(tmp_path / "elsewhere") == []
        child.kill()
        time.sleep(0.1)
        assert at_home_in(tmp_path) == [], "a zombie is at home nowhere"
    finally:
        child.kill()
        child.wait()


def test_a_folder_is_made_with_parents_that_can_be_entered(tmp_path: Path) -> None:
    """Ours alone; parents we make let others through and show them nothing; those that were there stay as they are."""
    tmp_path.chmod(0o700)
    made = own_folder(tmp_path / "a" / "b" / "c", ME)
    assert [path.stat().st_mode & 0o777 for path in (made, made.parent, tmp_path / "a", tmp_path)] == [
        0o700, 0o711, 0o711, 0o700,
    ]  # fmt: skip
    assert own_folder(made, None, 0o755).stat().st_mode & 0o777 == 0o755


def test_a_path_is_reachable_where_every_folder_lets_in(tmp_path: Path) -> None:
    """By owner, by group, by everybody, in this order, as the kernel decides."""
    inner = tmp_path / "inner"
    inner.mkdir()
    mate = User("mate", 12345, inner.stat().st_gid)
    for mode, user, open_ in (
        (0o700, ME, True), (0o077, ME, False), (0o700, STRANGER, False), (0o701, STRANGER, True),
        (0o710, mate, True), (0o701, mate, False),
    ):  # fmt: skip
        inner.chmod(mode)
        assert process._may_enter(inner.stat(), user) is open_, oct(mode)
    inner.chmod(0o700)
    assert reachable(inner / "file", None)
    assert not reachable(inner / "file", STRANGER)


def test_a_program_out_of_reach_is_copied_and_copied_anew_when_it_changes(tmp_path: Path) -> None:
    """Where it stands when it can be run from there, else in a copy, with what belongs to it."""
    home, into = tmp_path / "home", tmp_path / "programs" / "one"
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "server"
    program.write_text("one")
    assert brought_within_reach(program, home, into, None) == program
    home.chmod(0o700)
    copy = brought_within_reach(program, home, into, STRANGER)
    assert (copy, copy.read_text()) == (into / "bin" / "server", "one")
    again = copy.stat().st_ino
    assert brought_within_reach(program, home, into, STRANGER).stat().st_ino == again, "copied for nothing"
    program.write_text("other")
    assert brought_within_reach(program, home, into, STRANGER).read_text() == "other"
    alone = brought_within_reach(program, program, tmp_path / "alone", STRANGER)
    assert (alone, alone.read_text()) == (tmp_path / "alone" / "server", "other")


def test_who_vanishes_while_we_look_is_not_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends between two looks is nobody, and no failure."""
    (tmp_path / "4242").mkdir()
    monkeypatch.setattr(Path, "glob", lambda *_: [tmp_path / "4242"])
    assert at_home_in(tmp_path) == []
