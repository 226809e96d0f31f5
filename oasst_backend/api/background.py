"""What the backend does by itself beside answering: it looks at old trees, and moves the boards."""

import asyncio

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from oasst_backend.api.dependencies import Backend
from oasst_backend.service.catching_up import catch_up
from oasst_backend.service.scores import move_frames

AT_START = 200
"""Trees that are looked at before the backend serves, so that the start takes no longer with more of them."""

BATCH = 20
"""Trees that are looked at in one transaction, so that answers hardly wait."""

MOVE_SECONDS = 60.0
"""How often boards forget what is too old for them, though nobody reads them."""


def catch_up_now(backend: Backend) -> bool:
    """Look at the first trees that were left under other rules.

    Returns:
        Whether there may be more.
    """
    looked_at = backend.storage.write_now(
        lambda connection: catch_up(connection, backend.context(), AT_START)
    )
    if looked_at:
        logger.info("looked at {} trees that the settings or a failure had left behind", looked_at)
    return looked_at > 0


async def catch_up_later(backend: Backend) -> None:
    """Look at the rest of them, a few at a time between the calls."""
    total = 0
    while looked_at := await backend.write(lambda connection, context: catch_up(connection, context, BATCH)):
        total += looked_at
    logger.info("looked at {} more of them in the background", total)


async def keep_boards_moving(backend: Backend) -> None:
    """Let the boards forget what is too old for them, from time to time and for ever."""
    while True:
        await asyncio.sleep(MOVE_SECONDS)
        try:
            while await backend.write(move_frames):
                pass
        except SQLAlchemyError as error:
            # A full disk may pass; until then boards are moved when they are read.
            logger.error("the boards could not be moved: {}", type(error).__name__)
