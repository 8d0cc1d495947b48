"""Verifying an export from its files alone. It must never ask a database, a setting or a network for anything."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import assert_never

from jikimi.ledger import anchor as anchors
from jikimi.ledger.anchor import Anchor
from jikimi.ledger.lines import HashLine, Header, Line, NoteLine, RowLine, UnreadableLine, read
from jikimi.ledger.note import COSIGNER, PublicKey, UnreadableNote
from jikimi.ledger.report import Break, Report, Witnessed
from jikimi.ledger.walk import Stop, Walk


def verify(path: Path, checkpoint: Path | None = None, key: str | None = None, witnesses: Sequence[str] = ()) -> Report:
    """What holds of the export at ``path`` and what does not.

    ``checkpoint``: a file another party kept (a signed note, or an earlier export); ``key``: the ledger's public key as
    ``name+id+base64``, from anywhere but the file; ``witnesses``: public keys of which each must have signed what was
    kept. Raises UnreadableNote when one of these cannot be read, OSError for a file that is not there. Nothing in the
    export itself raises.
    """
    pinned = PublicKey.parse(key) if key is not None else None
    known = [PublicKey.parse(witness, COSIGNER) for witness in witnesses]
    kept = anchors.load(checkpoint) if checkpoint is not None else None
    report = Report(pinned=pinned is not None)
    with path.open("rb") as file:
        lines = read(file)
        with suppress(Stop):
            walk = _begin(report, lines, pinned, kept)
            _go(walk, lines)
            walk.compare(path)
            _witnesses(report, walk, known)
    report.conclude()
    return report


def _begin(report: Report, lines: Iterator[tuple[int, Line]], pinned: PublicKey | None, kept: Anchor | None) -> Walk:
    try:
        first = next(lines, None)
    except UnreadableLine as error:
        report.breaks.append(_unreadable(report, error))
        raise Stop from None
    if first is None or not isinstance(first[1], Header):
        report.breaks.append(Break("This is no ledger export: it does not begin with a header."))
        raise Stop
    header = first[1]
    report.origin, report.claimed = header.origin, header.size
    try:
        stated = PublicKey.parse(header.key)
    except UnreadableNote as error:
        report.breaks.append(Break(f"The header's public key cannot be read: {error.detail}"))
        raise Stop from None
    report.key = str(stated)
    if header.origin != stated.name:
        report.breaks.append(
            Break(f"The header is of another ledger, {header.origin!r}, than its key, {stated.name!r}.")
        )
        raise Stop
    if pinned is not None and pinned != stated:
        report.breaks.append(Break(f"The file names the key {stated}, and you gave {pinned}."))
    return Walk(report, header, pinned or stated, kept)


def _witnesses(report: Report, walk: Walk, known: Sequence[PublicKey]) -> None:
    for witness in known:
        signed = walk.kept.witnessed(witness)
        if not signed:
            report.breaks.append(Break(f"The witness {witness.name} has signed nothing of what you hold."))
        else:
            report.witnesses.append(Witnessed(witness.name, *max((walk.reached(head), at) for head, at in signed)))
    told = {(one.name, one.id) for one in known}
    report.strangers = sorted(
        {name for name, key_id in walk.kept.signers() - told if walk.key.named(name).id != key_id}
    )


def _go(walk: Walk, lines: Iterator[tuple[int, Line]]) -> None:
    try:
        for number, line in lines:
            match line:
                case RowLine():
                    walk.row(line)
                case NoteLine():
                    walk.note(number, line)
                case Header():
                    walk.stop(Break(f"Line {number} is a second header."))
                case HashLine():
                    walk.stop(
                        Break(
                            f"Line {number} has row {line.seq}'s hash and not the row: this is a copy to compare with."
                        )
                    )
                case _:
                    assert_never(line)
        walk.finish()
    except Stop:
        pass
    except UnreadableLine as error:
        walk.report.breaks.append(_unreadable(walk.report, error))


def _unreadable(report: Report, error: UnreadableLine) -> Break:
    where = f" After row {report.size - 1}" if report.size else " Before any row"
    return Break(f"Line {error.number} cannot be read: {error.why}.{where} nothing could be verified.", report.size)
