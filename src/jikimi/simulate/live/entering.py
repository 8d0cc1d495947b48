"""A scenario's people, devices, orders and units, entered as registrars enter them. It must never name anybody real."""

import asyncio
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from jikimi.kernel.clock import iso
from jikimi.kernel.errors import Unavailable
from jikimi.simulate.live.stage import Stage
from jikimi.simulate.scenario import Order, Party, Scenario, Unit

_DAY_S = 86_400.0
_AT_ONCE = 500
_GREETINGS, _GREETING_S = 3000, 0.1
Document = dict[str, Any]


class Entering:
    """Enters one scenario at ``t0`` (Unix seconds of the exercise) and keeps what was answered."""

    def __init__(self, scenario: Scenario, stage: Stage, t0: float) -> None:
        self.scenario, self.stage, self.t0 = scenario, stage, t0
        self.ids: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.mark, self.since = int(t0), iso(t0 - _DAY_S)
        self._parties = {one.subject: one for one in scenario.people}
        self._known = {order.offender for order in scenario.orders if order.by_identifier}

    def device(self, subject: str) -> str:
        """What a subject's device calls itself; another morning's devices are other devices."""
        return f"{subject}-{self.mark}"

    async def units(self) -> None:
        """The units beyond the first of each kind, which a first run has made, with their officers."""
        for kind, registrar in (("police", "police-registrar"), ("probation", "monitoring-registrar")):
            units = [unit for unit in self.scenario.units if unit.kind == kind][1:]
            if not units:
                continue
            document: Document = {"units": [], "accounts": []}
            for unit in units:
                document["units"].append({"ref": unit.callsign, "kind": kind, "callsign": unit.callsign})
                document["accounts"].append(
                    {"name": self.officer(unit), "role": f"{_ROLE[kind]}_officer", "unit": unit.callsign}
                )
            answer = await self._enter(document, registrar)
            self.passwords |= {one["name"]: one["password"] for one in answer["accounts"]}

    def officer(self, unit: Unit) -> str:
        """The account of a unit's officer."""
        same = [one for one in self.scenario.units if one.kind == unit.kind]
        return f"{_ROLE[unit.kind]}-officer" if unit == same[0] else f"{unit.callsign.lower()}-{self.mark}"

    async def people(self) -> None:
        """Whom the monitoring agency monitors for a reason of its own, by number; then the police's files."""
        known = [self._parties[subject] for subject in sorted(self._known)]
        await self._enter(self._document(known), "monitoring-registrar")
        for orders in _portions(list(self.scenario.orders)):
            subjects = dict.fromkeys(name for one in orders for name in (one.offender, one.victim))
            fresh = [self._parties[name] for name in subjects if name not in self.ids]
            await self._enter(self._document(fresh), "police-registrar")

    async def standing(self) -> None:
        """Orders that stand from the beginning. Enter them while devices report, as they did all along."""
        for orders in _portions([one for one in self.scenario.orders if not one.by_identifier]):
            await self._enter({"orders": [self._order(one) for one in orders]}, "police-registrar")

    async def switched_on(self, now: Callable[[], float]) -> None:
        """Wait until the gateway knows the devices: the one entered last greets it until it is answered.

        Raises Unavailable after some minutes; thousands of devices take their time to reach the gateway.
        """
        device = next(reversed(self.keys), None)
        if device is None:
            return
        for _ in range(_GREETINGS):
            said = {"device": device, "t": now(), "kind": "heartbeat"}
            status, _answer = await self.stage.gateway.exchange("POST", "/v1/events", said, self.keys[device])
            if status != HTTPStatus.UNAUTHORIZED:
                return
            await asyncio.sleep(_GREETING_S)
        raise Unavailable("The gateway does not learn of the devices that were entered.")

    async def order(self, order: Order) -> None:
        """One order the police enter during the scenario, the offender named by number."""
        await self._enter({"orders": [self._order(order)]}, "police-registrar")

    def _document(self, parties: list[Party]) -> Document:
        document: Document = {"people": [], "devices": [], "carries": []}
        for one in parties:
            person: Document = {"ref": one.subject, "label": f"EXERCISE {one.subject}"}
            if one.subject in self._known:
                person["identifier"] = f"{one.identifier} {self.mark}"
            document["people"].append(person)
            device = {"kind": one.model.kind, "external_id": self.device(one.subject)}
            document["devices"].append({"ref": f"d-{one.subject}", **device, "interval_s": one.model.interval_s})
            document["carries"].append({"device": f"d-{one.subject}", "person": one.subject, "since": self.since})
        return document

    def _order(self, order: Order) -> Document:
        start = self.since if order.start <= 0.0 else iso(self.t0 + order.start)
        entry: Document = {
            "ref": order.order, "regime": "kr", "article": order.article, "arrestable": True,
            "monitoring_agency": self.stage.people["monitor"].agency, "from": start, "radius_m": order.radius_m,
            "victim": self.ids[order.victim],
            "places": [self._place(place.kind, place.at, place.radius_m) for place in order.places],
        }  # fmt: skip
        if order.until is not None:
            entry["until"] = iso(self.t0 + order.until)
        if order.suspensions:
            pauses = [(iso(self.t0 + begin), iso(self.t0 + end)) for begin, end in order.suspensions]
            entry["suspensions"] = [{"from": begin, "until": end} for begin, end in pauses]
        if order.by_identifier:
            return entry | {"offender_identifier": f"{self._parties[order.offender].identifier} {self.mark}"}
        return entry | {"offender": self.ids[order.offender]}

    def _place(self, kind: str, at: tuple[float, float], radius_m: float) -> Document:
        lon, lat = self.scenario.town.lonlat(at)
        return {"kind": kind, "lon": lon, "lat": lat, "radius_m": radius_m}

    async def _enter(self, document: Document, registrar: str) -> Document:
        token = self.stage.people[registrar].token
        answer: Document = await self.stage.desk.ask("POST", "/api/registry/import", document, token)
        self.ids |= answer["ids"]
        self.keys |= {one["external_id"]: one["key"] for one in answer["devices"]}
        return answer


_ROLE = {"police": "police", "probation": "probation"}


def _portions(orders: list[Order]) -> Iterator[list[Order]]:
    for begin in range(0, len(orders), _AT_ONCE):
        yield orders[begin : begin + _AT_ONCE]
