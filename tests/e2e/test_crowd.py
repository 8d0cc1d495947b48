"""Five thousand wearers, and a screen that keeps up with them."""

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.running import Jikimi
from tests.e2e.crowd import WEARERS, Crowd, speaking

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from tests.e2e.browser import WIDE
from tests.e2e.frames import traced
from tests.patience import PATIENCE

PROMISED_MS = 8.0
LOADED = 4.0
"""How many times the promise a busy machine may take before the test speaks; the figure itself is printed."""
FRAMES = 20
ELSEWHERE = """(port) => {
  const Own = WebSocket;
  window.WebSocket = class extends Own { constructor(url) { super(url.replace(location.host, `127.0.0.1:${port}`)); } };
}"""


@pytest.mark.parametrize("incidents", [10, 50])
def test_script_is_short_with_five_thousand_wearers(
    jikimi: Jikimi, browser: "Browser", capsys: pytest.CaptureFixture[str], incidents: int
) -> None:
    """A room over 5,000 moving wearers, ten incidents open or a flood of fifty: little script in each frame."""
    crowd = Crowd(incidents, jikimi.call("GET", "/api/me", token=jikimi.token("dispatcher"))[1]["agency"])
    with speaking(crowd) as port:
        # Only this line is ours and not the desk's, and a page may speak with nobody else.
        context = browser.new_context(
            viewport={"width": WIDE["width"], "height": WIDE["height"]},
            locale="ko-KR",
            color_scheme="dark",
            bypass_csp=True,
        )
        context.add_init_script(f"({ELSEWHERE})({port})")
        page = context.new_page()
        page.set_default_timeout(15_000 * PATIENCE)
        limits = {"accept_s": 30, "own_s": 60, "on_scene_s": 420}
        page.route("**/api/overview", lambda route: route.fulfill(
            json={"at": time.time(), **limits, "incidents": crowd.sights()}))  # fmt: skip
        page.route("**/api/incidents/*", lambda route: route.fulfill(
            json=crowd.whole(route.request.url.rsplit("/", 1)[1])))  # fmt: skip
        page.goto(f"{jikimi.url}/sign-in")
        page.locator("input[name=name]").fill("dispatcher")
        page.locator("input[name=password]").fill(jikimi.sign_ins["dispatcher"].password)
        page.locator("button[type=submit]").click()
        page.locator(".c-row").nth(incidents - 1).wait_for(state="attached")
        page.wait_for_selector(".j-map[data-ready=true]")
        time.sleep(5)
        spent: list[float] = []
        for _ in range(6):  # a busy machine draws few frames
            spent = sorted([*spent, *traced(browser, page, 10)])
            if len(spent) > FRAMES:
                break
        context.close()
    assert len(spent) > FRAMES
    p95 = spent[int(0.95 * (len(spent) - 1))]
    figure = {"wearers": WEARERS, "incidents": incidents, "frames": len(spent), "script_p95_ms": round(p95, 1),
              "promised_ms": PROMISED_MS}  # fmt: skip
    with capsys.disabled():
        print("\n" + json.dumps(figure))  # noqa: T201 - the figure is what this is for
    assert p95 <= LOADED * PROMISED_MS
