"""Reads of the response. Every one takes an actor, runs under that actor's rights, and is put on the register."""

from uuid import UUID

from sqlalchemy import text

from jikimi.identity.model import FIELD_ROLES, Actor
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import NotFound
from jikimi.respond import log
from jikimi.respond.facts import reasons_of
from jikimi.respond.schemas import AlertOut, IncidentOut, IncidentWhole, TaskingOut
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database

# Of the officers only whoever goes to her is told who she is; of a room whoever may read whose file it is now.
_COLUMNS = """
i.id, i.pair, i."order", (SELECT p.id FROM person p WHERE p.id = i.offender) AS offender,
CASE WHEN CAST(:unit AS uuid) IS NULL OR EXISTS (SELECT FROM tasking t WHERE t.incident = i.id AND t.unit = :unit
  AND t.ended_at IS NULL AND t.toward = 'victim') THEN (SELECT p.id FROM person p WHERE p.id = i.victim) END AS victim,
i.priority, i.dispatch_code, i.status,
CAST(extract(epoch FROM i.opened_at) AS float8) AS opened_at, CAST(extract(epoch FROM i.closed_at) AS float8) AS closed_at,
i.cause, i.response, i.outcome
"""
# An officer reads the incidents of the own unit, while tasked; a room those of its agency.
_MINE = """(CAST(:unit AS uuid) IS NULL OR EXISTS (SELECT FROM tasking t
  WHERE t.incident = i.id AND t.unit = :unit AND t.ended_at IS NULL))"""
_LIST = text(f"""
SELECT {_COLUMNS} FROM incident i WHERE {_MINE} AND (:closed OR i.closed_at IS NULL)
ORDER BY i.closed_at IS NOT NULL, i.priority, i.opened_at DESC LIMIT :most
""")  # noqa: S608 - put together from constants above
_ONE = text(f"SELECT {_COLUMNS} FROM incident i WHERE i.id = :id AND {_MINE}")  # noqa: S608 - the same
_ALERTS = text("""
SELECT id, code, grade, state, CAST(extract(epoch FROM at) AS float8) AS at,
  CAST(extract(epoch FROM decided_at) AS float8) AS decided_at,
  CAST(extract(epoch FROM recorded_at) AS float8) AS recorded_at,
  CAST(extract(epoch FROM cleared_at) AS float8) AS cleared_at FROM alert WHERE incident = :id ORDER BY decided_at
""")
# Why a unit was chosen is a ring around whom it was sent to: for whoever may follow them.
_TASKINGS = text("""
SELECT t.id, t.unit, u.callsign, u.kind, t.toward, t.state, CAST(extract(epoch FROM t.tasked_at) AS float8) AS tasked_at,
  CAST(extract(epoch FROM t.answered_at) AS float8) AS answered_at,
  CAST(extract(epoch FROM t.ended_at) AS float8) AS ended_at,
  CAST(extract(epoch FROM t.forsaken_at) AS float8) AS forsaken_at, d.state AS delivery_state,
  CAST(extract(epoch FROM d.delivered_at) AS float8) AS delivered_at,
  CASE WHEN may.follow THEN t.reasons ELSE '{}' END AS reasons, CASE WHEN may.follow THEN t.sealed END AS sealed
FROM tasking t CROSS JOIN LATERAL (SELECT CAST(:unit AS uuid) IS NULL AND EXISTS (SELECT FROM incident i
    WHERE i.id = t.incident AND granted(CASE t.toward WHEN 'victim' THEN i.victim ELSE i.offender END, 'location')) AS follow) may
  LEFT JOIN unit u ON u.id = t.unit LEFT JOIN delivery d ON d.tasking = t.id
  AND d.alert = t.alert
WHERE t.incident = :id ORDER BY t.tasked_at, t.id
""")


async def incidents(
    people: Database, service: Database, clock: Clock, actor: Actor, *, closed: bool = False, most: int = 200
) -> list[IncidentOut]:
    """Open incidents (all with ``closed``), the most urgent first; raises Forbidden."""
    rule = require(actor, Action.READ_INCIDENT)
    async with people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        rows = await connection.execute(_LIST, {"unit": _unit(actor), "closed": closed, "most": most})
        found = [IncidentOut.model_validate(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's own name
    async with service.transaction() as connection:
        await register.record_list(connection, clock, actor, rule, "incidents", (one.id for one in found))
    return found


async def incident(people: Database, service: Database, clock: Clock, actor: Actor, which: UUID) -> IncidentWhole:
    """One incident with its alerts and taskings; raises Forbidden, NotFound (also for another agency's)."""
    rule = require(actor, Action.READ_INCIDENT)
    async with people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        row = (await connection.execute(_ONE, {"id": which, "unit": _unit(actor)})).one_or_none()
        alerts = (await connection.execute(_ALERTS, {"id": which})).all() if row else []
        found = (await connection.execute(_TASKINGS, {"id": which, "unit": _unit(actor)})).all() if row else []
        taskings = [
            TaskingOut.model_validate({**t._mapping, "reasons": reasons_of(connection, t)})  # noqa: SLF001 - the same
            for t in found
        ]
        said = await log.told(connection, actor.agency, which) if row and actor.role not in FIELD_ROLES else []
    async with service.transaction() as connection:
        await register.record(
            connection, clock, actor, Action.READ_INCIDENT, rule.purpose, rule.article, "incident", which,
            allowed=row is not None,
        )  # fmt: skip
    if row is None:
        raise NotFound("No incident of yours has this id.")
    return IncidentWhole.model_validate(
        {
            **row._mapping,  # noqa: SLF001 - SQLAlchemy's own name
            "alerts": [AlertOut.model_validate(a._mapping) for a in alerts],  # noqa: SLF001 - the same
            "taskings": taskings,
            "said": said,
        }
    )


def _unit(actor: Actor) -> UUID | None:
    return actor.unit if actor.role in FIELD_ROLES else None
