"""The bot dies before and after each of its outgoing calls, and whoever was at work goes on."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import pytest

from tests.backend.long_tests import LONG_TESTS
from tests.chaos.conftest import Town
from tests.chaos.mortality import Moment
from tests.chaos.person import Person
from tests.chaos.scenarios import SCENARIOS, Scenario, quiet_channel


@dataclass(frozen=True)
class Death:
    """When the bot dies, for how long, and who comes back to it.

    Attributes:
        moment: when.
        outage: seconds until the next bot starts.
        is_hasty: whether the person does something before they have looked.
    """

    moment: Moment
    outage: float
    is_hasty: bool


def deaths(calls: Mapping[str, int], outages: Sequence[float]) -> Iterator[Death]:
    """Give deaths on both sides of each call; in a long run each with every outage and person."""
    ways = [(outage, is_hasty) for outage in outages for is_hasty in (False, True)]
    moments = [
        Moment(call, number, before=before)
        for call, times in calls.items()
        for number in range(1, times + 1)
        for before in (True, False)
    ]
    for place, moment in enumerate(moments):
        for outage, is_hasty in ways if LONG_TESTS else [ways[(place + place // 2) % len(ways)]]:
            yield Death(moment, outage, is_hasty)


async def begin(town: Town, scenario: Scenario, *, is_hasty: bool) -> Person:
    """Bring somebody to where the scenario begins."""
    channel = quiet_channel(town) if scenario.is_quiet else None
    person = await town.newcomer(scenario.kind, channel, is_hasty=is_hasty, knows_terms=scenario.knows_terms)
    await scenario.prepare(town, person)
    await town.rest()
    await scenario.turn(town, person)
    return person


async def play(town: Town, scenario: Scenario, person: Person, outage: float = 0.0) -> None:
    """Play, over the death of the bot if it comes, until nothing is left to do."""
    playing = asyncio.ensure_future(scenario.play(town, person))
    dying = asyncio.ensure_future(town.life.died(60))
    await asyncio.wait({playing, dying}, return_when=asyncio.FIRST_COMPLETED)
    dying.cancel()
    with suppress(asyncio.CancelledError):
        await dying
    if not town.life.killed:
        await playing
        await town.rest()
    if town.life.killed:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        await town.life.end(seconds=0)
        town.sandbox.clock.advance(outage)
        await town.life.reborn()
        await scenario.play(town, person)
    await town.rest()
    town.mortality.unwatch()
    await scenario.finish(town, person)
    await town.rest()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario_goes_on_over_every_death(town: Town, name: str) -> None:
    await sweep(town, SCENARIOS[name])


@pytest.mark.timeout(600)
async def test_a_task_goes_on_over_every_kill_of_the_process(process_town: Town) -> None:
    # Processes take their time: a third of the deaths, on both sides of calls, unless there is time for all.
    await sweep(process_town, SCENARIOS["write and send"], step=1 if LONG_TESTS else 3)


async def sweep(town: Town, scenario: Scenario, step: int = 1) -> None:
    """Play once undisturbed, then over every `step`-th death; see each time that nothing is wrong."""
    person = await begin(town, scenario, is_hasty=False)
    town.mortality.watch()
    await play(town, scenario, person)
    calls = dict(town.mortality.calls)
    assert town.faults() == []
    for death in islice(deaths(calls, scenario.outages), None, None, step):
        person = await begin(town, scenario, is_hasty=death.is_hasty)
        town.mortality.watch(death.moment)
        await play(town, scenario, person, death.outage)
        assert town.faults() == [], str(death)
