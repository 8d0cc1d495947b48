"""Secrets of this installation: made at first use, kept in files only the owner may read. It must never have a default."""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.kernel.errors import Misconfigured
from jikimi.store.custody import INSTALLATION, Custody, Kind

_BYTES = 32
_MATCH = ("person-match", "person-match-next")
"""Where earlier editions kept the key by which numbers are compared, and the one that was to take its place."""


class Vault:
    """The folder ``secrets`` below the data folder, mode 0700, one file a secret, mode 0600."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "secrets"

    def key(self, name: str) -> bytes:
        """32 random bytes, the same at every call; raises Misconfigured when the file is not as we wrote it."""
        path = self.folder / f"{name}.key"
        if not path.exists():
            self._write(path, secrets.token_hex(_BYTES))
        return self._read(path)

    def _read(self, path: Path) -> bytes:
        if path.stat().st_mode & 0o077:
            raise Misconfigured(f"Others may read {path}; close it with chmod 600 and replace the secret.")
        try:
            value = bytes.fromhex(path.read_text().strip())
        except ValueError as error:
            raise Misconfigured(f"{path} is not a key; restore it from your backup.") from error
        if len(value) < _BYTES or len(set(value)) < _BYTES // 4:
            raise Misconfigured(f"The key in {path} is weak; remove it to have a new one made.")
        return value

    def give(self, name: str, value: bytes) -> None:
        """Put a secret of somebody else's making where :meth:`key` finds it; one that is there already stays."""
        self._write(self.folder / f"{name}.key", value.hex())

    def handed(self, name: str) -> str:
        """A secret somebody else made and put into ``NAME.secret``; raises Misconfigured where it is not, or is open."""
        path = self.folder / f"{name}.secret"
        if not path.is_file():
            raise Misconfigured(f"Put the secret into {path}, readable by its owner alone.")
        if path.stat().st_mode & 0o077:
            raise Misconfigured(f"Others may read {path}; close it with chmod 600 and replace the secret.")
        if not (value := path.read_text().strip()):
            raise Misconfigured(f"{path} is empty.")
        return value

    def password(self, name: str) -> str:
        """The same as text fit for a connection string."""
        return self.key(name).hex()

    def signing_key(self, name: str) -> Ed25519PrivateKey:
        """An Ed25519 key whose seed is that secret."""
        return Ed25519PrivateKey.from_private_bytes(self.key(name)[:_BYTES])

    def custody(self, folder: Path | None = None) -> Custody:
        """The keys to what lies sealed, in a folder beside this one unless another is named; their master is here.

        Raises Misconfigured where there is a master and no keys: what was lost must not be taken for destroyed.
        """
        file = (folder or self.folder.parent / "custody") / "keys"
        if not file.exists() and any(self.folder.glob("custody-*.key")):
            raise Misconfigured(f"The keys are not at {file}; restore them from your backup, or name their folder.")

        def master(generation: int, make: bool) -> bytes:  # noqa: FBT001 - the custody's own question
            name = f"custody-{generation}"
            return self.key(name) if make else self.known(name)

        return Custody(file, master, lambda n: self.forget(f"custody-{n}"))

    def handing_over(self, folder: Path | None = None) -> Custody:
        """The same, for who begins to write: what an earlier edition kept here to compare numbers by lies there from now on."""
        custody = self.custody(folder)
        kept = [name for name in _MATCH if (self.folder / f"{name}.key").exists()]
        if kept:
            custody.adopt(Kind.MATCH, INSTALLATION, [self.key(name) for name in kept])
        for name in kept:
            self.forget(name)
        return custody

    def known(self, name: str) -> bytes:
        """The secret of that name, which must be there; raises Misconfigured."""
        if not (self.folder / f"{name}.key").exists():
            raise Misconfigured(f"The secret {name} is not there; restore it from your backup.")
        return self.key(name)

    def forget(self, name: str) -> None:
        """Overwrite and remove a secret; one that is not there is no error."""
        path = self.folder / f"{name}.key"
        with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
            path.unlink()

    def _write(self, path: Path, text: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Two processes may be first at once: the first file stays, whole.
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()
