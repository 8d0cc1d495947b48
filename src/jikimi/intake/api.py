"""The gateway's HTTP: our own JSON, OsmAnd's form and OwnTracks. It must never log a key, a query or a body."""

import asyncio
import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
import structlog
from prometheus_client import Counter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from jikimi.intake.counters import counted
from jikimi.intake.devices import DeviceKey
from jikimi.intake.protocols import Decoded, HttpFrame, osmand, owntracks
from jikimi.intake.schemas import EventIn, read_event, read_fixes
from jikimi.intake.service import Answer, Intake, from_position
from jikimi.kernel.errors import Absurd, JikimiError, Malformed, TooLarge, TooMany, Unauthenticated

MOST_BYTES = 256 * 1024
_HEARD_OUT_BYTES = 16 * MOST_BYTES
_PROBLEM = "application/problem+json"

_log = structlog.get_logger()
_taken = Counter("jikimi_fixes_taken", "Fixes stored", ["protocol"])
_already = Counter("jikimi_fixes_already_taken", "Fixes that were stored before", ["protocol"])
_refused = Counter("jikimi_refused", "Requests and fixes refused", ["protocol", "reason"])

Reject = Callable[[str, str, bytes], None]
"""(protocol, reason, bytes): keeps what could not be read, for whoever maintains the device."""


def application(intake: Intake, reject: Reject, lifespan: object = None) -> Starlette:
    """The gateway as an ASGI application."""

    async def fixes(request: Request) -> Response:
        body = await _body(request)
        batch = read_fixes(body)
        device = intake.who(batch.device, _key(request))
        answer = await intake.take(device, batch.fixes)
        _count("json", answer)
        refused = [{"index": index, "code": code, "detail": detail} for index, code, detail in answer.refused]
        return _json({"taken": answer.taken, "already": answer.already, "refused": refused})

    async def event(request: Request) -> Response:
        said = read_event(await _body(request))
        await intake.take_event(intake.who(said.device, _key(request)), said)
        return _json({"taken": 1})

    async def osmand_request(request: Request) -> Response:
        address = f"{request.scope['path']}?{_query(request)}"
        frame = HttpFrame(request.method, address, dict(request.headers), await _body(request))
        said = osmand.decode(frame)
        if said.error and "sos" not in said.alarms:
            raise Malformed(f"OsmAnd: {said.error}.")
        await _take(intake, intake.who(said.device_ids[-1], _key(request)), said, "osmand", "OsmAnd")
        return Response(status_code=200)

    async def owntracks_request(request: Request) -> Response:
        frame = HttpFrame(request.method, request.scope["path"], dict(request.headers), await _body(request))
        said = owntracks.decode(frame)
        await _take(intake, _phone(intake, request, frame), said, "owntracks", "OwnTracks")
        return Response(said.reply, media_type="application/json")

    routes = [
        Route("/v1/fixes", _guarded(intake, "json", fixes, reject), methods=["POST"]),
        Route("/v1/events", _guarded(intake, "json", event, reject), methods=["POST"]),
        Route("/osmand", _guarded(intake, "osmand", osmand_request, reject), methods=["GET", "POST"]),
        Route("/osmand/", _guarded(intake, "osmand", osmand_request, reject), methods=["GET", "POST"]),
        Route("/owntracks", _guarded(intake, "owntracks", owntracks_request, reject), methods=["POST"]),
        Route("/healthz", _health, methods=["GET"]),
        Route("/metrics", _metrics, methods=["GET"]),
    ]
    handlers = {HTTPException: _no_route}
    return Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)  # type: ignore[arg-type]


def alarm_kind(alarm: str) -> str:
    """The event kind of a decoded alarm; what has no kind of its own is a note, kept and shown."""
    return _KIND_OF_ALARM.get(alarm, "note")


_KIND_OF_ALARM = {
    "sos": "sos", "removal": "strap", "tamper": "case", "low_battery": "battery", "power_cut": "power_cut",
    "power_off": "power_off", "jamming": "jamming", "fall": "fall",
}  # fmt: skip


async def _take(intake: Intake, device: DeviceKey, said: Decoded, protocol: str, name: str) -> None:
    """Alarms first, then positions; a frame that cannot be read whole is refused after its alarms were taken."""
    now = intake.clock.unix()
    for alarm in said.alarms:
        await intake.take_event(device, EventIn(device.external_id, _time(said, now), alarm_kind(alarm)))
    if said.error:
        raise Malformed(f"{name}: {said.error}{'; the call for help was taken' if 'sos' in said.alarms else ''}.")
    if said.positions:
        answer = await intake.take(device, [from_position(position, now) for position in said.positions])
        _count(protocol, answer)


def _guarded(
    intake: Intake, protocol: str, handler: Callable[[Request], Awaitable[Response]], reject: Reject
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except JikimiError as error:
            _refused.labels(protocol, error.code).inc(int(error.extra.get("refused") or 1))
            if isinstance(error, Malformed | Absurd | TooLarge) and _may_be_kept(intake, request):
                body = _without_key(getattr(request, "_body", b"") or _query(request).encode())
                reject(protocol, error.code, body)
            return _problem(error)
        except ClientDisconnect:
            _refused.labels(protocol, "disconnected").inc()
            return Response(status_code=400)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - one device's surprise must cost nobody else anything
            _log.exception("intake", protocol=protocol, error=type(error).__name__)
            _refused.labels(protocol, "internal").inc()
            return _problem(JikimiError())

    return handle


async def _body(request: Request) -> bytes:
    body, length = bytearray(), 0
    async for chunk in request.stream():
        length += len(chunk)
        # What is too much is read and forgotten for a while, because a client that still sends hears no answer.
        if length <= MOST_BYTES:
            body += chunk
        elif length > _HEARD_OUT_BYTES:
            break
    if length > MOST_BYTES:
        raise TooLarge(f"At most {MOST_BYTES} bytes a request.")
    request._body = whole = bytes(body)  # noqa: SLF001 - Starlette's own cache of a read body
    return whole


def _key(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        return key.strip()
    key = request.query_params.get("key", "")
    if not key:
        raise Unauthenticated("Send the device's key: `Authorization: Bearer KEY`, or `key=KEY` in an OsmAnd address.")
    return key


def _phone(intake: Intake, request: Request, frame: HttpFrame) -> DeviceKey:
    """The device of an OwnTracks request: HTTP Basic says who and proves it; a bare key needs a name beside it."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return intake.who(*_basic(given))
    if scheme.lower() != "bearer":
        raise Unauthenticated("Enter the device's id as user and its key as password in the OwnTracks app.")
    names = owntracks.names(frame)
    return intake.who(
        next((name for name in names if intake.devices.knows(name)), names[0] if names else ""), _key(request)
    )


def _basic(given: str) -> tuple[str, str]:
    try:
        user, _, key = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, key


def _may_be_kept(intake: Intake, request: Request) -> bool:
    """Not what came with the key of a device whose wearer took back her yes: unreadable, it may still say where she is."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    key = _basic(given)[1] if scheme.lower() == "basic" else given.strip() or request.query_params.get("key", "")
    return intake.devices.keeps(key)


def _query(request: Request) -> str:
    query: bytes = request.scope["query_string"]
    # Escaped, it is ASCII; what is not is UTF-8 of a client that did not escape, or unreadable, and then said to be.
    return query.decode("utf-8", "replace")


def _without_key(said: bytes) -> bytes:
    """What is kept of a request that could not be read must not open the device to whoever reads it."""
    return _KEY.sub(rb"\1***", said)


_KEY = re.compile(rb"(\bkey\"?\s*[=:]\s*\"?)[^&\"\s,}]+", re.IGNORECASE)


def _time(said: Decoded, now: float) -> float:
    first = said.positions[0].t if said.positions else None
    return first if first is not None else now


def _count(protocol: str, answer: Answer) -> None:
    if answer.taken and answer.kept:
        _taken.labels(protocol).inc(answer.taken)
    if answer.already and answer.kept:
        _already.labels(protocol).inc(answer.already)
    for _, code, _ in answer.refused:
        _refused.labels(protocol, code).inc()


def _json(body: object, status: int = 200, media: str = "application/json") -> Response:
    return Response(msgspec.json.encode(body), status, media_type=media)


def _problem(error: JikimiError) -> Response:
    answer = _json(error.problem(), int(error.status), _PROBLEM)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(max(1, round(float(error.extra.get("retry_after_s") or 1))))
    if isinstance(error, Unauthenticated):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="jikimi"'
    return answer


async def _no_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    answer = _json({"type": "about:blank", "title": title, "status": error.status_code}, error.status_code, _PROBLEM)
    answer.headers.update(error.headers or {})
    return answer


async def _health(_: Request) -> Response:
    return _json({"status": "accepting"})


async def _metrics(request: Request) -> Response:
    try:
        return counted(request)
    except Unauthenticated as error:
        return _problem(error)
