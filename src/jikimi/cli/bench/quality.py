"""`jikimi bench quality`: what detection misses, whom it disturbs, how early it speaks, and who does better.

On the scenarios of `jikimi simulate` and on recordings of real people where there are any. It must never print a figure
without what it is made of.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from jikimi.cli.bench import provenance
from jikimi.cli.bench.quality_count import beside, together
from jikimi.cli.bench.quality_curves import curves as draw
from jikimi.cli.bench.quality_lead import lead
from jikimi.cli.bench.quality_night import neighbours, night
from jikimi.cli.bench.quality_real import HEADLINE, SETS, Result, real
from jikimi.cli.bench.quality_suite import Suite, suite
from jikimi.detect.rules import Rules, canonical
from jikimi.kernel.errors import JikimiError, Malformed
from jikimi.registry import regimes

BESIDE: Final = Path("../shared/data/trajectories")
"""Where recordings lie unless told otherwise; nothing of them is in this repository."""
WEARERS: Final = 1000
NEIGHBOURS: Final = 150
PARTS: Final = ("suite", "lead", "night", "recordings")


def say(text: str) -> None:
    """A line about what is going on, beside the answer."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class Wanted(NamedTuple):
    """What to measure: parts, sets of pair-days, every k-th day, wearers of the night, pair-days to show."""

    parts: list[str]
    sets: list[str]
    every: int = 1
    wearers: int = WEARERS
    show: int = 0


def run(rules: Rules, path: Path | None, wanted: Wanted) -> dict[str, Any]:
    """Measure what is wanted; keys as promised, each part's details beside."""
    came = suite(rules, say) if "suite" in wanted.parts else None
    early = lead(rules) if "lead" in wanted.parts else {}
    dark = night(rules, wanted.wearers) if "night" in wanted.parts else {}
    people: dict[str, Result] = {}
    if "recordings" in wanted.parts and path:
        people = real(path, rules, say, wanted.sets, wanted.every, wanted.show)
    elif "recordings" in wanted.parts:
        say("No recordings of real people: --trajectories or JIKIMI_TRAJECTORIES names their folder.")
    return {
        **_headline(rules, came, people), "lead_s": early.get("lead_s"),
        "baselines": _baselines(came, people),
        "alarms_per_operator_hour": dark.get("alarms_per_operator_hour"), "priority_share": dark.get("priority_share"),
        "suite": came and came.told(), "lead": early, "night": dark, **wanted._asdict(),
        "recordings": {name: {**one.ours.told(), "pairs": one.listed} for name, one in people.items()},
    }  # fmt: skip


def _headline(rules: Rules, came: Suite | None, people: dict[str, Result]) -> dict[str, Any]:
    """Missed, and counted alerts a pair-day on which both report for eight hours: recordings and invented neighbours.

    Loggers are switched off for hours; their days (set ``span``) stand beside, because no tag lives like that.
    """
    one, literal = _first(people), people.get("reporting")
    nights, alarms = neighbours(rules, NEIGHBOURS)
    of = {"invented neighbours": (nights, alarms)}
    if literal is not None:
        of["recordings"] = (literal.ours.pair_days, literal.ours.counted)
    pair_days = sum(days for days, _ in of.values())
    return {
        "missed": (came.ours.missed + came.at_places if came else 0) + (one.ours.missed if one else 0),
        "human_alerts_per_pair_day": round(sum(counted for _, counted in of.values()) / pair_days, 4),
        "pair_days": pair_days, "pair_days_of": {name: days for name, (days, _) in of.items()},
    }  # fmt: skip


def _first(people: dict[str, Result]) -> Result | None:
    """The set of recordings that the headline is made of."""
    return next((people[name] for name in (HEADLINE, *people) if name in people), None)


def _baselines(came: Suite | None, people: dict[str, Result]) -> dict[str, Any]:
    """Ours beside every other rule: over the suite and the headline's recordings together, and by themselves."""
    parts: dict[str, Suite | Result] = {"suite": came} if came else {}
    one = _first(people)
    whole = [part for part in (came, one) if part is not None]
    told = beside(together(part.ours for part in whole), _swept(whole)) if whole else {}
    sets = {**parts, **people}
    return {**told, "by_set": {name: beside(together([part.ours]), _swept([part])) for name, part in sets.items()}}


def _swept(parts: Sequence[Suite | Result]) -> dict[str, tuple[int, int]]:
    return {name: together(part.theirs[name] for part in parts) for name in parts[0].theirs}


def command(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")] = False,
    trajectories: Annotated[
        Path | None,
        typer.Option(envvar="JIKIMI_TRAJECTORIES", exists=True, help=f"Recordings of people; else {BESIDE}, if there."),
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="Only every k-th recorded day.")] = 1,
    sets: Annotated[str, typer.Option(help=f"Pair-days to measure, of {', '.join(SETS)}.")] = ",".join(SETS),
    parts: Annotated[str, typer.Option(help=f"What to measure, of {', '.join(PARTS)}.")] = ",".join(PARTS),
    wearers: Annotated[int, typer.Option(min=50, help="Wearers of the night, standing for 5,000.")] = WEARERS,
    curves: Annotated[Path | None, typer.Option(file_okay=False, help="Draw what noise, interval and loss do.")] = None,
    show: Annotated[int, typer.Option(help="Say so many pair-days with something wrong alert by alert.")] = 0,
) -> None:
    """What detection misses, whom it disturbs, how early it speaks, and who does better."""
    rules = regimes.editions()[-1]
    path = trajectories or (BESIDE if BESIDE.is_dir() else None)
    try:
        wanted = Wanted(_named(parts, PARTS, "parts"), _named(sets, SETS, "sets"), every, wearers, show)
        told = run(rules, path, wanted)
        if curves:
            told["curves"] = draw(rules, curves, say)
    except JikimiError as error:
        typer.echo(json.dumps(error.problem(), ensure_ascii=False), err=True)
        raise typer.Exit(2) from error
    typer.echo(
        json.dumps(
            {**told, **provenance(f"{canonical(rules)}{wanted}")}, ensure_ascii=False, indent=None if json_ else 1
        )
    )


def _named(text: str, known: Iterable[str], field: str) -> list[str]:
    """The names in ``text``, by commas; raises Malformed for one that is not known."""
    names = text.split(",")
    if unknown := [name for name in names if name not in known]:
        raise Malformed(f"No {field} {', '.join(unknown)}; there are {', '.join(known)}.", field=field)
    return names
