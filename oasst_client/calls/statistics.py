"""The calls around statistics, most of which are for trusted keys, and around how the backend is."""

from pydantic import TypeAdapter

from oasst_client.calls.base import EXTENSION_PREFIX, Call, Calls, segment
from oasst_client.reading import HEALTH
from oasst_client.statistics import (
    AllCachedStats,
    BackendHealth,
    CachedStats,
    MessageStats,
    Progress,
    TreeManagerStats,
    TreeMessageCounts,
)

_stats = TypeAdapter(MessageStats)
_manager = TypeAdapter(TreeManagerStats)
_counts = TypeAdapter(dict[str, int])
_message_counts = TypeAdapter(list[TreeMessageCounts])
_all_cached = TypeAdapter(AllCachedStats)
_progress = TypeAdapter(Progress)
_health = TypeAdapter(BackendHealth)
_cached = TypeAdapter(CachedStats)


class StatisticsCalls(Calls):
    """How large the dataset is, and whether the backend is well. Everything here is tried again freely."""

    async def fetch_health(self) -> BackendHealth:
        """Ask whether the backend serves and its database takes writes: `GET /healthz`, beside the protocol.

        Raises:
            NotSupportedError: this backend does not say.
            ServerError: it is not well.
        """
        return await self._read(_health, Call("GET", HEALTH.removeprefix("/"), prefix="/"))

    async def fetch_progress(self) -> Progress:
        """Read what the community has gathered: `GET /progress`, an extension. For any key.

        Raises:
            NotSupportedError: this backend does not have the call.
        """
        return await self._read(_progress, Call("GET", "progress", prefix=EXTENSION_PREFIX))

    async def fetch_stats(self) -> MessageStats:
        """Count messages and trees: `GET /stats/`."""
        return await self._get(_stats, "stats/")

    async def fetch_tree_manager_stats(self) -> TreeManagerStats:
        """Count trees by state, and the messages of each: `GET /stats/tree_manager`."""
        return await self._get(_manager, "stats/tree_manager")

    async def fetch_tree_state_counts(self) -> dict[str, int]:
        """Count trees by state: `GET /stats/tree_manager/state_counts`; empty states may be absent."""
        return await self._get(_counts, "stats/tree_manager/state_counts")

    async def fetch_tree_message_counts(self) -> list[TreeMessageCounts]:
        """Count the messages of each tree: `GET /stats/tree_manager/message_counts`."""
        return await self._get(_message_counts, "stats/tree_manager/message_counts")

    async def fetch_cached_stats(self) -> AllCachedStats:
        """Read all statistics that the backend has ready: `GET /stats/cached`."""
        return await self._get(_all_cached, "stats/cached")

    async def fetch_cached_stat(self, name: str) -> CachedStats:
        """Read one statistic that the backend has ready: `GET /stats/cached/{name}`.

        Raises:
            RefusedError: there is none of this name (6000).
        """
        return await self._get(_cached, f"stats/cached/{segment(name)}")

    async def update_cached_stats(self) -> None:
        """Have the statistics counted anew: `POST /stats/cached/update`."""
        await self._do(Call("POST", "stats/cached/update"))
