"""/help: what one may use here, and how."""

import lightbulb

from bot.community.help_desk import HelpDesk
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Help(
    lightbulb.SlashCommand,
    name="command.help.name",
    description="command.help.description",
    localize=True,
):
    """Show what the person may use."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await HelpDesk(services).open(ctx.interaction)
