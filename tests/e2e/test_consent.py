"""Her yes and her no with a registrar, the call back, and what privacy officers and auditors see, at their screens."""

import json
import os
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from jikimi.oversee.pseudonyms import KEY, REGISTER, Pseudonyms
from jikimi.vault import Vault
from tests.acceptance.running import Jikimi
from tests.acceptance.town import Town
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.e2e.browser import Screen

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import expect

from tests.e2e.browser import screen
from tests.e2e.test_access import sound

REASON, ARTICLE = "1234567890", "18-2-7"
"""What is typed, in neither language."""
WORD, DURESS = "2580", "1379"
CLERK, ROOM, HELPER = "police-registrar", "dispatcher", "1010"


@pytest.fixture(scope="module")
def helper(jikimi: Jikimi, town: Town) -> str:
    """A support unit with one account, entered by the operator; returns its password."""
    assert town.ids
    file = jikimi.folder / "support.json"
    file.write_text(json.dumps({
        "agencies": [{"ref": "city", "kind": "support", "name": "1366"}],
        "accounts": [{"agency": "city", "name": HELPER, "role": "supporter"}],
    }))  # fmt: skip
    env = {**os.environ, "JIKIMI_DATA": str(jikimi.folder / "data")}
    command = [os.path.join(os.path.dirname(sys.executable), "jikimi"), "import", "registry", str(file)]  # noqa: PTH118, PTH120
    done = subprocess.run(command, env=env, check=True, capture_output=True, timeout=60 * PATIENCE)
    return str(json.loads(done.stdout)["accounts"][0]["password"])


def asks(one: "Screen", locator: str) -> None:
    """Presses a button that asks again, and the first button of what it asks."""
    one.page.locator(locator).click()
    one.page.locator("[role=dialog] .a-actions button").first.click()
    expect(one.page.locator("[role=dialog]")).to_have_count(0)


def choose(one: "Screen", person: str) -> None:
    """Her case, with her there."""
    one.page.locator("select[name=person]").select_option(person)
    one.page.locator("[data-testid=given]").wait_for()


@pytest.mark.parametrize(("korean", "narrow", "pair"), [(True, False, 1), (False, True, 2)])
def test_her_yes_and_her_no(
    jikimi: Jikimi, town: Town, helper: str, browser: "Browser", *, korean: bool, narrow: bool, pair: int
) -> None:
    """She says yes, the unit sees it; she takes back being monitored, the room calls her, and a wrong word looks like the
    right one while her own call reaches the queue.
    """
    name, she = "ko-wide" if korean else "en-narrow", town.ids[f"V{pair}"]
    see = partial(screen, browser, jikimi.url, korean=korean, narrow=narrow, night=narrow)
    clerk = see()
    clerk.sign_in(CLERK, jikimi.sign_ins[CLERK].password)
    clerk.page.get_by_test_id("duties").wait_for()
    sound(clerk, f"consent-empty-{name}")
    choose(clerk, she)
    a_new_number(clerk, jikimi, she, name)
    a_new_address(clerk, jikimi, town, pair, name)
    for each in ("person", "incident"):
        clerk.page.locator(f"input[name={each}][type=checkbox]").check()
    sound(clerk, f"consent-asking-{name}")
    clerk.page.locator("[data-testid=ask] button[type=submit]").click()
    card = clerk.page.locator("[data-testid=given] .k-card").first
    expect(card).to_have_attribute("data-state", "given")
    expect(card.locator("input[type=checkbox]")).to_have_count(2)

    unit = see()
    unit.sign_in(HELPER, helper)
    expect(unit.page.locator("[data-testid=given] .k-card[data-state=given]")).to_have_count(1)
    sound(unit, f"support-{name}")
    unit.page.context.close()

    card.locator("input[type=checkbox]").nth(1).click(force=True)
    expect(card).to_have_attribute("data-state", "narrowed")
    clerk.page.locator("input[name=word]").fill(WORD)
    clerk.page.locator("input[name=duress]").fill(DURESS)
    clerk.page.locator("[data-testid=monitoring] button[type=submit]").click()
    expect(clerk.page.locator("[data-testid=monitoring] .k-said")).to_be_visible()
    asks(clerk, "[data-testid=monitoring] .k-form > button:not([type=submit])")
    expect(clerk.page.locator("[data-testid=given] .k-card").first).to_have_attribute("data-state", "withdrawn")
    expect(clerk.page.locator("[data-testid=calls] .k-card[data-answered=false]")).to_have_count(1)
    sound(clerk, f"consent-withdrawn-{name}")

    room = see()
    room.sign_in(ROOM, jikimi.sign_ins[ROOM].password)
    room.page.wait_for_selector(".c-queue")
    room.page.goto(f"{jikimi.url}/consent")
    call = room.page.locator("[data-testid=calls] .k-card[data-answered=false]")
    expect(call).to_have_count(1)
    sound(room, f"call-back-{name}")
    call.locator("input[name=word]").fill(DURESS)
    call.locator("button[type=submit]").click()
    expect(room.page.locator("[data-testid=calls] .k-said")).to_be_visible()
    expect(call).to_have_count(0)
    sound(room, f"called-back-{name}")
    room.page.context.close()
    assert called_for_help(jikimi, she)

    clerk.page.locator("[data-testid=told] button").click()
    expect(clerk.page.locator("[data-testid=told] tbody tr").first).to_be_visible()
    sound(clerk, f"consent-told-{name}")
    for path in (f"looks/{she}", f"own-data/{town.ids[f'O{pair}']}"):
        printed(clerk, path)
    clerk.page.context.close()


def a_new_number(clerk: "Screen", jikimi: Jikimi, she: str, name: str) -> None:
    """By keyboard alone: asked again first, then told; whoever reads the file anew is shown to have taken it."""
    part = clerk.page.get_by_test_id("changes")
    expect(part.locator("[data-change]")).to_have_count(0)
    part.locator("input[name=label]").focus()
    for _ in range(2):
        clerk.page.keyboard.press("Tab")
    clerk.page.keyboard.type(f"010-7700-{len(name):04d}")
    clerk.page.keyboard.press("Tab")
    clerk.page.keyboard.press("Enter")
    clerk.page.locator("[role=dialog]").wait_for()
    sound(clerk, f"change-asks-{name}")
    clerk.page.locator("[role=dialog] .a-actions button").first.focus()
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.locator("[role=dialog]")).to_have_count(0)
    card = part.locator("[data-change=telephones]")
    expect(card.locator("[data-state]")).to_have_count(2)
    expect(part.locator(".k-said")).to_be_visible()
    asked = jikimi.call("GET", f"/api/registry/people/{she}", token=jikimi.token(ROOM))
    assert asked[0] == 200
    for _ in range(50):
        clerk.page.locator("h1").click()
        clerk.page.keyboard.press("r")
        clerk.page.wait_for_timeout(200)
        if card.locator("[data-state=read]").count() == 1 and card.locator("[data-state=told]").count() == 1:
            break
    expect(card.locator("[data-state=read]")).to_have_count(1)
    expect(card.locator("[data-state=told]")).to_have_count(1)
    part.scroll_into_view_if_needed()
    sound(clerk, f"change-told-{name}")


def a_new_address(clerk: "Screen", jikimi: Jikimi, town: Town, pair: int, name: str) -> None:
    """By keyboard: what is no place is said so, the move is asked again, the other place stays, and whom it reached is shown."""
    part = clerk.page.get_by_test_id("moving")
    expect(part.locator(".j-empty")).to_be_visible()
    order = town.ids[f"order{pair}"]
    places = [
        {"kind": "home", "lon": 128.5, "lat": 36.5, "radius_m": 90},
        {"kind": "shelter", "secret": True, "lon": 128.6, "lat": 36.6, "radius_m": 80},
    ]
    entered = jikimi.call("POST", f"/api/registry/orders/{order}", {"version": 1, "places": places}, town.tokens[CLERK])
    assert entered[0] == 200, entered
    clerk.page.locator("h1").click()
    clerk.page.keyboard.press("r")
    choice = part.locator("select[name=place]")
    expect(choice.locator("option")).to_have_count(2)
    before = dict(zip(choice.locator("option").all_inner_texts(), values(choice), strict=True))
    choice.focus()
    clerk.page.keyboard.press("Tab")
    clerk.page.keyboard.type("128.71, 36.71")
    clerk.page.keyboard.press("Enter")
    expect(part.locator("input[name=point][aria-invalid=true]")).to_be_visible()
    part.scroll_into_view_if_needed()
    sound(clerk, f"move-refused-{name}")
    part.locator("input[name=point]").focus()
    clerk.page.keyboard.press("ControlOrMeta+a")
    clerk.page.keyboard.type("36.71, 128.71")
    clerk.page.keyboard.press("Tab")
    clerk.page.keyboard.press("Tab")
    clerk.page.keyboard.press("Enter")
    clerk.page.locator("[role=dialog]").wait_for()
    sound(clerk, f"move-asks-{name}")
    clerk.page.locator("[role=dialog] .a-actions button").first.focus()
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.locator("[role=dialog]")).to_have_count(0)
    expect(part.locator(".k-said")).to_be_visible()
    card = clerk.page.get_by_test_id("changes").locator("[data-change=address]").first
    expect(card.locator("[data-state]")).to_have_count(3)
    expect(choice.locator(f"option[value='{next(iter(before.values()))}']")).to_have_count(0)
    after = dict(zip(choice.locator("option").all_inner_texts(), values(choice), strict=True))
    assert after.keys() == before.keys()
    assert len(set(after.values()) & set(before.values())) == 1, "one is new, and the other stays"
    part.scroll_into_view_if_needed()
    sound(clerk, f"moved-{name}")
    assert "36.7" not in clerk.page.locator("body").inner_text()


def values(choice: "Locator") -> list[str]:
    """The ids a list offers."""
    return [str(one.get_attribute("value")) for one in choice.locator("option").all()]


def called_for_help(jikimi: Jikimi, she: str) -> bool:
    """Whether an incident of hers stands in the queue, as her device's own call would make it."""
    token = jikimi.token(ROOM)
    for _ in range(100):
        found: dict[str, Any] = jikimi.call("GET", "/api/overview", token=token)[1]
        if [one for one in found["incidents"] if one["victim"] == she and one["priority"] == 0]:
            return True
        time.sleep(0.1)
    return False


def printed(one: "Screen", path: str) -> None:
    """A paper, from the desk itself, shown beside the page and kept by no browser."""
    paper = one.page.request.get(f"{one.url}/api/prints/{path}")
    assert paper.status == 200
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.headers["cache-control"] == "no-store"
    assert paper.body().startswith(b"%PDF")


def test_privacy_officers_agree_destroy_and_verify(jikimi: Jikimi, town: Town, browser: "Browser") -> None:
    """One side proposes, the other agrees; a destruction is a row of steps; the ledger is verified against a kept checkpoint."""
    she = town.ids["V3"]
    a_registrar_asks(jikimi, browser, she)
    privacy = screen(browser, jikimi.url, korean=True)
    theirs = screen(browser, jikimi.url, korean=False, narrow=True)
    privacy.sign_in("police-reviewer", jikimi.sign_ins["police-reviewer"].password)
    theirs.sign_in("monitoring-reviewer", jikimi.sign_ins["monitoring-reviewer"].password)
    part = privacy.page.locator("[data-testid=agreements]")
    part.locator("summary").click()
    part.locator("input[name=subject]").fill(she)
    part.locator("input[name=article]").fill(ARTICLE)
    part.locator("textarea[name=reason]").fill(REASON)
    sound(privacy, "agreement-proposing-ko")
    part.locator("button[type=submit]").click()
    expect(part.locator(".a-card[data-state=proposed]")).to_have_count(1)

    theirs.page.reload()
    theirs.page.locator("[data-testid=agreements] .a-card[data-state=proposed]").wait_for()
    sound(theirs, "agreement-asked-en")
    asks(theirs, "[data-testid=agreements] .a-card .a-actions button >> nth=0")
    expect(theirs.page.locator("[data-testid=agreements] .a-card[data-state=agreed]")).to_have_count(1)
    privacy.page.keyboard.press("Escape")
    privacy.page.locator("h1").click()
    privacy.page.keyboard.press("r")
    expect(part.locator(".a-card[data-state=agreed]")).to_have_count(1)
    expect(part.locator(".a-card strong[data-weight=written]").first).to_be_visible()

    gone = privacy.page.locator("[data-testid=destructions] .a-card")
    expect(gone.locator(".j-steps li")).to_have_count(5)
    gone.locator(".a-actions button").first.click()
    expect(gone.locator(".j-steps li[data-state=done]")).to_have_count(2)
    gone.scroll_into_view_if_needed()
    sound(privacy, "destruction-ko")
    the_ledger_is_verified(privacy)
    sound(privacy, "audit-ko")
    theirs.page.context.close()
    printed(privacy, "statutory-register?form=44-10&from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z")
    whom_it_means(privacy, jikimi, she)
    privacy.page.context.close()


def whom_it_means(privacy: "Screen", jikimi: Jikimi, she: str) -> None:
    """By the statement's number and a name in it; another name is nobody's, and says so."""
    looks = privacy.page.request.get(f"{privacy.url}/api/access/register").json()["looks"]
    (number, *_) = [one["id"] for one in looks if one["what"] == REGISTER]
    known = Pseudonyms(Vault(jikimi.folder / "data").key(KEY)).of(UUID(number), UUID(she))
    part = privacy.page.get_by_test_id("whose")
    part.locator("input[name=statement]").fill(number)
    for pseudonym, shown in (("AAAA-AAAA-AAAA", "[role=alert]"), (known, "[role=status]")):
        part.locator("input[name=statement]").fill(number)
        part.locator("input[name=pseudonym]").fill(pseudonym)
        part.locator("button[type=submit]").press("Enter")
        expect(part.locator(shown)).to_be_visible()
    expect(part.locator("[role=status]")).to_have_text("V3")
    part.scroll_into_view_if_needed()
    sound(privacy, "whose-ko")


def a_registrar_asks(jikimi: Jikimi, browser: "Browser", she: str) -> None:
    """A destruction by an event of law; what the agency inquired of said is somebody else's to record."""
    clerk = screen(browser, jikimi.url, korean=False, narrow=True)
    clerk.sign_in(CLERK, jikimi.sign_ins[CLERK].password)
    choose(clerk, she)
    part = clerk.page.locator("[data-testid=destructions]")
    part.locator("select[name=event]").select_option("file_closed")
    part.locator("button[type=submit]").click()
    expect(part.locator(".j-steps li")).to_have_count(5)
    expect(part.locator(".k-actions button")).to_have_count(0)
    part.scroll_into_view_if_needed()
    sound(clerk, "destruction-asked-en")
    clerk.page.locator("h1").click()
    clerk.page.keyboard.press("?")
    clerk.page.locator(".j-commands").wait_for()
    clerk.page.context.close()


def the_ledger_is_verified(privacy: "Screen") -> None:
    """Once without and once with a checkpoint somebody kept; what is no checkpoint is said to be none."""
    audit = privacy.page.locator("[data-testid=audit]")
    kept = audit.locator("pre").inner_text()
    audit.locator("button[type=submit]").click()
    found = privacy.page.get_by_test_id("verified")
    expect(found).to_have_attribute("data-ok", "true")
    audit.locator("textarea[name=kept]").fill(kept)
    audit.locator("button[type=submit]").click()
    expect(found).to_have_attribute("data-ok", "true")
    audit.scroll_into_view_if_needed()
