"""What the community features' tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A real database file with every migration applied."""
    opened = Database(tmp_path / "bot.db")
    await opened.open()
    yield opened
    await opened.close()
