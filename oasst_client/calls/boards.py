"""The calls around boards."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from oasst_client.calls.base import EXTENSION_PREFIX, Call, Calls, segment
from oasst_client.models import BoardAmong, LeaderboardStats, LeaderboardTimeFrame, PersonKey, User
from oasst_client.statistics import TrollboardStats

_leaderboard = TypeAdapter(LeaderboardStats)
_among = TypeAdapter(BoardAmong)
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

    async def fetch_leaderboard_among(
        self,
        time_frame: LeaderboardTimeFrame,
        people: Sequence[PersonKey],
        *,
        first: int = 1,
        max_count: int = 100,
        window_size: int = 5,
        user: User | None = None,
    ) -> BoardAmong:
        """Read a board of some people alone: `POST /leaderboards/{time_frame}/among`, an extension.

        Args:
            time_frame: the span it counts.
            people: who, 1 to 10,000; those whom the backend does not know, or who are on no board, are
                left out.
            first: the place from which on rows are wanted, 1 or more.
            max_count: how many rows at most, 1 to 1,000.
            window_size: how many rows around the one of `user`, theirs included, 1 to 1,000.
            user: whose row is to be highlighted.

        Raises:
            NotFoundError: the backend has never seen `user` (4002).
            NotSupportedError: this backend does not have the call.
        """
        call = Call(
            "POST",
            f"leaderboards/{segment(time_frame.value)}/among",
            body={"people": [person.model_dump(mode="json") for person in people]},
            params={"first": first, "max_count": max_count, "window_size": window_size},
            user=user,
            prefix=EXTENSION_PREFIX,
        )
        return await self._read(_among, call)

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
