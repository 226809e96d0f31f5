"""Boards count what people did in a span, and people are kept as frontends name them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from oasst_client import LeaderboardTimeFrame, NotFoundError, OasstApiClient, TaskRequestType

Workers = Callable[[str], Any]
Call = Callable[..., Any]


async def names_on(client: OasstApiClient, frame: str) -> list[str]:
    """Name those who stand on a board, best first."""
    board = await client.fetch_leaderboard(LeaderboardTimeFrame(frame))
    return [row.display_name for row in board.leaderboard]


async def id_of(client: OasstApiClient, worker: Any) -> UUID:  # noqa: ANN401  # a person of the tests
    """Give the backend's id of a person."""
    return (await client.fetch_user(worker.user)).user_id


@pytest.mark.usefixtures("finished_tree")
async def test_points_for_everything_that_was_done(client: OasstApiClient, worker: Workers) -> None:
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total, user=worker("bob").user)
    rows = {row.display_name: row for row in board.leaderboard}
    # cat: a reply (4), accepted (4), ranked first (9); bob: so, but second (3), and a full label (2);
    # dan: two full labels (4), a ranking (1), a good one (1).
    assert {name: row.leader_score for name, row in rows.items()} == {
        "Cat": 17,
        "Bob": 13,
        "Dan": 6,
        "Ann": 0,
    }
    assert [row.display_name for row in board.leaderboard] == ["Cat", "Bob", "Dan", "Ann"]
    assert [row.rank for row in board.leaderboard] == [1, 2, 3, 4]
    assert [row.highlighted for row in board.leaderboard] == [False, True, False, False]
    assert (rows["Dan"].rankings_good, rows["Dan"].labels_full, rows["Cat"].level) == (1, 2, 4)
    assert rows["Cat"].streak_days == 1


@pytest.mark.usefixtures("finished_tree")
@pytest.mark.parametrize(
    ("days", "frames"),
    [
        (0, {"day", "week", "month", "total"}),
        (3, {"week", "month", "total"}),
        (20, {"month", "total"}),
        (40, {"total"}),
    ],
)
async def test_each_board_counts_its_own_span(
    client: OasstApiClient, pass_time: Callable[..., None], days: int, frames: set[str]
) -> None:
    pass_time(days=days)
    shown = {
        frame.value for frame in LeaderboardTimeFrame if (await client.fetch_leaderboard(frame)).leaderboard
    }
    assert shown == frames


@pytest.mark.parametrize(
    ("frame", "last"),
    [
        # The prompt is written on 14 March at noon.
        ("day", datetime(2026, 3, 15, 12, 0, 0, tzinfo=UTC)),
        ("week", datetime(2026, 3, 21, 23, 59, 59, tzinfo=UTC)),
        ("month", datetime(2026, 4, 13, 23, 59, 59, tzinfo=UTC)),
    ],
)
async def test_a_frame_ends_to_the_second(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None], frame: str, last: datetime
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    pass_time(seconds=(last - datetime(2026, 3, 14, 12, tzinfo=UTC)).total_seconds() - 1)
    assert await names_on(client, frame) == ["Ann"]
    pass_time(seconds=1)
    assert await names_on(client, frame) == ["Ann"]
    pass_time(seconds=1)
    assert await names_on(client, frame) == []
    assert await names_on(client, "total") == ["Ann"]


async def test_a_row_shrinks_as_its_parts_grow_old(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann = worker("ann")
    for number in range(3):
        await ann.write(TaskRequestType.initial_prompt, f"Question {number}?")
        pass_time(hours=11)
    # Written 33, 22 and 11 hours ago.
    row = await client.fetch_user_score(await id_of(client, ann), LeaderboardTimeFrame.day)
    assert row.prompts == 2
    assert row.base_date == datetime(2026, 3, 14, 21, tzinfo=UTC)
    pass_time(hours=12)
    row = await client.fetch_user_score(row.user_id, LeaderboardTimeFrame.day)
    assert (row.prompts, row.level, row.rank) == (1, 1, 1)


@pytest.mark.usefixtures("finished_tree")
async def test_a_board_is_cut_and_leaves_out_who_hides(
    client: OasstApiClient, call: Callable[..., Any], worker: Workers
) -> None:
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total, max_count=2)
    assert len(board.leaderboard) == 2
    body = worker("cat").user.model_dump(mode="json") | {"show_on_leaderboard": False}
    await call("POST", "/api/v1/frontend_users/", body=body)
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total)
    assert [row.display_name for row in board.leaderboard] == ["Bob", "Dan", "Ann"]
    for bad in ("leaderboards/year", "leaderboards/day?max_count=0"):
        assert (await call("GET", f"/api/v1/{bad}"))[0] == 422


async def test_what_was_deleted_earns_nothing_and_what_was_rejected_does(
    client: OasstApiClient, call: Callable[..., Any], worker: Workers
) -> None:
    kept, gone = [await worker("ann").write(TaskRequestType.initial_prompt, text) for text in ("a", "b")]
    for _ in range(2):
        await worker("bob").label(TaskRequestType.label_initial_prompt, {"spam": 1})
    _, message = await call("GET", f"/api/v1/frontend_messages/{gone}")
    await call("DELETE", f"/api/v1/messages/{message['id']}")
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total)
    rows = {row.display_name: row for row in board.leaderboard}
    assert (rows["Ann"].prompts, rows["Ann"].accepted_prompts) == (1, 0), kept
    assert rows["Bob"].labels_full == 2


async def test_what_was_restored_earns_again_in_the_frames_that_still_hold_it(
    client: OasstApiClient, call: Call, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann = worker("ann")
    prompt = await ann.write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    ann_id = await id_of(client, ann)
    assert (await client.fetch_user_scores(ann_id)).keys() == {"day", "week", "month", "total"}
    await call("DELETE", f"/api/v1/messages/{message['id']}")
    assert await client.fetch_user_scores(ann_id) == {}
    assert await names_on(client, "day") == ["Bob"]
    pass_time(days=2)
    await call("PUT", f"/api/v1/messages/{message['id']}/undelete")
    scores = await client.fetch_user_scores(ann_id)
    assert scores.keys() == {"week", "month", "total"}
    assert {(score.prompts, score.accepted_prompts) for score in scores.values()} == {(1, 1)}
    await call("DELETE", f"/api/v1/messages/{message['id']}")
    pass_time(days=60)
    assert await client.fetch_user_scores(ann_id) == {}


async def test_equal_points_go_by_the_id_and_ranks_leave_out_who_is_not_shown(
    client: OasstApiClient, worker: Workers
) -> None:
    people = [worker(f"p{number}") for number in range(6)]
    for person in people:
        await person.write(TaskRequestType.initial_prompt, f"What is {person.user.id}?")
    ids = sorted([await id_of(client, person) for person in people], key=str)
    by_id = {await id_of(client, person): person for person in people}
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total)
    assert [row.user_id for row in board.leaderboard] == ids
    await client.put_user(by_id[ids[0]].user, show_on_leaderboard=False)
    await client.put_user(by_id[ids[2]].user, enabled=False)
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total)
    assert [(row.rank, row.user_id) for row in board.leaderboard] == [
        (1, ids[1]),
        (2, ids[3]),
        (3, ids[4]),
        (4, ids[5]),
    ]
    own = [await client.fetch_user_score(person_id, LeaderboardTimeFrame.total) for person_id in ids]
    assert [score.rank for score in own] == [None, 1, None, 2, 3, 4]
    assert {score.prompts for score in own} == {1}
    assert await client.fetch_score_window(ids[0], LeaderboardTimeFrame.total) is None
    await client.put_user(by_id[ids[2]].user, enabled=True)
    assert (await client.fetch_user_score(ids[5], LeaderboardTimeFrame.total)).rank == 5


async def test_the_window_around_a_person(client: OasstApiClient, worker: Workers) -> None:
    people = [worker(f"p{number}") for number in range(7)]
    for number, person in enumerate(people):
        # Ten prompts are a point: those who write ten stand above those who write one.
        for turn in range(10 if number < 3 else 1):
            await person.write(TaskRequestType.initial_prompt, f"Question {turn} of {number}?")
    board = [row.user_id for row in (await client.fetch_leaderboard(LeaderboardTimeFrame.day)).leaderboard]

    async def window(place: int, size: int) -> list[int]:
        found = await client.fetch_score_window(board[place - 1], LeaderboardTimeFrame.day, window_size=size)
        assert found is not None
        rows = found.leaderboard
        assert [row.user_id for row in rows] == [board[row.rank - 1] for row in rows if row.rank]
        assert [row.rank for row in rows if row.highlighted] == [place]
        return [row.rank for row in rows if row.rank]

    assert await window(4, 3) == [3, 4, 5]
    assert await window(4, 4) == [3, 4, 5, 6]
    assert await window(1, 3) == [1, 2, 3]
    assert await window(2, 5) == [1, 2, 3, 4, 5]
    assert await window(7, 4) == [4, 5, 6, 7]
    assert await window(5, 1) == [5]
    assert await window(3, 100) == [1, 2, 3, 4, 5, 6, 7]


async def test_the_scores_of_who_did_nothing_and_of_who_is_not_known(
    client: OasstApiClient, call: Call, worker: Workers
) -> None:
    ann = await client.put_user(worker("ann").user)
    path = f"/api/v1/users/{ann.user_id}/stats"
    assert await call("GET", path) == (200, {})
    status, nothing = await call("GET", f"{path}/week")
    assert status == 200
    assert (nothing["level"], nothing["leader_score"], nothing["rank"]) == (0, 0, None)
    assert await call("GET", f"{path}/week/window") == (200, None)
    unknown = f"/api/v1/users/{uuid4()}/stats"
    assert await call("GET", unknown) == (200, {})
    assert await call("GET", f"{unknown}/total/window") == (200, None)
    status, error = await call("GET", f"{unknown}/day")
    assert (status, error["error_code"]) == (404, 4002)
    for bad in (f"{path}/year", f"{path}/day/window?window_size=0", "/api/v1/users/ann/stats"):
        assert (await call("GET", bad))[0] == 422


@pytest.mark.usefixtures("finished_tree")
async def test_boards_that_were_counted_anew_are_the_same(client: OasstApiClient) -> None:
    before = [await client.fetch_leaderboard(frame) for frame in LeaderboardTimeFrame]
    assert all(board.leaderboard for board in before)
    await client.update_leaderboards()
    await client.update_leaderboards(LeaderboardTimeFrame.week)
    assert [await client.fetch_leaderboard(frame) for frame in LeaderboardTimeFrame] == before


async def test_only_trusted_keys_count_anew_and_see_whose_messages_are_bad(
    backend: BackendServer, call: Call
) -> None:
    assert backend.storage is not None
    key = backend.storage.write_now(
        lambda connection: create_key(connection, datetime.now(UTC), "plain", trusted=False)
    )
    for method, path in (
        ("POST", "/api/v1/leaderboards/update"),
        ("POST", "/api/v1/leaderboards/update/day"),
        ("GET", "/api/v1/trollboards/day"),
        ("GET", "/api/ext/v1/people/marked"),
    ):
        status, answer = await call(method, path, key=key)
        assert (status, answer["error_code"]) == (403, 2)
    assert await call("POST", "/api/v1/leaderboards/update/day") == (204, "")
    assert (await call("GET", "/api/v1/leaderboards/day", key=key))[0] == 200


async def test_a_board_for_a_person_nobody_knows(client: OasstApiClient, worker: Workers) -> None:
    with pytest.raises(NotFoundError):
        await client.fetch_leaderboard(LeaderboardTimeFrame.total, user=worker("nobody").user)


async def test_a_streak_grows_by_days_and_ends_with_a_missed_one(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann = worker("ann")
    streaks = []
    for number, days in enumerate((0, 1, 1, 2)):
        pass_time(days=days)
        await ann.write(TaskRequestType.initial_prompt, f"Question {number}?")
        streaks.append((await client.put_user(ann.user)).streak_days)
    assert streaks == [1, 2, 3, 1]
    pass_time(days=1)
    assert (await client.put_user(ann.user)).streak_days == 1
    pass_time(days=1)
    known = await client.put_user(ann.user)
    assert (known.streak_days, known.streak_last_day_date) == (0, datetime(2026, 3, 18, tzinfo=UTC))


async def test_a_person_is_changed_only_in_what_is_given(call: Callable[..., Any], worker: Workers) -> None:
    ann = worker("ann").user.model_dump(mode="json")
    path = "/api/v1/frontend_users/"
    await call("POST", path, body=ann | {"enabled": False, "notes": "rude", "tos_acceptance": True})
    status, known = await call("POST", path, body=ann | {"display_name": "Anna"})
    assert status == 200
    assert (known["display_name"], known["enabled"], known["notes"]) == ("Anna", False, "rude")
    assert known["tos_acceptance_date"] is not None
    status, same = await call("GET", "/api/v1/frontend_users/discord/id-ann")
    assert (status, same) == (200, known)


async def test_free_labels_replace_the_earlier_ones_and_decide_nothing(
    call: Callable[..., Any], worker: Workers
) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    for value in (0, 1):
        body = {
            "user": worker("bob").user.model_dump(mode="json"),
            "text": "",
            "labels": {"spam": value},
            "message_id": message["id"],
        }
        assert (await call("POST", "/api/v1/text_labels/", body=body))[0] == 204
    _, seen = await call("GET", f"/api/v1/messages/{message['id']}")
    assert (seen["review_count"], seen["review_result"], seen["emojis"]) == (0, None, {})


async def test_the_labels_that_fit_a_message(
    client: OasstApiClient, call: Callable[..., Any], worker: Workers
) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    any_message = [label.name for label in (await client.fetch_valid_labels()).valid_labels]
    this_one = [label.name for label in (await client.fetch_valid_labels(message["id"])).valid_labels]
    assert "fails_task" not in any_message
    assert "helpfulness" not in this_one
    status, reports = await call("GET", "/api/v1/text_labels/report_labels", key=None)
    assert status == 200
    assert reports["valid_labels"][0]["name"] == "spam"


async def test_what_can_be_read_of_a_message(call: Callable[..., Any], finished_tree: str) -> None:
    path = f"/api/v1/frontend_messages/{finished_tree}"
    _, prompt = await call("GET", path, person="discord:id-ann")
    assert (prompt["user_is_author"], prompt["message_tree_id"]) == (True, prompt["id"])
    _, children = await call("GET", f"{path}/children")
    assert {child["rank"] for child in children} == {0, 1}
    _, conversation = await call("GET", f"/api/v1/messages/{children[0]['id']}/conversation")
    assert [message["is_assistant"] for message in conversation["messages"]] == [False, True]
    for part, count in (("tree", 3), ("descendants", 0)):
        _, tree = await call("GET", f"/api/v1/messages/{children[0]['id']}/{part}")
        assert len(tree["messages"]) == count
    _, counts = await call("GET", "/api/v1/stats/tree_manager/state_counts")
    assert counts == {"ready_for_export": 1}
    _, stats = await call("GET", "/api/v1/stats/")
    assert stats == {
        "all": 3,
        "active": 3,
        "active_by_lang": {"en": 3},
        "deleted": 0,
        "message_trees": 1,
    }
    status, health = await call("GET", "/healthz", key=None)
    assert (status, health["status"]) == (200, "ok")
