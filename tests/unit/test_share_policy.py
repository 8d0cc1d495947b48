"""Who may do what: the whole table, so that a change of it is a change of a test."""

from dataclasses import replace

import pytest

from jikimi.identity.model import FIELD_ROLES, Actor, Role
from jikimi.kernel.errors import Forbidden
from jikimi.kernel.ids import uuid7
from jikimi.ledger.fields import fit
from jikimi.share import cedar
from jikimi.share.policy import ARTICLES, USUAL, Action, Data, Purpose, may, require, rule_for

ALLOWED = {
    Role.REGISTRAR: {
        Action.REGISTER,
        Action.READ_REGISTRY,
        Action.EXPORT_LEDGER,
        Action.RECORD_CONSENT,
        Action.READ_ROSTER,
        Action.PLAN_DUTY,
        Action.READ_DESTRUCTIONS,
        Action.ASK_DESTRUCTION,
        Action.CONFIRM_DESTRUCTION,
        Action.ANSWER_PERSON,
    },
    Role.DISPATCHER: {
        Action.READ_REGISTRY,
        Action.READ_INCIDENT,
        Action.CLOSE_INCIDENT,
        Action.FOLLOW_LIVE_POSITIONS,
        Action.LOCATE,
        Action.OPEN_GLASS,
        Action.READ_ROSTER,
        Action.KEEP_DUTY,
        Action.CALL_BACK,
    },
    Role.MONITOR: {
        Action.READ_REGISTRY,
        Action.READ_INCIDENT,
        Action.FOLLOW_LIVE_POSITIONS,
        Action.LOCATE,
        Action.OPEN_GLASS,
        Action.READ_ROSTER,
        Action.KEEP_DUTY,
    },
    Role.SUPPORTER: {Action.RECORD_CONSENT, Action.READ_REGISTRY},
    Role.REVIEWER: {
        Action.READ_DESTRUCTIONS,
        Action.CONFIRM_DESTRUCTION,
        Action.JUDGE_DESTRUCTION,
        Action.AGREE_SHARING,
        Action.ANSWER_PERSON,
        Action.READ_REGISTER,
        Action.REVIEW_ACCESS,
        Action.GIVE_ACCESS,
        Action.END_ACCESS,
        Action.EXPORT_LEDGER,
        Action.READ_ROSTER,
    },
    Role.POLICE_OFFICER: {
        Action.READ_INCIDENT,
        Action.ANSWER_TASKING,
        Action.REPORT_POSITION,
        Action.FOLLOW_LIVE_POSITIONS,
        Action.READ_ROSTER,
        Action.KEEP_DUTY,
    },
    Role.PROBATION_OFFICER: {
        Action.READ_INCIDENT,
        Action.ANSWER_TASKING,
        Action.REPORT_POSITION,
        Action.FOLLOW_LIVE_POSITIONS,
        Action.READ_ROSTER,
        Action.KEEP_DUTY,
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


def test_every_policy_has_a_name_an_article_and_a_sentence_in_both_languages() -> None:
    """There is no permission without an article that the ledger takes; no name is given twice."""
    told = list(cedar.statements().values())
    for policy in told:
        assert fit("article", policy.article)
        assert policy.ko
        assert policy.en
    assert len({policy.id for policy in told}) == len(told)
    assert set(ARTICLES) == set(Purpose)
    assert set(USUAL) == set(Role)


def test_a_purpose_a_role_may_not_act_for_is_refused() -> None:
    """The right role with the wrong purpose, or a word that is none, may nothing."""
    dispatcher = an(Role.DISPATCHER)
    assert require(dispatcher, Action.READ_INCIDENT).purpose is Purpose.APPROACH_RESPONSE
    assert require(replace(dispatcher, purpose="JOINT_RESPONSE"), Action.READ_INCIDENT).by.id == "room-112-joint"
    for wrong in ("TRIAL", "SUPERVISION", "approach_response", "", "x" * 64):
        for action in Action:
            assert not may(replace(dispatcher, purpose=wrong), action)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_nobody_may_anything_in_their_own_case(role: Role, action: Action) -> None:
    """What no permission outweighs: being a party, or a partner or kin of one."""
    for data in Data:
        assert rule_for(an(role), action, data, own=True) is None


def test_policies_that_do_not_hold_together_are_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word the schema does not know is an error at the first question, not a permission that never applies."""
    monkeypatch.setattr(cedar, "source", lambda: 'permit (principal, action == Action::"peek", resource);')
    cedar._parsed.cache_clear()
    try:
        with pytest.raises(ValueError, match="do not hold together"):
            cedar.ask.__wrapped__("dispatcher", "peek", "person", "TRIAL")
    finally:
        cedar._parsed.cache_clear()


def test_a_policy_without_its_sentence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is permitted that cannot be said to the person it concerns."""
    monkeypatch.setattr(cedar, "source", lambda: '@id("x") @article("y") permit (principal, action, resource);')
    cedar.statements.cache_clear()
    try:
        with pytest.raises(ValueError, match="has no 'ko'"):
            cedar.statements()
    finally:
        cedar.statements.cache_clear()


def test_no_position_is_read_by_those_who_only_register() -> None:
    """Who enters orders sees no position and no incident."""
    for action in (Action.FOLLOW_LIVE_POSITIONS, Action.LOCATE, Action.READ_INCIDENT):
        assert not may(an(Role.REGISTRAR), action)
