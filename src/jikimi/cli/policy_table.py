"""Who may know what, as a page made from the policies themselves. It must never be written by hand."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from jikimi.app.desk import application
from jikimi.identity.model import Role
from jikimi.share import cedar
from jikimi.share.classes import ANSWERS, LIVE
from jikimi.share.policy import ABOUT, Action, Data, Purpose


def permissions() -> Iterator[tuple[Role, Action, Data, Purpose, cedar.Statement]]:
    """Every permission there is: each question asked of the policies, the refused left out."""
    for role in Role:
        for data in Data:
            for purpose in Purpose:
                for action in (each for each in Action if data in ABOUT[each]):
                    verdict = cedar.ask(role, action, data, purpose)
                    if verdict.allowed and verdict.by is not None:
                        yield role, action, data, purpose, verdict.by


def fields() -> dict[Data, list[str]]:
    """The fields of each class, from the answers and frames as they are."""
    schemas: dict[str, Any] = application().openapi()["components"]["schemas"]
    found: dict[Data, list[str]] = defaultdict(list)
    for name, data in ANSWERS.items():
        found[data] += [each for each in schemas[name].get("properties", {}) if each not in found[data]]
    for frame, (data, names) in LIVE.items():
        found[data] += [f"{frame}.{name}" for name in names]
    return dict(found)


def table() -> str:
    """The page docs/reference/access.md."""
    lines = [
        "# Who may know what",
        "",
        "Made by `jikimi policies` from `src/jikimi/share/policies/*.cedar` and the answers of the API. Rows are filtered",
        "below this: by grants, by agency, and by the rule that nobody sees their own case.",
        "",
        "## Policies",
        "",
    ]
    for policy in sorted(cedar.statements().values(), key=lambda each: each.id):
        lines += [f"**{policy.id}** ({policy.effect}, {policy.article})  ", f"{policy.ko}  ", policy.en, ""]
    lines += ["## Permissions", "", "| role | purpose | data | actions | policy |", "|---|---|---|---|---|"]
    rows: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for role, action, data, purpose, by in permissions():
        rows[role, purpose, data, by.id].append(action)
    lines += [
        f"| {role} | {purpose} | {data} | {', '.join(actions)} | {by} |"
        for (role, purpose, data, by), actions in rows.items()
    ]
    lines += ["", "## Fields of each class of data", "", "| data | fields |", "|---|---|"]
    lines += [f"| {data} | {', '.join(names)} |" for data, names in sorted(fields().items())]
    return "\n".join(lines) + "\n"
