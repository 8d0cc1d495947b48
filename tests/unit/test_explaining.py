"""Alerts in a sentence."""

import re
from pathlib import Path

from tests.unit.detect.scene import HER, HIM, Scene, fix, order

import jikimi.detect
from jikimi.cli.explaining import explain, rules


def test_every_rule_of_the_engine_has_its_sentence() -> None:
    """What the engine can say it did, somebody can read."""
    source = "".join(path.read_text() for path in Path(jikimi.detect.__file__).parent.glob("*.py"))
    written = re.findall(r'grounds\(\s*world,\s*[^,]+,\s*"([a-z-]+)"(?: if [^"]+else "([a-z-]+)")?', source)
    named = {name for pair in written for name in pair if name}
    assert len(named) > 15
    assert named <= rules()


def test_a_guess_is_called_a_guess_and_a_proof_a_proof() -> None:
    """Live alerts say what was known, how old, by which rule and that it is no proof; settled ones that it is."""
    scene = Scene(order())
    scene.stand(0, 600, (40, 0), (0, 0))
    live = explain(scene.alerts("A02")[0])
    assert "Possible, not proof." in live["en"]
    assert "증거가 아니다" in live["ko"]
    assert "100 m" in live["en"]
    assert "kr-" in live["en"]
    settled = explain(scene.alerts("A02", grade="evidence")[0])
    assert settled["en"].endswith("Evidence grade.")
    assert settled["ko"].endswith("증거 등급.")


def test_an_alert_without_a_distance_is_told_without_one() -> None:
    """A call for help has neither radius nor distance."""
    scene = Scene(order())
    scene.sees(fix(HIM, 0, 9000))
    scene.event(HER, 1, "sos")
    told = explain(scene.alerts("A01")[0])
    assert "d =" not in told["en"]
