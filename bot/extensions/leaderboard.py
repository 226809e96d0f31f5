"""/leaderboard: who gave most, over a day, a week, a month or all time."""

import lightbulb

from bot.community.board import PERIODS
from bot.community.board_desk import BoardDesk
from bot.router import Router
from bot.services import Services
from oasst_client import LeaderboardTimeFrame

loader = lightbulb.Loader()

_CHOICES = [
    lightbulb.Choice(f"command.leaderboard.period.{period.value}", period.value, localize=True)
    for period in LeaderboardTimeFrame
]


@loader.command
class Leaderboard(
    lightbulb.SlashCommand,
    name="command.leaderboard.name",
    description="command.leaderboard.description",
    localize=True,
):
    """Show a board to who asks."""

    period = lightbulb.string(
        "command.leaderboard.period.name",
        "command.leaderboard.period.description",
        localize=True,
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
