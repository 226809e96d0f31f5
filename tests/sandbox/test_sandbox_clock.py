"""The movable clock: what falls due happens in its order, whether time runs, stands or is moved."""

import asyncio
import math
import time

import pytest

from discord_sandbox import Clock, Sandbox
from discord_sandbox.clock import SharedClock
from discord_sandbox.world.snowflake import LAST_SECOND


def test_a_frozen_clock_moves_only_when_it_is_told_to() -> None:
    clock = Clock(1_000.0, frozen=True)
    assert clock() == clock() == 1_000.0
    clock.advance(2.5)
    assert clock() == 1_002.5
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(math.nan)


@pytest.mark.parametrize("seconds", [5e9, 1e300, math.inf])
def test_a_clock_does_not_go_where_there_are_no_ids(seconds: float) -> None:
    clock = Clock(frozen=True)
    stands = clock()
    with pytest.raises(ValueError, match="beyond the year 2154"):
        clock.advance(seconds)
    assert clock() == stands


def test_what_falls_due_happens_in_its_order_and_at_its_own_moment() -> None:
    clock = Clock(0.0, frozen=True)
    happened: list[tuple[str, float]] = []

    def note(name: str) -> None:
        happened.append((name, clock()))

    def ring_again() -> None:
        note("first")
        clock.call_later(1, lambda: note("planned on the way"))

    clock.call_later(5, lambda: note("last"))
    clock.call_later(2, ring_again)
    never = clock.call_later(1, lambda: note("never"))
    never.cancel()
    clock.advance(4)
    assert happened == [("first", 2.0), ("planned on the way", 3.0)]
    clock.advance(1)
    assert happened[-1] == ("last", 5.0)


async def test_a_running_clock_rings_by_itself_and_can_be_moved_ahead() -> None:
    clock = Clock()
    assert abs(clock() - time.time()) < 1
    await asyncio.wait_for(clock.sleep(0.01), timeout=5)
    waits = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    clock.advance(3600)
    await asyncio.wait_for(waits, timeout=5)
    assert clock() - time.time() > 3500


async def test_a_clock_that_runs_again_goes_on_from_where_it_stood() -> None:
    clock = Clock(5_000.0, frozen=True)
    over = asyncio.create_task(clock.sleep(0.01))
    await asyncio.sleep(0)
    assert not over.done()
    clock.run()
    await asyncio.wait_for(over, timeout=5)
    assert 5_000.0 < clock() < 5_060.0


async def test_a_closed_sandbox_takes_only_its_own_timers_from_a_shared_clock() -> None:
    clock = Clock()
    rang: list[str] = []
    async with Sandbox(clock=clock) as lasting:
        async with Sandbox(clock=clock) as sandbox:
            clock.call_later(5, lambda: rang.append("the test's"))
            sandbox.store.clock.call_later(5, lambda: rang.append("the closed sandbox's"))
            lasting.store.clock.call_later(5, lambda: rang.append("the other sandbox's"))
        sandbox.store.clock.call_later(5, lambda: rang.append("planned too late"))
        clock.advance(10)
    assert rang == ["the test's", "the other sandbox's"]


async def test_a_running_clock_rings_on_when_a_sandbox_is_closed_in_between() -> None:
    clock = Clock()
    async with Sandbox(clock=clock) as sandbox:
        sandbox.store.clock.call_later(0, lambda: None)
    await asyncio.wait_for(clock.sleep(0.01), timeout=5)


def test_a_clock_does_not_begin_where_there_are_no_ids() -> None:
    with pytest.raises(ValueError, match="beyond the year 2154"):
        Clock(1e10)


async def test_at_the_end_of_time_messages_are_still_sent() -> None:
    clock = Clock(frozen=True)
    async with Sandbox(clock=clock) as sandbox:
        clock.advance(LAST_SECOND - clock())
        message = sandbox.guild.owner.send(sandbox.guild.channel("general"), "the last one")
        assert message.id.bit_length() == 64


def test_a_clock_knows_whether_it_shows_the_machines_time() -> None:
    clock = Clock()
    clocks = (clock, SharedClock(clock), Clock(frozen=True))
    assert [one.is_the_machines for one in clocks] == [True, True, False]
    clock.advance(900)
    assert [one.is_the_machines for one in clocks] == [False, False, False]
