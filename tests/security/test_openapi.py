"""The whole API is held to its own description, with whatever a generator and hostile strings can think of."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text
from tests.integration.respond.test_respond_live import Desk, desk
from tests.patience import PATIENCE

from jikimi.registry.service import label_of

__all__ = ["desk"]

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
WHO = ("police", "centre", "p1", "clerk", "privacy")
LEFT = {("DELETE", "/api/sessions/current")}
"""Signing out would end the session that asks for the rest."""
STRINGS = Path(__file__).parents[3] / "shared" / "data" / "bad-input" / "blns.json"


def _ask(operation: Any, token: str) -> None:
    """One operation with a few generated requests of one person."""

    @settings(
        max_examples=5, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS, timeout=10 * PATIENCE)

    ask()


def _held(url: str, tokens: dict[str, str]) -> list[str]:
    """Every operation, asked by everybody; returns which were."""
    asked = []
    for found in schemathesis.openapi.from_url(f"{url}/api/openapi.json").get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        if (operation.method.upper(), operation.path) in LEFT:
            continue
        for token in tokens.values():
            _ask(operation, token)
        asked.append(f"{operation.method.upper()} {operation.path}")
    return asked


async def test_no_request_gets_a_5xx_or_an_answer_nobody_described(desk: Desk) -> None:
    """Generated requests to every operation, by every role: no 5xx, no status, type, header or body outside the description."""
    await desk.site.take(desk.site.alert())
    tokens = {who: desk.tokens[who] for who in WHO if who in desk.tokens}
    asked = await asyncio.to_thread(_held, desk.url, tokens)
    assert len(asked) > 30


async def test_hostile_strings_survive_every_free_text_field(desk: Desk) -> None:
    """What a person may type comes back as typed, or is refused in words; nothing of it is run, nothing falls over."""
    if not STRINGS.exists():
        pytest.skip("the collection of hostile strings is not here")
    strings: list[str] = json.loads(STRINGS.read_text(encoding="utf-8"))
    await desk.site.take(desk.site.alert())
    incident = (await desk.site.incident())["id"]
    taken = []
    for said in strings:
        answer = await desk.call("police", "POST", f"/api/incidents/{incident}/log", {"text": said})
        assert answer.status_code in {204, 400, 422}, (said, answer.text)
        if answer.status_code == 204:
            taken.append(said.strip())
        people = {"people": [{"label": said}]}
        answer = await desk.call("clerk", "POST", "/api/registry/import", people)
        assert answer.status_code in {200, 400}, (said, answer.text)
        wanted = {"subject": str(desk.site.ids["he"]), "reason": f"because of this: {said}"}
        answer = await desk.call("police", "POST", "/api/registry/people/glass", wanted)
        assert answer.status_code in {201, 400}, (said, answer.text)
        await desk.site.execute("UPDATE access_grant SET reviewed_at = now(), upheld = true WHERE kind = 'glass'")
    whole = (await desk.call("police", "GET", f"/api/incidents/{incident}")).json()
    told = [one["body"]["text"] for one in whole["said"] if one["kind"] == "log_entry"]
    assert len(taken) > 100
    assert set(taken) <= set(told)
    async with desk.site.database.transaction() as connection:
        found = await connection.execute(text("SELECT id, label, sealed FROM person"))
        labels = {label_of(connection, *row) for row in found}
    assert {said for said in strings if 0 < len(said) <= 200 and said.isprintable()} <= labels
