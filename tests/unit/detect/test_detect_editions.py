"""Editions of the rules as a log has them, written by a Jikimi older or newer than this one."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.detect.scene import HER, HIM, RULES, T0, Scene, fix, order

from jikimi.detect.engine import Engine
from jikimi.detect.facts import RuleChange, decode, encode
from jikimi.detect.rules import canonical, parse, taken

EDITIONS = sorted((Path(__file__).parent / "editions").glob("*.json"))
"""As versions before this one wrote them."""


def without(told: Any, *path: str) -> str:
    """An edition without one key."""
    laid = json.loads(canonical(told))
    inner = laid
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return json.dumps(laid)


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: path.stem)
def test_an_edition_written_before_newer_keys_is_taken(path: Path) -> None:
    """What it says holds, what it does not say is as shipped, and detection goes on with it; a restart changes nothing."""
    text = path.read_text(encoding="utf-8").strip()
    with pytest.raises(msgspec.ValidationError):
        parse(text)
    scene = Scene(order())
    scene.apply(decode(encode(RuleChange(T0, "then", text))))
    held = scene.engine.rules
    told = json.loads(text)
    assert held.version == told["version"] != ""
    assert (held.exit.margin_m, held.data.live_s) == (told["exit"]["margin_m"], told["data"]["live_s"])
    assert (held.stuck.points, held.custody) == (told.get("stuck", {}).get("points", RULES.stuck.points), RULES.custody)
    assert scene.engine.counts["rules-of-another-version"] == 1
    scene.engine = Engine.load(scene.engine.dump())
    scene.sees(fix(HER, 0, 0), fix(HIM, 0, 30))
    assert scene.codes() == ["A02"]
    assert scene.alerts("A02")[0].reason["rules"] == told["version"]


def test_the_edition_shipped_fills_whatever_edition_came_before() -> None:
    """A key that is absent is as it was at the start, not as another edition in between had it."""
    other = msgspec.structs.replace(RULES, version="other", stuck=msgspec.structs.replace(RULES.stuck, points=77))
    scene = Scene(order())
    scene.apply(RuleChange(T0, "other", canonical(other)))
    assert scene.engine.rules.stuck.points == 77
    scene.engine = Engine.load(scene.engine.dump())
    scene.apply(RuleChange(T0 + 1, "old", without(RULES, "stuck", "points")))
    assert scene.engine.rules.stuck.points == RULES.stuck.points


def test_a_newer_edition_does_not_stop_an_older_detector() -> None:
    """Keys nobody knows are passed over, wherever they stand; files, where one is a mistake, still refuse them."""
    newer = json.loads(canonical(RULES))
    newer["radar"] = {"range_m": 5}
    newer["stuck"]["hum_s"] = 3
    newer["silence"]["his"] = [{**reach, "tone": "low"} for reach in newer["silence"]["his"] * 2]
    newer["alerts"]["A27"] = {**newer["alerts"]["A26"], "colour": "red"}
    text = json.dumps(newer)
    found = taken(text, RULES)
    assert found.stuck == RULES.stuck
    assert found.silence.his == RULES.silence.his * 2
    assert found.alerts["A27"] == RULES.alerts["A26"]
    with pytest.raises(msgspec.ValidationError):
        parse(text)


def test_an_edition_of_this_version_is_taken_as_it_stands() -> None:
    """Nothing is laid under or over it, and nothing counted."""
    scene = Scene(order())
    scene.apply(RuleChange(T0, RULES.version, canonical(RULES)))
    assert scene.engine.rules == RULES
    assert scene.engine.counts == {}


def test_a_value_of_another_kind_is_refused() -> None:
    """A number that became a word is no edition at all."""
    wrong = {**json.loads(canonical(RULES)), "exit": "soon"}
    with pytest.raises(msgspec.ValidationError):
        taken(json.dumps(wrong), RULES)
