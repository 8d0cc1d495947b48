"""What is left out where a secret place would show. It must never let a coordinate, a distance or a time through from
which a shelter could be found; that somebody is to be sent, and to whom, is not such a thing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from uuid import UUID

import msgspec

from jikimi.detect.decisions import Alert
from jikimi.registry.model import SecretPlace
from jikimi.registry.service import secret_places, shows
from jikimi.respond.model import Plan
from jikimi.store.database import Database

PLAIN: Final = ("rule", "version", "priority", "dispatch", "code_112", "role")
"""What an alert's reasons may say where nobody may be found by it: words, no measures."""


class Veil:
    """Secret places in memory, by whom they protect."""

    def __init__(self) -> None:
        self._of: dict[str, list[SecretPlace]] = {}
        self._ids: set[str] = set()

    async def reload(self, database: Database) -> None:
        """Read them anew."""
        async with database.transaction() as connection:
            places = await secret_places(connection)
        self.restore(places)

    def restore(self, places: Iterable[SecretPlace]) -> None:
        """These and no others."""
        found: dict[str, list[SecretPlace]] = defaultdict(list)
        for place in places:
            found[str(place.victim)].append(place)
        self._of, self._ids = dict(found), {str(place.id) for secret in found.values() for place in secret}

    def hides(
        self, subject: str | None, lon: float, lat: float, sigma_m: float, apart_from: UUID | None = None
    ) -> bool:
        """Whether this position, of that person or of whoever is sent for them, would show a secret place of theirs.

        ``apart_from``: the agency that is told; its own places are no secret to it.
        """
        places = self._of.get(subject or "", ())
        return any(
            shows(place, lon, lat, sigma_m) for place in places if apart_from is None or place.agency != apart_from
        )

    def over(self, alert: Alert) -> Alert:
        """The alert as it may be told; itself where nothing secret is near."""
        hers = alert.victim
        hidden = hers is not None and self.hides(alert.victim_id, hers.lon, hers.lat, hers.sigma_m)
        if not hidden and alert.place not in self._ids:
            return alert
        return msgspec.structs.replace(
            alert, victim=None if hidden else hers, distance_m=None, sigma_m=None, time_to_contact_s=None,
            attribution=None, reason={name: said for name, said in alert.reason.items() if name in PLAIN},
        )  # fmt: skip


def blurred(plan: Plan) -> Plan:
    """A plan that sends the same units and says neither how far nor on whose ground."""
    picks = tuple(replace(pick, distance_m=None, eta_s=None, note="near a protected place") for pick in plan.picks)
    return replace(plan, picks=picks, station=None, jurisdiction=None)
