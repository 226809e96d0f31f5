"""What the backend does by itself beside answering: it looks at old trees, and moves the boards."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from oasst_backend.api.dependencies import Backend
from oasst_backend.service.catching_up import catch_up
from oasst_backend.service.scores import move_frames

AT_START = 200
"""Trees that are looked at before the backend serves, so that the start takes no longer with more of them."""

BATCH = 20
"""Trees that are looked at in one transaction, so that answers hardly wait."""

RETRY_SECONDS = 5.0
"""How long to wait after the database did not take it: a lock or a full disk may pass."""

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
    total, looked_at = 0, BATCH
    while looked_at:
        try:
            looked_at = await backend.write(lambda connection, context: catch_up(connection, context, BATCH))
        except SQLAlchemyError as error:
            logger.error(
                "the database did not take what followed for the rest of them: {}", type(error).__name__
            )
            await asyncio.sleep(RETRY_SECONDS)
        else:
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


@asynccontextmanager
async def working(backend: Backend, *, left: bool) -> AsyncIterator[None]:
    """Do all of this as long as the backend serves.

    Args:
        backend: the backend.
        left: whether trees are left to look at, as `catch_up_now` said.
    """
    tasks = [asyncio.create_task(_logged(keep_boards_moving, backend))]
    if left:
        tasks.append(asyncio.create_task(_logged(catch_up_later, backend)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _logged(work: Callable[[Backend], Awaitable[None]], backend: Backend) -> None:
    """Say so when work ends by a fault, which nobody waits for."""
    try:
        await work(backend)
    except Exception as error:  # noqa: BLE001  # whatever it is, answers are given all the same
        logger.opt(exception=(type(error), None, error.__traceback__)).error(
            "work in the background ended by {}; the next start goes on with it", type(error).__name__
        )
