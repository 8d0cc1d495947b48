"""The page of who may know what is the policies, and every answer is of a class they speak of."""

from pathlib import Path
from typing import Any

from jikimi.app.desk import application
from jikimi.cli.policy_table import fields, permissions, table
from jikimi.identity.model import Role
from jikimi.share.classes import ANSWERS, LISTS, PLAIN
from jikimi.share.policy import Data

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "access.md"


def test_the_page_is_what_the_policies_say() -> None:
    """docs/reference/access.md is the output of `jikimi policies`, to the letter."""
    assert PAGE.read_text(encoding="utf-8") == table()


def _named(part: Any) -> set[str]:
    if isinstance(part, dict):
        found = {part["$ref"].rsplit("/", 1)[-1]} if "$ref" in part else set()
        return found.union(*(_named(each) for each in part.values()))
    return set().union(*(_named(each) for each in part)) if isinstance(part, list) else set()


def answers_have_classes(told: dict[str, Any]) -> None:
    """Every answer an application describes is of a class, plain, or a list of such."""
    schemas, found = told["components"]["schemas"], set()
    waiting = [name for path in told["paths"].values() for each in path.values() for name in _named(each["responses"])]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _named(schemas[name])
    assert found == PLAIN | set(ANSWERS) | LISTS


def test_every_answer_has_a_class() -> None:
    """An answer that no class names is data no policy has been asked about."""
    answers_have_classes(application().openapi())


def test_the_reviewer_follows_nobody_and_the_room_reads_no_register() -> None:
    """Whoever watches the watchers sees no position, and whoever sees positions watches no watcher."""
    seen = {(role, data) for role, _, data, _, _ in permissions()}
    assert not seen & {(Role.REVIEWER, data) for data in (Data.LOCATION, Data.INCIDENT, Data.PERSON, Data.PLACE)}
    assert {role for role, data in seen if data is Data.ACCESS} == {Role.REVIEWER}
    assert {"target.lon", "target.lat"} <= set(fields()[Data.LOCATION])
