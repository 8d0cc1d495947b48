#!/usr/bin/env python3
"""Verify an export of the ledger from its files alone: a second opinion that imports nothing of Jikimi.

    python3 verify.py EXPORT [--checkpoint FILE] [--key KEY] [--witness KEY]

FILE: what another party kept, a signed checkpoint or an earlier export. KEY: a public key, name+id+base64, had from
anywhere but the file: the ledger's, and that of a witness who signed what was kept. Prints what holds, or the first thing
that does not; exit 0, or 1.

Python 3.10 or later and its standard library, Ed25519 (RFC 8032) included; where the package `cryptography` is there,
it checks the signatures instead, seventy times faster (0.07 ms each, not 5). It must never ask a network, nor trust a
line it has not hashed.
The formats: RFC 6962 section 2.1, c2sp.org/signed-note, tlog-checkpoint and tlog-cosignature, and reference/ledger.md.
"""

import argparse
import base64
import json
import sys
from hashlib import sha256, sha512
from pathlib import Path

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class Broken(Exception):
    """The first thing that does not hold, in a sentence."""


def point(raw: bytes) -> "tuple[int, int, int, int] | None":
    """The curve's point in 32 bytes, extended coordinates (RFC 8032, 5.1.3); None when there is none."""
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    u, v = y * y - 1, D * y * y + 1
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or v * x * x % P != u % P or (x == 0 and raw[31] >> 7):
        return None
    x = P - x if x & 1 != raw[31] >> 7 else x
    return x, y, 1, x * y % P


def added(one: "tuple[int, int, int, int]", other: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    """The sum of two points (RFC 8032, 5.1.4)."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]), (one[1] + one[0]) * (other[1] + other[0])
    c, d = 2 * one[3] * other[3] * D, 2 * one[2] * other[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, base: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    """A multiple of a point."""
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = added(result, base)
        base, scalar = added(base, base), scalar >> 1
    return result


def plainly_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether it is that key's Ed25519 signature (RFC 8032, 5.1.7), with nothing but this file."""
    key, base, s = point(public), point((4 * pow(5, -1, P) % P).to_bytes(32, "little")), signature[32:]
    if key is None or base is None or len(signature) != 64 or int.from_bytes(s, "little") >= L:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    minus = (P - key[0], key[1], 1, P - key[3])
    x, y, z, _ = added(times(int.from_bytes(s, "little"), base), times(challenge, minus))
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def quickly_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """The same, by the package `cryptography`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    signed = plainly_signed
else:
    signed = quickly_signed


def unpacked(text: str) -> bytes:
    """The bytes of base64 in its only form; raises ValueError."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not the only form of base64")
    return raw


class Key:
    """A public key, name+id+base64 (c2sp.org/signed-note), of a ledger (1) or a witness (4); raises ValueError."""

    def __init__(self, written: str, kind: int = 1) -> None:
        self.written = written.strip()
        if not self.written.isprintable():
            raise ValueError("a key that could fool a reader")
        self.name, stated, encoded = self.written.split("+", 2)
        raw = unpacked(encoded)
        self.kind, self.id, self.raw = kind, sha256(self.name.encode() + b"\n" + raw).digest()[:4], raw[1:]
        if len(raw) != 33 or raw[0] != kind or self.id.hex() != stated:
            raise ValueError("no Ed25519 key whose id is its own")

    def opens(self, note: str) -> bool:
        """Whether the key signed the note; a wrong signature of this key beside a right one is wrong."""
        text, _, lines = note.rpartition("\n\n")
        ours = []
        for line in lines.removesuffix("\n").split("\n"):
            dash, name, encoded = line.split(" ")
            raw = unpacked(encoded)
            if dash != "\u2014":
                raise ValueError("no signature line")
            if (name, raw[:4]) == (self.name, self.id):
                at = raw[4:12] if self.kind == 4 else b""
                line_of_time = f"cosignature/v1\ntime {int.from_bytes(at, 'big')}\n" if at else ""
                ours.append(signed(self.raw, f"{line_of_time}{text}\n".encode(), raw[4 + len(at) :]))
        return bool(ours) and all(ours)


def head(note: str) -> "tuple[str, int, bytes]":
    """What a checkpoint says: origin, size, root; raises ValueError."""
    text, gap, _ = note.rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    if not gap or not size.isascii() or not size.isdecimal() or str(int(size)) != size or len(unpacked(root)) != 32:
        raise ValueError("no checkpoint")
    return origin, int(size), unpacked(root)


class Tree:
    """The hash tree of RFC 6962, 2.1, as the roots of its full subtrees, the largest first."""

    def __init__(self) -> None:
        self.size, self.peaks = 0, list[bytes]()

    def append(self, leaf: bytes) -> None:
        """Grow by a leaf's hash."""
        self.peaks.append(leaf)
        self.size += 1
        full = self.size
        while full % 2 == 0:
            right, left = self.peaks.pop(), self.peaks.pop()
            self.peaks.append(sha256(b"\x01" + left + right).digest())
            full //= 2

    def root(self) -> bytes:
        """The root over all leaves so far."""
        root = self.peaks[-1] if self.peaks else sha256(b"").digest()
        for peak in self.peaks[-2::-1]:
            root = sha256(b"\x01" + peak + root).digest()
        return root


class Kept:
    """What another party kept: roots by size, and the leaves of an earlier export; raises Broken, ValueError."""

    def __init__(self, path: "Path | None", key: Key, origin: str, witness: "Key | None") -> None:
        self.witnessed = 0
        self.heads, self.leaves, notes = dict[int, bytes](), list[str](), list[str]()
        text = path.read_text("utf-8") if path else ""
        for line in map(json.loads, filter(None, text.split("\n"))) if text.startswith("{") else ():
            notes += [line["checkpoint"]] if "checkpoint" in line else []
            if line.get("seq", len(self.leaves)) != len(self.leaves):
                raise Broken("Your earlier copy has a gap in its rows.")
            self.leaves += [line["leaf"]] if "seq" in line else []
        for note in notes if text.startswith("{") else filter(None, [text]):
            said, size, root = head(note)
            if not key.opens(note) or said != origin:
                raise Broken("Your checkpoint is of another ledger, or not signed with its key.")
            if self.heads.setdefault(size, root) != root:
                raise Broken(f"You hold two different checkpoints of size {size}: the ledger was forked.")
            self.witnessed = max(self.witnessed, size if witness and witness.opens(note) else 0)
        if path and not self.heads:
            raise Broken("There is no checkpoint in the checkpoint file.")
        if witness and not self.witnessed:
            raise Broken(f"The witness {witness.name} has signed nothing of what you hold.")


def rows(first: int, last: int) -> str:
    """Rows in words."""
    return f"Row {first} is" if first == last else f"Rows {first} to {last} are"


class Walk:
    """One pass over an export: ``covered`` rows under its last checkpoint, ``anchored`` under what another party kept."""

    def __init__(self, origin: str, claimed: int, key: Key, kept: Kept) -> None:
        self.origin, self.claimed, self.key, self.kept = origin, claimed, key, kept
        self.tree, self.covered, self.anchored, self.notes = Tree(), 0, 0, 0

    def row(self, number: int, body: str, leaf: str, name: "tuple[str, str]") -> None:
        """The next row: its number, its text, its one way of being written, its place in what was kept."""
        if number > self.tree.size:
            raise Broken(f"{rows(self.tree.size, number - 1)} missing.")
        if number < self.tree.size:
            raise Broken(f"Row {number} stands where row {self.tree.size} belongs.")
        if number >= self.claimed:
            raise Broken(f"Row {number} is more than the {self.claimed} rows the file claims.")
        if sha256(b"\x00" + body.encode("utf-8", "surrogatepass")).hexdigest() != leaf:
            raise Broken(f"Row {number} was altered: its text is not what was sealed.")
        said = json.loads(body)
        plain = all(isinstance(value, str | int | None) for value in said.values())
        if not plain or json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False) != body:
            raise Broken(f"Row {number} was sealed as something no ledger writes.")
        if (said["id"], said["at"]) != name:
            raise Broken(f"Row {number} was altered: its id or time is not that of its sealed text.")
        if number < len(self.kept.leaves) and self.kept.leaves[number] != leaf:
            raise Broken(f"Row {number} is another one than in the copy you hold.")
        self.tree.append(bytes.fromhex(leaf))
        if (size := self.tree.size) in self.kept.heads:
            if self.kept.heads[size] != self.tree.root():
                raise Broken(f"{rows(self.anchored, number)} not what your checkpoint of size {size} was signed over.")
            self.anchored = size

    def note(self, number: int, note: str) -> None:
        """A checkpoint in that line: signed by the key, of this ledger, of exactly the rows before it."""
        origin, size, root = head(note)
        if not self.key.opens(note):
            raise Broken(f"The checkpoint of size {size} in line {number} is not signed with the key.")
        if origin != self.origin:
            raise Broken(f"The checkpoint in line {number} is of another ledger, {origin!r}.")
        if size != self.tree.size:
            raise Broken(f"The checkpoint of size {size} stands after {self.tree.size} rows.")
        if root != self.tree.root():
            what = f"not what the checkpoint of size {size} was signed over."
            raise Broken(f"{rows(self.covered, size - 1)} {what}")
        self.covered, self.notes = size, self.notes + 1

    def finish(self) -> None:
        """The file is as long as it claims and as what was kept, and signed to its end."""
        size, longest = self.tree.size, max(self.kept.heads, default=0)
        if size < self.claimed:
            raise Broken(f"The file is cut short: {rows(size, self.claimed - 1)} missing.")
        if self.covered < size or not size:
            raise Broken(f"No checkpoint that holds covers the last {size - self.covered} rows.")
        if longest > size:
            raise Broken(f"Your checkpoint covers {longest} rows, and the file has {size}.")


def verify(path: Path, checkpoint: "Path | None", pinned: "str | None", witness: "str | None") -> "list[str]":
    """What holds, in sentences; raises Broken at the first thing that does not, and UNREADABLE."""
    with path.open(encoding="utf-8", newline="\n") as file:
        header = json.loads(file.readline())
        key, origin = Key(pinned or header["key"]), header["origin"]
        walk = Walk(origin, header["size"], key, Kept(checkpoint, key, origin, Key(witness, 4) if witness else None))
        for number, text in enumerate(file, 2):
            try:
                line = json.loads(text)
                if "checkpoint" in line:
                    walk.note(number, line["checkpoint"])
                else:
                    walk.row(line["seq"], line["body"], line["leaf"], (line["id"], line["at"]))
            except UNREADABLE:
                raise Broken(f"Line {number} cannot be read.") from None
    walk.finish()
    return [
        f"{walk.covered} rows of {origin!r} as they were sealed, under {walk.notes} checkpoints of {key.written}.",
        f"The first {walk.anchored} are vouched for by what you kept; for the rest only the key speaks.",
        f"The first {walk.kept.witnessed} were witnessed by {witness}." if witness else "No witness was asked for.",
        "The key is the one you gave." if pinned else "The key was taken from the file itself: give it with --key.",
    ]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Verify an export of the ledger from its files alone.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--checkpoint", type=Path, help="what another party kept")
    parser.add_argument("--key", help="the ledger's public key, name+id+base64")
    parser.add_argument("--witness", help="the public key of a witness who signed what was kept")
    given = parser.parse_args()
    try:
        said = [f"holds   {one}" for one in verify(given.export, given.checkpoint, given.key, given.witness)]
        said.append("The ledger verifies.")
    except (Broken, OSError) as error:
        said = [f"BREAKS  {error}", "The ledger does NOT verify."]
    except UNREADABLE:
        said = ["BREAKS  The header, the key or the checkpoint file cannot be read.", "The ledger does NOT verify."]
    sys.stdout.write("\n".join(said) + "\n")
    return 0 if said[-1] == "The ledger verifies." else 1


if __name__ == "__main__":
    sys.exit(main())
