"""The desk role: HTTP and WebSocket for people, the archive's writer, the ledger's sealer."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from jikimi import __version__
from jikimi.app.bodies import BodyLimit
from jikimi.app.common import Context, rules_in_force, serve_http, together
from jikimi.app.contract import promised
from jikimi.app.leaving import Leaving
from jikimi.app.provider import provider_of
from jikimi.app.refusing import refusing
from jikimi.identity.api import router as identity_router
from jikimi.identity.doors import VAULT_KEY, Doors
from jikimi.identity.doors_api import router as doors_router
from jikimi.identity.oidc_api import router as oidc_router
from jikimi.intake import counters
from jikimi.intake.archive import Archive
from jikimi.ledger.digests import Digester
from jikimi.ledger.sealer import Sealer
from jikimi.oversee.agreements_api import router as agreements_router
from jikimi.oversee.api import router as destruction_router
from jikimi.oversee.audit_api import router as audit_router
from jikimi.oversee.documents_api import router as documents_router
from jikimi.oversee.ended_api import router as ended_router
from jikimi.oversee.names_api import router as names_router
from jikimi.oversee.withdrawals_api import router as withdrawals_router
from jikimi.registry.api import router as registry_router
from jikimi.registry.devices import carried
from jikimi.registry.moving_api import router as moving_router
from jikimi.registry.regimes import ledger_at
from jikimi.registry.subjects_api import router as subjects_router
from jikimi.respond import rules as response_rules
from jikimi.respond.api import live, router
from jikimi.respond.handover_api import router as handover_router
from jikimi.respond.hub import Hub
from jikimi.respond.overview_api import router as overview_router
from jikimi.screens.serving import screens
from jikimi.screens.site import router as site_router
from jikimi.share.api import router as access_router
from jikimi.share.consents_api import router as consents_router
from jikimi.staff import rules as duty_rules
from jikimi.staff.api import router as duty_router
from jikimi.staff.greeting import greeter
from jikimi.store.database import Database
from jikimi.stream import names
from jikimi.vault import Vault


async def main(context: Context) -> None:
    """Run until cancelled."""
    vault = Vault(context.settings.data)
    custody = vault.custody(context.settings.custody)
    service = Database(context.database_url, "service", 6, custody=custody)
    people = Database(context.database_url, "people", 6, context.clock, custody)
    background = Database(context.database_url, "service", 2, custody=custody)
    rules = await rules_in_force(context.nats, context.settings.regime)
    response = response_rules.load(context.settings.regime)
    hub = Hub(
        service, people, context.nats, context.clock, rules.data.future_s, response,
        exercise=context.settings.exercise is not None,
    )  # fmt: skip
    app = application()
    app.state.service, app.state.people, app.state.clock = service, people, context.clock
    app.state.nats, app.state.hub, app.state.behind = context.nats, hub, hub.watch.behind
    app.state.exercise, app.state.pace, app.state.lines = hub.exercise, hub.pace, hub.sessions

    async def wake() -> None:
        await context.nats.publish(names.WAKE, b"")

    app.state.wake = wake
    app.state.regime, app.state.site = context.settings.regime, context.settings.site
    app.state.map_style = context.settings.map_style
    app.state.vault, app.state.behind_tls = vault, context.settings.behind_tls
    app.state.metrics_key = vault.password(counters.KEY)
    app.state.digester = Digester(vault.key("ledger-digests"))
    app.state.doors = Doors(vault.key(VAULT_KEY), context.settings.host)
    app.state.provider = provider_of(context.settings, vault)
    app.state.greet = greeter(context.clock, duty_rules.load(context.settings.regime))
    # A ledger's name is its identity: no two installations may share one.
    name = f"jikimi/{vault.key('site')[:8].hex()}"
    kept = ledger_at(context.clock.unix(), context.settings.regime)
    sealer = Sealer(background, vault.signing_key("ledger-seal"), name, context.clock, kept.utc_offset_s)
    try:
        await together(
            hub.run(), Archive(background, context.nats, carried).run(), sealer.run(),
            serve_http(app, context.settings.host, context.settings.port),
        )  # fmt: skip
    finally:
        for database in (service, people, background):
            await database.close()


def application() -> FastAPI:
    """The desk's routes; its state is set by whoever serves it."""
    app = FastAPI(title="Jikimi", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    for part in (
        identity_router, oidc_router, doors_router, registry_router, subjects_router, moving_router, access_router, consents_router,
        router, overview_router, duty_router, handover_router, destruction_router, agreements_router, audit_router,
        documents_router, ended_router, names_router, withdrawals_router, site_router, live,
    ):  # fmt: skip
        app.include_router(part)
    app.add_api_route("/healthz", _health, methods=["GET"], include_in_schema=False)
    app.add_api_route("/metrics", _metrics, methods=["GET"], include_in_schema=False)
    app.add_middleware(BodyLimit)
    app.add_middleware(Leaving)
    refusing(app)
    promised(app)
    app.state.behind = dict
    screens(app)
    return app


async def _health(request: Request) -> dict[str, object]:
    """Whether everything gets on, and if not, which role does not and for how many seconds."""
    behind = request.app.state.behind()
    return {"status": "behind", "behind": behind} if behind else {"status": "ok"}


async def _metrics(request: Request) -> Response:
    return counters.counted(request)
