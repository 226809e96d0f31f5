"""Answers /leaderboard and its period buttons from the backend's boards."""

import hikari
from loguru import logger

from bot.community.board import PERIODS, ROWS_READ, board_panel, board_problem_panel
from bot.outgoing import Answerable
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import texts_for
from oasst_client import (
    LeaderboardStats,
    LeaderboardTimeFrame,
    NotFoundError,
    NotSupportedError,
    OasstError,
    User,
)


class BoardDesk:
    """Shows boards, each to the one person who asked."""

    def __init__(self, services: Services) -> None:
        self._client = services.client
        self._outgoing = services.outgoing

    async def open(self, interaction: hikari.CommandInteraction, period: LeaderboardTimeFrame) -> None:
        """Answer the command with the board of a period."""
        await self._outgoing.defer(interaction)
        await self._outgoing.finish(interaction, await self._panel(interaction, period))

    async def turn(self, interaction: hikari.ComponentInteraction) -> None:
        """Show another period in the same message."""
        period = PERIODS[interaction.custom_id]
        await self._outgoing.defer_update(interaction)
        await self._outgoing.finish(interaction, await self._panel(interaction, period))

    async def _panel(self, interaction: Answerable, period: LeaderboardTimeFrame) -> Panel:
        texts = texts_for(str(interaction.locale))
        reader = backend_user(interaction)
        try:
            stats = await self._read(period, reader)
        except (NotFoundError, NotSupportedError):
            return board_problem_panel(texts("board.not_supported"), period, texts)
        except OasstError as error:
            logger.warning("The board of {} could not be read: {}", period.value, type(error).__name__)
            return board_problem_panel(texts("board.backend_away"), period, texts)
        return board_panel(stats, period, user_id=int(interaction.user.id), texts=texts)

    async def _read(self, period: LeaderboardTimeFrame, reader: User) -> LeaderboardStats:
        try:
            return await self._client.fetch_leaderboard(period, max_count=ROWS_READ, user=reader)
        except NotFoundError:
            # The backend first hears of a person with their first task; the board is for everybody.
            return await self._client.fetch_leaderboard(period, max_count=ROWS_READ)
