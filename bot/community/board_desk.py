"""Answers /leaderboard and the buttons below a board."""

from dataclasses import replace

import hikari
from loguru import logger

from bot.access import Deed
from bot.community.board import board_panel, board_problem_panel
from bot.community.board_choice import BoardChoice, Scope, parse_board_id
from bot.community.board_pages import BoardPage, Reader
from bot.community.board_reader import BoardReader
from bot.community.charts import Bar, draw
from bot.community.pictures import finish_with_picture
from bot.community.refusing import is_refused
from bot.outgoing import Answerable
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import Texts, texts_for
from oasst_client import NotFoundError, OasstError


class BoardDesk:
    """Shows boards, each to the one person who asked."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._reader = BoardReader(services.client, services.store.contributors)

    async def open(self, interaction: hikari.CommandInteraction, choice: BoardChoice) -> None:
        """Answer the command with a board."""
        if await is_refused(self._services, interaction, Deed.leaderboard):
            return
        await self._outgoing.defer(interaction)
        await self._show(interaction, choice)

    async def turn(self, interaction: hikari.ComponentInteraction) -> None:
        """Show another page, period or scope in the same message."""
        if await is_refused(self._services, interaction, Deed.leaderboard):
            return
        choice = parse_board_id(interaction.custom_id)
        if choice is None:
            expired = texts_for(str(interaction.locale))("error.expired")
            await self._outgoing.whisper(interaction, Panel(content=expired))
            return
        await self._outgoing.defer_update(interaction)
        await self._show(interaction, choice)

    async def _show(self, interaction: Answerable, choice: BoardChoice) -> None:
        texts = texts_for(str(interaction.locale))
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        if guild_id is None:
            choice = replace(choice, scope=Scope.everywhere)
        on_server = guild_id is not None
        user = backend_user(interaction)
        try:
            page = await self._reader.read(choice, user, guild_id)
        except NotFoundError:
            panel = board_problem_panel(texts("board.not_supported"), choice, texts, on_server=on_server)
            await self._outgoing.finish(interaction, panel)
        except OasstError as error:
            logger.warning("A board could not be read: {}", type(error).__name__)
            panel = board_problem_panel(texts("board.backend_away"), choice, texts, on_server=on_server)
            await self._outgoing.finish(interaction, panel)
        else:
            panel = board_panel(page, choice, texts, on_server=on_server)
            picture = await draw("board", board_bars(page, Reader(user), texts))
            await finish_with_picture(self._outgoing, interaction, panel, picture)


def board_bars(page: BoardPage, reader: Reader, texts: Texts) -> list[Bar]:
    """Give the rows of a board as bars."""
    return [
        Bar(
            name=row.score.display_name,
            mark=texts.number(row.place),
            value=row.score.leader_score,
            words=texts.number(row.score.leader_score),
            stands_out=reader.is_at(row.score),
        )
        for row in page.rows
    ]
