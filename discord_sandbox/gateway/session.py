"""A gateway session: what one shard of the bot has asked for, what it was sent, and what can be replayed."""

import secrets
from collections import deque
from typing import Protocol

from discord_sandbox.clock import Timer
from discord_sandbox.gateway.presence import Presence

_REPLAY_LIMIT = 10_000
"""How many events a session keeps for a replay."""


class Line(Protocol):
    """The way to the bot: one connection."""

    def send(self, frame: str) -> None:
        """Queue one frame."""

    def drop(self, code: int | None) -> None:
        """End the connection after what is queued: with a close code, or abruptly without one (None)."""

    def invalidate(self, *, resumable: bool) -> None:
        """Say that the session is not valid any more (opcode 9), and have none."""


class Session:
    """A session of one shard.

    Attributes:
        intents: What it asked for, as bits.
        shard: Which shard of how many; None if the bot did not say, and is one.
        line: The connection; None while the bot is away.
        large_threshold: How many members make a guild large.
        presence: How the bot wants to be seen.
        expiry: Ends the session if the bot does not come back.
    """

    def __init__(
        self,
        intents: int,
        shard: tuple[int, int] | None,
        line: Line,
        large_threshold: int,
        presence: Presence,
    ) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.line: Line | None = line
        self.large_threshold = large_threshold
        self.presence = presence
        self.expiry: Timer | None = None
        self.seq = 0
        self._sent: deque[tuple[int, str]] = deque(maxlen=_REPLAY_LIMIT)

    def hears_of(self, guild_id: int | None) -> bool:
        """Whether what happens in a guild, or outside of any (None), belongs to this shard."""
        number, count = self.shard or (0, 1)
        return (0 if guild_id is None else (guild_id >> 22) % count) == number

    def dispatch(self, name: str, data: str) -> None:
        """Send an event whose data are JSON already, and keep it for a replay."""
        self.seq += 1
        frame = f'{{"op":0,"s":{self.seq},"t":"{name}","d":{data}}}'
        self._sent.append((self.seq, frame))
        if self.line is not None:
            self.line.send(frame)

    def missed_since(self, seq: int) -> list[str] | None:
        """Give the frames after `seq`, or None if they are not all there any more."""
        if seq < self.seq and (not self._sent or self._sent[0][0] > seq + 1):
            return None
        return [frame for number, frame in self._sent if number > seq]
