"""Every stream and subject there is, and who may publish where. It must never let one role speak for another.

``facts`` is the one total order: fixes, device events, registry changes, ticks. ``state`` keeps the last value of each
registry subject of it. ``alerts`` holds decisions. ``plans`` holds dispatches made while the record was away.
``standing`` holds what a responder needs that starts while the record is away, the last value each.
"""

from typing import Final

FACTS: Final = "facts"
STATE: Final = "state"
ALERTS: Final = "alerts"
PLANS: Final = "plans"
STANDING: Final = "standing"
REJECTS: Final = "rejects"
SNAPSHOTS: Final = "snapshots"

FIXES: Final = "facts.fixes"
EVENT: Final = "facts.event"
TICK: Final = "facts.tick"
CHANGE: Final = "facts.set"
"""Registry changes: ``facts.set.<kind>.<id>``; the last of each subject lives on in ``state``."""
DEVICE: Final = "facts.set.device"
ORDER: Final = "facts.set.order"
CARRY: Final = "facts.set.carry"
RULES: Final = "facts.set.rules"
FORGET: Final = "facts.set.forget"

DECISION: Final = "alerts.decision"
PLAN: Final = "plans"
LIVE: Final = "live"
"""Core subjects, nothing kept: ``live.feed.<feed>`` committed messages, ``live.wake`` hints that something is due,
``live.pulse.<role>`` signs of life."""
FEED: Final = "live.feed"
WAKE: Final = "live.wake"
PULSE: Final = "live.pulse"
REJECT: Final = "rejects"

HOUR: Final = 3600
KEPT_S: Final = 72 * HOUR
REJECTS_BYTES: Final = 256 * 1024 * 1024
SNAPSHOTS_BYTES: Final = 1024 * 1024 * 1024


def streams() -> list[dict[str, object]]:
    """The JetStream configuration of every stream; file storage throughout, ages in nanoseconds."""

    def stream(name: str, **more: object) -> dict[str, object]:
        return {
            "name": name, "storage": "file", "retention": "limits", "discard": "old", "num_replicas": 1,
            "max_age": 0, "max_msgs": -1, "max_bytes": -1, "max_msg_size": -1, "max_consumers": -1,
            "max_msgs_per_subject": -1, "duplicate_window": 120 * 1_000_000_000, **more,
        }  # fmt: skip

    kept = KEPT_S * 1_000_000_000
    return [
        stream(FACTS, subjects=["facts.>"], max_age=kept, deny_delete=True),
        stream(STATE, subjects=[], max_msgs_per_subject=1, sources=[{"name": FACTS, "filter_subject": f"{CHANGE}.>"}]),
        stream(ALERTS, subjects=["alerts.>"], max_age=kept, deny_delete=True),
        stream(PLANS, subjects=[f"{PLAN}.>"], max_age=kept, deny_delete=True),
        stream(STANDING, subjects=[f"{STANDING}.>"], max_msgs_per_subject=1),
        stream(SNAPSHOTS, subjects=[f"{SNAPSHOTS}.>"], max_age=kept, max_bytes=SNAPSHOTS_BYTES, allow_direct=True),
        stream(REJECTS, subjects=[f"{REJECT}.>"], max_age=kept, max_bytes=REJECTS_BYTES),
    ]


def _reads(*names: str) -> list[str]:
    subjects = []
    for name in names:
        subjects += [
            f"$JS.API.STREAM.INFO.{name}",
            f"$JS.API.CONSUMER.CREATE.{name}.>",
            f"$JS.API.CONSUMER.MSG.NEXT.{name}.>",
            f"$JS.API.CONSUMER.DELETE.{name}.>",
        ]
    return subjects


PUBLISH: Final[dict[str, list[str]]] = {
    "intake": [FIXES, EVENT, TICK, f"{REJECT}.>", f"{PULSE}.intake", *_reads(STATE)],
    "detect": [
        f"{ALERTS}.>",
        f"{SNAPSHOTS}.>",
        f"{PULSE}.detect",
        f"$JS.API.STREAM.MSG.GET.{SNAPSHOTS}",
        *_reads(FACTS, STATE),
    ],
    "respond": [
        # A word said under duress, in the place of her device's own call.
        EVENT,
        f"{CHANGE}.>",
        f"{LIVE}.>",
        f"{PLAN}.>",
        f"{STANDING}.>",
        *_reads(FACTS, STATE, ALERTS, PLANS, STANDING),
        f"$JS.API.STREAM.INFO.{SNAPSHOTS}",
        # How far a saved state is, and never the state.
        f"$JS.API.DIRECT.GET.{SNAPSHOTS}.{SNAPSHOTS}.*.manifest",
        f"$JS.API.STREAM.INFO.{REJECTS}",
    ],
    "desk": [f"{LIVE}.>", *_reads(FACTS, STATE)],
}
"""What each role may publish, API calls included; the server refuses the rest."""

SUBSCRIBE: Final[dict[str, list[str]]] = {
    "intake": [],
    "detect": [],
    "respond": [f"{LIVE}.>"],
    "desk": [f"{LIVE}.>"],
}
"""What each role may subscribe to, besides its own inbox."""


def inbox(role: str) -> str:
    """The inbox prefix of a role; nobody else may listen there."""
    return f"_INBOX.{role}"
