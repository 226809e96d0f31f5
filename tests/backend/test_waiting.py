"""A report on work says why there is none, what trees wait for, and where else there is work."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.importing import import_stories
from oasst_backend.server import BackendServer
from oasst_backend.service.context import Context
from oasst_backend.service.waiting import MOST_LANGUAGES, report_work
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.tables import people
from oasst_client import (
    NoWorkReason,
    OasstApiClient,
    TaskRequestType,
    TermsNotAcceptedError,
    UserDisabledError,
    WorkReport,
)

Workers = Callable[[str], Any]
Call = Callable[..., Any]
PROMPT, REPLY = TaskRequestType.initial_prompt, TaskRequestType.assistant_reply
REVIEW, REPLY_REVIEW = TaskRequestType.label_initial_prompt, TaskRequestType.label_assistant_reply
RANKING = TaskRequestType.rank_assistant_replies


async def report(person: Any, lang: str | None = None) -> WorkReport:  # noqa: ANN401  # a Worker
    """Ask for a report, which never contradicts the availability."""
    told: WorkReport = await person.client.fetch_waiting(person.user, lang=lang)
    available = await person.client.fetch_availability(person.user, lang=lang)
    assert {name: of_type.count for name, of_type in told.types.items()} == available
    assert told.lang == (lang or "en")
    return told


async def reason(person: Any, kind: TaskRequestType) -> str | None:  # noqa: ANN401  # a Worker
    return (await report(person)).types[kind].reason


async def waiting(person: Any) -> dict[tuple[str, str], tuple[int, int]]:  # noqa: ANN401  # a Worker
    return {(row.state, row.waits_for): (row.trees, row.missing) for row in (await report(person)).trees}


async def test_where_nothing_was_written_there_is_nothing_to_review(worker: Workers) -> None:
    told = await report(worker("ann"))
    assert told.types[PROMPT].count > 0
    assert told.types[PROMPT].reason is None
    assert told.types["random"].reason is None
    for kind in (REVIEW, REPLY, REPLY_REVIEW, RANKING, TaskRequestType.summarize_story):
        assert told.types[kind].reason == NoWorkReason.none_wanted
    assert told.types[TaskRequestType.rank_prompter_replies].reason == NoWorkReason.never_handed_out
    assert told.trees == []
    assert told.languages == {"en": told.types["random"].count}


async def test_a_person_who_wrote_or_skipped_all_there_is_is_told_so(worker: Workers) -> None:
    ann, bob = worker("ann"), worker("bob")
    await ann.write(PROMPT, "Why is the sky blue?")
    assert await reason(ann, REVIEW) == NoWorkReason.done_by_person
    task = await bob.fetch(REVIEW)
    assert await reason(bob, REVIEW) == NoWorkReason.done_by_person  # it is in their own hands
    await bob.client.nack_task(task.id, "no idea", bob.user)
    assert await reason(bob, REVIEW) == NoWorkReason.done_by_person
    assert await reason(worker("cat"), REVIEW) is None


async def test_what_others_have_in_hand_may_come_free_again(
    worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(PROMPT, "Why is the sky blue?")
    await worker("bob").fetch(REVIEW)
    assert await reason(worker("cat"), REVIEW) == NoWorkReason.others_at_work
    # It would not be for Ann, who wrote it, even if it came free.
    assert await reason(worker("ann"), REVIEW) == NoWorkReason.done_by_person
    pass_time(minutes=31)
    assert await reason(worker("cat"), REVIEW) is None


async def test_a_message_that_was_handed_out_just_now_counts_as_in_hand(
    worker: Workers, pass_time: Callable[..., None]
) -> None:
    await worker("ann").write(PROMPT, "Why is the sky blue?")
    await worker("bob").label(REVIEW)
    await worker("cat").fetch(REPLY)  # one of two that are wanted
    assert await reason(worker("dan"), REPLY) == NoWorkReason.others_at_work
    pass_time(seconds=301)
    assert await reason(worker("dan"), REPLY) is None
    await worker("dan").fetch(REPLY)
    pass_time(seconds=301)
    assert await reason(worker("eve"), REPLY) == NoWorkReason.others_at_work


async def test_the_last_place_of_a_tree_is_held_for_all_its_messages(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    pass_time: Callable[..., None],
) -> None:
    client = connect(start_backend(rules={"max_tree_depth": 2, "goal_tree_size": 3, "max_children_count": 2}))
    ann, bob, cat, dan = (worker_at(client, name) for name in ("ann", "bob", "cat", "dan"))
    await ann.write(PROMPT, "Why is the sky blue?")
    await bob.label(REVIEW)
    await cat.write(REPLY, "Because of the sea.")
    await bob.label(REPLY_REVIEW)
    pass_time(seconds=301)
    assert await waiting(dan) == {("growing", "replies"): (1, 1)}
    await ann.fetch(REPLY)
    pass_time(seconds=301)
    assert await reason(dan, REPLY) == NoWorkReason.others_at_work
    assert await reason(dan, TaskRequestType.prompter_reply) == NoWorkReason.others_at_work


async def test_prompts_are_not_wanted_without_end(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    rules = {"max_active_trees": 1, "max_initial_prompt_review": 1, "init_prompt_disabled_langs": ["de"]}
    client = connect(start_backend(rules=rules))
    ann, bob = worker_at(client, "ann"), worker_at(client, "bob")
    for _ in range(2):
        await ann.fetch(PROMPT)
    assert await reason(bob, PROMPT) == NoWorkReason.others_at_work
    assert await reason(ann, PROMPT) == NoWorkReason.done_by_person
    assert (await report(bob)).types["random"].reason == NoWorkReason.others_at_work
    in_german = await report(bob, "de")
    assert in_german.types[PROMPT].reason == NoWorkReason.never_handed_out
    assert in_german.types["random"].reason == NoWorkReason.none_wanted
    assert in_german.languages == {}


async def test_enough_prompts_are_enough(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(rules={"max_active_trees": 1, "max_initial_prompt_review": 1}))
    ann, bob = worker_at(client, "ann"), worker_at(client, "bob")
    for text in ("Why is the sky blue?", "How do bees find home?"):
        await ann.write(PROMPT, text)
    told = await report(ann)
    assert told.types[PROMPT].reason == NoWorkReason.enough_prompts
    assert told.types["random"].reason == NoWorkReason.done_by_person
    assert await waiting(bob) == {("initial_prompt_review", "reviews"): (2, 2)}
    await bob.label(REVIEW)
    await bob.label(REVIEW)
    assert await waiting(bob) == {
        ("growing", "replies"): (1, 2),
        ("prompt_lottery_waiting", "places"): (1, 1),
    }


async def test_a_stuck_tree_says_what_it_waits_for_until_it_is_finished(worker: Workers) -> None:
    ann, bob, cat = worker("ann"), worker("bob"), worker("cat")
    await ann.write(PROMPT, "Why is the sky blue?")
    await bob.label(REVIEW)
    await bob.write(REPLY, "Because of the sea.")
    assert await waiting(ann) == {("growing", "reviews"): (1, 1), ("growing", "replies"): (1, 1)}
    await cat.write(REPLY, "Air scatters blue light most.")
    assert await waiting(ann) == {("growing", "reviews"): (1, 2)}
    assert await reason(ann, REPLY) == NoWorkReason.none_wanted
    for _ in range(2):
        await worker("dan").label(REPLY_REVIEW)
    assert await waiting(ann) == {("ranking", "rankings"): (1, 1)}
    assert await reason(bob, RANKING) == NoWorkReason.done_by_person
    assert await reason(ann, RANKING) is None
    await worker("dan").rank(RANKING)
    assert await waiting(ann) == {}
    assert await reason(ann, RANKING) == NoWorkReason.none_wanted


async def test_work_in_other_languages_is_told_the_most_first(worker: Workers) -> None:
    ann, bob = worker("ann"), worker("bob")
    for text in ("Warum ist der Himmel blau?", "Wie finden Bienen heim?"):
        await ann.write(PROMPT, text, "de")
    await ann.write(PROMPT, "Pourquoi le ciel est-il bleu ?", "fr")
    told = await report(bob)
    assert set(told.languages) == {"en", "de", "fr"}
    for lang, count in told.languages.items():
        assert count == (await report(bob, lang)).types["random"].count
    assert list(told.languages.values()) == sorted(told.languages.values(), reverse=True)


async def test_stories_are_reported_like_all_else(
    backend: BackendServer, settings_for: Callable[..., BackendSettings], tmp_path: Path, worker: Workers
) -> None:
    path = tmp_path / "stories.jsonl"
    path.write_text('{"story": "A fox went out on a chilly night."}\n')
    assert backend.storage is not None
    import_stories(backend.storage, settings_for(), path)
    story = TaskRequestType.summarize_story
    assert await reason(worker("ann"), story) is None
    for name in ("ann", "bob"):
        await worker(name).fetch(story)
    assert await reason(worker("ann"), story) == NoWorkReason.done_by_person
    assert await reason(worker("cat"), story) == NoWorkReason.others_at_work
    assert (await report(worker("cat"))).trees == []


async def test_whoever_may_not_take_part_is_told_that_instead(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
) -> None:
    client = connect(start_backend(backend_require_terms=True))
    ann, bob = worker_at(client, "ann"), worker_at(client, "bob")
    with pytest.raises(TermsNotAcceptedError):
        await client.fetch_waiting(ann.user)
    await client.put_user(bob.user, tos_acceptance=True)
    await client.fetch_waiting(bob.user)
    await client.put_user(bob.user, enabled=False)
    with pytest.raises(UserDisabledError):
        await client.fetch_waiting(bob.user)


async def test_what_cannot_be_read_is_a_422(call: Call) -> None:
    ann = {"id": "1", "display_name": "Ann", "auth_method": "discord"}
    path = "/api/ext/v1/tasks/waiting"
    assert (await call("POST", path))[0] == 422
    assert (await call("POST", path, body={}))[0] == 422
    assert (await call("POST", f"{path}?lang=en!", body=ann))[0] == 422
    status, answer = await call("POST", path, body=ann)
    assert (status, answer["lang"]) == (200, "en")


async def test_a_report_takes_few_statements_and_reads_along_indexes(
    backend: BackendServer,
    worker: Workers,
    settings_for: Callable[..., BackendSettings],
    clock: Any,  # noqa: ANN401  # a Clock
) -> None:
    for number in range(MOST_LANGUAGES + 5):
        await worker("ann").write(PROMPT, f"{number} {number * number}", f"x-{number}")
    context = Context(settings_for(), clock(), random.Random(1), 1)  # noqa: S311  # nothing is drawn
    seen: list[str] = []

    def look(connection: sa.Connection) -> tuple[WorkReport, list[str]]:
        person_id = connection.execute(sa.select(people.c.id)).scalars().one()
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(seen.append)
        told = report_work(connection, context, person_id=person_id, lang="x-1")
        driver.set_trace_callback(None)
        plans = [step for text in seen for step in driver.execute(f"EXPLAIN QUERY PLAN {text}")]
        return told, [step[3] for step in plans]

    assert backend.storage is not None
    told, steps = backend.storage.read_now(look)
    assert len(seen) == 7
    assert len(told.languages) == MOST_LANGUAGES
    scans = {step for step in steps if step.startswith("SCAN") and "USING" not in step}
    tables = {step.split()[1] for step in scans}
    assert not tables & {"open_work", "tasks", "trees", "messages", "labellings", "rankings", "reactions"}
