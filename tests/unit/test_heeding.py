"""A call that waits ends when its task is cancelled, whatever the library makes of that."""

import asyncio

import pytest

from jikimi.stream.heeding import heeding


async def lost(answer: "asyncio.Future[int]") -> int:
    """Swallows its cancellation, as some libraries do, and answers or raises."""
    try:
        return await answer
    except asyncio.CancelledError:
        if (error := answer.exception()) is not None:
            raise error from None
        return answer.result()


@pytest.mark.parametrize("fails", [False, True])
async def test_an_answer_that_comes_with_the_cancellation_does_not_hide_it(*, fails: bool) -> None:
    """The task is over, though the call had something to say."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(heeding(lost)(answer))
    await asyncio.sleep(0)
    if fails:
        answer.set_exception(OSError("away"))
    else:
        answer.set_result(1)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()


async def test_an_answer_and_an_error_pass_where_nobody_cancels() -> None:
    """What the call answers or raises is answered or raised."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    answer.set_result(1)
    assert await heeding(lost)(answer) == 1
    wrong: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    wrong.set_exception(OSError("away"))
    with pytest.raises(OSError, match="away"):
        await heeding(lost)(wrong)


async def test_a_deadline_around_a_call_is_still_a_timeout() -> None:
    """A block with a time of its own ends with TimeoutError, and the task goes on."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def slow() -> int:
        try:
            return await answer
        except asyncio.CancelledError:
            return 0

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await heeding(slow)()
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
