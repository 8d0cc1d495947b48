"""`jikimi field`: a dispatch order on a text terminal, for an officer at a keyboard until there is a screen.

It must never keep anything of an incident once its grant has ended.
"""

import asyncio
import contextlib
import json
import math
import random
import sys
import urllib.error
import urllib.request
from typing import Annotated, Any

import typer
import websockets
from rich.console import Console

STEPS = {"a": "accepted", "e": "en_route", "o": "on_scene", "c": "cleared"}
HELP = "a accept · r REASON reject · e en route · o on scene · c cleared · p LON LAT own position · q quit"


def command(
    name: Annotated[str, typer.Option(envvar="JIKIMI_NAME", prompt=True)],
    password: Annotated[str, typer.Option(envvar="JIKIMI_PASSWORD", prompt=True, hide_input=True)],
    url: Annotated[str, typer.Option(envvar="JIKIMI_URL")] = "http://127.0.0.1:8340",
) -> None:
    """Receive dispatch orders as an officer, answer them, and see the moving target."""
    try:
        asyncio.run(Terminal(url.rstrip("/"), name, password, Console(highlight=False)).run())
    except (KeyboardInterrupt, EOFError):
        typer.echo("")
    except Refused as error:
        typer.echo(f"jikimi: {error}", err=True)
        sys.exit(1)


class Refused(Exception):
    """The desk said no; the text is its own."""


class Terminal:
    """One officer's line: last number received, the tasking in hand, where everybody was."""

    def __init__(self, url: str, name: str, password: str, out: Console) -> None:
        self._url, self._name, self._password, self._out = url, name, password, out
        self._token = ""
        self._last: int | None = None
        self._tasking: dict[str, Any] | None = None
        self._unit = ""
        self._own: tuple[float, float] | None = None
        self._exercise = False

    async def run(self) -> None:
        """Until `q`, or the end of what is typed."""
        said = await self._post("/api/sessions", {"name": self._name, "password": self._password})
        self._token = said["token"]
        self._unit = said["actor"]["unit"]
        self._out.print(f"Signed in as {self._name}. Waiting for orders.\n{HELP}")
        listening = asyncio.create_task(self._listen())
        try:
            await self._obey()
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    async def _listen(self) -> None:
        rest = 0.2
        while True:
            where = self._url.replace("http", "ws", 1) + "/api/live"
            if self._last is not None:
                where += f"?after={self._last}"
            try:
                async with websockets.connect(
                    where, additional_headers={"Authorization": f"Bearer {self._token}"}
                ) as line:
                    rest = 0.2
                    async for text in line:
                        await self._hear(line, json.loads(text))
            except (OSError, websockets.WebSocketException) as error:
                self._out.print(
                    f"[bold]No connection[/bold] ({type(error).__name__}); trying again. What follows may be old."
                )
            # Everybody reconnects after an outage; not everybody at once.
            await asyncio.sleep(rest * random.uniform(0.5, 1.5))
            rest = min(2.0, rest * 2)

    async def _hear(self, line: websockets.ClientConnection, said: dict[str, Any]) -> None:
        self._exercise = bool(said.get("exercise"))
        match said["type"]:
            case "welcome":
                for message in said["open"]:
                    await self._message(line, message)
                self._last = said["after"]
            case "message":
                await self._message(line, said)
                self._last = said["seq"] if said["seq"] is not None else self._last
            case "target":
                self._target(said)
            case _:
                pass

    async def _message(self, line: websockets.ClientConnection, said: dict[str, Any]) -> None:
        if said["seq"] is not None:
            await line.send(json.dumps({"type": "ack", "seq": said["seq"]}))
        body = said["body"]
        if said["kind"] == "tasking":
            known = self._tasking and self._tasking["delivery"] == body["delivery"]
            self._tasking = {**body, "incident": said["incident"]}
            if not known:
                self._order(body, recorded=said["recorded"])
        elif said["kind"] == "incident_closed" and self._tasking and self._tasking["incident"] == said["incident"]:
            self._tasking = None
            self._out.print("The incident is closed. Nothing of it is kept here.")
        elif said["kind"] == "tasking_state" and self._tasking and body["tasking"] == self._tasking["tasking"]:
            self._out.print(f"Your report is on record: {body['state']}")
            if body["state"] in ("rejected", "cleared", "superseded"):
                self._tasking = None

    def _order(self, body: dict[str, Any], *, recorded: bool) -> None:
        order = body["order"] or {"arrestable": None, "article": "no order"}
        arrest = {True: "arrestable", False: "NOT arrestable", None: "arrestable: ask"}[order["arrestable"]]
        self._out.bell()
        if self._exercise:
            self._out.print("\n[bold reverse] 훈련 · EXERCISE [/bold reverse]")
        self._out.print(f"\n[bold reverse] {body['instruction']['ko']} [/bold reverse]  {body['instruction']['en']}")
        self._out.print(f"{body['code']} {body['name_ko']} · Code {body['code_112']} · {arrest} {order['article']}")
        for who in ("offender", "victim"):
            if body[who]:
                where = body[who]
                self._out.print(
                    f"  {who} {where['lat']:.5f} {where['lon']:.5f} ±{where['sigma_m']:.0f} m · {where['age_s']:.0f} s ago"
                )
        if body["distance_m"] is not None:
            self._out.print(f"  apart {body['distance_m']:.0f} m")
        elif body["within_m"] is not None:
            self._out.print(f"  within {body['within_m']:.0f} m of whom he must avoid")
        self._out.print("  possible, not proof" if body["possible_not_proof"] else "  evidence grade")
        if not recorded:
            self._out.print("[bold]  not yet recorded[/bold]")
        self._out.print(HELP)

    def _target(self, said: dict[str, Any]) -> None:
        if not self._tasking or said["incident"] != self._tasking["incident"]:
            return
        wanted = self._tasking["victim_id"] if self._tasking["toward"] == "victim" else self._tasking["offender_id"]
        for one in said["positions"]:
            who = self._tasking["toward"] if one["subject"] == wanted else "other party"
            away = f" · {bearing(self._own, (one['lon'], one['lat']))}" if self._own else ""
            self._out.print(
                f"  {who} {one['lat']:.5f} {one['lon']:.5f} ±{one['sigma_m']:.0f} m · {one['age_s']:.0f} s ago{away}"
            )

    async def _obey(self) -> None:
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            word, _, rest = line.strip().partition(" ")
            if word == "q":
                return
            try:
                await self._act(word, rest)
            except (Refused, ValueError) as error:
                self._out.print(f"[bold]{error}[/bold]")

    async def _act(self, word: str, rest: str) -> None:
        if word == "p":
            lon, lat = (float(part) for part in rest.split())
            await self._put(f"/api/units/{self._unit}/position", {"lon": lon, "lat": lat, "sigma_m": 10.0})
            self._own = (lon, lat)
        elif word in STEPS or word == "r":
            if self._tasking is None:
                raise Refused("There is no order to answer.")
            answer = {"state": STEPS.get(word, "rejected"), "reason": rest or None}
            await self._post(f"/api/taskings/{self._tasking['tasking']}/answer", answer)
        elif word:
            self._out.print(HELP)

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        return await asyncio.to_thread(self._request, "POST", path, body)

    async def _put(self, path: str, body: dict[str, Any]) -> Any:
        return await asyncio.to_thread(self._request, "PUT", path, body)

    def _request(self, method: str, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self._url + path, json.dumps(body).encode(), headers, method=method)  # noqa: S310 - the desk's address
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            with contextlib.suppress(ValueError):
                raise Refused(json.loads(error.read())["detail"]) from None
            raise Refused(f"The desk answered {error.code}.") from None
        except OSError as error:
            raise Refused(f"The desk does not answer ({type(error).__name__}).") from None


def bearing(own: tuple[float, float], there: tuple[float, float]) -> str:
    """Distance and compass direction from here to there, in words."""
    north = (there[1] - own[1]) * 111_195
    east = (there[0] - own[0]) * 111_195 * math.cos(math.radians(own[1]))
    points = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
    return f"{math.hypot(north, east):.0f} m {points[round(math.degrees(math.atan2(east, north)) / 45) % 8]}"
