"""/tutorial: how tasks are done, by examples."""

import lightbulb

from bot.community.tutorial import ID_PREFIX
from bot.community.tutorial_desk import TutorialDesk
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Tutorial(
    lightbulb.SlashCommand,
    name="command.tutorial.name",
    description="command.tutorial.description",
    localize=True,
):
    """Show the first panel."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await TutorialDesk(services).open(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take what is clicked and chosen on the panel."""
    router.own_prefix(ID_PREFIX, TutorialDesk(services).click)
