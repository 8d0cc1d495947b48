"""What a device may send in our own JSON, read strictly. It must never coerce: "1" is no number."""

import re
from typing import Annotated, Final

import msgspec

from jikimi.kernel.errors import Malformed, TooLarge

MOST_FIXES = 500
SOURCES = {"unknown": 0, "gnss": 1, "wifi": 2, "cell": 3, "fused": 4}

# What the log and the record can hold: a fact that fits neither would stop those behind it.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Words = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
_BATCH: Final = re.compile(rb'"fixes"\s*:')


class FixIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fix: ``t`` Unix seconds by the device's clock, degrees WGS84, ``accuracy_m`` 68 % radius."""

    t: float
    lon: float
    lat: float
    accuracy_m: float | None = None
    source: str = "unknown"
    speed_mps: float | None = None
    course_deg: float | None = None
    seq: Count | None = None
    valid: bool = True


class FixesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch of one device."""

    device: str
    fixes: list[FixIn]


class LoneFixIn(FixIn, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fix and its device in one flat object."""

    device: str


class EventIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something a device says that is no position: sos, strap_cut, battery ...

    ``id``: the sender's own name of it, the same in a retry and another for another press; a clock may stand still.
    """

    device: str
    t: float
    kind: str
    value: Words | float | None = None
    id: Words | None = None


_batch = msgspec.json.Decoder(FixesIn)
_lone = msgspec.json.Decoder(LoneFixIn)
_event = msgspec.json.Decoder(EventIn)


def read_fixes(body: bytes) -> FixesIn:
    """A batch, or one fix; raises Malformed naming the field, TooLarge."""
    try:
        if _BATCH.search(body):
            batch = _batch.decode(body)
        else:
            one = _lone.decode(body)
            batch = FixesIn(one.device, [one])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(_sentence(error)) from None
    if len(batch.fixes) > MOST_FIXES:
        raise TooLarge(f"At most {MOST_FIXES} fixes a request.")
    if not batch.fixes:
        raise Malformed("fixes is empty.", field="fixes")
    for fix in batch.fixes:
        _known_source(fix)
    return batch


def read_event(body: bytes) -> EventIn:
    """One event; raises Malformed naming the field."""
    try:
        return _event.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(_sentence(error)) from None


def _sentence(error: Exception) -> str:
    return "This is no UTF-8." if isinstance(error, UnicodeDecodeError) else f"{error}."


def _known_source(fix: FixIn) -> None:
    if fix.source not in SOURCES:
        raise Malformed(f"source must be one of {', '.join(SOURCES)}.", field="source")
