"""Detection as machine code and as plain Python is one thing: the same decisions to the last byte, or Python alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jikimi import compiled

SOURCES = Path(compiled.__file__).parent

DECIDE = """
import sys
from hashlib import sha256
from random import Random
import msgspec
from jikimi import compiled
from jikimi.cli.bench import detect as bench
from jikimi.detect import facts
from jikimi.detect.engine import Engine
from jikimi.detect.events import KINDS
from jikimi.detect.facts import DeviceEvent, Fix, Fixes, FixFlag, Tick
from jikimi.registry import regimes

random, said, rules = Random(7), sha256(), regimes.edition_at(bench.BEGIN)
engine = Engine(rules)
load = bench.build(engine, 60, ((0.3, 20.0, 150.0), (0.4, 150.0, 1900.0), (0.3, 5200.0, 50_000.0)), random)
for number in range(240):
    for received_t, found in bench.minute(load, number, random):
        if random.random() < 0.05:
            received_t += random.random() * 90.0
        if random.random() < 0.02:
            continue
        lost = [fix for fix in found if random.random() > 0.1]
        wild = [
            msgspec.structs.replace(
                fix, lon=fix.lon + random.gauss(0.0, 0.002), sigma_m=random.choice([3.0, 30.0, 400.0]),
                flags=random.choice([0, 1, 2, 3, 7]), speed_mps=random.choice([None, 0.0, 1.4, 20.0]),
            )
            for fix in lost if random.random() < 0.3
        ]
        batch = [*lost, *wild]
        random.shuffle(batch)
        one = f"s{random.randrange(60)}"
        told = [Fixes(received_t, batch), Tick(received_t)]
        if random.random() < 0.02:
            kind, value = random.choice(sorted(KINDS)), random.choice([None, 0, 1, 15, ""])
            told.append(DeviceEvent(received_t, one, received_t - 1.0, kind, value))
        for fact in told:
            for decision in engine.apply(facts.decode(facts.encode(fact))):
                said.update(msgspec.json.encode(decision))
    if number % 60 == 59:
        body = engine.dump()
        said.update(body)
        engine = Engine.load(body)
print(compiled.used(), len(engine.counts), engine.candidates, said.hexdigest())
"""

USED = (
    "from jikimi import compiled; import jikimi.detect.engine as e; print(compiled.used(), e.__file__.endswith('.py'))"
)


def python(code: str, *, source: Path = SOURCES.parent, plain: bool = False) -> str:
    """What a Python of its own prints."""
    environment = os.environ | {"PYTHONPATH": str(source), "JIKIMI_PLAIN": "1" if plain else "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources with what was built from them, elsewhere."""
    if not compiled.built().is_file():
        pytest.skip("Detection is not built here: make compile")
    leave_out: Callable[[str, list[str]], set[str]] = shutil.ignore_patterns("screens", "__pycache__")
    shutil.copytree(SOURCES, tmp_path / "jikimi", ignore=leave_out)
    return tmp_path


@pytest.mark.timeout(300)
def test_machine_code_and_plain_python_decide_the_same_to_the_last_byte() -> None:
    """Four hours of sixty people, with lost, wild, unproven and late fixes, events and restarts: decisions and memory."""
    if not compiled.built().is_file():
        pytest.skip("Detection is not built here: make compile")
    made, plain = python(DECIDE), python(DECIDE, plain=True)
    assert made.startswith("True ")
    assert plain.startswith("False ")
    assert made.split()[1:] == plain.split()[1:]


def test_what_was_built_is_used_wherever_the_same_sources_lie(copy: Path) -> None:
    """It is found by what the sources say, not by where or when."""
    assert python(USED, source=copy) == "True False"
    assert python(USED, source=copy, plain=True) == "False True"


@pytest.mark.parametrize("file", ["detect/judge.py", "detect/facts.py", "kernel/geodesy.py", "cli/compiling.py"])
def test_an_edited_line_runs_as_it_stands(copy: Path, file: str) -> None:
    """Nobody decides by yesterday's rules because they were compiled."""
    with (copy / "jikimi" / file).open("a", encoding="utf-8") as source:
        source.write("\n# another line\n")
    assert python(USED, source=copy) == "False True"


def test_a_library_that_does_not_load_leaves_plain_python(copy: Path) -> None:
    """Built for another machine or cut short: slower, and at work."""
    (library,) = (copy / "jikimi" / "built").glob("*/*.so")
    library.write_bytes(library.read_bytes()[:4096])
    assert python(USED, source=copy) == "False True"


def test_who_cannot_build_it_is_told_what_it_needs_and_nothing_is_left(copy: Path) -> None:
    """Without mypy there is one message, and detection as plain Python."""
    shutil.rmtree(copy / "jikimi" / "built")
    code = (
        "import sys; sys.modules['mypyc'] = None\n"
        "from typer.testing import CliRunner; from jikimi.cli.main import app\n"
        "done = CliRunner().invoke(app, ['compile']); print(done.exit_code, done.output)"
    )
    said = python(code, source=copy)
    assert said.startswith("1 ")
    assert "a C compiler" in said
    assert list((copy / "jikimi" / "built").iterdir()) == []
    assert python(USED, source=copy) == "False True"
