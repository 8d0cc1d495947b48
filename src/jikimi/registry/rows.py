"""A document's entries as rows. It must never let an entry speak for an agency that is not its author's."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from jikimi.intake.devices import digest
from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Forbidden, Malformed
from jikimi.kernel.ids import derived, uuid7
from jikimi.registry import hours
from jikimi.registry.fields import misfit
from jikimi.registry.matching import Match, People
from jikimi.registry.references import LISTS, References
from jikimi.registry.regimes import place_kinds
from jikimi.registry.schemas import Document, OrderEntry, PlaceEntry, SpanEntry, SuspensionEntry
from jikimi.registry.tables import Row
from jikimi.registry.ties import Marked

KEY_BYTES: Final = 24
"""Random bytes of a device's key: 192 bits need no slow hash."""
_SIDE: Final = {"police": "police", "probation": "monitoring"}
"""Which kind of agency a kind of unit belongs to."""


@dataclass(slots=True)
class Rows:
    """What a document comes to: rows by table, their places in its lists, ids its author chose, new devices' keys."""

    by_table: dict[str, list[Row]] = field(default_factory=dict)
    indexes: dict[str, list[int]] = field(default_factory=dict)
    chosen: dict[str, list[UUID]] = field(default_factory=dict)
    keys: dict[UUID, str] = field(default_factory=dict)
    marks: list[Marked] = field(default_factory=list)

    def put(self, table: str, row: Row, index: int, *, chosen: bool) -> None:
        """Take a row made of entry ``index``."""
        self.by_table.setdefault(table, []).append(row)
        self.indexes.setdefault(table, []).append(index)
        if chosen:
            self.chosen.setdefault(table, []).append(row["id"])


class Maker:
    """Makes the rows of one document; parents first, so that what is pointed at is there."""

    def __init__(self, references: References, people: People | None = None) -> None:
        self.references, self.agency, self.rows = references, references.agency, Rows()
        self.people = people or People(None)

    def make(self, document: Document) -> Rows:
        """Return every row; raises Malformed naming list, index and field, Forbidden for another agency's."""
        if document.agencies and self.agency is not None:
            raise Forbidden("Only the installation's operator enters agencies.", list="agencies", index=0)
        seen: set[UUID] = set()
        for named, table in LISTS.items():
            for index, entry in enumerate(getattr(document, named)):
                identifier = uuid7() if entry.id is None else self.references.called(entry.id)
                if identifier in seen:
                    raise misfit(named, index, "id", "the document has this id twice")
                seen.add(identifier)
                self.references.define(named, index, entry.ref, identifier)
                row = {"id": identifier, **getattr(self, f"_{table}")(entry, named, index, identifier)}
                self.references.put(table, row)
                self.rows.put(table, row, index, chosen=entry.id is not None)
        return self.rows

    def _own(self, entry: Any, named: str, index: int, default: UUID | None = None, field: str = "agency") -> UUID:
        """Whose an entry is: as it says, else its author's or ``default``."""
        pointer = entry.agency
        agency = self.agency or default if pointer is None else self._meant(pointer, field, named, index)["id"]
        if agency is None:
            raise misfit(named, index, field, "say whose it is")
        if self.agency not in (None, agency):
            raise Forbidden(f"{named}.{index}: you register for your own agency only.", list=named, index=index)
        found: UUID = agency
        return found

    def _meant(self, pointer: str, field: str, named: str, index: int) -> Row:
        return self.references.meant(pointer, field, named, index)

    def _kind(self, agency: UUID) -> object:
        return self.references.rows["agency"][agency]["kind"]

    def _agency(self, entry: Any, *_: object) -> Row:
        return {"kind": entry.kind, "name": entry.name}

    def _station(self, entry: Any, named: str, index: int, _: UUID) -> Row:
        return {"agency": self._own(entry, named, index), "name": entry.name, "lon": entry.lon, "lat": entry.lat}

    def _unit(self, entry: Any, named: str, index: int, _: UUID) -> Row:
        agency = self._own(entry, named, index)
        if self._kind(agency) != _SIDE[entry.kind]:
            raise misfit(named, index, "kind", f"a {entry.kind} unit belongs to a {_SIDE[entry.kind]} agency")
        station = entry.station and self._meant(entry.station, "station", named, index)
        if station and station["agency"] != agency:
            raise misfit(named, index, "station", "the station is another agency's")
        at = entry.position
        return {
            "agency": agency, "station": station and station["id"], "kind": entry.kind, "callsign": entry.callsign,
            "status": entry.status, "lon": at and at.lon, "lat": at and at.lat, "sigma_m": at and at.sigma_m,
            "position_at": at and moment(at.at),
        }  # fmt: skip

    def _person(self, entry: Any, named: str, index: int, identifier: UUID) -> Row:
        row = {
            "agency": self._own(entry, named, index), "label": entry.label,
            "identifier_digest": self.people.digest(entry.identifier), "identifier": entry.identifier,
            "telephones": list(entry.telephones),
        }  # fmt: skip
        known = self.references.rows["person"].get(identifier)
        if self.agency is not None and known is not None and known["agency"] != self.agency:
            # The file of an order's other side: no number of ours is added to it.
            return {**row, "agency": known["agency"]}
        self.people.learn({"id": identifier, **row})
        self.rows.marks += self.people.marks(identifier, row["agency"], entry.identifier, entry.telephones)
        return row

    def _device(self, entry: Any, named: str, index: int, identifier: UUID) -> Row:
        key = self.rows.keys[identifier] = secrets.token_urlsafe(KEY_BYTES)
        return {
            "agency": self._own(entry, named, index), "kind": entry.kind, "external_id": entry.external_id,
            "interval_s": entry.interval_s, "key_digest": digest(key),
        }  # fmt: skip

    def _carry(self, entry: Any, named: str, index: int, _: UUID) -> Row:
        device = self._meant(entry.device, "device", named, index)
        person = self._meant(entry.person, "person", named, index)
        return {
            "agency": self._own(entry, named, index, device["agency"]), "device": device["id"], "person": person["id"],
            "since": moment(entry.since), "until": entry.until and moment(entry.until),
            "basis": entry.basis or basis_of(device["kind"]),
        }  # fmt: skip

    def _protective_order(self, entry: OrderEntry, named: str, index: int, identifier: UUID) -> Row:
        police = self._side(entry.police_agency, "police", named, index)
        monitoring = self._side(entry.monitoring_agency, "monitoring", named, index)
        if police is None:
            raise misfit(named, index, "police_agency", "say which police agency answers")
        if self.agency not in (None, police, monitoring):
            raise Forbidden(f"{named}.{index}: your agency has no part in this order.", list=named, index=index)
        agencies = {"police": police, "monitoring": monitoring}
        offender = self._party(entry, "offender", named, index, identifier, agencies)
        victim = self._party(entry, "victim", named, index, identifier, agencies)
        if offender == victim:
            raise misfit(named, index, "victim", "nobody is kept from themselves")
        for place, row in enumerate(places(entry.places, identifier)):
            where, given = f"places.{place}.agency", entry.places[place].id
            if given is not None:
                row["id"] = self.references.called(given)
            row["agency"] = self._own(entry.places[place], named, index, police, where)
            self._kept_off(row, entry.regime, f"places.{place}.kind", named, index)
            self._timed(row, entry.regime, f"places.{place}.hours", named, index)
            self.rows.put("place", row, index, chosen=True)
        return {
            "police_agency": police, "monitoring_agency": monitoring, "regime": entry.regime, "article": entry.article,
            "arrestable": entry.arrestable, "offender": offender, "victim": victim, "starts_at": moment(entry.start),
            "ends_at": entry.end and moment(entry.end), "radius_m": entry.radius_m, "rings_m": entry.rings_m,
            "schedule": spans(entry.schedule), "suspensions": pauses(entry.suspensions), "monitored": entry.monitored,
        }  # fmt: skip

    def _kept_off(self, row: Row, regime: str, field: str, named: str, index: int) -> None:
        """A kind nobody knows would be an exclusion zone by chance."""
        if (known := place_kinds(regime)) and row["kind"] not in known:
            raise misfit(named, index, field, f"the kind is one of {', '.join(known)}")

    def _timed(self, row: Row, regime: str, field: str, named: str, index: int) -> None:
        try:
            hours.told(row["hours"], regime)
        except Malformed as error:
            raise misfit(named, index, field, hours.UNTIMED) from error

    def _party(
        self, entry: OrderEntry, side: str, named: str, index: int, order: UUID, agencies: dict[str, UUID | None]
    ) -> UUID | None:
        """Who is meant, by pointer or by identifier; a person nobody had is entered with the order."""
        pointer: str | None = getattr(entry, side)
        if pointer is not None:
            meant = self._meant(pointer, side, named, index)
            found: UUID = meant["id"]
            if self.agency is not None and meant["agency"] != self.agency:
                rooms = [*(agency for agency in agencies.values() if agency is not None), meant["agency"]]
                told = Match(order, side, found, meant["agency"], self.agency, tuple(dict.fromkeys(rooms)))
                self.people.matches.append(told)
            return found
        identifier: str | None = getattr(entry, f"{side}_identifier")
        by = self.agency or agencies["police"]
        if identifier is None or by is None:
            return None
        person, fresh = self.people.party(order, side, identifier, by, agencies)
        if fresh is not None:
            self.rows.put("person", fresh, index, chosen=False)
            self.rows.marks += self.people.marks(person, by, identifier, ())
        return person

    def _side(self, pointer: str | None, kind: str, named: str, index: int) -> UUID | None:
        field = f"{kind}_agency"
        if pointer is None:
            return self.agency if self.agency is not None and self._kind(self.agency) == kind else None
        row = self._meant(pointer, field, named, index)
        if row["kind"] != kind:
            raise misfit(named, index, field, f"this agency is no {kind} agency")
        found: UUID = row["id"]
        return found


def basis_of(kind: str) -> str:
    """The law a device's positions are taken by where nobody says: the one under which they are kept the shortest."""
    return "provisional" if kind == "tag" else "consent"


def places(entries: list[PlaceEntry], order: UUID) -> list[Row]:
    """Rows of an order's places, still without their agency; a place not named gets its id from order and position."""
    return [
        {
            "id": entry.id or derived("place", order, at), "order": order, "kind": entry.kind, "secret": entry.secret,
            "lon": entry.lon, "lat": entry.lat, "radius_m": entry.radius_m, "polygon": entry.polygon,
            "margin_m": entry.margin_m, "line": entry.line, "width_m": entry.width_m, "schedule": spans(entry.schedule),
            "hours": hours.kept(entry.hours), "exceptions": spans(entry.exceptions or None),
        }
        for at, entry in enumerate(entries)
    ]  # fmt: skip


def spans(entries: list[SpanEntry] | None) -> list[dict[str, Any]] | None:
    """Stretches of time as the record keeps them: Unix seconds."""
    if entries is None:
        return None
    return [{"start": entry.start, "end": entry.end, "reason": entry.reason} for entry in entries]


def pauses(entries: list[SuspensionEntry]) -> list[dict[str, Any]]:
    """Suspensions as the record keeps them; one that names no place says nothing of one."""
    where = ({"lon": entry.lon, "lat": entry.lat, "radius_m": entry.radius_m} for entry in entries)
    stretches = spans([*entries]) or []
    return [span | (at if at["lon"] is not None else {}) for span, at in zip(stretches, where, strict=True)]
