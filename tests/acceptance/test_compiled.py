"""Detection as machine code and as plain Python is one thing: the same decisions to the last byte, or Python alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
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
from jikimi.detect.facts import DeviceEvent, Fixes, Forget, Hours, Order, Place, Span, Tick
from jikimi.registry import regimes

random, said, rules = Random(7), sha256(), regimes.edition_at(bench.BEGIN)
engine = Engine(rules)
load = bench.build(engine, 60, ((0.3, 20.0, 150.0), (0.4, 150.0, 1900.0), (0.3, 5200.0, 50_000.0)), random)
hours = Hours([(day, 3600 * 20, 3600 * 31) for day in range(8)], [(0, 32_400)], [20_835])
for number in range(20):
    lon, lat = load.bases[2 * number]
    square = [(lon - 0.001, lat - 0.001), (lon + 0.001, lat - 0.001), (lon + 0.001, lat + 0.001), (lon - 0.001, lat + 0.001)]
    begin = bench.BEGIN + 600.0 * number
    places = [
        Place("a", "zone", lon, lat, 60.0, hours=hours), Place("b", "curfew", lon, lat, 50.0, hours=hours),
        Place("c", "zone", polygon=[square], margin_m=20.0, spans=[Span(begin, begin + 1800.0)]),
        Place("d", "corridor", line=square[:2], margin_m=30.0), Place("e", "residence", polygon=[square]),
    ]
    free = [Span(begin + 900.0, begin + 1500.0, "hearing", (lon, lat, 100.0))]
    engine.apply(Order(bench.BEGIN, f"p{number}", 1, f"s{2 * number}", None, begin, begin + 9000.0, 100.0, places=places))
    engine.apply(Order(bench.BEGIN, f"q{number}", 1, f"s{2 * number}", f"s{2 * number + 1}", begin, None, 500.0, suspensions=free))
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
        old = [msgspec.structs.replace(fix, t=fix.t - 400_000.0) for fix in found if random.random() < 0.002]
        batch = [*lost, *wild, *old, *old]
        random.shuffle(batch)
        one = f"s{random.randrange(60)}"
        told = [Fixes(received_t, batch), Tick(received_t)]
        if random.random() < 0.02:
            kind, value = random.choice(sorted(KINDS)), random.choice([None, 0, 1, 15, ""])
            told += [Forget(received_t, one)] if random.random() < 0.01 else []
            told.append(DeviceEvent(received_t, one, received_t - 1.0, kind, value))
        for fact in told:
            for decision in engine.apply(facts.decode(facts.encode(fact))):
                said.update(msgspec.json.encode(decision))
    if number % 60 == 59:
        body = engine.dump()
        said.update(body)
        engine = Engine.load(body)
print(compiled.used(), sorted(engine.counts.items()), engine.candidates, said.hexdigest())
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


def needed() -> None:
    """What is built from these very sources; whoever checks a change for everybody has a compiler."""
    if not compiled.whole(compiled.built()):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Detection is not built here: make compile")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources with what was built from them, elsewhere."""
    needed()
    leave_out: Callable[[str, list[str]], set[str]] = shutil.ignore_patterns("screens", "__pycache__")
    shutil.copytree(SOURCES, tmp_path / "jikimi", ignore=leave_out)
    return tmp_path


def test_machine_code_and_plain_python_decide_the_same_to_the_last_byte() -> None:
    """Four hours of sixty people, with lost, wild, unproven and late fixes, events and restarts: decisions and memory."""
    needed()
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


@pytest.mark.parametrize(
    ("body", "stamp"), [(None, None), (b"for another machine", None), (b"cut short", b"\xff\xfe"), (b"", b"")]
)
def test_a_library_that_does_not_load_leaves_plain_python(copy: Path, body: bytes | None, stamp: bytes | None) -> None:
    """Built for another machine, cut short or another's alone: slower, and at work."""
    (library,) = (copy / "jikimi" / "built").glob("*/*.so")
    whole = library.read_bytes()[:4096] if body is None else body
    library.write_bytes(whole)
    if body is not None:
        library.with_suffix(".sha256").write_bytes(sha256(whole).hexdigest().encode() if stamp is None else stamp)
    assert python(USED, source=copy) == "False True"


def test_sources_that_change_while_they_are_imported_change_nothing(copy: Path) -> None:
    """What a process begins with it goes on with."""
    edit = f"open({str(copy / 'jikimi' / 'detect' / 'judge.py')!r}, 'a').write('# more')"
    assert python(f"import jikimi.kernel.geodesy; {edit}; {USED}", source=copy) == "True False"


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
