"""/settings: what a server decides for itself, as one message that changes in place."""

import hikari
import lightbulb

from bot.community.settings_desk import SettingsDesk
from bot.community.settings_panel import EVENTS
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()

group = lightbulb.Group(
    "command.settings.name",
    "command.settings.description",
    localize=True,
    default_member_permissions=hikari.Permissions.MANAGE_GUILD,
    contexts=[hikari.ApplicationContextType.GUILD],
)
loader.command(group)


@group.register
class ShowSettings(
    lightbulb.SlashCommand,
    name="command.settings.show.name",
    description="command.settings.show.description",
    localize=True,
):
    """Show the settings to those who manage the server."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await SettingsDesk(services).open(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take what is chosen and cleared on the panel."""
    router.own(EVENTS, SettingsDesk(services).change)
