"""A backend that is slow or away: people are told at once, nothing is lost, and nothing piles up."""

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from loguru import logger

from bot.app import BotApp
from bot.backend_health import is_own_trouble
from bot.backoff import LONGEST_PAUSE
from bot.sessions import fetching, patience, requests
from bot.store.task_requests import TaskRequest
from discord_sandbox import Actor, MessageView
from oasst_client import (
    AuthMethod,
    InvalidResponseError,
    OasstError,
    TaskRequestType,
    TransportError,
    TransportPhase,
    UnknownTaskTypeError,
    User,
)
from oasst_client.errors import error_for
from tests.bot.conftest import Join, Life, TestClock, shown_task, task, write
from tests.bot.work_backend import WorkBackend

BACKEND = WorkBackend
TEXT = "How do bees find home?"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have people told after a moment that it takes longer."""
    monkeypatch.setattr(patience, "SECONDS", 0.1)


@pytest.fixture
def log() -> Iterator[Callable[[str], int]]:
    """Count the lines of the log that hold some words and are at least warnings."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{message}")
    yield lambda words: sum(words in line for line in lines)
    logger.remove(sink)


async def asks(person: Actor) -> MessageView:
    reply = await person.command("task")
    assert reply.message is not None
    return reply.message


async def open_requests(bot: BotApp) -> int:
    row = await bot.services.store.database.fetch_one("SELECT COUNT(*) FROM task_requests")
    assert row is not None
    return int(row[0])


@pytest.mark.usefixtures("impatient")
async def test_who_waits_is_told_and_gets_the_task_when_it_comes(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.hangs = asyncio.Event()
    backend.tasks.append(task("initial_prompt"))
    answer = await asks(alice)
    assert "come slowly" in answer.content
    again = await asks(alice)
    assert "already" in again.content
    assert alice.threads() == []
    backend.hangs.set()
    await shown_task(alice)
    await alice.until(lambda: "Your task is ready" in answer.content, what="the way to the task")
    assert len(backend.asked) == 1
    assert await open_requests(bot) == 0


@pytest.mark.usefixtures("impatient")
async def test_who_asks_for_the_next_task_is_told_that_it_takes_longer(
    backend: WorkBackend, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    controls = await shown_task(alice)
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    backend.hangs = asyncio.Event()
    backend.tasks.append(task("initial_prompt"))
    thread = alice.threads()[0]
    await controls.click("Next task")
    await alice.until(
        lambda: any("come slowly" in one.content for one in alice.messages(thread)),
        what="that it takes longer",
    )
    backend.hangs.set()
    await shown_task(alice, after=controls)


@pytest.mark.usefixtures("impatient")
async def test_many_who_ask_at_once_do_not_pile_up_before_a_backend_that_hangs(
    backend: WorkBackend, join: Join
) -> None:
    people = [await join(f"Person {number}") for number in range(20)]
    backend.hangs = asyncio.Event()
    backend.tasks.extend(task("initial_prompt") for _ in people)
    answers = await asyncio.gather(*(asks(person) for person in people))
    assert all("come slowly" in answer.content for answer in answers)
    backend.hangs.set()
    await asyncio.gather(*(shown_task(person) for person in people))
    assert backend.calls["/api/v1/tasks/"] == len(people)
    assert backend.most_at_once <= fetching.AT_ONCE


async def test_a_backend_that_is_away_is_not_waited_for_and_comes_back_by_itself(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, log: Callable[[str], int]
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    controls = await shown_task(alice)
    await bot.services.delivery.drained(int(alice.id), 5)
    await backend.stop()
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    before = backend.calls.total()
    for _ in range(3):
        answer = await asks(alice)
        assert "cannot be reached" in answer.content
        assert "go on as usual" in answer.content
        told = re.search(r"<t:(\d+):R>", answer.content)
        assert told is not None
        assert 0 < int(told[1]) - clock.now().timestamp() < 60
    assert log("does not answer") == 1
    assert backend.calls.total() == before
    backend.tasks.append(task("initial_prompt"))
    await backend.start()
    clock.ahead += timedelta(seconds=40)
    await alice.until(
        lambda: "Next task" in controls.buttons and "saved" not in controls.content, what="thanks"
    )
    await answer.click("Try again")
    await shown_task(alice, after=controls)
    assert len(backend.answers) == 1


async def test_one_call_that_fails_says_nothing_of_the_backend(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.task_trouble.append((502, 0))
    assert "cannot be reached" in (await asks(alice)).content
    assert not bot.services.sessions.health.is_away
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    await shown_task(alice)
    await (await shown_task(alice)).click("Stop")
    await bot.services.delivery.drained(int(alice.id), 5)
    backend.broken = 502
    await asks(alice)
    assert bot.services.sessions.health.is_away


async def test_the_operator_is_told_once_of_a_key_that_is_refused(
    bot: BotApp, backend: WorkBackend, alice: Actor, clock: TestClock, log: Callable[[str], int]
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    controls = await shown_task(alice)
    await bot.services.delivery.drained(int(alice.id), 5)
    backend.key_is_good = False
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    assert "have to mend something" in (await asks(alice)).content
    assert log("OASST_API_KEY") == 1
    backend.key_is_good = True
    clock.ahead += timedelta(minutes=10)
    bot.services.delivery.kick()
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    backend.key_is_good = False
    await asks(alice)
    assert log("OASST_API_KEY") == 2


async def test_a_task_whose_handing_out_was_not_heard_of_is_shown(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.knows_keys = True
    backend.tasks.append(task("initial_prompt"))
    backend.task_trouble.append((0, 0))
    assert "Your task is ready" in (await asks(alice)).content
    await shown_task(alice)
    assert len(backend.asked) == 1
    assert await open_requests(bot) == 0


async def test_it_is_shown_at_the_next_task_where_nothing_could_be_learnt_before(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.knows_keys = True
    backend.tasks.append(task("initial_prompt"))
    backend.task_trouble.append((0, 0))
    backend.asked_trouble.append(429)
    assert "cannot be reached" in (await asks(alice)).content
    assert await open_requests(bot) == 1
    assert "Your task is ready" in (await asks(alice)).content
    assert len(backend.asked) == 1
    assert await open_requests(bot) == 0
    assert backend.nacks == []


async def test_it_goes_back_where_the_person_wants_something_else(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.knows_keys = True
    lost = task("initial_prompt")
    backend.tasks.extend([lost, task("assistant_reply")])
    backend.task_trouble.append((0, 0))
    backend.asked_trouble.append(429)
    await asks(alice)
    await alice.command("task", type="assistant_reply")
    await shown_task(alice)
    await bot.services.delivery.drained(int(alice.id), 5)
    assert backend.nacks == [(lost["id"], requests.NOBODY_WAITS)]
    assert await open_requests(bot) == 0


@pytest.mark.parametrize("hours", [20, 40])
async def test_its_time_runs_from_when_it_was_asked_for(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, hours: int
) -> None:
    backend.knows_keys = True
    lost, fresh = task("initial_prompt"), task("initial_prompt")
    backend.tasks.extend([lost, fresh])
    backend.task_trouble.append((0, 0))
    backend.asked_trouble.append(429)
    asked_at = clock.now()
    await asks(alice)
    # The round that the bot began at its start is over before this one; it would settle the request, too.
    await bot.tidy()
    clock.ahead = timedelta(hours=hours)
    await asks(alice)
    await shown_task(alice)
    await bot.services.delivery.drained(int(alice.id), 5)
    is_late = hours > bot.settings.task_lifetime_hours * requests.SHARE_WORTH_BEGINNING
    assert backend.nacks == ([(lost["id"], requests.NOBODY_WAITS)] if is_late else [])
    (thread,) = alice.threads()
    shown = "".join(one.text for one in alice.messages(thread))
    (deadline,) = set(re.findall(r"<t:(\d+):", shown))
    began_at = clock.now() if is_late else asked_at
    expected = began_at + timedelta(hours=bot.settings.task_lifetime_hours)
    assert abs(int(deadline) - expected.timestamp()) < 60


async def test_it_goes_back_where_nobody_comes_for_it(
    bot: BotApp, life: Life, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    backend.knows_keys = True
    lost = task("initial_prompt")
    backend.tasks.append(lost)
    backend.task_trouble.append((0, 0))
    backend.asked_trouble.append(429)
    await asks(alice)
    await bot.tidy()
    assert await open_requests(bot) == 1  # it may still be on its way
    # The next process looks for it, too, and finds it by what is on disk.
    clock.ahead += requests.LONGEST_REQUEST + timedelta(seconds=1)
    await bot.tidy()
    await bot.services.delivery.drained(int(alice.id), 5)
    assert backend.nacks == [(lost["id"], requests.NOBODY_WAITS)]
    assert await open_requests(bot) == 0
    assert life.bot is bot


async def test_a_request_that_cannot_be_cleared_up_keeps_no_other_from_it(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "AT_A_TIME", 1)
    backend.knows_keys = True
    lost = task("initial_prompt")
    backend.by_key = {"second": lost}
    for key in ("first", "second"):
        user = User(id=str(alice.id), display_name="Alice", auth_method=AuthMethod.discord)
        await bot.services.store.task_requests.add(
            TaskRequest(key, user, TaskRequestType.random, "en", clock.now())
        )
    backend.asked_trouble.append(429)
    clock.ahead += requests.LONGEST_REQUEST + timedelta(seconds=1)
    for _ in range(2):
        await bot.tidy()
    await bot.services.delivery.drained(int(alice.id), 5)
    assert backend.nacks == [(lost["id"], requests.NOBODY_WAITS)]
    assert await open_requests(bot) == 1
    clock.ahead += timedelta(seconds=LONGEST_PAUSE)
    await bot.tidy()
    assert await open_requests(bot) == 0


async def test_who_asks_waits_for_few_of_their_earlier_requests(
    bot: BotApp, backend: WorkBackend, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "SECONDS_TO_FIND", 0.5)
    backend.knows_keys = True
    backend.asked_seconds = 0.4
    backend.tasks.append(task("initial_prompt"))
    for number in range(6):
        user = User(id=str(alice.id), display_name="Alice", auth_method=AuthMethod.discord)
        await bot.services.store.task_requests.add(
            TaskRequest(str(number), user, TaskRequestType.random, "en", bot.clock.now())
        )
    await asks(alice)
    await shown_task(alice)
    assert backend.calls["/api/ext/v1/tasks/asked/{key}"] <= 2


async def test_a_backend_that_knows_no_keys_keeps_nothing_open(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    backend.task_trouble.append((0, 0))
    assert "cannot be reached" in (await asks(alice)).content
    assert await open_requests(bot) == 0


@pytest.mark.parametrize("trouble", [(503, 1006), (429, 429), (401, 600), (400, 1012)])
async def test_a_refusal_leaves_no_request_open(
    bot: BotApp, backend: WorkBackend, alice: Actor, trouble: tuple[int, int]
) -> None:
    backend.knows_keys = True
    backend.task_trouble.append(trouble)
    await asks(alice)
    assert await open_requests(bot) == 0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransportError("x"), True),
        (TransportError("x", phase=TransportPhase.connect), True),
        (TransportError("x", phase=TransportPhase.queue), False),
        (error_for(status=502, code=0, message="x"), True),
        (error_for(status=503, code=4, message="x"), True),
        (error_for(status=503, code=1006, message="x"), False),
        (error_for(status=500, code=2008, message="x"), False),
        (error_for(status=429, code=429, message="x"), False),
        (error_for(status=401, code=600, message="x"), False),
        (InvalidResponseError("x", http_status=200, is_json=False), True),
        (InvalidResponseError("x", http_status=200, is_json=True), False),
        (UnknownTaskTypeError("new", None), False),
    ],
)
def test_it_is_told_apart_what_is_the_backends_own_trouble(error: OasstError, *, expected: bool) -> None:
    assert is_own_trouble(error) is expected
