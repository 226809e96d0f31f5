"""Kills and troubles at random while people work: in the end nothing is lost, and nothing stands twice."""

import random
from collections.abc import Callable

import pytest

from discord_sandbox import RateLimits
from tests.backend.long_tests import LONG_TESTS
from tests.chaos.citizens import Crowd
from tests.chaos.conftest import Town
from tests.chaos.seeds import fresh_seed
from tests.chaos.troubles import BadBackend, BadDiscord

KILLS = 100 if LONG_TESTS else 20
PEOPLE = 12
CALLS_BETWEEN = (1, 60)
"""How many calls come at least and at most between two kills."""
LEAVING_SECONDS = 90.0


@pytest.fixture
def rng() -> random.Random:
    """Give all chance of a test."""
    return random.Random(fresh_seed())  # noqa: S311  # repeatable


async def kill_again_and_again(
    town: Town, rng: random.Random, begin: Callable[[], None] = lambda: None
) -> Crowd:
    """Let people work while the bot is killed; `begin` lets anew go wrong what goes wrong at Discord."""
    crowd = await Crowd.gather(town, PEOPLE, rng)
    crowd.begin()
    for _ in range(KILLS):
        town.mortality.watch_for(rng.randint(*CALLS_BETWEEN), before=rng.random() < 0.5)
        begin()
        await crowd.during(town.life.died(60))
        await town.life.reborn()
    town.mortality.unwatch()
    return crowd


@pytest.mark.timeout(1200)
async def test_nothing_is_lost_however_often_the_process_is_killed(
    process_town: Town, rng: random.Random
) -> None:
    town = process_town
    crowd = await kill_again_and_again(town, rng)
    await crowd.leave(LEAVING_SECONDS)
    await town.come_to_rest()
    assert "\n".join(town.faults()) == ""


@pytest.mark.timeout(1200)
async def test_nothing_is_lost_over_a_bad_backend(process_town: Town, rng: random.Random) -> None:
    town, trouble = process_town, BadBackend(rng)
    town.proxy.rules.append(trouble)
    crowd = await kill_again_and_again(town, rng)
    trouble.is_over = True
    await crowd.leave(LEAVING_SECONDS)
    await town.come_to_rest()
    assert "\n".join(town.faults()) == ""


@pytest.mark.timeout(1200)
@pytest.mark.sandbox(rate_limits=RateLimits(), unstruck_faults="allowed")
# hikari leaves its session open where it is closed in the moment its connection breaks.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_nothing_is_lost_over_a_bad_discord(process_town: Town, rng: random.Random) -> None:
    town = process_town
    trouble = BadDiscord(town.sandbox, town.mortality, rng)
    crowd = await kill_again_and_again(town, rng, trouble.begin)
    trouble.is_over = True
    await crowd.leave(LEAVING_SECONDS)
    await town.come_to_rest()
    assert "\n".join(town.faults()) == ""
