"""Who may ask, as values. It must never hold a secret, except the one a sign-in prints once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection


class Role(StrEnum):
    """What an account is for; one role each, because a role is what a law names."""

    REGISTRAR = "registrar"
    """Enters orders, parties, devices and accounts of one agency."""
    DISPATCHER = "dispatcher"
    """A police 112 room (112치안종합상황실)."""
    MONITOR = "monitor"
    """An electronic monitoring control centre (위치추적 관제센터)."""
    POLICE_OFFICER = "police_officer"
    """On patrol; takes taskings toward the victim."""
    PROBATION_OFFICER = "probation_officer"
    """보호관찰관; takes taskings toward the offender."""
    REVIEWER = "reviewer"
    """개인정보 보호책임자: reads who looked, reviews emergency access; follows nobody."""
    SUPPORTER = "supporter"
    """A city's or a shelter's support unit: sees what a victim said yes to."""


FIELD_ROLES = frozenset({Role.POLICE_OFFICER, Role.PROBATION_OFFICER})
"""Roles that always belong to a unit."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody signed in: the account, whose it is, and the session that speaks. ``unit`` only in field roles.

    ``purpose``: the code of what they act for, where they named one; the policy knows each role's usual one.
    """

    account: UUID
    agency: UUID
    role: Role
    unit: UUID | None
    name: str
    session: UUID
    purpose: str | None = None


Greeter = Callable[[AsyncConnection, Actor, float], Awaitable[tuple[str, ...]]]
"""What a higher room says to somebody who signs in, in that transaction: codes of warnings. It never refuses."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its token, once, and until when it holds in Unix seconds UTC."""

    token: str = field(repr=False)
    actor: Actor
    expires_at: float
    warnings: tuple[str, ...] = ()
    """Codes of what its owner is told, and may go on in spite of."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the first run prints for one account, once; the password is stored nowhere in clear."""

    name: str
    role: Role
    agency: str
    password: str = field(repr=False)
