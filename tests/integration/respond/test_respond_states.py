"""Whatever officers, rooms and time do, in whatever order: nothing is lost, doubled or silenced."""

import asyncio
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.integration.respond.conftest import Site, site_of

from jikimi.kernel.errors import Conflict, JikimiError, NotFound
from jikimi.respond import service
from jikimi.respond.model import ENDED, NEXT, TaskingState
from jikimi.store.database import Database
from jikimi.store.embedded import Postgres
from jikimi.stream.client import connect
from jikimi.stream.embedded import Nats
from jikimi.vault import Vault

UNITS = ["p1", "p2", "p3", "m1", "m2"]


class Response(RuleBasedStateMachine):
    """One pair's response under arbitrary answers, closings, alerts and time."""

    postgres: ClassVar[Postgres]
    nats: ClassVar[Nats]
    template: ClassVar[str]
    data: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.alerts = 0
        self.last: dict[Any, TaskingState] = {}
        self.name = f"t{uuid4().hex}"
        with psycopg.connect(self.postgres.url, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}"'.encode())
        url = self.postgres.url.rsplit("/", 1)[0] + "/" + self.name
        self.database = Database(url, "service", custody=Vault(self.data).custody())

    def do(self, what: Any) -> Any:
        """Run to its end."""
        return self.loop.run_until_complete(what)

    @initialize()
    def world(self) -> None:
        """A breach that has just been decided."""

        async def make() -> Site:
            return await site_of(self.database, await connect(self.nats.url("respond"), "respond"))

        self.site = self.do(make())
        self.breach("A02")

    @rule(code=st.sampled_from(["A02", "A06", "A08", "A11"]))
    def breach(self, code: str) -> None:
        """Another alert of the pair."""
        self.alerts += 1
        self.do(self.site.take(self.site.alert(code, n=self.alerts)))

    @rule(n=st.integers(0, 50))
    def repeat(self, n: int) -> None:
        """An alert that was recorded before, once more."""
        before = self.do(self.site.counts())
        recorded = self.do(self.site.rows("SELECT code, id FROM alert ORDER BY decided_at, id"))
        known = recorded[n % len(recorded)]
        number = next(
            i for i in range(1, self.alerts + 1) if self.site.alert(known["code"], n=i).alert == str(known["id"])
        )
        self.do(self.site.take(self.site.alert(known["code"], n=number)))
        assert self.do(self.site.counts()) == before

    @rule(
        ref=st.sampled_from(UNITS), state=st.sampled_from(["accepted", "rejected", "en_route", "on_scene", "cleared"])
    )
    def answer(self, ref: str, state: str) -> None:
        """An officer reports: legal steps pass, all others are refused and change nothing."""
        mine = [t for t in self.do(self.site.taskings()) if t["ref"] == ref]
        if not mine:
            return
        before, wanted = TaskingState(mine[-1]["state"]), TaskingState(state)
        legal = wanted in NEXT.get(before, set()) and mine[-1]["ended_at"] is None
        try:
            said = self.do(self.site.answer(ref, state, "busy"))
        except Conflict:
            assert not legal
            assert before != wanted
        else:
            assert legal or before == wanted
            assert bool(said) == (before != wanted)

    @rule(ref=st.sampled_from(UNITS))
    def answer_for_another(self, ref: str) -> None:
        """Somebody else's tasking is nobody's."""
        other = [t for t in self.do(self.site.taskings()) if t["ref"] != ref]
        with pytest.raises(NotFound):
            self.do(self.site.answer(ref, "accepted", tasking=other[-1]["id"] if other else uuid4()))

    @rule(room=st.sampled_from(["police", "centre"]))
    def take(self, room: str) -> None:
        """A room takes the newest incident."""
        incident = self.do(self.site.incident())["id"]
        self.do(self.site.do(lambda c: service.take_incident(c, self.site.room(room), incident, self.site.clock.at)))

    @rule(outcome=st.sampled_from(["apprehended", "moved_on_warned", "false_alarm"]))
    def close(self, outcome: str) -> None:
        """The room closes: refused while it goes on and nobody stands between them, or for what nobody can have done."""
        incident = self.do(self.site.incident())
        holding = self.do(self.site.one(
            "SELECT count(*) FROM alert WHERE incident = :id AND cleared_at IS NULL AND code = ANY(:codes)",
            id=incident["id"], codes=service.URGENT))  # fmt: skip
        came = self.do(
            self.site.one(
                "SELECT count(*) FROM tasking WHERE incident = :id AND state IN ('on_scene', 'cleared')",
                id=incident["id"],
            )
        )
        refused = not came if outcome == "apprehended" else bool(holding)
        closing = service.Closing("real_approach", "both_on_scene", outcome)
        room = self.site.room("police")
        try:
            self.do(self.site.do(lambda c: service.close(c, room, incident["id"], closing, self.site.clock.at)))
        except JikimiError:
            assert incident["closed_at"] is not None or refused
        else:
            assert incident["closed_at"] is None
            assert not refused

    @rule()
    def clear(self) -> None:
        """Every episode ends by itself."""
        for row in self.do(self.site.rows("SELECT code, id FROM alert WHERE cleared_at IS NULL")):
            for n in range(1, self.alerts + 1):
                alert = self.site.alert(row["code"], n=n)
                if alert.alert == str(row["id"]):
                    self.do(self.site.clear(alert))

    @rule(seconds=st.sampled_from([1.0, 6.0, 11.0, 31.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        """Deadlines fire."""
        self.do(self.site.pass_time(seconds))

    @invariant()
    def all_is_in_order(self) -> None:
        """Steps only go forward, feeds count without a gap, closed is over, and no tasking rests with nobody."""
        if not hasattr(self, "site"):
            return
        taskings = self.do(self.site.taskings())
        incidents = {row["id"]: row for row in self.do(self.site.rows("SELECT * FROM incident"))}
        assert sum(row["closed_at"] is None for row in incidents.values()) <= 1
        due = {(row["kind"], row["key"]) for row in self.do(self.site.due())}
        for tasking in taskings:
            state = TaskingState(tasking["state"])
            assert (tasking["ended_at"] is not None) == (state in ENDED)
            if incidents[tasking["incident"]]["closed_at"] is not None:
                assert state in ENDED
            elif state is TaskingState.TASKED:
                chased = {("undelivered", str(tasking["id"])), ("unaccepted", str(tasking["id"]))}
                assert due & chased or len(taskings) > 1
            order = list(TaskingState)
            assert order.index(state) >= order.index(self.last.get(tasking["id"], TaskingState.TASKED))
            self.last[tasking["id"]] = state
        busy = [t["unit"] for t in taskings if t["ended_at"] is None]
        assert len(busy) == len(set(busy))
        gaps = self.do(self.site.rows(
            "SELECT f.id FROM feed f LEFT JOIN feed_message m ON m.feed = f.id GROUP BY f.id, f.seq"
            " HAVING count(m.seq) <> f.seq OR max(m.seq) <> f.seq"))  # fmt: skip
        assert gaps == []
        for identifier, incident in incidents.items():
            if incident["closed_at"] is not None:
                assert not [key for _, key in due if key == str(identifier)]

    def teardown(self) -> None:
        if hasattr(self, "site"):
            self.do(self.site.client.close())
        self.do(self.database.close())
        self.loop.close()
        with psycopg.connect(self.postgres.url, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)'.encode())


def test_no_order_of_acts_breaks_the_response(postgres: Postgres, shared_nats: Nats, migrated: str, data: Path) -> None:
    """Answers, closings, repeats and deadlines in any order keep every promise at once."""
    Response.postgres, Response.nats, Response.template, Response.data = postgres, shared_nats, migrated, data
    run_state_machine_as_test(
        Response,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # fmt: skip
