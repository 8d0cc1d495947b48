"""The published verifier against the product's own: one file, nothing of ours, the same answers."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.patience import PATIENCE
from tests.unit.test_ledger_verify import (
    KEY,
    ORIGIN,
    OTHER,
    PINNED,
    TAMPERINGS,
    Line,
    Put,
    bodies,
    ledger,
    note_at,
    put,
    row_at,
)

from jikimi.ledger.checkpoint import Checkpoint, signed
from jikimi.ledger.merkle import Frontier

__all__ = ["put"]
SCRIPT = Path(__file__).parents[2] / "docs" / "verify.py"


def verdict(*arguments: Path | str) -> tuple[int, str]:
    """The script as an auditor runs it: isolated, in a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=60 * PATIENCE
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_it_needs_nothing_of_ours() -> None:
    """The script imports the standard library and, where it is there, one package; never the program it judges."""
    found = {
        (node.names[0].name if isinstance(node, ast.Import) else str(node.module)).partition(".")[0]
        for node in ast.walk(ast.parse(SCRIPT.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found - {"cryptography"} <= sys.stdlib_module_names


def test_it_can_be_read_in_one_sitting() -> None:
    """Some two hundred lines of code, so that whoever relies on it can have read all of it."""
    tree, said = ast.parse(SCRIPT.read_text()), set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = [
        line for number, line in enumerate(SCRIPT.read_text().splitlines(), 1) if line.strip() and number not in said
    ]
    assert len(lines) <= 220


def test_it_says_what_it_lacks() -> None:
    """Where the one package it needs is not installed, it says so in a sentence and judges nothing."""
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT, "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Ed25519 is not in Python's standard library: pip install cryptography\n"


def test_an_honest_ledger_holds(put: Put) -> None:
    """An honest export verifies, with or without what another party kept, and says on whose word."""
    lines = ledger(bodies())
    path, kept = put(lines), put(lines[note_at(lines, 4)]["checkpoint"], "kept.txt")
    code, said = verdict(path)
    assert (code, "The ledger verifies." in said, "from the file itself" in said) == (0, True, True)
    code, said = verdict(path, "--checkpoint", kept, "--key", PINNED)
    assert code == 0
    assert "The first 4 are vouched for" in said


@pytest.mark.parametrize(("tamper", "row", "words"), TAMPERINGS)
def test_tampering_is_named_alike(put: Put, tamper: Callable[[list[Line]], None], row: int | None, words: str) -> None:
    """Whatever breaks for `jikimi verify` breaks here, and the same row is named."""
    lines = ledger(bodies())
    tamper(lines)
    code, said = verdict(put(lines))
    assert code == 1
    assert "does NOT verify" in said
    if row is not None and words.startswith("Row"):
        assert words.partition(",")[0].partition(":")[0].removesuffix(".") in said


def test_a_rewritten_ledger_signed_with_its_own_key_is_named(put: Put) -> None:
    """Who holds database and key is caught by what another party kept: the row, or the rows between two checkpoints."""
    honest, forged = ledger(bodies()), put(ledger(bodies({5: 99})))
    assert verdict(forged, "--key", PINNED)[0] == 0
    code, said = verdict(forged, "--checkpoint", put(ledger(bodies()[:8]), "earlier.jsonl"))
    assert (code, "Row 5 is another one than in the copy you hold." in said) == (1, True)
    notes = put([line for line in honest if "checkpoint" in line], "notes.jsonl")
    code, said = verdict(forged, "--checkpoint", notes)
    assert (code, "Rows 4 to 7 are not what your checkpoint of size 8 was signed over." in said) == (1, True)
    last = put(honest[-1]["checkpoint"], "last.txt")
    assert (
        f"covers 10 rows of {ORIGIN}, and the file has 8" in verdict(put(ledger(bodies()[:8])), "--checkpoint", last)[1]
    )


def test_what_was_kept_must_be_of_this_ledger(put: Put) -> None:
    """A fork, another ledger's checkpoint, an earlier copy with a gap and an empty one vouch for nothing."""
    path, gap = put(ledger(bodies())), ledger(bodies())
    del gap[row_at(gap, 5)]
    both = [line for text in (bodies(), bodies({5: 99})) for line in ledger(text, [10]) if "checkpoint" in line]
    for kept, words in (
        (both, "forked"),
        (ledger(bodies(), key=OTHER)[-1]["checkpoint"], "of another ledger"),
        (signed(Checkpoint("other.example", 0, Frontier().root()), KEY), "of another ledger"),
        (gap, "Row 5 is missing."),
        (ledger(bodies(), []), "no checkpoint"),
        (b"\xff", "cannot be read"),
        ("hello", "cannot be read"),
    ):
        code, said = verdict(path, "--checkpoint", put(kept, "kept"))
        assert (code, words in said) == (1, True), said


@pytest.mark.parametrize(
    "raw", [b"{\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"7\n", b'{"seq":0}\n', b'{"checkpoint":7}\n', b"1" * 5000]
)
def test_a_line_nobody_wrote_is_a_break(put: Put, raw: bytes) -> None:
    """Garbage is a break and never a crash, wherever it stands."""
    whole = put(ledger(bodies())).read_bytes().split(b"\n")
    for text in (raw, whole[0] + b"\n" + raw, b"\n".join(whole[:5]) + b"\n" + raw):
        assert verdict(put(text))[0] == 1
    assert verdict(put(b"").parent)[0] == 1
