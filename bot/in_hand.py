"""The interactions that are being answered: who closes the bot waits for them, and takes no more."""

import asyncio

from bot.errors import RestartingError
from bot.outgoing import Answerable


class InHand:
    """Knows the asyncio tasks that answer interactions."""

    def __init__(self) -> None:
        self._answering: dict[asyncio.Task[object], Answerable] = {}
        self._is_closed = False

    def take(self, interaction: Answerable) -> None:
        """The current asyncio task answers an interaction from now on.

        Raises:
            RestartingError: the bot is closing, and takes no more.
        """
        if self._is_closed:
            raise RestartingError("The bot is closing.")
        task = asyncio.current_task()
        if task is not None and task not in self._answering:
            self._answering[task] = interaction
            task.add_done_callback(self._answering.pop)

    async def finish(self, seconds: float) -> list[Answerable]:
        """Take no more, wait for what is in hand, and end what is not through in time.

        Returns:
            The interactions whose answer was cut off; all that their people did before is stored.
        """
        self._is_closed = True
        if not self._answering:
            return []
        _, late = await asyncio.wait(self._answering, timeout=seconds)
        cut_off = [self._answering[task] for task in late if task in self._answering]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return cut_off
