"""What a snapshot names is what there is: nobody adds state that a restart forgets."""

import ast
from typing import Any

import pytest

from jikimi import compiled
from jikimi.detect import snapshot


def slots(module: str, name: str) -> set[str]:
    """The slots of a class as its source has them: machine code has none."""
    tree = ast.parse(compiled.sources()[f"jikimi.detect.{module}"].read_text(encoding="utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    (named,) = [
        node.value
        for node in found.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__"
    ]
    return set(ast.literal_eval(named))


@pytest.mark.parametrize(
    ("module", "name", "kept", "elsewhere"),
    [
        ("track", "Spot", snapshot._SPOT, ()),
        ("track", "Track", snapshot._TRACK[len(snapshot._SPOT) :], ()),
        ("settle", "Proof", snapshot._PROOF, ()),
        ("stuck", "Run", snapshot._RUN, ()),
        ("claims", "Lesson", snapshot._LESSON, ()),
        ("lagging", "Clock", snapshot._CLOCK, ()),
        ("history", "Past", snapshot._PAST[len(snapshot._TRACK) :], ("fixes", "last_t", "out", "close")),
        (
            "track", "Subject", snapshot._SUBJECT[len(snapshot._TRACK) :],
            ("id", "weak", "lesson", "clock", "run", "sharp", "pending", "past", "guards", "close", "areas", "links"),
        ),
        (
            "pair", "Pair", snapshot._PAIR,
            ("id", "number", "offender", "victim", "arming", "book", "proofs", "guards"),
        ),
    ],
)  # fmt: skip
def test_every_field_is_kept(module: str, name: str, kept: tuple[str, ...], elsewhere: tuple[Any, ...]) -> None:
    """Each slot of what an engine remembers is written by its name, or by a line of its own."""
    assert {*kept, *elsewhere} == slots(module, name)
    assert len(kept) == len(set(kept))
