"""What identity says over HTTP. It must never say more of an account than its owner is."""

from uuid import UUID

from pydantic import BaseModel

from jikimi.identity.model import Actor, Role, SignedIn
from jikimi.kernel.clock import iso


class ActorOut(BaseModel):
    """Who is signed in."""

    account: UUID
    agency: UUID
    role: Role
    unit: UUID | None
    name: str

    @staticmethod
    def of(actor: Actor) -> "ActorOut":
        """The actor without the session's id."""
        return ActorOut(account=actor.account, agency=actor.agency, role=actor.role, unit=actor.unit, name=actor.name)


class SessionOut(BaseModel):
    """A new session. ``expires_at`` is RFC 3339, UTC; ``warnings`` are ``off-duty``, ``competence-lapsed``: they refuse nothing."""

    token: str
    expires_at: str
    actor: ActorOut
    warnings: list[str] = []

    @staticmethod
    def of(signed: SignedIn) -> "SessionOut":
        """The session with its token, which is shown this once."""
        return SessionOut(
            token=signed.token, expires_at=iso(signed.expires_at), actor=ActorOut.of(signed.actor),
            warnings=list(signed.warnings),
        )  # fmt: skip
