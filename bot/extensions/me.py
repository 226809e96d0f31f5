"""/me: one's score and how it came about, one's texts and what became of them, and who sees one."""

import lightbulb

from bot.community.me_desk import MeDesk
from bot.community.me_ids import MODAL_PREFIX, PREFIX
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Me(lightbulb.SlashCommand, name="command.me.name", description="command.me.description", localize=True):
    """Show people what they gave."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await MeDesk(services).open(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take the clicks and the choices on /me, and the form with another wording."""
    desk = MeDesk(services)
    router.own_prefix(PREFIX, desk.click)
    router.own_modal_prefix(MODAL_PREFIX, desk.submit)
