"""/setup: a wizard for whoever sets a server up."""

import hikari
import lightbulb

from bot.community.settings_ids import Surface
from bot.community.setup_desk import SetupDesk
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Setup(
    lightbulb.SlashCommand,
    name="command.setup.name",
    description="command.setup.description",
    localize=True,
    default_member_permissions=hikari.Permissions.MANAGE_GUILD,
    contexts=[hikari.ApplicationContextType.GUILD],
):
    """Lead those who manage the server through its settings."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await SetupDesk(services).open(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take what is chosen and pressed in the wizard."""
    router.own_prefix(f"{Surface.setup.value}:", SetupDesk(services).click)
