"""A shift that begins, an incident that changes hands, and a sign-in by the organisation's own provider, at their screens."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jikimi.kernel.clock import iso
from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town, enter
from tests.e2e.walking import approach
from tests.openid import CLIENT, SECRET, OpenIdProvider, openid_provider

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.e2e.browser import Screen

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

from tests.e2e.browser import screen

NAME = "1004"
"""A provider's name, and people's, in neither language."""


@pytest.fixture(scope="module")
def them() -> Iterator[OpenIdProvider]:
    """The organisation's provider."""
    with openid_provider() as running:
        yield running


@pytest.fixture(scope="module")
def jikimi(them: OpenIdProvider) -> Iterator[Jikimi]:
    """An installation that knows it, its secret in the vault."""
    folder = Path(tempfile.mkdtemp(prefix="jikimi-e2e-", dir="/tmp"))
    folder.chmod(0o711)
    running = Jikimi(folder)
    running.extra = {
        "JIKIMI_OIDC_ISSUER": them.issuer, "JIKIMI_OIDC_CLIENT": CLIENT, "JIKIMI_OIDC_NAME": NAME,
        "JIKIMI_OIDC_CALLBACK": f"{running.url}/api/sessions/oidc/callback",
    }  # fmt: skip
    secrets = folder / "data" / "secrets"
    secrets.mkdir(mode=0o700, parents=True)
    secret = secrets / "oidc-client.secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET)
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


def sound(one: "Screen", name: str, refused: str = "401") -> None:
    """Keeps a picture; nothing axe objects to, no text too small, nothing from outside, no word of the other language."""
    one.page.wait_for_timeout(200)
    one.picture(name)
    assert one.faults() == []
    assert one.smallest_text() >= 14
    assert one.mixed() == []
    assert one.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert [text for text in one.said if not re.search(f"status of {refused}", text)] == []


class Staff:
    """The police's registrar, over the API."""

    def __init__(self, jikimi: Jikimi) -> None:
        self.jikimi = jikimi
        self.token = jikimi.token("police-registrar")
        self.ids = {one["name"]: one["account"] for one in self.call("GET", "/api/duty")["staff"]}

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """What is answered."""
        status, said = self.jikimi.call(method, path, body, self.token)
        assert status < 300, said
        return said if isinstance(said, dict) else {}

    def hire(self, name: str, role: str) -> str:
        """A new account; returns its password."""
        made = self.call("POST", "/api/registry/import", {"accounts": [{"name": name, "role": role}]})
        (account,) = made["accounts"]
        self.ids[name] = account["id"]
        return str(account["password"])

    def plan(self, name: str, start_s: float, hours: float) -> None:
        """A shift from so many seconds from now."""
        start = time.time() + start_s
        shift = {"account": self.ids[name], "from": iso(start), "until": iso(start + hours * 3600)}
        self.call("POST", "/api/duty/shifts", {"shifts": [shift]})

    def lapse(self, name: str) -> None:
        """Training that is over."""
        now = time.time()
        paper = {"account": self.ids[name], "kind": "first-aid", "from": iso(now - 9e6), "until": iso(now - 86400)}
        self.call("POST", "/api/duty/qualifications", paper)


def test_an_officer_on_a_phone_is_warned_and_begins(jikimi: Jikimi, browser: "Browser") -> None:
    """Off duty and out of training is said over the terminal and beside the name; the roster fits the hand."""
    staff = Staff(jikimi)
    staff.plan("police-officer", 600, 8)
    staff.lapse("police-officer")
    for korean in (False, True):
        one = screen(browser, jikimi.url, korean=korean, narrow=True, night=korean)
        language = "ko-night" if korean else "en-day"
        one.sign_in("police-officer", jikimi.sign_ins["police-officer"].password)
        expect(one.page.get_by_test_id("duty-band")).to_be_visible()
        expect(one.page.get_by_test_id("duty")).to_be_visible()
        sound(one, f"roster-field-{language}")
        one.page.goto(f"{jikimi.url}/roster")
        if not korean:
            one.page.get_by_role("button", name="Begin my shift").click()
        expect(one.page.get_by_test_id("now").locator("[data-lapsed]")).to_be_visible()
        sound(one, f"roster-officer-{language}")
        one.page.context.close()


def leaves(room: "Screen") -> None:
    """Names what is open, stays after all, and leaves."""
    own = room.page.get_by_test_id("own")
    room.page.locator("textarea[name=note]").fill("1234")
    sound(room, "roster-leaving-ko-night")
    own.get_by_role("button", name="모두 인계").click()
    expect(own).to_contain_text("아직 아무도 인수하지 않았습니다")
    own.get_by_role("button", name="인계 거두기").click()
    own.get_by_role("button", name="모두 인계").click()
    expect(own).to_contain_text("아직 아무도 인수하지 않았습니다")
    sound(room, "roster-left-ko-night")


def test_what_is_open_changes_hands_at_two_screens(jikimi: Jikimi, town: Town, browser: "Browser") -> None:
    """One begins, takes an incident and leaves; the room sees it unowned soon; another, off duty and warned, takes it."""
    staff = Staff(jikimi)
    staff.plan("dispatcher", -60, 8)
    second = staff.hire("104", "dispatcher")
    staff.lapse("104")
    staff.plan("104", 5 * 3600, 4)
    see = partial(screen, browser, jikimi.url)
    room, other = see(korean=True, night=True), see(korean=False)
    room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
    mark = room.page.get_by_test_id("duty")
    expect(mark).to_contain_text("근무 시작 전")
    room.page.goto(f"{jikimi.url}/roster")
    room.page.get_by_role("button", name="근무 시작").click()
    expect(room.page.get_by_test_id("now").locator(".r-card", has_text="지령 담당")).to_have_count(1)
    expect(room.page.get_by_test_id("own")).to_contain_text("열려 있는 것이 없습니다")
    sound(room, "roster-begun-ko-night")
    room.page.get_by_role("button", name="업무로 돌아가기").click()
    with approach(jikimi, town, 0, first=0.002):
        room.page.locator(".c-row").first.click()
        room.page.locator(".c-actions button").first.click()
        expect(room.page.locator(".c-row-owner").first).to_contain_text("맡음")
        expect(mark).to_contain_text("근무 중")
        sound(room, "roster-console-ko-night")
        room.page.goto(f"{jikimi.url}/roster")
        leaves(room)

        other.sign_in("104", second)
        band = other.page.get_by_test_id("duty-band")
        expect(band).to_contain_text("not on duty by the roster, and some of your training has lapsed")
        expect(other.page.locator(".c-row-owner").first).to_contain_text("is leaving")
        sound(other, "roster-warned-en-day")
        band.get_by_role("button").click()
        expect(band).to_have_count(0)
        other.page.goto(f"{jikimi.url}/roster")
        card = other.page.get_by_test_id("waiting").locator(".r-card")
        expect(card).to_contain_text("1234")
        expect(other.page.get_by_test_id("next")).to_contain_text("First aid")
        sound(other, "roster-taking-en-day")
        card.get_by_role("button").focus()
        other.page.keyboard.press("Enter")
        expect(other.page.get_by_test_id("waiting")).to_contain_text("yours now. You are off duty")
        other.page.get_by_role("button", name="Back to work").click()
        expect(other.page.locator(".c-row-owner").first).to_contain_text("104")
        room.page.get_by_role("button", name="다시 읽기").click()
        expect(room.page.get_by_test_id("now").locator(".r-card", has_text="지령 담당")).to_have_count(0)
    for one in (room, other):
        one.page.context.close()


def test_a_registrar_plans_and_records_on_a_phone_too(jikimi: Jikimi, browser: "Browser") -> None:
    """A shift, a training and a sign-in elsewhere, by keyboard and touch, in both languages."""
    for korean in (True, False):
        one = screen(browser, jikimi.url, korean=korean, narrow=korean, night=not korean)
        one.sign_in("monitoring-registrar", jikimi.sign_ins["monitoring-registrar"].password)
        one.page.get_by_role("button", name="근무표" if korean else "Roster").click()
        one.page.get_by_test_id("plan").locator("button[type=submit]").click()
        expect(one.page.get_by_test_id("plan").locator("[role=status], [role=alert]")).to_be_visible()
        expect(one.page.get_by_test_id("next").locator(".r-card")).to_have_count(1)
        card = one.page.locator("[data-staff]").first
        card.locator("summary").first.focus()
        one.page.keyboard.press("Enter")
        card.locator("button[type=submit]").first.click()
        expect(one.page.locator("[data-staff] li")).to_have_count(1 if korean else 2)
        sound(one, f"roster-plan-{'ko-narrow' if korean else 'en-night'}", "40[19]")
        one.page.keyboard.press("?")
        expect(one.page.get_by_role("dialog")).to_be_visible()
        one.page.context.close()


def test_whose_account_ended_stands_on_the_roster_of_who_must_know(jikimi: Jikimi, browser: "Browser") -> None:
    """By whom and when, for a registrar and a privacy officer, in both languages and widths; a room is shown nothing of it."""
    staff = Staff(jikimi)
    staff.hire("105", "dispatcher")
    staff.call("POST", f"/api/accounts/{staff.ids['105']}/end")
    for name, korean in (("police-registrar", True), ("police-reviewer", False), ("dispatcher", True)):
        one = screen(browser, jikimi.url, korean=korean, narrow=not korean, night=not korean)
        one.sign_in(name, jikimi.sign_ins[name].password)
        one.page.wait_for_url(re.compile("/(console|consent|access)"))
        one.page.goto(f"{jikimi.url}/roster")
        one.page.get_by_test_id("now").wait_for()
        part = one.page.get_by_test_id("accounts")
        if name == "dispatcher":
            expect(part).to_have_count(0)
        else:
            expect(part.locator("[data-what=account_ended]", has_text="105")).to_have_count(1)
            expect(part).to_contain_text("처리: 경찰 등록 담당" if korean else "by Police registrar", ignore_case=True)
            part.scroll_into_view_if_needed()
            sound(one, f"roster-accounts-{'ko-wide' if korean else 'en-narrow'}")
        one.page.context.close()


def test_somebody_signs_in_by_the_organisation_s_provider(
    jikimi: Jikimi, them: OpenIdProvider, browser: "Browser"
) -> None:
    """The button leads there and back to the own page; whoever has no account is told so; away, the password is left."""
    staff = Staff(jikimi)
    them.subject = "s-77"
    for korean in (True, False):
        one = screen(browser, jikimi.url, korean=korean, narrow=korean, night=korean)
        language = "ko-narrow" if korean else "en-day"
        one.page.goto(f"{jikimi.url}/sign-in")
        link = one.page.locator(".j-elsewhere a")
        expect(link).to_contain_text(NAME)
        sound(one, f"sign-in-{language}")
        link.focus()
        one.page.keyboard.press("Enter")
        expect(one.page.locator("[role=alert]")).to_contain_text("등록 담당자" if korean else "registrar")
        sound(one, f"sign-in-refused-{language}")
        staff.call("PUT", f"/api/accounts/{staff.ids['dispatcher']}/subject", {"subject": "s-77"})
        one.page.locator(".j-elsewhere a").click()
        one.page.wait_for_selector(".c-screen")
        expect(one.page.locator(".c-top-who")).to_contain_text("112")
        assert urlpath(one) == "/console"
        one.page.get_by_role("button", name="로그아웃" if korean else "Sign out").click()
        one.page.wait_for_url(f"{jikimi.url}/")
        assert one.page.request.get(f"{jikimi.url}/api/me").status == 401
        staff.call("PUT", f"/api/accounts/{staff.ids['dispatcher']}/subject", {"subject": None})
        one.page.context.close()


def urlpath(one: "Screen") -> str:
    """Where the browser is; nothing of the sign-in may stay in the address."""
    return str(one.page.evaluate("() => location.pathname + location.search"))
