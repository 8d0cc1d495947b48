"""The registry over HTTP. It must never answer anybody who is not signed in, nor publish before the commit."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from jikimi.identity.api import SignedInActor
from jikimi.registry import answers, service
from jikimi.registry.edge import PreciseRoute
from jikimi.registry.reading import MOST, Desk
from jikimi.registry.schemas import CarryMove, Collection, Document, OrderChange, OrderEnd, UnitPosition, UnitStatus

router = APIRouter(prefix="/api", tags=["registry"], route_class=PreciseRoute)

_FIRST: Final = UUID(int=0)


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(state.people, state.service, state.clock)


AtDesk = Annotated[Desk, Depends(_desk)]
After = Annotated[UUID, Query(description="the `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]


async def _published(request: Request) -> None:
    """Let the outbox run now; the change itself is committed whatever becomes of this."""
    await request.app.state.wake()


def _next(rows: list[Any], limit: int) -> UUID | None:
    return rows[-1].id if len(rows) == limit else None


@router.post("/registry/import")
async def import_document(
    request: Request, actor: SignedInActor, desk: AtDesk, document: Document
) -> answers.ImportedOut:
    """Enter one document whole, or nothing of it. Keys and passwords are answered this once."""
    imported = await service.import_document(desk.service, desk.clock, actor, document)
    await _published(request)
    return answers.ImportedOut.model_validate(imported)


@router.get("/registry/units")
async def list_units(
    actor: SignedInActor, desk: AtDesk, after: After = _FIRST, limit: Limit = MOST
) -> answers.UnitsOut:
    """Units of one's own agency, and the other side's while both work one incident."""
    units = await service.list_units(desk, actor, after, limit)
    return answers.UnitsOut.model_validate({"units": units, "next": _next(units, limit)}, from_attributes=True)


@router.get("/registry/people")
async def list_people(
    actor: SignedInActor, desk: AtDesk, after: After = _FIRST, limit: Limit = MOST
) -> answers.PeopleOut:
    """People one's own agency entered, and parties of orders it has a part in."""
    people = await service.list_people(desk, actor, after, limit)
    return answers.PeopleOut.model_validate({"people": people, "next": _next(people, limit)}, from_attributes=True)


@router.get("/registry/orders")
async def list_orders(
    actor: SignedInActor, desk: AtDesk, after: After = _FIRST, limit: Limit = MOST
) -> answers.OrdersOut:
    """Orders one's own agency has a part in; of secret places only that they are there."""
    orders = await service.list_orders(desk, actor, after, limit)
    return answers.OrdersOut.model_validate({"orders": orders, "next": _next(orders, limit)}, from_attributes=True)


@router.post("/registry/orders/{order}")
async def change_order(
    request: Request, actor: SignedInActor, desk: AtDesk, order: UUID, change: OrderChange
) -> answers.VersionOut:
    """Change an order; what is left out stays."""
    version = await service.change_order(desk.service, desk.clock, actor, order, change)
    await _published(request)
    return answers.VersionOut(order=order, version=version)


@router.post("/registry/orders/{order}/end")
async def end_order(
    request: Request, actor: SignedInActor, desk: AtDesk, order: UUID, end: OrderEnd
) -> answers.VersionOut:
    """Withdraw an order as of now."""
    version = await service.end_order(desk.service, desk.clock, actor, order, end.version)
    await _published(request)
    return answers.VersionOut(order=order, version=version)


@router.post("/registry/devices/{device}/revoke", status_code=204)
async def revoke_device(request: Request, actor: SignedInActor, desk: AtDesk, device: UUID) -> None:
    """Refuse a device's key from now on."""
    await service.revoke_device(desk.service, desk.clock, actor, device)
    await _published(request)


@router.post("/registry/carries")
async def move_carry(request: Request, actor: SignedInActor, desk: AtDesk, move: CarryMove) -> answers.CarryOut:
    """Put a device on somebody, or take it off."""
    ended, begun = await service.move_carry(desk.service, desk.clock, actor, move)
    await _published(request)
    return answers.CarryOut(ended=ended, begun=begun)


@router.post("/registry/jurisdictions")
async def import_jurisdictions(actor: SignedInActor, desk: AtDesk, collection: Collection) -> answers.LoadedOut:
    """Put a FeatureCollection in the place of what its source gave before."""
    loaded = await service.import_jurisdictions(desk.service, desk.clock, actor, *collection.split())
    return answers.LoadedOut(count=loaded.count, replaced=loaded.replaced)


@router.put("/units/{unit}/position")
async def report_position(actor: SignedInActor, desk: AtDesk, unit: UUID, position: UnitPosition) -> answers.TakenOut:
    """Report where one's own unit is."""
    taken = await service.report_own_position(desk.service, desk.clock, actor, unit, position)
    return answers.TakenOut(taken=taken)


@router.put("/units/{unit}/status", status_code=204)
async def set_status(actor: SignedInActor, desk: AtDesk, unit: UUID, status: UnitStatus) -> None:
    """Say whether a unit can be sent."""
    await service.set_status(desk.service, desk.clock, actor, unit, status.status)


@router.get("/locate")
async def locate(actor: SignedInActor, desk: AtDesk, lon: Longitude, lat: Latitude) -> answers.LocatedOut:
    """Whose ground a point is, and the nearest units that can be sent."""
    return answers.LocatedOut.model_validate(await service.locate(desk, actor, lon, lat))
