"""/settings: a server's task channel, log channel and moderator role."""

import hikari
import lightbulb

from bot.community.settings_desk import SettingsDesk
from bot.community.settings_panel import EVENTS
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Settings(
    lightbulb.SlashCommand,
    name="command.settings.name",
    description="command.settings.description",
    localize=True,
    default_member_permissions=hikari.Permissions.MANAGE_GUILD,
    contexts=[hikari.ApplicationContextType.GUILD],
):
    """Show the settings to those who manage the server."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await SettingsDesk(services).open(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take what is chosen and cleared on the panel."""
    router.own(EVENTS, SettingsDesk(services).change)
