"""The policies, read once. It must never permit what no policy names, nor answer when they do not hold together.

Written in Cedar (policies/*.cedar), each with its article and a sentence in Korean and English. There are few
questions and they repeat, so every answer is remembered.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import cedarpy

from jikimi.identity.model import FIELD_ROLES

_FOLDER: Final = files("jikimi.share") / "policies"


@dataclass(frozen=True, slots=True)
class Statement:
    """One policy as a lawyer reads it: its name, whether it permits or forbids, the article and the sentence."""

    id: str
    effect: str
    article: str
    ko: str
    en: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question and the policy that gave it; None where none names it."""

    allowed: bool
    by: Statement | None


def _texts() -> Iterator[str]:
    for file in sorted(_FOLDER.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".cedar"):
            yield file.read_text(encoding="utf-8")


def source() -> str:
    """All policies as text."""
    return "\n".join(_texts())


def schema() -> str:
    """Their schema as text."""
    return (_FOLDER / "schema.cedarschema").read_text(encoding="utf-8")


@cache
def _parsed() -> cedarpy.PolicySet:
    text = source()
    result = cedarpy.validate_policies(text, schema())
    if not result.validation_passed:
        raise ValueError(f"The policies do not hold together: {[str(error) for error in result.errors]}")
    return cedarpy.PolicySet.from_str(text)


@cache
def _roles() -> cedarpy.Entities:
    """Officers under way are one group of roles."""
    field = {"type": "Role", "id": "field"}
    told = [{"uid": {"type": "Role", "id": role}, "attrs": {}, "parents": [field]} for role in sorted(FIELD_ROLES)]
    return cedarpy.Entities.from_json_str(json.dumps(told))


@cache
def statements() -> dict[str, Statement]:
    """Every policy by the number Cedar gives it; raises ValueError for one without a name, article or sentence."""
    told: dict[str, Any] = json.loads(cedarpy.policies_to_json_str(source()))["staticPolicies"]
    found = {}
    for number, policy in told.items():
        notes = policy.get("annotations", {})
        try:
            found[number] = Statement(notes["id"], policy["effect"], notes["article"], notes["ko"], notes["en"])
        except KeyError as error:
            raise ValueError(f"Policy {number} has no {error}.") from error
    return found


@cache
def ask(role: str, action: str, data: str, purpose: str, own: bool = False) -> Verdict:  # noqa: FBT001 - part of the question
    """Whether ``role`` may do ``action`` to data of class ``data`` for ``purpose``; ``own``: it is the asker's own case."""
    request = {
        "principal": {"type": "Role", "id": role},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Class", "id": data},
        "context": {"purpose": purpose, "own": own},
    }
    result = cedarpy.is_authorized(request, _parsed(), _roles())
    reasons = [statements()[number] for number in result.diagnostics.reasons if number in statements()]
    return Verdict(result.allowed, min(reasons, key=lambda each: each.id, default=None))
