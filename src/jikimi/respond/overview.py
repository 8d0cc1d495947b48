"""What a room sees at a glance: open incidents with their owners, units with their ways. It must never show a party's
name whole, nor anything of another agency's incident.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import FIELD_ROLES, Actor
from jikimi.kernel.clock import Clock
from jikimi.kernel.errors import Forbidden
from jikimi.kernel.geodesy import distance
from jikimi.registry.service import article_of, label_of
from jikimi.respond.overview_schemas import OverviewOut, OwnerOut, SightOut
from jikimi.respond.picture import Picture
from jikimi.respond.rules import ResponseRules
from jikimi.respond.service import URGENT
from jikimi.respond.veil import Veil
from jikimi.share import register
from jikimi.share.policy import Action, require
from jikimi.store.database import Database

# On whose ground it is says where they are; who they are is for whoever may read their file.
_INCIDENTS: Final = text("""
SELECT i.id, i.offender, i.victim, o.id AS offender_read, v.id AS victim_read, i.priority, i.dispatch_code, i.status,
  s.id AS station,
  CAST(extract(epoch FROM i.opened_at) AS float8) AS opened_at, i.police_agency, i.monitoring_agency,
  o.label AS offender_label, o.sealed AS offender_sealed, v.label AS victim_label, v.sealed AS victim_sealed,
  p.id AS "order", p.article, p.sealed AS order_sealed, p.arrestable, p.regime, p.radius_m,
  a.code, a.grade, a.state, CAST(extract(epoch FROM a.at) AS float8) AS at,
  CAST(extract(epoch FROM a.cleared_at) AS float8) AS cleared_at, s.name AS station_name
FROM incident i LEFT JOIN person o ON o.id = i.offender LEFT JOIN person v ON v.id = i.victim
LEFT JOIN protective_order p ON p.id = i."order" LEFT JOIN station s ON s.id = i.station AND may_hear(i.id)
LEFT JOIN LATERAL (SELECT code, grade, state, at, cleared_at FROM alert WHERE incident = i.id
  ORDER BY cleared_at IS NOT NULL, code <> ALL(CAST(:urgent AS text[])), code, decided_at DESC LIMIT 1) a ON true
WHERE i.closed_at IS NULL ORDER BY i.priority, i.opened_at LIMIT 200
""")
_OWNERS: Final = text("""
SELECT m.incident, m.body->>'agency' AS agency, m.body->>'by' AS by, CAST(extract(epoch FROM m.at) AS float8) AS at,
  (SELECT CAST(extract(epoch FROM h.given_at) AS float8) FROM handover h WHERE h.taken_at IS NULL AND h.withdrawn_at IS NULL
    AND h.account = CAST(m.body->>'by' AS uuid) AND m.incident = ANY(h.incidents)) AS leaving
FROM feed_message m JOIN incident i ON i.id = m.incident
WHERE m.feed = :feed AND m.kind = 'incident_taken' AND i.closed_at IS NULL
ORDER BY m.body->>'from' IS NULL, CASE WHEN m.body->>'from' IS NULL THEN m.seq ELSE -m.seq END
""")
_NAMES: Final = text("SELECT id, name FROM account WHERE id = ANY(CAST(:ids AS uuid[])) AND agency = :agency")
_UNITS: Final = text("""
SELECT u.id, u.agency, u.kind, u.callsign, u.status, u.lon, u.lat, u.sigma_m,
  CAST(extract(epoch FROM u.position_at) AS float8) AS position_at, t.incident, t.toward, t.state, i.offender, i.victim,
  i.police_agency, i.monitoring_agency
FROM unit u LEFT JOIN tasking t ON t.unit = u.id AND t.ended_at IS NULL
LEFT JOIN incident i ON i.id = t.incident AND i.closed_at IS NULL
WHERE u.agency = ANY(CAST(:agencies AS uuid[])) OR i.police_agency = ANY(CAST(:agencies AS uuid[]))
  OR i.monitoring_agency = ANY(CAST(:agencies AS uuid[]))
""")
_NOWHERE: Final = dict.fromkeys(("lon", "lat", "sigma_m", "age_s", "distance_m", "eta_s"))
_PLAIN: Final = frozenset({"EXERCISE", "훈련"})
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Sight:
    """A unit as a room is told of it, and whom it goes to: each with the incident."""

    told: dict[str, object]
    goes: tuple[tuple[UUID, str], ...]

    def nowhere(self) -> dict[str, object]:
        """The same without where it is and how far from anybody."""
        return self.told | _NOWHERE


def masked(label: str | None) -> str | None:
    """A label whose words keep their first letter: 김민준 is 김○○; a file's number stays whole."""
    return None if label is None else _LETTERS.sub(_masked, label)


def _masked(word: re.Match[str]) -> str:
    said = word.group()
    return said if said in _PLAIN else said[0] + "○○"


async def overview(
    people: Database, service: Database, clock: Clock, actor: Actor, rules: ResponseRules, feed: str
) -> OverviewOut:
    """Every open incident of the actor's agency; raises Forbidden, to officers too. The look is registered before it is given."""
    rule = require(actor, Action.READ_INCIDENT)
    if actor.role in FIELD_ROLES:
        raise Forbidden("The overview is a control room's; your own taskings come over your line.")
    async with people.transaction(actor.agency, actor.account, rule.purpose) as connection:
        rows = [
            _sight(connection, row) for row in (await connection.execute(_INCIDENTS, {"urgent": URGENT})).mappings()
        ]
        owners = (await connection.execute(_OWNERS, {"feed": feed})).all()
    async with service.transaction() as connection:
        await register.record_list(connection, clock, actor, rule, "overview", (row["id"] for row in rows))
        asked = {"ids": [UUID(one.by) for one in owners], "agency": actor.agency}
        names = {str(row.id): row.name for row in await connection.execute(_NAMES, asked)}
    owned: dict[UUID, dict[str, OwnerOut]] = {}
    for one in owners:
        owned.setdefault(one.incident, {}).setdefault(
            one.agency, OwnerOut(agency=UUID(one.agency), name=names.get(one.by), at=one.at, leaving=one.leaving)
        )
    return OverviewOut(
        at=clock.unix(), accept_s=rules.accept_s, own_s=rules.own_s, on_scene_s=rules.on_scene_s,
        incidents=[
            SightOut.model_validate({**row, "owners": list(owned.get(row["id"], {}).values())}) for row in rows
        ],
    )  # fmt: skip


def _sight(connection: AsyncConnection, row: RowMapping) -> dict[str, Any]:
    seen = {str(name): value for name, value in row.items()}
    for party in ("offender", "victim"):
        label = label_of(connection, row[party], row[f"{party}_label"], seen.pop(f"{party}_sealed"))
        seen |= {party: seen.pop(f"{party}_read"), f"{party}_label": masked(label)}
    seen["article"] = article_of(connection, seen.pop("order"), seen["article"], seen.pop("order_sealed"))
    return seen


async def units_of(
    connection: AsyncConnection,
    agencies: Iterable[UUID],
    picture: Picture,
    veil: Veil,
    rules: ResponseRules,
    now: float,
) -> dict[UUID, list[Sight]]:
    """By agency: its own units, and the other side's while both work one incident of that agency.

    Whoever has reached a secret place of hers is shown there to the agency alone whose secret it is.
    """
    wanted = set(agencies)
    rows = (await connection.execute(_UNITS, {"agencies": list(wanted)})).all()
    found: dict[UUID, dict[UUID, Sight]] = {agency: {} for agency in wanted}
    goes: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    hers: dict[UUID, set[str]] = defaultdict(set)
    for row in rows:
        if whom := _whom(row):
            goes[row.id].append((row.incident, str(whom)))
        if row.victim:
            hers[row.id].add(str(row.victim))
    for row in rows:
        whom = _whom(row)
        target = picture.where(whom) if whom else None
        apart = distance(row.lon, row.lat, *target) if target and row.lon is not None else None
        told: dict[str, object] = {
            "unit": row.id, "agency": row.agency, "kind": row.kind, "callsign": row.callsign, "status": row.status, "lon": row.lon,
            "lat": row.lat, "sigma_m": row.sigma_m,
            "age_s": None if row.position_at is None else round(max(0.0, now - row.position_at), 1),
            "incident": row.incident, "toward": row.toward, "state": row.state,
            "distance_m": None if apart is None else round(apart),
            "eta_s": None if apart is None else round(apart * rules.detour / rules.speed_mps[row.kind]),
        }  # fmt: skip
        sight = Sight(told, tuple(goes[row.id]))
        at = (row.lon, row.lat, row.sigma_m or 0.0)
        for agency in {row.agency, row.police_agency, row.monitoring_agency} & wanted:
            secret = row.lon is not None and any(veil.hides(one, *at, apart_from=agency) for one in hers[row.id])
            found[agency][row.id] = Sight(sight.nowhere(), sight.goes) if secret else sight
    return {agency: list(units.values()) for agency, units in found.items()}


def _whom(row: Any) -> UUID | None:
    """Whom a unit's tasking leads to; None for none, or for a place."""
    found: UUID | None = (row.victim if row.toward == "victim" else row.offender) if row.incident else None
    return found
