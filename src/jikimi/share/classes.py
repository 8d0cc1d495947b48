"""Which class of data each answer is made of. It must never leave an answer without a class.

Classes are what policies speak of; fields are what a screen shows. An answer that tells nothing of anybody is plain.
"""

from collections.abc import Mapping
from typing import Final

from jikimi.share.policy import Data

PLAIN: Final = frozenset({
    "AccountMade", "ActorOut", "AgencyOut", "AgreementMadeOut", "CarryOut", "ChangedOut", "ChoicesOut",
    "ConsentMadeOut", "DestructionMadeOut", "DeviceMade", "DoorOut", "DoorsOut", "EndedOut", "EnteredOut", "EventOut",
    "GlassOut", "GrantMadeOut", "HandoverMadeOut", "HandoverTakenOut", "ImportedOut", "KindOut", "LoadedOut",
    "OwnDutyOut", "OwnShiftOut", "PersonChangedOut", "PoliciesOut", "PolicyOut", "Problem",
    "QualificationMadeOut", "Role", "SessionOut", "ShiftsMadeOut", "SiteOut", "State", "StatementOut",
    "TakenOut", "VersionOut", "WithdrawalMadeOut", "WordsOut",
})  # fmt: skip
"""Answers about the asker, the installation or what was just sent."""
ANSWERS: Final[Mapping[str, Data]] = {
    "PersonOut": Data.PERSON,
    "OrderOut": Data.ORDER,
    "PartyOrderOut": Data.ORDER,
    "SpanOut": Data.ORDER,
    "SuspensionOut": Data.ORDER,
    "HoursEntry": Data.PLACE,
    "WeeklyEntry": Data.PLACE,
    "PlaceOut": Data.PLACE,
    "GuardedOut": Data.PLACE,
    "UnitOut": Data.UNIT,
    "NearOut": Data.UNIT,
    "GroundOut": Data.JURISDICTION,
    "LocatedOut": Data.JURISDICTION,
    "IncidentOut": Data.INCIDENT,
    "IncidentWhole": Data.INCIDENT,
    "AlertOut": Data.INCIDENT,
    "TaskingOut": Data.INCIDENT,
    "SaidOut": Data.INCIDENT,
    "SightOut": Data.INCIDENT,
    "OwnerOut": Data.INCIDENT,
    "PersonChangeOut": Data.PERSON,
    "HolderOut": Data.PERSON,
    "ConsentOut": Data.CONSENT,
    "GrantOut": Data.ACCESS,
    "WhyOut": Data.ACCESS,
    "LookOut": Data.ACCESS,
    "UnusualOut": Data.ACCESS,
    "AgreementOut": Data.ACCESS,
    "HerLookOut": Data.REQUEST,
    "AccountNameOut": Data.ACCESS,
    "PersonNameOut": Data.ACCESS,
    "WithdrawalOut": Data.CONSENT,
    "CheckpointOut": Data.LEDGER,
    "WitnessOut": Data.LEDGER,
    "BreakOut": Data.LEDGER,
    "VerificationOut": Data.LEDGER,
    "LedgerOut": Data.LEDGER,
    "ShiftOut": Data.DUTY,
    "AccountChangedOut": Data.DUTY,
    "StaffOut": Data.DUTY,
    "PaperOut": Data.DUTY,
    "StationOut": Data.DUTY,
    "DestructionOut": Data.RETENTION,
    "KeptOut": Data.RETENTION,
    "AskedOut": Data.RETENTION,
    "HandoverOut": Data.DUTY,
    "OpenOut": Data.INCIDENT,
}
"""Answers by name, each of one class."""
LISTS: Final = frozenset({
    "AgenciesOut", "AgreementsOut", "ConsentsOut", "DestructionsOut", "FoundOut", "GrantsOut", "GuardedsOut", "HandoversOut",
    "HerLooksOut", "LooksOut", "NamesOut", "OpenedOut", "OrdersOut", "OverviewOut", "PeopleOut", "PersonChangesOut",
    "PseudonymOut", "RosterOut", "UnitsOut", "UnusualsOut", "WithdrawalsOut",
})  # fmt: skip
"""Answers that only hold others."""
LIVE: Final[Mapping[str, tuple[Data, tuple[str, ...]]]] = {
    "target": (Data.LOCATION, ("subject", "t", "lon", "lat", "sigma_m", "age_s", "speed_mps", "course_deg")),
    "pair": (
        Data.LOCATION,
        (
            "distance_m",
            "sigma_m",
            "closing_mps",
            "trend",
            "time_to_contact_s",
            "assumed",
            "offender_age_s",
            "victim_age_s",
        ),
    ),
    "units": (Data.UNIT, ("id", "callsign", "status", "lon", "lat", "age_s")),
}
"""What comes over the live line by itself, frame by frame."""
