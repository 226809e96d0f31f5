"""The calls that count messages and trees."""

from fastapi import APIRouter, Response

from oasst_backend.api.dependencies import Backend, BackendDep, ClientDep, TrustedDep
from oasst_backend.api.direct import DirectRoute
from oasst_backend.api.queries import MaxCount
from oasst_backend.service import statistics, tree_counts
from oasst_backend.service.progress import progress
from oasst_client import (
    AllCachedStats,
    CachedStats,
    MessageStats,
    Progress,
    TreeManagerStats,
    TreeMessageCounts,
)

router = APIRouter(prefix="/api/v1/stats", tags=["statistics"], route_class=DirectRoute)
extension_router = APIRouter(prefix="/api/ext/v1", tags=["statistics"], route_class=DirectRoute)


@router.get("/")
async def message_stats(backend: BackendDep, _client: TrustedDep) -> MessageStats:
    """Count messages and trees; the numbers are a minute old at most."""
    stats = await backend.read(
        lambda connection, context: statistics.fresh_message_stats(connection, context.now)
    )
    if stats is None:
        counted = await _update(backend)
        stats = MessageStats.model_validate(counted[statistics.StatsName.message_stats])
    return stats


@router.get("/tree_manager")
async def tree_manager(
    backend: BackendDep, _client: TrustedDep, max_count: MaxCount = 1000
) -> TreeManagerStats:
    """Count the trees in each state, and tell how far those that are worked on have grown."""
    return await backend.read(
        lambda connection, _context: TreeManagerStats(
            state_counts=tree_counts.state_counts(connection),
            message_counts=statistics.tree_message_counts(connection, max_count),
        )
    )


@router.get("/tree_manager/state_counts")
async def state_counts(backend: BackendDep, _client: TrustedDep) -> dict[str, int]:
    """Count the trees in each state."""
    return await backend.read(lambda connection, _context: tree_counts.state_counts(connection))


@router.get("/tree_manager/message_counts")
async def message_counts(
    backend: BackendDep, _client: TrustedDep, max_count: MaxCount = 1000
) -> list[TreeMessageCounts]:
    """Tell how far the trees that are worked on have grown, in the order of their ids."""
    return await backend.read(
        lambda connection, _context: statistics.tree_message_counts(connection, max_count)
    )


@router.get("/cached")
async def all_cached(backend: BackendDep, _client: TrustedDep) -> AllCachedStats:
    """Show everything that the last update counted."""
    return await backend.read(lambda connection, _context: statistics.all_cached(connection))


@router.get("/cached/{name}")
async def cached(backend: BackendDep, _client: TrustedDep, name: str) -> CachedStats:
    """Show one of the counts of the last update."""
    return await backend.read(lambda connection, _context: statistics.cached(connection, name))


@router.post("/cached/update", status_code=204, response_class=Response)
async def update(backend: BackendDep, _client: TrustedDep) -> None:
    """Count everything anew."""
    await _update(backend)


@extension_router.get("/progress")
async def community_progress(backend: BackendDep, _client: ClientDep) -> Progress:
    """Tell what the community has gathered; the numbers are a minute old at most."""
    return await backend.progress.get(
        backend.clock(),
        lambda: backend.read(lambda connection, context: progress(connection, context.now)),
    )


async def _update(backend: Backend) -> statistics.Counted:
    # Counted on a reader, so that answers need not wait for it.
    counted = await backend.read(lambda connection, _context: statistics.count_all(connection))
    await backend.write(lambda connection, context: statistics.keep(connection, context.now, counted))
    return counted
