"""Answers /reports: shows a server's moderators what members reported, and settles it."""

import hikari

from bot.access import Deed
from bot.community.guild_report_panel import (
    ON_PAGE,
    ReportClick,
    ReportView,
    last_page,
    parse_click,
    report_list,
)
from bot.community.names import mention_of
from bot.outgoing import Answerable
from bot.rendering import times
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import Texts, texts_for


class GuildReportDesk:
    """Shows the reports of the server in which it is asked, but none of the reader's own messages.

    Whether the reader is a moderator is asked anew at every click.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._reports = services.store.guild_reports

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command with the first page."""
        await self._outgoing.defer(interaction)
        guild_id = await self._allowed_guild(interaction)
        if guild_id is not None:
            await self._show(interaction, guild_id, ReportClick(ReportView.open, 0))

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Settle a report, or turn to another page; the same message shows what there is then."""
        await self._outgoing.defer_update(interaction)
        guild_id = await self._allowed_guild(interaction)
        if guild_id is None:
            return
        texts = texts_for(str(interaction.locale))
        click = parse_click(interaction.custom_id)
        if click is None:
            await self._outgoing.finish(interaction, Panel(texts("guild_reports.expired")))
            return
        notice = ""
        if click.report_id is not None:
            notice = await self._settle(click.report_id, guild_id, int(interaction.user.id), texts)
        await self._show(interaction, guild_id, click, notice)

    async def _settle(self, report_id: int, guild_id: int, moderator_id: int, texts: Texts) -> str:
        """Settle a report of this server; give the words for what came of it."""
        if await self._reports.settle(report_id, guild_id, moderator_id, self._services.clock.now()):
            return texts("guild_reports.just_settled")
        report = await self._reports.get_for(moderator_id, report_id)
        if (
            report is None
            or report.guild_id != guild_id
            or report.settled_by is None
            or report.settled_at is None
        ):
            return texts("guild_reports.gone")
        if report.settled_by == moderator_id:
            return texts("guild_reports.just_settled")
        return texts(
            "guild_reports.settled_before",
            moderator=mention_of(report.settled_by, texts),
            time=times.relative(report.settled_at),
        )

    async def _show(
        self, interaction: Answerable, guild_id: int, click: ReportClick, notice: str = ""
    ) -> None:
        moderator_id = int(interaction.user.id)
        counts = await self._reports.counts_for(moderator_id, guild_id)
        is_open = click.view is ReportView.open
        page = min(click.page, last_page(counts[0] if is_open else counts[1]))
        listed = self._reports.open_for if is_open else self._reports.settled_for
        reports = await listed(moderator_id, guild_id, ON_PAGE, page * ON_PAGE)
        texts = texts_for(str(interaction.locale))
        panel = report_list(reports, ReportClick(click.view, page), counts, texts, notice=notice)
        await self._outgoing.finish(interaction, panel)

    async def _allowed_guild(self, interaction: Answerable) -> int | None:
        """Give the server, if the person moderates it; if not, complete the deferred answer with why."""
        refusal = await self._services.gate.refusal(interaction, Deed.reports)
        if refusal is None and interaction.guild_id is not None:
            return int(interaction.guild_id)
        text = texts_for(str(interaction.locale))(refusal or "access.guild_only")
        await self._outgoing.finish(interaction, Panel(text))
        return None
