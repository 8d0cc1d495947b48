"""Everything detection is ever told, as it stands in the log. It must never hold what was concluded.

The log's bytes are MessagePack of these structs, written as arrays with a leading tag; a field is only ever added at
the end, with a default. Times are Unix seconds UTC, angles degrees WGS84, lengths metres.
"""

from enum import IntEnum, IntFlag

import msgspec


class Source(IntEnum):
    """What a position was computed from."""

    UNKNOWN = 0
    GNSS = 1
    WIFI = 2
    CELL = 3
    FUSED = 4


class FixFlag(IntFlag):
    """What is known of a fix besides its numbers."""

    VALID = 1
    """The device itself calls it a position; without it no ring is ever raised."""
    PROVEN = 2
    """The sender proved who it is; without it a pair may be raised, never lowered (safety 2)."""
    ASSUMED = 4
    """Its sigma is our assumption (no accuracy, no source): never evidence grade (domain 4.2)."""


class Fix(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One position report. ``t`` is the device's time; ``sigma_m`` the per-axis standard deviation (domain 4.2)."""

    device: str
    t: float
    lon: float
    lat: float
    sigma_m: float
    source: int = 0
    flags: int = 3
    speed_mps: float | None = None
    course_deg: float | None = None
    seq: int | None = None
    accuracy_m: float | None = None
    """As the device claimed it, 68 % radius; kept for evidence, never used again."""


class Fixes(msgspec.Struct, frozen=True, array_like=True, tag="F"):
    """Fixes that one flush to disk made durable, in arrival order; ``received_t`` is the gateway's clock."""

    received_t: float
    fixes: list[Fix]


class DeviceEvent(msgspec.Struct, frozen=True, array_like=True, tag="E"):
    """Something a device or a person says that is no position: SOS, strap, battery, custody, consent ..."""

    received_t: float
    device: str
    t: float
    kind: str
    value: str | float | None = None
    flags: int = 2


class Span(msgspec.Struct, frozen=True):
    """Half-open stretch of time with the reason on record."""

    start: float
    end: float | None
    reason: str = ""
    where: tuple[float, float, float] | None = None
    """Of a suspension: where he is meanwhile, as longitude, latitude and radius (m)."""


class Hours(msgspec.Struct, frozen=True):
    """Hours of every week in a country's own time.

    ``weekly``: a day (0 Monday to 6 Sunday, 7 a holiday), and the seconds of it from which until which, past 86,400 on
    the day after. ``offsets``: seconds ahead of UTC, each from its Unix seconds on, earliest first, at least one.
    ``holidays``: dates in days since 1970-01-01; on these the rows of day 7 hold, and no others.
    """

    weekly: list[tuple[int, int, int]]
    offsets: list[tuple[float, int]]
    holidays: list[int] = []


class Place(msgspec.Struct, frozen=True):
    """A place of an order: a circle (``lon``, ``lat``, ``radius_m``), or a polygon or line widened by ``margin_m``.

    ``polygon`` is GeoJSON rings: the outer first, holes after, each a list of [lon, lat].
    """

    id: str
    kind: str
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    polygon: list[list[tuple[float, float]]] | None = None
    margin_m: float = 0.0
    line: list[tuple[float, float]] | None = None
    spans: list[Span] | None = None
    """When it counts: a corridor is open, a place guarded; None: always."""
    hours: Hours | None = None
    """When in the week it counts, within ``spans``; None: always."""
    exceptions: list[Span] = []
    """Stretches a court granted, in which it does not count."""
    secret: bool = False
    """Whether not even a distance to it may be told."""


class Order(msgspec.Struct, frozen=True, array_like=True, tag="O"):
    """One court or police order in one version. A later version with the same ``order`` replaces it.

    ``victim`` None: only places bind. ``ended`` True: withdrawn as of ``received_t``. ``monitored`` False: he wears
    nothing, the pair is UNMONITORED (never SAFE).
    """

    received_t: float
    order: str
    version: int
    offender: str
    victim: str | None
    start: float
    end: float | None
    radius_m: float
    regime: str = ""
    rings_m: list[float] | None = None
    places: list[Place] = []
    suspensions: list[Span] = []
    schedule: list[Span] | None = None
    """When it binds, within start and end; None: always."""
    monitored: bool = True
    ended: bool = False


class Carry(msgspec.Struct, frozen=True, array_like=True, tag="C"):
    """Who carries a device, from ``since`` until ``until``: the body a fix belongs to at the fix's own time."""

    received_t: float
    carry: str
    device: str
    person: str
    since: float
    until: float | None = None
    interval_s: float = 60.0
    """How often this device is expected to report."""


class RuleChange(msgspec.Struct, frozen=True, array_like=True, tag="R"):
    """A new edition of the rules, as canonical JSON text of ``detect.rules.Rules``."""

    received_t: float
    version: str
    rules: str


class Forget(msgspec.Struct, frozen=True, array_like=True, tag="X"):
    """The law had what is known of this person destroyed: nothing of where they were is remembered any more."""

    received_t: float
    subject: str


class Tick(msgspec.Struct, frozen=True, array_like=True, tag="T"):
    """One second of our own accepting. The only way time enters detection."""

    t: float


Fact = Fixes | DeviceEvent | Order | Carry | RuleChange | Forget | Tick

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Fact)


def encode(fact: Fact) -> bytes:
    """A fact as the log keeps it."""
    return _encoder.encode(fact)


def decode(body: bytes) -> Fact:
    """The fact in ``body``; raises ``msgspec.DecodeError`` when it is none."""
    fact: Fact = _decoder.decode(body)
    return fact
