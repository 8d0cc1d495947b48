"""An engine's memory as bytes and back. It must never leave out what would change a later decision."""

from array import array
from collections.abc import Callable
from math import floor
from typing import Any

import msgspec

from jikimi.detect import rules
from jikimi.detect.arming import Arming
from jikimi.detect.claims import Lesson
from jikimi.detect.facts import Carry, Order, Place
from jikimi.detect.history import WIDTH, Past
from jikimi.detect.lagging import Clock
from jikimi.detect.pair import Pair
from jikimi.detect.places import Guard, Zone
from jikimi.detect.settle import Proof
from jikimi.detect.standing import link
from jikimi.detect.stuck import Run
from jikimi.detect.track import NEVER, Charge, Rival, Spot, Subject
from jikimi.detect.world import World

FORMAT = 28
_SPOT = ("t", "lon", "lat", "sigma", "flags", "vx", "vy")
_TRACK = (*_SPOT, "anchor_lat", "anchor_lon", "anchor_sigma", "anchor_t", "peaks", "speed", "suspect")
_BOUND = ("guard_lon", "guard_lat", "guard_slack")
_PAST = (*_TRACK, *_BOUND, "room", "doubted", "upto", "gaps")
_SUBJECT = (
    *_TRACK,
    "seen",
    "heard",
    "newest",
    "doubted",
    "doubtful",
    "ailed",
    "away",
    "interval",
    "refused",
    "shaky",
    "rivals",
    "split",
    "vague",
    "asked",
    "slow",
    "gaps",
    "claim",
    "odd",
    "moving",
    "stuck",
    "words",
    "charge",
    *_BOUND,
)
_PAIR = (
    "ring", "knowledge", "mode", "shown", "calm", "far", "widest", "radii", "recent", "closing", "closing_t", "outside",
    "unknown_since", "open", "distance", "sigma", "ttc", "attribution", "due", "until", "quiet", "late", "trails", "within_t",
    "joint_t", "told_t", "coming_t", "here_t", "told_m", "swallowed", "stood", "lasting", "near", "walked", "lean", "left", "gap",
    "came", "nearer", "together", "leg", "parked", "passes", "pace", "hushed", "lost_at", "lost_since", "covered_since",
    "dim_since", "unsure", "held", "cell", "roams", "touch", "out", "told", "taken", "ways",
)  # fmt: skip
_PROOF = ("back_t", "count", "first_t", "hers_t", "his_t", "last_t", "outside", "raised")
_RUN = ("against", "count", "seen", "since")
_LESSON = ("at", "floor", "steps")
_CLOCK = ("delays", "now", "stretches", "t", "told", "turned")


class _Saved(msgspec.Struct):
    format: int
    rules: str
    shipped: str
    shard: tuple[int, int]
    clock: tuple[float, float, float, float, float]
    counts: dict[str, int]
    candidates: int
    calls: dict[str, list[float]]
    outages: list[int]
    backlog: dict[str, list[float]]
    carries: list[Carry]
    orders: list[Order]
    subjects: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    wheel: list[tuple[int, list[int]]]
    settled: float


_decoder = msgspec.msgpack.Decoder(_Saved)


def _picked(thing: object, names: tuple[str, ...] | list[str]) -> list[Any]:
    return [getattr(thing, name) for name in names]


def _given(thing: object, names: tuple[str, ...], values: list[Any]) -> None:
    """Give a thing its values back, each in the form it had: MessagePack reads tuples as lists."""
    for name, value in zip(names, values, strict=True):
        form = _FORMS.get(name)
        setattr(thing, name, value if form is None or value is None else form(value))


def dump(world: World) -> bytes:
    """The whole memory as MessagePack; equal memories give equal bytes."""
    number = {pair.id: place for place, pair in enumerate(world.pairs.values())}
    turns = sorted(world.wheel.slots)
    saved = _Saved(
        format=FORMAT, rules=rules.canonical(world.rules), shipped=rules.canonical(world.shipped), shard=world.shard,
        clock=(world.now, world.tick, world.lost, world.ahead, world.back), counts=dict(sorted(world.counts.items())),
        candidates=world.candidates, calls=world.calls, outages=world.outages, backlog=world.backlog,
        carries=world.carriers.records(),
        orders=list(world.orders.values()), subjects=[_subject(s, number) for s in world.subjects.values()],
        pairs=[_pair(pair) for pair in world.pairs.values()],
        wheel=[(turn, _valid(world.wheel.slots[turn], turn, number)) for turn in turns],
        settled=world.settler.settled,
    )  # fmt: skip
    saved.wheel = [slot for slot in saved.wheel if slot[1]]
    return msgspec.msgpack.encode(saved)


def _valid(slot: list[Pair], turn: int, number: dict[str, int]) -> list[int]:
    """Pairs whose turn this still is, each once."""
    return list(dict.fromkeys(number[pair.id] for pair in slot if pair.due == turn))


def _subject(subject: Subject, number: dict[str, int]) -> dict[str, Any]:
    past = subject.past
    return {
        "id": subject.id,
        "plain": _picked(subject, _SUBJECT),
        "weak": None if subject.weak is None else _picked(subject.weak, _SPOT),
        "lesson": None if subject.lesson is None else _picked(subject.lesson, _LESSON),
        "clock": None if subject.clock is None else _picked(subject.clock, _CLOCK),
        "run": None if subject.run is None else _picked(subject.run, _RUN),
        "sharp": None if subject.sharp is None else _picked(subject.sharp, _SPOT),
        "pending": [_picked(spot, _SPOT) for spot in subject.pending],
        "past": None
        if past is None
        else [_picked(past, _PAST), past.fixes.tobytes(), [(*item, err) for item, err in past.out.items()]],
        "guards": _named(subject.guards, number),
        "close": _named(subject.close, number),
        "areas": _named(subject.areas, number),
        "past_close": [] if past is None else _named(past.close, number),
    }


def _named(links: tuple[tuple[Pair, Guard], ...], number: dict[str, int]) -> list[tuple[int, str]]:
    return [(number[pair.id], guard.key) for pair, guard in links]


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "offender": pair.offender.id,
        "victim": pair.victim.id if pair.victim else None,
        "plain": _picked(pair, _PAIR),
        "arming": pair.arming,
        "book": list(pair.book.versions.items()),
        "lifted": pair.book.lifted,
        "proofs": [(order, _picked(proof, _PROOF)) for order, proof in pair.proofs.items()],
        "guards": [_guard(guard) for guard in pair.guards.values()],
    }


def _guard(guard: Guard) -> list[Any]:
    proof = None if guard.proof is None else _picked(guard.proof, _PROOF)
    return [
        guard.zone.place,
        guard.zone.banned,
        guard.level,
        guard.outside,
        proof,
        guard.late,
        guard.key,
        guard.paused,
        guard.bound,
        guard.alone,
        guard.left,
        guard.zone.margin,
        guard.told,
        guard.hers,
        guard.gone,
        guard.stood,
        guard.ground,
        guard.since,
        guard.here,
    ]


def load(body: bytes) -> World:
    """The memory written by ``dump``; raises ``msgspec.DecodeError`` or ValueError for anything else."""
    saved = _decoder.decode(body)
    if saved.format != FORMAT:
        raise ValueError(f"A snapshot of format {saved.format}; this engine reads {FORMAT}: rebuild it from the log.")
    world = World(rules.parse(saved.rules), saved.shard)
    world.shipped = rules.parse(saved.shipped)
    world.now, world.tick, world.lost, world.ahead, world.back = saved.clock
    world.counts, world.candidates, world.calls = saved.counts, saved.candidates, saved.calls
    world.outages, world.backlog = saved.outages, saved.backlog
    for carry in saved.carries:
        world.carriers.apply(carry)
    world.orders = {order.order: order for order in saved.orders}
    for told in saved.subjects:
        world.subjects[told["id"]] = _subject_again(told)
    pairs = [_pair_again(world, told) for told in saved.pairs]
    for told in saved.subjects:
        subject = world.subjects[told["id"]]
        subject.guards, subject.close = _links(pairs, told["guards"]), _links(pairs, told["close"])
        subject.areas = _links(pairs, told["areas"])
        if subject.past is not None:
            subject.past.close = _links(pairs, told["past_close"])
    world.wheel.slots = {turn: [pairs[at] for at in slot] for turn, slot in saved.wheel}
    world.wheel.turns = sorted(world.wheel.slots)
    _settler_again(world, saved)
    return world


def _links(pairs: list[Pair], told: list[Any]) -> tuple[tuple[Pair, Guard], ...]:
    return tuple((pairs[at], pairs[at].guards[place]) for at, place in told)


def _settler_again(world: World, saved: _Saved) -> None:
    settler = world.settler
    settler.settled = saved.settled
    for subject in world.subjects.values():
        for spot in subject.pending:
            settler.expect(subject, floor(spot.t))


def _tuples(values: list[list[Any]]) -> list[tuple[Any, ...]]:
    return [tuple(value) for value in values]


_FORMS: dict[str, Callable[[Any], object]] = {
    "radii": tuple, "suspect": tuple, "lost_at": tuple, "cell": tuple, "touch": tuple, "at": tuple,
    "peaks": _tuples, "refused": _tuples, "shaky": _tuples, "words": _tuples, "steps": _tuples,
    "stretches": _tuples, "late": _tuples,
    "trails": lambda trails: [_tuples(trail) for trail in trails],
    "open": lambda told: {key: tuple(value) for key, value in told.items()},
    "charge": lambda told: Charge(*told),
    "rivals": lambda told: [Rival(*rival) for rival in told],
}  # fmt: skip
"""What a value of this name is made of again."""


def _subject_again(told: dict[str, Any]) -> Subject:
    subject = Subject(told["id"], 0.0, 0.0)
    _given(subject, _SUBJECT, told["plain"])
    subject.weak, subject.sharp = _spot_again(told["weak"]), _spot_again(told["sharp"])
    subject.pending = [spot for spot in map(_spot_again, told["pending"]) if spot is not None]
    if told["lesson"] is not None:
        lesson = subject.lesson = Lesson()
        _given(lesson, _LESSON, told["lesson"])
    if told["clock"] is not None:
        clock = subject.clock = Clock()
        _given(clock, _CLOCK, told["clock"])
    if told["run"] is not None:
        subject.run = Run()
        _given(subject.run, _RUN, told["run"])
    if told["past"] is not None:
        subject.past = _past_again(told["past"])
    return subject


def _spot_again(told: list[Any] | None) -> Spot | None:
    if told is None:
        return None
    spot = Spot(0.0, 0.0, 0.0, 1.0)
    _given(spot, _SPOT, told)
    return spot


def _past_again(told: list[Any]) -> Past:
    past = Past()
    _given(past, _PAST, told[0])
    past.gaps = [(start, end) for start, end in past.gaps]
    past.fixes = array("d", told[1])
    past.last_t = past.fixes[-WIDTH] if past.fixes else NEVER
    past.out = {(t, lon, lat): sigma for t, lon, lat, sigma in told[2]}
    return past


def _pair_again(world: World, told: dict[str, Any]) -> Pair:
    victim = told["victim"]
    pair = Pair(world.subjects[told["offender"]], None if victim is None else world.subjects[victim])
    pair.number = len(world.pairs)
    world.pairs[pair.key] = pair
    link(pair)
    _given(pair, _PAIR, told["plain"])
    pair.arming = msgspec.convert(told["arming"], Arming)
    pair.book.versions = {name: [msgspec.convert(o, Order) for o in held] for name, held in told["book"]}
    pair.book.lifted = told["lifted"]
    pair.proofs = {order: _proof_again(proof) for order, proof in told["proofs"]}
    pair.guards = {guard.key: guard for guard in map(_guard_again, told["guards"])}
    return pair


def _guard_again(told: list[Any]) -> Guard:
    place, banned, level, outside, proof, late, key, paused, bound, alone, left, margin, *since = told
    guard = Guard(Zone(msgspec.convert(place, Place), banned, margin), key)
    guard.told, guard.hers, guard.gone, guard.stood, guard.ground, guard.since, guard.here = since
    guard.level, guard.outside, guard.proof, guard.paused = (
        level,
        outside,
        None if proof is None else _proof_again(proof),
        paused,
    )
    guard.bound, guard.alone, guard.left = bound, alone, left
    guard.late = [(start, end) for start, end in late]
    return guard


def _proof_again(told: list[Any]) -> Proof:
    proof = Proof()
    _given(proof, _PROOF, told)
    return proof
