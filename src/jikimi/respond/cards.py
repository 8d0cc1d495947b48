"""Under whose order an alert is answered. It must never leave a call for help without anybody to answer it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from jikimi.detect.decisions import Alert
from jikimi.kernel.ids import derived
from jikimi.registry.model import OrderCard
from jikimi.registry.service import card_of_person, order_card


async def card_for(connection: AsyncConnection, alert: Alert) -> OrderCard | None:
    """The order's card; without an order that of the person who asks for help; None for an alert about ourselves."""
    if alert.order:
        return await order_card(connection, UUID(alert.order))
    if alert.victim_id:
        return await card_of_person(connection, UUID(alert.victim_id))
    return None


def subject_of(alert: Alert) -> UUID | None:
    """What an incident is about: the pair, or the one person who asks for help; None for an alert about ourselves."""
    if alert.pair:
        return UUID(alert.pair)
    return derived("alone", alert.victim_id) if alert.victim_id else None
