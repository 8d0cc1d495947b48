"""Everything dies once while approaches run."""

from rich.console import Console

from jikimi.cli.bench.chaos import TARGETS, run


def test_nothing_is_lost_or_doubled_when_everything_is_killed_once() -> None:
    """Roles, PostgreSQL, NATS and the supervisor are killed with SIGKILL: every alert once, both officers served."""
    result = run(approaches=40, kills=len(TARGETS), seed=3, screen=Console(stderr=True), spacing_s=0.6)
    assert result["kills"] == len(TARGETS)
    assert (result["lost"], result["duplicated"]) == (0, 0)
    assert result["ledger_verified"]
