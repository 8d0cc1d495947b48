"""What a logout token must be (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6). It must never take a token for one that
was made to sign somebody in.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from jikimi.identity.provider import NoSignOut, Over

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY_S: Final = 60.0
"""How far two clocks may be apart."""
LATE_S: Final = 300.0
"""How long after it was made a token is listened to."""
_TYPES: Final = frozenset({"logout+jwt", "application/logout+jwt", "jwt"})
_LONGEST_NAME: Final = 255


def over(
    header: Mapping[str, Any], claims: Mapping[str, Any], issuer: str, client: str, now: float
) -> Over:  # fmt: skip
    """What a token whose signature holds says is over, at ``now`` (Unix seconds); raises NoSignOut with what is wrong."""
    subject, sid, made, until = (claims.get(name) for name in ("sub", "sid", "iat", "exp"))
    audience, events = claims.get("aud"), claims.get("events")
    held = {
        "typ": str(header.get("typ", "jwt")).lower() in _TYPES,
        "iss": claims.get("iss") == issuer,
        "aud": client in (audience if isinstance(audience, list) else [audience]),
        "iat": is_time(made) and -LEEWAY_S <= now - made <= LATE_S + LEEWAY_S,
        "exp": until is None or (is_time(until) and now <= until + LEEWAY_S),
        "events": isinstance(events, Mapping) and isinstance(events.get(EVENT), Mapping),
        # What signs somebody in has one, and nothing that signs out may.
        "nonce": "nonce" not in claims,
        "jti": is_name(claims.get("jti")),
        "sub": subject is None or is_name(subject),
        "sid": (sid is not None or subject is not None) and (sid is None or is_name(sid)),
    }
    for name, holds in held.items():
        if not holds:
            raise NoSignOut(name)
    return Over(issuer, subject, sid, claims["jti"], float(claims["iat"]))


def is_name(value: object) -> TypeGuard[str]:
    """Whether it can name a subject, a session or a token."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME


def is_time(value: object) -> TypeGuard[float]:
    """Whether it can be a time, in Unix seconds."""
    return isinstance(value, int | float) and not isinstance(value, bool)
