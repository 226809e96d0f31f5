"""The calls around boards."""

from pydantic import TypeAdapter

from oasst_client.calls.base import Call, Calls, segment
from oasst_client.models import LeaderboardStats, LeaderboardTimeFrame, User
from oasst_client.statistics import TrollboardStats

_leaderboard = TypeAdapter(LeaderboardStats)
_trollboard = TypeAdapter(TrollboardStats)


class BoardCalls(Calls):
    """Who did most, and whose messages were found bad. Everything here is tried again freely."""

    async def fetch_leaderboard(
        self, time_frame: LeaderboardTimeFrame, *, max_count: int = 100, user: User | None = None
    ) -> LeaderboardStats:
        """Read a board: `GET /leaderboards/{time_frame}`.

        Args:
            time_frame: the span it counts.
            max_count: how many rows at most, 1 or more.
            user: whose row is to be highlighted.

        Raises:
            NotFoundError: the backend has never seen `user` (4002).
        """
        path = f"leaderboards/{segment(time_frame.value)}"
        return await self._get(_leaderboard, path, user=user, max_count=max_count)

    async def update_leaderboards(self, time_frame: LeaderboardTimeFrame | None = None) -> None:
        """Have a board counted anew, or all: `POST /leaderboards/update[/{time_frame}]`. For trusted keys."""
        path = f"leaderboards/update/{segment(time_frame.value)}" if time_frame else "leaderboards/update"
        await self._do(Call("POST", path))

    async def fetch_trollboard(
        self, time_frame: LeaderboardTimeFrame, *, max_count: int = 100, user: User | None = None
    ) -> TrollboardStats:
        """Read whose messages were found bad: `GET /trollboards/{time_frame}`. For trusted keys.

        Args:
            time_frame: the span it counts.
            max_count: how many rows at most, 1 or more.
            user: whose row is to be highlighted.
        """
        path = f"trollboards/{segment(time_frame.value)}"
        return await self._get(_trollboard, path, user=user, max_count=max_count)
