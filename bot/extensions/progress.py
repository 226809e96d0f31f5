"""/progress: what the community has gathered."""

import lightbulb

from bot.community.progress_desk import ProgressDesk
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class ProgressCommand(
    lightbulb.SlashCommand,
    name="command.progress.name",
    description="command.progress.description",
    localize=True,
):
    """Show the progress to who asks."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await ProgressDesk(services).open(ctx.interaction)
