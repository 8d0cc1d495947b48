"""A glass broken in one agency and judged in the other, as the two people at their screens live it."""

import re
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town
from tests.e2e.walking import approach

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.e2e.browser import Screen

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

from tests.e2e.browser import screen

WHY = "1234567890"
"""A reason in neither language."""
KOREAN = {
    "go": "기록 열기", "look": "보기", "close": "닫기", "refuse": "부당 …", "sure": "부당함, 바로 닫기", "gone": "볼 수 없습니다",
    "none": "심사할 것이 없습니다", "refused": "거부", "glass": "긴급 열람", "only": "이 계정만 보기", "all": "모두 보기",
    "why": "내가 왜 볼 수 있나",
}  # fmt: skip
ENGLISH = {
    "go": "Open the file", "look": "Look", "close": "Close", "refuse": "Refuse …", "sure": "Refuse and end it",
    "gone": "Not open to you", "none": "Nothing to judge", "refused": "refused", "glass": "an emergency opening",
    "only": "Show only this account", "all": "Show all", "why": "Why may I see this",
}  # fmt: skip


def sound(one: "Screen", name: str) -> None:
    """Keeps a picture; nothing axe objects to, no text too small, nothing from outside, no word of the other language."""
    one.picture(name)
    assert one.faults() == []
    assert one.smallest_text() >= 14
    assert one.foreign() == []
    assert one.mixed() == []
    assert one.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert [text for text in one.said if not re.search("status of 40[134]", text)] == []


def somebody(jikimi: Jikimi, label: str) -> str:
    """A person of the monitoring agency's own files, of no order: no room of the police sees them."""
    token = jikimi.token("monitoring-registrar")
    status, said = jikimi.call("POST", "/api/registry/import", {"people": [{"ref": label, "label": label}]}, token)
    assert status == 200, said
    return str(said["ids"][label])


@pytest.mark.parametrize(("korean", "night"), [(True, True), (False, False)])
def test_a_glass_is_broken_judged_and_closed(jikimi: Jikimi, browser: "Browser", *, korean: bool, night: bool) -> None:
    """The dispatcher opens one file with a reason; the privacy officer of the file's agency reads it, refuses it, and the
    dispatcher's next look finds nobody.
    """
    words, name = (KOREAN, "ko-night") if korean else (ENGLISH, "en-day")
    subject = somebody(jikimi, "104-1" if korean else "104-2")
    see = partial(screen, browser, jikimi.url, korean=korean, night=night)
    room, privacy = see(), see(narrow=not korean)

    def button(one: "Screen", what: str) -> "Locator":
        return one.page.get_by_role("button", name=words[what], exact=True)

    room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
    room.page.wait_for_selector(".c-queue")
    room.page.keyboard.press("g")
    expect(room.page.locator("input[name=subject]")).to_be_focused()
    room.page.locator("input[name=subject]").fill(subject)
    room.page.locator("textarea[name=reason]").fill(WHY[:9])
    expect(button(room, "go")).to_be_disabled()
    room.page.locator("textarea[name=reason]").fill(WHY)
    sound(room, f"glass-form-{name}")
    button(room, "go").click()
    file = room.page.locator(f"[data-person='{subject}']")
    expect(file.locator("[data-kind=glass]")).to_have_count(1)
    room.page.wait_for_timeout(300)
    sound(room, f"glass-file-{name}")
    room.page.keyboard.press("Escape")
    expect(room.page.locator(".c-glasses")).to_contain_text(subject[-8:])
    sound(room, f"glass-chip-{name}")

    privacy.sign_in("monitoring-reviewer", jikimi.sign_ins["monitoring-reviewer"].password)
    privacy.page.wait_for_url("**/access")
    card = privacy.page.locator("[data-testid=judge] .a-card").filter(has_text=subject)
    expect(card.locator("blockquote")).to_contain_text(WHY)
    expect(privacy.page.locator("[data-testid=register] .a-look").first).to_be_visible()
    expect(privacy.page.locator("[data-testid=policies] .a-card").nth(3)).to_be_visible()
    sound(privacy, f"access-{name}")
    card.locator("button").filter(has_text=words["refuse"]).click()
    sound(privacy, f"access-asks-{name}")
    button(privacy, "sure").click()
    expect(privacy.page.locator("[data-testid=judge]")).to_contain_text(words["none"])
    expect(privacy.page.locator(f"[data-testid=grants] [data-kind=glass] :text('{subject[-8:]}')")).to_have_count(0)

    room.page.locator(".c-glasses").get_by_role("button", name=words["look"]).click()
    expect(file).to_contain_text(words["gone"])
    room.page.keyboard.press("Escape")
    expect(room.page.locator(".c-glasses")).to_have_count(0)

    the_register_says_so(privacy, subject, words)
    sound(privacy, f"access-register-{name}")
    room.page.context.close()
    privacy.page.context.close()


def the_register_says_so(privacy: "Screen", subject: str, words: dict[str, str]) -> None:
    """By the person's id: the opening, the look at it, the judgement, and the refused look, by shape and word."""
    privacy.page.keyboard.press("/")
    privacy.page.keyboard.type(subject)
    privacy.page.locator("select[name=of]").select_option("subject")
    privacy.page.locator(".a-filter button[type=submit]").click()
    rows = privacy.page.locator(".a-look:not([data-what=register])")
    # Four at least: a file that is shown may be asked for again while it is.
    expect(rows.nth(3)).to_be_visible()
    expect(rows.first.locator(".a-mark")).to_contain_text(words["refused"])
    expect(rows.last).to_contain_text(words["glass"])
    rows.last.get_by_role("button", name=words["only"]).click()
    expect(privacy.page.locator("input[name=id]")).not_to_have_value(subject)
    privacy.page.get_by_role("button", name=words["all"]).click()
    expect(privacy.page.locator("input[name=id]")).to_have_value("")


def test_each_office_has_a_page(jikimi: Jikimi, browser: "Browser") -> None:
    """A registrar reads what a registrar does here; nobody who signs in is left at the door."""
    for korean in (True, False):
        one = screen(browser, jikimi.url, korean=korean, narrow=True)
        one.sign_in("police-registrar", jikimi.sign_ins["police-registrar"].password)
        one.page.get_by_test_id("duties").wait_for()
        sound(one, f"duties-{'ko' if korean else 'en'}")
        one.page.context.close()


def test_a_room_reads_why_it_may_see_an_incident(jikimi: Jikimi, town: Town, browser: "Browser") -> None:
    """One key or one click in the order's card: the policy, its article and the grant of each party, in both languages."""
    for korean in (True, False):
        words, name = (KOREAN, "ko-night") if korean else (ENGLISH, "en-day")
        room = screen(browser, jikimi.url, korean=korean, night=korean, narrow=not korean)
        room.sign_in("dispatcher", jikimi.sign_ins["dispatcher"].password)
        room.page.wait_for_selector(".c-queue")
        with approach(jikimi, town, 0, first=0.002):
            room.page.locator(".c-row").first.click()
            room.page.get_by_role("button", name=words["why"]).click()
            parties = room.page.locator("[data-person]")
            expect(parties).to_have_count(2)
            expect(parties.locator("[data-kind=standing]")).to_have_count(2)
            room.page.wait_for_timeout(300)
            sound(room, f"why-{name}")
            room.page.keyboard.press("Escape")
            expect(parties).to_have_count(0)
            room.page.keyboard.press("y")
            expect(parties).to_have_count(2)
        room.page.context.close()
