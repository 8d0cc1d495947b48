"""The closed list of what a device or a person can say that is no position. It must never silence anything.

Every kind is accepted by intake, kept in the log and noted; those in ``ALARMS`` are decided here today, the rest have
their place for the rules that need them. A kind outside the list is refused where it enters.
"""

from typing import Final

from jikimi.kernel.ids import derived

SOS: Final = "sos"
DURESS: Final = "duress"
STRAP: Final = "strap"
CASE: Final = "case"
CONTACT: Final = "contact"
BATTERY: Final = "battery"
SHIELDING: Final = "shielding"
TETHER: Final = "tether"
MOTION: Final = "motion"
CHARGING: Final = "charging"
CUSTODY: Final = "custody"

CALLS: Final = frozenset({SOS, DURESS})
DAMAGE: Final = frozenset({STRAP, CASE})
INTERFERENCE: Final = frozenset({"jamming", "spoofing", SHIELDING})
WITHDRAWN: Final = frozenset({"permission", "app_killed", "power_off", "power_cut"})
HEALTH: Final = INTERFERENCE | WITHDRAWN | {BATTERY, TETHER}
ALARMS: Final = CALLS | DAMAGE | HEALTH | {CONTACT}

KINDS: Final[dict[str, str]] = {
    SOS: "somebody asks for help",
    DURESS: "a duress PIN: help, silently",
    STRAP: "the strap was cut or opened",
    CASE: "the case was opened",
    CONTACT: "the other party's device is heard by radio; value: that party, or empty",
    "jamming": "satellite or mobile reception collapsed as jamming does",
    "spoofing": "the position is contradicted by another source",
    SHIELDING: "reception fell abruptly without movement",
    TETHER: "the wearer and the tracker are apart (value: metres)",
    BATTERY: "charge in per cent (value)",
    CHARGING: "charging began (value 1) or ended (0)",
    "power_cut": "the supply was cut",
    "power_off": "switched off by hand",
    "fall": "a fall was felt",
    MOTION: "movement began (value 1) or ended (0)",
    "heartbeat": "the device is there and has no position",
    "permission": "the phone took a permission away (value: which)",
    "app_killed": "the phone's system ended the application",
    CUSTODY: "custody began (value 1) or ended (0)",
    "consent": "consent given, narrowed, paused or withdrawn (value: which)",
    "order_change": "an order was changed (value: the order)",
    "safe_tap": "she tapped 'safe'; it lowers nothing",
    "exercise": "part of an exercise; it lowers nothing",
    "test": "part of a test; it lowers nothing",
    "note": "anything a person wrote",
}
"""Kind to meaning, as documented in the reference of ``jikimi replay``."""


def mark(name: str) -> float:
    """A name as a number that memory keeps among times: 52 bits of its hash, which a float holds exactly."""
    return float(derived(name).int >> 76)
