"""/leaderboard: who gave most, over a day, a week, a month or all time, everywhere or on this server."""

import lightbulb

from bot.community.board_choice import PREFIX, BoardChoice, Scope
from bot.community.board_desk import BoardDesk
from bot.router import Router
from bot.services import Services
from oasst_client import LeaderboardTimeFrame

loader = lightbulb.Loader()

_PERIODS = [
    lightbulb.Choice(f"command.leaderboard.period.{period.value}", period.value, localize=True)
    for period in LeaderboardTimeFrame
]
_SCOPES = [
    lightbulb.Choice(f"command.leaderboard.scope.{scope.value}", scope.value, localize=True)
    for scope in Scope
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
        choices=_PERIODS,
        default=LeaderboardTimeFrame.total.value,
    )
    scope = lightbulb.string(
        "command.leaderboard.scope.name",
        "command.leaderboard.scope.description",
        localize=True,
        choices=_SCOPES,
        default=Scope.everywhere.value,
    )

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        choice = BoardChoice(LeaderboardTimeFrame(self.period), Scope(self.scope))
        await BoardDesk(services).open(ctx.interaction, choice)


def add_routes(router: Router, services: Services) -> None:
    """Take the clicks on the buttons below a board."""
    router.own_prefix(PREFIX, BoardDesk(services).turn)
