"""A task that its frontend never saw is found again by the key of the request, and by nothing else."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.keys import create_key
from oasst_backend.service.tasks import fetch_task
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.tables import api_clients, tasks
from oasst_client import (
    InvalidRequestError,
    MessageRanking,
    NotFoundError,
    OasstApiClient,
    RankAssistantRepliesTask,
    RefusedError,
    Task,
    TaskAlreadyDoneError,
    TaskRequest,
    TaskRequestType,
    TaskUnavailableError,
    UserDisabledError,
)
from tests.backend.conftest import KEY, person
from tests.backend.lived_in import RULES, TOKEN, Town

Workers = Callable[[str], Any]
Call = Callable[..., Any]
PROMPT = TaskRequestType.initial_prompt


def handed_out(server: BackendServer) -> int:
    assert server.storage is not None
    count = sa.select(sa.func.count()).select_from(tasks)
    return server.storage.read_now(lambda connection: connection.execute(count).scalar_one())


async def test_the_same_key_gives_the_same_task_and_takes_no_second_place(
    worker: Workers, backend: BackendServer, differences: Callable[..., list[str]]
) -> None:
    ann = worker("ann")
    task = await ann.fetch(PROMPT, request_key="one")
    assert [await ann.fetch(PROMPT, request_key="one") for _ in range(9)] == [task] * 9
    assert await ann.client.find_asked_task("one", ann.user) == task
    assert (await ann.fetch(PROMPT, request_key="two")).id != task.id
    assert handed_out(backend) == 2
    assert differences(backend) == []


async def test_a_request_whose_answer_was_lost_is_made_again_at_no_cost(
    worker: Workers, backend: BackendServer
) -> None:
    ann = worker("ann")
    calls = [asyncio.create_task(ann.fetch(PROMPT, request_key="one")) for _ in range(8)]
    # All are on their way by the time that the first has its answer; who is cut off then has lost theirs.
    await asyncio.wait(calls[1::2], return_when=asyncio.FIRST_COMPLETED)
    for lost in calls[::2]:
        lost.cancel()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    task = await ann.fetch(PROMPT, request_key="one")
    answered = [end for end in ends if not isinstance(end, asyncio.CancelledError)]
    assert answered == [task] * len(answered)
    assert len(answered) >= len(calls[1::2])
    assert await ann.client.find_asked_task("one", ann.user) == task
    assert handed_out(backend) == 1


async def test_every_type_of_task_is_found_as_it_was_handed_out_also_by_another_process(
    database: Path,
    start_backend: Callable[..., BackendServer],
    settings_for: Callable[..., BackendSettings],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    clock: Any,  # noqa: ANN401  # a Clock
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = {**RULES, "rank_prompter_replies": True, "num_prompter_replies": 2, "goal_tree_size": 8}
    server = start_backend(rules=rules)
    client = connect(server)
    town = Town(server, client, database, settings_for(rules=rules), clock)
    workers = [worker_at(client, name) for name in ("ann", "bob", "cat", "dan", "eve")]
    given: dict[str, Task] = {}
    fetch = client.fetch_task

    async def remember(*args: Any, request_key: str, **more: Any) -> Task:  # noqa: ANN401  # the call's own
        given[request_key] = await fetch(*args, request_key=request_key, **more)
        assert await client.find_asked_task(request_key) == given[request_key]
        return given[request_key]

    monkeypatch.setattr(client, "fetch_task", remember)
    for text in ("Once upon a time.", "There was a fox."):
        town.plant_story(text)
    await town.work(workers, 260)
    await client.close()
    assert {task.type for task in given.values()} == set(TaskRequestType) - {TaskRequestType.random}
    # What they still have in hand outlives the backend.
    again = connect(start_backend(rules=rules))
    left = [key for key in given if await again.find_asked_task(key) is not None]
    assert left
    for key in left:
        found = await again.find_asked_task(key)
        assert found is not None
        assert (found.id, found.type) == (given[key].id, given[key].type)


@pytest.mark.parametrize(
    ("kind", "end", "error", "code"),
    [
        ("done", "write", TaskAlreadyDoneError, 2105),
        ("given back", "nack", NotFoundError, 2100),
        ("expired", "wait", RefusedError, 2101),
    ],
)
async def test_a_task_that_is_over_is_not_found_and_its_key_is_used_up(  # a case and its fixtures
    kind: str,
    end: str,
    error: type[RefusedError],
    code: int,
    worker: Workers,
    call: Call,
    pass_time: Callable[..., None],
) -> None:
    ann = worker("ann")
    task, shown = await ann.take(PROMPT, request_key="one")
    if end == "write":
        await ann.write(PROMPT, "Why is the sky blue?", shown=shown)
    elif end == "nack":
        await ann.client.nack_task(task.id, "no idea", ann.user)
    else:
        pass_time(hours=49)
    assert await ann.client.find_asked_task("one", ann.user) is None, kind
    assert await call("GET", "/api/ext/v1/tasks/asked/one") == (
        404,
        {"error_code": 2100, "message": "No open task was asked for with this key."},
    )
    with pytest.raises(error) as caught:
        await ann.fetch(PROMPT, request_key="one")
    assert caught.value.code == code


async def test_a_key_stands_for_one_person_and_one_wish(worker: Workers) -> None:
    ann, bob = worker("ann"), worker("bob")
    task = await ann.fetch(PROMPT, request_key="one")
    with pytest.raises(RefusedError) as caught:
        await bob.fetch(PROMPT, request_key="one")
    assert caught.value.code == 2106
    assert await bob.client.find_asked_task("one", bob.user) is None
    for wish in (
        {"kind": TaskRequestType.assistant_reply},
        {"kind": PROMPT, "lang": "de"},
        {"kind": PROMPT, "collective": True},
    ):
        with pytest.raises(RefusedError) as caught:
            await ann.fetch(**wish, request_key="one")
        assert caught.value.code == 2102
    assert await ann.fetch(PROMPT, "en", request_key="one") == task


async def test_whoever_asked_for_anything_gets_what_it_was(worker: Workers) -> None:
    ann = worker("ann")
    task = await ann.fetch(TaskRequestType.random, request_key="one")
    assert await ann.fetch(TaskRequestType.random, request_key="one") == task


async def test_each_frontend_has_keys_of_its_own(
    worker: Workers,
    backend: BackendServer,
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    clock: Any,  # noqa: ANN401  # a Clock
) -> None:
    assert backend.storage is not None
    key = backend.storage.write_now(
        lambda connection: create_key(connection, clock(), "another", trusted=True)
    )
    other = worker_at(connect(backend, key), "ann")
    task = await worker("ann").fetch(PROMPT, request_key="one")
    assert await other.client.find_asked_task("one", other.user) is None
    theirs = await other.fetch(PROMPT, request_key="one")
    assert theirs.id != task.id
    assert await worker("ann").client.find_asked_task("one") == task


async def test_a_request_that_got_nothing_uses_up_no_key(worker: Workers) -> None:
    bob = worker("bob")
    with pytest.raises(TaskUnavailableError):
        await bob.fetch(TaskRequestType.label_initial_prompt, request_key="one")
    await worker("ann").write(PROMPT, "Why is the sky blue?")
    task = await bob.fetch(TaskRequestType.label_initial_prompt, request_key="one")
    assert await bob.client.find_asked_task("one", bob.user) == task


async def test_a_person_with_too_many_tasks_still_finds_the_last_of_them(worker: Workers) -> None:
    ann = worker("ann")
    for number in range(8):
        last = await ann.fetch(PROMPT, request_key=f"key-{number}")
    assert await ann.fetch(PROMPT, request_key="key-7") == last


async def test_whoever_was_disabled_is_told_so_and_nothing_else(worker: Workers) -> None:
    ann = worker("ann")
    await ann.fetch(PROMPT, request_key="one")
    await ann.client.put_user(ann.user, enabled=False)
    with pytest.raises(UserDisabledError):
        await ann.fetch(PROMPT, request_key="one")


async def test_a_reply_that_was_removed_for_good_keeps_its_place(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(backend_root_token=TOKEN), root_token=TOKEN)
    ann, bob, cat, dan = (worker_at(client, name) for name in ("ann", "bob", "cat", "dan"))
    await ann.write(PROMPT, "Why is the sky blue?")
    await bob.label(TaskRequestType.label_initial_prompt)
    await bob.write(TaskRequestType.assistant_reply, "Because of the sea.")
    await cat.write(TaskRequestType.assistant_reply, "Air scatters blue light most.")
    for _ in range(2):
        await dan.label(TaskRequestType.label_assistant_reply)
    before, shown = await dan.take(TaskRequestType.rank_assistant_replies, request_key="one")
    assert isinstance(before, RankAssistantRepliesTask)
    known = await client.fetch_user(bob.user)
    await client.purge_user_messages(known.user_id, preview=False)
    after = await client.find_asked_task("one", dan.user)
    assert isinstance(after, RankAssistantRepliesTask)
    kept = [text if "sea" not in text else "" for text in before.replies]
    assert (after.id, after.replies) == (before.id, kept)
    await client.post_interaction(MessageRanking(user=dan.user, message_id=shown, ranking=[1, 0]))


async def test_a_task_whose_text_was_removed_for_good_is_withdrawn(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(backend_root_token=TOKEN), root_token=TOKEN)
    ann, bob = worker_at(client, "ann"), worker_at(client, "bob")
    await ann.write(PROMPT, "Why is the sky blue?")
    await bob.fetch(TaskRequestType.label_initial_prompt, request_key="one")
    known = await client.fetch_user(ann.user)
    await client.purge_user_messages(known.user_id, preview=False, purge_initial_prompts=True)
    assert await client.find_asked_task("one", bob.user) is None
    with pytest.raises(RefusedError) as caught:
        await bob.fetch(TaskRequestType.label_initial_prompt, request_key="one")
    assert caught.value.code == 2101


async def test_a_key_costs_one_look_and_none_costs_nothing(
    backend: BackendServer,
    settings_for: Callable[..., BackendSettings],
    clock: Any,  # noqa: ANN401  # a Clock
) -> None:
    context = Context(settings_for(), clock(), random.Random(1), 1)  # noqa: S311  # draws that repeat
    assert backend.storage is not None
    client_id = backend.storage.read_now(
        lambda connection: connection.execute(sa.select(api_clients.c.id)).scalars().one()
    )
    wish = TaskRequest(type=PROMPT, user=person("ann"))

    def statements(connection: sa.Connection, key: str | None) -> list[str]:
        seen: list[str] = []
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(seen.append)
        fetch_task(connection, context, ApiClient(client_id, "", trusted=True), wish, key)
        driver.set_trace_callback(None)
        return [statement for statement in seen if not statement.startswith("--")]

    def count(key: str | None) -> int:
        assert backend.storage is not None
        return len(backend.storage.write_now(lambda connection: statements(connection, key)))

    count(None)  # Ann is made known
    without = count(None)
    assert count("one") == without + 1
    # The person, and the task; of a prompt there is nothing more to read.
    assert count("one") == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 65, "ä", "a/b", "a.b", "a\n"])
async def test_a_key_of_another_form_is_not_sent(key: str, worker: Workers) -> None:
    ann = worker("ann")
    with pytest.raises(InvalidRequestError):
        await ann.fetch(PROMPT, request_key=key)
    with pytest.raises(InvalidRequestError):
        await ann.client.find_asked_task(key)


@pytest.mark.parametrize("key", ["", "a b", "a" * 65, "ä", "a.b"])
async def test_a_malformed_key_is_a_422_that_repeats_nothing_of_it(key: str, backend: BackendServer) -> None:
    wish = {"type": "initial_prompt", "user": person("ann").model_dump()}
    headers = {"X-API-Key": KEY, "Idempotency-Key": key}
    async with (
        aiohttp.ClientSession(backend.url, headers=headers) as session,
        session.post("/api/v1/tasks/", json=wish) as response,
    ):
        (fault,) = (await response.json())["detail"]
        assert (response.status, fault["loc"]) == (422, ["header", "Idempotency-Key"])
        assert not {"input", "ctx"} & fault.keys()
    assert handed_out(backend) == 0


@pytest.mark.parametrize("key", ["a b", "a" * 65, "ä", "a.b"])
async def test_a_malformed_key_in_an_address_is_a_422(key: str, call: Call) -> None:
    status, answer = await call("GET", f"/api/ext/v1/tasks/asked/{quote(key)}")
    assert (status, answer["detail"][0]["loc"]) == (422, ["path", "key"])


async def test_the_longest_key_is_taken(worker: Workers) -> None:
    key = "A-z_0" + "9" * 59
    task = await worker("ann").fetch(PROMPT, request_key=key)
    assert await worker("ann").client.find_asked_task(key) == task
