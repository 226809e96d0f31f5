"""/languages: the languages that one can work in."""

import lightbulb

from bot.community.languages_desk import ID_PREFIX, LanguagesDesk
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Languages(
    lightbulb.SlashCommand,
    name="command.languages.name",
    description="command.languages.description",
    localize=True,
):
    """Show the person's languages."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await LanguagesDesk(services).open(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take what is clicked and chosen on the panel."""
    router.own_prefix(ID_PREFIX, LanguagesDesk(services).choose)
