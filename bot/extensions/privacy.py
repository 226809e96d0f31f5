"""/privacy: what is kept of people, why, how long, and who sees it."""

import lightbulb

from bot.access import Deed
from bot.community.privacy_panel import privacy_panel
from bot.rendering.panels import Panel
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
        texts = texts_for(str(ctx.interaction.locale))
        refusal = await services.gate.refusal(ctx.interaction, Deed.privacy)
        panel = privacy_panel(texts) if refusal is None else Panel(texts(refusal))
        await services.outgoing.whisper(ctx.interaction, panel)
