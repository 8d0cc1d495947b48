"""One running Jikimi with its screens, and a browser; skipped with a word where either cannot be had."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jikimi.screens.serving import built
from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town, enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from tests.e2e.browser import CHROMIUM, chromium  # noqa: PLC0415 - only where playwright is

    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: `make tools` installs it as root on Debian")
    if not (built() / "index.html").exists():
        pytest.skip("the screens are not built: `make screens`")
    with sync_api.sync_playwright() as playwright, chromium(playwright) as running:
        yield running


@pytest.fixture(scope="module")
def jikimi() -> Iterator[Jikimi]:
    """A fresh installation."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-e2e-", dir="/tmp"))
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
    """Pairs, devices and available officers."""
    return enter(jikimi)
