"""Who may do what: the whole table, so that a change of it is a change of a test."""

import pytest

from jikimi.identity.model import FIELD_ROLES, Actor, Role
from jikimi.kernel.errors import Forbidden
from jikimi.kernel.ids import uuid7
from jikimi.ledger.fields import fit
from jikimi.share.policy import ARTICLES, RULES, Action, Purpose, may, require, rule_for

ALLOWED = {
    Role.REGISTRAR: {Action.REGISTER, Action.READ_REGISTRY, Action.EXPORT_LEDGER},
    Role.DISPATCHER: {
        Action.READ_REGISTRY,
        Action.READ_INCIDENT,
        Action.CLOSE_INCIDENT,
        Action.FOLLOW_LIVE_POSITIONS,
        Action.LOCATE,
    },
    Role.MONITOR: {Action.READ_REGISTRY, Action.READ_INCIDENT, Action.FOLLOW_LIVE_POSITIONS, Action.LOCATE},
    Role.POLICE_OFFICER: {
        Action.READ_INCIDENT,
        Action.ANSWER_TASKING,
        Action.REPORT_POSITION,
        Action.FOLLOW_LIVE_POSITIONS,
    },
    Role.PROBATION_OFFICER: {
        Action.READ_INCIDENT,
        Action.ANSWER_TASKING,
        Action.REPORT_POSITION,
        Action.FOLLOW_LIVE_POSITIONS,
    },
}


def an(role: Role) -> Actor:
    unit = uuid7() if role in FIELD_ROLES else None
    return Actor(uuid7(), uuid7(), role, unit, role.value, uuid7())


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_role_may_do_what_the_table_names_and_nothing_else(role: Role, action: Action) -> None:
    """Every pair of role and action is decided, and a refusal says nothing of what was asked for."""
    actor = an(role)
    assert may(actor, action) is (action in ALLOWED[role])
    if action in ALLOWED[role]:
        assert require(actor, action) == rule_for(actor, action)
        return
    with pytest.raises(Forbidden) as refusal:
        require(actor, action)
    assert action.value not in str(refusal.value.problem())


def test_every_permission_rests_on_an_article() -> None:
    """There is no permission without a purpose and an article that the ledger takes; none is given twice."""
    assert set(ARTICLES) == set(Purpose)
    for rule in RULES:
        assert rule.article == ARTICLES[rule.purpose]
        assert fit("article", rule.article)
        assert fit("purpose", rule.purpose) == rule.purpose
        assert fit("action", rule.action) == rule.action
    assert len({(rule.role, rule.action) for rule in RULES}) == len(RULES)


def test_no_position_is_read_by_those_who_only_register() -> None:
    """Who enters orders sees no position and no incident."""
    for action in (Action.FOLLOW_LIVE_POSITIONS, Action.LOCATE, Action.READ_INCIDENT):
        assert not may(an(Role.REGISTRAR), action)
