"""Accounts and sessions on a real database."""

import asyncio
import re
import unicodedata
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from jikimi.identity import passwords
from jikimi.identity.accounts import create_account, first_run
from jikimi.identity.cache import Recent
from jikimi.identity.locks import FREE
from jikimi.identity.model import Actor, Role, SignIn
from jikimi.identity.service import KNOWN_S, actor_for, open_session, sign_in, sign_out
from jikimi.kernel.errors import Absurd, Conflict, NotFound, Unauthenticated
from jikimi.kernel.ids import uuid7
from jikimi.kernel.units import UnixTime
from jikimi.store.database import Database

NOON = 1_780_000_000.0


class Hand:
    """A clock set by hand."""

    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def unix(self) -> UnixTime:
        """The time it was set to."""
        return UnixTime(self.at)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that costs a test nothing, and refusals that do not wait."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setattr("jikimi.identity.service.REFUSAL_S", 0.0)
    passwords._nobody.cache_clear()


@pytest.fixture
async def sign_ins(service: Database) -> dict[str, SignIn]:
    """The six accounts of a first run."""
    async with service.transaction() as connection:
        made = await first_run(connection)
    return {sign_in.name: sign_in for sign_in in made}


async def counted(database: Database, name: str) -> int:
    async with database.transaction() as connection:
        return int(
            (await connection.execute(text("SELECT failures FROM account WHERE name = :n"), {"n": name})).scalar_one()
        )


async def test_a_first_run_makes_two_agencies_two_units_and_eight_accounts(
    service: Database, sign_ins: dict[str, SignIn]
) -> None:
    """A new installation has one account for each role and a registrar in either agency, each in its own agency."""
    assert sorted((s.role, s.agency) for s in sign_ins.values()) == [
        (Role.DISPATCHER, "Police"),
        (Role.MONITOR, "Monitoring"),
        (Role.POLICE_OFFICER, "Police"),
        (Role.PROBATION_OFFICER, "Monitoring"),
        (Role.REGISTRAR, "Monitoring"),
        (Role.REGISTRAR, "Police"),
        (Role.REVIEWER, "Monitoring"),
        (Role.REVIEWER, "Police"),
    ]
    async with service.transaction() as connection:
        found = await connection.execute(
            text(
                "SELECT account.role, unit.kind FROM account JOIN unit ON unit.id = account.unit "
                "AND unit.agency = account.agency JOIN agency ON agency.id = account.agency ORDER BY 1"
            )
        )
        assert [tuple(row) for row in found] == [("police_officer", "police"), ("probation_officer", "probation")]


async def test_a_first_run_s_passwords_are_long_and_nowhere_in_clear(
    service: Database, sign_ins: dict[str, SignIn]
) -> None:
    """Generated passwords have twenty or more unmistakable characters and are stored only as Argon2id."""
    for made in sign_ins.values():
        assert len(made.password) >= 20
        assert not set(made.password) & set("0O1lI5S8B")
        assert made.password not in repr(made)
    async with service.transaction() as connection:
        rows = (await connection.execute(text("SELECT secret FROM account"))).scalars().all()
        ledger = (await connection.execute(text("SELECT string_agg(body, '') FROM ledger_row"))).scalar_one()
    assert all(row.startswith("$argon2id$") for row in rows)
    assert not [made for made in sign_ins.values() if made.password in ledger]


async def test_a_second_first_run_makes_nothing(service: Database, sign_ins: dict[str, SignIn]) -> None:
    """Two processes starting at once make one set of accounts between them."""
    assert len(sign_ins) == 8

    async def again() -> list[SignIn]:
        async with service.transaction() as connection:
            return await first_run(connection)

    assert not any(await asyncio.gather(again(), again()))


async def test_two_processes_starting_at_once_make_one_set_of_accounts(service: Database) -> None:
    """The second waits for the first and then finds its accounts."""

    async def run() -> list[SignIn]:
        async with service.transaction() as connection:
            return await first_run(connection)

    assert sorted(map(len, await asyncio.gather(run(), run()))) == [0, 8]


async def test_the_right_password_opens_a_session(service: Database, clock: Hand, sign_ins: dict[str, SignIn]) -> None:
    """A token speaks for its account, and only the token's digest is in the record."""
    token, actor = await sign_in(service, clock, "police-officer", sign_ins["police-officer"].password)
    assert len(token) >= 43
    assert (actor.name, actor.role) == ("police-officer", Role.POLICE_OFFICER)
    assert actor.unit is not None
    assert await actor_for(service, clock, token) == actor
    async with service.transaction() as connection:
        dump = (await connection.execute(text("SELECT session::text FROM session"))).scalars().all()
        ledger = (await connection.execute(text("SELECT string_agg(body, '') FROM ledger_row"))).scalar_one()
    assert token not in "".join(dump) + ledger
    assert '"kind":"signed_in"' in ledger


async def test_a_session_ends_after_twelve_hours(service: Database, clock: Hand, sign_ins: dict[str, SignIn]) -> None:
    """A session holds for one shift and not a second longer."""
    token, actor = await sign_in(service, clock, "monitor", sign_ins["monitor"].password)
    clock.at += 12 * 3600 - 1
    assert await actor_for(service, clock, token) == actor
    clock.at += 1
    assert await actor_for(service, clock, token) is None


async def test_signing_out_ends_the_session_at_once(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """In the process that is told, a session is over with the answer; twice is once."""
    token, actor = await sign_in(service, clock, "monitor", sign_ins["monitor"].password)
    assert await actor_for(service, clock, token) == actor
    await sign_out(service, clock, actor)
    assert await actor_for(service, clock, token) is None
    await sign_out(service, clock, actor)
    async with service.transaction() as connection:
        ledger = (await connection.execute(text("SELECT body FROM ledger_row"))).scalars().all()
    assert len([body for body in ledger if '"kind":"signed_out"' in body]) == 1


async def test_another_process_s_sign_out_is_seen_within_a_second(
    service: Database, database_url: str, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """What this process remembers of a session it forgets within a second."""
    token, actor = await sign_in(service, clock, "monitor", sign_ins["monitor"].password)
    assert await actor_for(service, clock, token) == actor
    other = Database(database_url, "service")
    await sign_out(other, clock, actor)
    await other.close()
    clock.at += 0.4
    assert await actor_for(service, clock, token) is None


async def test_asking_within_a_moment_asks_the_record_once(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """Hot paths do not query for each request; a clock that steps back does."""
    token, actor = await sign_in(service, clock, "monitor", sign_ins["monitor"].password)
    assert await actor_for(service, clock, token) == actor
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE session SET ended_at = now()"))
    clock.at += 0.39
    assert await actor_for(service, clock, token) == actor
    clock.at -= 2
    assert await actor_for(service, clock, token) is None


async def test_a_disabled_account_s_sessions_are_over(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """Disabling an account ends what it has open and lets nobody in."""
    token, _ = await sign_in(service, clock, "monitor", sign_ins["monitor"].password)
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE account SET disabled_at = now() WHERE name = 'monitor'"))
    assert await actor_for(service, clock, token) is None
    with pytest.raises(Unauthenticated):
        await sign_in(service, clock, "monitor", sign_ins["monitor"].password)


@pytest.mark.parametrize("token", ["", "x", "x" * 129, "\ud800", "a" * 43])
async def test_a_made_up_token_speaks_for_nobody(service: Database, clock: Hand, token: str) -> None:
    """What we did not give out opens nothing and breaks nothing."""
    assert await actor_for(service, clock, token) is None


async def test_every_refusal_is_the_same_and_costs_one_hash(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, wrong, locked, disabled and unspeakable names get one answer for one comparison each."""
    hashed: list[bytes] = []
    honest = passwords._bytes

    def watched(password: str) -> bytes:
        hashed.append(honest(password))
        return hashed[-1]

    monkeypatch.setattr(passwords, "_bytes", watched)
    async with service.transaction() as connection:
        await connection.execute(text("UPDATE account SET disabled_at = now() WHERE name = 'monitor'"))
        await connection.execute(
            text("UPDATE account SET locked_until = '2099-01-01' WHERE name = 'monitoring-registrar'")
        )
    tries = [
        ("nobody", "x"),
        ("dispatcher", "wrong"),
        ("monitoring-registrar", sign_ins["monitoring-registrar"].password),
        ("monitor", sign_ins["monitor"].password),
        ("a\x00b", "x"),
        ("\ud800", "\ud800"),
    ]
    answers = set()
    for name, password in tries:
        with pytest.raises(Unauthenticated) as refusal:
            await sign_in(service, clock, name, password)
        answers.add(str(refusal.value.problem()))
    assert len(answers) == 1
    assert len(hashed) == len(tries)


async def test_a_refusal_waits_for_its_hour(service: Database, clock: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    """No refusal is given before the one moment at which all are given."""
    monkeypatch.setattr("jikimi.identity.service.REFUSAL_S", 0.2)
    loop = asyncio.get_running_loop()
    asked = loop.time()
    with pytest.raises(Unauthenticated):
        await sign_in(service, clock, "nobody", "x")
    assert loop.time() - asked >= 0.2


async def test_five_wrong_passwords_lock_for_a_growing_time(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """The fifth wrong password locks for 30 s, the next for 60; the right one opens only after, and forgives."""
    right = sign_ins["dispatcher"].password

    async def refused(password: str) -> None:
        with pytest.raises(Unauthenticated):
            await sign_in(service, clock, "dispatcher", password)

    for _ in range(FREE):
        await refused("wrong")
    await refused(right)
    clock.at += 29
    await refused(right)
    assert await counted(service, "dispatcher") == FREE
    clock.at += 2
    await refused("wrong")
    clock.at += 59
    await refused(right)
    clock.at += 2
    await sign_in(service, clock, "dispatcher", right)
    assert await counted(service, "dispatcher") == 0


async def test_guesses_made_at_once_do_not_pass_the_count(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """Of twelve guesses at the same moment five are counted and the rest find it locked, the right one too if late."""
    guesses = [*("wrong" for _ in range(12))]
    await asyncio.gather(*(sign_in(service, clock, "dispatcher", guess) for guess in guesses), return_exceptions=True)
    assert await counted(service, "dispatcher") == FREE
    with pytest.raises(Unauthenticated):
        await sign_in(service, clock, "dispatcher", sign_ins["dispatcher"].password)


async def test_an_account_disabled_or_changed_while_its_password_was_compared_opens_nothing(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was true before the comparison is looked at again before a session starts."""
    honest = passwords.matches
    changes = ["UPDATE account SET disabled_at = now()", "UPDATE account SET secret = 'other'"]

    async def meanwhile(stored: str | None, password: str) -> bool:
        async with service.transaction() as connection:
            await connection.execute(text(changes.pop()))
        return await honest(stored, password)

    monkeypatch.setattr(passwords, "matches", meanwhile)
    while changes:
        with pytest.raises(Unauthenticated):
            await sign_in(service, clock, "monitor", sign_ins["monitor"].password)


async def test_an_outdated_hash_is_renewed_at_sign_in(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When parameters grow, accounts follow one sign-in at a time."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=128, parallelism=1))
    passwords._nobody.cache_clear()
    for _ in range(2):
        await sign_in(service, clock, "monitor", sign_ins["monitor"].password)
    async with service.transaction() as connection:
        secret = (await connection.execute(text("SELECT secret FROM account WHERE name = 'monitor'"))).scalar_one()
    assert re.search(r"m=128,t=2,p=1", secret)


async def made(service: Database, **change: object) -> tuple[UUID, str]:
    async with service.transaction() as connection:
        agency = uuid7()
        await connection.execute(
            text("INSERT INTO agency (id, kind, name) VALUES (:id, 'police', 'X')"), {"id": agency}
        )
        given = {"agency": agency, "role": Role.DISPATCHER, "name": "kim", "password": None, "unit": None} | change
        return await create_account(connection, **given)  # type: ignore[arg-type]


async def test_a_chosen_password_opens_its_account(service: Database, clock: Hand) -> None:
    """A person may choose a password of twelve characters, typed on any keyboard."""
    chosen = "지킴이가 지켜본다 12"
    account, password = await made(service, password=chosen)
    assert password == chosen
    _, actor = await sign_in(service, clock, "kim", unicodedata.normalize("NFD", password))
    assert actor.account == account


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"password": "short"}, Absurd),
        ({"password": "aaaaaaaaaaaaaaaa"}, Absurd),
        ({"password": "x1" * 600}, Absurd),
        ({"name": ""}, Absurd),
        ({"name": " kim"}, Absurd),
        ({"name": "k\nim"}, Absurd),
        ({"name": "k" * 65}, Absurd),
        ({"unit": uuid4()}, Absurd),
        ({"role": Role.POLICE_OFFICER}, Absurd),
        ({"role": Role.POLICE_OFFICER, "unit": uuid4()}, NotFound),
    ],
)
async def test_an_account_that_cannot_be_is_refused(
    service: Database, change: dict[str, object], error: type[Exception]
) -> None:
    """Weak passwords, unreadable names and officers without a unit of their agency make no account."""
    with pytest.raises(error):
        await made(service, **change)


async def test_a_name_is_taken_once(service: Database) -> None:
    """Two accounts never share a name."""
    await made(service)
    with pytest.raises(Conflict):
        await made(service)


def test_forgetting_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers of sessions is bounded, and the oldest goes first."""
    monkeypatch.setattr("jikimi.identity.cache._MOST", 2)
    recent = Recent()
    actor = Actor(uuid7(), uuid7(), Role.MONITOR, None, "m", uuid7())
    for number in range(3):
        recent.put(bytes([number]), replace(actor, session=uuid7()), NOON)
    assert [recent.get(bytes([number]), NOON) is not None for number in range(3)] == [False, True, True]


# origins --------------------------------------------------------------------------------------------------------


async def refused_from(service: Database, clock: Hand, origin: str | None, right: str | None = None) -> None:
    """A try from somewhere that is not let in, with a wrong password unless told otherwise."""
    with pytest.raises(Unauthenticated):
        await open_session(service, clock, "dispatcher", right or "wrong", origin)


async def test_guesses_from_elsewhere_do_not_lock_the_owner_out(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """The account is shut to strangers, wherever they come from; the owner signs in from where the owner has been."""
    right = sign_ins["dispatcher"].password
    await open_session(service, clock, "dispatcher", right, "192.0.2.1")
    for number in range(3 * FREE):
        await refused_from(service, clock, f"198.51.100.{number}")
    await refused_from(service, clock, "198.51.100.99", right)
    await refused_from(service, clock, None, right)
    await open_session(service, clock, "dispatcher", right, "192.0.2.1")
    # And the owner's coming in opens nothing to strangers.
    await refused_from(service, clock, "198.51.100.99", right)
    assert await counted(service, "dispatcher") == FREE


async def test_guesses_from_a_known_origin_lock_that_origin_alone(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """Counted there, locked there for a growing time, forgiven there; other origins of the owner's stay open."""
    right = sign_ins["dispatcher"].password
    for origin in ("192.0.2.1", "192.0.2.2"):
        await open_session(service, clock, "dispatcher", right, origin)
    for _ in range(FREE):
        await refused_from(service, clock, "192.0.2.1")
    await refused_from(service, clock, "192.0.2.1", right)
    assert await counted(service, "dispatcher") == 0
    await open_session(service, clock, "dispatcher", right, "192.0.2.2")
    clock.at += 31
    await open_session(service, clock, "dispatcher", right, "192.0.2.1")
    await refused_from(service, clock, "192.0.2.1")
    await open_session(service, clock, "dispatcher", right, "192.0.2.1")


async def test_an_origin_is_forgotten_after_ninety_days(
    service: Database, clock: Hand, sign_ins: dict[str, SignIn]
) -> None:
    """Where the owner has not been for so long is a stranger's like any other, and is no longer kept."""
    right = sign_ins["dispatcher"].password
    await open_session(service, clock, "dispatcher", right, "192.0.2.1")
    clock.at += KNOWN_S + 1
    for _ in range(FREE):
        await refused_from(service, clock, "198.51.100.1")
    await refused_from(service, clock, "192.0.2.1", right)
    clock.at += 31
    await open_session(service, clock, "dispatcher", right, "192.0.2.2")
    async with service.transaction() as connection:
        kept = (await connection.execute(text("SELECT origin FROM account_origin"))).scalars().all()
    assert kept == ["192.0.2.2"]
