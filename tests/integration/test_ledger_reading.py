"""What a superuser alters beneath a signature is found before anything more is signed, on a real database."""

import pytest

from jikimi.ledger import reading
from jikimi.ledger.reading import LedgerBroken
from jikimi.ledger.sealer import Sealer
from jikimi.store.database import Database
from tests.integration.test_ledger_sealing import KEY, ORIGIN, Hand, sealer, sizes, written
from tests.ledger_forging import meddle, recompute

__all__ = ["sealer"]

ALTERED = """UPDATE ledger_row SET body = replace(body, '"count":1', '"count":7') WHERE seq = 5"""
HASHED = "UPDATE ledger_row SET leaf = sha256('\\x00'::bytea || convert_to(body, 'UTF8')) WHERE seq = 5"
TAMPERINGS = [
    (ALTERED, "Row 5 was altered after it was sealed."),
    (f"{ALTERED}; {HASHED}", "Rows 4 to 6 are not what the checkpoint of size 7 in 2026-05 says."),
    ("DELETE FROM ledger_row WHERE seq = 5", "Row 5 is missing from the table."),
    ("UPDATE checkpoint SET note = 'x' WHERE size = 7", "The checkpoint of size 7 in 2026-05 cannot be read."),
    (
        "UPDATE checkpoint SET note = replace(note, E'\\n7\\n', E'\\n6\\n') WHERE size = 7",
        "The checkpoint of size 7 in 2026-05 was not signed with this installation's key.",
    ),
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces so small that nine rows are several."""
    monkeypatch.setattr(reading, "PIECE", 2)


async def nine(database: Database, sealer: Sealer) -> None:
    for _ in range(3):
        await written(database, 3)
        assert await sealer.seal_once() == 3


@pytest.mark.parametrize(("statements", "sentence"), TAMPERINGS)
async def test_a_sealer_that_starts_reads_everything_before_it_signs(
    service: Database, sealer: Sealer, database_url: str, statements: str, sentence: str
) -> None:
    """However long ago a row was sealed, a sealer started after it was altered names it and signs nothing, ever."""
    await nine(service, sealer)
    await meddle(database_url, *statements.split("; "))
    await written(service, 1)
    started = Sealer(service, KEY, ORIGIN, Hand())
    for _ in range(3):
        with pytest.raises(LedgerBroken) as found:
            await started.seal_once()
        assert found.value.detail == sentence
    assert await sizes(service) == [4, 7, 10]


@pytest.mark.parametrize(("statements", "sentence"), TAMPERINGS)
async def test_a_sealer_that_runs_reads_everything_again_in_rounds(
    service: Database, sealer: Sealer, database_url: str, statements: str, sentence: str
) -> None:
    """A row altered while the sealer runs is found within one round, and from then on nothing is signed."""
    await nine(service, sealer)
    await meddle(database_url, *statements.split("; "))

    async def round_and_more() -> None:
        for _ in range(10):
            await sealer.seal_once()

    with pytest.raises(LedgerBroken) as found:
        await round_and_more()
    assert found.value.detail == sentence
    await written(service, 1)
    with pytest.raises(LedgerBroken):
        await sealer.seal_once()
    assert await sizes(service) == [4, 7, 10]


async def test_a_mended_table_is_sealed_on(service: Database, sealer: Sealer, database_url: str) -> None:
    """Once people have put back what was signed, sealing goes on by itself, round after round."""
    await nine(service, sealer)
    await meddle(database_url, ALTERED)
    started = Sealer(service, KEY, ORIGIN, Hand())
    with pytest.raises(LedgerBroken):
        await started.seal_once()
    await meddle(
        database_url, ALTERED.replace('"count":7', "?").replace('"count":1', '"count":7').replace("?", '"count":1')
    )
    await written(service, 1)
    assert await started.seal_once() == 1
    for _ in range(20):
        assert await started.seal_once() == 0


async def test_not_even_the_key_rewrites_what_a_running_sealer_has_read(
    service: Database, sealer: Sealer, database_url: str
) -> None:
    """A history rewritten and signed with the site's own key is not what this process signed, and it says so."""
    await nine(service, sealer)
    running = Sealer(service, KEY, ORIGIN, Hand())
    assert await running.seal_once() == 0
    await meddle(database_url, ALTERED, HASHED)
    await recompute(database_url, KEY, ORIGIN)
    await Sealer(service, KEY, ORIGIN, Hand()).seal_once()
    with pytest.raises(LedgerBroken, match="not the root over the rows that were read"):
        await running.seal_once()
    with pytest.raises(LedgerBroken):
        await sealer.seal_once()


async def test_the_last_checkpoint_is_looked_at_every_time(
    service: Database, sealer: Sealer, database_url: str
) -> None:
    """Where the tree goes on is not left to the round: the last checkpoint is verified before each signature."""
    await nine(service, sealer)
    assert await sealer.seal_once() == 0
    await meddle(database_url, "UPDATE checkpoint SET note = replace(note, E'\\n10\\n', E'\\n9\\n') WHERE size = 10")
    sealer._round = reading.Reading(sealer.public_key)
    with pytest.raises(LedgerBroken, match="The last checkpoint was not signed with this installation's key"):
        await sealer.seal_once()


async def test_numbers_nobody_signed_are_named(service: Database, sealer: Sealer, database_url: str) -> None:
    """A row numbered past the last checkpoint is covered by no signature."""
    await nine(service, sealer)
    await written(service, 1)
    await meddle(
        database_url,
        "UPDATE ledger_row SET seq = 10, leaf = sha256('\\x00' || convert_to(body, 'UTF8')) WHERE seq IS NULL",
    )
    with pytest.raises(LedgerBroken, match="Row 10 is numbered and under no checkpoint"):
        await sealer.seal_once()


async def test_rows_sealed_by_another_are_read_before_going_on(
    service: Database, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another sealer sealed between reading and the lock is left for the next look."""
    await nine(service, sealer)
    other, honest = Sealer(service, KEY, ORIGIN, Hand()), Sealer._look

    async def overtaken(self: Sealer) -> None:
        await honest(self)
        if self is sealer:
            await written(service, 1)
            assert await other.seal_once() == 1

    with monkeypatch.context() as patch:
        patch.setattr(Sealer, "_look", overtaken)
        assert await sealer.seal_once() == 0
    await written(service, 1)
    assert await sealer.seal_once() == 1
    assert await sizes(service) == [4, 7, 10, 11, 12]
