"""Who is meant by a ``ref`` or an id. It must never tell what is not there from what is another agency's."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.kernel.clock import moment
from jikimi.kernel.ids import derived
from jikimi.registry.fields import misfit
from jikimi.registry.schemas import Document, OrderEntry
from jikimi.registry.tables import Row

LISTS: Final[Mapping[str, str]] = {
    "agencies": "agency", "stations": "station", "units": "unit", "people": "person", "devices": "device",
    "carries": "carry", "orders": "protective_order",
}  # fmt: skip
"""Lists of a document and the tables they fill, parents first."""
POINTERS: Final[Mapping[str, str]] = {
    "agency": "agency", "police_agency": "agency", "monitoring_agency": "agency", "station": "station", "unit": "unit",
    "person": "person", "offender": "person", "victim": "person", "device": "device",
}  # fmt: skip
"""Fields that name somebody or something, and of which table."""
_WHOSE: Final = tuple(name for name, table in POINTERS.items() if table == "agency")

# With an agency: its own, and people it knows as parties of an order that stands, by what the order gave and nobody ended.
# Without: the operator's view.
_VISIBLE: Final = {
    "agency": "SELECT id, id AS agency, kind FROM agency WHERE id = ANY(CAST(:ids AS uuid[]))",
    "station": "SELECT id, agency FROM station WHERE id = ANY(CAST(:ids AS uuid[])) AND {own}",
    "unit": "SELECT id, agency, kind FROM unit WHERE id = ANY(CAST(:ids AS uuid[])) AND {own}",
    "device": "SELECT id, agency, kind, interval_s FROM device WHERE id = ANY(CAST(:ids AS uuid[])) AND {own}",
    "person": """SELECT id, agency FROM person WHERE id = ANY(CAST(:ids AS uuid[])) AND ({own} OR EXISTS (
        SELECT FROM access_grant g JOIN protective_order o ON o.id = g."order"
        WHERE g.subject = person.id AND g.agency = CAST(:agency AS uuid) AND g.kind = 'standing' AND g.ended_at IS NULL
        AND (g.ends_at IS NULL OR g.ends_at > :now) AND o.ended_at IS NULL))""",
}
# What else of an agency's own an entry may name by its id: nobody points at these.
_STANDING: Final = {
    "carry": "SELECT id FROM carry WHERE id = ANY(CAST(:ids AS uuid[])) AND {own}",
    "protective_order": """SELECT id FROM protective_order WHERE id = ANY(CAST(:ids AS uuid[]))
        AND (CAST(:agency AS uuid) IS NULL OR CAST(:agency AS uuid) IN (police_agency, monitoring_agency))""",
    "place": "SELECT id FROM place WHERE id = ANY(CAST(:ids AS uuid[])) AND {own}",
}
_OWN: Final = "(CAST(:agency AS uuid) IS NULL OR agency = CAST(:agency AS uuid))"


async def visible(
    connection: AsyncConnection, table: str, ids: Iterable[UUID], agency: UUID | None, now: float
) -> dict[UUID, Row]:  # fmt: skip
    """Those of ``ids`` that ``agency`` may point at now (None: the operator, any), each with what depends on it."""
    statement = text(_VISIBLE[table].replace("{own}", _OWN))
    values = {"ids": list(ids), "agency": agency} | ({"now": moment(now)} if table == "person" else {})
    found = await connection.execute(statement, values)
    return {row["id"]: dict(row) for row in found.mappings()}


async def standing(
    connection: AsyncConnection, table: str, given: Iterable[UUID], agency: UUID | None, now: float
) -> set[UUID]:  # fmt: skip
    """Those of these ids under which something of the agency's own, or that it may point at, stands (None: anybody's)."""
    if table in _VISIBLE:
        return set(await visible(connection, table, given, agency, now))
    statement = text(_STANDING[table].replace("{own}", _OWN))
    return {row.id for row in await connection.execute(statement, {"ids": list(given), "agency": agency})}


def scoped(agency: UUID, given: UUID) -> UUID:
    """The id under which an agency has what it calls ``given``: no other agency's, whatever that one calls its own."""
    return derived("entered", agency, given)


class References:
    """Everything a document's pointers may mean: what it defines itself and what is there already."""

    def __init__(self, agency: UUID | None, now: float) -> None:
        """``agency`` is whose registrar enters the document, None for the installation's operator; ``now`` in Unix seconds."""
        self.agency, self.now = agency, now
        self.refs: dict[str, tuple[str, UUID]] = {}
        self.rows: dict[str, dict[UUID, Row]] = {table: {} for table in _VISIBLE}
        self.named: dict[UUID, UUID] = {}
        self._may: dict[UUID, dict[UUID, None]] = {}
        self._standing: set[UUID] = set()

    def called(self, given: UUID) -> UUID:
        """The id of what its author calls ``given``: where that stands already for its author, else a new one of their own.

        It stands under that id, under the one their agency made of it, or under the one made of it by the other side of an
        order (for the operator: by an agency that the entry names). A registrar's new one is scoped: so it meets nobody
        else's, and is answered alike whether or not it is in another agency's files.
        """
        there = next((one for one in self._meant(given) if one in self._standing), None)
        found = there or (given if self.agency is None else scoped(self.agency, given))
        if found != given:
            self.named[given] = found
        return found

    def define(self, named: str, index: int, ref: str | None, identifier: UUID) -> None:
        """Take an entry's ref; raises Malformed for one that is taken or looks like an id."""
        if ref is None:
            return
        if ref in self.refs:
            raise misfit(named, index, "ref", "the document has this ref twice")
        if _as_uuid(ref) is not None:
            raise misfit(named, index, "ref", "a ref does not look like an id; give it as `id`")
        self.refs[ref] = LISTS[named], identifier

    def put(self, table: str, row: Row) -> None:
        """Take a row the document itself defines."""
        if table in self.rows:
            self.rows[table][row["id"]] = row

    async def load(self, connection: AsyncConnection, document: Document) -> None:
        """Look up every id the document points at or chooses, one query a table whatever is found."""
        wanted: dict[str, set[UUID]] = {table: set() for table in _VISIBLE}
        chosen = _given(document)
        self._offer(document, chosen)
        for _, table, identifier in _pointed(document):
            wanted[table].add(identifier)
        wanted["person"] |= chosen.get("person", {}).keys()
        if self.agency is not None:
            wanted["agency"].add(self.agency)
        for table, given in chosen.items():
            ids = {one for each in given for one in self._meant(each)}
            self._standing |= await standing(connection, table, ids, self.agency, self.now)
        for table, found in wanted.items():
            if ids := {one for each in found for one in self._meant(each)}:
                self.rows[table] |= await visible(connection, table, ids, self.agency, self.now)

    def _offer(self, document: Document, chosen: Mapping[str, Mapping[UUID, Any]]) -> None:
        """Note which agencies may have made their own of each id: for a registrar the other side of an order that gives it.

        For the operator those that an entry names, and of what it does not define those of whatever points at it.
        """
        agencies, own = {entry.ref: entry.id for entry in document.agencies}, self.agency

        def sides(entry: Any) -> Iterable[UUID]:
            pointers = [pointer for name in _WHOSE if (pointer := getattr(entry, name, None)) is not None]
            found = [_as_uuid(pointer) or agencies.get(pointer) for pointer in pointers]
            return [one for one in found if one is not None]

        everybody = {one: None for entry in _entries(document) for one in sides(entry)}
        defined = [(entry, identifier) for given in chosen.values() for identifier, entry in given.items()]
        pointed = [
            (entry, identifier)
            for entry, table, identifier in _pointed(document)
            if table != "agency" and (own is not None or identifier not in chosen.get(table, {}))
        ]
        for entry, given in defined + pointed:
            other = sides(entry) if own is None or isinstance(entry, OrderEntry) else []
            whose = [own, *other] if own is not None else other or everybody
            self._may.setdefault(given, {}).update(dict.fromkeys(scoped(one, given) for one in whose))

    def _meant(self, given: UUID) -> Iterable[UUID]:
        """Every id under which what is called ``given`` may stand, the likeliest first."""
        return given, *self._may.get(given, ())

    def meant(self, pointer: str, field: str, named: str, index: int) -> Row:
        """Return the row meant; raises Malformed for a ref or id that leads nowhere or to another kind of thing."""
        table = POINTERS[field.rpartition(".")[2]]
        kind, identifier = self.refs.get(pointer, (table, _as_uuid(pointer)))
        if kind != table:
            raise misfit(named, index, field, f"this ref is a {kind.replace('_', ' ')}, not a {table}")
        rows, ids = self.rows[table], () if identifier is None else self._meant(identifier)
        row = next((rows[one] for one in ids if one in rows), None)
        if row is None:
            raise misfit(named, index, field, f"there is no such {table}, in the document or among yours")
        return row


def _entries(document: Document) -> Iterable[Any]:
    for named in (*LISTS, "accounts"):
        yield from getattr(document, named)
    for order in document.orders:
        yield from order.places


def _pointed(document: Document) -> Iterable[tuple[Any, str, UUID]]:
    """Every id that an entry points at, itself or by the ref of an entry that has one: the entry, the table, the id."""
    by_ref = {entry.ref: entry.id for named in LISTS for entry in getattr(document, named)}
    for entry in _entries(document):
        for name, table in POINTERS.items():
            pointer = getattr(entry, name, None)
            identifier = None if pointer is None else _as_uuid(pointer) or by_ref.get(pointer)
            if identifier is not None:
                yield entry, table, identifier


def _given(document: Document) -> dict[str, dict[UUID, Any]]:
    """Ids that a document's author chose and the entries they are of, by table; a table without one is left out."""
    lists = {table: getattr(document, named) for named, table in LISTS.items()}
    lists["place"] = [place for order in document.orders for place in order.places]
    found = {table: {one.id: one for one in entries if one.id is not None} for table, entries in lists.items()}
    return {table: given for table, given in found.items() if given}


def _as_uuid(pointer: str) -> UUID | None:
    try:
        return UUID(pointer)
    except ValueError:
        return None
