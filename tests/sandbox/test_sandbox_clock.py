"""The movable clock: what falls due happens in its order, whether time runs, stands or is moved."""

import asyncio
import math
import time

import pytest

from discord_sandbox import Clock


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


async def test_a_closed_clock_lets_nothing_happen_any_more() -> None:
    clock = Clock()
    rang: list[bool] = []
    clock.call_later(0.0, lambda: rang.append(True))
    clock.close()
    clock.advance(10)
    assert rang == []
