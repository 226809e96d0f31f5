"""Posts the board of the week, once for each server that has an announcement channel, after its Sunday."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import hikari
from loguru import logger

from bot.community.charts import draw
from bot.community.pictures import post_with_picture
from bot.community.weekly_board import NEW_NAMES, ROWS, Named, Week, WeekFacts, weekly_bars, weekly_panel
from bot.guarding import guarded_row
from bot.services import Services
from bot.store.weekly_boards import WeeklyBoard, Worker
from bot.texts import texts_for
from oasst_client import AuthMethod, NotFoundError, OasstError, OasstErrorCode, User

MOST_ASKED: Final = 50
"""People about whom the backend is asked for one board, should many of them hide themselves."""

NONCE_HOLDS: Final = timedelta(minutes=1)
"""For so long Discord surely takes a nonce once only."""


class WeeklyPoster:
    """Looks from time to time whether boards are due, and posts them.

    Nothing is posted twice: a row is written first, with the newest message of the channel, and a board that
    may have been posted before a crash is looked for among the messages after that one.
    """

    def __init__(self, services: Services) -> None:
        self._boards = services.store.weekly_boards
        self._guilds = services.store.guilds
        self._people = services.store.people
        self._client = services.client
        self._outgoing = services.outgoing
        self._cache = services.cache
        self._clock = services.clock
        self._health = services.sessions.health

    async def look(self) -> None:
        """Post what is due; what fails for one server keeps no other from its board.

        While the backend is away all of them wait: to ask it in vain for each would hold up all other chores.

        Raises:
            DatabaseClosedError: the bot is closing.
        """
        week = Week.before(self._clock.now())
        for guild_id in await self._boards.due(week.label, week.end):
            if self._health.is_away:
                return
            with guarded_row(f"the board of the week of guild {guild_id}"):
                try:
                    await self._see_to(guild_id, week)
                except OasstError as error:
                    self._health.failed(error)
                    logger.warning(
                        "The board of the week of guild {} has to wait: {}", guild_id, type(error).__name__
                    )

    async def _see_to(self, guild_id: int, week: Week) -> None:
        guild = self._cache.get_guild(guild_id)
        channel_id = (await self._guilds.settings(guild_id)).announcement_channel
        if guild is None or channel_id is None:
            return
        now = self._clock.now()
        fresh = WeeklyBoard(guild_id, week.label, channel_id, 0, now)
        workers = await self._boards.workers(guild_id, week.start, week.end)
        if not workers:
            await self._boards.settle(fresh, None, now)
            return
        channel = self._cache.get_guild_channel(channel_id)
        if channel is None or channel.guild_id != guild_id:
            await self._give_up(fresh, "the channel is not there")
            return
        facts = await self._facts(guild_id, week, workers)
        try:
            await self._post(fresh, facts, str(guild.preferred_locale))
        except hikari.ClientHTTPResponseError as error:
            await self._give_up(fresh, type(error).__name__)
        except hikari.HikariError as error:
            # Nobody knows whether it stands there: the next look finds out.
            logger.warning(
                "The board of the week of guild {} has to wait: {}", guild_id, type(error).__name__
            )

    async def _post(self, fresh: WeeklyBoard, facts: WeekFacts, locale: str) -> None:
        begun = await self._boards.find(fresh.guild_id, fresh.week)
        if begun is None:
            newest = await self._outgoing.newest_in(fresh.channel_id)
            begun = WeeklyBoard(fresh.guild_id, fresh.week, fresh.channel_id, newest, fresh.begun_at)
            await self._boards.begin(begun)
        elif (there := await self._find(begun, facts.week)) is not None:
            await self._boards.settle(begun, there, self._clock.now())
            return
        texts = texts_for(locale)
        picture = await draw("week", weekly_bars(facts, texts))
        message_id = await post_with_picture(
            self._outgoing, begun.channel_id, weekly_panel(facts, texts), f"week-{begun.week}", picture
        )
        await self._boards.settle(begun, message_id, self._clock.now())

    async def _find(self, begun: WeeklyBoard, week: Week) -> int | None:
        """Look whether a board that was begun stands in its channel.

        Raises:
            hikari.ClientHTTPResponseError: the bot may not look, and the nonce no longer tells.
        """
        try:
            there = await self._outgoing.posted_after(begun.channel_id, begun.posted_after)
        except hikari.ForbiddenError:
            if self._clock.now() - begun.begun_at < NONCE_HOLDS:
                return None
            raise
        return next((int(one.id) for one in there if _ends_with(one, week.end)), None)

    async def _give_up(self, board: WeeklyBoard, why: str) -> None:
        """Leave it at that for this week; /settings shows what is amiss with the channel."""
        logger.warning("The board of the week of guild {} is not posted: {}", board.guild_id, why)
        await self._boards.settle(board, None, self._clock.now())

    async def _facts(self, guild_id: int, week: Week, workers: Sequence[Worker]) -> WeekFacts:
        newcomers = await self._boards.newcomers(guild_id, week.start, week.end)
        names: dict[int, str | None] = {}
        rows: list[Named] = []
        for worker in workers[:MOST_ASKED]:
            if len(rows) == ROWS:
                break
            name = names[worker.user_id] = await self._name(worker.user_id)
            if name is not None:
                rows.append(Named(name, worker.tasks))
        new_names: list[str] = []
        for user_id in newcomers[:MOST_ASKED]:
            if len(new_names) == NEW_NAMES:
                break
            name = names[user_id] if user_id in names else await self._name(user_id)
            if name is not None:
                new_names.append(name)
        tasks = sum(worker.tasks for worker in workers)
        return WeekFacts(week, len(workers), tasks, rows, len(newcomers), new_names)

    async def _name(self, user_id: int) -> str | None:
        """Give a person's name; None for who does not want to be seen, or of whom nobody can tell that.

        Raises:
            OasstError: the backend cannot be asked now.
        """
        if await self._people.is_anonymous(user_id):
            return None
        user = User(id=str(user_id), display_name="", auth_method=AuthMethod.discord)
        try:
            known = await self._client.fetch_user(user)
        except NotFoundError as error:
            if error.code != OasstErrorCode.user_not_found and not error.by_backend:
                raise
            return None
        self._health.answered()
        is_shown = known.show_on_leaderboard and known.enabled and not known.deleted
        return known.display_name if is_shown else None


def _ends_with(message: hikari.Message, moment: datetime) -> bool:
    return any(embed.timestamp == moment for embed in message.embeds)
