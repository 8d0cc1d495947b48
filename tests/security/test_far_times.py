"""A time no calendar holds is refused where it is sent, and breaks nobody's answer afterwards."""

import pytest
from tests.security.test_ladder import DISPATCHER, LADDER, REGISTRAR, REVIEWER, Door, Rung, door, nats

__all__ = ["door", "nats"]
FAR, LONG_AGO = "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"


@pytest.mark.parametrize("at", [FAR, LONG_AGO])
async def test_a_time_no_calendar_holds_is_refused(door: Door, at: str) -> None:
    """By a grant, an agreement, a consent, a hold and a statement; her file is read by her room as before."""
    privacy, clerk = door.tokens["here", REVIEWER], door.tokens["here", REGISTRAR]
    for token, path in (
        (privacy, "/api/access/grants"), (privacy, "/api/agreements"), (clerk, "/api/consents"),
    ):  # fmt: skip
        rung = LADDER["POST", path]
        assert isinstance(rung, Rung)
        answer = await door.knock(token, "POST", path, rung.body | {"until": at})
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), path
    held = {"article": "article 218", "until": at}
    answer = await door.knock(privacy, "POST", "/api/destructions/{destruction}/hold", held)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    headers = {"Authorization": f"Bearer {privacy}"}
    span = {"form": "44-10", "from": at.replace("23:59:59", "23:00:00"), "until": at}
    printed = await door.client.get("/api/prints/statutory-register", params=span, headers=headers)
    assert (printed.status_code, printed.json()["code"]) == (400, "malformed")
    for who, path in ((DISPATCHER, "/api/registry/people/{she}"), (REVIEWER, "/api/access/grants")):
        assert (await door.knock(door.tokens["here", who], "GET", path, None)).status_code == 200
