"""How often one address may try."""

import pytest

from jikimi.identity import pace
from jikimi.identity.locks import LONGEST_S, locked_for
from jikimi.identity.pace import TRIES, Tries


def spent(tries: Tries, address: str, now: float = 0.0) -> int:
    count = 0
    while tries.spend(address, now) == 0.0:
        count += 1
    return count


def test_tries_run_out_and_come_back() -> None:
    """Twenty at once, then one every six seconds and never more than twenty."""
    tries = Tries()
    assert spent(tries, "192.0.2.1") == TRIES
    assert tries.spend("192.0.2.1", 0.0) == pytest.approx(6)
    assert spent(tries, "192.0.2.1", 12.5) == 2
    assert spent(tries, "192.0.2.1", 1e6) == TRIES
    assert spent(tries, "192.0.2.1", 0.0) == 0


def test_one_address_does_not_slow_another() -> None:
    """Another address has its own tries; all of one IPv6 /64 share theirs; an address of no form is one too."""
    tries = Tries()
    assert spent(tries, "2001:db8::1") == TRIES
    assert spent(tries, "2001:db8::2") == 0
    assert spent(tries, "2001:db8:0:1::2") == TRIES
    assert spent(tries, "") == TRIES


def test_what_is_given_back_never_exceeds_the_whole() -> None:
    """Signing in again and again does not save up tries."""
    tries = Tries()
    for _ in range(50):
        tries.give_back("192.0.2.1", 0.0)
    assert spent(tries, "192.0.2.1") == TRIES


def test_what_is_remembered_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood from many addresses fills no memory."""
    monkeypatch.setattr(pace, "_MOST", 10)
    tries = Tries()
    for number in range(100):
        tries.spend(f"192.0.2.{number}", 0.0)
    assert len(tries._left) == 10


def test_locks_grow_to_a_quarter_of_an_hour() -> None:
    """Nothing for four wrong passwords, then 30 s doubling, and never longer than 900 s."""
    assert [locked_for(failures) for failures in (0, 4, 5, 6, 7, 9, 10, 10**9)] == [
        0,
        0,
        30,
        60,
        120,
        480,
        900,
        LONGEST_S,
    ]
