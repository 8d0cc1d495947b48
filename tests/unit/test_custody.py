"""Keys kept apart from what they open: destroyed once, for ever, everywhere."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from jikimi.kernel.errors import Destroyed
from jikimi.store.custody import INSTALLATION, Custody, Kind
from jikimi.vault import Vault

HER = UUID(int=7)
SAID = "EXERCISE 서울로 1 · 010-0000-0000".encode()


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], Custody]:
    """Opens the custody of one installation anew, as another process does."""
    vault = Vault(tmp_path)

    def another() -> Custody:
        return vault.custody()

    return another


def test_another_process_opens_what_one_sealed(opened: Callable[[], Custody]) -> None:
    """Two processes of one installation share their keys."""
    sealed = opened().seal(Kind.PERSON, HER, SAID, b"label")
    assert opened().open(sealed, b"label") == SAID


def test_nothing_sealed_can_be_read_in_it_and_no_two_are_equal(opened: Callable[[], Custody]) -> None:
    """The same words sealed twice look like two different noises."""
    custody = opened()
    one, other = custody.seal(Kind.PERSON, HER, SAID), custody.seal(Kind.PERSON, HER, SAID)
    assert one != other
    assert SAID not in one


@pytest.mark.parametrize("about", [b"", b"place"])
def test_what_was_sealed_as_one_thing_opens_as_nothing_else(opened: Callable[[], Custody], about: bytes) -> None:
    """A value moved into another row or column is refused."""
    custody = opened()
    with pytest.raises(ValueError, match="sealed as something else"):
        custody.open(custody.seal(Kind.PERSON, HER, SAID, b"label"), about)


def test_a_changed_byte_is_noticed(opened: Callable[[], Custody]) -> None:
    """A sealed value is whole or it is nothing; its head is part of what is sealed."""
    custody = opened()
    sealed = bytearray(custody.seal(Kind.PERSON, HER, SAID))
    sealed[-1] ^= 1
    with pytest.raises(ValueError, match="changed"):
        custody.open(bytes(sealed))
    with pytest.raises(ValueError, match="not sealed by us"):
        custody.open(b"plain")


def test_what_is_destroyed_opens_nowhere_and_is_never_made_again(
    opened: Callable[[], Custody], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process destroys; another that had the key in memory opens nothing, and nobody can seal for them again."""
    monkeypatch.setattr("jikimi.store.custody._FRESH_S", 0.0)
    one, other = opened(), opened()
    sealed, kept = other.seal(Kind.ORDERED, HER, SAID), other.seal(Kind.PERSON, HER, SAID)
    other.renew(Kind.ORDERED, HER)
    assert one.destroy(Kind.ORDERED, HER, 1.0) == 2
    for custody in (one, other, opened()):
        with pytest.raises(Destroyed):
            custody.open(sealed)
        with pytest.raises(Destroyed):
            custody.seal(Kind.ORDERED, HER, SAID)
        custody.prepare(Kind.ORDERED, [HER])
        with pytest.raises(Destroyed):
            custody.renew(Kind.ORDERED, HER)
        assert custody.open(kept) == SAID


def test_a_measure_that_begins_after_a_destruction_is_sealed_anew_and_what_was_destroyed_stays_so(
    opened: Callable[[], Custody], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its positions are kept under a key of their own; those of before open no more, and its own destruction takes these too."""
    monkeypatch.setattr("jikimi.store.custody._FRESH_S", 0.0)
    one, other = opened(), opened()
    assert one.begin(Kind.ORDERED, [HER]) == {HER: 1}
    first = one.seal(Kind.ORDERED, HER, SAID, era=1)
    one.renew(Kind.ORDERED, HER)
    one.destroy(Kind.ORDERED, HER, 1.0)
    assert one.begin(Kind.ORDERED, [HER]) == one.begin(Kind.ORDERED, [HER]) == {HER: 3}
    second = other.seal(Kind.ORDERED, HER, SAID, era=3)
    assert opened().open(second) == SAID
    with pytest.raises(Destroyed):
        opened().open(first)
    assert opened().destroy(Kind.ORDERED, HER, 2.0) == 1
    for sealed in (first, second):
        with pytest.raises(Destroyed):
            one.open(sealed)
    assert one.begin(Kind.ORDERED, [HER]) == {HER: 4}


def test_nothing_late_opens_a_key_and_what_is_not_kept_is_counted(
    opened: Callable[[], Custody], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither before a new measure begins nor after it is a word of the old one kept, and somebody is told each time."""
    custody = opened()
    custody.seal(Kind.ORDERED, HER, SAID, era=1)
    custody.destroy(Kind.ORDERED, HER, 1.0)
    before = unkept()
    with pytest.raises(Destroyed):
        custody.seal(Kind.ORDERED, HER, SAID, era=1)
    with pytest.raises(Destroyed):
        custody.seal(Kind.ORDERED, HER, SAID)
    custody.begin(Kind.ORDERED, [HER])
    with pytest.raises(Destroyed):
        custody.seal(Kind.ORDERED, HER, SAID, era=1)
    assert unkept() == before + 3
    assert "".join(capsys.readouterr()).count("the key was destroyed") == 1
    assert custody.count(Kind.ORDERED, HER) == 1


def unkept() -> float:
    """How much was not kept, as the maintainer reads it."""
    return REGISTRY.get_sample_value("jikimi_custody_unkept_total", {"kind": "ordered"}) or 0.0


def test_a_destruction_of_before_generations_were_counted_stands(opened: Callable[[], Custody], tmp_path: Path) -> None:
    """A file of an earlier edition is read on: what was destroyed there stays so, and a new measure has a key of its own."""
    old = opened()
    sealed = old.seal(Kind.AGREED, HER, SAID)
    with sqlite3.connect(tmp_path / "custody" / "keys") as file:
        file.executescript(
            "DROP TABLE destroyed; DELETE FROM kept;"
            "CREATE TABLE destroyed (whose BLOB, kind INTEGER, at REAL NOT NULL, PRIMARY KEY (whose, kind)) WITHOUT ROWID;"
        )
        file.execute("INSERT INTO destroyed VALUES (?, ?, 1.0)", (HER.bytes, Kind.AGREED))
    file.close()
    custody = opened()
    with pytest.raises(Destroyed):
        custody.seal(Kind.AGREED, HER, SAID)
    era = custody.begin(Kind.AGREED, [HER])[HER]
    assert custody.open(custody.seal(Kind.AGREED, HER, SAID, era=era)) == SAID
    with pytest.raises(Destroyed):
        custody.open(sealed)


def test_a_renewed_key_seals_and_the_old_one_opens_until_it_is_retired(opened: Callable[[], Custody]) -> None:
    """Renewal loses nothing: what lies under the old key opens until somebody says that nothing does."""
    custody = opened()
    old = custody.seal(Kind.PERSON, HER, SAID)
    generation = custody.renew(Kind.PERSON, HER)
    new = custody.seal(Kind.PERSON, HER, SAID)
    assert custody.open(old) == custody.open(new) == SAID
    custody.retire(Kind.PERSON, HER, generation)
    assert opened().open(new) == SAID
    with pytest.raises(Destroyed):
        opened().open(old)


def test_after_rotation_a_copy_of_the_keys_made_before_opens_nothing(
    opened: Callable[[], Custody], tmp_path: Path
) -> None:
    """A backup of the keys is worth nothing once the master it was wrapped under is gone."""
    custody = opened()
    custody.prepare(Kind.PERSON, [HER, uuid4()])
    sealed = custody.seal(Kind.PERSON, HER, SAID)
    before = (tmp_path / "custody" / "keys").read_bytes()
    assert custody.rotate() == 2
    assert opened().open(sealed) == SAID
    assert not (tmp_path / "secrets" / "custody-1.key").exists()
    (tmp_path / "custody" / "keys").write_bytes(before)
    with pytest.raises(OSError, match="restore"):
        opened().open(sealed)


def test_a_destroyed_key_is_overwritten_in_the_file(opened: Callable[[], Custody], tmp_path: Path) -> None:
    """What wrapped the key is not left in a free page."""
    custody, file = opened(), tmp_path / "custody" / "keys"
    custody.seal(Kind.PERSON, HER, SAID)
    wrapped = sqlite3.connect(file).execute("SELECT wrapped FROM kept").fetchone()[0]
    assert wrapped in file.read_bytes()
    custody.destroy(Kind.PERSON, HER, 1.0)
    assert wrapped not in file.read_bytes()


def test_a_key_to_compare_by_has_generations_like_any_other(opened: Callable[[], Custody]) -> None:
    """Every process has the same; a new one stands beside the old until that is destroyed, overwritten and not in a copy."""
    one, other = opened(), opened()
    (first,) = one.secrets(Kind.MATCH, INSTALLATION).values()
    assert other.secrets(Kind.MATCH, INSTALLATION) == {1: first}
    other.renew(Kind.MATCH, INSTALLATION)
    assert list(one.secrets(Kind.MATCH, INSTALLATION)) == [1, 2]
    one.retire(Kind.MATCH, INSTALLATION, 2)
    assert other.secrets(Kind.MATCH, INSTALLATION).keys() == {2}
    assert first not in other.secrets(Kind.MATCH, INSTALLATION).values()


def test_a_key_kept_elsewhere_is_taken_over_once_as_it_is(opened: Callable[[], Custody]) -> None:
    """What is there already stays, whoever hands over what."""
    opened().adopt(Kind.MATCH, INSTALLATION, [bytes(range(32)), bytes(range(1, 33))])
    opened().adopt(Kind.MATCH, INSTALLATION, [bytes(range(2, 34))])
    assert opened().secrets(Kind.MATCH, INSTALLATION) == {1: bytes(range(32)), 2: bytes(range(1, 33))}


def test_long_work_apart_opens_and_seals_the_same_and_keeps_nothing(opened: Callable[[], Custody]) -> None:
    """A thread's own reading of the keys is closed with its work."""
    custody = opened()
    sealed = custody.seal(Kind.PERSON, HER, SAID)
    with custody.apart() as own:
        assert own.open(sealed) == SAID
        again = own.seal(Kind.PERSON, HER, SAID)
    assert custody.open(again) == SAID
    with pytest.raises(OSError, match="keys to the record"):
        own.seal(Kind.PERSON, uuid4(), SAID)


def test_others_may_not_read_the_file(opened: Callable[[], Custody], tmp_path: Path) -> None:
    """The file and its folder are their owner's alone."""
    opened()
    assert (tmp_path / "custody").stat().st_mode & 0o077 == 0
    assert (tmp_path / "custody" / "keys").stat().st_mode & 0o077 == 0


def test_keys_that_cannot_be_read_are_a_record_that_is_away(opened: Callable[[], Custody], tmp_path: Path) -> None:
    """A broken file of keys is no other failure than a database that does not answer."""
    custody = opened()
    (tmp_path / "custody" / "keys").write_bytes(b"broken" * 4096)
    with pytest.raises(OSError, match="keys to the record"):
        custody.seal(Kind.PERSON, HER, SAID)


def test_a_day_s_key_is_destroyed_and_the_next_day_s_stays(opened: Callable[[], Custody]) -> None:
    """What was sealed under one generation goes with it alone; whoever was sealed for only once has nothing aged."""
    custody, other = opened(), UUID(int=8)
    first = custody.seal(Kind.AGREED, HER, SAID)
    custody.roll(Kind.AGREED, 100.0)
    second = custody.seal(Kind.AGREED, HER, SAID)
    custody.roll(Kind.AGREED, 200.0)
    third = opened().seal(Kind.AGREED, HER, SAID)
    custody.seal(Kind.AGREED, other, SAID)
    aged = custody.aged(Kind.AGREED, 150.0)
    assert [(one.whose, one.since, one.until) for one in aged] == [(HER, 0.0, 100.0)]
    custody.expire(Kind.AGREED, aged)
    with pytest.raises(Destroyed):
        opened().open(first)
    assert custody.open(second) == custody.open(third) == SAID


def test_a_file_somebody_else_holds_makes_no_alert_wait_for_long(opened: Callable[[], Custody], tmp_path: Path) -> None:
    """While the file is locked, a key in memory seals on, and one that would have to be made counts as a record away, soon."""
    custody = opened()
    custody.seal(Kind.PERSON, HER, SAID)
    holder = sqlite3.connect(tmp_path / "custody" / "keys", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    with pytest.raises(OSError, match="keys to the record"):
        custody.seal(Kind.PERSON, uuid4(), SAID)
    assert time.monotonic() - began < 5
    holder.execute("ROLLBACK")
    assert custody.seal(Kind.PERSON, uuid4(), SAID)


def test_a_master_that_cannot_be_used_is_a_record_away_and_is_not_made_anew(
    opened: Callable[[], Custody], tmp_path: Path
) -> None:
    """Neither a secret others may read nor one that is lost is taken for a new one, also where a key is to be made."""
    custody, secret = opened(), tmp_path / "secrets" / "custody-1.key"
    sealed = custody.seal(Kind.PERSON, HER, SAID)
    secret.chmod(0o644)
    with pytest.raises(OSError, match="keys to the record"):
        custody.seal(Kind.PERSON, uuid4(), SAID)
    secret.chmod(0o600)
    kept = secret.read_bytes()
    secret.unlink()
    with pytest.raises(OSError, match="restore"):
        opened().open(sealed)
    with pytest.raises(OSError, match="keys to the record"):
        opened().seal(Kind.PERSON, uuid4(), SAID)
    assert not secret.exists()
    secret.write_bytes(kept)
    secret.chmod(0o600)
    assert opened().open(sealed) == SAID


def test_a_master_a_crash_left_behind_is_forgotten_at_the_next_start(
    opened: Callable[[], Custody], tmp_path: Path
) -> None:
    """Whoever is killed between wrapping anew and forgetting leaves nothing that opens an old copy."""
    custody = opened()
    custody.seal(Kind.PERSON, HER, SAID)
    left = (tmp_path / "secrets" / "custody-1.key").read_bytes()
    custody.rotate()
    (tmp_path / "secrets" / "custody-1.key").write_bytes(left)
    opened()
    assert not (tmp_path / "secrets" / "custody-1.key").exists()
