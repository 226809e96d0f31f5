"""A person sees what became of each text of theirs, and can withdraw what nobody has replied to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from oasst_backend.importing import import_stories
from oasst_backend.server import BackendServer
from oasst_client import Emoji, MessageRating, OasstApiClient, RefusedError, TaskRequestType

Workers = Callable[[str], Any]


async def written(client: OasstApiClient, person: Any, **params: str | int) -> dict[str, Any]:  # noqa: ANN401  # a worker
    """List what a person wrote and what became of it."""
    path = f"people/discord/{person.user.id}/contributions"
    page = await client.call_extension("GET", path, params={**params})
    assert isinstance(page, dict)
    return page


async def outcomes(client: OasstApiClient, person: Any) -> dict[str, str]:  # noqa: ANN401  # a worker
    return {item["text"]: item["outcome"] for item in (await written(client, person))["items"]}


async def withdraw(client: OasstApiClient, person: Any, message: str) -> None:  # noqa: ANN401  # a worker
    message_id = (await client.fetch_message(message)).id
    path = f"people/discord/{person.user.id}/messages/{message_id}"
    assert await client.call_extension("DELETE", path) is None


async def test_what_became_of_a_whole_tree(
    client: OasstApiClient, worker: Workers, finished_tree: str
) -> None:
    prompt = await client.fetch_message(finished_tree)
    (of_ann,) = (await written(client, worker("ann")))["items"]
    assert of_ann == {
        "id": str(prompt.id),
        "type": "initial_prompt",
        "text": "Why is the sky blue?",
        "lang": "en",
        "created_date": "2026-03-14T12:00:00Z",
        "frontend_message_id": finished_tree,
        "parent_id": None,
        "message_tree_id": str(prompt.id),
        "tree_state": "ready_for_export",
        "story_id": None,
        "outcome": "accepted",
        "reviews": 1,
        "reviews_needed": 1,
        "labels": None,
        "rank": None,
        "ranked_of": None,
        "rating": None,
        "deleted_by": None,
        "may_edit": False,
        "may_withdraw": False,
    }
    page = await written(client, worker("bob"))
    (of_bob,) = page["items"]
    assert (of_bob["type"], of_bob["outcome"]) == ("assistant_reply", "ranked")
    assert (of_bob["rank"], of_bob["ranked_of"]) == (2, 2)
    assert (page["labels_given"], page["rankings_given"]) == (1, 0)
    of_dan = await written(client, worker("dan"))
    assert (of_dan["items"], of_dan["labels_given"], of_dan["rankings_given"]) == ([], 2, 1)


async def test_a_text_waits_and_is_turned_down_with_the_labels_that_did_it(
    client: OasstApiClient, worker: Workers
) -> None:
    ann = worker("ann")
    await ann.write(TaskRequestType.initial_prompt, "buy this")
    (item,) = (await written(client, ann))["items"]
    assert (item["outcome"], item["reviews"], item["reviews_needed"]) == ("waiting", 0, 1)
    await worker("bob").label(TaskRequestType.label_initial_prompt, {"spam": 1, "quality": 0.25})
    (item,) = (await written(client, ann))["items"]
    assert (item["outcome"], item["tree_state"]) == ("rejected", "aborted_low_grade")
    assert item["labels"] == {"spam": 1, "quality": 0.25}


async def test_who_deleted_a_text_is_told(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(
        start_backend(rules={"auto_mod_red_flags": 1, "max_children_count": 3, "goal_tree_size": 9})
    )
    ann, bob, cat, dan = (worker_at(client, name) for name in ("ann", "bob", "cat", "dan"))
    prompt = await ann.write(TaskRequestType.initial_prompt, "Why?")
    await dan.label(TaskRequestType.label_initial_prompt)
    replies = {}
    for person in (ann, bob, cat):
        replies[person] = await person.write(TaskRequestType.assistant_reply, f"by {person.user.id}")
    await withdraw(client, ann, replies[ann])
    await client.delete_user_messages(bob.user)
    flagged = (await client.fetch_message(replies[cat])).id
    assert flagged is not None
    await client.mark_message(flagged, dan.user, Emoji.red_flag)
    for person, by in ((ann, "author"), (bob, "moderator"), (cat, "flags")):
        (item,) = [
            one for one in (await written(client, person))["items"] if one["type"] == "assistant_reply"
        ]
        assert (item["outcome"], item["deleted_by"]) == ("deleted", by)
    late = await dan.write(TaskRequestType.assistant_reply, "by dan")
    assert (await outcomes(client, dan)) == {"by dan": "waiting"}
    # What goes with the message above it was deleted by whoever deleted that one.
    await client.delete_user_messages(ann.user)
    (item,) = (await written(client, dan))["items"]
    assert (item["frontend_message_id"], item["deleted_by"]) == (late, "moderator")
    assert (await client.fetch_message(prompt)).deleted


async def test_an_answer_that_came_too_late_is_shown_as_surplus(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    _, shown = await worker("eve").take(TaskRequestType.assistant_reply)
    pass_time(hours=1)
    for name in ("bob", "cat"):
        await worker(name).write(TaskRequestType.assistant_reply, f"in time by {name}")
    await worker("eve").write(TaskRequestType.assistant_reply, "too late", shown=shown)
    assert await outcomes(client, worker("eve")) == {"too late": "surplus"}


async def test_contributions_are_read_page_by_page_the_newest_first(
    client: OasstApiClient, worker: Workers, pass_time: Callable[..., None]
) -> None:
    ann = worker("ann")
    for number in range(3):
        await ann.write(TaskRequestType.initial_prompt, f"prompt {number}")
        pass_time(minutes=1)
    page = await written(client, ann, max_count=2)
    rest = await written(client, ann, max_count=2, after=page["next"])
    assert [item["text"] for item in page["items"] + rest["items"]] == ["prompt 2", "prompt 1", "prompt 0"]
    assert (page["order"], page["sort_key"], rest["next"]) == ("desc", "created_date", None)
    with pytest.raises(RefusedError) as caught:
        await written(client, ann, after="x")
    assert caught.value.code == 101


async def test_a_summary_is_shown_with_what_became_of_it(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    settings_for: Callable[..., Any],
    tmp_path: Path,
) -> None:
    server = start_backend(rules={"num_ratings_summary": 1})
    path = tmp_path / "stories.jsonl"
    path.write_text(json.dumps({"story": "Once upon a time there was a fox."}) + "\n")
    assert server.storage is not None
    import_stories(server.storage, settings_for(), path)
    client = connect(server)
    ann, bob = worker_at(client, "ann"), worker_at(client, "bob")
    await ann.write(TaskRequestType.summarize_story, "A fox was there.")
    (item,) = (await written(client, ann))["items"]
    assert (item["type"], item["outcome"], item["reviews"], item["reviews_needed"]) == (
        "summary",
        "waiting",
        0,
        1,
    )
    assert item["story_id"] is not None
    _, shown = await bob.take(TaskRequestType.rate_summary)
    await client.post_interaction(MessageRating(user=bob.user, message_id=shown, rating=4))
    (item,) = (await written(client, ann))["items"]
    assert (item["outcome"], item["rating"]) == ("accepted", 4)
    await client.delete_user_messages(ann.user)
    (item,) = (await written(client, ann))["items"]
    assert (item["outcome"], item["deleted_by"]) == ("deleted", "moderator")
    # The story wants another summary.
    await bob.write(TaskRequestType.summarize_story, "There was a fox, once.")


async def test_a_message_is_withdrawn_until_somebody_has_replied(
    client: OasstApiClient, worker: Workers
) -> None:
    ann, bob = worker("ann"), worker("bob")
    prompt = await ann.write(TaskRequestType.initial_prompt, "Why?")
    await bob.label(TaskRequestType.label_initial_prompt)
    reply = await bob.write(TaskRequestType.assistant_reply, "Because.")
    with pytest.raises(RefusedError) as caught:
        await withdraw(client, ann, prompt)
    assert (caught.value.http_status, caught.value.code) == (400, 2008)
    assert "replied" in caught.value.message
    await withdraw(client, bob, reply)
    assert (await client.fetch_message(reply)).deleted
    # Once more does no harm, and now nobody's reply is left.
    await withdraw(client, bob, reply)
    await withdraw(client, ann, prompt)
    assert (await client.fetch_message(prompt)).deleted


async def test_nobody_withdraws_what_others_wrote(client: OasstApiClient, worker: Workers) -> None:
    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why?")
    await client.put_user(worker("bob").user)
    with pytest.raises(RefusedError) as caught:
        await withdraw(client, worker("bob"), prompt)
    assert (caught.value.http_status, caught.value.code) == (404, 2001)
    with pytest.raises(RefusedError) as caught:
        await client.call_extension("DELETE", f"people/discord/id-bob/messages/{uuid4()}")
    assert (caught.value.http_status, caught.value.code) == (404, 2001)
    assert not (await client.fetch_message(prompt)).deleted
