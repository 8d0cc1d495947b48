"""What a browser keeps of people once they may not be seen: on the screen, behind the button that goes back, on its disk.

The browser has a profile of its own on disk, which is read byte by byte after it was closed.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jikimi.kernel.clock import iso
from jikimi.screens.serving import built
from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town, enter
from tests.e2e.walking import approach
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, WebSocketRoute

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect, sync_playwright

from tests.e2e.browser import CHROMIUM, FLAGS, within
from tests.e2e.test_consent import CLERK, HELPER, helper

__all__ = ["helper"]
FILE, SAID, WHY = "7731-4242-88", "9917-6655-33", "5512-8844-71"
"""A file's number, a line of a log, a reason: none is masked, and none stands anywhere else."""


@pytest.fixture(scope="module")
def jikimi() -> Iterator[Jikimi]:
    """A fresh installation."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-left-", dir="/tmp"))
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


@pytest.fixture
def profile() -> Iterator[Path]:
    """Where the browser keeps what it keeps."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-profile-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def browsing(profile: Path) -> Iterator["BrowserContext"]:
    """Debian's Chromium with that profile."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: `make tools` installs it as root on Debian")
    if not (built() / "index.html").exists():
        pytest.skip("the screens are not built: `make screens`")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=FLAGS, locale="ko-KR"
        )
        context.set_default_timeout(15_000 * PATIENCE)
        yield context
        context.close()


def sign_in(page: "Page", jikimi: Jikimi, name: str, password: str | None = None) -> None:
    """As a person does."""
    page.goto(f"{jikimi.url}/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password or jikimi.sign_ins[name].password)
    page.locator("button[type=submit]").click()


def token(context: "BrowserContext") -> str:
    """The browser's own session."""
    return next(str(one["value"]) for one in context.cookies() if one["name"] == "jikimi_session")


def somebody(jikimi: Jikimi) -> str:
    """A person of the monitoring agency's own files whom no room of the police sees."""
    people = {"people": [{"ref": "x", "label": FILE}]}
    status, said = jikimi.call("POST", "/api/registry/import", people, jikimi.token("monitoring-registrar"))
    assert status == 200, said
    return str(said["ids"]["x"])


def opened(page: "Page", subject: str) -> None:
    """Break the glass for somebody, as a person does."""
    page.keyboard.press("g")
    expect(
        page.locator("input[name=subject]")
    ).to_be_focused()  # by the form, which is slower than a hand where all is slow
    page.locator("input[name=subject]").fill(subject)
    page.locator("textarea[name=reason]").fill(WHY)
    page.get_by_role("button", name="기록 열기", exact=True).click()
    expect(page.locator(f"[data-person='{subject}']")).to_contain_text(FILE)


def gone_within_a_second(page: "Page", *secrets: str) -> None:
    """None of these is on the page any more, in what is shown or in what is not."""
    gone = "words => !words.some((word) => document.documentElement.outerHTML.includes(word))"
    within(page, 1, lambda ms: page.wait_for_function(gone, arg=list(secrets), timeout=ms, polling=20))


def stored(page: "Page") -> str:
    """Everything a page's own stores hold, and what listens for it."""
    found: dict[str, Any] = page.evaluate("""async () => ({
      local: {...localStorage}, session: {...sessionStorage}, state: history.state, title: document.title,
      databases: await indexedDB.databases(), caches: await caches.keys(),
      workers: (await navigator.serviceWorker.getRegistrations()).length, address: location.href,
    })""")
    assert found["databases"] == found["caches"] == []
    assert (found["workers"], found["session"], found["state"]) == (0, {}, None)
    assert set(found["local"]) <= {"jikimi.language", "mantine-color-scheme-value"}
    return json.dumps(found)


def choose(page: "Page", jikimi: Jikimi, her: str) -> None:
    """Her incident, among those that are open: of another one a person may have ended the room's access."""
    page.wait_for_selector(".c-queue")
    page.locator(f".c-row[data-incident='{incident_of(jikimi, her, token(page.context))}']").click()
    page.locator(".c-log input").wait_for()


def incident_of(jikimi: Jikimi, her: str, reader: str) -> str:
    """Her open incident, as a room reads it, once there is one."""
    deadline = time.monotonic() + 60 * PATIENCE
    while True:
        open_ones = jikimi.call("GET", "/api/overview", token=reader)[1]["incidents"]
        if found := [str(one["id"]) for one in open_ones if one["victim"] == her]:
            return found[0]
        assert time.monotonic() < deadline
        time.sleep(0.2)


def accepted(jikimi: Jikimi, town: Town, her: str) -> None:
    """Whoever is sent to her or to him goes: nobody else is asked, and nobody else is let know for it."""
    incident = incident_of(jikimi, her, town.tokens["dispatcher"])
    for one in jikimi.call("GET", f"/api/incidents/{incident}", token=town.tokens["dispatcher"])[1]["taskings"]:
        who = "police-officer" if one["toward"] == "victim" else "probation-officer"
        jikimi.call("POST", f"/api/taskings/{one['id']}/answer", {"state": "accepted"}, town.tokens[who])


def on_disk(profile: Path, *secrets: str) -> list[str]:
    """Files of the profile that hold one of them, in any of a browser's writings."""
    written = [one.encode(code) for one in secrets for code in ("utf-8", "utf-16-le")]
    files = [file for file in profile.rglob("*") if file.is_file()]
    assert len(files) > 20
    return [str(file) for file in files if any(one in file.read_bytes() for one in written)]


def test_a_screen_whose_access_ended_is_empty_within_a_second(
    jikimi: Jikimi, town: Town, browsing: "BrowserContext"
) -> None:
    """An open file goes when its opening is refused; how near they are goes when the grant does; nothing is opened anew."""
    subject, page = somebody(jikimi), browsing.new_page()
    privacy, reviewer = jikimi.token("monitoring-reviewer"), jikimi.token("police-reviewer")
    sign_in(page, jikimi, "dispatcher")
    page.wait_for_selector(".c-queue")
    opened(page, subject)
    grants = jikimi.call("GET", "/api/access/grants", token=privacy)[1]["grants"]
    (glass,) = [one["id"] for one in grants if one["subject"] == subject]
    assert jikimi.call("POST", f"/api/access/grants/{glass}/judgement", {"upheld": False}, privacy)[0] == 204
    gone_within_a_second(page, FILE)
    expect(page.locator(f"[data-person='{subject}']")).to_have_attribute("data-state", "absent")
    page.keyboard.press("Escape")
    with approach(jikimi, town, 0):
        expect(page.locator(".c-figures")).to_be_visible()
        her = town.ids["V0"]
        accepted(jikimi, town, her)
        page.keyboard.press("y")
        expect(page.locator("[data-person][data-state=ready]")).to_have_count(2)
        file = jikimi.call("GET", f"/api/registry/people/{her}", token=token(browsing))[1]
        for one in file["grants"]:
            # The end of the room's is the end of its officers', which may come first.
            assert jikimi.call("POST", f"/api/access/grants/{one['id']}/end", token=reviewer)[0] in (204, 409)
        gone = "() => !document.querySelector('.c-figures')"
        within(page, 1, lambda ms: page.wait_for_function(gone, timeout=ms, polling=20))
        time.sleep(2.5)
        expect(page.locator(".c-figures")).to_have_count(0)
        # The file is the police's own: it may be seen still, and says that no grant is why.
        expect(page.locator(f"[data-person='{her}'][data-state=ready]")).to_be_visible()
        expect(page.locator(f"[data-person='{her}'] [data-kind]")).to_have_count(0)
    page.close()


@pytest.mark.parametrize("who", ["monitoring-reviewer", "police-registrar"])
def test_a_page_without_a_line_knows_within_a_second_that_it_is_over(
    jikimi: Jikimi, browsing: "BrowserContext", who: str
) -> None:
    """Who looked at whom is on no screen any more once the session has ended elsewhere."""
    subject, page = somebody(jikimi), browsing.new_page()
    reader = jikimi.token("monitor")
    assert jikimi.call("GET", f"/api/registry/people/{subject}", token=reader)[0] == 200
    sign_in(page, jikimi, who)
    page.wait_for_url("**/access")
    if who == "monitoring-reviewer":
        expect(page.get_by_test_id("register")).to_contain_text(subject[-8:])
    page.wait_for_timeout(1000)
    assert jikimi.call("DELETE", "/api/sessions/current", token=token(browsing))[0] == 204
    within(page, 1, lambda ms: page.locator("input[name=password]").wait_for(timeout=ms))
    gone_within_a_second(page, subject, subject[-8:])
    page.close()


class Cable:
    """What a page's live line goes through, to be pulled out and put in again."""

    def __init__(self, page: "Page") -> None:
        self._lines: list[WebSocketRoute] = []
        self._out = False
        page.route_web_socket("**/api/live**", self._dialled)

    def _dialled(self, line: "WebSocketRoute") -> None:
        if self._out:
            line.close()
            return
        line.connect_to_server()
        self._lines.append(line)

    def pull(self) -> None:
        """From now on nothing comes through."""
        self._out = True
        for line in self._lines:
            line.close()
        self._lines.clear()

    def put(self) -> None:
        """Whoever dials next gets through."""
        self._out = False


def test_access_that_ended_while_the_line_was_cut_is_forgotten_when_it_comes_back(
    jikimi: Jikimi, town: Town, browsing: "BrowserContext"
) -> None:
    """Nobody tells it then: the open file is read anew, and everything else on the screen is as it was."""
    subject, page = somebody(jikimi), browsing.new_page()
    cable, privacy = Cable(page), jikimi.token("monitoring-reviewer")
    sign_in(page, jikimi, "dispatcher")
    with approach(jikimi, town, 3):
        choose(page, jikimi, town.ids["V3"])
        expect(page.locator(".c-figures")).to_be_visible()
        page.locator(".c-log input").fill(SAID)
        page.keyboard.press("Escape")
        opened(page, subject)
        cable.pull()
        grants = jikimi.call("GET", "/api/access/grants", token=privacy)[1]["grants"]
        (glass,) = [one["id"] for one in grants if one["subject"] == subject]
        assert jikimi.call("POST", f"/api/access/grants/{glass}/judgement", {"upheld": False}, privacy)[0] == 204
        page.wait_for_timeout(3000)
        assert FILE in page.content(), "nothing told it: what follows would show nothing"
        cable.put()
        file = expect(page.locator(f"[data-person='{subject}']"))
        within(page, 4, lambda ms: file.to_have_attribute("data-state", "absent", timeout=ms))
        gone_within_a_second(page, FILE)
        within(page, 1, lambda ms: expect(page.locator(".c-figures")).to_be_visible(timeout=ms))
        expect(page.locator(".c-log input")).to_have_value(SAID)
    page.close()


def test_her_no_reaches_an_open_page_of_whom_she_had_let_know(
    jikimi: Jikimi, town: Town, helper: str, browsing: "BrowserContext"
) -> None:
    """Her name leaves it within a second, and comes back by no reading of it; the card that says that she ended it stays."""
    clerk, page = town.tokens[CLERK], browsing.new_page()
    imported = jikimi.call("POST", "/api/registry/import", {"people": [{"ref": "x", "label": FILE}]}, clerk)
    she = imported[1]["ids"]["x"]
    agencies = jikimi.call("GET", "/api/access/agencies", token=clerk)[1]["agencies"]
    unit = next(one["id"] for one in agencies if one["kind"] == "support")
    until = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    yes = {"person": she, "recipient": unit, "data": ["person"], "until": until, "language": "ko"}
    status, made = jikimi.call("POST", "/api/consents", yes, clerk)
    assert status == 201, made
    sign_in(page, jikimi, HELPER, helper)
    expect(page.get_by_test_id("given")).to_contain_text(FILE)
    no = {"version": 1, "state": "withdrawn"}
    assert jikimi.call("POST", f"/api/consents/{made['id']}", no, clerk)[0] == 200
    gone_within_a_second(page, FILE)
    expect(page.locator("[data-testid=given] .k-card")).to_have_attribute("data-state", "withdrawn")
    page.keyboard.press("r")
    page.wait_for_timeout(1500)
    assert FILE not in page.content()
    page.close()


def test_a_note_to_whoever_comes_leaves_a_colleague_s_roster_when_access_ends(
    jikimi: Jikimi, town: Town, browsing: "BrowserContext"
) -> None:
    """It may say where she is. That something waits to be taken is said still."""
    her, mine, page = town.ids["V2"], jikimi.token("monitor"), browsing.new_page()
    with approach(jikimi, town, 2, first=0.002):
        incident = incident_of(jikimi, her, mine)
    second = on_duty(jikimi, "205")
    assert jikimi.call("POST", f"/api/incidents/{incident}/take", token=mine)[0] == 204
    shift = jikimi.call("GET", "/api/duty/me", token=mine)[1]["shift"]["id"]
    own = jikimi.call("GET", "/api/duty/hand-overs", token=mine)[1]["own"]
    given = {"shift": shift, "incidents": [one["incident"] for one in own], "taskings": [], "note": SAID}
    assert jikimi.call("POST", "/api/duty/hand-overs", given, mine)[0] == 201
    sign_in(page, jikimi, "205", second)
    page.wait_for_selector(".c-queue")
    page.goto(f"{jikimi.url}/roster")
    expect(page.get_by_test_id("waiting")).to_contain_text(SAID)
    file = jikimi.call("GET", f"/api/registry/people/{her}", token=mine)[1]
    reviewer = jikimi.token("police-reviewer")
    for one in file["grants"]:
        assert jikimi.call("POST", f"/api/access/grants/{one['id']}/end", token=reviewer)[0] in (204, 409)
    gone_within_a_second(page, SAID)
    expect(page.locator("[data-handover]")).to_have_count(1)
    page.close()


def on_duty(jikimi: Jikimi, name: str) -> str:
    """The centre's monitor begins a shift, and has a new colleague; returns the colleague's password."""
    clerk, mine = jikimi.token("monitoring-registrar"), jikimi.token("monitor")
    hired = {"accounts": [{"name": name, "role": "monitor"}]}
    password = str(jikimi.call("POST", "/api/registry/import", hired, clerk)[1]["accounts"][0]["password"])
    account, now = jikimi.call("GET", "/api/me", token=mine)[1]["account"], time.time()
    shift = {"account": account, "from": iso(now - 60), "until": iso(now + 8 * 3600)}
    assert jikimi.call("POST", "/api/duty/shifts", {"shifts": [shift]}, clerk)[0] == 201
    planned = jikimi.call("GET", "/api/duty/me", token=mine)[1]["shift"]["id"]
    assert jikimi.call("POST", f"/api/duty/shifts/{planned}/begin", token=mine)[0] == 204
    return password


def test_a_list_of_a_privacy_officer_names_nobody_whom_the_agency_may_know_no_longer(
    jikimi: Jikimi, town: Town, browsing: "BrowserContext"
) -> None:
    """The other agency ends it; what this one has of its own is named still."""
    page, reviewer = browsing.new_page(), jikimi.token("police-reviewer")
    monitoring = jikimi.call("GET", "/api/me", token=town.tokens["monitor"])[1]["agency"]
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    order = {
        "ref": "o", "regime": "kr", "article": "제9조제1항제2호", "arrestable": True, "offender": "he", "victim": "she",
        "monitoring_agency": monitoring, "from": since, "radius_m": 100,
    }  # fmt: skip
    both = [{"ref": "he", "label": SAID}, {"ref": "she", "label": FILE}]
    status, made = jikimi.call("POST", "/api/registry/import", {"people": both, "orders": [order]}, town.tokens[CLERK])
    assert status == 200, made
    sign_in(page, jikimi, "monitoring-reviewer")
    grants = page.get_by_test_id("grants")
    expect(grants).to_contain_text(FILE)
    expect(grants).to_contain_text(SAID)
    hers = [
        one["id"] for one in jikimi.call("GET", "/api/access/grants", token=reviewer)[1]["grants"]
        if (one["subject"], one["agency"]) == (made["ids"]["she"], monitoring)
    ]  # fmt: skip
    assert hers
    for one in hers:
        assert jikimi.call("POST", f"/api/access/grants/{one}/end", token=reviewer)[0] == 204
    gone_within_a_second(page, FILE)
    expect(grants).to_contain_text(SAID)
    page.close()


@pytest.mark.parametrize("way", ["signs out", "is signed out"])
def test_nothing_is_left_for_whoever_sits_down_next(
    jikimi: Jikimi, town: Town, browsing: "BrowserContext", profile: Path, way: str
) -> None:
    """Not on the screen, not behind the button that goes back, not in a store, a cache or a file of the browser."""
    subject, page = somebody(jikimi), browsing.new_page()
    second = browsing.new_page()
    sign_in(page, jikimi, "dispatcher")
    with approach(jikimi, town, 1):
        choose(page, jikimi, town.ids["V1"])
        page.keyboard.press("w")
        page.keyboard.type(SAID)
        page.keyboard.press("Enter")
        expect(page.locator(".c-timeline")).to_contain_text(SAID)
    page.keyboard.press("Escape")  # out of the box: letters are commands again
    opened(page, subject)
    page.keyboard.press("Escape")
    second.goto(f"{jikimi.url}/console")
    choose(second, jikimi, town.ids["V1"])
    expect(second.locator(".c-timeline")).to_contain_text(SAID)
    held = token(browsing)
    if way == "signs out":
        page.get_by_role("button", name="로그아웃").click()
    else:
        assert jikimi.call("DELETE", "/api/sessions/current", token=held)[0] == 204
    for one in (second, page):
        gone_within_a_second(one, FILE, SAID, WHY, subject)
    page.goto(f"{jikimi.url}/healthz")
    for _ in range(3):
        page.go_back()
        page.wait_for_load_state()
        if not page.url.startswith(jikimi.url):  # before the first page of ours
            page.go_forward()
            break
        gone_within_a_second(page, FILE, SAID, WHY, subject)
        assert subject not in stored(page) + stored(second)
    page.reload()
    expect(page.get_by_role("main")).to_be_visible()
    browsing.set_offline(True)
    with suppress(PlaywrightError):
        second.goto(f"{jikimi.url}/console")
    gone_within_a_second(second, FILE, SAID, WHY, subject)
    browsing.close()
    assert on_disk(profile, f"127.0.0.1:{jikimi.port}") != []  # where it was is written down: what it saw is not
    assert on_disk(profile, FILE, SAID, WHY, subject, held) == []
