"""What is known of one offender and one victim: ring, knowledge, mode. It must never call the absent safe.

Ring is how near, knowledge is whether that can be believed now, mode is what the orders and her device allow.
"""

from typing import Final

from jikimi.detect.arming import Arming
from jikimi.detect.limits import BREACH, CONTACT, DANGER, RINGS, SAFE, Limits
from jikimi.detect.orders import Book
from jikimi.detect.places import Guard
from jikimi.detect.settle import Proof
from jikimi.detect.track import Subject
from jikimi.kernel.ids import derived

FRESH: Final = 0
STALE: Final = 1
UNKNOWN: Final = 2
UNMONITORED: Final = 3
KNOWLEDGE: Final = ("FRESH", "STALE", "UNKNOWN", "UNMONITORED")
NONE: Final = 0
ARMED: Final = 1
HOLD: Final = 2
SUSPENDED: Final = 3
HERE: Final = 0
LEFT: Final = 1
GONE: Final = 2
NOTHING: Final = (None,) * 7
"""Of what points may show, each for a while (:mod:`jikimi.detect.again`)."""
MODES: Final = ("NONE", "ARMED", "HOLD", "SUSPENDED")

Trail = list[tuple[float, float, float, float]]
"""Fixes of one party in rising time: time, longitude, latitude, sigma (m)."""

LEVEL_BITS: Final = 4
FOREVER: Final = float("inf")


def pair_id(offender: str, victim: str | None) -> str:
    """The id of a pair, the same everywhere."""
    return str(derived("pair", offender, victim or ""))


class Pair:
    """One offender and one victim (or places alone), with everything decided about them so far."""

    __slots__ = (
        "arming", "attribution", "book", "calm", "came", "cell", "closing", "closing_t", "coming_t", "covered_since", "dim_since",
        "distance", "due", "far", "gap", "guards", "held", "here_t", "hushed", "id", "joint_t", "knowledge", "lasting", "late",
        "lean", "left", "leg", "lost_at", "lost_since", "mode", "near", "nearer", "number", "offender", "open", "out", "outside",
        "pace", "parked", "passes", "proofs", "quiet", "radii", "recent", "ring", "roams", "shown", "sigma", "stood", "swallowed",
        "taken", "together", "told", "told_m", "told_t", "touch", "trails", "ttc", "unknown_since", "unsure", "until", "victim",
        "walked", "ways", "widest", "within_t",
    )  # fmt: skip

    def __init__(self, offender: Subject, victim: Subject | None) -> None:  # noqa: PLR0915 - all that is known
        # what every fix of either touches stands first: together in memory
        self.calm, self.far, self.widest = False, 0.0, 0.0
        self.offender, self.victim = offender, victim
        self.ring, self.knowledge, self.mode = SAFE, STALE, NONE
        self.due, self.until = FOREVER, FOREVER
        self.quiet = False
        self.number = 0
        """Which pair of its engine this is, in order of making."""
        self.touch: tuple[float, int] | None = None
        """When one device last heard the other (counted time), and the ring positions gave before."""
        self.proofs: dict[str, Proof] = {}
        """Breaches being proven, by the order broken."""
        self.id = pair_id(offender.id, victim.id if victim else None)
        self.book = Book()
        self.arming = Arming(-FOREVER, FOREVER)
        self.shown = MODES[NONE]
        self.radii: tuple[float, ...] = ()
        self.recent, self.closing, self.closing_t = 0, 0, 0.0
        self.outside: list[float | None] = [None] * len(RINGS)
        self.unknown_since: float | None = None
        self.covered_since: float | None = None
        """Since when he may have been in a place for all that is known (counted time)."""
        self.dim_since: float | None = None
        """Since when she or a place may hold him and no fix of such errors could show it (counted time)."""
        self.unsure: dict[str, list[float]] = {}
        """When not knowing was last told, by episode, how near he was, and where both were then."""
        self.open: dict[str, tuple[str, str]] = {}
        """Open episodes: code, or code@what, to the alert and the order it was raised under."""
        self.told: dict[str, list[str]] = {}
        """The orders an open breach was told of, by alert."""
        self.taken = False
        """Another order took over in the middle of a breach, and it has not been told under it."""
        self.distance: float | None = None
        self.sigma: float | None = None
        self.ttc: float | None = None
        self.attribution: str | None = None
        self.trails: list[Trail] | None = None
        """The last fixes of his and of hers that were looked at, as far back as a way between two fixes may reach."""
        self.within_t = -FOREVER
        """When they were last looked at in breach."""
        self.joint_t, self.told_t = -FOREVER, -FOREVER
        """When both were last known well enough to be compared, and when nearness was last told with dispatch."""
        self.coming_t = -FOREVER
        """When somebody who had moved since nearness was told was last seen to approach."""
        self.here_t = -FOREVER
        """When anything of either was last within the radius."""
        self.told_m = 0.0
        """How far apart they were then, at least until it may be told again."""
        self.stood: list[float] | None = None
        """Where both were then, until somebody has moved: longitude and latitude, his and hers."""
        self.lasting: list[float | None] = list(NOTHING)
        """Since when every point has shown him elsewhere, perhaps and beyond doubt; her the same; both apart; near; nearer."""
        self.walked = False
        """Somebody seems to have, or has."""
        self.lean = 0.0
        """What looks since weigh together for their being within the radius, or below 0 beyond it."""
        self.near = False
        """Every point for a while has put them within the radius by more than the error."""
        self.left, self.gap, self.came = HERE, False, False
        """Since then: apart by more than the radius, a gap in what is known; and a speed of his toward her."""
        self.nearer = False
        """He was seen to come nearer by his own movement, not by a speed alone."""
        self.hushed = False
        """The ring they are in was entered, and nobody has been told of it."""
        self.pace = 0.0
        """Seconds between fixes last asked of both devices; 0 before anything was."""
        self.lost_at: tuple[float, float, float, float, bool] | None = None
        """When her silence near him was last told (counted time), where he was then, how far, and whether that was seen."""
        self.lost_since = -FOREVER
        """The last word of his for which her silence was told because nobody could say where he was."""
        self.swallowed = False
        """Whether an absence of this pair is told as part of an outage, for as long as the others are silent too."""
        self.together: float | None = None
        self.leg: list[float] | None = None
        """The leg on which it is seen whether they go together."""
        self.parked: float | None = None
        self.passes: list[float] = []
        self.held = False
        """A suspension that runs says that he is held somewhere."""
        self.cell: tuple[float, float, float] | None = None
        """Where he was first seen to stay meanwhile: longitude, latitude, time."""
        self.roams: float | None = None
        """When he was first seen meanwhile."""
        self.out = 0
        """Fixes in a row that show him elsewhere."""
        self.ways = False
        """Some order has a corridor."""
        self.guards: dict[str, Guard] = {}
        self.late: list[tuple[float, float]] = []

    @property
    def key(self) -> tuple[str, str | None]:
        """Offender and victim, by id."""
        return self.offender.id, self.victim.id if self.victim else None

    def parties(self) -> list[Subject]:
        """The offender, and the victim where the orders have one."""
        return [self.offender] if self.victim is None else [self.offender, self.victim]

    def rearm(self, arming: Arming, limits: Limits) -> None:
        """Take a new union of orders and the radii that go with it."""
        self.arming = arming
        self.radii = radii_of(arming, limits)
        self.far = max(self.radii)

    def reset(self) -> None:
        """Nothing binds: no ring, no count, no episode outlives its order."""
        self.ring, self.recent, self.closing = SAFE, 0, 0
        self.outside = [None] * len(RINGS)
        self.unknown_since = None
        self.distance = self.sigma = self.ttc = self.attribution = None
        self.trails = self.together = self.leg = self.parked = None
        self.came = self.nearer = self.gap = self.taken = False
        self.left, self.lean, self.stood, self.walked, self.lasting = HERE, 0.0, None, False, list(NOTHING)
        self.touch = None

    def name(self) -> str:
        """The one word shown, the gravest first; SAFE only when nothing stands against it."""
        if self.mode in (NONE, SUSPENDED):
            return MODES[self.mode]
        if self.ring >= BREACH:
            return RINGS[self.ring]
        if self.knowledge == UNKNOWN:
            return KNOWLEDGE[UNKNOWN]
        if self.ring > SAFE:
            return RINGS[self.ring]
        if self.knowledge != FRESH:
            return KNOWLEDGE[self.knowledge]
        held = self.mode == HOLD or (self.victim is not None and self.victim.away)
        return MODES[HOLD] if held else RINGS[SAFE]


def radii_of(arming: Arming, limits: Limits) -> tuple[float, ...]:
    """Radius of each ring: the order's own rings (WATCH, NOTICE, DANGER, widest first) over the rules' defaults.

    No ring is narrower than the one inside it, so an order of 600 m has its DANGER at 600 m as well.
    """
    radii = list(limits.radii)
    for ring, radius in zip(range(1, DANGER + 1), sorted(arming.rings_m or (), reverse=True), strict=False):
        radii[ring] = radius
    radii[BREACH] = arming.radius_m
    radii[CONTACT] = min(radii[CONTACT], arming.radius_m)
    for ring in range(DANGER, SAFE, -1):
        radii[ring] = max(radii[ring], radii[ring + 1])
    return tuple(radii)
