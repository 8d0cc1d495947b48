"""A scenario at a running exercise: entered, played and told, and never at a real installation."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jikimi.kernel.errors import Conflict, Malformed
from jikimi.simulate.live.play import play
from jikimi.simulate.live.stage import Stage, printed
from jikimi.simulate.scenario import Unit
from jikimi.simulate.scenarios import build
from jikimi.simulate.scenarios.pair import HER
from tests.acceptance.running import Jikimi
from tests.patience import PATIENCE

JIKIMI = str(Path(sys.executable).parent / "jikimi")
SPEED = 12


@pytest.fixture(scope="module")
def exercise() -> Iterator[Jikimi]:
    """An exercise that runs twelve times as fast."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-simulate-", dir="/tmp"))
    folder.chmod(0o711)
    running = Jikimi(folder)
    try:
        running.start("--exercise-clock", f"2026-10-05T06:40:00+09:00x{SPEED}")
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def sign_ins(jikimi: Jikimi) -> str:
    """What the first `serve` printed."""
    people = jikimi.sign_ins.values()
    return "".join(f"sign-in\t{one.role}\tagency\t{one.name}\t{one.password}\n" for one in people)


async def test_a_cut_strap_sends_two_officers_who_arrive(exercise: Jikimi) -> None:
    """Fixes and an event over HTTP; both officers accept, drive and arrive by their terminals alone."""
    made = build("strap-near", 1)
    event = made.events[0]._replace(t=40.0, received_t=40.5)
    units = (Unit("P-1", "police", (HER[0] + 300, HER[1]), 3.0), Unit("M-1", "probation", (HER[0] - 800, HER[1]), 4.0))
    people = tuple(replace(one, model=replace(one.model, interval_s=15.0, lost=0.0)) for one in made.people)
    made = replace(made, seconds=130.0, events=(event,), units=units, people=people)
    told = await play(made, 1, exercise.url, exercise.intake, printed(sign_ins(exercise)), SPEED)
    assert told["refused"] == 0
    assert told["requests"] > 14
    assert told["marked"], "a frame came without the mark of an exercise"
    taskings = {one["toward"]: one for one in told["taskings"]}
    assert set(taskings) == {"victim", "offender"}
    for one in taskings.values():
        assert one["code"] == "A04"
        assert one["states"] == ["accepted", "en_route", "on_scene"]


def test_an_ordinary_night_is_played_from_the_command(exercise: Jikimi, tmp_path: Path) -> None:
    """Many people over the command line: all sent, none refused, nobody tasked."""
    (tmp_path / "said").write_text(sign_ins(exercise))
    done = subprocess.run(
        [JIKIMI, "simulate", "ordinary-night", "--people", "40", "--hours", "0.035", "--speed", str(SPEED), "--url",
         exercise.url, "--intake-url", exercise.intake, "--sign-ins", str(tmp_path / "said")],
        capture_output=True, text=True, check=False, timeout=60 * PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["exercise"] is True
    assert told["requests"] >= 75
    assert (told["refused"], told["taskings"]) == (0, [])


async def test_a_clock_of_another_speed_is_noticed(exercise: Jikimi) -> None:
    """Played at the wrong speed a scenario would be another scenario: it stops and says which is right."""
    made = replace(build("strap-far", 1), seconds=400.0)
    with pytest.raises(ExceptionGroup) as stopped:
        await play(made, 1, exercise.url, exercise.intake, printed(sign_ins(exercise)), SPEED * 4)
    assert f"--speed {SPEED}" in str(stopped.value.exceptions[0])


async def test_a_real_installation_is_refused(jikimi: Jikimi) -> None:
    """Where the clock is real nothing is entered and nothing sent."""
    with pytest.raises(Conflict, match="real"):
        await Stage.open(jikimi.url, jikimi.intake, printed(sign_ins(jikimi)))


async def test_what_is_missing_is_said(exercise: Jikimi) -> None:
    """Sign-ins that are not all there, and an address that is none."""
    with pytest.raises(Malformed, match="monitor"):
        await Stage.open(exercise.url, None, {"police-registrar": "x"})
    with pytest.raises(Malformed, match="http"):
        await Stage.open("ftp://nowhere", None, {})
