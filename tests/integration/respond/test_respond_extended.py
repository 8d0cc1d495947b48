"""An order changed in its term while its incident is open."""

from tests.integration.respond.conftest import Site
from tests.test_registry_world import CLOCK, actor

from jikimi.registry.schemas import OrderChange
from jikimi.registry.service import change_order

_LIVE = """
SELECT kind, agency, unit, subject, CAST(extract(epoch FROM ends_at) AS float8) AS ends_at FROM access_grant
WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > now()) ORDER BY kind, agency, unit, subject
"""
UNTIL = "2027-06-01T00:00:00Z"


async def test_an_order_extended_goes_on_and_blinds_nobody(site: Site) -> None:
    """Its rooms and every unit under way know what they knew; what the order armed holds until its new end."""
    await site.take(site.alert())
    before = await site.rows(_LIVE)
    assert {row["kind"] for row in before} == {"standing", "incident", "tasking"}
    change = OrderChange.model_validate({"version": 1, "until": UNTIL})
    await change_order(site.database, CLOCK, actor(site.ids["police"]), site.ids["order"], change)
    after = await site.rows(_LIVE)
    assert [{**row, "ends_at": None} for row in after] == [{**row, "ends_at": None} for row in before]
    armed = {row["ends_at"] for row in after if row["kind"] == "standing" and row["subject"] == site.ids["she"]}
    assert change.end in armed
