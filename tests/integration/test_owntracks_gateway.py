"""A phone with OwnTracks as a client of the gateway: who it is, what is taken, what it is told."""

import base64
from typing import Any

import httpx
import pytest

from jikimi.detect.facts import Fix, FixFlag, Source
from tests.integration.test_intake_gateway import KEY, NOW, OTHER, Gateway, gateway

__all__ = ["gateway"]
PLACE: dict[str, Any] = {
    "_type": "location", "tid": "JJ", "lat": 37.5, "lon": 127.0, "tst": NOW - 3, "acc": 9, "vel": 18, "batt": 60,
}  # fmt: skip


def basic(user: str, key: str) -> dict[str, str]:
    """What the app sends for user and password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


async def post(site: Gateway, body: object, headers: dict[str, str]) -> httpx.Response:
    """One request of the app."""
    return await site.client.post("/owntracks", json=body, headers=headers)


async def test_a_phone_is_a_device_by_user_and_password(gateway: Gateway) -> None:
    """The app's user is the device's id and its password the key; the answer is the empty list the app expects."""
    answer = await post(gateway, PLACE, basic("tag-1", KEY) | {"X-Limit-U": "jane", "X-Limit-D": "phone"})
    assert (answer.status_code, answer.json()) == (200, [])
    (fix,) = gateway.log.fixes()
    assert isinstance(fix, Fix)
    assert (fix.lon, fix.lat, fix.t, fix.accuracy_m) == (127.0, 37.5, NOW - 3, 9.0)
    assert fix.source == int(Source.FUSED)
    assert fix.speed_mps == pytest.approx(5.0)
    assert fix.flags & FixFlag.PROVEN


async def test_a_key_alone_needs_a_name_beside_it(gateway: Gateway) -> None:
    """With a bearer key the device is named by X-Limit-D, by the topic or by the tracker's initials."""
    bearer = {"Authorization": f"Bearer {KEY}"}
    for body, headers in (
        (PLACE, {"X-Limit-D": "tag-1"}),
        ({**PLACE, "tst": NOW - 2, "topic": "owntracks/jane/tag-1"}, {}),
        ({**PLACE, "tst": NOW - 1, "tid": "tag-1"}, {"X-Limit-D": "unknown"}),
    ):
        assert (await post(gateway, body, bearer | headers)).status_code == 200
    assert len(gateway.log.fixes()) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {}, basic("tag-1", OTHER), basic("nobody", KEY), basic("", ""), {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer nothing", "X-Limit-D": "tag-1"}, {"Authorization": f"Bearer {KEY}"},
    ],
)  # fmt: skip
async def test_who_cannot_prove_it_is_refused(gateway: Gateway, headers: dict[str, str]) -> None:
    """A wrong key, an unknown device, no key: the same answer, and nothing taken."""
    answer = await post(gateway, PLACE, headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert gateway.log.facts == []


async def test_another_type_is_acknowledged_only_for_a_device(gateway: Gateway) -> None:
    """A transition is answered with the empty list and stored nowhere; a stranger's is refused."""
    said = {**PLACE, "_type": "transition", "event": "enter"}
    assert (await post(gateway, said, basic("tag-1", KEY))).json() == []
    assert (await post(gateway, said, basic("tag-1", OTHER))).status_code == 401
    assert gateway.log.facts == []


async def test_an_encrypted_payload_is_refused_by_a_sentence(gateway: Gateway) -> None:
    """The app keeps it and the person reads why; nothing was taken."""
    answer = await post(gateway, {"_type": "encrypted", "data": "AAAA"}, basic("tag-1", KEY))
    assert answer.status_code == 400
    assert "encrypt" in answer.json()["detail"]
    assert gateway.log.facts == []
