"""Boards count what people did in a span, and people are kept as frontends name them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from oasst_client import LeaderboardTimeFrame, NotFoundError, OasstApiClient, TaskRequestType

Workers = Callable[[str], Any]


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
    for part, count in (("tree", 3), ("descendants", 1)):
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
    assert await call("GET", "/healthz", key=None) == (200, {"status": "ok"})
