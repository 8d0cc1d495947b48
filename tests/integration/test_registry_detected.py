"""An order with all that a decision may state, entered over HTTP: detection decides by it, from the fact as published."""

from datetime import datetime
from typing import Any

from msgspec import structs

from jikimi.detect.decisions import Alert
from jikimi.detect.engine import Engine
from jikimi.detect.facts import Carry, Fact, Fix, Fixes, Order, decode
from jikimi.kernel.geodesy import shifted
from jikimi.registry.regimes import edition_at
from jikimi.store.database import Database
from tests.integration.test_registry_api import Site, site
from tests.integration.test_registry_outbox import outbox

__all__ = ["site"]

LON, LAT = 127.2, 37.4
HOME, ZONE, COURT, SECRET = (0.0, 0.0), (10_000.0, 0.0), (0.0, 5000.0), (20_000.0, 0.0)


def kst(day: int, hour: float) -> float:
    """An hour of November 2026 in Seoul; the 2nd is a Monday."""
    return datetime.fromisoformat(f"2026-11-{day:02}T00:00:00+09:00").timestamp() + hour * 3600


def text(day: int, hour: int) -> str:
    """The same as a document says it."""
    return f"2026-11-{day:02}T{hour:02}:00:00+09:00"


def circle(kind: str, at: tuple[float, float], radius_m: float, **more: Any) -> dict[str, Any]:
    """A round place of the document."""
    lon, lat = shifted(LON, LAT, *at)
    return {"kind": kind, "lon": lon, "lat": lat, "radius_m": radius_m, **more}


NIGHTS = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "22:00", "until": "06:00"}
WAY = [list(shifted(LON, LAT, east, 0.0)) for east in (8000.0, 10_000.0, 12_000.0)]
FIELDS = [
    circle("curfew", HOME, 100, hours={"weekly": [NIGHTS], "holidays": ["2026-11-05"]},
           exceptions=[{"from": text(3, 20), "until": text(4, 6), "reason": "hospital"}]),
    circle("zone", ZONE, 500),
    {"kind": "corridor", "line": WAY, "width_m": 60,
     "hours": {"weekly": [{"days": ["mon", "tue"], "from": "08:00", "until": "10:00"}]},
     "schedule": [{"from": text(1, 0), "until": text(30, 0), "reason": "work"}]},
    circle("home", SECRET, 100, secret=True, schedule=[{"from": text(1, 0)}], hours={"weekly": [NIGHTS]}),
]  # fmt: skip
COURT_LON, COURT_LAT = shifted(LON, LAT, *COURT)
SUSPENSION = {
    "from": text(10, 9), "until": text(10, 18), "reason": "hearing", "lon": COURT_LON, "lat": COURT_LAT, "radius_m": 150,
}  # fmt: skip


async def entered(site: Site, service: Database) -> Order:
    """The order's fact as the outbox has it, after a registrar entered it over HTTP."""
    document = {
        "orders": [{
            "ref": "whole", "regime": "kr", "offender": str(site.ids["he"]), "victim": str(site.ids["she"]),
            "from": text(1, 0), "radius_m": 100, "places": FIELDS, "suspensions": [SUSPENSION],
        }],
    }  # fmt: skip
    done = await site.ask(site.registrar(), "POST", "/api/registry/import", document)
    assert done.status_code == 200, done.text
    site.ids["whole"] = done.json()["ids"]["whole"]
    return await published(site, service)


async def published(site: Site, service: Database) -> Order:
    """The newest version of the order in the outbox."""
    facts: list[Fact] = [decode(body) for subject, body in await outbox(service) if ".order." in subject]
    found = [fact for fact in facts if isinstance(fact, Order) and fact.order == str(site.ids["whole"])]
    return max(found, key=lambda fact: fact.version)


class Watch:
    """Detection with this order and both devices, an hour before whatever is shown to it."""

    def __init__(self, order: Order, begin: float) -> None:
        self.engine, self.tick = Engine(edition_at(begin)), begin - 1.0
        self.order = structs.replace(order, received_t=begin)
        self.alerts: list[Alert] = []
        for device, person in (("tag", order.offender), ("watch", str(order.victim))):
            self.engine.apply(Carry(begin, device, device, person, 0.0))
        self.engine.apply(self.order)

    def see(self, device: str, t: float, at: tuple[float, float]) -> None:
        """One of the two is seen there, and time goes on until then."""
        said = self.engine.ticks(self.tick + 1.0, t)
        lon, lat = shifted(LON, LAT, *at)
        said += self.engine.apply(Fixes(t, [Fix(device, t, lon, lat, 6.0, 1)]))
        self.alerts += [one for one in said if isinstance(one, Alert)]
        self.tick = t

    def stay(self, start: float, end: float, his: tuple[float, float], hers: tuple[float, float]) -> None:
        """Both report once a minute."""
        while start < end:
            self.see("tag", start, his)
            self.see("watch", start + 20.0, hers)
            start += 60.0

    def told(self, *codes: str) -> list[tuple[str, float]]:
        """What was raised live of these codes, and when."""
        return [(one.code, one.at) for one in self.alerts if one.code in codes and one.grade == "live"]


FAR = (-30_000.0, 0.0)
AWAY = (0.0, 2000.0)


async def test_who_leaves_at_night_is_told_but_not_on_a_night_the_court_granted(site: Site, service: Database) -> None:
    """Monday at ten: A17. Tuesday night was granted, Thursday is a holiday without hours, by day nobody minds."""
    order = await entered(site, service)
    watch = Watch(order, kst(2, 12))
    watch.stay(kst(2, 12), kst(2, 21.9), AWAY, FAR)
    assert watch.told("A17") == []
    watch.stay(kst(2, 21.9), kst(2, 22.2), AWAY, FAR)
    assert watch.told("A17") == [("A17", kst(2, 22))]
    for day, told in ((3, 0), (4, 1), (5, 0)):
        watch = Watch(order, kst(day, 21))
        watch.stay(kst(day, 21), kst(day, 23), AWAY, FAR)
        assert len(watch.told("A17")) == told, day


async def test_a_way_the_court_allowed_is_open_in_its_hours_only(site: Site, service: Database) -> None:
    """Through the zone along the line on Monday at nine: nothing. On Wednesday, or a street beside it: A09."""
    order = await entered(site, service)
    for day, north, told in ((2, 0.0, 0), (4, 0.0, 1), (2, 200.0, 1)):
        watch = Watch(order, kst(day, 9))
        for step in range(13):
            watch.see("tag", kst(day, 9) + 20.0 * step, (9000.0 + 170.0 * step, north))
        watch.engine.ticks(watch.tick + 1.0, watch.tick + 400.0)
        assert len(watch.told("A09")) == told, (day, north)


async def test_a_suspension_holds_where_it_says(site: Site, service: Database) -> None:
    """In court beside her: nothing. Three kilometres from there an hour later, beside her: the order binds again."""
    order = await entered(site, service)
    watch = Watch(order, kst(10, 8.9))
    watch.stay(kst(10, 9), kst(10, 11), COURT, (10.0, 5000.0))
    assert watch.told("A02", "A22") == []
    watch.stay(kst(10, 11), kst(10, 11.1), (0.0, 8000.0), (10.0, 8000.0))
    assert [code for code, _ in watch.told("A02", "A22")][:2] == ["A22", "A02"]


async def test_a_secret_place_is_guarded_and_tells_neither_where_nor_when(site: Site, service: Database) -> None:
    """Her new home raises A02 with no distance; of it no answer holds shape or hours."""
    order = await entered(site, service)
    watch = Watch(order, kst(2, 22))
    watch.stay(kst(2, 22), kst(2, 22.1), SECRET, FAR)
    (alert,) = [one for one in watch.alerts if one.code == "A02" and one.grade == "live"]
    assert (alert.distance_m, alert.sigma_m) == (None, None)
    answer = (await site.ask(site.registrar(), "GET", "/api/registry/orders")).json()
    (seen,) = [one for one in answer["orders"] if one["id"] == str(site.ids["whole"])]
    (secret,) = [place for place in seen["places"] if place["secret"]]
    hidden = ("lon", "lat", "radius_m", "polygon", "line", "width_m", "schedule", "hours", "exceptions")
    assert {secret[name] for name in hidden} == {None}


async def test_what_was_entered_is_read_back_and_changed(site: Site, service: Database) -> None:
    """The order read back says all of it; a change replaces it and is published as the next version."""
    await entered(site, service)
    answer = (await site.ask(site.registrar(), "GET", "/api/registry/orders")).json()
    (seen,) = [one for one in answer["orders"] if one["id"] == str(site.ids["whole"])]
    (paused,) = seen["suspensions"]
    assert (paused["lon"], paused["lat"], paused["radius_m"]) == (COURT_LON, COURT_LAT, 150)
    places = {place["kind"]: place for place in seen["places"]}
    assert places["curfew"]["hours"] == {"weekly": [NIGHTS], "holidays": ["2026-11-05"]}
    assert places["curfew"]["exceptions"] == [
        {"from": "2026-11-03T11:00:00.000Z", "until": "2026-11-03T21:00:00.000Z", "reason": "hospital"}
    ]
    assert (places["corridor"]["line"], places["corridor"]["width_m"]) == (WAY, 60)
    assert places["corridor"]["schedule"][0]["reason"] == "work"
    change = {
        "version": 1, "suspensions": [{**SUSPENSION, "radius_m": 80}],
        "places": [{**FIELDS[2], "width_m": 20}],
    }  # fmt: skip
    done = await site.ask(site.registrar(), "POST", f"/api/registry/orders/{site.ids['whole']}", change)
    assert done.status_code == 200, done.text
    order = await published(site, service)
    (way,) = order.places
    assert (order.version, way.margin_m, order.suspensions[0].where) == (2, 10.0, (COURT_LON, COURT_LAT, 80.0))


async def test_hours_of_a_regime_nobody_knows_are_refused_by_name(site: Site) -> None:
    """Hours are in the regime's own time; where nobody knows it, the field is named and a schedule offered."""
    place = {**FIELDS[0], "exceptions": []}
    document = {
        "orders": [{
            "regime": "nowhere", "offender": str(site.ids["he"]), "victim": str(site.ids["she"]), "from": text(1, 0),
            "radius_m": 100, "places": [FIELDS[1], place],
        }],
    }  # fmt: skip
    refused = await site.ask(site.registrar(), "POST", "/api/registry/import", document)
    problem = refused.json()
    assert (refused.status_code, problem["list"], problem["index"]) == (400, "orders", 0)
    assert problem["field"] == "places.1.hours"
    assert "schedule" in problem["detail"]
