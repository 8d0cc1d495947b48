"""Words about somebody: whoever may read them reads them, the database holds them sealed, and they go with the file."""

from jikimi.identity.model import Role
from jikimi.oversee import agreeing, destroying, rules
from jikimi.oversee.agreeing import Proposal
from jikimi.registry import glass, reading
from jikimi.share import granting
from jikimi.share import rules as access
from jikimi.share.policy import Data, Purpose
from jikimi.store.custody import Custody, Kind
from jikimi.store.database import Database
from tests.integration.oversee_world import Place, entered
from tests.integration.thief import open_in

WHY = "EXERCISE 은하수별 새집 근처에서 보았다는 신고"
HELD = "형사소송법 제218조"


async def written(place: Place) -> tuple[agreeing.Desk, destroying.Desk]:
    """Somebody broke the glass, two agencies are to agree, and something is held as evidence."""
    law, he = access.load("kr"), place.ids["he"]
    await glass.break_glass(
        reading.Desk(place.people, place.service, place.clock), place.at("others", Role.DISPATCHER), law, he, WHY
    )
    desk = agreeing.Desk(place.people, place.service, place.clock, law)
    wanted = Proposal(
        place.ids["others"], he, (Data.PERSON,), Purpose.JOINT_RESPONSE, "제9조", place.clock.at + 86400, WHY,
    )  # fmt: skip
    which = await agreeing.propose(desk, place.at("police", Role.REVIEWER), wanted)
    await agreeing.agree(desk, place.at("others", Role.REVIEWER), which)
    ending = destroying.Desk(place.people, place.service, place.clock, rules.load("kr"))
    gone = await destroying.ask(ending, place.at("police"), he, "five_years")
    await destroying.hold(ending, place.at("police", Role.REVIEWER), gone, HELD, place.clock.at + 86400)
    return desk, ending


async def told(place: Place, desk: agreeing.Desk, ending: destroying.Desk) -> list[str | None]:
    """What a privacy officer reads of it."""
    privacy = place.at("police", Role.REVIEWER)
    given = await granting.listed(place.desk, privacy, standing=True)
    return [
        *(one["reason"] for one in given if one["kind"] in {"glass", "agreed"}),
        *(one["reason"] for one in await agreeing.listed(desk, privacy)),
        *(one["held_article"] for one in await destroying.listed(ending, privacy)),
    ]


async def test_no_table_holds_the_words_and_they_are_destroyed_with_the_file(
    service: Database, people: Database, custody: Custody, database_url: str
) -> None:
    """Read by whoever judges and agrees; nowhere in the database; and gone with what is said of him."""
    place = await entered(service, people)
    desks = await written(place)
    assert await told(place, *desks) == [WHY, WHY, WHY, HELD]
    assert open_in(database_url, ["은하수별", HELD]) == set()
    custody.destroy(Kind.ORDER, place.ids["he"], 1.0)
    assert await told(place, *desks) == ["", "", "", None]


async def test_whoever_breaks_the_glass_on_a_closed_file_is_still_recorded(
    service: Database, people: Database, custody: Custody
) -> None:
    """Where the law had somebody's data destroyed no words are kept, and the grant and its row stand all the same."""
    place = await entered(service, people)
    custody.destroy(Kind.ORDER, place.ids["he"], 1.0)
    desks = await written(place)
    assert await told(place, *desks) == ["", "", "", None]
