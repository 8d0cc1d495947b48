"""One base for every failure that crosses a room's edge. It must never carry personal data: texts are logged."""

from collections.abc import Iterable
from http import HTTPStatus


class JikimiError(Exception):
    """A failure with a stable code, an HTTP status and a sentence that says what to do."""

    code = "internal"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    advice = "Try again; if it stays, run `jikimi doctor`."

    def __init__(self, detail: str = "", **extra: str | float | None) -> None:
        super().__init__(detail or self.advice)
        self.detail = detail or self.advice
        self.extra = extra

    def problem(self) -> dict[str, object]:
        """The body of an ``application/problem+json`` answer (RFC 9457)."""
        return {
            "type": f"urn:jikimi:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": int(self.status),
            "code": self.code,
            "detail": self.detail,
            "advice": self.advice,
            **{key: value for key, value in self.extra.items() if value is not None},
        }


class Malformed(JikimiError):
    """What was sent cannot be read."""

    code, status = "malformed", HTTPStatus.BAD_REQUEST
    advice = "Correct the named field and send it again."


class Absurd(JikimiError):
    """What was sent can be read but cannot be true."""

    code, status = "absurd", HTTPStatus.UNPROCESSABLE_ENTITY
    advice = "Check the device's clock and position; nothing was stored."


class TooLarge(JikimiError):
    """More bytes or more fixes than one request may carry."""

    code, status = "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    advice = "Send it in smaller pieces."


class Unauthenticated(JikimiError):
    """Nobody we know."""

    code, status = "unauthenticated", HTTPStatus.UNAUTHORIZED
    advice = "Sign in, or send the device's key."


class Forbidden(JikimiError):
    """Somebody we know, who may not."""

    code, status = "forbidden", HTTPStatus.FORBIDDEN
    advice = "Ask whoever assigns roles at your agency."


class NotFound(JikimiError):
    """Not there, or not yours to see: the two look the same."""

    code, status = "not-found", HTTPStatus.NOT_FOUND
    advice = "Check the id."


class OwnCase(NotFound):
    """A case that is the asker's own: answered as if it were not there, and told to the agencies that keep it.

    ``subject`` and ``keepers`` (ids) are for whoever tells them; they are no part of the answer.
    """

    def __init__(self, detail: str, subject: object, keepers: Iterable[object]) -> None:
        super().__init__(detail)
        self.subject, self.keepers = subject, tuple(keepers)


class Conflict(JikimiError):
    """The state no longer allows it."""

    code, status = "conflict", HTTPStatus.CONFLICT
    advice = "Read the current state and decide again."


class Destroyed(JikimiError):
    """It was destroyed by law, and nobody can read it again."""

    code, status = "destroyed", HTTPStatus.GONE
    advice = "Its certificate is on the ledger; nothing brings it back."


class TooMany(JikimiError):
    """One device or account asks faster than it may."""

    code, status = "too-many", HTTPStatus.TOO_MANY_REQUESTS
    advice = "Wait as long as Retry-After says."


class Unavailable(JikimiError):
    """A part this needs does not answer; nothing was stored."""

    code, status = "unavailable", HTTPStatus.SERVICE_UNAVAILABLE
    advice = "Keep it and send it again."


class Misconfigured(JikimiError):
    """The installation is not fit to start."""

    code = "misconfigured"
    advice = "Run `jikimi doctor`."
