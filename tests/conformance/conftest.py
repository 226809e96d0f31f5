"""The scene as a fixture."""

from collections.abc import AsyncIterator

import pytest

from tests.conformance.scene import Scene, make_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with make_scene() as made:
        yield made
