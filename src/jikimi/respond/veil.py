"""What is left out where a secret place would show. It must never let a coordinate, a distance or a time through from
which a shelter could be found; that somebody is to be sent, and to whom, is not such a thing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import msgspec
import shapely

from jikimi.detect.decisions import Alert
from jikimi.kernel.geodesy import METRES_PER_DEGREE, distance
from jikimi.registry.model import SecretPlace
from jikimi.registry.service import secret_places
from jikimi.respond.model import Plan
from jikimi.store.database import Database

_BLUR: Final = 3.0
"""Deviations of a position within which it still gives the place away."""
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

    def hides(self, subject: str | None, lon: float, lat: float, sigma_m: float) -> bool:
        """Whether this position of that person would show a secret place of theirs."""
        return any(_shows(place, lon, lat, sigma_m) for place in self._of.get(subject or "", ()))

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


def _shows(place: SecretPlace, lon: float, lat: float, sigma_m: float) -> bool:
    reach = place.margin_m + _BLUR * sigma_m
    if place.polygon is not None:
        ground = shapely.Polygon(place.polygon[0], place.polygon[1:])
        # Degrees of longitude are shorter than of latitude: measured with these, too much is hidden rather than too little.
        return bool(ground.distance(shapely.Point(lon, lat)) * METRES_PER_DEGREE * 0.5 <= reach)
    if place.lon is None or place.lat is None or place.radius_m is None:
        return True  # a secret place whose shape nobody can read may be anywhere
    return distance(place.lon, place.lat, lon, lat) <= place.radius_m + reach
