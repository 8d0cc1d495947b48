"""Witnessing another party's ledger. It must never cosign what does not grow out of all this witness signed before.

A witness sees checkpoints, proofs and the rows that open months, no other row. Two files are its own: the key it signs
with, and the last it saw.
"""

import base64
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import JikimiError, Misconfigured
from jikimi.ledger.checkpoint import Checkpoint, opened
from jikimi.ledger.cosignature import cosigned, witness_key
from jikimi.ledger.growth import Begun, Growth, Offer
from jikimi.ledger.merkle import EMPTY, leaf_hash
from jikimi.ledger.months import Opening
from jikimi.ledger.note import COSIGNER, Note, PublicKey, UnreadableNote, decoded
from jikimi.ledger.proofs import proves_consistency, proves_inclusion

_PRIVATE: Final = "PRIVATE+KEY+"
_SEED: Final = 32
_AFTER: Final = re.compile(r"after ([1-9][0-9]{0,18})")


class NotWitnessed(JikimiError):
    """A checkpoint this witness does not sign."""

    code, status = "not-witnessed", HTTPStatus.CONFLICT
    advice = (
        "Keep both files and look at the ledger together: what was signed by its key and does not fit is the proof."
    )


@dataclass(frozen=True, slots=True)
class Last:
    """Whose ledger, by its public key had from elsewhere, the last checkpoint signed of it, and the rows of earlier months."""

    ledger: PublicKey
    head: Checkpoint
    before: int = 0

    @property
    def size(self) -> int:
        """Rows of all months this witness has signed."""
        return self.before + self.head.size

    @staticmethod
    def read(path: Path) -> "Last":
        """The key in a line, `after N` where months went before, and, once something was witnessed, an empty line and the
        note; raises UnreadableNote.
        """
        top, _, note = _text(path).partition("\n\n")
        key, _, after = top.strip().partition("\n")
        ledger, before = PublicKey.parse(key), _AFTER.fullmatch(after)
        if not note.strip() and not after:
            return Last(ledger, Checkpoint(ledger.name, 0, EMPTY))
        head = opened(note, ledger) if before or not after else None
        if head is None:
            raise UnreadableNote("The last checkpoint in the file is not one of the ledger whose key stands above it.")
        return Last(ledger, head, int(before[1]) if before else 0)

    def written(self, note: str) -> str:
        """What ``read`` reads, with the note of its head."""
        return f"{self.ledger}\n" + (f"after {self.before}\n" if self.before else "") + f"\n{note}"


def witness(last: Path, offered: Path, key: Path, clock: Clock) -> str:
    """Cosign the checkpoint in ``offered`` (c2sp.org/tlog-witness) and keep it in ``last``; the note with our signature.

    Raises NotWitnessed when it does not grow out of the last, UnreadableNote, Misconfigured for the key, OSError.
    Nothing is given out before it is kept: two witnessings with one key never overlap.
    """
    with _held(key) as (name, private):
        known = Last.read(last)
        offer = Offer.parse(_text(offered))
        for step in offer.steps:
            known = _begun(known, step) if isinstance(step, Begun) else _grown(known, step)
        note = str(cosigned(Note.parse(offer.steps[-1].note), name, private, int(clock.unix())))
        Note.parse(note)
        _keep(last, known.written(note))
    return note


def new_key(path: Path, name: str) -> PublicKey:
    """Make a witness's key in a file only its owner may read; raises FileExistsError, UnreadableNote for the name."""
    private = Ed25519PrivateKey.generate()
    public = witness_key(name, private)
    secret = base64.b64encode(COSIGNER + private.private_bytes_raw()).decode()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{_PRIVATE}{name}+{public.id.hex()}+{secret}\n")
        file.flush()
        os.fsync(file.fileno())
    return public


def _grown(known: Last, step: Growth) -> Last:
    """Further in the same log."""
    head, seen = _signed(known, step.note), known.head
    if head.origin != seen.origin:
        raise NotWitnessed(
            f"The checkpoint is of {head.origin}, and this witness last signed {seen.origin}, without the month's beginning."
        )
    if head.size < seen.size:
        raise NotWitnessed(f"The checkpoint has {head.size} rows, and this witness has signed {seen.size} before.")
    if step.old != seen.size:
        raise NotWitnessed(
            f"The proof begins at {step.old} rows, and this witness last signed {seen.size}.", advice=_asked(known)
        )
    if not proves_consistency(seen.size, seen.root, head.size, head.root, step.proof):
        raise NotWitnessed(
            f"The checkpoint of {head.size} rows does not grow out of the {seen.size} rows this witness signed: "
            "rows were changed, or the proof is damaged."
        )
    return Last(known.ledger, head, known.before)


def _begun(known: Last, step: Begun) -> Last:
    """Into the next month, whose first row must name the last of the month before."""
    head, leaf = _signed(known, step.note), leaf_hash(step.body.encode())
    if not proves_inclusion(leaf, 0, head.size, step.proof, head.root):
        raise NotWitnessed(f"The row shown is not the first of {head.origin}, or the proof is damaged.")
    opening = _opening(step.body)
    if opening is None or opening.log != head.origin:
        raise NotWitnessed(f"The row shown does not open {head.origin}.")
    if why := opening.cannot_follow(known.head if known.size else None, known.size, known.ledger.name):
        raise NotWitnessed(f"The row shown {why}", advice=_asked(known))
    return Last(known.ledger, head, known.size)


def _opening(body: str) -> Opening | None:
    try:
        return Opening.of(body)
    except (ValueError, RecursionError):
        return None


def _signed(known: Last, note: str) -> Checkpoint:
    head = opened(note, known.ledger)
    if head is None:
        raise NotWitnessed("The checkpoint is not signed with the key of the ledger this witness knows.")
    return head


def _asked(known: Last) -> str:
    return f"Ask for `jikimi export checkpoint PATH --since {known.size}`."


@contextmanager
def _held(path: Path) -> Iterator[tuple[str, Ed25519PrivateKey]]:
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise Misconfigured(f"Others may read {path}; close it with chmod 600 and replace the key.")
        name, _, rest = file.read().strip().removeprefix(_PRIVATE).partition("+")
        stated, _, encoded = rest.partition("+")
        raw = decoded(encoded) or b""
        if len(raw) != _SEED + 1 or raw[:1] != COSIGNER:
            raise Misconfigured(
                f"{path} is no witness's key.", advice="Make one: `jikimi witness --key FILE --new NAME`."
            )
        private = Ed25519PrivateKey.from_private_bytes(raw[1:])
        if witness_key(name, private).id.hex() != stated:
            raise Misconfigured(f"The key in {path} does not belong to its id.", advice="Restore it from your backup.")
        yield name, private


def _keep(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise UnreadableNote(f"{path.name} is no text.") from None
