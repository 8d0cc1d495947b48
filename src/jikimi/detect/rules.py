"""Every radius, timer and threshold of detection as dated data. It must never hold a number of its own.

One edition holds from ``effective_from`` on and is evaluated at the event's date; texts of law and agreements between
agencies change them (Enforcement Decree of the Electronic Monitoring Act, art. 23-14 (4)), a programmer does not.

Longer than others, for it is one thing: the list of all that is data, each with its unit and meaning beside it.
"""

from collections.abc import Mapping

import msgspec


class Ring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ring: entered when P(d < radius) >= ``p`` at ``n`` of the last ``m`` points, left after ``exit_s`` outside.

    ``radius_m`` None: the order's own radius. ``told``: at so many of the last three points its code is raised if nobody
    is approaching (1: as it is entered, 0: never); an approach raises it at once.
    """

    radius_m: float | None
    p: float
    n: int
    m: int
    told: int
    exit_s: float
    code: str


class Exit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Outside means beyond the radius by the larger of ``margin_m`` and ``sigmas`` standard deviations."""

    margin_m: float
    sigmas: float


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Time to contact: ``d / max(closing speed, walk_mps)`` under ``horizon_s``, seen at ``points`` fixes of a mover.

    ``miss_ratio``: the predicted miss distance may be at most this share of the distance. ``min_mps``: less is rest.
    ``cross_s``: this long inside the radius on the straight way between two fixes is a breach.
    ``notice_s``: a NOTICE from which contact takes longer is of ``notice_code`` for 112.
    """

    horizon_s: float
    walk_mps: float
    min_mps: float
    points: int
    miss_ratio: float
    cross_s: float
    notice_s: float
    notice_code: int


class Company(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two people together, or one who stays or comes again.

    Together: within ``within_m``, each at ``min_mps`` or more, velocities apart by at most ``ratio`` of the faster, for
    ``after_s``, seen over legs of ``leg_s`` or as long as the slowest takes to leave their error; ``lag_s``: so much of the
    time to a fix may be a stop nobody saw. Staying: parked near for ``parked_s``. Again:
    ``passes`` times in ``passes_s``.
    """

    within_m: float
    min_mps: float
    ratio: float
    lag_s: float
    leg_s: float
    after_s: float
    parked_s: float
    passes: int
    passes_s: float


class Motion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people and vehicles can move between fixes.

    ``k_v_mps`` widens sigma with age; ``carry_s`` is the longest carry forward; over ``teleport_mps`` a fix is suspect;
    velocity is taken over legs of ``leg_min_s`` to ``leg_max_s`` longer than ``leg_sigmas`` of their error. The
    greatest speed is ``walk_max_mps``, or ``factor`` times the highest of ``window_s`` plus ``plus_mps``, up to
    ``cap_mps`` (above it, ``rail_mps``).
    """

    k_v_mps: float
    carry_s: float
    teleport_mps: float
    leg_min_s: float
    leg_max_s: float
    leg_sigmas: float
    walk_max_mps: float
    factor: float
    plus_mps: float
    cap_mps: float
    rail_mps: float
    window_s: float


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is fresh, late, refused and unknown.

    ``count_intervals``: a position older than this many expected intervals puts nobody near anybody.
    ``dim_sigma_m``: a position as bad as this may show nobody at the edge of a radius; somebody it may hide for
    ``dim_after_s`` is unknown. ``unknown_after_s``: not knowing is told after it, and again if every point of as long shows him
    nearer.
    ``sharp_s``: how long a precise position still bounds where a coarse one after it can be.
    ``renew_s``: a breach entered again this long after it was told, or after a gap in what is known, is told again.
    ``two_sources_s``: how long an impossible jump is remembered, and how long one of two sources must be silent for
    the other to be believed again.
    """

    interval_s: float
    future_s: float
    live_s: float
    watermark_s: float
    history_s: float
    stale_intervals: float
    count_intervals: float
    renew_s: float
    coarse_sigma_m: float
    dim_sigma_m: float
    dim_after_s: float
    sharp_s: float
    unknown_after_s: float
    unknown_below: str
    tick_gap_s: float
    refused_kept: int
    two_sources_s: float


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When nearness that was told is told again.

    Who is still where they were when it was told, ``moved_sigmas`` of both errors at most, is not told of by distance within
    ``still_s``. Somebody told of in breach has left once beyond the radius, if either has been ``walked_sigmas`` from there;
    else they have left, and are back, when points say so that weigh ``lean`` together: each its distance from the radius in
    standard deviations, those of devices that report more often than every ``lean_s`` less. Moved, walked, beyond the margin:
    by every point for ``lasts_s``. Whoever has left is back by points of as long, each within by more than the error; much nearer
    is by ``nearer_m`` and ``moved_sigmas``, or for as long ``nearer_sigmas``; by ``moved_m`` and one where somebody is elsewhere.
    """

    still_s: float
    moved_sigmas: float
    walked_sigmas: float
    lasts_s: float
    nearer_sigmas: float
    nearer_m: float
    moved_m: float
    lean: float
    lean_s: float


class Rhythm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device that reports less often than it is to: so many ``gaps``, each over ``slow`` times the interval, the
    longest at most ``spread`` times the shortest, are its interval from then on, up to ``most_s``.
    """

    slow: float
    gaps: int
    spread: float
    most_s: float


class Lagging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device always behind: so many ``points`` received one after another, each later than the live time allows, and
    by the same to ``spread_s``. Always ahead: ``ahead_points``, each dated farther ahead of us than allowed, and by at most
    ``ahead_most_s``; that is told again after ``ahead_again_s``.
    """

    points: int
    spread_s: float
    ahead_points: int
    ahead_most_s: float
    ahead_again_s: float


class Stuck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receiver that repeats one position: so many ``points`` of it, ``against`` of them while it says it moves.

    Moving is ``speed_mps`` or more, or movement felt for ``motion_s``; heard by the other's device ``apart_m`` away is
    enough by itself, the rest only after ``after_s``.
    """

    points: int
    against: int
    after_s: float
    speed_mps: float
    motion_s: float
    apart_m: float


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit of absence for pairs last within ``within_m`` (None: any distance)."""

    within_m: float | None
    after_s: float
    priority: str
    code: int | None
    dispatch: str


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What absence means by how near the pair was when it began.

    ``near`` holds from the rings ``his_ring`` and ``her_ring`` on, when closing, near a guarded place, and for her
    device also while nobody can say where he is, once for each time he falls silent, for ``lost_long_s``
    and last within ``lost_within_m``. What was near is
    so for ``lost_for_s``, and where she was last for ``hers_for_s`` if he comes there, as near as her ring at first and
    beside it later (``withdrawn_for_s``, as near as her ring, if her
    device said that it was switched off or forbidden). Closing is for her device an approach of his, confirmed, within the
    WATCH ring or ``coming_s`` away; who is seen on a way that leads beside where she was last is near for ``came_for_s``,
    and ``came`` after that. Else the
    first that fits of ``his`` and ``hers`` (no message) or ``unlocated`` (messages without a position). A pair that may
    be in breach for all that is known is told of within ``unknown_within_m``. Absences ``together_s`` apart are one, and so
    are hers within ``again_s`` while he is seen not to move. Not knowing, and his silence near, is told again within
    ``unsure_again_s`` (``again_s`` if both are located, ``unsure_far_s`` if told beyond ``unknown_within_m``) only if
    somebody has moved, or they have come twice as near.
    """

    near: Reach
    his_ring: str
    her_ring: str
    lost_within_m: float
    lost_long_s: float
    lost_for_s: float
    hers_for_s: float
    withdrawn_for_s: float
    coming_s: float
    came_for_s: float
    came: Reach
    unknown_within_m: float
    together_s: float
    again_s: float
    unsure_again_s: float
    unsure_far_s: float
    his: list[Reach]
    hers: list[Reach]
    unlocated: list[Reach]


class Health(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a device says of itself.

    ``battery_low``, ``battery_back``: per cent at which charge is critical and is so no more. ``charge_s``: who knew for
    so long that it is not more than the latter could have charged it. ``tether_m``: a wearer and
    his tracker are apart. ``shielding_s``: how long one is remembered. ``near_ring``: interference is dispatched from it.
    """

    battery_low: float
    battery_back: float
    charge_s: float
    tether_m: float
    shielding_s: float
    near_ring: str


class Outage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Losses that are one: at least ``least`` people and this share of all, within about ``window_s`` of each other."""

    least: float
    share: float
    window_s: float


class Alone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A banned place entered while she is surely more than ``beyond_m`` from it: dispatched all the same, by this code."""

    beyond_m: float
    code: int


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which kinds of place carry the approach ban, which are exclusion zones, and the notice around the former.

    ``zones``: the kinds that are exclusion zones; a kind in none of these lists is refused where orders are entered.
    ``corridors``: the kinds that let him through a zone, as long as he gets on in it as the slowest walk does over
    ``corridor_stop_s``, and is through within ``corridor_stay_s``.
    ``areas``: the kinds he must stay within, with the code of being outside with P >= ``outside_p`` at two fixes.
    ``again``: beyond an edge by so much, for ``exit_s``, he has truly left, or is truly back; told again after that alone.
    ``around_m``: the ban around a banned place drawn as it stands, with no margin of its own. ``joint_s``: what is breached
    within it after a place that was told is told by that. ``proven_s``: an area left by less than ``again`` is proven by so long.
    """

    banned: list[str]
    alone: Alone
    p: float
    notice_m: float | None
    notice_p: float
    notice_code: str
    banned_code: str
    zone_code: str
    zones: list[str]
    areas: dict[str, str]
    corridors: list[str]
    corridor_stop_s: float
    corridor_stay_s: float
    outside_p: float
    crossing_s: float
    bound_sigma_m: float
    exit_s: float
    again: Exit
    around_m: float
    joint_s: float
    proven_s: float

    @property
    def kinds(self) -> list[str]:
        """Every kind of place there is."""
        return [*self.banned, *self.areas, *self.corridors, *self.zones]


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a court may be shown: ``points`` fixes at least ``apart_s`` and at most ``within_s`` apart, each with P >= ``p``.

    Late ones are one episode up to ``late_gap_s`` apart, or ``late_open_s`` with no fix known in between.
    """

    p: float
    points: int
    apart_s: float
    within_s: float
    late_p: float
    late_gap_s: float
    late_open_s: float
    bridge_s: float


class Accuracy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From a claimed 68 % radius to a per-axis sigma, with floors by source (``unknown`` for no source)."""

    r68: float
    r95: float
    floor_m: dict[str, float]
    missing_m: dict[str, float]


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Holding a device to the errors it shows at rest: under ``rest_mps`` by its own word at both of two settled fixes
    up to ``within_s`` apart.

    ``steps`` of them over ``ratio`` times what was claimed make a floor of at most ``most_m``.
    """

    rest_mps: float
    within_s: float
    steps: int
    ratio: float
    most_m: float


class Custody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Suspensions that say he is held: those that name where, and those of ``reasons``.

    Outside is ``margin_m`` beyond the place named, from ``grace_s`` after the beginning or once he was there; else
    ``moved_m`` from where he stayed for ``rest_s``. So many ``points`` of it end the suspension in effect, and so does
    going on without having stayed anywhere ``grace_s`` after he was first seen.
    """

    reasons: list[str]
    grace_s: float
    margin_m: float
    rest_s: float
    moved_m: float
    points: int


class Emergency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls for help and damaged devices: what is near, and how long repeats are the same episode.

    ``repeat_s``: a call for help that comes once more with the very time of one told is told again this long after it,
    anything else ``repeat_other_s`` after.
    ``contact_s``: not heard for so long, the other's device is near no more by its sound alone.
    """

    near_m: float
    episode_s: float
    repeat_s: float
    repeat_other_s: float
    contact_s: float


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One alert of the catalogue. ``code_112`` None: not for 112. ``dispatch``: yes, operator, no, or who else.

    ``notice``: what she is told by itself, on the legal ``basis`` named; without one it is off (safety 9).
    """

    name_en: str
    name_ko: str
    priority: str
    code_112: int | None
    dispatch: str
    notice: str
    basis: str
    evidence: bool

    @property
    def told(self) -> str:
        """What she is told by itself: nothing without a legal basis."""
        return self.notice if self.basis else "no"


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One edition of the rules."""

    version: str
    regime: str
    effective_from: str
    rings: dict[str, Ring]
    exit: Exit
    closing: Closing
    company: Company
    motion: Motion
    data: Data
    again: Again
    rhythm: Rhythm
    lagging: Lagging
    stuck: Stuck
    silence: Silence
    health: Health
    outage: Outage
    pace: dict[str, float]
    places: Places
    evidence: Evidence
    accuracy: Accuracy
    claims: Claims
    custody: Custody
    emergency: Emergency
    alerts: dict[str, Entry]


def parse(text: str | bytes) -> Rules:
    """The edition in JSON ``text``; raises ``msgspec.ValidationError`` naming the field that does not fit.

    For editions as they are shipped and changed: every key is there, and an unknown one is a mistake.
    """
    return msgspec.json.decode(text, type=Rules)


def taken(text: str | bytes, shipped: Rules) -> Rules:
    """The edition in JSON ``text`` as a log has it, written by an older or a newer Jikimi than this one.

    A key that is absent takes the value of the edition ``shipped``. An unknown key is passed over: who goes back to the
    version before an upgrade has the newer edition in the log, and a detector that stops at it protects nobody. A value
    that does not fit its key raises ``msgspec.ValidationError``.
    """
    return msgspec.convert(_known(shipped, msgspec.json.decode(text)), Rules)


def _known(shipped: object, told: object) -> object:
    """What is told, without what nobody knows and with what it lacks."""
    if isinstance(shipped, msgspec.Struct) and isinstance(told, Mapping):
        return {
            name: _known(getattr(shipped, name), told[name])
            if name in told
            else msgspec.to_builtins(getattr(shipped, name))
            for name in shipped.__struct_fields__
        }
    if isinstance(shipped, Mapping) and isinstance(told, Mapping):
        like = next(iter(shipped.values()), None)
        said = {name: _known(shipped.get(name, like), value) for name, value in told.items()}
        return {**msgspec.to_builtins(shipped), **said}
    if isinstance(shipped, list) and isinstance(told, list) and shipped:
        return [_known(shipped[min(place, len(shipped) - 1)], value) for place, value in enumerate(told)]
    return told


def canonical(rules: Rules) -> str:
    """The edition as JSON text that is the same for the same rules: keys sorted, no spaces."""
    return msgspec.json.encode(rules, order="sorted").decode()


def amended(rules: Rules, changes: Mapping[str, object]) -> Rules:
    """``rules`` with ``changes`` laid over it, key by key; raises ``msgspec.ValidationError`` for an unknown key."""
    return msgspec.convert(_overlaid(msgspec.to_builtins(rules), changes), Rules)


def _overlaid(under: dict[str, object], over: Mapping[str, object]) -> dict[str, object]:
    laid = dict(under)
    for key, value in over.items():
        below = laid.get(key)
        laid[key] = _overlaid(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return laid
