"""A board of some people alone: their points of the board of all, ranked among them, by indexes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.service import boards
from oasst_client import (
    AuthMethod,
    BoardAmong,
    LeaderboardTimeFrame,
    NotFoundError,
    OasstApiClient,
    PersonKey,
    User,
)
from tests.backend.board_people import add_people

Workers = Callable[[str], Any]
Call = Callable[..., Any]

TOTAL = LeaderboardTimeFrame.total
AMONG = "/api/ext/v1/leaderboards/total/among"


def key(name: str) -> PersonKey:
    return PersonKey(auth_method=AuthMethod.discord, id=name)


def fill(backend: BackendServer, points: dict[str, int]) -> None:
    assert backend.storage is not None
    backend.storage.write_now(lambda connection: add_people(connection, points))


def named(board: BoardAmong) -> list[tuple[int | None, str, int]]:
    return [(row.rank, row.display_name, row.leader_score) for row in board.leaderboard]


@pytest.mark.usefixtures("finished_tree")
async def test_points_are_those_of_all_and_ranks_those_among_the_chosen(
    client: OasstApiClient, worker: Workers
) -> None:
    chosen = [key("id-dan"), key("id-bob"), key("id-nobody"), key("id-dan")]
    board = await client.fetch_leaderboard_among(TOTAL, chosen, user=worker("dan").user)
    assert named(board) == [(1, "Bob", 13), (2, "Dan", 6)]
    assert (board.people, board.time_frame) == (2, "total")
    assert [row.highlighted for row in board.leaderboard] == [False, True]
    of_all = {row.display_name: row for row in (await client.fetch_leaderboard(TOTAL)).leaderboard}
    for row in board.leaderboard:
        same = of_all[row.display_name].model_copy(update={"rank": row.rank, "highlighted": row.highlighted})
        assert row == same


@pytest.mark.usefixtures("finished_tree")
async def test_the_same_id_at_another_frontend_is_somebody_else(client: OasstApiClient) -> None:
    board = await client.fetch_leaderboard_among(
        TOTAL, [PersonKey(auth_method=AuthMethod.local, id="id-bob"), key("id-cat")]
    )
    assert [name for _, name, _ in named(board)] == ["Cat"]


@pytest.mark.usefixtures("finished_tree")
@pytest.mark.parametrize("change", [{"show_on_leaderboard": False}, {"enabled": False}])
async def test_who_is_on_no_board_is_on_this_one_neither(
    client: OasstApiClient, worker: Workers, change: dict[str, bool]
) -> None:
    bob = worker("bob").user
    await client.put_user(bob, **change)  # type: ignore[arg-type]  # one of its flags
    board = await client.fetch_leaderboard_among(TOTAL, [key("id-bob"), key("id-dan")], user=bob)
    assert named(board) == [(1, "Dan", 6)]
    assert board.around == []


async def test_each_board_counts_its_own_span(
    client: OasstApiClient, finished_tree: str, pass_time: Callable[..., None]
) -> None:
    assert finished_tree
    pass_time(days=3)
    chosen = [key("id-bob")]
    shown = {
        frame
        for frame in LeaderboardTimeFrame
        if (await client.fetch_leaderboard_among(frame, chosen)).people
    }
    assert shown == set(LeaderboardTimeFrame) - {LeaderboardTimeFrame.day}


async def test_ten_thousand_people_and_ties_are_in_the_order_of_the_board_of_all(
    backend: BackendServer, client: OasstApiClient
) -> None:
    fill(backend, {f"p{number}": number % 100 for number in range(10_000)})
    chosen = [key(f"p{number}") for number in range(10_000)]
    me = User(id="p7", display_name="P7", auth_method=AuthMethod.discord)
    board = await client.fetch_leaderboard_among(TOTAL, chosen, first=21, max_count=3, window_size=7, user=me)
    assert board.people == 10_000
    top = (await client.fetch_leaderboard(TOTAL, max_count=10_000)).leaderboard
    assert [(row.rank, row.user_id) for row in board.leaderboard] == [
        (row.rank, row.user_id) for row in top[20:23]
    ]
    place = next(number for number, row in enumerate(top) if row.username == "p7")
    assert [row.user_id for row in board.around] == [row.user_id for row in top[place - 3 : place + 4]]
    assert [row.rank for row in board.around] == list(range(place - 2, place + 5))
    assert [row.username for row in board.around if row.highlighted] == ["p7"]


@pytest.mark.parametrize(
    ("me", "size", "ranks"),
    [
        ("p9", 5, [1, 2, 3, 4, 5]),
        ("p8", 5, [1, 2, 3, 4, 5]),
        ("p5", 5, [3, 4, 5, 6, 7]),
        ("p5", 4, [4, 5, 6, 7]),
        ("p5", 1, [5]),
        ("p0", 5, [6, 7, 8, 9, 10]),
        ("p0", 100, list(range(1, 11))),
    ],
)
async def test_the_rows_around_ones_own_are_as_many_as_there_are(
    backend: BackendServer, client: OasstApiClient, me: str, size: int, ranks: list[int]
) -> None:
    fill(backend, {f"p{number}": number for number in range(10)})
    user = User(id=me, display_name=me, auth_method=AuthMethod.discord)
    chosen = [key(f"p{number}") for number in range(10)]
    board = await client.fetch_leaderboard_among(TOTAL, chosen, window_size=size, max_count=1, user=user)
    assert [row.rank for row in board.around] == ranks
    assert [row.username for row in board.around if row.highlighted] == [me]


async def test_beyond_the_last_place_there_is_nothing(backend: BackendServer, client: OasstApiClient) -> None:
    fill(backend, {"p1": 1})
    board = await client.fetch_leaderboard_among(TOTAL, [key("p1")], first=2)
    assert (board.leaderboard, board.people) == ([], 1)


async def test_who_is_chosen_must_be_said_in_bounds(client: OasstApiClient, call: Call) -> None:
    someone = {"auth_method": "discord", "id": "1"}
    for body, query in (
        ({"people": []}, ""),
        ({}, ""),
        ({"people": [someone] * 10_001}, ""),
        ({"people": [{"auth_method": "carrier pigeon", "id": "1"}]}, ""),
        ({"people": [someone]}, "?max_count=1001"),
        ({"people": [someone]}, "?first=0"),
        ({"people": [someone]}, "?window_size=1001"),
    ):
        assert (await call("POST", AMONG + query, body=body))[0] == 422
    status, answer = await call("POST", AMONG, body={"people": [{**someone, "id": ""}]})
    assert (status, answer["error_code"]) == (400, 2012)
    for odd in ("\0", "'; DROP TABLE people; --", "]", "\U0001f41d" * 100):
        assert (await call("POST", AMONG, body={"people": [{**someone, "id": odd}]}))[0] == 200
    stranger = User(id="stranger", display_name="?", auth_method=AuthMethod.discord)
    with pytest.raises(NotFoundError):
        await client.fetch_leaderboard_among(TOTAL, [key("1")], user=stranger)


def test_people_are_looked_up_by_indexes_alone(backend: BackendServer) -> None:
    fill(backend, {f"p{number}": number for number in range(50)})
    assert backend.storage is not None
    values = {"frame": "total", "auth_method": "discord", "names": json.dumps(["p1", "p2"])}

    def plan(connection: sa.Connection) -> list[str]:
        statement = boards._OF_NAMED.compile(dialect=connection.dialect)  # noqa: SLF001  # its plan is the point
        bound = tuple(values[name] for name in statement.positiontup or ())
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", bound)]

    steps = backend.storage.read_now(plan)
    tables = [step for step in steps if step.startswith(("SEARCH", "SCAN"))]
    assert [step.partition(" (")[2] for step in tables] == [
        "time_frame=? AND person_id=?)",
        "auth_method=? AND username=?)",
        "",
    ]
    assert tables[-1].startswith("SCAN names VIRTUAL TABLE")
