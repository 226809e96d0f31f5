"""What becomes of each answer: tried again, held, done or given back, in order, after the ack of its task."""

from collections.abc import Iterator
from datetime import timedelta

import hikari
import pytest
from loguru import logger

from bot.app import BotApp
from bot.backoff import LONGEST_PAUSE
from bot.delivery import SPREAD
from bot.guild_settings import GuildSetting
from bot.verdicts import Verdict, pause_after, verdict
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_client.errors import error_for
from tests.bot.conftest import TestClock, appears, shown_task, task, write
from tests.bot.work_backend import WorkBackend

BACKEND = WorkBackend
TEXT = "How do bees find home?"


@pytest.fixture
def reported() -> Iterator[list[str]]:
    """What an operator reads of what went wrong."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="ERROR", format="{message}")
    yield lines
    logger.remove(sink)


async def written(person: Actor, bot: BotApp, backend: WorkBackend) -> MessageView:
    """Get a task and write its answer; the backend knows that the task is shown."""
    backend.tasks.append(task("initial_prompt"))
    await person.command("task")
    controls = await shown_task(person)
    await bot.services.delivery.drained(int(person.id), 5)
    await write(controls, TEXT)
    return controls


async def text_back(person: Actor, controls: MessageView) -> None:
    """Wait for the whole text below the controls of a task."""
    thread = next(one for one in person.threads() if one.id == controls.channel_id)
    back = await appears(
        person,
        lambda: (last := person.latest(thread)) and (last if last != controls and last.embeds else None),
        "the text",
    )
    assert TEXT in back.text


@pytest.mark.parametrize("code", [2100, 2104])
async def test_an_ack_that_the_backend_lost_is_sent_again_before_the_answer(
    bot: BotApp, backend: WorkBackend, alice: Actor, code: int
) -> None:
    controls = await written(alice, bot, backend)
    (ack,) = backend.acks
    backend.unacked = code
    backend.acks.clear()
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert backend.acks == [ack]
    assert [answer["text"] for answer in backend.answers] == [TEXT]
    assert "could not be taken" not in controls.content


@pytest.mark.parametrize("ack_code", [(404, 2100), (400, 2103), (400, 1001)])
async def test_a_task_that_the_backend_does_not_know_gives_the_text_back(
    bot: BotApp, backend: WorkBackend, alice: Actor, ack_code: tuple[int, int]
) -> None:
    controls = await written(alice, bot, backend)
    backend.unacked = 2100
    backend.acks.clear()
    backend.ack_trouble.append(ack_code)
    await controls.click("Send")
    await alice.until(lambda: "no longer knows this task" in controls.content, what="the refusal")
    await text_back(alice, controls)
    assert "Next task" in controls.buttons


async def test_an_ack_that_cannot_be_sent_again_now_keeps_the_answer(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    controls = await written(alice, bot, backend)
    backend.unacked = 2104
    backend.acks.clear()
    backend.ack_trouble.append((502, 0))
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    clock.ahead += timedelta(seconds=LONGEST_PAUSE * SPREAD + 1)
    bot.services.delivery.kick()
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    assert [answer["text"] for answer in backend.answers] == [TEXT]


async def test_an_answer_never_overtakes_the_ack_of_its_task(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    backend.unacked = 2106  # what would be final
    backend.ack_trouble.extend([(500, 0), (429, 429), (401, 600)])
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    for _ in range(4):
        clock.ahead += timedelta(seconds=LONGEST_PAUSE * SPREAD + 1)
        bot.services.delivery.kick()
        await bot.services.delivery.drained(int(alice.id), 5)
    await alice.until(
        lambda: "Next task" in controls.buttons and "saved" not in controls.content, what="thanks"
    )
    assert len(backend.answers) == 1


async def test_an_ack_that_is_refused_keeps_nobody_from_answering(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    backend.ack_trouble.append((400, 2103))
    controls = await written(alice, bot, backend)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert len(backend.answers) == 1


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ((400, 2101), "time for this task is over"),
        ((400, 2106), "not yours any more"),
        ((400, 2010), "takes no more messages"),
        ((503, 4001), "cannot take tasks"),
        ((400, 1011), "already replied"),
        ((404, 2001), "no longer in the dataset"),
        ((400, 2102), "does not fit the task"),
        ((413, '{"detail": "too long"}'), "did not accept it"),
    ],
)
async def test_a_final_refusal_is_explained(
    bot: BotApp, backend: WorkBackend, alice: Actor, trouble: tuple[int, int | str], reason: str
) -> None:
    controls = await written(alice, bot, backend)
    backend.trouble.append(trouble)
    await controls.click("Send")
    await alice.until(lambda: reason in controls.content, what="the reason")
    await text_back(alice, controls)


@pytest.mark.parametrize("trouble", [(451, '{"detail": "terms"}'), (451, 4003)])
async def test_terms_that_the_backend_wants_hold_the_answer(
    bot: BotApp, backend: WorkBackend, alice: Actor, trouble: tuple[int, int | str]
) -> None:
    controls = await written(alice, bot, backend)
    # It insists though it is told that they are accepted.
    backend.trouble += [trouble, trouble]
    await controls.click("Send")
    await alice.until(lambda: "terms of the dataset" in controls.content, what="what is to be done")
    assert TEXT in controls.text
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert len(backend.answers) == 1


async def test_an_answer_that_is_done_already_is_thanked_for(
    bot: BotApp, backend: WorkBackend, alice: Actor
) -> None:
    controls = await written(alice, bot, backend)
    backend.trouble.append((400, 2105))
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert "could not be taken" not in controls.content


async def test_what_failed_for_want_of_a_backend_goes_as_soon_as_it_is_back(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    controls = await written(alice, bot, backend)
    await backend.stop()
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    for _ in range(5):
        clock.ahead += timedelta(seconds=LONGEST_PAUSE * SPREAD)
        bot.services.delivery.kick()
        await bot.services.delivery.drained(int(alice.id), 5)
    (entry,) = await bot.services.store.outbox.waiting_of(int(alice.id))
    pause = (entry.next_at - clock.now()).total_seconds()
    assert pause > 10
    await backend.start()
    clock.ahead += timedelta(seconds=1)
    await alice.until(lambda: "saved" not in controls.content, what="thanks, long before the pause is over")
    assert len(backend.answers) == 1


def test_a_pause_is_never_shorter_than_the_backend_asks_for() -> None:
    for status in (429, 503):
        error = error_for(status=status, code=0, message="x", retry_after=3600)
        assert pause_after(1, error) == 3600
    patient = error_for(status=429, code=429, message="x", retry_after=1)
    assert pause_after(20, patient) == LONGEST_PAUSE
    assert pause_after(1, error_for(status=401, code=600, message="x")) == LONGEST_PAUSE


def test_what_took_the_backend_too_long_is_tried_again() -> None:
    assert verdict(error_for(status=408, code=0, message="x")) is Verdict.again


async def test_a_database_that_takes_no_change_leaves_the_backend_in_peace(
    bot: BotApp,
    backend: WorkBackend,
    clock: TestClock,
    alice: Actor,
    reported: list[str],
    recwarn: pytest.WarningsRecorder,
) -> None:
    database = bot.services.store.database
    await database.execute(
        "CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    for _ in range(100):
        bot.services.delivery.kick()
        await bot.services.delivery.drained(int(alice.id), 0.01)
    assert 1 <= len(backend.acks) <= 4
    assert len([line for line in reported if "takes no changes" in line]) == 1
    assert not [line for line in reported if "The worker for" in line]

    await database.execute("DROP TRIGGER full")
    clock.ahead += timedelta(seconds=LONGEST_PAUSE)
    bot.services.delivery.kick()
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    assert [answer["text"] for answer in backend.answers] == [TEXT]
    assert await bot.services.store.outbox.waiting_of(int(alice.id)) == []
    assert not recwarn.list


async def test_what_is_settled_before_anybody_waits_for_it_is_told_once(
    bot: BotApp, backend: WorkBackend, sandbox: Sandbox, alice: Actor
) -> None:
    log = sandbox.guild.create_channel("finished")
    await bot.services.store.guilds.replace(
        int(sandbox.guild.id),
        {GuildSetting.log_channel: int(log.id)},
        changed_by=1,
        interaction_id=1,
        now=bot.clock.now(),
    )
    controls = await written(alice, bot, backend)

    async def delivered(_: object) -> None:
        # The answer is in the outbox, and the click is still on its way to wait for what becomes of it.
        bot.services.delivery.kick()
        await alice.until(lambda: "Thank you" in controls.content, what="thanks, from the worker")

    deferred = hikari.ResponseType.DEFERRED_MESSAGE_UPDATE
    sandbox.faults.before(
        lambda call: "callback" in call.route and call.payload["type"] == deferred, delivered
    )
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await bot.services.delivery.drained(int(alice.id), 5)
    await bot.tidy()
    told = [call for call in sandbox.requests_to("POST /channels/{}/messages") if str(log.id) in call.path]
    assert len(told) == 1
