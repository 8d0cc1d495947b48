"""What somebody is told when they sign in. It must never refuse: a room that nobody may enter is a P0 that nobody owns."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.identity.model import Actor, Greeter
from jikimi.kernel.clock import Clock
from jikimi.ledger.rows import Row, append_many
from jikimi.share import register
from jikimi.share.policy import Action, rule_for
from jikimi.staff import repository
from jikimi.staff.model import State
from jikimi.staff.rules import DutyRules

OFF_DUTY: Final = "off-duty"
LAPSED: Final = "competence-lapsed"


def greeter(clock: Clock, rules: DutyRules) -> Greeter:
    """Make what warns whoever is off duty or whose training has lapsed, and puts it on the ledger and the register."""

    async def greet(connection: AsyncConnection, actor: Actor, now: float) -> tuple[str, ...]:
        rule = rule_for(actor, Action.KEEP_DUTY)
        if rule is None:
            return ()
        found = await repository.standing(connection, actor.agency, actor.account, rules, now)
        by = {"account": actor.account, "agency": actor.agency, "session": actor.session}
        rows = [Row(now, "signed_in.off_duty", by)] if found.state is State.OFF else []
        rows += [Row(now, "signed_in.competence_lapsed", {**by, "code": kind}) for kind in found.lapsed]
        await append_many(connection, rows)
        told = ((OFF_DUTY,) if found.state is State.OFF else ()) + ((LAPSED,) if found.lapsed else ())
        for what in told:
            await register.record(
                connection, clock, actor, rule.action, rule.purpose, rule.article, what.replace("-", "_"), None
            )
        return told

    return greet
