"""Hashing as it really is, with its real cost."""

import asyncio

from jikimi.identity import passwords


async def test_hashing_is_argon2id_and_never_holds_the_loop() -> None:
    """A password takes RFC 9106's second recommended parameters, and others are served meanwhile."""
    ticks = 0

    async def ticking() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.002)

    others = asyncio.create_task(ticking())
    stored = await passwords.hashed("correct horse battery")
    assert ticks > 3
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.matches(stored, "correct horse battery")
    assert not await passwords.matches(stored, "correct horse batter")
    assert not await passwords.matches("not a hash", "correct horse battery")
    assert not await passwords.matches(None, "correct horse battery")
    assert not passwords.outdated(stored)
    others.cancel()


def test_a_made_password_is_never_made_twice() -> None:
    """Made passwords are long, acceptable, and all different."""
    made = {passwords.make() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert passwords.acceptable(one) == one
