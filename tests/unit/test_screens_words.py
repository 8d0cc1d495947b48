"""What the machine says by a short word, the screens say in a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from jikimi.identity.model import Role
from jikimi.respond import told
from jikimi.share.grants import Kind
from jikimi.share.policy import Purpose

ROOT = Path(__file__).parents[2]
SOURCE, TEXT = ROOT / "src" / "jikimi", ROOT / "web" / "src" / "ui" / "text"


def said_as(name: str, room: str) -> set[str]:
    """Every word a room's code gives as ``name``: to a function that takes it, as a default, a variable or a key."""
    trees = [ast.parse(path.read_text()) for path in (SOURCE / room).glob("*.py")]
    takes = {
        node.name: [one.arg for one in node.args.args].index(name)
        for tree in trees for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and name in [one.arg for one in node.args.args]
    }  # fmt: skip
    return {
        word
        for tree in trees
        for node in ast.walk(tree)
        for given in _given(node, name, takes)
        for word in _words(given)
    }


def _given(node: ast.AST, name: str, takes: dict[str, int]) -> Iterator[ast.expr]:
    match node:
        case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
            yield value
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            yield from (value for to, value in zip(targets, values, strict=True) if getattr(to, "id", "") == name)
        case ast.AnnAssign(target=ast.Name(id=target), value=ast.Dict(values=values)) if target == f"_{name.upper()}S":
            yield from values
        case ast.FunctionDef(args=of) | ast.AsyncFunctionDef(args=of):
            yield from (value for arg, value in zip(of.args[::-1], of.defaults[::-1], strict=False) if arg.arg == name)
        case ast.Dict(keys=keys, values=values):
            yield from (value for key, value in zip(keys, values, strict=True) if _words(key) == {name})
        case ast.Call(func=called, args=given, keywords=named):
            at = takes.get(called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))
            # A method is called without its first parameter.
            bound = (
                isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "self"
            )
            yield from given[at - bound : at - bound + 1] if at is not None else ()
            yield from (one.value for one in named if one.arg == name)


def _words(given: ast.expr | None) -> set[str]:
    match given:
        case ast.Constant(value=str(word)) if " " not in word:
            return {word}
        case ast.IfExp(body=one, orelse=other):
            return _words(one) | _words(other)
    return set()


def sentences(language: str, block: str, indents: int = 0) -> set[str]:
    """The keys of one block of a language's dictionary, the first of that name; ``indents``: only at that depth."""
    lines = iter((TEXT / f"{language}.ts").read_text().splitlines())
    named = f"{block}: {{"
    begin = next(line for line in lines if (line == " " * indents + named if indents else line.strip() == named))
    indent = len(begin) - len(begin.lstrip())
    found = set()
    for line in lines:
        if line.startswith(" " * indent + "}"):
            break
        if line.startswith(" " * (indent + 2)) and line[indent + 2] != " ":
            found.add(line.strip().split(":", 1)[0].strip("'"))
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_rule_of_detection_has_a_sentence(language: str) -> None:
    """A reason that a room would read as a code in English fails here."""
    rules = said_as("rule", "detect")
    assert {"time-to-contact", "two-sources", "clock-set-back", "victim-silent-near", "glimpse"} <= rules
    assert rules - sentences(language, "reasons") == set()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_role_has_a_name(language: str) -> None:
    """So does a role that whoever has it would read by its word in the code."""
    assert set(Role) - sentences(language, "roles") == set()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page_has_a_sentence(language: str) -> None:
    """So does a page whose cause no screen can say."""
    pages = said_as("why", "respond") | said_as("why", "oversee") | set(told.SAID)
    assert {"order-matched", "access-told", "unowned", "undelivered", "help", "no-unit", "call-back", "duress"} <= pages
    assert pages - sentences(language, "pages") == set()


@pytest.mark.parametrize("language", ["ko.access", "en.access"])
def test_every_ground_and_purpose_of_a_look_has_a_word(language: str) -> None:
    """So does a kind of grant, or a purpose, that a privacy officer would read as "other"."""
    assert set(Kind) - sentences(language, "kinds", 2) == set()
    assert set(Purpose) - sentences(language, "purposes", 2) == set()
