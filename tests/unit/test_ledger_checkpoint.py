"""Notes and checkpoints as their standards write them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jikimi.ledger.checkpoint import Checkpoint, opened, signed
from jikimi.ledger.merkle import EMPTY, leaf_hash
from jikimi.ledger.note import Note, PublicKey, UnreadableNote, public_key, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "police.example/ledger"
# The example in the documentation of golang.org/x/mod/sumdb/note (BSD licence): a note, and the key that signed it.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_elsewhere_is_signed_here() -> None:
    """A note and key made by the format's first implementation verify and are written back to the byte."""
    key, note = PublicKey.parse(GO_KEY), Note.parse(GO_NOTE)
    assert note.signed_by(key)
    assert str(note) == GO_NOTE
    assert str(key) == GO_KEY


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    """The note reads as c2sp.org/tlog-checkpoint says, and comes back as it was."""
    checkpoint = Checkpoint(NAME, 7, leaf_hash(b"x"))
    note = signed(checkpoint, KEY)
    lines = note.split("\n")
    assert lines[:2] == [NAME, "7"]
    assert lines[3] == ""
    assert lines[4].startswith(f"\u2014 {NAME} ")
    assert lines[5:] == [""]
    assert opened(note, public_key(NAME, KEY)) == checkpoint


def test_a_standard_s_own_example_is_read() -> None:
    """The example of the standard parses, though its key is not given there."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert Checkpoint.parse(text).size == 20852163


def test_another_key_of_the_same_name_signs_nothing() -> None:
    """Only the key that was asked for counts, whatever name a signature bears."""
    note = signed(Checkpoint(NAME, 7, EMPTY), KEY)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert opened(note, public_key(NAME, other)) is None
    assert opened(note, public_key("other.example", KEY)) is None


def test_a_changed_word_breaks_the_signature() -> None:
    """A signature holds for exactly the text it was made over."""
    note = signed(Checkpoint(NAME, 7, EMPTY), KEY)
    assert opened(note.replace("\n7\n", "\n8\n"), public_key(NAME, KEY)) is None


def test_another_party_s_signature_is_passed_over() -> None:
    """Witnesses may add lines; a wrong line of our own key beside a right one is still wrong."""
    checkpoint = Checkpoint(NAME, 7, EMPTY)
    ours = Note.parse(signed(checkpoint, KEY))
    witness = sign(checkpoint.text(), "witness.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    both = Note(ours.text, (*witness.signatures, *ours.signatures))
    assert opened(str(both), public_key(NAME, KEY)) == checkpoint
    spoilt = sign(checkpoint.text() + "more\n", NAME, KEY)
    assert not Note(ours.text, (*ours.signatures, *spoilt.signatures)).signed_by(public_key(NAME, KEY))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "\n\n",
        "text\n\n",
        "text\n\u2014 a AAAAAAA=\n",
        "text\n\n\u2014 a AAAAAAA=",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n\u2014 a\n",
        "text\n\n\u2014 a AAAAAA==\n",
        "text\n\n\u2014 a AAAAAAA\n",
        "text\n\n\u2014 a AAAAAAB=\n",
        "text\n\n\u2014 a+b AAAAAAA=\n",
        "text\n\n\u2014  AAAAAAA=\n",
        "text\n\n\u2014 a é\n",
        "te\rxt\n\n\u2014 a AAAAAAA=\n",
        "te\ud800xt\n\n\u2014 a AAAAAAA=\n",
        "x" * 70_000 + "\n\n\u2014 a AAAAAAA=\n",
        "text\n\n" + "\u2014 a AAAAAAA=\n" * 101,
    ],
)
def test_what_is_no_note_is_refused(written: str) -> None:
    """A note is read exactly as its standard says or not at all."""
    with pytest.raises(UnreadableNote):
        Note.parse(written)


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        "a\n\n1\n",
        "a\n01\nAAAA\n",
        "a\n-1\nAAAA\n",
        "a\n1\nAAAA\n",
        "a\n1\n!\n",
        "a\n1\n" + "A" * 43 + "=\n\nx\n",
        "",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """A size with leading zeros, a short root or a missing line is no checkpoint."""
    with pytest.raises(UnreadableNote):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("Peter", "Pe ter"),
        "a+00000000+AAAA",
        "a+00000000+!",
        "a+00000000+Ag" + "A" * 42,
        "+" + GO_KEY.partition("+")[2],
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    """A key whose id, name or bytes do not belong together is no key."""
    with pytest.raises(UnreadableNote):
        PublicKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u3000b", "a\nb", "\ud800"])
def test_a_key_s_name_has_neither_spaces_nor_a_plus(name: str) -> None:
    """A name that could be read as two is never signed under."""
    with pytest.raises(UnreadableNote):
        public_key(name, KEY)
