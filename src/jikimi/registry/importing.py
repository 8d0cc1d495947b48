"""One document into the registry, whole or not at all. It must never enter half a document, nor enter one twice."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.identity.service import create_account
from jikimi.kernel.clock import Clock, iso
from jikimi.kernel.errors import Conflict, Forbidden, JikimiError
from jikimi.ledger import rows as ledger
from jikimi.ledger.fields import cited
from jikimi.registry import matching, publishing, schemas, tables, ties, tried
from jikimi.registry.events import Change
from jikimi.registry.fields import misfit
from jikimi.registry.identifiers import Matcher
from jikimi.registry.keys import device_keys
from jikimi.registry.matching import Match, People
from jikimi.registry.model import Imported, NewAccount, NewDevice
from jikimi.registry.outbox import publish_all_later
from jikimi.registry.references import LISTS, References
from jikimi.registry.refusals import enter
from jikimi.registry.regimes import laws
from jikimi.registry.rows import Maker, Rows
from jikimi.registry.schemas import AccountEntry, Document
from jikimi.registry.tables import Row
from jikimi.registry.ties import Marked
from jikimi.registry.tried import refuse_own_numbers
from jikimi.share import grants
from jikimi.share.grants import Grant
from jikimi.share.policy import Action, Rule, require
from jikimi.staff.accounts import told_of_made
from jikimi.store.database import Database
from jikimi.store.due import put_many

_WHAT: Final = "registry_import"
_NOT_YOURS: Final = "One of these people is not among yours."
_LIST: Final = {table: named for named, table in LISTS.items()} | {"place": "orders"}
_ROLE_SIDE: Final = {
    Role.DISPATCHER: "police", Role.POLICE_OFFICER: "police", Role.MONITOR: "monitoring",
    Role.PROBATION_OFFICER: "monitoring", Role.SUPPORTER: "support",
}  # fmt: skip


async def import_document(
    database: Database, clock: Clock, actor: Actor | None, document: Document | Mapping[str, object],
    matcher: Matcher | None = None,
) -> Imported:  # fmt: skip
    """Enter everything in ``document`` and publish it, in one transaction of the services' ``database``.

    ``actor`` None is the installation's operator; ``matcher`` compares numbers instead of the key in force. Raises
    Malformed (a field, a ref), Conflict (it contradicts what is entered) or Forbidden (another agency's), naming ``list``
    and ``index``, TooMany where too many are named by identifier; then nothing was entered.
    """
    rule = require(actor, Action.REGISTER) if actor else None
    read = schemas.read(document)
    if actor is None or rule is None:
        return await _entered(database, clock, None, None, read, matcher)
    await matching.ask(database, clock, actor, rule, read)
    return await _entered(database, clock, actor, rule, read, matcher)


async def _entered(
    database: Database, clock: Clock, actor: Actor | None, rule: Rule | None, read: Document, matcher: Matcher | None
) -> Imported:
    references = References(actor.agency if actor else None, clock.unix())
    async with database.transaction() as connection:
        matcher = await matching.by_key_in_force(connection, matcher)
        await references.load(connection, read)
        people = await matching.load(connection, read, matcher)
        rows = await asyncio.to_thread(Maker(references, people).make, read)
        if actor:
            numbers = [row["identifier_digest"] for row in rows.by_table.get("person", [])]
            await refuse_own_numbers(connection, actor, [one for one in numbers if one], _NOT_YOURS)
        fresh = await _fresh(connection, rows, references.agency)
        for table in tables.COLUMNS:
            new = [(row, index) for row, index, is_new in fresh.get(table, []) if is_new]
            inserted, indexes = [row for row, _ in new], [index for _, index in new]
            if new:
                await enter(connection, table, inserted, _LIST[table], indexes)
        accounts = await _accounts(connection, references, read.accounts, actor)
        entered = {table: [row for row, _, is_new in found if is_new] for table, found in fresh.items()}
        if actor:
            parties = [row[side] for row in entered.get("protective_order", []) for side in ("offender", "victim")]
            carriers = [row["person"] for row in entered.get("carry", [])]
            await ties.refuse_own(connection, actor, [*parties, *carriers], _NOT_YOURS)
        near = _near(references, people, read.accounts, accounts)
        await ties.tie(connection, rows.marks, near, orders=bool(entered.get("protective_order")))
        await grants.give(connection, [grant for row in entered.get("protective_order", []) for grant in armed(row)])
        await _tell(connection, clock.unix(), actor, references, entered)
        await _tell_matches(connection, clock.unix(), actor, people.matches, entered)
        if actor and rule:
            await told_of_made(connection, clock, actor, _made(read.accounts, accounts))
            await tried.entered(connection, clock, actor, rule, _WHAT, references, entered)
    return _imported(read, references, rows, entered, accounts)


async def _fresh(
    connection: AsyncConnection, rows: Rows, agency: UUID | None
) -> dict[str, list[tuple[Row, int, bool]]]:
    """Each table's rows with their index and whether they are new; raises Conflict where an id holds something else."""
    found: dict[str, list[tuple[Row, int, bool]]] = {}
    for table, made in rows.by_table.items():
        there = await tables.existing(connection, table, rows.chosen.get(table, []))
        pairs = list(zip(made, rows.indexes[table], strict=True))
        for row, index in pairs:
            if row["id"] not in there:
                continue
            kept = there[row["id"]]
            if table == "person" and agency not in (None, kept["agency"]):
                # Whoever may know another agency's file may not try its number: 409 would answer.
                kept = {**kept, "identifier_digest": row["identifier_digest"]}
            if not tables.same(table, row, kept):
                raise _taken(_LIST[table], index)
        found[table] = [(row, index, row["id"] not in there) for row, index in pairs]
    await _check_places(connection, found, agency)
    return found


async def _check_places(
    connection: AsyncConnection, found: dict[str, list[tuple[Row, int, bool]]], agency: UUID | None
) -> None:
    """A place may not slip into an order that stands already, or out of it: its version would lie."""
    orders = found.get("protective_order", [])
    standing = {row["id"]: index for row, index, is_new in orders if not is_new}
    there = await tables.places_of(connection, standing, agency)
    given: dict[UUID, set[UUID]] = {}
    for row, index, is_new in found.get("place", []):
        given.setdefault(row["order"], set()).add(row["id"])
        if is_new == (row["order"] in standing):
            raise _taken("orders", index)
    for order, index in standing.items():
        if not there.get(order, set()) <= given.get(order, set()):
            raise _taken("orders", index)


def _taken(named: str, index: int) -> Conflict:
    return Conflict(
        f"{named}.{index}: this id is taken and what stands there differs; change it instead.", list=named, index=index
    )


async def _accounts(
    connection: AsyncConnection, references: References, entries: list[AccountEntry], actor: Actor | None
) -> list[NewAccount]:
    made, by = [], actor.account if actor else None
    for index, entry in enumerate(entries):
        agency, unit = _account_of(references, entry, index)
        try:
            account, password = await create_account(connection, agency, entry.role, entry.name, None, unit, by)
        except JikimiError as error:
            error.extra |= {"list": "accounts", "index": index}
            raise
        made.append(NewAccount(account, entry.name, entry.role.value, unit, password))
    return made


def _made(entries: list[AccountEntry], made: list[NewAccount]) -> list[tuple[UUID, Role, bool]]:
    """New accounts, and whether anything names their owner, so that parties can be compared with it."""
    return [
        (account.id, entry.role, any(one.relation == "self" for one in entry.near))
        for entry, account in zip(entries, made, strict=True)
    ]


def _near(references: References, people: People, entries: list[AccountEntry], made: list[NewAccount]) -> list[Marked]:
    """Whom new staff are near to."""
    found: list[Marked] = []
    for index, (entry, account) in enumerate(zip(entries, made, strict=True)):
        agency, _ = _account_of(references, entry, index)
        for one in entry.near:
            telephones = () if one.telephone is None else (one.telephone,)
            found += people.marks(account.id, agency, one.identifier, telephones, one.relation)
    return found


def _account_of(references: References, entry: AccountEntry, index: int) -> tuple[UUID, UUID | None]:
    agency = references.agency
    if entry.agency is not None:
        agency = references.meant(entry.agency, "agency", "accounts", index)["id"]
    if agency is None:
        raise misfit("accounts", index, "agency", "say whose it is")
    if references.agency not in (None, agency):
        raise Forbidden(f"accounts.{index}: you register for your own agency only.", list="accounts", index=index)
    side = _ROLE_SIDE.get(entry.role)
    if side and references.rows["agency"][agency]["kind"] != side:
        raise misfit("accounts", index, "role", f"a {entry.role.value} belongs to a {side} agency")
    return agency, None if entry.unit is None else references.meant(entry.unit, "unit", "accounts", index)["id"]


async def _tell(
    connection: AsyncConnection, now: float, actor: Actor | None, references: References, new: dict[str, list[Row]]
) -> None:
    """Put what is new on the ledger and into the outbox."""
    # Other requests of this process go on meanwhile: a document may hold thousands of entries.
    changes = await asyncio.to_thread(_changes, now, references, new)
    # A device of before that somebody wears again is kept from again.
    again = {row["device"] for row in new.get("carry", [])} - {row["id"] for row in new.get("device", [])}
    keys = await device_keys(connection, again, now) if again else []
    await publish_all_later(connection, [*changes, *keys], now)
    await ledger.append_many(connection, _ledger_rows(now, actor, new))


async def _tell_matches(
    connection: AsyncConnection, now: float, actor: Actor | None, matches: list[Match], new: dict[str, list[Row]]
) -> None:
    """Say of every new order that names somebody of another agency's file so: on the ledger, and to both rooms."""
    entered = {row["id"] for row in new.get("protective_order", [])}
    fresh = [match for match in matches if match.order in entered]
    await put_many(connection, matching.pages(fresh, now))
    await ledger.append_many(connection, matching.ledger_rows(fresh, actor, now))


def _changes(now: float, references: References, new: dict[str, list[Row]]) -> list[Change]:
    """Devices first, then who carries them, then orders."""
    places: dict[UUID, list[Row]] = {}
    for row in new.get("place", []):
        places.setdefault(row["order"], []).append(row)
    interval = {device: row["interval_s"] for device, row in references.rows["device"].items()}
    orders = new.get("protective_order", [])
    return [
        *(publishing.device_key(row) for row in new.get("device", [])),
        *(publishing.carry_fact(row, interval[row["device"]], now) for row in new.get("carry", [])),
        *(publishing.order_fact(row, places.get(row["id"], []), now) for row in orders),
    ]


def _ledger_rows(now: float, actor: Actor | None, new: dict[str, list[Row]]) -> list[ledger.Row]:
    by = {"account": actor.account if actor else None}
    entered = [
        ledger.Row(now, "device_entered", {**by, "device": row["id"], "agency": row["agency"]})
        for row in new.get("device", [])
    ]
    entered += [
        ledger.Row(now, "carry_entered", {
            **by, "carry": row["id"], "agency": row["agency"], "device": row["device"], "person": row["person"],
            "since": iso(row["since"].timestamp()),
        })
        for row in new.get("carry", [])
    ]  # fmt: skip
    return entered + [order_entry(now, "order_entered", actor, row) for row in new.get("protective_order", [])]


def armed(row: Row) -> list[Grant]:
    """Who may know of an order's parties while it stands."""
    return grants.standing(
        row["id"], row["police_agency"], row["monitoring_agency"], (row["offender"], row["victim"]),
        row["starts_at"].timestamp(), row["ends_at"] and row["ends_at"].timestamp(),
    )  # fmt: skip


def order_entry(now: float, kind: str, actor: Actor | None, row: Row) -> ledger.Row:
    """Write what the ledger says of one version of an order."""
    return ledger.Row(now, kind, {
        "account": actor.account if actor else None, "order": row["id"], "version": row.get("version", 1),
        "police_agency": row["police_agency"], "monitoring_agency": row["monitoring_agency"],
        "offender": row["offender"], "victim": row["victim"], "regime": row["regime"],
        "article": cited(row["article"], laws(row["regime"])), "arrestable": row["arrestable"],
        "starts_at": iso(row["starts_at"].timestamp()),
        "ends_at": row["ends_at"] and iso(row["ends_at"].timestamp()),
    })  # fmt: skip


def _imported(
    document: Document, references: References, rows: Rows, new: dict[str, list[Row]], accounts: list[NewAccount]
) -> Imported:
    ids = {ref: identifier for ref, (_, identifier) in references.refs.items()}
    names = {identifier: ref for ref, identifier in ids.items()}
    ids |= {str(given): called for given, called in references.named.items()}
    devices = [
        NewDevice(row["id"], row["external_id"], names.get(row["id"]), rows.keys[row["id"]])
        for row in new.get("device", [])
    ]
    created = Counter({named: len(new.get(table, [])) for named, table in LISTS.items() if getattr(document, named)})
    return Imported(ids, devices, accounts, {**created, **({"accounts": len(accounts)} if accounts else {})})
