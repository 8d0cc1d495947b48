"""A morning as a dispatcher and an officer live it, on real screens over a real installation."""

import gzip
import json
import os
import re
import signal
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jikimi.screens.serving import built
from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town
from tests.e2e.walking import approach

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.e2e.browser import Screen

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

from tests.e2e.browser import screen, within

KOREAN = {
    "take": "맡기", "close": "종결", "accept": "수락", "en_route": "이동 중", "on_scene": "현장 도착", "queued": "통신 대기",
    "closed": "사건이 종결되었습니다", "cut": "소식이 없습니다", "taken": "맡음",
    "line": "피해자와 통화함, 문 잠금 확인", "header": "피해자에게 · 사이를 막으십시오",
}  # fmt: skip
ENGLISH = {
    "take": "Take", "close": "Close", "accept": "Accept", "en_route": "En route", "on_scene": "On scene",
    "queued": "Waiting for the network", "closed": "The incident is closed", "cut": "No word from the desk", "taken": "Taken",
    "line": "Called her: door locked.", "header": "To the victim · stay between",
}  # fmt: skip


def sound(one: "Screen", name: str, least: float) -> None:
    """Keeps a picture; nothing axe objects to, no text too small, nothing from outside, no word of the other
    language, no complaint of the page.
    """
    one.picture(name)
    assert one.faults() == []
    assert one.smallest_text() >= least
    assert one.foreign() == []
    assert one.mixed() == []
    assert [text for text in one.said if "status of 401" not in text and "status of 404" not in text] == []


def _there(what: "Locator", ms: float) -> None:
    what.wait_for(timeout=ms)


def test_the_first_screen_is_there_at_once(jikimi: Jikimi, browser: "Browser") -> None:
    """The page of doors is there within three seconds and asks nobody but this installation."""
    for korean, night in ((True, True), (False, False)):
        page = screen(browser, jikimi.url, korean=korean, night=night)
        page.page.goto(jikimi.url, wait_until="commit")
        door = page.page.locator(".j-door").first
        within(page.page, 3, partial(_there, door))
        language = "ko" if korean else "en"
        sound(page, f"doors-{language}", 14)
        page.page.goto(f"{jikimi.url}/sign-in")
        page.page.wait_for_selector("form")
        sound(page, f"sign-in-{language}", 14)
        page.page.context.close()


def test_script_before_the_map_is_small() -> None:
    """What a console or a phone loads before its map is at most 500 kB of script, packed."""
    if not (built() / "index.html").exists():
        pytest.skip("the screens are not built: `make screens`")
    manifest = json.loads((built() / ".vite" / "manifest.json").read_text())
    for first in ("src/apps/console/Console.tsx", "src/apps/field/FieldTerminal.tsx"):
        seen: set[str] = set()
        waiting = ["index.html", first]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += manifest[name].get("imports", [])
        size = sum(len(gzip.compress((built() / manifest[name]["file"]).read_bytes())) for name in seen)
        assert size <= 500_000, (first, size)


@pytest.mark.parametrize(("korean", "night", "pair"), [(True, True, 0), (False, False, 1)])
def test_an_approach_is_seen_taken_answered_and_closed(
    jikimi: Jikimi, town: Town, browser: "Browser", korean: bool, night: bool, pair: int,  # noqa: FBT001 - parameters
) -> None:  # fmt: skip
    """Dispatcher, police and probation officers and the other room, wide and narrow, from the first sight to the close."""
    morning = Morning(jikimi, browser, town.place(pair), korean=korean, night=night)
    morning.before_anything()
    with approach(jikimi, town, pair):
        morning.it_is_seen(f"V{pair}")
        morning.the_room_takes_it()
        morning.officers_go()
        morning.the_other_room_sees_the_same()
        morning.it_is_closed()
    morning.nothing_is_left()


class Morning:
    """The people of one approach and what each of them does."""

    def __init__(
        self, jikimi: Jikimi, browser: "Browser", place: tuple[float, float], *, korean: bool, night: bool
    ) -> None:
        lon, lat = place
        see = partial(screen, browser, jikimi.url, korean=korean, night=night)
        self.words, self.name = (KOREAN, "ko-night") if korean else (ENGLISH, "en-day")
        self.room = see()
        self.other = see(narrow=True)
        self.phone = see(narrow=True, at=(lon - 0.003, lat + 0.004))
        self.beside = see(narrow=True, at=(lon + 0.005, lat + 0.006))
        self.everybody = {
            "dispatcher": self.room, "monitor": self.other, "police-officer": self.phone, "probation-officer": self.beside,
        }  # fmt: skip
        for who, one in self.everybody.items():
            one.sign_in(who, jikimi.sign_ins[who].password)
        self.incident = ""

    def button(self, one: "Screen", name: str) -> "Locator":
        return one.page.get_by_role("button", name=self.words[name])

    def states(self, state: str) -> "Locator":
        return self.room.page.locator(f".c-tasking-state[data-state={state}]")

    def before_anything(self) -> None:
        self.room.page.wait_for_selector(".c-queue")
        self.phone.page.wait_for_selector(".f-idle")
        time.sleep(2)
        sound(self.room, f"console-quiet-{self.name}", 14)
        sound(self.phone, f"field-waiting-{self.name}", 16)

    def it_is_seen(self, victim: str) -> None:
        row = self.room.page.locator(".c-row").first
        row.wait_for()
        self.incident = row.get_attribute("data-incident") or ""
        self.button(self.phone, "accept").wait_for()
        assert self.words["header"] in self.phone.page.locator(".f-head").inner_text()
        time.sleep(4)
        sound(self.room, f"console-approach-{self.name}", 14)
        sound(self.phone, f"field-ordered-{self.name}", 16)
        sound(self.beside, f"field-wearer-{self.name}", 16)
        assert victim not in self.beside.page.evaluate("() => document.body.innerText")

    def the_room_takes_it(self) -> None:
        keyboard = self.room.page.keyboard
        keyboard.press("?")
        self.room.page.wait_for_selector("[role=dialog]")
        sound(self.room, f"commands-{self.name}", 14)
        keyboard.press("Escape")
        self.room.page.wait_for_selector("[role=dialog]", state="detached")
        keyboard.press("j")
        keyboard.press("Enter")
        row = self.room.page.locator(f".c-row[data-incident='{self.incident}']")
        expect(row.locator(".c-row-owner")).to_contain_text(self.words["taken"])
        assert row.get_attribute("data-owned") == "true"
        keyboard.press("w")
        keyboard.type(self.words["line"])
        keyboard.press("Enter")
        expect(self.room.page.locator(".c-timeline [data-weight=written]")).to_contain_text(self.words["line"])
        keyboard.press("Escape")

    def officers_go(self) -> None:
        self.button(self.phone, "accept").click()
        self.button(self.beside, "accept").click()
        expect(self.states("accepted")).to_have_count(2)
        queued = self.phone.page.get_by_test_id("queued")
        self.phone.page.context.set_offline(True)
        self.button(self.phone, "en_route").click()
        expect(queued).to_contain_text(self.words["queued"])
        time.sleep(3)
        self.phone.picture(f"field-queued-{self.name}")
        self.phone.page.context.set_offline(False)
        expect(self.states("en_route")).to_have_count(1)
        expect(queued).not_to_contain_text(self.words["queued"])
        self.phone.said.clear()  # of the network that was taken away
        self.button(self.phone, "on_scene").click()
        expect(self.states("on_scene")).to_have_count(1)
        self.room.page.keyboard.press("d")
        self.room.page.get_by_test_id("plan").wait_for()
        time.sleep(1)
        assert any(0 < float(one.get_attribute("data-away") or 0) < 700 for one in self.room.page.locator(
            ".c-taskings li[data-away]").all()), "the phones' own positions never reached the room"  # fmt: skip
        sound(self.room, f"console-on-scene-{self.name}", 14)
        sound(self.phone, f"field-on-scene-{self.name}", 16)

    def the_other_room_sees_the_same(self) -> None:
        for tab, name in enumerate(("queue", "map", "incident")):
            self.other.page.locator("[role=tab]").nth(tab).click()
            if name == "map":
                self.other.page.wait_for_selector(".j-map[data-ready=true]")
            time.sleep(1.2)
            sound(self.other, f"narrow-{name}-{self.name}", 14)
        expect(self.other.page.locator(".c-timeline [data-weight=written]")).to_contain_text(self.words["line"])
        for one in (self.phone, self.beside):
            assert self.words["line"] not in one.page.evaluate("() => document.body.innerText")

    def it_is_closed(self) -> None:
        page = self.room.page
        page.keyboard.press("x")
        for field, value in (("cause", "real_approach"), ("response", "police_on_scene"), ("outcome", "apprehended")):
            page.locator(f"select[name={field}]").select_option(value)
        sound(self.room, f"closing-{self.name}", 14)
        page.locator("form.c-form button[type=submit]").click()
        expect(page.locator(f".c-row[data-incident='{self.incident}']")).to_have_count(0)
        self.phone.page.get_by_text(self.words["closed"]).wait_for()

    def nothing_is_left(self) -> None:
        kept = {"local": ["jikimi.language"], "session": [], "caches": [], "databases": []}
        assert _left_behind(self.phone) == kept
        assert "A0" not in self.phone.page.evaluate("() => document.body.innerText")
        sound(self.phone, f"field-closed-{self.name}", 16)
        for one in self.everybody.values():
            one.page.context.close()


def _left_behind(one: "Screen") -> object:
    return one.page.evaluate("""async () => ({
      local: Object.keys(localStorage), session: Object.keys(sessionStorage), caches: await caches.keys(),
      databases: (await indexedDB.databases()).map((one) => one.name) })""")


def test_a_thumb_ends_no_order_by_habit(jikimi: Jikimi, town: Town, browser: "Browser") -> None:
    """Two taps are one step; what ends an order stands nowhere a step stood, asks, wants a reason, and can be taken back."""
    room = screen(browser, jikimi.url, korean=True)
    room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
    lon, lat = town.place(3)
    phone = screen(browser, jikimi.url, korean=False, narrow=True, at=(lon - 0.003, lat + 0.004))
    phone.sign_in("police-officer", jikimi.sign_ins["police-officer"].password)
    phone.page.wait_for_selector(".f-idle")
    places: dict[str, tuple[float, float]] = {}

    def stands(press: str) -> tuple[float, float]:
        button = phone.page.locator(f"[data-press={press}]:enabled")
        button.wait_for()
        box = button.bounding_box()
        assert box
        places[press] = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return places[press]

    def under(where: tuple[float, float]) -> str:
        """What a thumb finds there."""
        return str(phone.page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.closest('button')?.dataset.press ?? ''", list(where)))  # fmt: skip

    state = phone.page.locator(".f-state strong")
    with approach(jikimi, town, 3, first=0.003, waits=True) as he_comes:
        stands("accepted")
        for _ in range(2):
            phone.page.mouse.click(*places["accepted"])
        expect(state).to_have_text("Accepted")
        stands("on_scene")
        phone.page.locator("[data-press=en_route]:enabled").click()
        expect(state).to_have_text("En route")
        assert stands("on_scene") == places["on_scene"]
        phone.page.locator(".f-leaving").click()
        leave = phone.page.get_by_test_id("leave")
        leave.wait_for()
        time.sleep(1)
        sound(phone, "field-cannot-go-en-day", 16)
        assert phone.page.locator("[data-press=rejected]").is_disabled()
        assert not {under(where) for where in places.values()} & {"rejected", "cleared"}
        leave.get_by_role("button", name="Too far away").click()
        assert phone.page.locator("[data-press=rejected]").is_enabled()
        leave.get_by_role("button", name="Go back").click()
        expect(state).to_have_text("En route")
        he_comes.set()
        phone.page.get_by_test_id("raised").wait_for()
        sound(phone, "field-raised-en-day", 16)
        phone.page.locator(".f-leaving").click()
        leave.get_by_role("button", name="Too far away").click()
        phone.page.locator("[data-press=rejected]").click()
        phone.page.get_by_text("The room sends somebody else").wait_for()
        expect(room.page.locator(".c-timeline")).to_contain_text("거부 · 너무 멉니다")
    for one in (room, phone):
        assert one.mixed() == []
        one.page.context.close()


CUT_S = 20


def silent_for(one: "Screen") -> int:
    """The seconds of silence a screen shows."""
    said = re.search(r"([0-9]+)초", one.page.get_by_test_id("frozen").inner_text())
    assert said
    return int(said[1])


def test_a_silent_desk_is_said_and_caught_up_with(jikimi: Jikimi, town: Town, browser: "Browser") -> None:
    """The desk stops for twenty seconds: both screens say so at once and for how long, and catch up with what happened."""
    room = screen(browser, jikimi.url, korean=True, night=True)
    room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
    phone = screen(
        browser, jikimi.url, korean=True, night=True, narrow=True, at=(town.place(2)[0] - 0.002, town.place(2)[1])
    )
    phone.sign_in("police-officer", jikimi.sign_ins["police-officer"].password)
    room.page.wait_for_selector(".c-queue")
    phone.page.wait_for_selector(".f-idle")
    time.sleep(2)
    assert jikimi.process
    # Whoever watches the desk would start another within these seconds: it sleeps as well.
    desk, supervisor = jikimi.pids()["desk"], jikimi.process.pid
    with approach(jikimi, town, 2, first=0.003):
        os.kill(supervisor, signal.SIGSTOP)
        os.kill(desk, signal.SIGSTOP)
        began = time.monotonic()
        try:
            frozen = expect(room.page.get_by_test_id("frozen"))
            within(room.page, 4, lambda ms: frozen.to_contain_text(KOREAN["cut"], timeout=ms))
            expect(phone.page.get_by_test_id("frozen")).to_be_visible()
            time.sleep(max(0.0, CUT_S - (time.monotonic() - began)))
            for one in (room, phone):
                assert silent_for(one) >= CUT_S - 2
            room.picture_now("console-frozen-ko-night")
            phone.picture_now("field-frozen-ko-night")
        finally:
            os.kill(desk, signal.SIGCONT)
            os.kill(supervisor, signal.SIGCONT)
        over = time.monotonic()
        expect(room.page.get_by_test_id("frozen")).to_have_count(0)
        expect(phone.page.get_by_test_id("frozen")).to_have_count(0)
        room.page.locator(".c-row").first.wait_for()
        phone.page.get_by_role("button", name=KOREAN["accept"]).wait_for()
        print(f"caught up {time.monotonic() - over:.1f} s after the line was back")  # noqa: T201 - a figure to look at
    for one in (room, phone):
        one.page.context.close()


def test_a_role_that_does_not_get_on_is_seen_in_the_top_line(jikimi: Jikimi, browser: "Browser") -> None:
    """Detection stands still: its silence is counted where the room looks first, and the empty queue says nothing by it."""
    room = screen(browser, jikimi.url, korean=False)
    room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
    late = room.page.locator(".c-feed[data-bad=true]", has_text="Detection")
    room.page.locator(".c-feed", has_text="System").wait_for()
    assert jikimi.process
    detect, supervisor = jikimi.pids()["detect"], jikimi.process.pid
    try:
        os.kill(supervisor, signal.SIGSTOP)
        os.kill(detect, signal.SIGSTOP)
        within(room.page, 8, lambda ms: expect(late).to_be_visible(timeout=ms))
        expect(late).to_contain_text(re.compile(r"Detection ([4-9]|\d\d) s"))
        sound(room, "console-behind-en-day", 14)
    finally:
        os.kill(detect, signal.SIGCONT)
        os.kill(supervisor, signal.SIGCONT)
    expect(late).to_have_count(0)
    room.page.context.close()


def test_without_tiles_the_map_is_a_plain_grid_that_says_so(jikimi: Jikimi, browser: "Browser") -> None:
    """An installation without map data still shows positions, on a grid, and names what is missing."""
    room = screen(browser, jikimi.url, korean=False)
    room.page.route("**/api/site", lambda route: route.fulfill(json={
        "site": "x", "regime": "kr", "exercise": True, "version": "0", "map_style": None, "tiles": False,
    }))  # fmt: skip
    room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
    room.page.get_by_text("plain grid").wait_for()
    assert "EXERCISE" in room.page.locator(".j-exercise").inner_text()
    time.sleep(2)
    sound(room, "console-grid-en-day", 14)
    assert not [one for one in room.asked if "pmtiles" in one]
    room.page.context.close()


def test_pictures_are_kept() -> None:
    """What the tests saw is there to be looked at."""
    folder = Path(__file__).parents[2] / "build" / "screens"
    assert sorted(one.name for one in folder.glob("console-*.png"))
