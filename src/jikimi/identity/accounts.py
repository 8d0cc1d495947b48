"""Making accounts. It must never make one with a password somebody could know beforehand."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity import passwords, repository
from jikimi.identity.model import FIELD_ROLES, Role, SignIn
from jikimi.kernel.errors import Absurd, Conflict, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger import rows

_LONGEST_NAME = 64
_ONE_HAND = text("""
WITH RECURSIVE line (start, id) AS (
  VALUES (CAST(:one AS uuid), CAST(:one AS uuid)), (CAST(:other AS uuid), CAST(:other AS uuid))
  UNION SELECT line.start, above.by FROM line JOIN (SELECT id, made_by FROM account WHERE made_by IS NOT NULL
    UNION ALL SELECT account, recorded_by FROM account_subject) above (id, by) ON above.id = line.id)
SELECT EXISTS (SELECT FROM line a JOIN line b ON b.id = a.id WHERE a.start = :one AND b.start = :other)
""")
_ONE_LINE = text("""
WITH RECURSIVE line (start, id) AS (
  VALUES (CAST(:one AS uuid), CAST(:one AS uuid)), (CAST(:other AS uuid), CAST(:other AS uuid))
  UNION SELECT line.start, above.by FROM line JOIN (SELECT id, made_by FROM account WHERE made_by IS NOT NULL
    UNION ALL SELECT account, recorded_by FROM account_subject) above (id, by) ON above.id = line.id)
SELECT EXISTS (SELECT FROM line WHERE start = :one AND id = :other OR start = :other AND id = :one)
""")
_LOCK = 0x6A696B6901  # one number of ours among PostgreSQL's advisory locks


async def create_account(
    connection: AsyncConnection, agency: UUID, role: Role, name: str, password: str | None, unit: UUID | None,
    by: UUID | None = None,
) -> tuple[UUID, str]:  # fmt: skip
    """A new account and its password: the one given, or for None one we make and return this once.

    ``by`` is the account that makes it, None the installation's operator; it is kept, and on the ledger. Raises Absurd for a
    name or password that cannot be, Conflict for a name that is taken, NotFound for a unit that is not this agency's. The
    caller has asked the policy.
    """
    _check(role, name, unit)
    chosen = passwords.make() if password is None else passwords.acceptable(password)
    secret = await passwords.hashed(chosen)
    if await _taken(connection, name):
        raise Conflict("There is an account of that name.")
    if unit is not None and not await _has_unit(connection, agency, unit):
        raise NotFound("That unit is not one of this agency.")
    account = uuid7()
    await repository.insert_account(connection, account, agency, name, role, unit, secret, by)
    await rows.append(
        connection,
        await _now(connection),
        "account_made",
        account=account,
        agency=agency,
        role=role,
        unit=unit,
        actor=by,
    )
    return account, chosen


async def one_hand(connection: AsyncConnection, one: UUID, other: UUID) -> bool:
    """Whether two accounts may be one person's doing: the same, or made by one account, or one by the other, however far back.

    Whoever said how an account signs in elsewhere counts as who made it: they may sign in by it. What the operator made is
    nobody's doing.
    """
    return bool((await connection.execute(_ONE_HAND, {"one": one, "other": other})).scalar_one())


async def one_line(connection: AsyncConnection, one: UUID, other: UUID) -> bool:
    """Whether two accounts are the same, or one of them made the other, however far back.

    Narrower than :func:`one_hand`: where one account makes all those of an agency, its colleagues are not one person.
    """
    return bool((await connection.execute(_ONE_LINE, {"one": one, "other": other})).scalar_one())


async def first_run(connection: AsyncConnection) -> list[SignIn]:
    """Two agencies, a unit for each field role and eight accounts, if there is no account yet; else nothing.

    The passwords are in the answer and nowhere else in clear. Two processes at once: one makes, the other finds.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if (await connection.execute(text("SELECT EXISTS (SELECT FROM account)"))).scalar_one():
        return []
    police = await _agency(connection, "police", "Police")
    monitoring = await _agency(connection, "monitoring", "Monitoring")
    patrol = await _unit(connection, police, "police", "P-1")
    probation = await _unit(connection, monitoring, "probation", "M-1")
    wanted = [
        (police, "Police", Role.REGISTRAR, "police-registrar", None),
        (police, "Police", Role.DISPATCHER, "dispatcher", None),
        (police, "Police", Role.POLICE_OFFICER, "police-officer", patrol),
        (police, "Police", Role.REVIEWER, "police-reviewer", None),
        (monitoring, "Monitoring", Role.REGISTRAR, "monitoring-registrar", None),
        (monitoring, "Monitoring", Role.MONITOR, "monitor", None),
        (monitoring, "Monitoring", Role.PROBATION_OFFICER, "probation-officer", probation),
        (monitoring, "Monitoring", Role.REVIEWER, "monitoring-reviewer", None),
    ]
    made = []
    for agency, agency_name, role, name, unit in wanted:
        _, password = await create_account(connection, agency, role, name, None, unit)
        made.append(SignIn(name, role, agency_name, password))
    return made


def _check(role: Role, name: str, unit: UUID | None) -> None:
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise Absurd(f"An account's name has 1 to {_LONGEST_NAME} printable characters, no space at either end.")
    if (role in FIELD_ROLES) != (unit is not None):
        raise Absurd("An officer's account belongs to a unit, and no other does.")


async def _taken(connection: AsyncConnection, name: str) -> bool:
    found = await connection.execute(text("SELECT EXISTS (SELECT FROM account WHERE name = :name)"), {"name": name})
    return bool(found.scalar_one())


async def _has_unit(connection: AsyncConnection, agency: UUID, unit: UUID) -> bool:
    found = await connection.execute(
        text("SELECT EXISTS (SELECT FROM unit WHERE id = :unit AND agency = :agency)"), {"unit": unit, "agency": agency}
    )
    return bool(found.scalar_one())


async def _agency(connection: AsyncConnection, kind: str, name: str) -> UUID:
    agency = uuid7()
    await connection.execute(
        text("INSERT INTO agency (id, kind, name) VALUES (:id, :kind, :name)"),
        {"id": agency, "kind": kind, "name": name},
    )
    return agency


async def _unit(connection: AsyncConnection, agency: UUID, kind: str, callsign: str) -> UUID:
    unit = uuid7()
    await connection.execute(
        text("INSERT INTO unit (id, agency, kind, callsign) VALUES (:id, :agency, :kind, :callsign)"),
        {"id": unit, "agency": agency, "kind": kind, "callsign": callsign},
    )
    return unit


async def _now(connection: AsyncConnection) -> float:
    return float((await connection.execute(text("SELECT EXTRACT(EPOCH FROM now())"))).scalar_one())
