"""Sign-ins that were made and not yet shown. It must never keep one that was."""

import json
import os
from pathlib import Path

from jikimi.identity.model import Role, SignIn


def _path(data: Path) -> Path:
    return data / "secrets" / "sign-ins.json"


def keep(data: Path, sign_ins: list[SignIn]) -> None:
    """Keep them where only we may read, until they are shown: a start that dies in between must not lose them."""
    path = _path(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump([[one.name, one.role, one.agency, one.password] for one in sign_ins], file)
        file.flush()
        os.fsync(file.fileno())


def kept(data: Path) -> list[SignIn]:
    """Those that an earlier start made and did not show."""
    try:
        said = json.loads(_path(data).read_text())
    except FileNotFoundError:
        return []
    return [SignIn(name, Role(role), agency, password) for name, role, agency, password in said]


def shown(data: Path) -> None:
    """They were shown: forget them."""
    _path(data).unlink(missing_ok=True)
