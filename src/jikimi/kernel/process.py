"""Servers of ours as child processes: unprivileged when we are root, and gone when we are gone.

It must never touch a file or a permission outside the folder it is given.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from jikimi.kernel.errors import Misconfigured

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class User:
    """The account a server runs under."""

    name: str
    uid: int
    gid: int


def unprivileged() -> User | None:
    """Whom to run servers as: None when we are no root ourselves; raises Misconfigured when nobody fits.

    initdb refuses user ids without a name, so an existing account is taken and none is ever created.
    """
    if os.geteuid() != 0:
        return None
    for name in ("jikimi", "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return User(name, entry.pw_uid, entry.pw_gid)
    raise Misconfigured("Started by root, and there is no account `jikimi`, `postgres` or `nobody` to run servers as.")


def spawn(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: IO[bytes] | int | None = None,
    user: User | None = None,
    dies_by: signal.Signals = signal.SIGKILL,
    cwd: Path | str = "/",
) -> subprocess.Popen[bytes]:
    """Start ``argv``; the kernel sends it ``dies_by`` the moment our calling thread dies, however it dies."""
    parent = os.getpid()

    def bind_to_parent() -> None:  # pragma: no cover - runs in the child, before it is the program
        # After the change of user, because that clears the setting; the parent may already be gone by now.
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, dies_by)
            if os.getppid() != parent:
                os._exit(1)

    return subprocess.Popen(
        [str(part) for part in argv],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=str(cwd),
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
        preexec_fn=bind_to_parent,  # noqa: PLW1509 - supervisors have one thread; subprocess has no word for this
    )


def own_folder(path: Path, user: User | None, mode: int = 0o700) -> Path:
    """``path`` as a folder of that user's; parents are made enterable (0711) only where we make them."""
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir(mode=0o711)
            parent.chmod(0o711)
    path.mkdir(mode=mode, exist_ok=True)
    path.chmod(mode)
    if user:
        os.chown(path, user.uid, user.gid)
    return path


def reachable(path: Path, user: User | None) -> bool:
    """Whether that user can enter every folder on the way to ``path``."""
    if user is None:
        return True
    return all(_may_enter(folder.stat(), user) for folder in path.resolve().parents if folder.exists())


def _may_enter(stat: os.stat_result, user: User) -> bool:
    if stat.st_uid == user.uid:
        return bool(stat.st_mode & 0o100)
    if stat.st_gid == user.gid:
        return bool(stat.st_mode & 0o010)
    return bool(stat.st_mode & 0o001)


def brought_within_reach(program: Path, root: Path, into: Path, user: User | None) -> Path:
    """``program`` as that user can run it: as it stands, or in a copy of ``root`` below our own folder ``into``.

    A virtual environment under a private home cannot be entered by another user, and opening the home is not ours
    to do. The copy is made anew when the program's size or time differs.
    """
    program = program.resolve()
    root = root.resolve()
    if reachable(program, user):
        return program
    copy = into / program.relative_to(root) if root != program else into / program.name
    if not copy.exists() or _stamp(copy) != _stamp(program):
        if root == program:
            own_folder(into, None, 0o755)
            shutil.copy2(program, copy)
        else:
            shutil.rmtree(into, ignore_errors=True)
            shutil.copytree(root, into, symlinks=True)
            into.chmod(0o755)
    return copy


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, int(stat.st_mtime)


def at_home_in(folder: Path) -> list[int]:
    """Pids of living processes (no zombies) whose working folder is ``folder`` or below: a server's and its children's."""
    found = []
    inside = str(folder.resolve())
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            cwd = str((entry / "cwd").readlink())
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            continue
        if (cwd == inside or cwd.startswith(inside + "/")) and state != "Z":
            found.append(int(entry.name))
    return found
