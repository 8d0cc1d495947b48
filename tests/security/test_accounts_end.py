"""An account is made on a record that names its maker, lets nobody be two people, and ends for good."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.security.test_ladder import CLOCK, DISPATCHER, REGISTRAR, REVIEWER, Door, door, nats

from jikimi.cli.accounts import ended, restored
from jikimi.identity.accounts import create_account, one_hand
from jikimi.identity.cache import HELD_S
from jikimi.identity.service import sign_in
from jikimi.kernel.errors import NotFound
from jikimi.kernel.ids import uuid7
from jikimi.staff import rules

__all__ = ["door", "nats"]
ENDS = rules.load("kr").ends_an_hour


async def call(door: Door, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """One request's status and what it says."""
    done = await door.client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
    return done.status_code, done.json() if done.content else None


async def imported(door: Door, token: str, *accounts: dict[str, Any], **more: Any) -> Any:
    """A document with these accounts, entered over HTTP."""
    status, made = await call(door, token, "POST", "/api/registry/import", {"accounts": list(accounts), **more})
    assert status == 200, made
    return made


async def signed_in(door: Door, account: Any) -> str:
    """The token of an account just made."""
    status, said = await call(
        door, "", "POST", "/api/sessions", {"name": account["name"], "password": account["password"]}
    )
    assert status == 201, said
    return str(said["token"])


async def told(door: Door) -> list[tuple[str, set[str]]]:
    """What rooms are to be told of accounts, and which."""
    rows = await door.site.rows("SELECT body FROM due WHERE kind = 'access-told' ORDER BY seq")
    return [(row["body"]["what"], set(row["body"]["rooms"])) for row in rows if "account-" in row["body"]["what"]]


async def said(door: Door, kind: str) -> list[dict[str, Any]]:
    """The ledger's rows of a kind."""
    rows = [json.loads(row["body"]) for row in await door.site.rows("SELECT body FROM ledger_row ORDER BY id")]
    return [row for row in rows if row["kind"] == kind]


async def test_nobody_makes_their_own_second_person(door: Door) -> None:
    """Neither an account the asker made, nor one made by whoever made the asker's, answers or decides a destruction."""
    me = door.tokens["here", REGISTRAR]
    made = await imported(
        door,
        me,
        {"name": "puppet", "role": "reviewer"},
        {"name": "second", "role": "registrar"},
        people=[{"ref": "v", "label": "somebody"}],
    )
    puppet, second = [await signed_in(door, one) for one in made["accounts"]]
    for asker in (me, second):
        status, asked = await call(
            door, asker, "POST", "/api/destructions", {"person": made["ids"]["v"], "event": "file_closed"}
        )
        assert status == 201
        path = f"/api/destructions/{asked['id']}"
        for who, way, body in ((puppet, "inquiry", {"confirmed": True}), (puppet, "decision", {"carried_out": True})):
            status, refused = await call(door, who, "POST", f"{path}/{way}", body)
            assert (status, "not two people" in refused["detail"]) == (403, True)
        assert (await call(door, door.tokens["here", REVIEWER], "POST", f"{path}/decision", {"carried_out": False}))[
            0
        ] == 204


async def test_a_line_of_accounts_is_one_hand_however_long_and_the_operator_s_are_not(door: Door) -> None:
    """Made by one made by one: still one hand. Two that the operator made are two people."""
    async with door.site.database.transaction() as connection:
        made: list[UUID] = []
        for n in range(3):
            by = made[-1] if made else None
            made += [(await create_account(connection, door.site.ids["police"], REVIEWER, f"r{n}", None, None, by))[0]]
        assert await one_hand(connection, made[0], made[2])
        assert await one_hand(connection, made[2], made[0])
        other, _ = await create_account(connection, door.site.ids["police"], REVIEWER, "other", None, None)
        assert not await one_hand(connection, made[2], other)
        assert await one_hand(connection, other, other)


async def test_whoever_makes_an_account_is_on_the_record_and_both_agencies_are_told(door: Door) -> None:
    """The ledger names the maker; an account that may decide, or whose owner nobody can match, pages both agencies."""
    me = await door.site.one("SELECT id FROM account WHERE name = 'police-registrar'")
    near = [{"relation": "self", "telephone": "010-5555-0199"}]
    made = await imported(door, door.tokens["here", REGISTRAR], {"name": "kim", "role": "dispatcher", "near": near})
    assert await told(door) == []
    assert {key: (await said(door, "account_made"))[-1][key] for key in ("account", "actor")} == {
        "account": made["accounts"][0]["id"], "actor": str(me),
    }  # fmt: skip
    await imported(door, door.tokens["here", REGISTRAR], {"name": "lee", "role": "reviewer", "near": near})
    await imported(door, door.tokens["here", REGISTRAR], {"name": "park", "role": "dispatcher"})
    both = {str(door.site.ids["police"]), str(door.site.ids["centre"])}
    assert [(what, both <= rooms) for what, rooms in await told(door)] == [
        ("account-made", True), ("account-unmatched", True)
    ]  # fmt: skip
    looks = (await call(door, door.tokens["here", REVIEWER], "GET", "/api/access/register"))[1]["looks"]
    assert [look["what"] for look in looks].count("account_made") == 3


@pytest.mark.parametrize("who", [REGISTRAR, REVIEWER])
async def test_an_account_that_is_ended_speaks_no_more(door: Door, who: Any) -> None:
    """Its sessions end at once, its password and its sign-in elsewhere open none again, and both agencies are told."""
    async with door.site.database.transaction() as connection:
        account, password = await create_account(
            connection, door.site.ids["police"], DISPATCHER, "gone", None, None
        )  # fmt: skip
    token = (await sign_in(door.site.database, CLOCK, "gone", password))[0]
    await call(door, door.tokens["here", REGISTRAR], "PUT", f"/api/accounts/{account}/subject", {"subject": "s-9"})
    assert (await call(door, token, "GET", "/api/me"))[0] == 200
    assert (await call(door, token, "POST", f"/api/accounts/{account}/end"))[0] == 403
    assert (await call(door, door.tokens["here", who], "POST", f"/api/accounts/{account}/end"))[0] == 204
    assert (await call(door, token, "GET", "/api/me"))[0] == 401
    assert (await call(door, "", "POST", "/api/sessions", {"name": "gone", "password": password}))[0] == 401
    assert await door.site.one("SELECT count(*) FROM account_subject WHERE account = :a", a=account) == 0
    assert await door.site.one("SELECT count(*) FROM session WHERE account = :a AND ended_at IS NULL", a=account) == 0
    assert [row["subject"] for row in await said(door, "account_ended")] == [str(account)]
    assert [what for what, _ in await told(door)] == ["account-ended"]
    assert (await call(door, door.tokens["here", who], "POST", f"/api/accounts/{account}/end"))[0] == 204
    assert len(await said(door, "account_ended")) == 1, "it is over already"


async def test_nobody_ends_their_own_account(door: Door) -> None:
    """The last registrar does not shut the door by mistake."""
    mine = await door.site.one("SELECT id FROM account WHERE name = 'police-registrar'")
    status, refused = await call(door, door.tokens["here", REGISTRAR], "POST", f"/api/accounts/{mine}/end")
    assert (status, refused["code"]) == (409, "conflict")


async def test_a_sign_in_elsewhere_that_is_taken_back_ends_what_it_opened(door: Door) -> None:
    """A session the provider vouched for by that name ends with the record of it; one by password goes on."""
    async with door.site.database.transaction() as connection:
        account, password = await create_account(
            connection, door.site.ids["police"], DISPATCHER, "moved", None, None
        )  # fmt: skip
    by_word, by_provider = [(await sign_in(door.site.database, CLOCK, "moved", password)) for _ in range(2)]
    clerk, path = door.tokens["here", REGISTRAR], f"/api/accounts/{account}/subject"
    assert (await call(door, clerk, "PUT", path, {"subject": "s-9"}))[0] == 204
    async with door.site.database.transaction() as connection:
        await connection.execute(
            text("UPDATE session SET issuer = 'http://127.0.0.1:9', subject = 's-9' WHERE id = :id"),
            {"id": by_provider[1].session},
        )
    assert (await call(door, clerk, "PUT", path, {"subject": "s-9"}))[0] == 204
    assert (await call(door, by_provider[0], "GET", "/api/me"))[0] == 200
    assert (await call(door, clerk, "PUT", path, {"subject": None}))[0] == 204
    assert (await call(door, by_provider[0], "GET", "/api/me"))[0] == 401
    assert (await call(door, by_word[0], "GET", "/api/me"))[0] == 200


async def test_the_operator_ends_an_account_by_name(door: Door, database_url: str) -> None:
    """Where the only registrar is the one who must go: its session is over within a second, and it is on the ledger."""
    token = door.tokens["here", REGISTRAR]
    await ended("police-registrar", database_url)
    await asyncio.sleep(HELD_S)
    assert (await call(door, token, "GET", "/api/me"))[0] == 401
    (row,) = await said(door, "account_ended")
    assert (row["account"], row["role"]) == (None, "registrar")
    both = {str(door.site.ids["police"]), str(door.site.ids["centre"])}
    assert [(what, both <= rooms) for what, rooms in await told(door)] == [("account-ended", True)]
    with pytest.raises(NotFound):
        await ended("police-registrar", database_url)


async def named(door: Door, name: str) -> Any:
    """The id of an account."""
    return await door.site.one("SELECT id FROM account WHERE name = :name", name=name)


async def hired(door: Door, name: str, role: Any) -> UUID:
    """An account of the police that the operator made."""
    async with door.site.database.transaction() as connection:
        return (await create_account(connection, door.site.ids["police"], role, name, None, None))[0]


async def ends(door: Door, token: str, account: Any) -> tuple[int, str]:
    """How ending an account is answered."""
    status, answer = await call(door, token, "POST", f"/api/accounts/{account}/end")
    return status, answer["detail"] if answer else ""


async def test_whoever_says_how_an_account_signs_in_is_of_one_hand_with_it_and_both_agencies_are_told(
    door: Door,
) -> None:
    """A registrar who lets a reviewer's account sign in elsewhere may be that reviewer; the rooms hear of it, as of one made."""
    me, theirs = await named(door, "police-registrar"), await hired(door, "theirs", REVIEWER)
    path = f"/api/accounts/{theirs}/subject"
    async with door.site.database.transaction() as connection:
        assert not await one_hand(connection, me, theirs)
    assert (await call(door, door.tokens["here", REGISTRAR], "PUT", path, {"subject": "s-1"}))[0] == 204
    async with door.site.database.transaction() as connection:
        assert await one_hand(connection, me, theirs)
        assert await one_hand(connection, theirs, me)
    both = {str(door.site.ids["police"]), str(door.site.ids["centre"])}
    assert [(what, both <= rooms) for what, rooms in await told(door)] == [("account-bound", True)]
    plain = await hired(door, "plain", DISPATCHER)
    clerk = door.tokens["here", REGISTRAR]
    assert (await call(door, clerk, "PUT", f"/api/accounts/{plain}/subject", {"subject": "s-2"}))[0] == 204
    assert (await call(door, clerk, "PUT", path, {"subject": None}))[0] == 204
    assert len(await told(door)) == 1, "of one that decides nothing, or that is taken back, nobody is"


async def test_the_last_account_of_a_role_is_not_ended_over_the_desk(door: Door) -> None:
    """An agency is left with nobody to take a call only by its operator."""
    clerk = door.tokens["here", REGISTRAR]
    await door.site.execute(
        "UPDATE account SET disabled_at = now() WHERE agency = :a AND role = 'dispatcher' AND name <> 'police-dispatcher'",
        a=door.site.ids["police"],
    )
    status, why = await ends(door, clerk, await named(door, "police-dispatcher"))
    assert (status, "last account" in why, "jikimi accounts end" in why) == (409, True, True)
    await hired(door, "relief", DISPATCHER)
    assert (await ends(door, clerk, await named(door, "police-dispatcher")))[0] == 204


async def test_a_puppet_does_not_end_whoever_made_it(door: Door) -> None:
    """Nor whoever made its maker; and the ends of one hand are counted together, a few an hour."""
    clerk = door.tokens["here", REGISTRAR]
    first = (await imported(door, clerk, {"name": "first", "role": "registrar"}))["accounts"][0]
    token = await signed_in(door, first)
    second = (await imported(door, token, {"name": "second", "role": "registrar"}))["accounts"][0]
    puppet = await signed_in(door, second)
    for maker in (first["id"], await named(door, "police-registrar")):
        status, why = await ends(door, puppet, maker)
        assert (status, "made yours" in why) == (409, True)
    crowd = [await hired(door, f"d{n}", DISPATCHER) for n in range(ENDS + 1)]
    assert [(await ends(door, who, one))[0] for who, one in zip((clerk, puppet, token), crowd, strict=False)] == [
        204
    ] * ENDS
    status, why = await ends(door, puppet, crowd[-1])
    assert (status, "an hour" in why) == (409, True)
    assert (await ends(door, door.tokens["here", REVIEWER], crowd[-1]))[0] == 204, "another's are their own"


async def test_whoever_is_on_shift_while_an_incident_is_open_is_ended_by_a_privacy_officer_alone(door: Door) -> None:
    """At three in the morning nobody's registrar takes the room away from whoever follows her."""
    account = await hired(door, "awake", DISPATCHER)
    agency = door.site.ids["police"]
    await door.site.execute(
        "INSERT INTO shift (id, agency, account, starts_at, ends_at, begun_at, planned_by) "
        "VALUES (:id, :agency, :account, now(), now() + interval '8 hours', now(), :account)",
        id=uuid7(), agency=agency, account=account,
    )  # fmt: skip
    await door.site.execute(
        "INSERT INTO incident (id, pair, police_agency, priority, status, opened_at) "
        "VALUES (:id, :pair, :agency, 1, 'Active', now())",
        id=uuid7(), pair=uuid7(), agency=agency,
    )  # fmt: skip
    status, why = await ends(door, door.tokens["here", REGISTRAR], account)
    assert (status, "on shift" in why) == (409, True)
    assert (await ends(door, door.tokens["here", REVIEWER], account))[0] == 204


async def test_the_operator_brings_an_account_back(door: Door, database_url: str) -> None:
    """What was ended by mistake, or by malice, opens with its password again; it is on the ledger, and nothing else comes back."""
    async with door.site.database.transaction() as connection:
        account, password = await create_account(
            connection, door.site.ids["police"], DISPATCHER, "gone", None, None
        )  # fmt: skip
    assert (await ends(door, door.tokens["here", REGISTRAR], account))[0] == 204
    await restored("gone", database_url)
    assert (await call(door, "", "POST", "/api/sessions", {"name": "gone", "password": password}))[0] == 201
    (row,) = await said(door, "account_restored")
    assert (row["account"], row["subject"], row["role"]) == (None, str(account), "dispatcher")
    assert [what for what, _ in await told(door)] == ["account-ended", "account-restored"]
    looks = (await call(door, door.tokens["here", REVIEWER], "GET", "/api/access/register"))[1]["looks"]
    odd = (await call(door, door.tokens["here", REVIEWER], "GET", "/api/access/unusual"))[1]["unusual"]
    assert ("account-restored", str(UUID(int=0))) in {(one["kind"], one["account"]) for one in odd}
    assert "account-ended" in {one["kind"] for one in odd}
    done = [(look["what"], look["account"]) for look in looks if look["subject"] == str(account)]
    assert done[0] == ("account_restored", str(UUID(int=0))), "the operator has no account"
    for name in ("gone", "nobody"):
        with pytest.raises(NotFound):
            await restored(name, database_url)


@pytest.mark.parametrize("reader", [REGISTRAR, REVIEWER])
async def test_registrars_and_privacy_officers_read_on_the_roster_whose_account_ended_or_came_back(
    door: Door, database_url: str, reader: Any
) -> None:
    """By a colleague or by the operator's command, by name and when; no room and no other agency reads it."""
    await hired(door, "gone", DISPATCHER)
    await ended("gone", database_url)
    await restored("gone", database_url)
    assert (await ends(door, door.tokens["here", REVIEWER], await named(door, "gone")))[0] == 204
    found = (await call(door, door.tokens["here", reader], "GET", "/api/duty"))[1]["accounts"]
    assert [(one["what"], one["name"], one["by"]) for one in found] == [
        ("account_ended", "gone", "police-reviewer"), ("account_restored", "gone", None), ("account_ended", "gone", None)
    ]  # fmt: skip
    for other in (("here", DISPATCHER), ("elsewhere", REGISTRAR)):
        assert (await call(door, door.tokens[other], "GET", "/api/duty"))[1]["accounts"] == []


async def test_a_puppet_made_a_minute_ago_lets_nobody_end_the_last_of_a_role(door: Door) -> None:
    """Of one's own hand only who has worked for a day counts; somebody else's account counts at once."""
    clerk, agency = door.tokens["here", REGISTRAR], door.site.ids["police"]
    await door.site.execute(
        "UPDATE account SET disabled_at = now() WHERE agency = :a AND role = 'dispatcher' AND name <> 'police-dispatcher'",
        a=agency,
    )
    (puppet,) = (await imported(door, clerk, {"name": "puppet", "role": "dispatcher"}))["accounts"]
    await signed_in(door, puppet)
    last = await named(door, "police-dispatcher")
    status, why = await ends(door, clerk, last)
    assert (status, "last account" in why) == (409, True)
    await door.site.execute(
        "UPDATE session SET started_at = started_at - interval '25 hours' WHERE account = :a", a=UUID(puppet["id"])
    )
    assert (await ends(door, clerk, last))[0] == 204
