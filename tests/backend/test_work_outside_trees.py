"""Stories are summarised, summaries rated, and waiting prompts ranked, each by as many people as wanted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.importing import import_stories
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.tables import messages, ratings, summaries, trees
from oasst_client import (
    LeaderboardTimeFrame,
    MessageRanking,
    MessageRating,
    RankInitialPromptsTask,
    RateSummaryTask,
    RefusedError,
    SummarizeStoryTask,
    TaskRequestType,
    TaskUnavailableError,
    TextReplyToMessage,
)

Workers = Callable[[str], Any]
STORY = (
    "A fox went out on a chilly night. It prayed for the moon to give it light, and it had many a mile to go."
)


def rows(server: BackendServer, statement: sa.Select[Any]) -> list[Any]:
    assert server.storage is not None
    return list(server.storage.read_now(lambda connection: connection.execute(statement).all()))


@pytest.fixture
def told(
    backend: BackendServer, settings_for: Callable[..., BackendSettings], tmp_path: Path
) -> BackendServer:
    """A backend with one story."""
    path = tmp_path / "stories.jsonl"
    path.write_text(f'{{"story": "{STORY}"}}\n')
    assert backend.storage is not None
    import_stories(backend.storage, settings_for(), path)
    return backend


async def summarize(person: Any, text: str) -> str:  # noqa: ANN401  # a Worker
    task, shown = await person.take(TaskRequestType.summarize_story)
    assert isinstance(task, SummarizeStoryTask)
    assert task.story == STORY
    await person.client.post_interaction(
        TextReplyToMessage(user=person.user, message_id=shown, user_message_id=f"text-{shown}", text=text)
    )
    return str(shown)


async def rate(person: Any, rating: int) -> RateSummaryTask:  # noqa: ANN401  # a Worker
    task, shown = await person.take(TaskRequestType.rate_summary)
    assert isinstance(task, RateSummaryTask)
    await person.client.post_interaction(MessageRating(user=person.user, message_id=shown, rating=rating))
    return task


async def test_a_story_gets_its_summaries_and_each_of_them_its_ratings(
    told: BackendServer, worker: Workers
) -> None:
    await summarize(worker("ann"), "A fox goes on a long way by moonlight.")
    with pytest.raises(TaskUnavailableError):
        await worker("ann").fetch(TaskRequestType.summarize_story)
    with pytest.raises(TaskUnavailableError):
        await worker("ann").fetch(TaskRequestType.rate_summary)
    await summarize(worker("bob"), "Fox, night, moon, miles.")
    with pytest.raises(TaskUnavailableError):
        await worker("cat").fetch(TaskRequestType.summarize_story)
    for name in ("cat", "dan", "eve"):
        seen = {(await rate(worker(name), 4)).summary for _ in range(2)}
        assert len(seen) == 2
    with pytest.raises(TaskUnavailableError):
        await worker("fay").fetch(TaskRequestType.rate_summary)
    assert len(rows(told, sa.select(ratings.c.id).where(ratings.c.counted))) == 6
    assert (await worker("fay").client.fetch_availability(worker("fay").user))["rate_summary"] == 0


@pytest.mark.usefixtures("told")
async def test_a_rating_off_its_scale_is_refused_and_can_be_given_again(worker: Workers) -> None:
    await summarize(worker("ann"), "A fox goes on a long way by moonlight.")
    _, shown = await worker("bob").take(TaskRequestType.rate_summary)
    rating = MessageRating(user=worker("bob").user, message_id=shown, rating=6)
    with pytest.raises(RefusedError) as refusal:
        await worker("bob").client.post_interaction(rating)
    assert refusal.value.code == 2002
    await worker("bob").client.post_interaction(rating.model_copy(update={"rating": 5}))


@pytest.mark.usefixtures("told")
async def test_a_skipped_story_is_not_handed_to_the_same_person_again(worker: Workers) -> None:
    task = await worker("ann").fetch(TaskRequestType.summarize_story)
    await worker("ann").client.nack_task(task.id, "dull", worker("ann").user)
    with pytest.raises(TaskUnavailableError):
        await worker("ann").fetch(TaskRequestType.summarize_story)
    await worker("bob").fetch(TaskRequestType.summarize_story)


async def test_a_summary_that_comes_too_late_is_kept_and_not_rated(
    told: BackendServer, worker: Workers, pass_time: Callable[..., None]
) -> None:
    _, shown = await worker("ann").take(TaskRequestType.summarize_story)
    pass_time(minutes=31)
    for name in ("bob", "cat"):
        await summarize(worker(name), f"A summary by {name}, who likes foxes and the night.")
    await worker("ann").client.post_interaction(
        TextReplyToMessage(
            user=worker("ann").user, message_id=shown, user_message_id="late", text="Something else at last."
        )
    )
    assert sorted(row.surplus for row in rows(told, sa.select(summaries.c.surplus))) == [False, False, True]
    available = await worker("dan").client.fetch_availability(worker("dan").user)
    assert available["rate_summary"] == 2


async def plant_waiting_prompts(worker: Workers) -> None:
    for number in range(4):
        await worker(f"author{number}").write(TaskRequestType.initial_prompt, f"Question number {number}?")
        await worker("reviewer").label(TaskRequestType.label_initial_prompt)


async def test_waiting_prompts_are_ranked_and_the_best_is_likelier_to_grow(
    start_backend: Callable[..., BackendServer], connect: Callable[..., Any], worker_at: Callable[..., Any]
) -> None:
    server = start_backend(rules={"max_active_trees": 0, "num_required_rankings": 2})
    client = connect(server)

    def worker(name: str) -> Any:  # noqa: ANN401  # a Worker
        return worker_at(client, name)

    await plant_waiting_prompts(worker)
    with pytest.raises(TaskUnavailableError):
        await worker("author1").fetch(TaskRequestType.rank_initial_prompts)
    for name in ("eve", "fay"):
        task, shown = await worker(name).take(TaskRequestType.rank_initial_prompts)
        assert isinstance(task, RankInitialPromptsTask)
        texts = [message.text for message in task.prompt_messages]
        order = sorted(range(4), key=lambda place: texts[place], reverse=True)
        await client.post_interaction(MessageRanking(user=worker(name).user, message_id=shown, ranking=order))
        with pytest.raises(TaskUnavailableError):
            await worker(name).fetch(TaskRequestType.rank_initial_prompts)
    with pytest.raises(TaskUnavailableError):
        await worker("gil").fetch(TaskRequestType.rank_initial_prompts)
    places = dict(rows(server, sa.select(trees.c.author_id, trees.c.prompt_rank)))
    assert sorted(places.values()) == [0, 1, 2, 3]
    stats = await client.fetch_leaderboard(LeaderboardTimeFrame.total, user=worker("eve").user)
    mine = next(row for row in stats.leaderboard if row.username == "id-eve")
    assert (mine.rankings_total, mine.rankings_good) == (1, 1)


async def test_prompts_are_not_ranked_where_that_is_switched_off(
    start_backend: Callable[..., BackendServer], connect: Callable[..., Any], worker_at: Callable[..., Any]
) -> None:
    client = connect(start_backend(rules={"max_active_trees": 0, "prompts_per_ranking": 0}))
    await plant_waiting_prompts(lambda name: worker_at(client, name))
    with pytest.raises(TaskUnavailableError):
        await worker_at(client, "eve").fetch(TaskRequestType.rank_initial_prompts)


async def test_what_is_random_may_be_a_summary(told: BackendServer, worker: Workers) -> None:
    assert told.is_serving
    found = set()
    for number in range(12):
        task = await worker(f"person{number}").fetch(TaskRequestType.random)
        found.add(task.type)
        await worker(f"person{number}").client.nack_task(task.id, "", worker(f"person{number}").user)
    assert "summarize_story" in found


async def test_one_person_writes_one_summary_of_a_story(
    told: BackendServer, worker: Workers, pass_time: Callable[..., None]
) -> None:
    _, first = await worker("ann").take(TaskRequestType.summarize_story)
    pass_time(minutes=31)
    await summarize(worker("ann"), "A fox goes on a long way by moonlight.")
    await worker("ann").client.post_interaction(
        TextReplyToMessage(
            user=worker("ann").user, message_id=first, user_message_id="second", text="Fox, night and miles."
        )
    )
    assert sorted(row.surplus for row in rows(told, sa.select(summaries.c.surplus))) == [False, True]
    await summarize(worker("bob"), "Miles to go for a hungry fox.")


async def test_a_prompt_that_comes_back_is_ranked_again(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., Any],
    worker_at: Callable[..., Any],
    call: Callable[..., Any],
) -> None:
    server = start_backend(rules={"max_active_trees": 0, "prompts_per_ranking": 2})
    client = connect(server)
    for number in range(2):
        await worker_at(client, f"author{number}").write(TaskRequestType.initial_prompt, f"Number {number}?")
        await worker_at(client, "reviewer").label(TaskRequestType.label_initial_prompt)
    body = {"id": "id-author1", "display_name": "Author1", "auth_method": "discord"}
    for enabled, count in ((False, 0), (True, 1)):
        await call("POST", "/api/v1/frontend_users/", body=body | {"enabled": enabled}, url=server.url)
        available = await client.fetch_availability(worker_at(client, "eve").user)
        assert available["rank_initial_prompts"] == count


async def test_rules_that_want_fewer_rankings_put_a_handful_in_order(
    start_backend: Callable[..., BackendServer], connect: Callable[..., Any], worker_at: Callable[..., Any]
) -> None:
    rules = {"max_active_trees": 0, "prompts_per_ranking": 2, "num_required_rankings": 3}
    client = connect(start_backend(rules=rules))
    for number in range(2):
        await worker_at(client, f"author{number}").write(TaskRequestType.initial_prompt, f"Number {number}?")
        await worker_at(client, "reviewer").label(TaskRequestType.label_initial_prompt)
    for name in ("eve", "fay"):
        _, shown = await worker_at(client, name).take(TaskRequestType.rank_initial_prompts)
        await client.post_interaction(
            MessageRanking(user=worker_at(client, name).user, message_id=shown, ranking=[0, 1])
        )
    server = start_backend(rules=rules | {"num_required_rankings": 2})
    assert sorted(row.prompt_rank for row in rows(server, sa.select(trees.c.prompt_rank))) == [0, 1]


@pytest.mark.usefixtures("finished_tree")
async def test_a_finished_tree_is_put_in_order_again_when_a_reply_is_deleted(
    backend: BackendServer, worker: Workers
) -> None:
    order = sa.select(messages.c.id, messages.c.rank).where(messages.c.rank.is_not(None))
    best = next(row.id for row in rows(backend, order) if row.rank == 0)
    await worker("ann").client.delete_message(best)
    left = rows(backend, order.where(~messages.c.deleted))
    assert [row.rank for row in left] in ([], [0])
