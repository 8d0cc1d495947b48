"""A witness follows a ledger from month to month, and no month vanishes, shrinks or forks under its eyes."""

from collections.abc import Callable

import pytest
from tests.ledger_made import MONTHS, PINNED, SITE, Made, made, opening_text, text_of
from tests.unit.test_ledger_verify import OTHER, bodies
from tests.unit.test_ledger_witness import Party, growth, party

from jikimi.ledger.checkpoint import Checkpoint, signed
from jikimi.ledger.cosignature import cosigned_at
from jikimi.ledger.growth import Begun, Growth, Offer
from jikimi.ledger.merkle import EMPTY, Hash, leaf_hash
from jikimi.ledger.months import Opening
from jikimi.ledger.note import Note, UnreadableNote
from jikimi.ledger.proofs import consistency_proof, inclusion_proof
from jikimi.ledger.witness import Last, NotWitnessed

__all__ = ["party"]
TO_MAY = {"2026-04": 3, "2026-05": 6}
MAY = f"{SITE}/2026-05"


def steps(ledger: Made, since: int = 0) -> Offer:
    """What a site sends a witness that has signed ``since`` rows."""
    found: list[Growth | Begun] = []
    last = {head.origin: (after - head.size, head, note) for after, head, note in ledger.notes}
    for first, head, note in last.values():
        leaves = ledger.leaves(first)[: head.size]
        if since <= first:
            found.append(Begun(ledger.texts[first], tuple(inclusion_proof(leaves, 0)), note))
        elif since <= first + head.size:
            found.append(Growth(since - first, tuple(consistency_proof(leaves, since - first)), note))
    return Offer(tuple(found))


def alone(body: str, log: str = MAY, proof: tuple[Hash, ...] = ()) -> str:
    """A month of one row."""
    return str(Offer((Begun(body, proof, signed(Checkpoint(log, 1, leaf_hash(body.encode())), made().key)),)))


def test_months_are_witnessed_one_after_another(party: Party) -> None:
    """Within a month by growth, into the next by its first row; what was signed counts through all months."""
    for months, since, size in (
        ({"2026-04": 3}, 0, 4),
        ({"2026-04": 3, "2026-05": 2}, 4, 7),
        (TO_MAY, 7, 11),
        (TO_MAY, 11, 11),
        (MONTHS, 11, 14),
    ):
        ledger = made(months, every=1)
        note = Note.parse(party.sees(str(steps(ledger, since))))
        assert cosigned_at(note, party.public) == 1_780_000_000
        known = Last.read(party.last)
        assert (known.head, known.size) == (ledger.course.head(), size)
    assert party.last.read_text().startswith(f"{PINNED}\nafter 11\n\n{SITE}/2026-07\n")


@pytest.mark.parametrize("since", [0, 3, 4])
def test_months_a_witness_slept_through_are_shown_in_their_turn(party: Party, since: int) -> None:
    """Whoever comes late is shown each month since, to the ledger's very first."""
    if since:
        party.sees(str(steps(made({"2026-04": since - 1}))))
    offer = steps(made(), since)
    assert len(offer.steps) == 3
    assert str(Offer.parse(str(offer))) == str(offer)
    assert party.sees(str(offer)).startswith(f"{SITE}/2026-07\n3\n")
    assert Last.read(party.last).size == 14


def test_a_ledger_from_before_there_were_months_is_witnessed_into_them(party: Party) -> None:
    """The one log under the site's bare name ends, and the first month names its end."""
    party.sees(growth(0, 10))
    ledger = Made()
    for text in bodies():
        ledger.row(text)
    ledger.sign()
    ledger.month("2026-06")
    ledger.sign()
    party.sees(str(Offer((Growth(10, (), ledger.notes[0][2]), Begun(ledger.texts[10], (), ledger.notes[1][2])))))
    assert Last.read(party.last).size == 11


def july_after_april() -> str:
    """May taken out and July written to follow April, all signed again with the site's own key."""
    return str(Offer((steps(made({"2026-04": 3, "2026-07": 2})).steps[1],)))


def may_lied() -> str:
    """A row that names another log than the checkpoint's."""
    return alone(opening_text(Opening(f"{SITE}/2026-06", 11, Checkpoint(MAY, 7, EMPTY))))


REFUSED: list[tuple[Callable[[], str], str]] = [
    (
        july_after_april,
        "The row shown opens police.example/ledger/2026-07 after 4 rows to .*2026-04.*is 11 rows to .*05",
    ),
    (lambda: str(steps(made(change={6: 99}), 11)), "does not grow out of the 7 rows"),
    (lambda: str(steps(made({**TO_MAY, "2026-07": 2}, change={6: 99}), 11)), "does not grow out of the 7 rows"),
    (lambda: str(Offer((steps(made(change={6: 99})).steps[2],))), "a month is missing or is another one"),
    (lambda: str(steps(made({"2026-04": 3, "2026-05": 2}), 5)), "has 3 rows, and this witness has signed 7 before"),
    (lambda: str(steps(made(), 9)), "The proof begins at 5 rows, and this witness last signed 7."),
    (lambda: str(steps(made(), 2)), "The checkpoint is of .*2026-04, and this witness last signed .*2026-05"),
    (lambda: str(steps(made())), "The row shown opens .*2026-04 after nothing"),
    (may_lied, f"The row shown does not open {MAY}."),
    (lambda: alone(text_of(1, 1)), f"The row shown does not open {MAY}."),
    (lambda: alone('{"kind":"month.opened"}'), f"The row shown does not open {MAY}."),
    (
        lambda: alone(text_of(1, 1), proof=(EMPTY,)),
        f"The row shown is not the first of {MAY}, or the proof is damaged.",
    ),
    (lambda: alone(text_of(1, 1), "other.example/2026-07"), "not signed with the key of the ledger this witness knows"),
    (lambda: str(Offer((Begun("x", (), signed(Checkpoint(MAY, 1, EMPTY), OTHER)),))), "not signed with the key"),
]


@pytest.mark.parametrize(("offered", "sentence"), REFUSED)
def test_no_month_vanishes_shrinks_or_forks(party: Party, offered: Callable[[], str], sentence: str) -> None:
    """A month taken out, cut, rewritten or begun otherwise is refused, and what was last signed stays."""
    party.sees(str(steps(made(TO_MAY))))
    before = party.last.read_text()
    with pytest.raises(NotWitnessed, match=sentence):
        party.sees(offered())
    assert party.last.read_text() == before


def test_a_refusal_says_what_to_ask_for(party: Party) -> None:
    """The advice counts rows as the site does, through all months."""
    party.sees(str(steps(made(TO_MAY))))
    with pytest.raises(NotWitnessed) as refused:
        party.sees(str(steps(made(), 9)))
    assert "--since 11" in str(refused.value.problem()["advice"])


@pytest.mark.parametrize("after", ["after 0", "after x", "after 4 5", "before 4", "after 4\nmore"])
def test_a_memory_that_cannot_be_read_signs_nothing(party: Party, after: str) -> None:
    """How many rows went before is part of what a witness knows."""
    party.sees(str(steps(made(TO_MAY))))
    party.last.write_text(party.last.read_text().replace("after 4", after))
    with pytest.raises(UnreadableNote):
        party.sees(str(steps(made(), 11)))
