"""An organisation's own sign-in, from what this installation was told. It must never stop the desk: passwords go on."""

import structlog

from jikimi.identity.provider import Provider
from jikimi.kernel.clock import SystemClock
from jikimi.kernel.errors import Misconfigured
from jikimi.settings import Settings
from jikimi.vault import Vault

SECRET = "oidc-client"  # noqa: S105 - the name of a file
_log = structlog.get_logger()


def provider_of(settings: Settings, vault: Vault) -> Provider | None:
    """The provider that is set up, or None; a secret that is missing is said in the log and by `jikimi doctor`."""
    if settings.oidc is None:
        return None
    try:
        secret = vault.handed(SECRET)
    except Misconfigured as error:
        _log.error("misconfigured", detail=error.detail)
        return None
    from jikimi.identity.oidc import OpenId  # noqa: PLC0415 - nobody pays for it who has none

    told = settings.oidc
    # Tokens are of the machine's time, also in an exercise.
    return OpenId(told.issuer, told.client, secret, told.callback, SystemClock(), told.name)
