"""/leaderboard: who gave most, over a day, a week, a month or all time."""

import lightbulb

from bot.community.board import PERIODS
from bot.community.board_desk import BoardDesk
from bot.router import Router
from bot.services import Services
from oasst_client import LeaderboardTimeFrame

loader = lightbulb.Loader()

_CHOICES = [
    lightbulb.Choice("day", LeaderboardTimeFrame.day.value),
    lightbulb.Choice("week", LeaderboardTimeFrame.week.value),
    lightbulb.Choice("month", LeaderboardTimeFrame.month.value),
    lightbulb.Choice("all time", LeaderboardTimeFrame.total.value),
]


@loader.command
class Leaderboard(
    lightbulb.SlashCommand,
    name="leaderboard",
    description="See who gave most to the dataset, and where you stand",
):
    """Show a board to who asks."""

    period = lightbulb.string(
        "period",
        "Over which time (all time if you choose nothing)",
        choices=_CHOICES,
        default=LeaderboardTimeFrame.total.value,
    )

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await BoardDesk(services).open(ctx.interaction, LeaderboardTimeFrame(self.period))


def add_routes(router: Router, services: Services) -> None:
    """Take the clicks on the period buttons."""
    router.own(PERIODS, BoardDesk(services).turn)
