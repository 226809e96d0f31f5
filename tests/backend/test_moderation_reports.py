"""What people report stands in a queue with what they said, until a moderator has dealt with it."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from oasst_backend.server import BackendServer
from oasst_client import Emoji, NotFoundError, OasstApiClient, RefusedError, TaskRequestType

Workers = Callable[[str], Any]
Report = Callable[..., Any]


@pytest.fixture
def report(call: Callable[..., Any], worker: Workers) -> Report:
    """Have somebody report a message."""

    async def make(name: str, message: UUID, text: str = "rude", **labels: float) -> None:
        body = {
            "user": worker(name).user.model_dump(mode="json"),
            "text": text,
            "labels": labels or {"hate_speech": 1},
            "message_id": str(message),
            "is_report": True,
        }
        status, _ = await call("POST", "/api/v1/text_labels/", body=body)
        assert status == 204

    return make


async def planted(client: OasstApiClient, worker: Workers, text: str = "Why?") -> UUID:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, text)
    return (await client.fetch_message(prompt)).id or uuid4()


async def queue(client: OasstApiClient, **params: str) -> list[dict[str, Any]]:
    """Read the queue, the oldest first."""
    page: Any = await client.call_extension("GET", "reports", params={**params})
    return list(page["items"])


async def test_a_report_stands_in_the_queue_with_what_was_said(
    client: OasstApiClient, worker: Workers, report: Report, pass_time: Callable[..., None]
) -> None:
    message = await planted(client, worker)
    assert await queue(client) == []
    pass_time(minutes=1)
    await report("bob", message, "first 🦜", pii=1)
    pass_time(minutes=1)
    await report("cat", message, "second", spam=1, quality=0.25)
    (found,) = await queue(client)
    assert found["message"]["id"] == str(message)
    assert found["message"]["text"] == "Why?"
    assert (found["tree_state"], found["flags"], found["report_count"]) == ("initial_prompt_review", 2, 2)
    assert (found["processed"], found["processed_date"]) == (False, None)
    assert found["created_date"][:16] == "2026-03-14T12:01"
    bob, cat = [str((await client.fetch_user(worker(name).user)).user_id) for name in ("bob", "cat")]
    assert [
        (said["user_id"], said["text"], said["labels"], said["created_date"][14:16])
        for said in found["reports"]
    ] == [(cat, "second", {"spam": 1, "quality": 0.25}, "02"), (bob, "first 🦜", {"pii": 1}, "01")]


async def test_a_red_flag_alone_stands_there_too(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker)
    await client.mark_message(message, worker("bob").user, Emoji.red_flag)
    (found,) = await queue(client)
    assert (found["flags"], found["report_count"], found["reports"]) == (1, 0, [])
    assert [flagged.message_id for flagged in await client.fetch_flagged_messages()] == [message]


async def test_labels_that_are_no_report_are_not_listed(
    client: OasstApiClient, worker: Workers, call: Callable[..., Any], report: Report
) -> None:
    message = await planted(client, worker)
    body = {
        "user": worker("bob").user.model_dump(mode="json"),
        "text": "fine",
        "labels": {"quality": 1},
        "message_id": str(message),
    }
    await call("POST", "/api/v1/text_labels/", body=body)
    assert await queue(client) == []
    await report("bob", message)
    (found,) = await queue(client)
    assert [said["text"] for said in found["reports"]] == ["rude"]


async def test_the_same_person_says_it_anew_instead_of_twice(
    client: OasstApiClient, worker: Workers, report: Report
) -> None:
    message = await planted(client, worker)
    for text in ("rude", "very rude"):
        await report("bob", message, text)
    (found,) = await queue(client)
    assert (found["flags"], [said["text"] for said in found["reports"]]) == (1, ["very rude"])


async def test_what_was_dealt_with_leaves_the_queue_until_it_is_reported_again(
    client: OasstApiClient, worker: Workers, report: Report, pass_time: Callable[..., None]
) -> None:
    message, other = await planted(client, worker), await planted(client, worker, "Other?")
    await report("bob", message)
    pass_time(minutes=1)
    await report("bob", other)
    for _ in range(2):
        settled = await client.settle_flagged_message(message)
        assert (settled.message_id, settled.processed) == (message, True)
    assert [found["message"]["id"] for found in await queue(client)] == [str(other)]
    (dealt_with,) = await queue(client, processed="true")
    assert (dealt_with["message"]["id"], dealt_with["processed"]) == (str(message), True)
    assert dealt_with["processed_date"][:16] == "2026-03-14T12:01"
    pass_time(minutes=1)
    await report("cat", message)
    assert [found["message"]["id"] for found in await queue(client)] == [str(other), str(message)]
    assert await queue(client, processed="true") == []
    journal: Any = await client.call_extension("GET", "journal")
    assert [entry["action"] for entry in journal["items"]] == ["process_flag"]


async def test_flagged_messages_are_listed_whether_dealt_with_or_not(
    client: OasstApiClient, worker: Workers, report: Report, pass_time: Callable[..., None]
) -> None:
    messages = []
    for number in range(3):
        messages.append(await planted(client, worker, f"text {number}"))
        await report("bob", messages[-1])
        pass_time(minutes=1)
    await client.settle_flagged_message(messages[0])
    listed = await client.fetch_flagged_messages()
    assert [(flagged.message_id, flagged.processed) for flagged in listed] == [
        (messages[2], False),
        (messages[1], False),
        (messages[0], True),
    ]
    assert len(await client.fetch_flagged_messages(max_count=1)) == 1
    first = await client.fetch_flagged_message_page(max_count=2)
    last = await client.fetch_flagged_message_page(max_count=2, after=first.next)
    assert [flagged.message_id for flagged in [*first.items, *last.items]] == messages
    assert (last.next, (await client.fetch_flagged_message_page(desc=True)).order) == (None, "desc")
    back = await client.fetch_flagged_message_page(max_count=2, before=last.prev)
    assert back.items == first.items


async def test_a_deleted_message_stays_in_the_queue_with_its_state(
    client: OasstApiClient, worker: Workers, report: Report
) -> None:
    message = await planted(client, worker)
    await report("bob", message)
    await client.delete_message(message)
    (found,) = await queue(client)
    assert (found["message"]["deleted"], found["tree_state"]) == (True, "halted_by_moderator")


async def test_a_crowd_of_reporters_does_not_blow_up_the_answer(
    client: OasstApiClient, worker: Workers, report: Report, pass_time: Callable[..., None]
) -> None:
    message = await planted(client, worker)
    await report("early", message, "early")
    pass_time(minutes=1)
    await asyncio.gather(*(report(f"person{number}", message, "x" * 2000) for number in range(49)))
    (found,) = await queue(client)
    assert (found["flags"], found["report_count"], len(found["reports"])) == (50, 50, 20)
    assert {(said["text"], said["text_length"]) for said in found["reports"]} == {("x" * 1000, 2000)}


async def test_the_queue_is_read_page_by_page(
    client: OasstApiClient, worker: Workers, report: Report
) -> None:
    for number in range(5):
        await report("bob", await planted(client, worker, f"text {number}"))
    seen: list[str] = []
    after = None
    while True:
        page: Any = await client.call_extension("GET", "reports", params={"max_count": 2, "after": after})
        seen += [found["message"]["text"] for found in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == [f"text {number}" for number in range(5)]
    for params, code in (({"after": "x"}, 101), ({"sort_key": "flags"}, 100)):
        with pytest.raises(RefusedError) as refused:
            await client.call_extension("GET", "reports", params={**params})
        assert refused.value.code == code
    with pytest.raises(RefusedError) as refused:
        await client.call_extension("GET", "reports", params={"max_count": 101})
    assert refused.value.http_status == 422


async def test_who_looks_sees_whether_the_message_is_theirs(
    call: Callable[..., Any], client: OasstApiClient, worker: Workers, report: Report
) -> None:
    await report("bob", await planted(client, worker))
    _, page = await call("GET", "/api/ext/v1/reports", person="discord:id-ann")
    assert page["items"][0]["message"]["user_is_author"] is True
    status, answer = await call("GET", "/api/ext/v1/reports", person="discord:nobody")
    assert (status, answer["error_code"]) == (404, 4002)


async def test_only_what_was_reported_can_be_dealt_with(client: OasstApiClient, worker: Workers) -> None:
    message = await planted(client, worker)
    for unknown in (message, uuid4()):
        with pytest.raises(NotFoundError) as refused:
            await client.settle_flagged_message(unknown)
        assert refused.value.code == 2001


async def test_the_queue_is_there_after_a_restart(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend())
    prompt = await worker_at(client, "ann").write(TaskRequestType.initial_prompt, "Why?")
    message = (await client.fetch_message(prompt)).id or uuid4()
    await client.mark_message(message, worker_at(client, "bob").user, Emoji.red_flag)
    again = connect(start_backend())
    assert [flagged.message_id for flagged in await again.fetch_flagged_messages()] == [message]
