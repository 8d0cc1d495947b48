"""Two agencies with an order and a support unit between them, both parties with what they carry, and where they were."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from jikimi.detect.facts import Fix
from jikimi.identity.model import Actor, Role
from jikimi.intake.points import Owner, sealed
from jikimi.kernel.clock import moment
from jikimi.registry.identifiers import Matcher
from jikimi.registry.service import import_document
from jikimi.share import granting
from jikimi.store.custody import Kind
from jikimi.store.database import Database, custody_of
from tests.test_registry_world import CLOCK, HandClock, actor, world

MATCHER = Matcher(bytes(range(32)))
NUMBER, HER_TELEPHONE, NEW_TELEPHONE = "900101-1234567", "010-5555-0101", "010-5555-0202"
_FIX = text("""
INSERT INTO fix (received_at, device, t, source, flags, log_seq, whose, sealed)
VALUES (:at, :device, :t, 0, 3, 0, :whose, :sealed)
""")


@dataclass
class Place:
    """The registry, and everybody who asks something of it."""

    service: Database
    people: Database
    clock: HandClock
    ids: dict[str, UUID]
    accounts: dict[str, UUID]

    @property
    def desk(self) -> granting.Desk:
        """What reading and writing take."""
        return granting.Desk(self.people, self.service, self.clock)

    def at(self, agency: str, role: Role = Role.REGISTRAR) -> Actor:
        """Somebody of a role there; a privacy officer is one the database knows."""
        made = actor(self.ids[agency], role)
        named = f"{agency}-{role.value}"
        if named in self.accounts:
            return Actor(self.accounts[named], made.agency, role, None, named, made.session)
        return made

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        """What the record holds."""
        async with self.service.transaction() as connection:
            return list(await connection.execute(text(statement), values))

    async def went(self, who: str, metres: list[float], *, until: float | None = None) -> None:
        """Positions a minute apart, so many metres north of a point, the last just now or at ``until``."""
        last = self.clock.at if until is None else until
        device = self.ids["tag" if who == "he" else "watch"]
        kind = Kind.ORDERED if who == "he" else Kind.AGREED
        async with self.service.transaction() as connection:
            await connection.execute(text("SELECT open_day(CAST(:day AS date))"), {"day": moment(last)})
            await connection.execute(text("SELECT open_day(CAST(:day AS date))"), {"day": moment(last - 3600)})
            for place, north in enumerate(reversed(metres)):
                t = last - 60.0 * place
                fix = Fix(str(device), t, 127.0, 37.5 + north / 111_000, 10.0, 0, 3)
                body = sealed(custody_of(connection), Owner(self.ids[who], kind), fix)
                row = {"at": moment(t), "device": device, "t": t, "whose": self.ids[who], "sealed": body}
                await connection.execute(_FIX, row)


def document(**changed: Any) -> dict[str, Any]:
    """The small world with what names both parties, a support unit and privacy officers on both sides."""
    made = world(**changed)
    made["agencies"] = [*made["agencies"], {"ref": "city", "kind": "support", "name": "Hanbit Support"}]
    made["people"] = deepcopy(made["people"])
    made["people"][0] |= {"identifier": NUMBER}
    made["people"][1] |= {"telephones": [HER_TELEPHONE]}
    made["accounts"] = [
        {"agency": agency, "name": f"{agency}-reviewer", "role": "reviewer"} for agency in ("police", "centre", "others")
    ] + [{"agency": "centre", "name": "former", "role": "monitor",
          "near": [{"relation": "partner", "telephone": HER_TELEPHONE}]}]  # fmt: skip
    return made


async def entered(service: Database, people: Database, made: dict[str, Any] | None = None) -> Place:
    """Enter it, with the clock at now."""
    done = await import_document(service, CLOCK, None, made or document(), MATCHER)
    accounts = {one.name: one.id for one in done.accounts}
    return Place(service, people, HandClock(CLOCK.unix()), done.ids, accounts)
