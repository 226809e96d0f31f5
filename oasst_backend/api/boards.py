"""The calls around boards: who did most, how one person did, and whose messages were found bad."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response

from oasst_backend.api.bodies import AmongBody
from oasst_backend.api.dependencies import Backend, BackendDep, ClientDep, PersonHeader, TrustedDep
from oasst_backend.api.direct import DirectRoute
from oasst_backend.service import agreement, boards, trollboards
from oasst_backend.service.context import Context
from oasst_backend.service.recount import rebuild_scores
from oasst_backend.service.scores import are_behind, move_frames
from oasst_client import BoardAmong, LeaderboardStats, LeaderboardTimeFrame, TrollboardStats, UserScore

ResultT = TypeVar("ResultT")

router = APIRouter(prefix="/api/v1", tags=["boards"], route_class=DirectRoute)
extension_router = APIRouter(prefix="/api/ext/v1", tags=["boards"], route_class=DirectRoute)

MaxCount = Annotated[int, Query(gt=0, le=10_000)]
UpToThousand = Annotated[int, Query(gt=0, le=1000)]


async def _read_scores(backend: Backend, query: Callable[[sa.Connection, Context], ResultT]) -> ResultT:
    """Read scores once they have forgotten what is too old for them; a reader cannot see to that itself."""
    if await backend.read(are_behind):
        while await backend.write(move_frames):
            pass
    return await backend.read(query)


@router.get("/leaderboards/{time_frame}")
async def leaderboard(
    backend: BackendDep,
    _client: ClientDep,
    time_frame: LeaderboardTimeFrame,
    max_count: MaxCount = 100,
    person: PersonHeader = None,
) -> LeaderboardStats:
    """Show who did most."""
    return await _read_scores(
        backend,
        lambda connection, context: boards.leaderboard(
            connection, context, time_frame, max_count=max_count, header=person
        ),
    )


@router.post("/leaderboards/update", status_code=204, response_class=Response)
async def update_leaderboards(backend: BackendDep, _client: TrustedDep) -> None:
    """Count all boards anew."""
    await backend.write(rebuild_scores)


@router.post("/leaderboards/update/{time_frame}", status_code=204, response_class=Response)
async def update_leaderboard(
    backend: BackendDep, _client: TrustedDep, time_frame: LeaderboardTimeFrame
) -> None:
    """Count a board anew."""
    await backend.write(lambda connection, context: rebuild_scores(connection, context, [time_frame]))


@router.get("/users/{user_id}/stats")
async def get_scores(backend: BackendDep, _client: ClientDep, user_id: UUID) -> dict[str, UserScore]:
    """Show how a person did in each span in which they did something."""
    return await _read_scores(
        backend, lambda connection, context: boards.scores_of(connection, context, str(user_id))
    )


@router.get("/users/{user_id}/stats/{time_frame}")
async def get_score(
    backend: BackendDep, _client: ClientDep, user_id: UUID, time_frame: LeaderboardTimeFrame
) -> UserScore:
    """Show how a person did in a span."""
    return await _read_scores(
        backend, lambda connection, context: boards.score_of(connection, context, str(user_id), time_frame)
    )


@router.get("/users/{user_id}/stats/{time_frame}/window")
async def get_window(
    backend: BackendDep,
    _client: ClientDep,
    user_id: UUID,
    time_frame: LeaderboardTimeFrame,
    window_size: UpToThousand = 5,
) -> LeaderboardStats | None:
    """Show the part of a board around a person; null if they are on none."""
    return await _read_scores(
        backend,
        lambda connection, context: boards.window_around(
            connection, context, str(user_id), time_frame, window_size=window_size
        ),
    )


@router.get("/trollboards/{time_frame}")
async def trollboard(
    backend: BackendDep,
    _client: TrustedDep,
    time_frame: LeaderboardTimeFrame,
    max_count: UpToThousand = 100,
    person: PersonHeader = None,
) -> TrollboardStats:
    """Show whose messages were found bad."""
    return await backend.read(
        lambda connection, context: trollboards.trollboard(
            connection, context, time_frame, max_count=max_count, header=person
        )
    )


@extension_router.post("/leaderboards/{time_frame}/among")
async def board_among(  # the call's own parameters
    backend: BackendDep,
    _client: ClientDep,
    time_frame: LeaderboardTimeFrame,
    body: AmongBody,
    first: Annotated[int, Query(gt=0, le=10_000)] = 1,
    max_count: UpToThousand = 100,
    window_size: UpToThousand = 5,
    person: PersonHeader = None,
) -> BoardAmong:
    """Show who did most among some people: a part of their board, and the rows around the caller's own."""
    part = boards.Part(first, max_count, window_size)
    return await _read_scores(
        backend,
        lambda connection, context: boards.board_among(
            connection, context, time_frame, body.people, part, person
        ),
    )


@extension_router.get("/people/marked")
async def marked_people(
    backend: BackendDep, _client: TrustedDep, max_count: Annotated[int, Query(gt=0, le=1000)] = 100
) -> list[agreement.MarkedPerson]:
    """Show who disagrees with the others beyond chance, for moderators to have a look."""
    return await backend.read(
        lambda connection, _context: agreement.marked_people(connection, max_count=max_count)
    )
