"""The rules a role starts with are those the log last had, whichever Jikimi put them there."""

from pathlib import Path

from jikimi.app.common import rules_in_force
from jikimi.detect.facts import RuleChange, encode
from jikimi.registry.regimes import edition_at
from jikimi.stream import names
from jikimi.stream.client import append, connect
from jikimi.stream.embedded import Nats

OLD = Path(__file__).parents[1] / "unit" / "detect" / "editions" / "first.json"
THEN = 1_790_000_000.0


async def test_every_role_starts_on_a_log_of_an_older_version(nats_server: Nats) -> None:
    """An edition written before newer keys existed lies in the log: what it lacks is as shipped."""
    client = await connect(nats_server.url("operator"), "operator")
    try:
        change = RuleChange(THEN, "kr-2024-01-12.1", OLD.read_text(encoding="utf-8").strip())
        await append(client, f"{names.RULES}.kr", encode(change))
        found = await rules_in_force(client, "kr")
    finally:
        await client.close()
    assert (found.version, found.stuck) == ("kr-2024-01-12.1", edition_at(THEN).stuck)
