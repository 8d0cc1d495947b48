#!/usr/bin/env python3
"""Verify an export of the ledger from its files alone: a second opinion that imports nothing of Jikimi.

    python3 verify.py EXPORT [--checkpoint FILE] [--key KEY] [--witness KEY]

FILE: what another party kept: a signed checkpoint, an earlier export, or a copy of hashes. KEY: a public key, name+id+base64,
had from anywhere but the file: the ledger's, and that of a witness who signed what was kept. Prints what holds, or the first
thing that does not; exit 0, or 1. Needs Python 3.10 and, for Ed25519, which its standard library has not, the package
`cryptography`. It must never ask a network, nor trust a line it has not hashed.
Formats: RFC 6962 section 2.1; c2sp.org/signed-note, tlog-checkpoint and tlog-cosignature; reference/ledger.md.
"""

import argparse
import base64
import json
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("Ed25519 is not in Python's standard library: pip install cryptography")

LINES = [set(one.split()) for one in ("format origin key size", "seq id at body leaf", "seq leaf", "checkpoint")]
HASH, SIZE, MONTH = re.compile("[0-9a-f]{64}"), re.compile("0|[1-9][0-9]{0,18}"), re.compile("[0-9]{4}-(0[1-9]|1[0-2])")
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class Broken(Exception):
    """The first thing that does not hold, in a sentence."""


def unpacked(text: str) -> bytes:
    """The bytes of base64 in its only form; raises ValueError."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not the only form of base64")
    return raw


class Key:
    """A public key, name+id+base64 (c2sp.org/signed-note), of a ledger (1) or a witness (4); raises ValueError."""

    def __init__(self, written: str, kind: int = 1) -> None:
        self.written, self.kind = written.strip(), kind
        self.name, stated, encoded = self.written.split("+", 2)
        self.raw = unpacked(encoded)
        right = self.written.isprintable() and self.id(self.name).hex() == stated
        if not right or len(self.raw) != 33 or self.raw[0] != kind:
            raise ValueError("no Ed25519 key of that kind whose id is its own")

    def id(self, name: str) -> bytes:
        """Its id under a name: a site signs each of its logs under that log's own."""
        return sha256(name.encode() + b"\n" + self.raw).digest()[:4]

    def opens(self, note: str, name: str) -> bool:
        """Whether it signed the note under that name; a wrong signature of this key beside a right one is wrong."""
        (text, _, lines), start, found = note.rpartition("\n\n"), f"\u2014 {name} ", False
        for raw in (unpacked(line[len(start) :]) for line in lines.split("\n") if line.startswith(start)):
            if raw[:4] == self.id(name):
                at = raw[4:12] if self.kind == 4 else b""  # a witness signs its time too
                message = f"cosignature/v1\ntime {int.from_bytes(at, 'big')}\n{text}\n" if at else f"{text}\n"
                try:
                    Ed25519PublicKey.from_public_bytes(self.raw[1:]).verify(raw[4 + len(at) :], message.encode())
                except InvalidSignature:
                    return False
                found = True
        return found


def rows(first: int, last: int) -> str:
    """Rows in words."""
    return f"Row {first} is" if first == last else f"Rows {first} to {last} are"


class Walk:
    """One pass over an export, or over what was kept of it: the month's log, and its tree as the roots of full subtrees."""

    def __init__(self, key: Key, *, whole: bool) -> None:
        self.whole = whole
        self.key, self.log, self.before, self.size, self.peaks = key, key.name, 0, 0, list[bytes]()
        self.claimed, self.covered, self.notes, self.ends, self.leaves = 0, 0, 0, dict[str, int](), bytearray()

    def root(self) -> bytes:
        """The root over the month's rows so far (RFC 6962, 2.1)."""
        root = self.peaks[-1] if self.peaks else sha256(b"").digest()
        for peak in self.peaks[-2::-1]:
            root = sha256(b"\x01" + peak + root).digest()
        return root

    def go(self, path: Path) -> None:
        """All lines of a file; raises Broken at the first that does not hold."""
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                try:
                    line = json.loads(raw)
                    fits = all(isinstance(line[name], int if name in {"seq", "size"} else str) for name in line)
                    if not fits or set(line) not in LINES or not raw.endswith(b"\n"):
                        raise ValueError("no line that we write")
                    if "checkpoint" in line:
                        self.note(line["checkpoint"])
                    elif "seq" in line:
                        self.row(line)
                    else:
                        self.header(line, number)
                except UNREADABLE:
                    raise Broken(f"Line {number} cannot be read.") from None

    def header(self, line: "dict[str, Any]", number: int) -> None:
        """The first line: whose it is, and how many rows it claims."""
        self.claimed = line["size"]
        if number > 1 or line["size"] < 1 or line["format"] not in {"jikimi-ledger/1", "jikimi-ledger/2"}:
            raise ValueError("no header where one belongs")
        if (line["origin"], line["key"].strip()) != (self.key.name, self.key.written):
            raise Broken(f"The file is of {line['origin']!r}, and its key {line['key']}.")

    def row(self, line: "dict[str, Any]") -> None:
        """The next row: its number, and its place in its month's tree."""
        if line["seq"] > self.size:
            raise Broken(f"{rows(self.size, line['seq'] - 1)} missing.")
        if line["seq"] < self.size:
            raise Broken(f"Row {line['seq']} stands where row {self.size} belongs.")
        if not HASH.fullmatch(line["leaf"]):
            raise ValueError("no hash")
        if '"kind":"month.opened"' in line.get("body", ""):
            self.turn(json.loads(line["body"]))
        self.leaves += bytes.fromhex(line["leaf"])
        self.peaks.append(bytes.fromhex(line["leaf"]))
        self.size += 1
        self.ends[self.log] = full = self.size - self.before
        while full % 2 == 0:
            self.peaks[-2:] = [sha256(b"\x01" + self.peaks[-2] + self.peaks[-1]).digest()]
            full //= 2

    def turn(self, said: "dict[str, Any]") -> None:
        """A month's first row says how the one before it ended, so that none can be taken out."""
        log, last = said["log"], (self.log, self.size - self.before, self.root().hex()) if self.size else (None,) * 3
        follows = (said["previous_log"], said["size"], said["digest"]) == last and said["rows_before"] == self.size
        if not follows or self.covered != self.size or log <= self.log or not self.owns(log):
            raise Broken(f"Row {self.size} opens {log} after other rows than stand before it: a month is missing.")
        self.log, self.before, self.peaks = log, self.size, []

    def owns(self, log: str) -> bool:
        """Whether a log is one of the key's: a month's, or the one from before there were months."""
        month = log.removeprefix(f"{self.key.name}/")
        return log == self.key.name or (month != log and MONTH.fullmatch(month) is not None)

    def note(self, note: str) -> "tuple[str, int, bytes]":
        """A checkpoint, signed by the key for one of its logs, and of exactly that log's rows so far, where rows are kept."""
        origin, written, encoded, *more = note.rpartition("\n\n")[0].split("\n")
        root, size, here = unpacked(encoded), int(written), self.size - self.before
        if not SIZE.fullmatch(written) or len(root) != 32 or not all((origin, *more)) or note[-1] != "\n":
            raise ValueError("no checkpoint")
        if not self.owns(origin) or not self.key.opens(note, origin):
            raise Broken(f"A checkpoint of size {size} is of another ledger, {origin!r}, or not signed with the key.")
        if (self.size or self.whole) and (origin, size) != (self.log, here):
            raise Broken(f"The checkpoint of size {size} of {origin} stands after {here} rows of {self.log}.")
        if self.size and root != self.root():
            raise Broken(f"{rows(self.covered, self.size - 1)} not what the checkpoint of size {size} was signed over.")
        self.covered, self.notes = self.size, self.notes + 1
        return origin, size, root


class Kept(Walk):
    """What another party kept: roots by log and size, and hashes of rows as far as the site's own signatures reach."""

    def __init__(self, path: "Path | None", key: Key, witness: "Key | None") -> None:
        super().__init__(key, whole=False)
        self.witness, self.witnessed = witness, set[tuple[str, int]]()
        self.heads = dict[tuple[str, int], bytes]()
        try:
            if path is not None and path.read_bytes()[:1] == b"{":
                self.go(path)
            elif path is not None:
                self.note(path.read_text("utf-8"))
        except Broken as error:
            raise Broken(f"What you kept does not hold. {error}") from None
        del self.leaves[32 * self.covered :]
        if path is not None and not self.heads:
            raise Broken("There is no checkpoint in what you kept.")
        if witness is not None and not self.witnessed:
            raise Broken(f"The witness {witness.name} has signed nothing of what you hold.")

    def note(self, note: str) -> "tuple[str, int, bytes]":
        """A checkpoint; of two that differ, the site has signed two histories."""
        origin, size, root = super().note(note)
        if self.heads.setdefault((origin, size), root) != root:
            raise Broken(f"There are two different checkpoints of size {size}: the ledger was forked.")
        if self.witness is not None and self.witness.opens(note, self.witness.name):
            self.witnessed.add((origin, size))
        return origin, size, root


class Export(Walk):
    """An export, held against what was kept."""

    def __init__(self, key: Key, kept: Kept) -> None:
        super().__init__(key, whole=True)
        self.kept, self.anchored, self.witnessed = kept, 0, 0

    def row(self, line: "dict[str, Any]") -> None:
        """A row: its text, its one way of being written, its place in what was kept."""
        number, body, leaf = line["seq"], line["body"], line["leaf"]
        if number == self.claimed:
            raise Broken(f"Row {number} is more than the {self.claimed} rows the file claims.")
        if number == self.size:
            if sha256(b"\x00" + body.encode("utf-8", "surrogatepass")).hexdigest() != leaf:
                raise Broken(f"Row {number} was altered: its text is not what was sealed.")
            said = json.loads(body)
            plain = all(isinstance(value, str | int | None) for value in said.values())
            if not plain or json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False) != body:
                raise Broken(f"Row {number} was sealed as something no ledger writes.")
            if (said["id"], said["at"]) != (line["id"], line["at"]):
                raise Broken(f"Row {number} was altered: its id or time is not that of its sealed text.")
            if self.kept.leaves[32 * number : 32 * number + 32].hex() not in {leaf, ""}:
                raise Broken(f"Row {number} is another one than in the copy you hold.")
        super().row(line)
        here = (self.log, self.size - self.before)
        if here in self.kept.heads:
            if self.kept.heads[here] != self.root():
                what = f"not what your checkpoint of size {here[1]} was signed over"
                raise Broken(f"{rows(self.anchored, number)} {what}.")
            self.anchored = self.size
            self.witnessed = self.size if here in self.kept.witnessed else self.witnessed

    def finish(self) -> None:
        """The file is as long as it claims and as what was kept, and signed to its end."""
        if self.size < self.claimed or not self.size:
            raise Broken(f"The file is cut short: {rows(self.size, self.claimed - 1)} missing.")
        if self.covered < self.size:
            raise Broken(f"No checkpoint that holds covers the last {self.size - self.covered} rows.")
        for log, size in self.kept.heads:
            if size > self.ends.get(log, 0):
                raise Broken(f"Your checkpoint covers {size} rows of {log}, and the file has {self.ends.get(log, 0)}.")


def verify(path: Path, checkpoint: "Path | None", pinned: "str | None", witness: "str | None") -> "list[str]":
    """What holds, in sentences; raises Broken at the first thing that does not, and UNREADABLE."""
    with path.open("rb") as file:
        key = Key(pinned or json.loads(file.readline())["key"])
    kept = Kept(checkpoint, key, Key(witness, 4) if witness else None)
    walk = Export(key, kept)
    walk.go(path)
    walk.finish()
    return [
        f"{walk.size} rows in {len(walk.ends)} logs of {key.name} as they were sealed, under {walk.notes} checkpoints.",
        f"The first {walk.anchored} are vouched for by what you kept; for the rest only the key speaks.",
        f"The first {walk.witnessed} were witnessed by {witness}." if witness else "No witness was asked for.",
        f"The key is {'the one you gave' if pinned else 'from the file itself, so give it with --key'}: {key.written}.",
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
