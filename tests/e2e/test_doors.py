"""The page of doors on another machine."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jikimi.identity.doors import VAULT_KEY, run_code
from jikimi.vault import Vault
from tests.acceptance.running import Jikimi

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from tests.e2e.browser import ELSEWHERE, screen


@pytest.fixture(scope="module")
def exercise() -> Iterator[Jikimi]:
    """An installation that is an exercise."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-doors-", dir="/tmp"))
    folder.chmod(0o711)
    running = Jikimi(folder)
    try:
        running.start("--exercise-clock", "2026-10-05T06:40:00+09:00")
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_printed_code_is_kept_while_somebody_goes_in_and_out(exercise: Jikimi, browser: "Browser") -> None:
    """From another machine: without the code a word where it is, with it the doors, before going in and after leaving."""
    code = run_code(Vault(exercise.folder / "data").key(VAULT_KEY))
    there = screen(browser, exercise.url, korean=False)
    # What comes through a proxy comes from another machine.
    there.page.context.set_extra_http_headers({"X-Forwarded-For": "192.0.2.7"})
    url = exercise.url.replace("127.0.0.1", ELSEWHERE)
    there.page.goto(url)
    there.page.get_by_text("printed for other machines").wait_for()
    assert there.page.locator(".j-door img").count() == 0
    there.page.goto(f"{url}/?code={code}")
    there.page.locator(".j-door img").nth(3).wait_for()
    assert there.page.get_by_test_id("alone").count() == 0
    there.page.get_by_role("link", name="Sign in").first.click()
    # Without https a browser vouches for nobody's click: a page with one button asks.
    there.page.get_by_role("button", name="Enter").click()
    there.page.wait_for_selector(".c-queue")
    there.page.get_by_role("button", name="Sign out").click()
    there.page.locator(".j-door img").nth(3).wait_for()
    there.page.context.close()


@pytest.mark.parametrize("korean", [True, False])
def test_a_phone_is_given_no_code_that_leads_it_to_itself(exercise: Jikimi, browser: "Browser", korean: bool) -> None:  # noqa: FBT001 - a parameter
    """At the machine itself the doors open by a click; instead of codes it is said how phones are let in."""
    here = screen(browser, exercise.url, korean=korean)
    here.page.goto(exercise.url)
    here.page.get_by_test_id("alone").wait_for()
    assert "make demo HOST=0.0.0.0" in here.page.get_by_test_id("alone").inner_text()
    assert here.page.locator(".j-door a").count() == 4
    assert here.page.locator(".j-door img").count() == 0
    assert here.faults() == here.mixed() == []
    here.picture(f"doors-alone-{'ko' if korean else 'en'}")
    here.page.context.close()
