"""The message menu "Contribute": a message of one's own as the first of a conversation."""

import lightbulb

from bot.community.contribute_desk import ContributeDesk
from bot.forms.custom_ids import MODAL_INPUTS
from bot.router import Router
from bot.services import Services
from bot.sessions.contribution_ids import MODAL, PREFIX

loader = lightbulb.Loader()


@loader.command
class Contribute(lightbulb.MessageCommand, name="command.contribute.name", localize=True):
    """Let the author of the message that the menu was opened on give it to the dataset."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the menu."""
        await ContributeDesk(services).open(ctx.interaction, self.target)


def add_routes(router: Router, services: Services) -> None:
    """Take the form with the text, the choice of a language, and second thoughts."""
    desk = ContributeDesk(services)
    router.own_modal(MODAL, MODAL_INPUTS, desk.submit)
    router.own_prefix(PREFIX, desk.click)
