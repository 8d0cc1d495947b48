"""A witness signs what grew out of all it signed before, and nothing else."""

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.unit.test_ledger_verifier import verdict
from tests.unit.test_ledger_verify import KEY, ORIGIN, OTHER, PINNED, Put, bodies, ledger, note_at, put, sentences
from typer.testing import CliRunner

from jikimi.cli.main import app
from jikimi.kernel.errors import JikimiError, Misconfigured
from jikimi.kernel.units import UnixTime
from jikimi.ledger.checkpoint import Checkpoint, signed
from jikimi.ledger.cosignature import cosigned, cosigned_at, witness_key
from jikimi.ledger.growth import Growth, Offer
from jikimi.ledger.merkle import Hash, leaf_hash, root_of
from jikimi.ledger.note import COSIGNER, Note, PublicKey, Signature, UnreadableNote, sign
from jikimi.ledger.proofs import consistency_proof
from jikimi.ledger.verify import verify
from jikimi.ledger.witness import Last, NotWitnessed, new_key, witness

__all__ = ["put"]
NAME = "justice.example/witness"


class Now:
    """A clock that stands."""

    def unix(self) -> UnixTime:
        """Always the same moment."""
        return UnixTime(1_780_000_000.9)


def leaves(change: dict[int, int] | None = None) -> list[Hash]:
    return [leaf_hash(text.encode()) for text in bodies(change)]


def growth(old: int, size: int, change: dict[int, int] | None = None, key: Ed25519PrivateKey = KEY) -> str:
    """What a site sends its witness; ``change`` as another history would have it."""
    rows = leaves(change)[:size]
    return str(Growth(old, tuple(consistency_proof(rows, old)), signed(Checkpoint(ORIGIN, size, root_of(rows)), key)))


class Party:
    """A witness with its files."""

    def __init__(self, folder: Path) -> None:
        self.key, self.last, self.offered = folder / "key", folder / "last", folder / "offered"
        self.public = new_key(self.key, NAME)
        self.last.write_text(PINNED + "\n")

    def sees(self, text: str) -> str:
        """The note it signs, or whatever it raises."""
        self.offered.write_text(text)
        return witness(self.last, self.offered, self.key, Now())


@pytest.fixture
def party(tmp_path: Path) -> Party:
    return Party(tmp_path)


def test_a_growing_ledger_is_witnessed_step_by_step(party: Party) -> None:
    """Each checkpoint that grew out of the last is signed with the time, kept, and the site's own line stays."""
    for old, size in ((0, 3), (3, 8), (8, 8), (8, 10)):
        note = Note.parse(party.sees(growth(old, size)))
        assert cosigned_at(note, party.public) == 1_780_000_000
        assert note.signed_by(PublicKey.parse(PINNED))
        assert Last.read(party.last).head == Checkpoint(ORIGIN, size, root_of(leaves()[:size]))
        assert party.last.read_text() == f"{PINNED}\n\n{note}"


@pytest.mark.parametrize(
    ("offered", "sentence"),
    [
        (growth(4, 10, {1: 99}), "does not grow out of the 4 rows"),
        (growth(4, 4, {1: 99}), "does not grow out of the 4 rows"),
        (growth(0, 10), "The proof begins at 0 rows, and this witness last signed 4."),
        (growth(0, 3), "The checkpoint has 3 rows, and this witness has signed 4 before."),
        (growth(4, 10, key=OTHER), "not signed with the key of the ledger"),
        (growth(4, 10).replace(f"\n{ORIGIN}\n10", f"\n{ORIGIN}\n9"), "not signed with the key of the ledger"),
        (str(Growth(4, (), signed(Checkpoint("x", 9, leaf_hash(b"")), KEY))), "not signed with the key of the ledger"),
    ],
)
def test_what_did_not_grow_out_of_it_is_not_signed(party: Party, offered: str, sentence: str) -> None:
    """Another history, a shorter one, another ledger's or another key's is refused, and what was last signed stays."""
    party.sees(growth(0, 4))
    before = party.last.read_text()
    with pytest.raises(NotWitnessed, match=sentence):
        party.sees(offered)
    assert party.last.read_text() == before
    assert sorted(path.name for path in party.last.parent.iterdir()) == ["key", "last", "offered"]


def test_one_key_s_two_ledgers_are_two(party: Party) -> None:
    """A checkpoint of another origin is not witnessed, though the right key signed it under its own name."""
    other = sign(Checkpoint("other.example", 3, root_of(leaves()[:3])).text(), ORIGIN, KEY)
    with pytest.raises(NotWitnessed):
        party.sees(str(Growth(0, (), str(other))))


@pytest.mark.parametrize(
    "offered",
    [
        "",
        "old 0\n",
        "old 00\n\nx",
        "old -1\n\nx",
        "new 0\n\nx",
        "old 0\nAAAA\n\nx",
        "old 0\n!\n\nx",
        "old 0\n" + ("A" * 43 + "=\n") * 64 + "\nx",
        "old 0\n\nhello",
        "new 0\n\nx\n\ny\n",
        "old 00\n\nx\n\ny\n",
        "old 0\nAAAA\n\nx\n\ny\n",
        "old 0\n" + ("A" * 43 + "=\n") * 64 + "\nx\n\ny\n",
        growth(0, 3).partition("\n\n")[2],
    ],
)
def test_what_is_no_proof_is_refused(party: Party, offered: str) -> None:
    """A checkpoint comes with its proof exactly as its standard says, or is not looked at."""
    with pytest.raises(UnreadableNote):
        party.sees(offered)


def test_a_proof_is_read_as_it_was_written() -> None:
    """What travels comes back as it was, with and without hashes."""
    for text in (growth(0, 10), growth(7, 10)):
        assert str(Offer.parse(text)) == text


@pytest.mark.parametrize(
    "last", ["", "hello\n", f"{PINNED}\n\nhello", f"{PINNED}\n\n{growth(0, 3, key=OTHER)[7:]}", "\udcff"]
)
def test_a_witness_that_does_not_know_what_it_saw_signs_nothing(party: Party, last: str) -> None:
    """Without the ledger's key, or with a last checkpoint that is not that key's, there is nothing to compare with."""
    party.last.write_bytes(last.encode(errors="surrogateescape"))
    with pytest.raises(UnreadableNote):
        party.sees(growth(0, 3))


def test_a_witness_s_key_is_its_own(party: Party) -> None:
    """The key is made once, readable by its owner alone, and refused when others may read it or it is damaged."""
    assert stat.S_IMODE(party.key.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        new_key(party.key, NAME)
    with pytest.raises(UnreadableNote):
        new_key(party.key.with_name("other"), "two words")
    assert not party.key.with_name("other").exists()
    whole = party.key.read_text()
    for spoilt in ("", "hello", whole.replace(NAME, "other.example"), whole.replace("+B", "+A")):
        party.key.write_text(spoilt)
        with pytest.raises(Misconfigured):
            party.sees(growth(0, 3))
    party.key.write_text(whole)
    party.key.chmod(0o640)
    with pytest.raises(Misconfigured, match="Others may read"):
        party.sees(growth(0, 3))


def test_a_cosignature_is_written_as_its_standard_says() -> None:
    """The signed message is two lines and the note's text, the line is key id, time and signature, the key of kind 4."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = witness_key(NAME, key)
    note = cosigned(Note.parse(signed(Checkpoint(ORIGIN, 3, root_of(leaves()[:3])), KEY)), NAME, key, 1_679_315_147)
    raw = note.signatures[-1].raw
    example = "GFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    standard = Note.parse(f"x\n\n\u2014 witness.example.com/w1 jWbPPwAAAABk{example}\n").signatures[0].raw
    assert (raw[:8], len(raw)) == (standard[:8], len(standard))
    key.public_key().verify(raw[8:], b"cosignature/v1\ntime 1679315147\n" + note.text.encode())
    assert PublicKey.parse(str(public), COSIGNER) == public
    with pytest.raises(UnreadableNote, match="a ledger's"):
        PublicKey.parse(str(public))
    with pytest.raises(UnreadableNote, match="a witness's"):
        PublicKey.parse(PINNED, COSIGNER)


def test_signing_again_leaves_one_line(party: Party) -> None:
    """A witness that signs the same checkpoint later replaces its own line; a wrong one beside a right one is wrong."""
    once = Note.parse(party.sees(growth(0, 3)))
    offered = "old 3\n\n" + str(once)
    again = Note.parse(party.sees(offered))
    assert len(again.signatures) == 2
    spoilt = Note(once.text, (*once.signatures, *cosigned(Note("x\n", ()), NAME, OTHER, 5).signatures))
    assert cosigned_at(spoilt, party.public) == 1_780_000_000
    line = once.signatures[-1]
    for raw in (line.raw[:-1] + bytes([line.raw[-1] ^ 1]), line.raw[:8]):
        wrong = Note(once.text, (*once.signatures, Signature(line.name, line.key_id, raw)))
        assert cosigned_at(wrong, party.public) is None


def test_verify_says_who_witnessed(put: Put, party: Party) -> None:
    """With the witness's key `verify`, and the published verifier, say how many rows it vouches for, and since when."""
    party.sees(growth(0, 4))
    kept, path = put(party.sees(growth(4, 8)), "kept.txt"), put(ledger(bodies()))
    key = str(party.public)
    report = verify(path, kept, PINNED, [key])
    assert report.ok
    assert f"The first 8 rows were witnessed by {NAME} on 2026-05-28T20:26:40Z." in report.holds
    assert report.as_json()["witnesses"] == [{"name": NAME, "rows": 8, "at": 1_780_000_000}]
    code, said = verdict(path, "--checkpoint", kept, "--key", PINNED, "--witness", key)
    assert (code, f"The first 8 were witnessed by {key}." in said) == (0, True)
    report = verify(path, kept, PINNED)
    assert f"What {NAME} signed on your checkpoint was not checked: give the key with --witness." in report.notes


def test_a_witness_who_did_not_sign_is_a_break(put: Put, party: Party) -> None:
    """A witness asked for that signed nothing, or whose line is another's, or wrong, is said aloud."""
    lines, key = ledger(bodies()), str(party.public)
    path, bare = put(lines), lines[note_at(lines, 8)]["checkpoint"]
    forged = str(cosigned(Note.parse(bare), NAME, OTHER, 5))
    note = Note.parse(bare)
    short = str(Note(note.text, (*note.signatures, Signature(NAME, party.public.id, b"x"))))
    for text in (bare, forged, short):
        kept = put(text, "kept.txt")
        assert f"The witness {NAME} has signed nothing of what you hold." in sentences(
            verify(path, kept, PINNED, [key])
        )
        assert verdict(path, "--checkpoint", kept, "--witness", key)[0] == 1
    assert not verify(path, witnesses=[key]).ok
    assert verdict(path, "--witness", key)[0] == 1
    assert verdict(path, "--witness", PINNED)[0] == 1
    with pytest.raises(UnreadableNote):
        verify(path, witnesses=[PINNED])


def test_a_ledger_rewritten_by_its_own_site_is_caught_by_its_witness(put: Put, party: Party) -> None:
    """The site holds table and key and even the file handed in; what another key cosigned it cannot write again."""
    kept = put(party.sees(growth(0, 8)), "kept.txt")
    report = verify(put(ledger(bodies({5: 99}))), kept, PINNED, [str(party.public)])
    assert (report.breaks[0].row, report.breaks[0].through) == (0, 7)
    assert not [one for one in report.holds if "witnessed" in one]


def test_a_time_beyond_every_calendar_is_still_said(put: Put) -> None:
    """A witness's clock may say anything; verifying does not fall over it."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    lines = ledger(bodies())
    note = cosigned(Note.parse(lines[-1]["checkpoint"]), NAME, private, 2**63)
    report = verify(put(lines), put(str(note), "kept"), PINNED, [str(witness_key(NAME, private))])
    assert report.ok
    assert str(2**63) in " ".join(report.holds)


def test_the_command_witnesses(party: Party, put: Put) -> None:
    """`jikimi witness` makes a key, signs, prints the signed note, and says in a sentence why it does not."""
    run, key = CliRunner(), party.key.with_name("made")
    made = run.invoke(app, ["witness", "--key", str(key), "--new", NAME])
    assert PublicKey.parse(made.output, COSIGNER).name == NAME
    party.offered.write_text(growth(0, 8))
    files = ["--last", str(party.last), "--checkpoint", str(party.offered), "--key", str(key)]
    done = run.invoke(app, ["witness", *files])
    assert done.exit_code == 0
    kept, path = put(done.output, "kept"), put(ledger(bodies()))
    checked = run.invoke(app, ["verify", str(path), "--checkpoint", str(kept), "--witness", made.output, "--json"])
    assert json.loads(checked.output)["witnesses"][0]["rows"] == 8
    party.offered.write_text(growth(8, 10, {5: 99}))
    for arguments in (
        files,
        ["--key", str(key)],
        ["--key", str(key), "--new", NAME],
        ["--last", "nowhere", *files[2:]],
    ):
        done = run.invoke(app, ["witness", *arguments])
        assert done.exit_code == 1
        assert done.output
        assert "Traceback" not in done.output


def test_a_refusal_says_what_to_do() -> None:
    """What a witness refuses is a sentence and advice, as every failure's is."""
    assert issubclass(NotWitnessed, JikimiError)
    assert NotWitnessed("x").problem()["code"] == "not-witnessed"
