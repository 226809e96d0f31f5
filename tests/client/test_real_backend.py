"""The client's calls against the project's own backend, call by call as it has them."""

import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_client import (
    AssistantReplyTask,
    AuthMethod,
    InitialPromptTask,
    LabelInitialPromptTask,
    LeaderboardTimeFrame,
    NotAuthorizedError,
    NotFoundError,
    NotSupportedError,
    OasstApiClient,
    OasstErrorCode,
    RefusedError,
    TaskAlreadyDoneError,
    TaskDone,
    TaskRequestType,
    TaskUnavailableError,
    TextLabels,
    TextReplyToMessage,
    User,
)
from tests.made_databases import backend_database

KEY = "a-key-of-the-tests"
Connect = Callable[..., Awaitable[OasstApiClient]]


def person(name: str) -> User:
    return User(id=f"id-{name}", display_name=name.title(), auth_method=AuthMethod.discord)


ANN, BOB = person("ann"), person("bob")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    settings = BackendSettings(
        _env_file=None,
        backend_database_url=backend_database(tmp_path / "backend.db"),
        backend_port=0,
        backend_api_keys=[KEY],
        tree_manager={"num_reviews_initial_prompt": 1},
    )
    rng = random.Random(7)  # noqa: S311  # draws that repeat
    server = BackendServer(settings, clock=lambda: datetime(2026, 3, 14, 12, tzinfo=UTC), rng=rng)
    server.start()
    try:
        yield server.url
    finally:
        server.close()


@pytest.fixture
async def client(url: str, connect: Connect) -> OasstApiClient:
    return await connect(url, api_key=KEY, root_token="none")


async def write_prompt(client: OasstApiClient) -> TextReplyToMessage:
    task = await client.fetch_task(TaskRequestType.initial_prompt, ANN, lang="en")
    assert isinstance(task, InitialPromptTask)
    await client.ack_task(task.id, "shown-1")
    answer = TextReplyToMessage(
        user=ANN, message_id="shown-1", user_message_id="text-1", text="Why is the sky blue?", lang="en"
    )
    assert isinstance(await client.post_interaction(answer), TaskDone)
    return answer


async def test_the_life_of_a_tree_and_all_that_can_be_read_of_it(client: OasstApiClient) -> None:
    answer = await write_prompt(client)
    with pytest.raises(TaskAlreadyDoneError):
        await client.post_interaction(answer)

    prompt = await client.fetch_message("text-1", ANN)
    assert prompt.id is not None
    assert (prompt.text, prompt.user_is_author) == ("Why is the sky blue?", True)
    assert (await client.fetch_message(prompt.id)).id == prompt.id

    assert (await client.fetch_availability(BOB, lang="en"))["label_initial_prompt"] == 1
    review = await client.fetch_task(TaskRequestType.label_initial_prompt, BOB)
    assert isinstance(review, LabelInitialPromptTask)
    assert review.message_id == prompt.id
    assert review.conversation.messages[-1].text == prompt.text
    with pytest.raises(RefusedError) as early:
        await client.post_interaction(
            TextLabels(user=BOB, text="", labels={"spam": 0}, message_id=prompt.id, task_id=review.id)
        )
    assert early.value.code == OasstErrorCode.task_not_ack
    await client.ack_task(review.id, "shown-2", BOB)
    await client.ack_task(review.id, "shown-2", BOB)
    await client.post_interaction(
        TextLabels(user=BOB, text="", labels={"spam": 0}, message_id=prompt.id, task_id=review.id)
    )

    reply = await client.fetch_random_task(BOB)
    assert isinstance(reply, AssistantReplyTask)
    await client.nack_task(reply.id, "not my field", BOB)

    assert [m.text for m in (await client.fetch_conversation(prompt.id)).messages] == [prompt.text]
    assert (await client.fetch_tree("text-1", include_deleted=True)).id == prompt.id
    assert (await client.fetch_descendants(prompt.id)).messages[1:] == []
    assert await client.fetch_children(prompt.id) == []
    status = await client.fetch_tree_status(prompt.id)
    assert (status.message_tree_id, status.active) == (prompt.id, True)
    assert (await client.halt_tree(prompt.id, halt=True)).state == "halted_by_moderator"
    assert (await client.halt_tree(prompt.id, halt=False)).active
    stats = await client.fetch_stats()
    assert (stats.all, stats.message_trees, stats.active_by_lang) == (1, 1, {"en": 1})
    assert sum((await client.fetch_tree_state_counts()).values()) == 1
    await client.delete_message(prompt.id)
    assert (await client.fetch_message(prompt.id)).deleted


async def test_labels_outside_of_tasks(client: OasstApiClient) -> None:
    await write_prompt(client)
    message = await client.fetch_message("text-1")
    assert message.id is not None
    names = {label.name for label in (await client.fetch_valid_labels(message.id)).valid_labels}
    assert {"spam", "quality"} <= names
    assert "spam" in {label.name for label in (await client.fetch_report_labels()).valid_labels}
    await client.post_text_labels(TextLabels(user=BOB, text="", labels={"spam": 1}, message_id=message.id))
    report = TextLabels(user=BOB, text="bad", labels={"spam": 1}, message_id=message.id, is_report=True)
    await client.post_text_labels(report)
    assert ((await client.fetch_message(message.id)).emojis or {}).get("red_flag") == 1


async def test_people_and_boards(client: OasstApiClient) -> None:
    with pytest.raises(NotFoundError):
        await client.fetch_user(ANN)
    made = await client.put_user(ANN)
    assert (made.enabled, made.show_on_leaderboard, made.notes) == (True, True, "")
    await client.put_user(ANN, enabled=False, notes="rude")
    renamed = await client.put_user(ANN.model_copy(update={"display_name": "Anna"}))
    assert (renamed.display_name, renamed.enabled, renamed.notes) == ("Anna", False, "rude")
    assert await client.fetch_user(ANN) == renamed
    board = await client.fetch_leaderboard(LeaderboardTimeFrame.total, user=ANN)
    assert board.time_frame == "total"
    with pytest.raises(NotFoundError):
        await client.fetch_leaderboard(LeaderboardTimeFrame.day, user=BOB)


async def test_a_person_gets_their_data_and_leaves(client: OasstApiClient) -> None:
    await write_prompt(client)
    data = await client.fetch_personal_data(ANN)
    assert [row["text"] for row in data["messages"]] == ["Why is the sky blue?"]
    assert [row["username"] for row in data["people"]] == [ANN.id]
    with pytest.raises(NotFoundError):
        await client.fetch_personal_data(BOB)
    await client.erase_user(BOB, keep_texts=False)
    for _ in range(2):
        await client.erase_user(ANN, keep_texts=True)
    assert [message.text for message in await client.find_messages()] == ["Why is the sky blue?"]
    with pytest.raises(NotFoundError):
        await client.fetch_user(ANN)
    (left,) = [message.user_id for message in await client.find_messages()]
    assert left is not None
    assert (await client.fetch_user(left)).deleted


async def test_refusals(client: OasstApiClient, url: str, connect: Connect) -> None:
    with pytest.raises(TaskUnavailableError):
        await client.fetch_task(TaskRequestType.rank_assistant_replies, ANN)
    with pytest.raises(NotFoundError):
        await client.ack_task(uuid4(), "x")
    with pytest.raises(NotFoundError):
        await client.close_task("nothing is shown here")
    with pytest.raises(NotFoundError):
        await client.fetch_message(UUID(int=0))
    with pytest.raises(NotSupportedError):
        await client.call_extension("GET", "no-such-call")
    stranger = await connect(url, api_key="another key")
    with pytest.raises(NotAuthorizedError):
        await stranger.fetch_random_task(ANN)
