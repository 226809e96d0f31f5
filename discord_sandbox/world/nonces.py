"""Which message came of which nonce, so that a repeated call does not make a second one."""

from collections.abc import Callable

from discord_sandbox import limits
from discord_sandbox.world.model import Message, User


class Nonces:
    """The nonces of the last few minutes.

    Args:
        clock: Gives the time as Unix seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent: dict[tuple[int, str], tuple[float, Message]] = {}

    def keep(self, message: Message) -> None:
        """Remember the message of a nonce; a later message of the same author and nonce takes its place."""
        if message.nonce is not None:
            key = (message.author.id, str(message.nonce))
            self._sent.pop(key, None)
            self._sent[key] = (self._clock(), message)

    def find(self, author: User, nonce: str | int) -> Message | None:
        """Give the message that somebody sent with a nonce, deleted or not; None if there is none."""
        oldest = self._clock() - limits.NONCE_SECONDS
        while self._sent:
            first = next(iter(self._sent))
            if self._sent[first][0] >= oldest:
                break
            del self._sent[first]
        found = self._sent.get((author.id, str(nonce)))
        return None if found is None else found[1]
