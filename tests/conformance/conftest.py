"""The scene as a fixture, an empty sandbox, and a desk."""

from collections.abc import AsyncIterator

import pytest

from discord_sandbox import Clock, Sandbox
from tests.conformance.scene import OFFSET, Scene, make_scene
from tests.sandbox.desk import Desk, open_desk


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with make_scene() as made:
        yield made


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """An empty sandbox with a frozen clock, where a whole scene would be in the way."""
    async with Sandbox(clock=Clock(OFFSET, frozen=True)) as running:
        yield running


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A person, and a hand that answers their interactions."""
    async with open_desk() as opened:
        yield opened
