"""Logs stay within bounds while they are written."""

import subprocess
import sys
import time
from pathlib import Path

from tests.patience import PATIENCE

from jikimi.cli.rotating import rotate


def test_a_log_keeps_its_end_and_who_writes_goes_on(tmp_path: Path) -> None:
    """What stood there last is kept beside it once, the file begins anew, and the writer notices nothing."""
    log = tmp_path / "role.log"
    words = "import sys, time\nfor n in range(100000): print('line', n, file=sys.stderr); time.sleep(0.0002)"
    with log.open("ab") as out:
        writer = subprocess.Popen([sys.executable, "-c", words], stderr=out)
    try:
        most, deadline = 4096, time.monotonic() + 20 * PATIENCE
        sizes: list[tuple[int, int]] = []
        while len(sizes) < 3:
            assert time.monotonic() < deadline
            if log.stat().st_size > most:
                rotate([log, tmp_path / "none.log"], most)
                sizes.append((log.stat().st_size, (tmp_path / "role.log.1").stat().st_size))
        assert all(now < most and kept == most for now, kept in sizes)
        time.sleep(0.1)
        assert log.read_text().splitlines()[-1].startswith("line ")
        assert b"\0" not in log.read_bytes()
    finally:
        writer.kill()
        writer.wait()


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    """Nothing is moved that need not be."""
    log = tmp_path / "role.log"
    log.write_text("a line\n")
    rotate([log])
    assert log.read_text() == "a line\n"
    assert [path.name for path in tmp_path.iterdir()] == ["role.log"]
