"""The message menu "Report" for everybody, and /reports for a server's moderators."""

import hikari
import lightbulb

from bot.community.guild_report_desk import GuildReportDesk
from bot.community.guild_report_form import ID_PREFIX as FORM_PREFIX
from bot.community.guild_report_form import GuildReportForm
from bot.community.guild_report_panel import ID_PREFIX as LIST_PREFIX
from bot.community.report_desk import ReportDesk
from bot.forms.custom_ids import REPORT_PREFIX
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Report(lightbulb.MessageCommand, name="command.report.name", localize=True):
    """Say what is wrong with the message that the menu was opened on."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the menu."""
        await ReportDesk(services).open(ctx.interaction, self.target)


@loader.command
class Reports(
    lightbulb.SlashCommand,
    name="command.reports.name",
    description="command.reports.description",
    localize=True,
    contexts=[hikari.ApplicationContextType.GUILD],
):
    """Show what members reported to those who moderate the server."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await GuildReportDesk(services).open(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take the forms of reports, the clicks on the list, and the choice of a task's text."""
    router.own_modal_prefix(FORM_PREFIX, GuildReportForm(services).submit)
    router.own_prefix(LIST_PREFIX, GuildReportDesk(services).click)
    router.own_prefix(REPORT_PREFIX, ReportDesk(services).choose)
