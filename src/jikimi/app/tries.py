"""What was tried and refused, on the register. It must never change the refusal, nor wait for a record that is away."""

from typing import Final
from uuid import UUID

import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from jikimi.identity.model import Actor
from jikimi.kernel.errors import OwnCase
from jikimi.share import register, telling

_log = structlog.get_logger()
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""A read puts itself on the register, found or not; a step at what is not there, or not theirs, is put there from here."""


async def registered(request: Request, own: OwnCase | None = None) -> None:
    """Write down that somebody signed in asked for what no permission of theirs covers, or what is not theirs.

    ``own``: it was their own case; the agencies that keep it are told.
    """
    actor = getattr(request.state, "actor", None)
    if not isinstance(actor, Actor):
        return
    state = request.app.state
    try:
        async with state.service.transaction() as connection:
            if own is None:
                await register.refused(connection, state.clock, actor, _what(request), _subject(request))
            else:
                subject = UUID(str(own.subject))
                await register.refused(connection, state.clock, actor, "own_case", subject)
                rooms = [UUID(str(agency)) for agency in own.keepers]
                await telling.tell(connection, state.clock.unix(), actor, "own-case", subject, rooms)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        _log.warning("try", error=type(error).__name__)


def _what(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "name", "unknown"))


def _subject(request: Request) -> UUID | None:
    """Whom or what the address names, if it does."""
    for value in request.path_params.values():
        try:
            return UUID(str(value))
        except ValueError:
            continue
    return None
