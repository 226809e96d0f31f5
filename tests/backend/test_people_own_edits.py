"""An author gives their own text another wording, until somebody has worked with the one it has."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from oasst_backend.server import BackendServer
from oasst_client import (
    Contribution,
    Emoji,
    EmojiOp,
    LabelTask,
    NotFoundError,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    TextLabels,
    UserDisabledError,
)

PROMPT = TaskRequestType.initial_prompt
REVIEW = TaskRequestType.label_initial_prompt
RULES = {"num_reviews_initial_prompt": 2}
Workers = Callable[[str], Any]


@pytest.fixture
def backend(start_backend: Callable[..., BackendServer]) -> BackendServer:
    """A backend in which a prompt is decided about by two reviews."""
    return start_backend(rules=RULES)


async def written(client: OasstApiClient, author: Any, text: str) -> UUID:  # noqa: ANN401  # a worker
    """Write a prompt; gives the backend's id of it."""
    message = await client.fetch_message(await author.write(PROMPT, text))
    assert message.id is not None
    return message.id


async def shown(client: OasstApiClient, author: Any, message_id: UUID) -> Contribution:  # noqa: ANN401  # a worker
    return await client.fetch_contribution(author.user, message_id)


async def refusal(call: Awaitable[object]) -> tuple[int | None, int]:
    with pytest.raises(RefusedError) as caught:
        await call
    return caught.value.http_status, caught.value.code


async def test_a_fresh_text_gets_another_wording_and_keeps_its_history(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann, bob = worker("ann"), worker("bob")
    message_id = await written(client, ann, "Why is teh sky blue?")
    assert (await shown(client, ann, message_id)).may_edit
    pass_time(minutes=1)
    # Nearly the same as before, and that is what it is for.
    after = await client.edit_own_message(ann.user, message_id, "  Why is the sky blue?\n")
    assert (after.text, after.outcome, after.may_edit) == ("Why is the sky blue?", "waiting", True)
    again = await client.edit_own_message(ann.user, message_id, "Why is the sky blue?")
    assert again == after
    assert (await client.fetch_message(message_id)).edited
    history = await client.fetch_history(message_id, ann.user)
    assert [(one.text, one.user_is_author) for one in history] == [
        ("Why is teh sky blue?", True),
        ("Why is the sky blue?", True),
    ]
    journal: Any = await client.call_extension("GET", "journal")
    (entry,) = journal["items"]
    assert (entry["action"], entry["subject_id"], entry["user_id"]) == (
        "edit",
        str(message_id),
        str((await client.fetch_user(ann.user)).user_id),
    )
    pass_time(minutes=1)
    task, _ = await bob.take(REVIEW)
    assert task.conversation.messages[-1].text == "Why is the sky blue?"


@pytest.mark.parametrize("said", ["review", "label", "report", "mark"])
async def test_what_somebody_has_said_something_about_stays_as_it_is(
    client: OasstApiClient, worker: Workers, said: str
) -> None:
    ann, bob = worker("ann"), worker("bob")
    message_id = await written(client, ann, "Why is the sky blue?")
    if said == "review":
        await bob.label(REVIEW)
    elif said == "mark":
        await client.mark_message(message_id, bob.user, Emoji.thumbs_up)
    else:
        labels = {"quality": 0.5}
        await client.post_text_labels(
            TextLabels(
                user=bob.user, text="", labels=labels, message_id=message_id, is_report=said == "report"
            )
        )
    assert not (await shown(client, ann, message_id)).may_edit
    assert await refusal(client.edit_own_message(ann.user, message_id, "Why is the sea blue?")) == (400, 2008)
    # What it says already may be said again.
    assert (await client.edit_own_message(ann.user, message_id, "Why is the sky blue?")).reviews < 2


async def test_a_skip_and_a_mark_of_ones_own_say_nothing_of_the_text(
    client: OasstApiClient, worker: Workers
) -> None:
    ann, bob = worker("ann"), worker("bob")
    message_id = await written(client, ann, "Why is the sky blue?")
    task, _ = await bob.take(REVIEW)
    await client.nack_task(task.id, "not now", bob.user)
    await client.mark_message(message_id, ann.user, Emoji.clap)
    await client.edit_own_message(ann.user, message_id, "Who painted the sky?")
    # A flag of somebody else's can still be taken back: moderation had no hand in it.
    await client.mark_message(message_id, bob.user, Emoji.red_flag, EmojiOp.add)
    message = await client.mark_message(message_id, bob.user, Emoji.red_flag, EmojiOp.remove)
    assert (message.emojis or {}).get("red_flag", 0) == 0


async def test_what_was_replied_to_rejected_or_deleted_stays_as_it_is(
    client: OasstApiClient, worker: Workers
) -> None:
    ann, bob, cat = worker("ann"), worker("bob"), worker("cat")
    replied = await written(client, ann, "Why is the sky blue?")
    for reviewer in (bob, cat):
        await reviewer.label(REVIEW)
    await bob.write(TaskRequestType.assistant_reply, "Because.")
    assert await refusal(client.edit_own_message(ann.user, replied, "Who made it?")) == (400, 2008)
    gone = await written(client, ann, "Do fish sleep at night?")
    await client.withdraw_message(ann.user, gone)
    assert await refusal(client.edit_own_message(ann.user, gone, "Do birds sleep?")) == (400, 2008)
    assert (await shown(client, ann, gone)).deleted_by == "author"


async def test_the_wording_is_checked_as_a_new_text_is(
    client: OasstApiClient, worker: Workers, call: Callable[..., Any]
) -> None:
    ann = worker("ann")
    message_id = await written(client, ann, "Why is the sky blue?")
    await written(client, ann, "Do the fish in the deep sea ever sleep?")
    for text, code in (("  \n", 1010), ("x" * 2001, 1008), ("Do the fish in the deep sea ever sleep", 1009)):
        assert await refusal(client.edit_own_message(ann.user, message_id, text)) == (400, code)
    status, _ = await call(
        "PUT", f"/api/ext/v1/people/discord/id-ann/messages/{message_id}", body={"text": "a\0"}
    )
    assert status == 422
    assert (await client.fetch_message(message_id)).text == "Why is the sky blue?"


async def test_nobody_rewords_or_sees_among_their_own_what_others_wrote(
    client: OasstApiClient, worker: Workers
) -> None:
    message_id = await written(client, worker("ann"), "Why is the sky blue?")
    await client.put_user(worker("bob").user)
    for person, wanted in (("bob", message_id), ("ann", uuid4())):
        user = worker(person).user
        assert await refusal(client.edit_own_message(user, wanted, "Mine now.")) == (404, 2001)
        assert await refusal(client.fetch_contribution(user, wanted)) == (404, 2001)
    assert await refusal(client.edit_own_message(worker("eve").user, message_id, "Mine.")) == (404, 4002)


async def test_only_the_key_that_brought_a_text_in_rewords_it(
    client: OasstApiClient,
    backend: BackendServer,
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    plain_key: str,
) -> None:
    plain = connect(backend, plain_key)
    elsewhere = await written(client, worker_at(client, "ann"), "Why is the sky blue?")
    own = await written(plain, worker_at(plain, "ann"), "Who made the bread?")
    user = worker_at(plain, "ann").user
    assert await refusal(plain.edit_own_message(user, elsewhere, "Who baked?")) == (404, 2001)
    assert (await plain.edit_own_message(user, own, "Who baked the bread?")).text == "Who baked the bread?"
    with pytest.raises(NotFoundError):
        await plain.fetch_contribution(user, elsewhere)
    assert (await client.edit_own_message(user, own, "Who baked it?")).text == "Who baked it?"


async def test_who_is_disabled_rewords_nothing(client: OasstApiClient, worker: Workers) -> None:
    ann = worker("ann")
    message_id = await written(client, ann, "Why is the sky blue?")
    await client.put_user(ann.user, enabled=False)
    with pytest.raises(UserDisabledError):
        await client.edit_own_message(ann.user, message_id, "Why?")


async def test_a_review_in_hand_is_not_counted_for_a_wording_that_nobody_reviewed(
    client: OasstApiClient,
    worker: Workers,
    pass_time: Callable[..., None],
    differences: Callable[..., list[str]],
    backend: BackendServer,
) -> None:
    ann, bob, cat = worker("ann"), worker("bob"), worker("cat")
    message_id = await written(client, ann, "Why is the sky blue?")
    tasks = [(await reviewer.take(REVIEW))[0] for reviewer in (bob, cat)]
    assert (await client.fetch_availability(worker("dan").user))["label_initial_prompt"] == 0
    pass_time(minutes=1)
    await client.edit_own_message(ann.user, message_id, "Buy my hat!")
    # The places are free again, and nobody's review was taken.
    assert (await client.fetch_availability(worker("dan").user))["label_initial_prompt"] == 1
    for reviewer, task in zip((bob, cat), tasks, strict=True):
        with pytest.raises(RefusedError) as caught:
            await reviewer.hand_in_labels(task)
        assert caught.value.code == 2008
        assert "changed the text" in caught.value.message
    assert (await shown(client, ann, message_id)).reviews == 0
    pass_time(minutes=1)
    # Those who had it in hand get the new wording, and decide about that.
    for reviewer in (bob, cat):
        task, _ = await reviewer.take(REVIEW)
        assert isinstance(task, LabelTask)
        assert task.conversation is not None
        assert task.conversation.messages[-1].text == "Buy my hat!"
        await reviewer.hand_in_labels(task, {"spam": 1})
    assert (await shown(client, ann, message_id)).outcome == "rejected"
    assert differences(backend, rules=RULES) == []


async def test_a_review_that_lost_its_place_is_refused_for_another_wording_as_well(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann, bob = worker("ann"), worker("bob")
    message_id = await written(client, ann, "Why is the sky blue?")
    task, _ = await bob.take(REVIEW)
    pass_time(hours=12)
    await client.edit_own_message(ann.user, message_id, "Buy my hat!")
    with pytest.raises(RefusedError) as caught:
        await bob.hand_in_labels(task)
    assert caught.value.code == 2008


async def test_what_a_moderator_mends_under_a_review_keeps_the_review(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann, bob = worker("ann"), worker("bob")
    message_id = await written(client, ann, "Call 0123 and ask why the sky is blue.")
    task, _ = await bob.take(REVIEW)
    pass_time(minutes=1)
    await client.edit_message(message_id, worker("mod").user, "Why is the sky blue?")
    await bob.hand_in_labels(task)
    assert (await shown(client, ann, message_id)).reviews == 1
