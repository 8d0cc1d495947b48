"""One running Jikimi for the tests that only look at it from outside."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town, enter


@pytest.fixture(scope="module")
def jikimi() -> Iterator[Jikimi]:
    """A fresh installation, first run included."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-acceptance-", dir="/tmp"))
    folder.chmod(0o711)
    running = Jikimi(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def town(jikimi: Jikimi) -> Town:
    """Pairs, devices and available officers, entered as a registrar does."""
    return enter(jikimi)
