"""/privacy: what is kept of people, why, how long, and who sees it."""

import lightbulb

from bot.access import Deed
from bot.community.privacy_panel import privacy_panel
from bot.community.refusing import is_refused
from bot.services import Services
from bot.texts import texts_for

loader = lightbulb.Loader()


@loader.command
class Privacy(
    lightbulb.SlashCommand,
    name="command.privacy.name",
    description="command.privacy.description",
    localize=True,
):
    """Show it to whoever asks."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        if not await is_refused(services, ctx.interaction, Deed.privacy):
            panel = privacy_panel(texts_for(str(ctx.interaction.locale)))
            await services.outgoing.whisper(ctx.interaction, panel)
