"""The message menu "Label": labels for a message of the dataset that the bot posted."""

import lightbulb

from bot.community.label_choice import ID_PREFIXES
from bot.community.label_desk import LabelDesk
from bot.forms.custom_ids import ALL_LABEL, LABEL_PREFIXES
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


@loader.command
class Label(lightbulb.MessageCommand, name="command.label.name", localize=True):
    """Ask for labels of the message that the menu was opened on."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the menu."""
        await LabelDesk(services).open(ctx.interaction, self.target)


def add_routes(router: Router, services: Services) -> None:
    """Take the clicks on panels of labels and of reports, and the choices among several messages."""
    desk = LabelDesk(services)
    router.own(ALL_LABEL, desk.click)
    for prefix in LABEL_PREFIXES:
        router.own_prefix(prefix, desk.click)
    for prefix in ID_PREFIXES:
        router.own_prefix(prefix, desk.choose)
