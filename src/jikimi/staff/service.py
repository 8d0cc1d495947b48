"""Planning and keeping duty. It must never let a shift end in silence while something is open in its owner's name.

What is open is another room's to say: ``finish`` is called by whoever has asked it. Beginning late, or off the roster, is
recorded and refused to nobody.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Role
from jikimi.kernel.clock import iso, moment
from jikimi.kernel.errors import Conflict, Malformed, NotFound
from jikimi.kernel.ids import uuid7
from jikimi.ledger.rows import Row, append, append_many
from jikimi.share.policy import Action, require
from jikimi.staff import repository, statements
from jikimi.staff.model import ROSTERED, Shift, Wanted
from jikimi.staff.rules import DutyRules
from jikimi.store.due import Later, cancel, put, put_many

KIND: Final = "duty-clock"
"""The due row by which a room is told that a step of duty was not done in its time."""


async def plan(
    connection: AsyncConnection, actor: Actor, wanted: Sequence[Wanted], rules: DutyRules, now: float
) -> list[UUID]:
    """Enter shifts of the own agency, all or none; returns their ids.

    Raises Forbidden, Malformed (a time, a role without shifts), NotFound (an account or station that is not the agency's),
    Conflict where somebody would be in two places.
    """
    require(actor, Action.PLAN_DUTY)
    await _check(connection, actor, wanted, rules, now)
    ids = [uuid7() for _ in wanted]
    columns = {
        "ids": ids, "accounts": [one.account for one in wanted], "stations": [one.station for one in wanted],
        "leads": [one.lead for one in wanted], "starts": [moment(one.starts_at) for one in wanted],
        "ends": [moment(one.ends_at) for one in wanted], "agency": actor.agency, "by": actor.account,
    }  # fmt: skip
    try:
        async with connection.begin_nested():
            await connection.execute(statements.PLAN, columns)
    except IntegrityError:
        raise Conflict("Somebody would have two shifts at one time.") from None
    planned = list(zip(ids, wanted, strict=True))
    await append_many(connection, [
        Row(now, "shift.planned", {
            "shift": shift, "account": actor.account, "subject": one.account, "agency": actor.agency,
            "starts_at": iso(one.starts_at), "ends_at": iso(one.ends_at),
        })
        for shift, one in planned
    ])  # fmt: skip
    await put_many(connection, [
        Later(KIND, str(shift), one.starts_at + rules.late_s, {"what": "shift-late"}) for shift, one in planned
    ])  # fmt: skip
    return ids


async def withdraw(connection: AsyncConnection, actor: Actor, shift: UUID, now: float) -> None:
    """Take a shift off the roster before it begins; raises Forbidden, NotFound, Conflict once it has begun."""
    require(actor, Action.PLAN_DUTY)
    found = await _shift(connection, shift, actor.agency)
    if found.begun_at is not None:
        raise Conflict("It has begun; its owner ends it.")
    await connection.execute(statements.WITHDRAW, {"id": shift, "now": moment(now)})
    await cancel(connection, str(shift))
    await append(connection, now, "shift.withdrawn", shift=shift, account=actor.account, subject=found.account)


async def begin(connection: AsyncConnection, actor: Actor, shift: UUID, rules: DutyRules, now: float) -> None:
    """Begin one's own shift; twice is once. Raises Forbidden, NotFound (also another's), Conflict out of its time or while
    another is still going on.
    """
    require(actor, Action.KEEP_DUTY)
    found = await own(connection, actor, shift)
    if found.ended_at is not None:
        raise Conflict("It has ended.")
    if found.begun_at is not None:
        return
    if not found.starts_at - rules.early_s <= now < found.ends_at:
        raise Conflict("It is not the time of this shift.")
    if await repository.begun(connection, actor.account) is not None:
        raise Conflict("Your other shift is still going on; end it or hand it over first.")
    await connection.execute(statements.BEGIN, {"id": shift, "now": moment(now)})
    await cancel(connection, str(shift))
    await put(connection, KIND, str(shift), found.ends_at + rules.over_s, {"what": "shift-over"})
    late = int(max(0.0, now - found.starts_at) * 1000)
    await append(
        connection, now, "shift.begun", shift=shift, account=actor.account, agency=actor.agency, late_ms=late
    )  # fmt: skip


async def own(connection: AsyncConnection, actor: Actor, shift: UUID) -> Shift:
    """One's own shift, locked; raises NotFound, also for another's."""
    found = await _shift(connection, shift, actor.agency)
    if found.account != actor.account:
        raise NotFound("No shift of yours has this id.")
    return found


async def finish(connection: AsyncConnection, shift: Shift, now: float) -> None:
    """End a shift of which nothing is open in its owner's name any more."""
    await connection.execute(statements.FINISH, {"id": shift.id, "now": moment(now)})
    await cancel(connection, str(shift.id))
    await append(connection, now, "shift.ended", shift=shift.id, account=shift.account, agency=shift.agency)


async def qualify(
    connection: AsyncConnection, actor: Actor, account: UUID, kind: str, dates: tuple[float, float], rules: DutyRules,
    now: float,
) -> UUID:  # fmt: skip
    """Record what somebody is trained for, from when to when; raises Forbidden, NotFound, Malformed. Returns its id."""
    require(actor, Action.PLAN_DUTY)
    if kind not in rules.kinds:
        raise Malformed(f"kind must be one of {', '.join(rules.kinds)}.", field="kind")
    valid_from, valid_until = dates
    if valid_until <= valid_from:
        raise Malformed("until: it is not later than from.", field="until")
    await colleague(connection, actor, account)
    paper = uuid7()
    values = {"id": paper, "agency": actor.agency, "account": account, "kind": kind, "by": actor.account}
    times = {"valid_from": moment(valid_from), "valid_until": moment(valid_until), "now": moment(now)}
    await connection.execute(statements.QUALIFY, values | times)
    await append(
        connection, now, "qualification.recorded", qualification=paper, account=actor.account, subject=account,
        code=kind, since=iso(valid_from), until=iso(valid_until),
    )  # fmt: skip
    return paper


async def unqualify(connection: AsyncConnection, actor: Actor, paper: UUID, now: float) -> None:
    """Take back what was recorded by mistake; raises Forbidden, NotFound."""
    require(actor, Action.PLAN_DUTY)
    asked = {"id": paper, "agency": actor.agency, "now": moment(now)}
    row = (await connection.execute(statements.UNQUALIFY, asked)).one_or_none()
    if row is None:
        raise NotFound("No qualification of your agency has this id.")
    await append(
        connection, now, "qualification.ended", qualification=paper, account=actor.account, subject=row.account,
        code=row.kind,
    )  # fmt: skip


async def colleague(connection: AsyncConnection, actor: Actor, account: UUID) -> Role:
    """The role of a living account of one's own agency; raises NotFound."""
    roles = await _roles(connection, actor.agency, [account])
    if account not in roles:
        raise NotFound("No account of your agency has this id.")
    return roles[account]


async def _check(
    connection: AsyncConnection, actor: Actor, wanted: Sequence[Wanted], rules: DutyRules, now: float
) -> None:
    roles = await _roles(connection, actor.agency, [one.account for one in wanted])
    asked = {"agency": actor.agency, "ids": [one.station for one in wanted if one.station is not None]}
    stations = {row.id for row in await connection.execute(statements.STATIONS_OF, asked)}
    for place, one in enumerate(wanted):
        if one.account not in roles:
            raise NotFound(f"shifts.{place}: no account of your agency has this id.", list="shifts", index=place)
        if roles[one.account] not in ROSTERED:
            raise Malformed(f"shifts.{place}: that role has no shifts.", list="shifts", index=place, field="account")
        if one.station is not None and one.station not in stations:
            raise NotFound(f"shifts.{place}: no station of your agency has this id.", list="shifts", index=place)
        if not (one.starts_at < one.ends_at <= one.starts_at + rules.longest_s and now < one.ends_at):
            raise Malformed(f"shifts.{place}: until is later than from and than now, and not by too much.",
                            list="shifts", index=place, field="until")  # fmt: skip


async def _roles(connection: AsyncConnection, agency: UUID, accounts: Sequence[UUID]) -> dict[UUID, Role]:
    asked = {"agency": agency, "ids": list(accounts)}
    return {row.id: Role(row.role) for row in await connection.execute(statements.STAFF_OF, asked)}


async def _shift(connection: AsyncConnection, shift: UUID, agency: UUID) -> Shift:
    found = await repository.one(connection, statements.SHIFT, id=shift)
    if found is None or found.agency != agency:
        raise NotFound("No shift of your agency has this id.")
    return found
