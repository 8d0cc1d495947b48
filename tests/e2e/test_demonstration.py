"""The morning of `jikimi demo`, as a newcomer sees it: both languages, the room and the officer, from the doors to the close."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.e2e.browser import Screen

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

from tests.e2e.browser import screen
from tests.e2e.test_morning import sound

JIKIMI = Path(sys.executable).parent / "jikimi"
HERS = (128.4602, 37.1558)
FAR = 0.009
"""Where she works, and how far the officer is at first, in degrees."""
WATCHING = """() => new MutationObserver((_, watching) => {
  const beside = document.querySelector('.c-row [data-silent=true]');
  const told = [...document.querySelectorAll('.c-timeline [data-weight=urgent]')]
    .find((one) => one.textContent.includes('Victim: no position since then'));
  if (!beside?.checkVisibility() || !told?.checkVisibility()) return;
  watching.disconnect();
  document.body.dataset.seenSilent = 'true';
}).observe(document.body, { subtree: true, childList: true, attributes: true })"""
"""A page remembers that it showed her silence: the story does not wait for a tester on a busy machine."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where a demonstration's page of doors is."""
    said = tmp_path / "said"
    with said.open("wb") as out:
        running = subprocess.Popen(
            [JIKIMI, "demo", "--wait", "600", "--speed", "2"], stdout=out, stderr=out, stdin=subprocess.DEVNULL
        )
    try:
        for _ in range(900):
            found = re.search(r"open\s+(http://127\.0\.0\.1:\d+)/", said.read_text())
            if found or running.poll() is not None:
                break
            time.sleep(0.1)
        assert found, said.read_text()[-2000:]
        yield found[1]
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)


class Visit:
    """Two dispatchers' desks and two phones of one officer, each pair in both languages and lights."""

    def __init__(self, browser: "Browser", url: str) -> None:
        self.looks = {"en-night": (False, True), "ko-day": (True, False)}
        self.browser, self.url, self.way = browser, url, FAR
        self.rooms = {name: self._through(name, 0) for name in self.looks}
        self.phones = {name: self._through(name, 2, narrow=True) for name in self.looks}
        self.room, self.phone = self.rooms["en-night"].page, self.phones["en-night"].page
        self.row = self.room.locator(".c-row").first

    def _through(self, name: str, door: int, *, narrow: bool = False) -> "Screen":
        """By a door of the page."""
        korean, night = self.looks[name]
        one = screen(
            self.browser,
            self.url,
            korean=korean,
            night=night,
            narrow=narrow,
            at=(HERS[0] + FAR, HERS[1] - FAR / 2) if narrow else None,
        )
        one.page.goto(self.url)
        one.page.get_by_test_id("alone").wait_for()
        one.page.locator(".j-door a").nth(door).click()
        one.page.wait_for_selector(".f-idle" if narrow else ".c-queue")
        return one

    def seen(self, what: str) -> None:
        """The officer has come nearer; keep pictures of all and find no fault in any."""
        for one in self.phones.values():
            self.way *= 0.8
            one.page.context.set_geolocation({
                "longitude": HERS[0] + self.way, "latitude": HERS[1] - self.way / 2, "accuracy": 12,
            })  # fmt: skip
        time.sleep(1)
        for kind, ones, least in (("room", self.rooms, 14), ("phone", self.phones, 16)):
            for name, one in ones.items():
                sound(one, f"demo-{what}-{kind}-{name}", least)

    def begins(self) -> None:
        """By the button, on the page of doors."""
        for one in self.phones.values():
            expect(one.page.get_by_test_id("ready").locator("div[data-good=true]")).to_have_count(4)
        self.seen("quiet")
        self.room.evaluate(WATCHING)
        doors = screen(self.browser, self.url, korean=False)
        doors.page.goto(self.url)
        doors.page.get_by_role("button", name="Begin the morning").click()
        doors.page.context.close()
        expect(self.room.locator(".c-notices")).to_contain_text("A new order")
        sound(self.rooms["en-night"], "demo-notice-en-night", 14)

    def is_answered(self) -> None:
        """The order comes, and the officer has it."""
        self.row.wait_for()
        # At once: whoever does not answer is passed over, and the morning runs faster than a tester looks.
        self.phone.locator("[data-press=accepted]").click()
        time.sleep(1.5)
        for one in self.rooms.values():
            expect(one.page.get_by_test_id("where")).to_contain_text(re.compile("[군시] "))
            expect(one.page.get_by_test_id("doubt")).to_contain_text("(95 %)")
        expect(self.phone.get_by_test_id("doubt")).to_contain_text("(95 %)")

    def she_is_not_seen(self) -> None:
        """Her phone falls silent: beside her age and urgent in the timeline while it lasts, and in the timeline after."""
        expect(self.room.locator("body")).to_have_attribute("data-seen-silent", "true")
        self.seen("silent")
        self.is_taken()
        timeline = self.room.locator(".c-timeline")
        expect(timeline).to_contain_text("a position again")
        expect(timeline).to_contain_text("Victim: no position since then")

    def is_taken(self) -> None:
        """The room takes it, and the officer goes."""
        self.room.keyboard.press("Enter")
        expect(self.row).to_have_attribute("data-owned", "true")
        self.phone.locator("[data-press=en_route]").click()
        for key in ("w", "Called her: she is inside, the door is locked."):
            self.room.keyboard.type(key)
        for key in ("Enter", "Escape"):
            self.room.keyboard.press(key)
        expect(self.room.locator(".c-tasking-state[data-state=en_route]").first).to_be_visible()

    def is_closed(self) -> None:
        """What was told is read again; what happened is suggested, used field by field, and only then closed."""
        room = self.room
        self.phone.locator("[data-press=on_scene]").click()
        # Not how many: another one was asked if the officer of this phone took long to answer.
        for one in ("P-1", "M-1"):
            told = room.locator(".c-taskings li", has_text=one)
            expect(told.locator(".c-tasking-state[data-state=on_scene]")).to_be_visible()
        room.keyboard.press("d")
        room.get_by_test_id("plan").wait_for()
        self.seen("there")
        room.keyboard.press("h")
        expect(room.get_by_test_id("notices")).to_contain_text("A new order")
        sound(self.rooms["en-night"], "demo-notices-en-night", 14)
        room.keyboard.press("Escape")
        room.wait_for_selector("[role=dialog]", state="detached")
        room.keyboard.press("x")
        for used in range(3):
            expect(room.locator("[data-suggests]")).to_have_count(3 - used)
            if used == 0:
                sound(self.rooms["en-night"], "demo-closing-en-night", 14)
            room.locator("[data-suggests] button").first.click()
        room.locator("form.c-form button[type=submit]").click()
        expect(self.row).to_have_count(0)
        self.phone.locator(".f-ended").wait_for()
        # Where somebody was is not looked at any longer than they are followed.
        expect(room.get_by_test_id("where")).to_have_count(0)
        self.seen("closed")


def test_the_morning_of_the_demonstration(browser: "Browser", address: str) -> None:
    """What a newcomer is shown is whole: names on the map, notices kept, her silence said, three steps, a close suggested."""
    visit = Visit(browser, address)
    visit.begins()
    visit.is_answered()
    visit.she_is_not_seen()
    visit.is_closed()
    for one in (*visit.rooms.values(), *visit.phones.values()):
        one.page.context.close()
