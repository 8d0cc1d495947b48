"""What a process has counted, for whatever watches over the machines. It must never answer anybody without the installation's key:
a count that rises tells when something happened (safety 7).
"""

from hmac import compare_digest
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from jikimi.kernel.errors import Unauthenticated

KEY: Final = "metrics"
"""The vault's secret that lets somebody read counters; ``app.state.metrics_key`` holds it, and without one nobody does."""


def counted(request: Request) -> Response:
    """Every counter of this process; raises Unauthenticated, one answer for every reason."""
    key, said = getattr(request.app.state, "metrics_key", ""), request.headers.get("Authorization", "")
    if not key or not compare_digest(said.encode(), f"Bearer {key}".encode()):
        raise Unauthenticated("Send the installation's key for counters, secrets/metrics.key, as a bearer token.")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
