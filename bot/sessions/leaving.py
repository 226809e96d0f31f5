"""What becomes of tasks and records when the bot leaves a server, or a person does."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

import hikari
from loguru import logger

from bot.guarding import guarded_row
from bot.guild_settings import WhenBotLeaves, WhenMemberLeaves
from bot.sessions.moving import Moving
from bot.sessions.outcomes import Outcomes
from bot.sessions.parts import Parts
from bot.store.guild_members import OpenTask
from bot.store.sessions import SessionState

KEPT: Final = timedelta(days=30)
"""How long the records of a server are kept for a bot that may come back."""

LOOK_AGAIN: Final = timedelta(hours=1)
"""How often the person of an open task is looked up: no intent that the bot has tells it who leaves."""

LOOKS_AT_A_TIME: Final = 5
GUILDS_AT_A_TIME: Final = 5

UNKNOWN_MEMBER: Final = 10007
"""Discord's code for a person who is not in a server."""

LEFT: Final = "its person has left the server"

_SHARD_BITS: Final = 22
"""Discord's rule for sharding: the lower bits of a server's id do not count."""


class Leaving:
    """Looks who has left, and forgets what nobody comes back for; people's own tasks are never lost by it."""

    def __init__(self, parts: Parts, *, outcomes: Outcomes, moving: Moving) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._clock = parts.clock
        self._turns = parts.turns
        self._outcomes = outcomes
        self._moving = moving

    async def bot_left(self, guild_id: int) -> None:
        """The bot is not in a server any more: tasks there move, and its records go, now or later."""
        async with self._store.database.transaction():
            settings = await self._store.guilds.settings(guild_id)
            if settings.when_bot_leaves is WhenBotLeaves.forget:
                await self._store.left_guilds.forget(guild_id)
            else:
                await self._store.left_guilds.note(guild_id, self._clock.now())
                await self._store.shown.forget_guild(guild_id)
        logger.info(
            "The bot is not in guild {} any more; its records: {}", guild_id, settings.when_bot_leaves
        )
        for session in await self._store.sessions.standing_in_guild(guild_id):
            await self._moving.lose(session, "place.server_left")

    async def compare(self, guild_ids: Collection[int], shard_id: int, shard_count: int) -> None:
        """Find out which servers the bot left, or came back to, while it was not running.

        Args:
            guild_ids: all servers of a shard in which the bot is, also those that have an outage.
            shard_id: the shard.
            shard_count: how many shards there are.
        """
        await self._store.left_guilds.came_back(guild_ids)
        for guild_id in await self._store.left_guilds.known():
            is_ours = (guild_id >> _SHARD_BITS) % shard_count == shard_id
            if is_ours and guild_id not in guild_ids:
                await self.bot_left(guild_id)

    async def forget_old(self) -> None:
        """Forget the servers to which the bot has not come back in time."""
        before = self._clock.now() - KEPT
        for guild_id in await self._store.left_guilds.left_before(before, GUILDS_AT_A_TIME):
            logger.info("What was kept for guild {} is forgotten", guild_id)
            await self._store.left_guilds.forget(guild_id)

    async def look(self) -> None:
        """Look up the people of a few open tasks on servers that want tasks back from who leaves."""
        before = self._clock.now() - LOOK_AGAIN
        for task in await self._store.guild_members.to_look_up(before, LOOKS_AT_A_TIME):
            with guarded_row(f"looking up the person of {task.code}"):
                await self._look_up(task)

    async def _look_up(self, task: OpenTask) -> None:
        settings = await self._store.guilds.settings(task.guild_id)
        is_gone = False
        if settings.when_member_leaves is WhenMemberLeaves.give_back:
            try:
                await self._outgoing.member(task.guild_id, task.user_id)
            except hikari.NotFoundError as error:
                is_gone = error.code == UNKNOWN_MEMBER
            except hikari.HikariError as error:
                logger.info("A member could not be looked up: {}", type(error).__name__)
        await self._store.guild_members.set_looked_up(task.code, self._clock.now())
        if is_gone:
            await self._give_back(task)

    async def _give_back(self, task: OpenTask) -> None:
        async with self._turns.of(task.user_id):
            session = await self._store.sessions.by_code(task.code)
            if session is not None and session.guild_id == task.guild_id:
                logger.info("Task {} goes back: its person has left the server", task.code)
                await self._outcomes.end(session, SessionState.left, LEFT)
