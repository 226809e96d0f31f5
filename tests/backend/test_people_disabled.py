"""Who is disabled gets no work, gives back what they had in hand, and their prompts leave the lottery."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.storage.tables import trees
from oasst_client import OasstApiClient, TaskRequestType, TaskUnavailableError, UserDisabledError

Workers = Callable[[str], Any]
ONE_AT_A_TIME = {"max_active_trees": 1}


@pytest.fixture
def backend(start_backend: Callable[..., BackendServer]) -> BackendServer:
    """Start a backend in which one tree grows and the other prompts wait."""
    return start_backend(rules=ONE_AT_A_TIME)


def states(server: BackendServer) -> dict[str, str]:
    """Read the state of each tree."""
    assert server.storage is not None
    rows = server.storage.read_now(
        lambda connection: connection.execute(sa.select(trees.c.id, trees.c.state)).all()
    )
    return {row.id: row.state for row in rows}


async def plant(client: OasstApiClient, author: Any, reviewer: Any, text: str) -> str:  # noqa: ANN401  # workers
    """Have a prompt written and accepted; gives the tree's id."""
    written = await author.write(TaskRequestType.initial_prompt, text)
    await reviewer.label(TaskRequestType.label_initial_prompt)
    return str((await client.fetch_message(written)).id)


async def user_id(client: OasstApiClient, person: Any) -> Any:  # noqa: ANN401  # a worker, a UUID
    return (await client.fetch_user(person.user)).user_id


async def test_work_in_hand_goes_to_others_when_a_person_is_disabled(
    client: OasstApiClient, worker: Workers
) -> None:
    ann, bob, cat = worker("ann"), worker("bob"), worker("cat")
    await ann.write(TaskRequestType.initial_prompt, "Why?")
    await bob.take(TaskRequestType.label_initial_prompt)
    with pytest.raises(TaskUnavailableError):
        await cat.fetch(TaskRequestType.label_initial_prompt)
    await client.update_user(await user_id(client, bob), enabled=False)
    await cat.label(TaskRequestType.label_initial_prompt)


async def test_a_disabled_person_gets_and_answers_nothing_until_enabled(
    client: OasstApiClient, worker: Workers
) -> None:
    ann, bob = worker("ann"), worker("bob")
    await ann.write(TaskRequestType.initial_prompt, "Why?")
    task, _ = await bob.take(TaskRequestType.label_initial_prompt)
    await client.update_user(await user_id(client, bob), enabled=False)
    with pytest.raises(UserDisabledError) as caught:
        await bob.fetch(TaskRequestType.random)
    assert (caught.value.http_status, caught.value.code) == (503, 4001)
    with pytest.raises(UserDisabledError):
        await bob.hand_in_labels(task)
    await client.update_user(await user_id(client, bob), enabled=True)
    # Nobody else took the place meanwhile.
    await bob.hand_in_labels(task)
    (prompt,) = await client.find_messages()
    assert (prompt.review_count, prompt.review_result) == (1, True)


async def test_waiting_prompts_are_halted_with_their_author_and_wait_again_with_them(
    client: OasstApiClient, worker: Workers, backend: BackendServer
) -> None:
    ann, bob, cat = worker("ann"), worker("bob"), worker("cat")
    growing = await plant(client, ann, cat, "first")
    with pytest.raises(TaskUnavailableError):
        await ann.fetch(TaskRequestType.prompter_reply)
    waiting = await plant(client, ann, cat, "second")
    of_bob = await plant(client, bob, cat, "third")
    assert states(backend) == {
        growing: "growing",
        waiting: "prompt_lottery_waiting",
        of_bob: "prompt_lottery_waiting",
    }
    ann_id = await user_id(client, ann)
    await client.update_user(ann_id, enabled=False)
    halted = {growing: "growing", waiting: "halted_by_moderator", of_bob: "prompt_lottery_waiting"}
    assert states(backend) == halted
    await client.update_user(ann_id, enabled=True)
    assert states(backend) == {**halted, waiting: "prompt_lottery_waiting"}


async def test_what_a_moderator_halted_or_deleted_stays_so_when_its_author_comes_back(
    client: OasstApiClient, worker: Workers, backend: BackendServer
) -> None:
    ann, cat = worker("ann"), worker("cat")
    await plant(client, ann, cat, "first")
    with pytest.raises(TaskUnavailableError):
        await ann.fetch(TaskRequestType.prompter_reply)
    in_review = (await client.fetch_message(await ann.write(TaskRequestType.initial_prompt, "second"))).id
    assert in_review is not None
    await client.halt_tree(in_review, halt=True)
    deleted = await plant(client, ann, cat, "third")
    await client.delete_user_messages(worker("ann").user)
    before = states(backend)
    assert before[str(in_review)] == before[deleted] == "halted_by_moderator"
    ann_id = await user_id(client, ann)
    await client.update_user(ann_id, enabled=False)
    await client.update_user(ann_id, enabled=True)
    assert states(backend) == before


async def test_a_prompt_accepted_while_its_author_is_out_waits_once_they_are_back(
    client: OasstApiClient, worker: Workers, backend: BackendServer
) -> None:
    ann, cat = worker("ann"), worker("cat")
    written = await ann.write(TaskRequestType.initial_prompt, "Why?")
    tree_id = str((await client.fetch_message(written)).id)
    ann_id = await user_id(client, ann)
    await client.update_user(ann_id, enabled=False)
    await cat.label(TaskRequestType.label_initial_prompt)
    assert states(backend)[tree_id] == "halted_by_moderator"
    await client.put_user(ann.user, enabled=True)
    assert states(backend)[tree_id] in {"prompt_lottery_waiting", "growing"}


async def test_what_a_moderator_halts_while_its_author_is_out_stays_so_until_they_let_it_go_on(
    client: OasstApiClient, worker: Workers, backend: BackendServer
) -> None:
    ann, bob, cat = worker("ann"), worker("bob"), worker("cat")
    growing = await plant(client, bob, cat, "first")
    with pytest.raises(TaskUnavailableError):
        await bob.fetch(TaskRequestType.prompter_reply)
    halted = UUID(await plant(client, ann, cat, "second"))
    let_go = UUID(await plant(client, ann, cat, "third"))
    ann_id = await user_id(client, ann)
    await client.update_user(ann_id, enabled=False)
    for tree_id, halts in ((halted, (True, True)), (let_go, (False, True, False, False))):
        for halt in halts:
            await client.halt_tree(tree_id, halt=halt)
    assert states(backend) == {
        growing: "growing",
        str(halted): "halted_by_moderator",
        str(let_go): "halted_by_moderator",
    }
    # What changed nothing is not noted.
    journal: Any = await client.call_extension("GET", "journal")
    noted = [
        (entry["action"], entry["subject_id"])
        for entry in journal["items"]
        if entry["subject_kind"] == "tree"
    ]
    assert sorted(noted) == sorted([("halt", str(halted)), ("halt", str(let_go)), ("unhalt", str(let_go))])
    await client.update_user(ann_id, enabled=True)
    assert states(backend)[str(halted)] == "halted_by_moderator"
    assert states(backend)[str(let_go)] == "prompt_lottery_waiting"
    await client.halt_tree(halted, halt=False)
    assert states(backend)[str(halted)] == "prompt_lottery_waiting"


async def test_a_prompt_halted_under_review_and_accepted_then_stays_halted_when_its_author_comes_back(
    client: OasstApiClient, worker: Workers, backend: BackendServer
) -> None:
    ann, cat = worker("ann"), worker("cat")
    written = await ann.write(TaskRequestType.initial_prompt, "Why?")
    tree_id = (await client.fetch_message(written)).id
    assert tree_id is not None
    task, _ = await cat.take(TaskRequestType.label_initial_prompt)
    await client.halt_tree(tree_id, halt=True)
    await cat.hand_in_labels(task)
    ann_id = await user_id(client, ann)
    for enabled in (False, True):
        await client.update_user(ann_id, enabled=enabled)
        assert states(backend) == {str(tree_id): "halted_by_moderator"}
