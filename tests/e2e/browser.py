"""Debian's Chromium as a person's screen, and everything it asked for."""

import re
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect
from playwright.sync_api import TimeoutError as Late

from tests.patience import PATIENCE

# How long is waited on a busy machine, not what is promised: those tests say their own.
expect.set_options(timeout=15_000 * PATIENCE)

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "screens"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
ELSEWHERE = "jikimi.example"
"""A name of this machine that is no loopback's: what is asked under it is asked from elsewhere."""
FLAGS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-gpu-compositing",  # there is none here: a page is put together twice as fast without pretending
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required", f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
]  # fmt: skip
EITHER = {"GPS", "PIN", "jikimi", "demo", "HOST", "make", "screens"}
"""What is written alike in both languages: abbreviations, and commands as they are typed."""
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Screen:
    """One page with its owner's language, light and size."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def sign_in(self, name: str, password: str) -> None:
        """As a person does."""
        self.page.goto(f"{self.url}/sign-in")
        self.page.locator("input[name=name]").fill(name)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("button[type=submit]").click()

    def picture(self, name: str) -> None:
        """Keep what is seen."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    def picture_now(self, name: str) -> None:
        """Keep what is seen while nothing answers: a typeface still asked for then would never come."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        taken = self.page.context.new_cdp_session(self.page).send("Page.captureScreenshot")
        (PICTURES / f"{name}.png").write_bytes(b64decode(taken["data"]))

    def faults(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA."""
        self.page.evaluate(AXE.read_text())
        found: dict[str, Any] = self.page.evaluate(
            "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        return [
            f"{one['id']}: {node['html'][:160]} · {node.get('failureSummary', '')[:200]}"
            for one in found["violations"] for node in one["nodes"]
        ]  # fmt: skip

    def smallest_text(self) -> float:
        """The smallest font size of any text shown, in CSS pixels."""
        return float(
            self.page.evaluate("""() => {
          let least = 99;
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            const box = node.parentElement;
            if (!node.textContent.trim() || !box || !box.checkVisibility() || box.closest('noscript, script')) continue;
            least = Math.min(least, parseFloat(getComputedStyle(box).fontSize));
          }
          return least; }""")
        )

    def mixed(self) -> list[str]:
        """Words of the other language among this screen's own; what is marked as being in it, or was typed, is none."""
        said: list[str] = self.page.evaluate("""() => {
          const own = document.documentElement.lang;
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const found = [];
          for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            const box = node.parentElement;
            const tongue = box && box.closest('[lang]');
            if (!box || !box.checkVisibility() || box.closest('noscript, script, [data-weight=written]')) continue;
            if (!tongue || tongue.lang === own) found.push(node.textContent);
          }
          return [own, ...found]; }""")
        words = re.findall(r"[A-Za-z]{3,}" if said[0] == "ko" else r"[\uac00-\ud7a3]+", "\n".join(said[1:]))
        return [word for word in words if word not in EITHER]

    def foreign(self) -> list[str]:
        """Addresses asked for that are not this machine's own."""
        return [one for one in self.asked if not re.match(r"(https?|ws)://127\.0\.0\.1:|data:|blob:", one)]


LOOKS = 200


def within(page: Page, seconds: float, wait: Callable[[float], object]) -> None:
    """``wait`` (milliseconds) holds within the promised seconds of a machine of our own.

    Where it does not, the page is asked something small ``LOOKS`` times: as long as that takes on a machine that gives
    this test little, is waited on. On one with time to spare that is less than a second.
    """
    try:
        wait(seconds * 1000)
    except (Late, AssertionError):
        began = time.monotonic()
        for _ in range(LOOKS):
            page.evaluate("document.title")
        wait((time.monotonic() - began) * 1000)


def _meant(message: ConsoleMessage) -> bool:
    """Whether a page complains; that drawing without a graphics card is slow, is no complaint."""
    return message.type in {"error", "warning"} and "GL Driver Message (OpenGL, Performance" not in message.text


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser, closed afterwards."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    try:
        yield browser
    finally:
        browser.close()


def screen(
    browser: Browser, url: str, *, narrow: bool = False, korean: bool = True, night: bool = False,
    at: tuple[float, float] | None = None,
) -> Screen:  # fmt: skip
    """A person's screen: its size, language and light; ``at`` is where a phone is (lon, lat)."""
    options: dict[str, Any] = {
        "viewport": NARROW if narrow else WIDE, "locale": "ko-KR" if korean else "en-GB",
        "color_scheme": "dark" if night else "light", "timezone_id": "Asia/Seoul", "device_scale_factor": 1,
    }  # fmt: skip
    if narrow:
        options |= {"has_touch": True, "is_mobile": True}
    if at:
        options |= {
            "geolocation": {"longitude": at[0], "latitude": at[1], "accuracy": 12},
            "permissions": ["geolocation"],
        }
    context: BrowserContext = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(15_000 * PATIENCE)
    made = Screen(page, url)
    page.on("request", lambda request: made.asked.append(request.url))
    page.on("websocket", lambda socket: made.asked.append(socket.url))
    page.on("console", lambda message: made.said.append(message.text) if _meant(message) else None)
    page.on("pageerror", lambda error: made.said.append(str(error)))
    return made
