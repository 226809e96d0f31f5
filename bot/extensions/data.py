"""/data: get all that is kept of oneself, or delete it."""

import lightbulb

from bot.community.data_desk import DataDesk
from bot.community.data_panel import DELETE_ID, EXPORT_ID, PREFIX
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()

group = lightbulb.Group("command.data.name", "command.data.description", localize=True)
loader.command(group)


@group.register
class Export(
    lightbulb.SlashCommand,
    name="command.data.export.name",
    description="command.data.export.description",
    localize=True,
):
    """Give the person their data."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await DataDesk(services).export(ctx.interaction)


@group.register
class Delete(
    lightbulb.SlashCommand,
    name="command.data.delete.name",
    description="command.data.delete.description",
    localize=True,
):
    """Let the person delete their data."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await DataDesk(services).ask(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take the buttons of /privacy and those before a deletion."""
    desk = DataDesk(services)
    router.own([EXPORT_ID], desk.export)
    router.own([DELETE_ID], desk.ask)
    router.own_prefix(PREFIX, desk.click)
