"""Where there is no task: why, what there is instead with one click, and when to try again."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from loguru import logger

from bot.app import BotApp
from bot.store.outbox import OutboxState
from discord_sandbox import Actor, MessageView
from tests.bot.conftest import TestClock, appears, shown_task, task
from tests.bot.work_backend import WorkBackend

BACKEND = WorkBackend
REPORT = {
    "en": {
        "types": {
            "random": {"count": 0, "reason": "done_by_person"},
            "assistant_reply": {"count": 0, "reason": "others_at_work"},
            "initial_prompt": {"count": 0, "reason": "enough_prompts"},
            "rank_initial_prompts": {"count": 0, "reason": "never_handed_out"},
            "prompter_reply": {"count": 0, "reason": "none_wanted"},
            "label_prompter_reply": {"count": 2},
            "label_initial_prompt": {"count": 7},
            "paint_a_picture": {"count": 9},
        },
        "trees": [
            {"state": "growing", "waits_for": "reviews", "trees": 3, "missing": 5},
            {"state": "growing", "waits_for": "replies", "trees": 2, "missing": 2},
            {"state": "ranking", "waits_for": "rankings", "trees": 1, "missing": 2},
            {"state": "prompt_lottery_waiting", "waits_for": "places", "trees": 4, "missing": 4},
            {"state": "growing", "waits_for": "a miracle", "trees": 1, "missing": 1},
        ],
        "languages": {"en": 9, "es": 12, "**not a language**": 3},
    }
}


@pytest.fixture
def warnings(alice: Actor) -> Iterator[list[str]]:  # noqa: ARG001  # what is logged before she is there is not meant
    """Collect what operators are warned of."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{message}")
    yield lines
    logger.remove(sink)


async def asks(person: Actor, kind: str = "random", lang: str | None = None) -> MessageView:
    """Ask for a task, and read the answer."""
    reply = await person.command("task", type=kind, language=lang)
    assert reply.message is not None
    assert reply.message.ephemeral
    return reply.message


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("assistant_reply", "Others are at work"),
        ("initial_prompt", "enough first messages"),
        ("rank_initial_prompts", "This dataset has no tasks of that kind"),
        ("prompter_reply", "No conversation needs it"),
    ],
)
async def test_it_is_said_why_there_is_none(backend: WorkBackend, alice: Actor, kind: str, why: str) -> None:
    backend.report = REPORT
    answer = await asks(alice, kind)
    assert why in answer.content
    assert "in English" in answer.content
    # Nobody is told of what never comes.
    assert ("Tell me when there is work" in answer.buttons) == (kind != "rank_initial_prompts")


async def test_what_there_is_instead_is_one_click_away(backend: WorkBackend, alice: Actor) -> None:
    backend.report = REPORT
    answer = await asks(alice)
    assert "nothing to do in English" in answer.content
    assert "your share" in answer.content
    assert "reviews (3), replies (2), rankings (1), their turn (4)" in answer.content
    (menu,) = answer.selects
    assert [label for label, _ in menu.options] == [
        "Label a first message",
        "Label a reply of the user",
        "Whatever is needed most",
    ]
    backend.tasks.append(task("label_initial_prompt"))
    await answer.choose("Take this instead", "Label a first message")
    await shown_task(alice)
    assert backend.asked[-1]["type"] == "label_initial_prompt"
    await alice.until(lambda: "Your task is ready" in answer.content, what="the way to it")
    assert answer.selects == []


async def test_another_language_can_be_taken_for_once(backend: WorkBackend, alice: Actor) -> None:
    backend.report = {**REPORT, "es": {"types": {"random": {"count": 12}}}}
    answer = await asks(alice)
    backend.tasks.append(task("initial_prompt"))
    await answer.choose("Take this instead", "Whatever is needed most")
    controls = await shown_task(alice)
    assert backend.asked[-1]["lang"] == "es"
    await controls.click("Stop")
    await asks(alice)
    assert backend.asked[-1]["lang"] == "en"


async def test_a_backend_without_reports_is_asked_for_counts(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", language="German")
    await (await shown_task(alice)).click("Stop")
    await bot.services.delivery.drained(int(alice.id), 5)
    backend.counts = {"en": {"random": 4, "rate_summary": 4, "paint_a_picture": 3}, "de": {"random": 1}}
    backend.counts["de"]["assistant_reply"] = 1
    answer = await asks(alice, lang="English")
    (menu,) = answer.selects
    assert [label for label, _ in menu.options] == ["Rate a summary", "Whatever is needed most"]
    # Once is enough to know that there are no reports, for an hour.
    await asks(alice, lang="English")
    assert backend.calls["/api/ext/v1/tasks/waiting"] == 1
    clock.ahead += timedelta(minutes=61)
    backend.report = REPORT
    assert "Others are at work" in (await asks(alice, "assistant_reply", lang="English")).content


async def test_the_plain_word_stands_where_nothing_can_be_learnt(backend: WorkBackend, alice: Actor) -> None:
    answer = await asks(alice, "assistant_reply")
    plain = answer.content.replace("*", "")
    assert "You asked for reply as the assistant in English. There is nothing to do of that kind" in plain
    assert "come back later" in answer.content
    assert answer.selects == []
    assert answer.buttons == ["Tell me when there is work"]
    assert backend.calls["/api/v1/tasks/availability"] == 1


@pytest.mark.parametrize(
    ("trouble", "words", "warning", "may_pass"),
    [
        ((400, 1012), "too many unfinished tasks", "", True),
        ((503, 4001), "cannot take tasks", "", False),
        ((451, 4003), "terms of the dataset", "demands other terms", False),
        ((400, 1005), "do not know why", "code 1005", True),
        ((418, 4999), "do not know why", "HTTP 418", True),
        ((401, 600), "people who run this bot have to mend", "OASST_API_KEY", True),
    ],
)
async def test_each_refusal_is_explained(
    backend: WorkBackend,
    alice: Actor,
    warnings: list[str],
    trouble: tuple[int, int],
    words: str,
    warning: str,
    *,
    may_pass: bool,
) -> None:
    # Told that the terms are accepted, the backend demands them still.
    backend.task_trouble += [trouble, trouble] if trouble[1] == 4003 else [trouble]
    answer = await asks(alice)
    assert words in answer.content
    assert bool(warnings) == bool(warning)
    assert warning in "".join(warnings)
    assert answer.buttons == (["Try again"] if may_pass else [])
    if may_pass:
        backend.tasks.append(task("initial_prompt"))
        await answer.click("Try again")
        await shown_task(alice)


@pytest.mark.parametrize(("retry_after", "seconds"), [("120", 120), (None, 60)])
async def test_who_is_too_fast_reads_when_to_try_again(
    bot: BotApp, backend: WorkBackend, alice: Actor, retry_after: str | None, seconds: int
) -> None:
    backend.task_trouble.append((429, 429))
    backend.retry_after = retry_after
    answer = await asks(alice)
    told = re.search(r"<t:(\d+):R>", answer.content)
    assert told is not None
    assert int(told[1]) - bot.clock.now().timestamp() == pytest.approx(seconds, abs=10)
    backend.tasks.append(task("initial_prompt"))
    await answer.click("Try again")
    await shown_task(alice)


async def test_what_waits_for_its_person_is_said_again(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    backend.trouble.append((400, 1009))
    await (await controls.click("Write")).submit({"Your text": "How do bees find home?"})
    await controls.click("Send")
    await alice.until(lambda: "same text" in controls.content, what="what is to be mended")
    again = await asks(alice)
    assert "**not taken yet**" in again.content
    assert "same text" in again.content
    assert await bot.services.store.outbox.undelivered(int(alice.id)) is None


async def test_what_is_not_delivered_is_told_of_at_the_next_task(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.trouble.append((500, 0))
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await (await controls.click("Write")).submit({"Your text": "How do bees find home?"})
    backend.trouble.extend([(500, 0)] * 20)
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    backend.trouble.extend([(500, 0)] * 20)
    await asks(alice)
    general = alice.channels()[0]
    told = await appears(
        alice,
        lambda: next((one for one in alice.messages(general) if "on its way" in one.content), None),
        "what is not delivered",
    )
    assert told.ephemeral
    assert re.search(r"An answer that you sent <t:\d+:R> is still on its way", told.content)
    entries = await bot.services.store.outbox.waiting_of(int(alice.id))
    assert [entry.state for entry in entries] == [OutboxState.waiting]
