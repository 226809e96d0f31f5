"""Waits for what a bot writes to its database, where nothing else tells of it."""

from collections.abc import AsyncGenerator
from pathlib import Path

from watchfiles import awatch

GATHERS_MS = 10
"""How long a write is waited for to be followed by others."""

LOOKS_AGAIN_MS = 50
"""After so long without a write it is time to look again, too: some work is due only later."""


def writes_in(folder: Path) -> AsyncGenerator[object]:
    """Give one thing for each burst of writes in a folder, and one for each while without any."""
    return awatch(
        folder,
        recursive=False,
        debounce=GATHERS_MS,
        step=GATHERS_MS,
        rust_timeout=LOOKS_AGAIN_MS,
        yield_on_timeout=True,
    )
