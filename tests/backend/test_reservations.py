"""Work that was handed out is kept for a while; what is kept agrees with a count from scratch at any time."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from loguru import logger
from typer.testing import CliRunner

from oasst_backend.cli import app
from oasst_backend.server import BackendServer
from oasst_backend.service.startup import rules_version
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.tables import labellings, trees
from oasst_client import (
    OasstApiClient,
    TaskRequestType,
    TaskUnavailableError,
)

KEY = "a-key-of-the-tests"

Workers = Callable[[str], Any]


def rules_version_of(server: BackendServer) -> int:
    assert server.storage is not None
    return server.storage.read_now(rules_version)


async def prompt(worker: Workers) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why is the sky blue?")


async def test_acking_again_keeps_a_place_for_longer(worker: Workers, pass_time: Callable[..., None]) -> None:
    await prompt(worker)
    task, shown = await worker("bob").take(TaskRequestType.label_initial_prompt)
    for _ in range(3):
        pass_time(minutes=25)
        await worker("bob").client.ack_task(task.id, shown)
        with pytest.raises(TaskUnavailableError):
            await worker("cat").fetch(TaskRequestType.label_initial_prompt)
    pass_time(minutes=31)
    await worker("cat").fetch(TaskRequestType.label_initial_prompt)


async def test_a_place_that_was_lost_comes_back_while_nobody_else_has_it(
    worker: Workers, pass_time: Callable[..., None]
) -> None:
    await prompt(worker)
    task, shown = await worker("bob").take(TaskRequestType.label_initial_prompt)
    pass_time(minutes=31)
    assert (await worker("cat").client.fetch_availability(worker("cat").user))["label_initial_prompt"] == 1
    await worker("bob").client.ack_task(task.id, shown)
    with pytest.raises(TaskUnavailableError):
        await worker("cat").fetch(TaskRequestType.label_initial_prompt)


async def test_a_place_that_somebody_else_has_does_not_come_back(
    worker: Workers, pass_time: Callable[..., None], call: Callable[..., Any]
) -> None:
    await prompt(worker)
    task, shown = await worker("bob").take(TaskRequestType.label_initial_prompt)
    pass_time(minutes=31)
    theirs, _ = await worker("cat").take(TaskRequestType.label_initial_prompt)
    await worker("bob").client.ack_task(task.id, shown)
    await worker("bob").hand_in_labels(task, {"spam": 1})
    await worker("cat").hand_in_labels(theirs, {"spam": 0})
    _, states = await call("GET", "/api/v1/stats/tree_manager/state_counts")
    assert "aborted_low_grade" not in states, "the answer that came too late has no say"


async def test_more_hands_than_needed_count_in_the_order_they_come(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(rules={"num_reviews_initial_prompt": 3}))
    await prompt(lambda name: worker_at(client, name))
    held = {}
    for name in ("bob", "cat", "dan"):
        held[name], _ = await worker_at(client, name).take(TaskRequestType.label_initial_prompt)
    server = start_backend(rules={"num_reviews_initial_prompt": 1})
    client = connect(server)
    for name, verdict in (("bob", 0), ("cat", 1), ("dan", 1)):
        await worker_at(client, name).hand_in_labels(held[name], {"spam": verdict})
    assert server.storage is not None
    given = sa.select(labellings.c.counted).order_by(labellings.c.created_date, labellings.c.id)
    counted = server.storage.read_now(lambda connection: connection.execute(given).scalars().all())
    assert sorted(counted) == [False, False, True]
    state = server.storage.read_now(lambda connection: connection.execute(sa.select(trees.c.state)).scalar())
    assert state in {"prompt_lottery_waiting", "growing"}, "the first of them decides"


async def test_a_message_rests_while_its_newest_task_is_new(
    worker: Workers, pass_time: Callable[..., None]
) -> None:
    await prompt(worker)
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    _, shown = await worker("cat").take(TaskRequestType.assistant_reply)
    pass_time(minutes=6)
    task = await worker("dan").fetch(TaskRequestType.assistant_reply)
    await worker("cat").write(TaskRequestType.assistant_reply, "Because of the air.", shown=shown)
    await worker("dan").client.nack_task(task.id, "", worker("dan").user)
    await worker("eve").fetch(TaskRequestType.assistant_reply)


async def test_an_earlier_answer_does_not_end_the_rest_that_a_later_task_began(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    pass_time: Callable[..., None],
) -> None:
    client = connect(start_backend(rules={"max_children_count": 3, "goal_tree_size": 9}))
    await prompt(lambda name: worker_at(client, name))
    await worker_at(client, "bob").label(TaskRequestType.label_initial_prompt)
    _, shown = await worker_at(client, "cat").take(TaskRequestType.assistant_reply)
    pass_time(minutes=6)
    await worker_at(client, "dan").fetch(TaskRequestType.assistant_reply)
    await worker_at(client, "cat").write(TaskRequestType.assistant_reply, "Because of air.", shown=shown)
    with pytest.raises(TaskUnavailableError):
        await worker_at(client, "eve").fetch(TaskRequestType.assistant_reply)
    pass_time(minutes=6)
    await worker_at(client, "eve").fetch(TaskRequestType.assistant_reply)


async def test_neither_an_expired_task_nor_that_of_a_disabled_person_takes_a_place(
    worker: Workers, pass_time: Callable[..., None], call: Callable[..., Any]
) -> None:
    await prompt(worker)
    bob = worker("bob")
    task, shown = await bob.take(TaskRequestType.label_initial_prompt)
    body = {"id": bob.user.id, "display_name": "Bob", "auth_method": "discord", "enabled": False}
    await call("POST", "/api/v1/frontend_users/", body=body)
    pass_time(minutes=31)
    await bob.client.ack_task(task.id, shown)
    await worker("cat").fetch(TaskRequestType.label_initial_prompt)
    pass_time(minutes=31)
    await call("POST", "/api/v1/frontend_users/", body=body | {"enabled": True})
    pass_time(days=3)
    await bob.client.ack_task(task.id, shown)
    await worker("dan").fetch(TaskRequestType.label_initial_prompt)


async def test_prompts_beyond_their_limit_are_kept_and_wait_for_a_moderator(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    pass_time: Callable[..., None],
    call: Callable[..., Any],
) -> None:
    server = start_backend(rules={"max_active_trees": 0, "max_initial_prompt_review": 1})
    client = connect(server)
    ann, bob = worker_at(client, "ann"), worker_at(client, "bob")
    task, shown = await ann.take(TaskRequestType.initial_prompt)
    pass_time(minutes=31)
    _, theirs = await bob.take(TaskRequestType.initial_prompt)
    await client.ack_task(task.id, shown)
    late = await ann.write(TaskRequestType.initial_prompt, "Why is the sky blue?", shown=shown)
    await bob.write(TaskRequestType.initial_prompt, "Why is grass green?", shown=theirs)
    path = "/api/v1/stats/tree_manager/state_counts"
    _, states = await call("GET", path, url=server.url)
    assert states == {"initial_prompt_review": 1, "halted_by_moderator": 1}
    message = await client.fetch_message(late)
    await call("PUT", f"/api/v1/messages/{message.id}/tree/state?halt=false", url=server.url)
    _, states = await call("GET", path, url=server.url)
    assert states == {"initial_prompt_review": 2}
    available = await client.fetch_availability(worker_at(client, "cat").user)
    assert available["label_initial_prompt"] == 2


async def test_a_task_for_many_plants_no_more_prompts_than_wanted(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Callable[..., Any],
) -> None:
    server = start_backend(rules={"max_active_trees": 0, "max_initial_prompt_review": 1})
    client = connect(server)
    task = await worker_at(client, "ann").fetch(TaskRequestType.initial_prompt, collective=True)
    await client.ack_task(task.id, "board")
    for name in ("ann", "bob", "cat"):
        await worker_at(client, name).write(
            TaskRequestType.initial_prompt, f"What is it that {name} wants to know?", shown="board"
        )
    _, states = await call("GET", "/api/v1/stats/tree_manager/state_counts", url=server.url)
    assert states == {"initial_prompt_review": 1, "halted_by_moderator": 2}


async def test_a_prompt_in_a_language_without_prompts_is_kept_and_not_reviewed(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Callable[..., Any],
) -> None:
    server = start_backend(rules={"init_prompt_disabled_langs": ["de"]})
    ann = worker_at(connect(server), "ann")
    _, shown = await ann.take(TaskRequestType.initial_prompt, "en")
    await ann.write(TaskRequestType.initial_prompt, "Warum ist der Himmel blau?", "de", shown=shown)
    _, states = await call("GET", "/api/v1/stats/tree_manager/state_counts", url=server.url)
    assert states == {"halted_by_moderator": 1}


async def test_a_person_does_not_get_what_they_have_in_hand(worker: Workers) -> None:
    await prompt(worker)
    await worker("bob").fetch(TaskRequestType.label_initial_prompt)
    available = await worker("bob").client.fetch_availability(worker("bob").user)
    assert available["label_initial_prompt"] == 0


async def test_other_rules_reach_all_trees_after_a_restart(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    differences: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = connect(start_backend(rules={"num_reviews_initial_prompt": 2}))
    for number in range(5):
        await worker_at(client, f"author{number}").write(TaskRequestType.initial_prompt, f"Number {number}?")
        await worker_at(client, "reader").label(TaskRequestType.label_initial_prompt)
    # As with a large dataset: one tree before it serves, the others after that.
    monkeypatch.setattr("oasst_backend.api.background.AT_START", 1)
    monkeypatch.setattr("oasst_backend.api.background.BATCH", 1)
    caught_up = threading.Event()

    def look(line: str) -> None:
        if "in the background" in line:
            caught_up.set()

    sink = logger.add(look, level="INFO")
    server = start_backend(rules={"num_reviews_initial_prompt": 1})
    client = connect(server)
    assert server.storage is not None
    await asyncio.to_thread(caught_up.wait, 30)
    states = await worker_at(client, "reader").client.fetch_availability(worker_at(client, "reader").user)
    assert states["assistant_reply"] > 0
    assert differences(server, rules={"num_reviews_initial_prompt": 1}) == []
    old = sa.select(trees.c.id).where(trees.c.rules_version < rules_version_of(server))
    assert server.storage.read_now(lambda connection: connection.execute(old).all()) == []
    logger.remove(sink)


async def test_what_is_out_of_step_is_named_and_set_right(
    backend: BackendServer,
    worker: Workers,
    settings_for: Callable[..., BackendSettings],
    differences: Callable[..., list[str]],
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await prompt(worker)
    assert differences(backend) == []
    backend.close()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DELETE FROM open_work")
        connection.execute("UPDATE tree_counts SET count = 7")
        connection.execute("UPDATE scores SET prompts = prompts + 1")
        connection.commit()
    for name, value in {
        "BACKEND_DATABASE_URL": f"sqlite:///{database}",
        **{
            f"TREE_MANAGER__{name.upper()}": str(value)
            for name, value in settings_for().tree_manager.model_dump(exclude_unset=True).items()
        },
    }.items():
        monkeypatch.setenv(name, value)
    found = CliRunner().invoke(app, ["check"])
    assert found.exit_code == 1
    for words in ("open work is missing", "not 7", "prompts is 2 instead of 1"):
        assert words in found.output.lower()
    mended = CliRunner().invoke(app, ["check", "--repair"])
    assert mended.exit_code == 0, mended.output
    assert "Set right" in mended.output
    assert CliRunner().invoke(app, ["check"]).exit_code == 0
