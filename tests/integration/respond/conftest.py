"""A response at work on a real PostgreSQL and a real NATS, and decisions made by hand."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.conftest import ROLES, free_port
from tests.patience import PATIENCE
from tests.test_registry_world import HandClock

from jikimi.detect import decisions
from jikimi.detect.decisions import Alert, Cleared, Decision, Known
from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import iso
from jikimi.kernel.ids import derived, uuid7
from jikimi.kernel.process import unprivileged
from jikimi.ledger.digests import Digester
from jikimi.registry.regimes import edition_at
from jikimi.registry.service import import_document
from jikimi.respond import feeds, rules, service
from jikimi.respond.deadlines import Deadlines
from jikimi.respond.facts import reasons_of
from jikimi.respond.model import HOLDS, Message, TaskingState
from jikimi.respond.picture import Picture
from jikimi.respond.responder import Responder
from jikimi.respond.roster import Roster
from jikimi.store.database import Database
from jikimi.store.due import Due
from jikimi.stream import names
from jikimi.stream.client import connect, set_up
from jikimi.stream.embedded import Nats
from jikimi.stream.tail import Entry

HERE = (127.0, 37.5)
SECRET = (127.7777777, 37.8888888)


def document(since: float) -> dict[str, Any]:
    """Two agencies with an order between them, one order the police watch alone, and a third agency."""

    def unit(ref: str, agency: str, kind: str, callsign: str, east_m: float | None = None) -> dict[str, Any]:
        where = None
        if east_m is not None:
            where = {"lon": HERE[0] + east_m / 88_000, "lat": HERE[1], "sigma_m": 5, "at": iso(since)}
        return {"ref": ref, "agency": agency, "kind": kind, "callsign": callsign, "status": "available",
                **({"position": where} if where else {})}  # fmt: skip

    def order(ref: str, he: str, she: str | None, **more: Any) -> dict[str, Any]:
        return {"ref": ref, "police_agency": "police", "regime": "kr", "article": "제9조제1항제2호", "offender": he,
                "victim": she, "from": iso(since), "radius_m": 100, "arrestable": True, **more}  # fmt: skip

    places = [
        {"kind": "shelter", "secret": True, "lon": SECRET[0], "lat": SECRET[1], "radius_m": 150},
        {"kind": "work", "lon": 127.01, "lat": 37.51, "radius_m": 100},
    ]
    people = ["he", "she", "he2", "she2", "he3", "she3", "he4", "she4"]
    return {
        "agencies": [
            {"ref": "police", "kind": "police", "name": "Hanbit Police"},
            {"ref": "centre", "kind": "monitoring", "name": "Hanbit Monitoring"},
            {"ref": "others", "kind": "police", "name": "Daon Police"},
            {"ref": "helpers", "kind": "support", "name": "Hanbit Support"},
        ],
        "units": [
            unit("p1", "police", "police", "P-1", 500), unit("p2", "police", "police", "P-2", 900),
            unit("p3", "police", "police", "P-3"), unit("m1", "centre", "probation", "M-1", 2000),
            unit("m2", "centre", "probation", "M-2", 100), unit("x1", "others", "police", "X-1", 10),
        ],
        "people": [{"ref": ref, "agency": "police", "label": ref} for ref in people],
        "orders": [
            order("order", "he", "she", monitoring_agency="centre", places=places), order("alone", "he2", "she2"),
            order("third", "he3", "she3", monitoring_agency="centre"),
            order("fourth", "he4", "she4", monitoring_agency="centre"),
        ],
    }  # fmt: skip


@dataclass
class Site:
    """One site's response with its record, and what a test asks of both."""

    database: Database
    client: Client
    clock: HandClock
    ids: dict[str, UUID]
    responder: Responder
    seq: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    def alert(self, code: str = "A02", order: str = "order", n: int = 0, **changed: Any) -> Alert:
        """A decision of a code about an order's pair, told apart by ``n``."""
        parties = {
            "order": ("he", "she"),
            "alone": ("he2", "she2"),
            "third": ("he3", "she3"),
            "fourth": ("he4", "she4"),
        }
        he, she = (self.ids[who] for who in parties[order])
        now = self.clock.at
        return msgspec.structs.replace(
            Alert(
                alert=str(derived(self.ids[order], code, n)), code=code, order=str(self.ids[order]), also_orders=[],
                at=now - 2, decided_at=now - 1, state="BREACH", distance_m=80.04, sigma_m=7.07, time_to_contact_s=None,
                attribution=None, grade="live", place=None, reason={"rule": "p"}, pair=str(derived("pair", he, she)),
                offender=Known(str(he), now - 2, HERE[0] + 0.001, HERE[1], 5.0, 1.0, 1.2, 90.0),
                victim=Known(str(she), now - 5, HERE[0], HERE[1], 5.0, 4.0), offender_id=str(he), victim_id=str(she),
            ),
            **changed,
        )  # fmt: skip

    def entries(self, *found: Decision | bytes) -> list[Entry]:
        """Decisions as the log hands them over, numbered on."""
        entries = []
        for one in found:
            self.seq += 1
            body = one if isinstance(one, bytes) else decisions.encode(one)
            entries.append(Entry(self.seq, names.DECISION, body, 0, self.seq))
        return entries

    async def take(self, *found: Decision | bytes) -> None:
        """Let the responder take them in one batch, with the roster as it is now."""
        self.clock.at += 0.001
        await self.responder.roster.reload(self.database)
        await self.responder.take(self.entries(*found))

    async def clear(self, alert: Alert) -> None:
        """Let its episode end."""
        await self.take(Cleared(alert.alert, alert.code, alert.order, self.clock.at, self.clock.at))

    async def rows(self, statement: str, **values: object) -> list[Any]:
        """What a statement finds, as mappings."""
        async with self.database.transaction() as connection:
            return [row._mapping for row in await connection.execute(text(statement), values)]

    async def one(self, statement: str, **values: object) -> Any:
        """The one value a statement finds."""
        async with self.database.transaction() as connection:
            return (await connection.execute(text(statement), values)).scalar_one()

    async def execute(self, statement: str, **values: object) -> None:
        """Change the record by hand."""
        async with self.database.transaction() as connection:
            await connection.execute(text(statement), values)

    async def counts(self) -> dict[str, int]:
        """How many rows every table of the record holds."""
        tables = await self.rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                                 " AND relname <> 'alembic_version' ORDER BY 1")  # fmt: skip
        return {row["relname"]: await self.one(f"SELECT count(*) FROM {row['relname']}") for row in tables}

    async def incident(self, order: str = "order") -> Any:
        """The newest incident of an order, with seconds for times."""
        found = await self.rows(
            'SELECT * FROM incident WHERE "order" = :id ORDER BY opened_at DESC, id', id=self.ids[order]
        )
        return found[0] if found else None

    async def taskings(self, kind: str | None = None) -> list[Any]:
        """Taskings with their unit's ref, in the order they were made."""
        refs = {value: key for key, value in self.ids.items()}
        found = await self.rows(
            "SELECT t.*, u.kind FROM tasking t JOIN unit u ON u.id = t.unit ORDER BY t.tasked_at, t.id"
        )
        async with self.database.transaction() as connection:
            reasons = {row["id"]: reasons_of(connection, SimpleNamespace(**row)) for row in found}
        return [
            {**row, "ref": refs[row["unit"]], "reasons": reasons[row["id"]]}
            for row in found
            if kind in (None, row["kind"])
        ]

    async def tasking(self, ref: str) -> UUID:
        """The newest tasking of a unit."""
        return UUID(str([row["id"] for row in await self.taskings() if row["ref"] == ref][-1]))

    async def feed(self, name: str) -> list[dict[str, Any]]:
        """What a room or a unit was told, by order: (kind, body) with its number."""
        which = f"{'unit' if name[1:].isdigit() else 'room'}:{self.ids[name]}"
        async with self.database.transaction() as connection:
            found = await connection.execute(
                text("SELECT seq, kind, incident, body, sealed FROM feed_message WHERE feed = :feed ORDER BY seq"),
                {"feed": which},
            )
            return [
                {
                    "seq": row.seq,
                    "kind": row.kind,
                    "incident": row.incident,
                    "body": feeds.body_of(connection, which, row),
                }
                for row in found
            ]

    async def kinds(self, name: str) -> list[str]:
        """The kinds of messages a feed holds; a page by why it was sent."""
        return [m["body"]["why"] if m["kind"] == "page" else m["kind"] for m in await self.feed(name)]

    async def ledger(self) -> list[dict[str, Any]]:
        """Every ledger row."""
        return [msgspec.json.decode(row["body"]) for row in await self.rows("SELECT body FROM ledger_row ORDER BY id")]

    def officer(self, ref: str) -> Actor:
        """Somebody of that unit."""
        agency = {"p": "police", "m": "centre", "x": "others"}[ref[0]]
        role = Role.PROBATION_OFFICER if ref[0] == "m" else Role.POLICE_OFFICER
        return Actor(uuid7(), self.ids[agency], role, self.ids[ref], ref, uuid7())

    def room(self, ref: str) -> Actor:
        """Somebody in that agency's room."""
        role = Role.MONITOR if ref == "centre" else Role.DISPATCHER
        return Actor(uuid7(), self.ids[ref], role, None, ref, uuid7())

    async def do(self, act: Callable[[AsyncConnection], Any]) -> Any:
        """Something in a transaction, published after it."""
        async with self.database.transaction() as connection:
            messages: list[Message] = await act(connection)
        await feeds.publish(self.client, messages)
        return messages

    async def answer(
        self, ref: str, state: str, reason: str | None = None, tasking: UUID | None = None
    ) -> list[Message]:
        """An officer's report on the newest tasking of the own unit."""
        which, actor = tasking or await self.tasking(ref), self.officer(ref)
        made: list[Message] = await self.do(
            lambda c: service.answer(c, actor, which, TaskingState(state), reason, self.clock.at)
        )
        return made

    async def close(
        self, by: str = "police", outcome: str = "moved_on_warned", incident: UUID | None = None, **said: Any
    ) -> None:
        """Close the order's incident with good codes, or the ones given; whatever takes an officer on scene has one."""
        closing = service.Closing(**{"cause": "real_approach", "response": "both_on_scene", "outcome": outcome, **said})
        which = incident or (await self.incident())["id"]
        if closing.outcome in HOLDS:
            await self.arrive(which)
        await self.do(lambda c: service.close(c, self.room(by), which, closing, self.clock.at))

    async def arrive(self, incident: UUID) -> None:
        """Somebody is on scene, without a word of how."""
        await self.execute("UPDATE tasking SET state = 'on_scene' WHERE id = (SELECT t.id FROM tasking t JOIN incident i"
                           " ON i.id = t.incident WHERE i.id = :id AND i.closed_at IS NULL"
                           " ORDER BY t.ended_at IS NOT NULL, t.tasked_at LIMIT 1)", id=incident)  # fmt: skip

    async def due(self, kind: str | None = None) -> list[Any]:
        """What is to happen later: kind, key, body and in how many seconds."""
        return [row for row in await self.rows(
            "SELECT kind, key, body, CAST(extract(epoch FROM at) AS float8) - :now AS in_s FROM due ORDER BY at, seq",
            now=self.clock.at) if kind in (None, row["kind"])]  # fmt: skip

    async def pass_time(self, seconds: float) -> None:
        """Let the hand clock go on and run every deadline that comes due on the way, each at its time."""
        end = self.clock.at + seconds + 0.001
        handlers = Deadlines(self.responder).handlers()
        while True:
            async with self.database.transaction() as connection:
                row = (await connection.execute(text(
                    "SELECT id, kind, key, CAST(extract(epoch FROM at) AS float8) AS at, attempts, body, queue"
                    " FROM due WHERE at <= to_timestamp(:end) ORDER BY at, seq LIMIT 1 FOR UPDATE"),
                    {"end": end})).one_or_none()  # fmt: skip
                if row is None:
                    break
                self.clock.at = max(self.clock.at + 0.00001, row.at)
                await self.responder.roster.reload(self.database)
                after = await handlers[row.kind](connection, Due(*row))
                await connection.execute(text("DELETE FROM due WHERE id = :id"), {"id": row.id})
            if after:
                await after()
        self.clock.at = end

    async def listen(self) -> None:
        """Hear what is told over the wire from now on."""

        async def hear(message: Any) -> None:
            self.heard.append(msgspec.json.decode(message.data))

        await self.client.subscribe(f"{names.FEED}.>", cb=hear)
        await self.client.flush()

    async def all_heard(self) -> None:
        """Wait until everything published so far was heard: one subscription hears in order."""
        await self.client.publish(f"{names.FEED}.end", b'{"feed":"end"}')
        async with asyncio.timeout(10 * PATIENCE):
            while {"feed": "end"} not in self.heard:
                await asyncio.sleep(0.005)

    def told(self, ref: str) -> list[dict[str, Any]]:
        """What went over the wire to one unit or room."""
        return [one for one in self.heard if one["feed"].endswith(str(self.ids[ref]))]


@pytest.fixture(scope="session")
def shared_nats(workshop: Path) -> Iterator[Nats]:
    """One NATS for tests that only publish."""
    folder = workshop / f"nats-respond-{uuid4().hex[:8]}"
    server = Nats(folder, free_port(), {role: uuid4().hex for role in ROLES}, unprivileged(), uuid4().hex)
    server.start()

    async def prepare() -> None:
        client = await connect(server.url("operator"), "operator")
        await set_up(client)
        await client.close()

    asyncio.run(prepare())
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def responder_of(database: Database, client: Client, clock: HandClock) -> Responder:
    """A responder as its role makes one."""
    return Responder(
        database, client, clock, Digester(bytes(range(32))), edition_at(clock.at, "kr"), rules.load("kr"), Roster(),
        Picture(30.0),
    )  # fmt: skip


async def site_of(database: Database, client: Client) -> Site:
    """A fresh world and a responder that knows it."""
    clock = HandClock(float(int(time.time())))
    ids = (await import_document(database, clock, None, document(clock.at - 30 * 86400))).ids
    await _forget(database)
    responder = responder_of(database, client, clock)
    await responder.roster.reload(database)
    await responder.roster.reload_orders(database)
    return Site(database, client, clock, ids, responder)


async def _forget(database: Database) -> None:
    """Drop what entering the world left to be published: it is the registry's, and in the way of counting."""
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM due"))


@pytest.fixture
async def site(service: Database, shared_nats: Nats) -> AsyncIterator[Site]:
    """A site whose record and log answer."""
    client = await connect(shared_nats.url("respond"), "respond")
    yield await site_of(service, client)
    await client.close()


def set_standby(url: str, *, on: bool) -> None:
    """Make a database readable only, as a standby is, or take that back, for connections made from now on."""
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as admin:
        name = url.rsplit("/", 1)[1]
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if on else "off"}'.encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                      [name])  # fmt: skip
