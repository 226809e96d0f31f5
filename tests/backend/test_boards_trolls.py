"""Moderators see whose messages were found bad, and nobody has to scan everything for it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_client import LeaderboardTimeFrame, OasstApiClient, TaskRequestType

Workers = Callable[[str], Any]
Call = Callable[..., Any]

DAY = LeaderboardTimeFrame.day


@pytest.fixture
def say(call: Call, worker: Workers) -> Callable[..., Any]:
    """Label a message outside a task, or report it."""

    async def label(name: str, message_id: str, labels: dict[str, float], *, report: bool = False) -> None:
        body = {
            "user": worker(name).user.model_dump(mode="json"),
            "text": "",
            "labels": labels,
            "message_id": message_id,
            "is_report": report,
        }
        assert (await call("POST", "/api/v1/text_labels/", body=body))[0] == 204

    return label


async def write_prompt(call: Call, worker: Workers, name: str, text: str) -> str:
    """Have a person write a prompt; gives the backend's id of it."""
    prompt = await worker(name).write(TaskRequestType.initial_prompt, text)
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    message_id: str = message["id"]
    return message_id


async def test_who_is_listed_and_what_is_shown(
    client: OasstApiClient, call: Call, worker: Workers, say: Callable[..., Any]
) -> None:
    ann, bob, _good = [
        await write_prompt(call, worker, name, f"What does {name} ask?") for name in ("ann", "bob", "cat")
    ]
    await say("dan", ann, {"spam": 1, "hate_speech": 1, "quality": 0.25})
    await say("eve", ann, {"spam": 0, "quality": 0.75, "political_content": 1, "lang_mismatch": 1})
    await say("dan", bob, {"pii": 1}, report=True)
    board = await client.fetch_trollboard(DAY, user=worker("bob").user)
    assert [(row.rank, row.display_name, row.troll_score) for row in board.trollboard] == [
        (1, "Bob", 4),  # a red flag (3) and pii (1)
        (2, "Ann", 3),  # spam (1) and hate speech (2)
    ]
    first, second = board.trollboard
    assert (first.highlighted, second.highlighted) == (True, False)
    assert (first.red_flags, first.pii, first.quality) == (1, 1, None)
    assert (second.spam, second.hate_speech, second.quality, second.humor) == (1, 1, 0.5, None)
    assert (second.political_content, second.lang_mismach, second.spam_prompts) == (1, 1, 0)
    assert len((await client.fetch_trollboard(DAY, max_count=1)).trollboard) == 1


async def test_rejected_prompts_and_votes(
    client: OasstApiClient, call: Call, worker: Workers, pass_time: Callable[..., None]
) -> None:
    rejected, liked = [await write_prompt(call, worker, name, f"Is {name} rude?") for name in ("ann", "bob")]
    for _ in range(2):
        task, _ = await worker("dan").take(TaskRequestType.label_initial_prompt)
        is_spam = str(task.message_id) == rejected
        await worker("dan").hand_in_labels(task, {"spam": float(is_spam)})
    for message_id, emoji in ((rejected, "+1"), (liked, "+1"), (liked, "-1")):
        body = {"user": worker(f"{emoji}").user.model_dump(mode="json"), "op": "add", "emoji": emoji}
        assert (await call("POST", f"/api/v1/messages/{message_id}/emoji", body=body))[0] == 202
    rows = (await client.fetch_trollboard(LeaderboardTimeFrame.week)).trollboard
    assert [(row.display_name, row.troll_score, row.upvotes, row.downvotes) for row in rows] == [
        ("Ann", 4, 1, 0),  # a rejected prompt (3) and spam (1); what speaks for it takes nothing off
        ("Bob", 1, 1, 1),
    ]
    assert rows[0].spam_prompts == 1
    # Who is disabled or hides stays on this board.
    await client.put_user(worker("ann").user, enabled=False, show_on_leaderboard=False)
    row = (await client.fetch_trollboard(DAY)).trollboard[0]
    assert (row.display_name, row.enabled, row.show_on_leaderboard) == ("Ann", False, False)
    pass_time(hours=24)
    assert len((await client.fetch_trollboard(DAY)).trollboard) == 2
    pass_time(seconds=1)
    assert (await client.fetch_trollboard(DAY)).trollboard == []
    assert len((await client.fetch_trollboard(LeaderboardTimeFrame.total)).trollboard) == 2


async def test_an_answer_that_says_nothing_bad_lists_nobody(
    client: OasstApiClient, call: Call, worker: Workers, say: Callable[..., Any]
) -> None:
    prompt = await write_prompt(call, worker, "ann", "Why?")
    await say("dan", prompt, {"spam": 0, "toxicity": 1, "political_content": 1, "lang_mismatch": 1})
    assert (await client.fetch_trollboard(DAY)).trollboard == []


async def test_people_are_found_by_the_indexes_of_what_speaks_against_them(
    backend: BackendServer, client: OasstApiClient, call: Call, worker: Workers, say: Callable[..., Any]
) -> None:
    prompt = await write_prompt(call, worker, "ann", "Why?")
    await say("dan", prompt, {"spam": 1}, report=True)
    seen: list[tuple[str, Any]] = []

    def look(*given: Any) -> None:  # noqa: ANN401  # SQLAlchemy's event
        if given[2].startswith("SELECT messages.person_id"):
            seen.append((given[2], given[3]))

    sa.event.listen(sa.Engine, "before_cursor_execute", look)
    try:
        assert len((await client.fetch_trollboard(DAY)).trollboard) == 1
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", look)

    def explain(connection: sa.Connection) -> list[list[str]]:
        return [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]
            for query, values in seen
        ]

    assert backend.storage is not None
    steps = backend.storage.read_now(explain)
    found_by = [
        [step.split(" USING INDEX ")[-1].split()[0] for step in plan if "USING INDEX" in step]
        for plan in steps
    ]
    assert [plan[0] for plan in found_by] == [
        "ix_reactions_bad",
        "ix_labellings_bad",
        "ix_messages_rejected_prompts",
        "ix_messages_person_date",
        "ix_messages_person_date",
    ]
    assert not [step for plan in steps for step in plan if step.startswith("SCAN")]
