"""What is held as evidence, or an open incident rests on, is destroyed by no event of law whatever it is called."""

import pytest

from jikimi.kernel.clock import moment
from jikimi.kernel.errors import Conflict, Destroyed
from jikimi.oversee import destroying
from jikimi.store.custody import Kind
from tests.integration.respond.conftest import shared_nats, site
from tests.integration.test_letting_go import Ending, ending

__all__ = ["ending", "shared_nats", "site"]

_MONTH_S = 30 * 86400.0
_ARTICLE = "형사소송법 제218조"


async def test_a_hold_holds_the_data_against_every_other_event(ending: Ending) -> None:
    """Of a man whose file is held no second event takes the positions, and the held one is not dropped to ask anew."""
    he, desk = ending.site.ids["he"], ending.desk
    sealed = ending.custody.seal(Kind.SUPERVISED, he, b"where he was")
    held = await ending.asked("he")
    await destroying.hold(desk, ending.privacy, held, _ARTICLE, ending.site.clock.at + _MONTH_S)
    second = await destroying.ask(desk, ending.clerk, he, "five_years")
    await destroying.answer(desk, ending.colleague, second, confirmed=True)
    for which, out in ((held, True), (second, True), (held, False)):
        with pytest.raises(Conflict, match="held as evidence"):
            await destroying.decide(desk, ending.privacy, which, carried_out=out)
    await ending.run()
    assert ending.custody.open(sealed) == b"where he was"
    await destroying.hold(desk, ending.privacy, held, None, None)
    await ending.decided(second)
    with pytest.raises(Destroyed):
        ending.custody.open(sealed)


async def test_a_hold_that_comes_after_the_decision_stops_what_was_decided_for_another_event(ending: Ending) -> None:
    """What waits to be carried out asks again what is held, by whichever event; other data go on."""
    he, desk, site = ending.site.ids["he"], ending.desk, ending.site
    sealed = ending.custody.seal(Kind.SUPERVISED, he, b"where he was")
    other = ending.custody.seal(Kind.AGREED, he, b"where he said he was")
    held = await ending.asked("he")
    second = await destroying.ask(desk, ending.clerk, he, "five_years")
    await destroying.answer(desk, ending.colleague, second, confirmed=True)
    await destroying.decide(desk, ending.privacy, second, carried_out=True)
    agreed = await destroying.ask(desk, ending.clerk, he, "consent_withdrawn")
    await site.execute("UPDATE destruction SET data = '{supervision,provisional}' WHERE id = :id", id=held)
    await destroying.hold(desk, ending.privacy, held, _ARTICLE, site.clock.at + _MONTH_S)
    await ending.decided(agreed)
    assert ending.custody.open(sealed) == b"where he was"
    assert await site.one("SELECT count(*) FROM due WHERE kind = 'destroy' AND key = :key", key=str(second)) == 1
    with pytest.raises(Destroyed):
        ending.custody.open(other)


async def test_positions_wait_while_an_incident_of_theirs_is_open(ending: Ending) -> None:
    """An acquittal while his incident is worked on takes no position of it; when it closes they go."""
    site, he = ending.site, ending.site.ids["he"]
    await site.execute("UPDATE protective_order SET ended_at = NULL WHERE id = :id", id=site.ids["order"])
    await site.responder.roster.reload(site.database)
    await site.take(site.alert())
    await site.execute(
        "UPDATE protective_order SET ended_at = :now WHERE id = :id", now=moment(1.0), id=site.ids["order"]
    )
    sealed = ending.custody.seal(Kind.ORDERED, he, b"where he was during it")
    which = await destroying.ask(ending.desk, ending.clerk, he, "acquitted")
    await destroying.answer(ending.desk, ending.colleague, which, confirmed=True)
    await ending.decided(which)
    assert ending.custody.open(sealed) == b"where he was during it"
    await site.execute(
        "UPDATE incident SET status = 'Closed', closed_at = now(), cause = 'x', response = 'x', outcome = 'x'"
    )
    await ending.run()
    with pytest.raises(Destroyed):
        ending.custody.open(sealed)
