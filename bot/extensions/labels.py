"""The message menu "Label" and reports: labels for a message that the bot posted in a task."""

import lightbulb

from bot.community.label_choice import ID_PREFIX
from bot.community.label_desk import LabelDesk
from bot.community.report_desk import ReportDesk
from bot.forms.custom_ids import ALL_LABEL, LABEL_PREFIXES, REPORT_PREFIX
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
    """Take the clicks on label panels, and the choices among several messages."""
    desk = LabelDesk(services)
    router.own(ALL_LABEL, desk.click)
    for prefix in LABEL_PREFIXES:
        router.own_prefix(prefix, desk.click)
    router.own_prefix(ID_PREFIX, desk.choose)
    router.own_prefix(REPORT_PREFIX, ReportDesk(services).choose)
