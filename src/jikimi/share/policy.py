"""Who may do what, and on which article of law. It must never answer yes to what the table does not name.

Which rows an actor sees is decided inside the reads (row-level security and joins), not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from jikimi.identity.model import Actor, Role
from jikimi.kernel.errors import Forbidden


class Action(StrEnum):
    """Everything a person can do here; a closed list."""

    REGISTER = "register"
    READ_REGISTRY = "read_registry"
    READ_INCIDENT = "read_incident"
    CLOSE_INCIDENT = "close_incident"
    ANSWER_TASKING = "answer_tasking"
    REPORT_POSITION = "report_position"
    FOLLOW_LIVE_POSITIONS = "follow_live_positions"
    LOCATE = "locate"
    EXPORT_LEDGER = "export_ledger"


class Purpose(StrEnum):
    """What something is read or done for; the value stands in the access register."""

    SUPERVISION = "SUPERVISION"
    APPROACH_RESPONSE = "APPROACH_RESPONSE"
    VICTIM_NOTICE = "VICTIM_NOTICE"
    COMPLIANCE_CHECK = "COMPLIANCE_CHECK"
    INVESTIGATION_COURT = "INVESTIGATION_COURT"
    INVESTIGATION_EMERGENCY = "INVESTIGATION_EMERGENCY"
    TRIAL = "TRIAL"
    EXTENSION_CLAIM = "EXTENSION_CLAIM"
    JOINT_RESPONSE = "JOINT_RESPONSE"
    SUPPORT = "SUPPORT"


ARTICLES: Final[Mapping[Purpose, str]] = {
    Purpose.SUPERVISION: "전자장치 부착 등에 관한 법률 제16조",
    Purpose.APPROACH_RESPONSE: "전자장치 부착 등에 관한 법률 제31조의6",
    Purpose.VICTIM_NOTICE: "전자장치 부착 등에 관한 법률 제15조의2, 제31조의6, 같은 법 시행령 제13조의3",
    Purpose.COMPLIANCE_CHECK: "전자장치 부착 등에 관한 법률 제31조의8",
    Purpose.INVESTIGATION_COURT: "전자장치 부착 등에 관한 법률 제16조",
    Purpose.INVESTIGATION_EMERGENCY: "전자장치 부착 등에 관한 법률 제16조, 같은 법 시행령 제14조의3",
    Purpose.TRIAL: "전자장치 부착 등에 관한 법률 제31조의8",
    Purpose.EXTENSION_CLAIM: "전자장치 부착 등에 관한 법률 제31조의8",
    Purpose.JOINT_RESPONSE: "112신고의 운영 및 처리에 관한 법률 제9조",
    Purpose.SUPPORT: "정보주체의 동의",
}
"""The article each purpose rests on, as the register prints it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission: this role may do this, for this purpose."""

    role: Role
    action: Action
    purpose: Purpose

    @property
    def article(self) -> str:
        """The law it rests on."""
        return ARTICLES[self.purpose]


def _rules(role: Role, purpose: Purpose, *actions: Action) -> list[Rule]:
    return [Rule(role, action, purpose) for action in actions]


RULES: Final[tuple[Rule, ...]] = (
    *_rules(Role.REGISTRAR, Purpose.SUPERVISION, Action.REGISTER, Action.READ_REGISTRY, Action.EXPORT_LEDGER),
    *_rules(
        Role.DISPATCHER,
        Purpose.APPROACH_RESPONSE,
        Action.READ_REGISTRY,
        Action.READ_INCIDENT,
        Action.CLOSE_INCIDENT,
        Action.FOLLOW_LIVE_POSITIONS,
        Action.LOCATE,
    ),
    *_rules(
        Role.MONITOR,
        Purpose.SUPERVISION,
        Action.READ_REGISTRY,
        Action.READ_INCIDENT,
        Action.FOLLOW_LIVE_POSITIONS,
        Action.LOCATE,
    ),
    *_rules(
        Role.POLICE_OFFICER,
        Purpose.APPROACH_RESPONSE,
        Action.READ_INCIDENT,
        Action.ANSWER_TASKING,
        Action.REPORT_POSITION,
        Action.FOLLOW_LIVE_POSITIONS,
    ),
    *_rules(
        Role.PROBATION_OFFICER,
        Purpose.APPROACH_RESPONSE,
        Action.READ_INCIDENT,
        Action.ANSWER_TASKING,
        Action.REPORT_POSITION,
        Action.FOLLOW_LIVE_POSITIONS,
    ),
)
"""All permissions there are."""

_BY: Final[Mapping[tuple[Role, Action], Rule]] = {(rule.role, rule.action): rule for rule in RULES}


def rule_for(actor: Actor, action: Action) -> Rule | None:
    """The permission the actor would act under, or None."""
    return _BY.get((actor.role, action))


def may(actor: Actor, action: Action) -> bool:
    """Whether the actor's role is permitted to do this at all."""
    return rule_for(actor, action) is not None


def require(actor: Actor, action: Action) -> Rule:
    """The permission the actor acts under, for the register; raises Forbidden."""
    rule = rule_for(actor, action)
    if rule is None:
        raise Forbidden("Your role is not permitted to do this.")
    return rule
