"""What a purge and a merge bring about in the trees of the others, one effect at a time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from oasst_backend.importing import import_trees
from oasst_backend.server import BackendServer
from oasst_backend.service.recount import check_scores
from oasst_backend.storage.tables import labellings, messages, people, rankings, reactions, terms_acceptances
from oasst_client import (
    Emoji,
    MessageRanking,
    NotAuthorizedError,
    NotFoundError,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    TaskUnavailableError,
)

TOKEN = "a-root-token-of-the-tests"
PROMPT, LABEL_PROMPT = TaskRequestType.initial_prompt, TaskRequestType.label_initial_prompt
REPLY, LABEL_REPLY = TaskRequestType.assistant_reply, TaskRequestType.label_assistant_reply
RANK = TaskRequestType.rank_assistant_replies


class Place:
    """A backend with its client and its people."""

    def __init__(self, server: BackendServer, client: OasstApiClient, worker_at: Callable[..., Any]) -> None:
        self.server = server
        self.client = client
        self._worker_at = worker_at

    def __call__(self, name: str) -> Any:  # noqa: ANN401  # a Worker
        """Give a person."""
        return self._worker_at(self.client, name)

    async def id_of(self, name: str) -> UUID:
        """Give a person's id, who need not be known yet."""
        return (await self.client.put_user(self(name).user)).user_id

    async def purge(self, name: str) -> None:
        """Remove a person."""
        await self.client.purge_user(await self.id_of(name), preview=False)
        assert self.query(check_scores) == []

    async def merge(self, remaining: str, *others: str) -> None:
        """Make one person of several."""
        await self.client.merge_users(
            await self.id_of(remaining), [await self.id_of(name) for name in others]
        )
        assert self.query(check_scores) == []

    def query(self, read: Callable[[sa.Connection], Any]) -> Any:  # noqa: ANN401  # whatever it reads
        """Look into the database."""
        assert self.server.storage is not None
        return self.server.storage.read_now(read)

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        """Read rows."""
        return list(self.query(lambda connection: connection.execute(statement).all()))

    async def score(self, name: str) -> Any:  # noqa: ANN401  # a UserScore
        """Read how a person did, over all time."""
        return (await self.client.fetch_user_scores(await self.id_of(name)))["total"]

    async def grow(self, *authors: str, reviewers: tuple[str, ...] = ("rex",)) -> dict[str, Any]:
        """Grow a tree whose prompt the first author wrote, and whose replies the others; all are reviewed."""
        found = {authors[0]: await self(authors[0]).write(PROMPT, f"{authors[0]} asks")}
        for reviewer in reviewers:
            await self(reviewer).label(LABEL_PROMPT)
        for author in authors[1:]:
            found[author] = await self(author).write(REPLY, f"{author} answers")
        for _ in authors[1:]:
            for reviewer in reviewers:
                await self(reviewer).label(LABEL_REPLY)
        return found

    async def texts(self, message: str | UUID) -> dict[str, bool | None]:
        """Read the texts of a message's tree, and whether each is deleted."""
        tree = await self.client.fetch_tree(message, include_deleted=True)
        return {found.text: found.deleted for found in tree.messages}


@pytest.fixture
def start_place(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> Callable[..., Place]:
    def start(**rules: object) -> Place:
        server = start_backend(rules=rules, backend_root_token=TOKEN)
        return Place(server, connect(server, root_token=TOKEN), worker_at)

    return start


@pytest.fixture
def place(start_place: Callable[..., Place]) -> Place:
    return start_place()


async def test_a_prompt_with_replies_of_others_leaves_its_place_and_takes_the_tree_along(
    place: Place,
) -> None:
    tree = await place.grow("ann", "bob", "cat")
    await place("dan").rank(RANK)
    assert (await place.score("bob")).replies_assistant == 1
    await place.purge("ann")
    assert await place.texts(tree["bob"]) == {"": True, "bob answers": True, "cat answers": True}
    # As after a moderator's deletion.
    assert (await place.score("bob")).replies_assistant == 0
    root = (await place.client.fetch_message(tree["bob"])).parent_id
    for message_id in (root, (await place.client.fetch_message(tree["cat"])).id):
        assert message_id is not None
        with pytest.raises(RefusedError) as caught:
            await place.client.undelete_message(message_id)
        assert (caught.value.http_status, caught.value.code) == (400, 2008)
    assert await place.texts(tree["bob"]) == {"": True, "bob answers": True, "cat answers": True}


async def test_a_prompt_without_replies_goes_with_its_tree_and_what_is_handed_out_there(place: Place) -> None:
    prompt = await place("ann").write(PROMPT, "ann asks")
    task, _ = await place("bob").take(LABEL_PROMPT)
    await place.purge("ann")
    assert place.rows(sa.select(messages)) == []
    assert (await place.client.fetch_stats()).message_trees == 0
    assert await place.client.fetch_tree_state_counts() == {}
    with pytest.raises(NotFoundError):
        await place.client.fetch_message(prompt)
    with pytest.raises(RefusedError) as caught:
        await place("bob").hand_in_labels(task)
    assert (caught.value.http_status, caught.value.code) == (400, 2101)


async def test_a_reply_in_hand_to_a_removed_message_is_given_back(place: Place) -> None:
    await place.grow("ann")
    _, shown = await place("bob").take(REPLY)
    await place.purge("ann")
    with pytest.raises(RefusedError) as caught:
        await place("bob").write(REPLY, "bob answers", shown=shown)
    assert caught.value.code == 2101


async def test_a_reply_is_taken_off_the_ballots_and_those_behind_it_move_up(
    start_place: Callable[..., Place],
) -> None:
    place = start_place(max_children_count=3, goal_tree_size=4)
    tree = await place.grow("ann", "bob", "cat", "eve")
    # Best first: bob, cat, eve.
    await place("dan").rank(RANK)
    assert (await place.score("cat")).reply_ranked_2 == 1
    await place.purge("bob")
    assert await place.texts(tree["ann"]) == {"ann asks": False, "cat answers": False, "eve answers": False}
    ranks = {name: (await place.client.fetch_message(tree[name])).rank for name in ("cat", "eve")}
    assert ranks == {"cat": 0, "eve": 1}
    score = await place.score("cat")
    assert (score.reply_ranked_1, score.reply_ranked_2) == (1, 0)
    (ballot,) = place.rows(sa.select(rankings))
    assert len(ballot.ranked_ids) == 2
    status = await place.client.fetch_tree_status((await place.client.fetch_message(tree["ann"])).id)  # type: ignore[arg-type]  # it has an id
    assert status.state == "ready_for_export"


async def test_what_was_removed_stands_on_no_ballot_that_comes_later(
    start_place: Callable[..., Place],
) -> None:
    of_replies = start_place(max_children_count=3, goal_tree_size=4)
    await of_replies.grow("ann", "bob", "cat", "eve")
    await hand_in_after_a_purge(of_replies, RANK)
    of_prompts = start_place(max_active_trees=0, prompts_per_ranking=3)
    for name in ("bob", "cat", "eve"):
        await of_prompts(name).write(PROMPT, f"{name} wonders")
        await of_prompts("rex").label(LABEL_PROMPT)
    await hand_in_after_a_purge(of_prompts, TaskRequestType.rank_initial_prompts)


async def hand_in_after_a_purge(place: Place, kind: TaskRequestType) -> None:
    """Have Bob removed while Dan puts what he and two others wrote in order."""
    _, shown = await place("dan").take(kind)
    await place.client.purge_user(await place.id_of("bob"), preview=False, ban=False)
    await place.client.post_interaction(
        MessageRanking(user=place("dan").user, message_id=shown, ranking=[2, 1, 0])
    )
    (ballot,) = place.rows(
        sa.select(rankings).where(rankings.c.prompt_group_id.is_not(None) == (kind != RANK))
    )
    there = {row.id for row in place.rows(sa.select(messages.c.id))}
    assert len(ballot.ranked_ids) == 2
    assert there.issuperset(ballot.ranked_ids)
    assert place.query(check_scores) == []


@pytest.mark.parametrize("leaving", ["anonymised", "purged"])
async def test_why_a_moderator_acted_stays_known_when_they_leave(
    call: Callable[..., Any], place: Place, leaving: str
) -> None:
    await place.id_of("mod")
    for author in ("bob", "mod"):
        written = await place(author).write(PROMPT, f"{author} asks")
        message_id = (await place.client.fetch_message(written)).id
        assert message_id is not None
        path = f"/api/v1/messages/{message_id}?reason={author}%20is%20rude"
        status, _ = await call("DELETE", path, person="discord:id-mod", url=place.server.url)
        assert status == 204
    mod = await place.id_of("mod")
    if leaving == "purged":
        await place.client.purge_user(mod, preview=False)
    else:
        await place.client.delete_user(mod)
    page: Any = await place.client.call_extension("GET", "journal")
    reasons = [entry["reason"] for entry in page["items"] if entry["action"] == "delete"]
    # What was said of the moderator's own text goes with their name.
    assert sorted(map(str, reasons)) == ["None", "bob is rude"]
    assert "id-mod" not in json.dumps(page)


async def test_work_that_loses_a_review_or_a_ballot_is_wanted_again(
    start_place: Callable[..., Place],
) -> None:
    place = start_place(num_reviews_initial_prompt=2, num_reviews_reply=1, num_required_rankings=2)
    prompt = await place("ann").write(PROMPT, "ann asks")
    await place("eve").label(LABEL_PROMPT)
    await place.purge("eve")
    assert (await place.client.fetch_message(prompt)).review_count == 0
    await place("rex").label(LABEL_PROMPT)
    assert (await place.client.fetch_message(prompt)).review_result is None
    await place("bob").label(LABEL_PROMPT)
    replies = [await place(name).write(REPLY, f"{name} answers") for name in ("bob", "cat")]
    for _ in replies:
        await place("rex").label(LABEL_REPLY)
    await place("dan").rank(RANK)
    assert (await place.score("bob")).reply_ranked_1 == 1
    await place.purge("dan")
    assert (await place.client.fetch_message(replies[0])).ranking_count == 0
    assert (await place.score("bob")).reply_ranked_1 == 0
    for name in ("rex", "fay"):
        await place(name).rank(RANK)
    assert (await place.client.fetch_message(replies[0])).rank == 0


async def test_an_accepted_message_stays_accepted_without_its_reviews(place: Place) -> None:
    tree = await place.grow("ann", "bob")
    await place.purge("rex")
    for message in tree.values():
        found = await place.client.fetch_message(message)
        assert (found.review_result, found.review_count) == (True, 0)
    await place("cat").write(REPLY, "cat answers")


async def test_a_reply_that_only_the_removed_turned_down_is_reviewed_again_where_there_is_room(
    start_place: Callable[..., Place],
) -> None:
    place = start_place(max_children_count=1, goal_tree_size=3)
    await place("ann").write(PROMPT, "ann asks")
    await place("rex").label(LABEL_PROMPT)
    turned_down = await place("bob").write(REPLY, "bob answers")
    await place("eve").label(LABEL_REPLY, {"spam": 1})
    assert (await place.client.fetch_message(turned_down)).review_result is False
    await place.purge("eve")
    found = await place.client.fetch_message(turned_down)
    assert (found.review_result, found.review_count) == (None, 0)
    await place("fay").label(LABEL_REPLY, {"spam": 1})
    taken = await place("cat").write(REPLY, "cat answers")
    await place.purge("fay")
    # Another reply has taken its place.
    assert (await place.client.fetch_message(turned_down)).review_result is False
    await place("rex").label(LABEL_REPLY)
    assert (await place.client.fetch_message(taken)).review_result is True


async def test_an_imported_person_is_removed_from_what_a_file_said_of_others(
    place: Place, settings_for: Callable[..., Any], tmp_path: Path
) -> None:
    ids = [str(uuid4()) for _ in range(2)]
    node = {"role": "prompter", "lang": "en", "review_count": 3, "review_result": True, "deleted": False}
    events = {"emoji": [{"user_id": "zoe-of-the-file", "emoji": "clap"}]}
    lines = [
        {
            "message_tree_id": tree_id,
            "tree_state": "ready_for_export",
            "prompt": {
                **node,
                "message_id": tree_id,
                "text": f"{user} asks",
                "user_id": user,
                "events": events,
            },
        }
        for tree_id, user in zip(ids, ("zoe-of-the-file", "abe-of-the-file"), strict=True)
    ]
    path = tmp_path / "trees.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert place.server.storage is not None
    import_trees(place.server.storage, settings_for(), path)
    (zoe,) = await place.client.find_users("zoe")
    # What is handed out to one of them names the other nowhere.
    data: Any = await place.client.call_extension("GET", "people/system/abe-of-the-file/data")
    assert data["messages"][0]["imported"]["events"] == {"emoji": [{"emoji": "clap"}]}
    assert "zoe" not in json.dumps(data)
    await place.client.purge_user(zoe.user_id, preview=False, ban=False)
    (left,) = place.rows(sa.select(messages))
    assert (left.text, left.imported["events"]) == ("abe-of-the-file asks", {"emoji": [{"emoji": "clap"}]})
    (abe,) = await place.client.find_users("abe")
    await place.client.delete_user(abe.user_id)
    assert await place.client.find_users() == []
    assert await place.texts(UUID(left.id)) == {"abe-of-the-file asks": False}


async def test_everything_of_one_person_moves_to_the_other(place: Place) -> None:
    tree = await place.grow("ann", "eva", "cat")
    await place("eve").rank(RANK)
    await place.client.put_user(place("eva").user, tos_acceptance=True, notes="same as eve")
    message_id = (await place.client.fetch_message(tree["ann"])).id
    assert message_id is not None
    for name in ("eva", "eve"):
        await place.client.mark_message(message_id, place(name).user, Emoji.clap)
    await place.client.mark_message(message_id, place("eva").user, Emoji.thumbs_up)
    await place.client.mark_message(message_id, place("eve").user, Emoji.thumbs_down)
    await place.merge("eve", "eva")
    with pytest.raises(NotFoundError):
        await place.client.fetch_user(place("eva").user)
    eve = await place.client.fetch_user(place("eve").user)
    assert (eve.notes, eve.tos_acceptance_date is not None) == ("same as eve", True)
    assert [message.text for message in await place.client.fetch_user_messages(eve.user_id)] == [
        "eva answers"
    ]
    assert {row.person_id for row in place.rows(sa.select(terms_acceptances))} == {str(eve.user_id)}
    marks = [row.emoji for row in place.rows(sa.select(reactions).order_by(reactions.c.emoji))]
    assert marks == ["-1", "clap"]
    score = await place.score("eve")
    assert (score.replies_assistant, score.rankings_total) == (1, 1)


async def test_what_one_person_did_twice_or_to_their_own_is_surplus_after_a_merge(
    start_place: Callable[..., Place], pass_time: Callable[..., None]
) -> None:
    place = start_place(num_reviews_initial_prompt=3, num_reviews_reply=2, num_required_rankings=2)
    prompt = await place("ann").write(PROMPT, "ann asks")
    for name in ("eve", "eva"):
        pass_time(minutes=1)
        await place(name).label(LABEL_PROMPT)
    await place.merge("eve", "eva")
    reviews = place.rows(sa.select(labellings).order_by(labellings.c.created_date))
    assert [review.counted for review in reviews] == [True, False]
    assert (await place.client.fetch_message(prompt)).review_count == 1
    # Both are finished tasks all the same.
    score = await place.score("eve")
    assert score.labels_simple + score.labels_full == 2
    for name in ("rex", "dan"):
        await place(name).label(LABEL_PROMPT)
    replies = [await place(name).write(REPLY, f"{name} answers") for name in ("bob", "cat")]
    for name in ("rex", "dan"):
        for _ in replies:
            await place(name).label(LABEL_REPLY)
    await place("bert").rank(RANK)
    await place.merge("bob", "bert")
    # His own reply is on the ballot.
    (ballot,) = place.rows(sa.select(rankings))
    assert ballot.counted is False
    assert (await place.client.fetch_message(replies[0])).ranking_count == 0
    for name in ("rex", "dan"):
        await place(name).rank(RANK)
    assert (await place.client.fetch_message(replies[0])).rank == 0


async def test_who_becomes_one_with_a_disabled_person_is_out_like_them(
    start_place: Callable[..., Place],
) -> None:
    place = start_place(max_active_trees=0)
    prompt = await place("eva").write(PROMPT, "eva asks")
    await place("bob").write(PROMPT, "bob asks")
    await place("rex").label(LABEL_PROMPT)
    await place("rex").label(LABEL_PROMPT)
    tree_id = (await place.client.fetch_message(prompt)).id
    assert tree_id is not None
    assert (await place.client.fetch_tree_status(tree_id)).state == "prompt_lottery_waiting"
    await place("cat").write(PROMPT, "cat asks")
    await place("eva").take(LABEL_PROMPT)
    with pytest.raises(TaskUnavailableError):
        await place("rex").fetch(LABEL_PROMPT)
    await place.client.update_user(await place.id_of("eve"), enabled=False)
    await place.merge("eve", "eva")
    assert (await place.client.fetch_tree_status(tree_id)).state == "halted_by_moderator"
    await place("rex").label(LABEL_PROMPT)
    await place.client.update_user(await place.id_of("eve"), enabled=True)
    assert (await place.client.fetch_tree_status(tree_id)).state == "prompt_lottery_waiting"


async def test_nobody_is_merged_with_themselves_or_with_nobody(place: Place) -> None:
    ann = await place.id_of("ann")
    with pytest.raises(RefusedError) as caught:
        await place.client.merge_users(ann, [ann])
    assert (caught.value.http_status, caught.value.code) == (400, 0)
    for destination, sources in ((uuid4(), [ann]), (ann, [uuid4()])):
        with pytest.raises(NotFoundError) as missing:
            await place.client.merge_users(destination, sources)
        assert missing.value.code == 4002
    with pytest.raises(RefusedError) as malformed:
        await place.client.merge_users(ann, [])
    assert malformed.value.http_status == 422
    assert len(place.rows(sa.select(people))) == 1


async def test_a_new_key_works_at_once_and_its_name_is_taken(
    place: Place, connect: Callable[..., OasstApiClient]
) -> None:
    key = await place.client.create_api_client("a website", "website", admin_email="root@example.org")
    website = connect(place.server, key)
    await website.put_user(place("ann").user)
    with pytest.raises(NotAuthorizedError):
        await website.update_user(await place.id_of("ann"), enabled=False)
    trusted = connect(place.server, await place.client.create_api_client("a bot", "bot", trusted=True))
    await trusted.update_user(await place.id_of("ann"), enabled=False)
    with pytest.raises(RefusedError) as caught:
        await place.client.create_api_client("a bot", "bot")
    assert (caught.value.http_status, caught.value.code) == (400, 0)


async def test_settings_are_shown_without_secrets(place: Place) -> None:
    full = await place.client.fetch_all_settings()
    assert TOKEN not in str(full)
    assert "a-key-of-the-tests" not in str(full)
    assert str(full["backend_database_url"]).startswith("sqlite:///")
    assert full["backend_terms_version"] == "1"
    public = await place.client.fetch_public_settings()
    assert public["message_size_limit"] == 2000
    assert not {"backend_database_url", "backend_api_keys", "backend_root_token"} & public.keys()
    assert public.keys() < full.keys()


async def test_the_administration_wants_the_root_token(
    place: Place, connect: Callable[..., OasstApiClient]
) -> None:
    nobody = uuid4()
    stranger = connect(place.server, root_token="a-guess-of-somebody")
    for make in (
        lambda: stranger.create_api_client("x", "y"),
        lambda: stranger.purge_user(nobody, preview=True),
        lambda: stranger.purge_user_messages(nobody, preview=True),
        lambda: stranger.merge_users(nobody, [uuid4()]),
        stranger.fetch_all_settings,
    ):
        with pytest.raises(NotAuthorizedError) as caught:
            await make()
        assert (caught.value.http_status, caught.value.code) == (403, 3)
    for make in (
        lambda: place.client.purge_user(nobody, preview=True),
        lambda: place.client.purge_user_messages(nobody, preview=False),
    ):
        with pytest.raises(NotFoundError):
            await make()
