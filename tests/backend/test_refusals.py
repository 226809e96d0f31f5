"""Every refusal carries the protocol's code and status, and leaves the task open."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from oasst_backend.api import app
from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from oasst_backend.storage.tables import score_events
from oasst_client import OasstApiClient, TaskRequestType

Workers = Callable[[str], Any]
Call = Callable[..., Any]


def user(name: str) -> dict[str, str]:
    return {"id": f"id-{name}", "display_name": name.title(), "auth_method": "discord"}


def text(name: str, shown: str, words: str, **more: object) -> dict[str, object]:
    """Build an answer to a writing task."""
    return {
        "type": "text_reply_to_message",
        "user": user(name),
        "message_id": shown,
        "user_message_id": f"u-{uuid4()}",
        "text": words,
        **more,
    }


def free_labels(given: dict[str, float]) -> dict[str, object]:
    """Build labels outside a task."""
    return {"user": user("ann"), "text": "", "labels": given, "message_id": str(uuid4())}


def labels(name: str, task: Any, given: dict[str, float], **more: object) -> dict[str, object]:  # noqa: ANN401  # a label task
    """Build an answer to a label task."""
    return {
        "type": "text_labels",
        "user": user(name),
        "text": "",
        "labels": given,
        "message_id": str(task.message_id),
        "task_id": str(task.id),
        **more,
    }


async def refused(
    call: Call, body: Mapping[str, object], path: str = "/api/v1/tasks/interaction"
) -> tuple[int, int]:
    """Make a call that is refused; gives its status and code."""
    status, answer = await call("POST", path, body=body)
    assert set(answer) == {"error_code", "message"}, answer
    return status, answer["error_code"]


@pytest.mark.parametrize("key", [None, "a-guess"])
async def test_a_missing_or_wrong_key_is_refused(call: Call, key: str | None) -> None:
    status, answer = await call("POST", "/api/v1/tasks/", body={"user": user("ann")}, key=key)
    assert (status, answer["error_code"]) == (403, 2)


async def test_the_key_may_come_in_the_query(call: Call) -> None:
    status, _ = await call(
        "POST", "/api/v1/tasks/?api_key=a-key-of-the-tests", body={"user": user("ann")}, key=None
    )
    assert status == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, 4000)),
        ({"user": None}, (400, 4000)),
        ({"user": user("ann") | {"id": ""}}, (400, 2012)),
        ({"user": user("ann"), "type": "rate_summary"}, (503, 1006)),
        ({"user": user("ann"), "type": "rank_initial_prompts"}, (503, 1006)),
        ({"user": user("ann"), "type": "assistant_reply"}, (503, 1006)),
    ],
)
async def test_a_wish_that_cannot_be_met(
    call: Call, body: dict[str, object], expected: tuple[int, int]
) -> None:
    assert await refused(call, body, "/api/v1/tasks/") == expected


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/tasks/", {"user": user("ann"), "type": "bogus"}),
        ("/api/v1/tasks/", {"user": {"id": "1"}}),
        ("/api/v1/tasks/not-an-id/ack", {"message_id": "1"}),
        ("/api/v1/tasks/interaction", {"type": "bogus", "user": user("ann"), "message_id": "1"}),
        ("/api/v1/tasks/interaction", text("ann", "shown", "  \n ")),
        ("/api/v1/tasks/interaction", text("ann", "shown", "nothing\0else")),
        ("/api/v1/tasks/interaction", text("ann", "shown", "Hallo", lang="de_DE!")),
        ("/api/v1/tasks/interaction", text("ann", "shown", "lone \ud83d half")),
        ("/api/v1/tasks/", {"user": user("ann"), "lang": "de_DE"}),
        (
            "/api/v1/text_labels/",
            free_labels({"nonsense": 1}),
        ),
        (
            "/api/v1/text_labels/",
            free_labels({"spam": 2}),
        ),
    ],
)
async def test_a_malformed_body_is_a_422_that_repeats_nothing_of_it(
    call: Call, path: str, body: dict[str, object]
) -> None:
    status, answer = await call("POST", path, body=body)
    assert status == 422
    assert all(set(fault) == {"loc", "msg", "type"} for fault in answer["detail"])


async def test_nine_unfinished_tasks_are_too_many(
    worker: Workers, pass_time: Callable[..., None], call: Call
) -> None:
    for _ in range(8):
        await worker("ann").fetch(TaskRequestType.initial_prompt)
    wish = {"user": user("ann"), "type": "initial_prompt"}
    assert await refused(call, wish, "/api/v1/tasks/") == (400, 1012)
    pass_time(minutes=6)
    await worker("ann").fetch(TaskRequestType.initial_prompt)


async def test_texts_that_are_not_taken_leave_the_task_open(worker: Workers, call: Call) -> None:
    ann = worker("ann")
    taken = await ann.write(TaskRequestType.initial_prompt, "Why is the sky blue?")
    _, shown = await ann.take(TaskRequestType.initial_prompt)
    assert await refused(call, text("ann", shown, "x" * 2001)) == (400, 1008)
    assert await refused(call, text("ann", shown, " Why is the sky blue? ")) == (400, 1009)
    assert await refused(call, text("ann", shown, "new", user_message_id=taken)) == (400, 1004)
    assert await refused(call, text("ann", shown, "new", user_message_id="")) == (400, 2000)
    assert await refused(call, text("ann", "", "new")) == (400, 2000)
    assert await refused(call, text("bob", shown, "new")) == (400, 2106)
    assert await refused(call, text("ann", "elsewhere", "new")) == (400, 2100)
    await ann.write(TaskRequestType.initial_prompt, "x" * 2000, shown=shown)
    assert await refused(call, text("ann", shown, "again")) == (400, 2105)


async def test_a_text_may_be_repeated_when_time_has_passed(
    worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Again?")
    pass_time(minutes=121)
    await worker("ann").write(TaskRequestType.initial_prompt, "Again?")


async def test_the_longest_text_is_a_setting(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(message_size_limit=4000))
    await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "x" * 4000)


async def test_an_expired_task_takes_no_answer(
    worker: Workers, pass_time: Callable[..., None], call: Call
) -> None:
    _, shown = await worker("ann").take(TaskRequestType.initial_prompt)
    pass_time(hours=49)
    assert await refused(call, text("ann", shown, "late")) == (400, 2101)


async def test_a_second_reply_to_the_same_message_is_refused(
    worker: Workers, pass_time: Callable[..., None], call: Call
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    _, first = await worker("cat").take(TaskRequestType.assistant_reply)
    pass_time(minutes=31)
    await worker("cat").write(TaskRequestType.assistant_reply, "one")
    assert await refused(call, text("cat", first, "two")) == (400, 1011)


async def test_answers_of_another_kind_than_asked_for(worker: Workers, call: Call) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    prompt, shown = await worker("bob").take(TaskRequestType.initial_prompt)
    ranking = {"type": "message_ranking", "user": user("bob"), "message_id": shown, "ranking": [0, 1]}
    assert await refused(call, ranking) == (400, 2102)
    rating = {"type": "message_rating", "user": user("bob"), "message_id": shown, "rating": 1}
    assert await refused(call, rating) == (400, 2102)
    label, shown = await worker("bob").take(TaskRequestType.label_initial_prompt)
    assert await refused(call, text("bob", shown, "text")) == (400, 2107)
    wrong = labels("bob", label, {"spam": 0}, task_id=str(prompt.id))
    assert await refused(call, wrong) == (400, 2102)


async def test_labels_that_do_not_fit_the_task(worker: Workers, call: Call) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    task = await worker("bob").fetch(TaskRequestType.label_initial_prompt)
    assert await refused(call, labels("bob", task, {"spam": 0})) == (400, 2104)
    await worker("bob").client.ack_task(task.id, "shown")
    assert await refused(call, labels("bob", task, {"spam": 0}, message_id=str(uuid4()))) == (400, 2050)
    assert await refused(call, labels("bob", task, {"spam": 0, "helpfulness": 1})) == (400, 2051)
    assert await refused(call, labels("bob", task, {"quality": 1})) == (400, 2052)
    assert await refused(call, labels("cat", task, {"spam": 0})) == (400, 2106)
    assert await refused(call, labels("bob", task, {"spam": 0}, task_id=str(uuid4()))) == (400, 2100)
    assert await refused(call, labels("bob", task, {"spam": 0}, task_id=None)) == (400, 2100)
    await worker("bob").hand_in_labels(task)
    assert await refused(call, labels("bob", task, {"spam": 0})) == (400, 2105)


@pytest.mark.parametrize("ranking", [[0], [0, 1, 2], [0, 0]])
async def test_a_ranking_that_does_not_fit_the_replies(
    worker: Workers, call: Call, ranking: list[int]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.assistant_reply, name)
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    _, shown = await worker("dan").take(TaskRequestType.rank_assistant_replies)
    body = {"type": "message_ranking", "user": user("dan"), "message_id": shown, "ranking": ranking}
    assert await refused(call, body) == (400, 2003)


async def test_acking(worker: Workers, call: Call) -> None:
    task = await worker("ann").fetch(TaskRequestType.initial_prompt)
    other = await worker("ann").fetch(TaskRequestType.initial_prompt)
    path = f"/api/v1/tasks/{task.id}/ack"
    assert await refused(call, {"message_id": ""}, path) == (400, 2000)
    for _ in range(2):
        assert (await call("POST", path, body={"message_id": 17}))[0] == 204
    assert await refused(call, {"message_id": "18"}, path) == (400, 2103)
    assert await refused(call, {"message_id": "17"}, f"/api/v1/tasks/{other.id}/ack") == (400, 2000)
    assert await refused(call, {"message_id": "19"}, f"/api/v1/tasks/{uuid4()}/ack") == (404, 2100)
    status, answer = await call("POST", path, body={"message_id": "17"}, person="discord:nobody")
    assert (status, answer["error_code"]) == (404, 4002)
    await worker("bob").fetch(TaskRequestType.initial_prompt)
    status, answer = await call(
        "POST", f"/api/v1/tasks/{other.id}/ack", body={"message_id": "20"}, person="discord:id-bob"
    )
    assert (status, answer["error_code"]) == (400, 2106)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (None, (400, 4000)),
        ("no-colon", (400, 4000)),
        ("telegram:id-ann", (400, 4000)),
        ("discord:nobody", (404, 4002)),
        ("discord:id-bob", (400, 2106)),
    ],
)
async def test_giving_back_needs_the_person_who_has_the_task(
    worker: Workers, call: Call, person: str | None, expected: tuple[int, int]
) -> None:
    await worker("bob").fetch(TaskRequestType.initial_prompt)
    task = await worker("ann").fetch(TaskRequestType.initial_prompt)
    status, answer = await call("POST", f"/api/v1/tasks/{task.id}/nack", body={"reason": None}, person=person)
    assert (status, answer["error_code"]) == expected


async def test_giving_back_what_is_unknown_or_done(worker: Workers, call: Call) -> None:
    task, shown = await worker("ann").take(TaskRequestType.initial_prompt)
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?", shown=shown)
    for task_id, code in ((task.id, 2105), (uuid4(), 2100)):
        status, answer = await call("POST", f"/api/v1/tasks/{task_id}/nack", body={}, person="discord:id-ann")
        assert (status, answer["error_code"]) == (400, code)


async def test_tasks_belong_to_the_frontend_that_asked_for_them(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Call,
) -> None:
    server = start_backend(backend_api_keys=["one", "two"])
    task = await worker_at(connect(server, "one"), "ann").fetch(TaskRequestType.initial_prompt)
    status, answer = await call(
        "POST", f"/api/v1/tasks/{task.id}/ack", body={"message_id": "1"}, key="two", url=server.url
    )
    assert (status, answer["error_code"]) == (404, 2100)


async def test_a_disabled_person_gets_and_gives_nothing(worker: Workers, call: Call) -> None:
    task, shown = await worker("ann").take(TaskRequestType.initial_prompt)
    status, known = await call("POST", "/api/v1/frontend_users/", body=user("ann") | {"enabled": False})
    assert (status, known["enabled"]) == (200, False)
    assert await refused(call, {"user": user("ann")}, "/api/v1/tasks/") == (503, 4001)
    assert await refused(call, user("ann"), "/api/v1/tasks/availability") == (503, 4001)
    assert await refused(call, text("ann", shown, "hello")) == (503, 4001)
    status, answer = await call("POST", f"/api/v1/tasks/{task.id}/nack", body={}, person="discord:id-ann")
    assert (status, answer["error_code"]) == (503, 4001)


async def test_unknown_messages_and_people_are_404(call: Call) -> None:
    report = free_labels({"spam": 1})
    assert await refused(call, report, "/api/v1/text_labels/") == (404, 2001)
    for path, code in (
        (f"/api/v1/messages/{uuid4()}", 2001),
        ("/api/v1/frontend_messages/nope", 2001),
        (f"/api/v1/text_labels/valid_labels?message_id={uuid4()}", 2001),
        ("/api/v1/frontend_users/discord/nobody", 4002),
    ):
        status, answer = await call("GET", path)
        assert (status, answer["error_code"]) == (404, code)
    assert (await call("GET", "/api/v1/nope"))[0] == 404


async def test_moderation_needs_a_trusted_key(backend: BackendServer, call: Call) -> None:
    assert backend.storage is not None
    key = backend.storage.write_now(
        lambda connection: create_key(connection, datetime.now(UTC), "plain", trusted=False)
    )
    for method, path in (
        ("DELETE", f"/api/v1/messages/{uuid4()}"),
        ("PUT", f"/api/v1/messages/{uuid4()}/tree/state?halt=true"),
        ("GET", "/api/v1/stats/"),
        ("GET", "/api/v1/stats/tree_manager/state_counts"),
    ):
        status, answer = await call(method, path, key=key)
        assert (status, answer["error_code"]) == (403, 2)
    status, _ = await call("POST", "/api/v1/frontend_users/", body=user("ann"), key=key)
    assert status == 200
    status, answer = await call(
        "POST", "/api/v1/frontend_users/", body=user("ann") | {"enabled": False}, key=key
    )
    assert (status, answer["error_code"]) == (403, 2)


async def test_a_task_for_many_takes_answers_until_it_is_closed(worker: Workers, call: Call) -> None:
    task = await worker("ann").fetch(TaskRequestType.initial_prompt, collective=True)
    await worker("ann").client.ack_task(task.id, "board")
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.initial_prompt, f"by {name}", shown="board")
    for expected in ((200, "task_done"), (400, 2105)):
        status, answer = await call("POST", "/api/v1/tasks/close", body={"message_id": "board"})
        assert (status, answer.get("type") or answer["error_code"]) == expected
    assert await refused(call, text("dan", "board", "late")) == (400, 2105)
    assert await refused(call, {"message_id": "nope"}, "/api/v1/tasks/close") == (400, 2100)
    _, personal = await worker("ann").take(TaskRequestType.initial_prompt)
    assert await refused(call, {"message_id": personal}, "/api/v1/tasks/close") == (400, 2106)


async def test_a_ranking_of_many_counts_each_person_once_and_no_author(
    backend: BackendServer, worker: Workers, call: Call
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.assistant_reply, name)
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    task = await worker("dan").fetch(TaskRequestType.rank_assistant_replies, collective=True)
    await worker("dan").client.ack_task(task.id, "board")
    ballot = {"type": "message_ranking", "user": user("bob"), "message_id": "board", "ranking": [0, 1]}
    status, _ = await call("POST", "/api/v1/tasks/interaction", body=ballot)
    assert status == 200
    assert await refused(call, ballot) == (400, 2105)
    _, states = await call("GET", "/api/v1/stats/tree_manager/state_counts")
    assert states == {"ranking": 1}
    await call("POST", "/api/v1/tasks/interaction", body=ballot | {"user": user("eve")})
    _, states = await call("GET", "/api/v1/stats/tree_manager/state_counts")
    assert states == {"ready_for_export": 1}
    assert backend.storage is not None
    firsts = sa.select(score_events.c.person_id).where(score_events.c.counter == "reply_ranked_1")
    assert len(backend.storage.read_now(lambda connection: connection.execute(firsts).all())) == 1


async def test_a_body_that_is_far_too_long_is_not_read(
    start_backend: Callable[..., BackendServer], call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "BODY_ROOM", 1000)
    server = start_backend(message_size_limit=100)
    for size, expected in ((2000, 403), (2300, 413)):
        body = {"user": user("ann"), "more": "x" * size}
        status, _ = await call("POST", "/api/v1/tasks/", body=body, key=None, url=server.url)
        assert status == expected


async def test_labels_of_many_count_as_reviews(worker: Workers, call: Call) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    task = await worker("bob").fetch(TaskRequestType.label_initial_prompt, collective=True)
    await worker("bob").client.ack_task(task.id, "board")
    for name in ("bob", "cat"):
        await worker(name).hand_in_labels(task)
    assert await refused(call, labels("ann", task, {"spam": 0})) == (400, 2053)
    assert await refused(call, labels("cat", task, {"spam": 0})) == (400, 2053)
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}")
    assert (message["review_count"], message["review_result"]) == (1, True)
