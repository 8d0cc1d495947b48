"""Who may do what, for which purpose, on which article of law. It must never answer yes to what no policy names.

The policies are text (policies/*.cedar). Which rows an actor sees is decided inside the reads: by grants and by
row-level security beneath.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from jikimi.identity.model import Actor, Role
from jikimi.kernel.errors import Forbidden
from jikimi.share import cedar
from jikimi.share.cedar import Statement


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
    OPEN_GLASS = "open_glass"
    GIVE_ACCESS = "give_access"
    END_ACCESS = "end_access"
    REVIEW_ACCESS = "review_access"
    READ_REGISTER = "read_register"
    RECORD_CONSENT = "record_consent"
    READ_ROSTER = "read_roster"
    KEEP_DUTY = "keep_duty"
    PLAN_DUTY = "plan_duty"
    READ_DESTRUCTIONS = "read_destructions"
    ASK_DESTRUCTION = "ask_destruction"
    CONFIRM_DESTRUCTION = "confirm_destruction"
    JUDGE_DESTRUCTION = "judge_destruction"
    CALL_BACK = "call_back"
    AGREE_SHARING = "agree_sharing"
    ANSWER_PERSON = "answer_person"


class Data(StrEnum):
    """Classes of data; what a grant is given for."""

    PERSON = "person"
    ORDER = "order"
    PLACE = "place"
    DEVICE = "device"
    UNIT = "unit"
    INCIDENT = "incident"
    LOCATION = "location"
    JURISDICTION = "jurisdiction"
    ACCOUNT = "account"
    CONSENT = "consent"
    ACCESS = "access"
    LEDGER = "ledger"
    DUTY = "duty"
    RETENTION = "retention"
    REQUEST = "request"
    """What people ask of us about themselves, and are answered."""


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
    VIOLATION_OFFENCE = "VIOLATION_OFFENCE"
    """Breaking the measure, or the device, is an offence of its own."""
    JOINT_RESPONSE = "JOINT_RESPONSE"
    SUPPORT = "SUPPORT"
    ACCESS_REVIEW = "ACCESS_REVIEW"


ARTICLES: Final[Mapping[Purpose, str]] = {
    Purpose.SUPERVISION: "전자장치 부착 등에 관한 법률 제16조",
    Purpose.APPROACH_RESPONSE: "전자장치 부착 등에 관한 법률 제31조의6",
    Purpose.VICTIM_NOTICE: "전자장치 부착 등에 관한 법률 제15조의2, 제31조의6, 같은 법 시행령 제13조의3",
    Purpose.COMPLIANCE_CHECK: "전자장치 부착 등에 관한 법률 제31조의8",
    Purpose.INVESTIGATION_COURT: "전자장치 부착 등에 관한 법률 제16조",
    Purpose.INVESTIGATION_EMERGENCY: "전자장치 부착 등에 관한 법률 제16조, 같은 법 시행령 제14조의3",
    Purpose.TRIAL: "전자장치 부착 등에 관한 법률 제31조의8",
    Purpose.EXTENSION_CLAIM: "전자장치 부착 등에 관한 법률 제31조의8",
    Purpose.VIOLATION_OFFENCE: "전자장치 부착 등에 관한 법률 제16조, 제31조의8",
    Purpose.JOINT_RESPONSE: "112신고의 운영 및 처리에 관한 법률 제9조",
    Purpose.SUPPORT: "정보주체의 동의",
    Purpose.ACCESS_REVIEW: "개인정보 보호법 제29조, 제31조",
}
"""The article each purpose rests on, as a grant and the register print it."""

USUAL: Final[Mapping[Role, Purpose]] = {
    Role.REGISTRAR: Purpose.SUPERVISION,
    Role.DISPATCHER: Purpose.APPROACH_RESPONSE,
    Role.MONITOR: Purpose.SUPERVISION,
    Role.POLICE_OFFICER: Purpose.APPROACH_RESPONSE,
    Role.PROBATION_OFFICER: Purpose.APPROACH_RESPONSE,
    Role.REVIEWER: Purpose.ACCESS_REVIEW,
    Role.SUPPORTER: Purpose.SUPPORT,
}
"""What a role acts for when it names no purpose."""

ABOUT: Final[Mapping[Action, tuple[Data, ...]]] = {
    Action.REGISTER: (
        Data.ORDER, Data.PERSON, Data.PLACE, Data.DEVICE, Data.UNIT, Data.JURISDICTION, Data.ACCOUNT,
    ),
    Action.READ_REGISTRY: (Data.ORDER, Data.PERSON, Data.PLACE, Data.UNIT),
    Action.READ_INCIDENT: (Data.INCIDENT,),
    Action.CLOSE_INCIDENT: (Data.INCIDENT,),
    Action.ANSWER_TASKING: (Data.INCIDENT,),
    Action.REPORT_POSITION: (Data.UNIT,),
    Action.FOLLOW_LIVE_POSITIONS: (Data.LOCATION, Data.UNIT),
    Action.LOCATE: (Data.JURISDICTION, Data.UNIT),
    Action.EXPORT_LEDGER: (Data.LEDGER,),
    Action.OPEN_GLASS: (Data.PERSON,),
    Action.GIVE_ACCESS: (Data.ACCESS,),
    Action.END_ACCESS: (Data.ACCESS,),
    Action.REVIEW_ACCESS: (Data.ACCESS,),
    Action.READ_REGISTER: (Data.ACCESS,),
    Action.RECORD_CONSENT: (Data.CONSENT,),
    Action.READ_ROSTER: (Data.DUTY,),
    Action.KEEP_DUTY: (Data.DUTY,),
    Action.PLAN_DUTY: (Data.DUTY,),
    Action.READ_DESTRUCTIONS: (Data.RETENTION,),
    Action.ASK_DESTRUCTION: (Data.RETENTION,),
    Action.CONFIRM_DESTRUCTION: (Data.RETENTION,),
    Action.JUDGE_DESTRUCTION: (Data.RETENTION,),
    Action.CALL_BACK: (Data.CONSENT,),
    Action.AGREE_SHARING: (Data.ACCESS,),
    Action.ANSWER_PERSON: (Data.REQUEST,),
}  # fmt: skip
"""The classes an action can be about, first the one it is about when nothing nearer is said."""

_PURPOSES: Final[Mapping[str, Purpose]] = {purpose.value: purpose for purpose in Purpose}


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission somebody acts under: who, what, for which purpose, and the policy that says so."""

    role: Role
    action: Action
    purpose: Purpose
    by: Statement

    @property
    def article(self) -> str:
        """The law it rests on."""
        return self.by.article


def purpose_of(actor: Actor) -> Purpose | None:
    """The purpose the actor named, or the role's usual one; None for a word that is no purpose."""
    if actor.purpose is None:
        return USUAL[actor.role]
    return _PURPOSES.get(actor.purpose)


def rule_for(actor: Actor, action: Action, data: Data | None = None, *, own: bool = False) -> Rule | None:
    """The permission the actor would act under, or None. ``own``: it is the actor's own case."""
    purpose, about = purpose_of(actor), ABOUT[action]
    if purpose is None or data not in (None, *about):
        return None
    verdict = cedar.ask(actor.role, action, data or about[0], purpose, own)
    return Rule(actor.role, action, purpose, verdict.by) if verdict.allowed and verdict.by else None


def may(actor: Actor, action: Action, data: Data | None = None) -> bool:
    """Whether the actor is permitted to do this at all."""
    return rule_for(actor, action, data) is not None


def require(actor: Actor, action: Action, data: Data | None = None, *, own: bool = False) -> Rule:
    """The permission the actor acts under, for the register; raises Forbidden."""
    rule = rule_for(actor, action, data, own=own)
    if rule is None:
        raise Forbidden("Your role is not permitted to do this.")
    return rule
