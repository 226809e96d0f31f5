"""News of work: told once, for a kind and a language, where the person chose."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import hikari
import pytest
from loguru import logger

from bot.app import BotApp
from bot.sessions import alerts
from discord_sandbox import Actor, Call, Channel, InteractionFailed, MessageView, Sandbox, limits
from tests.bot.conftest import Join, Life, TestClock, appears, shown_task, task, write
from tests.bot.rooms import without_threads
from tests.bot.work_backend import WorkBackend

BACKEND = WorkBackend
AVAILABILITY = "/api/v1/tasks/availability"
NEWS = "There is work for you"


@pytest.fixture(autouse=True)
def _no_work(backend: WorkBackend) -> None:
    backend.report = {"en": {"types": {"random": {"count": 0, "reason": "none_wanted"}}}}


@pytest.fixture
def warned() -> Iterator[Callable[[str], bool]]:
    """Say whether a warning with some words was logged."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING", format="{message}")
    yield lambda words: any(words in line for line in lines)
    logger.remove(sink)


async def wants_news(person: Actor, where: str, *, channel: Channel | None = None) -> MessageView:
    """Ask for a reply to write, get none, and ask to be told; gives the message that says so."""
    reply = await person.command("task", channel, type="assistant_reply")
    assert reply.message is not None
    await reply.message.click("Tell me when there is work")
    if where in reply.message.buttons:
        await reply.message.click(where)
    return reply.message


def news(person: Actor, channel: Channel | None = None) -> list[MessageView]:
    """Find what a person was told, in a channel or in any of their threads."""
    places = person.threads() if channel is None else [channel]
    return [one for place in places for one in person.messages(place) if NEWS in one.content]


async def time_passes(bot: BotApp, clock: TestClock, **span: float) -> None:
    clock.ahead += timedelta(**span)
    await bot.tidy()


async def work_comes(bot: BotApp, backend: WorkBackend, clock: TestClock) -> None:
    """Let there be what `wants_news` asked for, and the time pass after which the bot looks for it."""
    backend.counts = {"en": {"assistant_reply": 1}}
    await time_passes(bot, clock, minutes=2)


async def test_news_come_once_in_a_thread_of_ones_own(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox
) -> None:
    general = sandbox.guild.channel("general")
    answer = await wants_news(alice, "Here", channel=general)
    assert f"in a private thread in <#{general.id}>" in answer.content
    assert "reply as the assistant** in English" in answer.content
    assert answer.buttons == ["Don't tell me"]
    await time_passes(bot, clock, minutes=2)
    assert news(alice) == []
    backend.counts = {"en": {"assistant_reply": 1}}
    for _ in range(3):
        await time_passes(bot, clock, minutes=2)
    (told,) = news(alice)
    assert not told.ephemeral
    assert alice.threads()[0].parent_id == general.id
    backend.tasks.append(task("assistant_reply"))
    taken = await told.click("Get this task")
    assert taken.message is not None
    assert taken.message.ephemeral
    controls = await shown_task(alice)
    assert "Your task is ready: it is below." in taken.message.content
    assert [controls.channel_id] == [thread.id for thread in alice.threads()]
    assert backend.asked[-1]["type"] == "assistant_reply"
    await time_passes(bot, clock, days=1, hours=22)
    assert len(alice.threads()) == 1, "with a task in it, the thread is the task's"
    await controls.click("Stop")
    await alice.until(lambda: not alice.threads(), what="the end of the thread")


async def told_in_a_thread(bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor) -> MessageView:
    await wants_news(alice, "Here")
    backend.counts = {"en": {"assistant_reply": 1}}
    await time_passes(bot, clock, minutes=2)
    (told,) = news(alice)
    return told


async def test_a_thread_with_news_that_lead_to_nothing_is_closed(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    told = await told_in_a_thread(bot, backend, clock, alice)
    await told.click("Get this task")
    (thread,) = alice.threads()
    await time_passes(bot, clock, days=2, hours=23)
    assert alice.threads() == [thread]
    await time_passes(bot, clock, hours=2)
    assert alice.threads() == []
    assert alice.threads(archived=True) == [thread]


async def test_a_thread_with_news_is_closed_once_such_a_task_is_had_elsewhere(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    told = await told_in_a_thread(bot, backend, clock, alice)
    backend.tasks.append(task("assistant_reply"))
    await alice.command("task", type="assistant_reply")
    controls = await shown_task(alice)
    assert controls.channel_id != told.channel_id
    await time_passes(bot, clock, minutes=1)
    assert [thread.id for thread in alice.threads()] == [controls.channel_id]
    assert [thread.id for thread in alice.threads(archived=True)] == [told.channel_id]


@pytest.mark.parametrize("whose", ["theirs", "another"])
async def test_a_thread_with_news_that_is_about_to_close_stays_open_for_a_task(
    bot: BotApp, backend: WorkBackend, clock: TestClock, sandbox: Sandbox, join: Join, whose: str
) -> None:
    """The task comes while Discord closes their thread, or the one before it in the same round."""
    people = [await join("Alice"), await join("Bob")]
    for person in people:
        await wants_news(person, "Here")
    await work_comes(bot, backend, clock)
    late = people[0 if whose == "theirs" else 1]
    (told,) = news(late)
    (thread,) = late.threads()

    async def takes(_: Call) -> None:
        backend.tasks.append(task("assistant_reply"))
        await told.click("Get this task")
        await shown_task(late)

    sandbox.faults.before("PATCH /channels/{}", takes, times=1)
    await time_passes(bot, clock, days=3, minutes=1)
    assert late.threads() == [thread]
    controls = await shown_task(late)
    assert controls.channel_id == thread.id
    await controls.click("Stop")
    await late.until(lambda: not late.threads(), what="the end of the thread")
    assert all(person.threads() == [] for person in people)


async def test_a_closed_thread_of_ones_own_that_news_opened_is_closed_again(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    (thread,) = alice.threads()
    await controls.click("Stop")
    await wants_news(alice, "Here", channel=thread)
    await time_passes(bot, clock, seconds=1)
    backend.counts = {"en": {"assistant_reply": 1}}
    await time_passes(bot, clock, minutes=2)
    assert alice.threads() == [thread]
    assert len(news(alice, thread)) == 1
    await time_passes(bot, clock, days=3, minutes=1)
    assert alice.threads(archived=True) == [thread]


async def test_who_asks_in_their_thread_is_told_there(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    (thread,) = alice.threads()
    await write(controls, "How do bees find home?")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await controls.click("Next task")
    none = await appears(
        alice,
        lambda: next((one for one in alice.messages(thread) if "nothing to do" in one.content), None),
        "that there is none",
    )
    await none.click("Tell me when there is work")
    await none.click("Here")
    assert "in this thread" in none.content
    sandbox.guild.owner.change_thread(thread, archived=True)
    backend.counts = {"en": {"rate_summary": 1}}
    await time_passes(bot, clock, minutes=2)
    assert len(news(alice, thread)) == 1
    assert alice.threads() == [thread]


async def test_a_thread_that_is_gone_is_replaced(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    (thread,) = alice.threads()
    await controls.click("Stop")
    await wants_news(alice, "Here", channel=thread)
    sandbox.guild.owner.delete_thread(thread)
    await work_comes(bot, backend, clock)
    assert len(news(alice)) == 1
    assert alice.threads() != [thread]


async def test_news_come_by_direct_message(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    answer = await wants_news(alice, "By direct message")
    assert "by direct message" in answer.content
    await work_comes(bot, backend, clock)
    assert alice.dm is not None
    (told,) = news(alice, alice.dm)
    assert told.buttons == ["Get this task"]
    assert alice.threads() == []


async def test_who_takes_no_direct_messages_is_told_in_a_thread(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    await wants_news(alice, "By direct message")
    alice.block_dms()
    await work_comes(bot, backend, clock)
    assert len(news(alice)) == 1


async def test_who_can_be_told_in_no_way_is_not_told_for_ever(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, warned: Callable[[str], bool]
) -> None:
    answer = await wants_news(alice, "By direct message", channel=alice.open_dm())
    assert "by direct message" in answer.content
    alice.block_dms()
    await work_comes(bot, backend, clock)
    assert warned("in no way")
    assert await bot.services.store.work_alerts.pending() == []


async def test_who_is_to_be_told_by_a_direct_message_that_cannot_be_opened_now_is_told_when_it_can(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox
) -> None:
    await wants_news(alice, "By direct message", channel=without_threads(sandbox))
    sandbox.dm_openings = 0
    await work_comes(bot, backend, clock)
    assert alice.threads() == []
    sandbox.dm_openings = 10
    await time_passes(bot, clock, minutes=2)
    assert len(news(alice, alice.open_dm())) == 1
    assert await bot.services.store.work_alerts.pending() == []


async def test_who_chose_a_thread_is_told_once_the_server_has_room_for_one(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wants_news(alice, "Here")
    with monkeypatch.context() as full:
        full.setattr(limits, "ACTIVE_THREADS", 0)
        await work_comes(bot, backend, clock)
    assert alice.threads() == []
    await time_passes(bot, clock, minutes=2)
    assert len(news(alice)) == 1


@pytest.mark.parametrize("why", ["no threads", "unseen", "left"])
async def test_who_chose_a_thread_is_told_in_a_thread_or_not_at_all(
    bot: BotApp,
    backend: WorkBackend,
    clock: TestClock,
    alice: Actor,
    sandbox: Sandbox,
    warned: Callable[[str], bool],
    why: str,
) -> None:
    quiet = sandbox.guild.create_channel("quiet")
    await wants_news(alice, "Here", channel=quiet)
    here = alice.open_dm()
    if why == "no threads":
        bots = sandbox.guild.bot_role
        sandbox.guild.overwrite(quiet, bots, deny=int(hikari.Permissions.CREATE_PRIVATE_THREADS))
        everyone = sandbox.guild.everyone
        sandbox.guild.overwrite(quiet, everyone, deny=int(hikari.Permissions.CREATE_PRIVATE_THREADS))
    elif why == "unseen":
        sandbox.guild.overwrite(quiet, alice, deny=int(hikari.Permissions.VIEW_CHANNEL))
    else:
        alice.leave(sandbox.guild)
    backend.counts = {"en": {"assistant_reply": 1}}
    await time_passes(bot, clock, minutes=2)
    assert news(alice, here) == []
    assert len(sandbox.guild.guild.threads) == 0
    assert warned("in no way")
    assert await bot.services.store.work_alerts.pending() == []


async def test_who_leaves_in_the_last_moment_leaves_no_open_thread(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox
) -> None:
    await wants_news(alice, "Here")

    async def leaves(*_: object) -> None:
        alice.leave(sandbox.guild)

    sandbox.faults.after("POST /channels/{}/threads", leaves, times=1)
    backend.counts = {"en": {"assistant_reply": 1}}
    await time_passes(bot, clock, minutes=2)
    (thread,) = sandbox.guild.guild.threads.values()
    assert thread.archived
    assert await bot.services.store.work_alerts.pending() == []


async def test_where_no_thread_can_be_opened_direct_messages_are_offered(
    backend: WorkBackend, alice: Actor, sandbox: Sandbox
) -> None:
    quiet = sandbox.guild.create_channel("quiet")
    for role in (sandbox.guild.everyone, sandbox.guild.bot_role):
        sandbox.guild.overwrite(quiet, role, deny=int(hikari.Permissions.CREATE_PRIVATE_THREADS))
    answer = await wants_news(alice, "Here", channel=quiet)
    assert "cannot open a private thread" in answer.content
    assert answer.buttons == ["By direct message", "Don't tell me"]
    assert backend.calls[AVAILABILITY] == 0


async def test_who_changes_their_mind_is_not_told(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    answer = await wants_news(alice, "Here")
    await answer.click("Don't tell me")
    assert "will not tell you" in answer.content
    await work_comes(bot, backend, clock)
    assert news(alice) == []


async def test_who_got_such_a_task_is_not_told(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    await wants_news(alice, "Here")
    backend.tasks.append(task("assistant_reply"))
    await alice.command("task")
    await (await shown_task(alice)).click("Stop")
    await work_comes(bot, backend, clock)
    assert news(alice) == []


async def test_who_has_an_open_task_is_told_once_it_is_over(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    await wants_news(alice, "Here")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await work_comes(bot, backend, clock)
    assert news(alice) == []
    await controls.click("Stop")
    await time_passes(bot, clock, minutes=2)
    assert len(news(alice)) == 1


async def test_a_wish_is_forgotten_after_a_week(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor
) -> None:
    answer = await wants_news(alice, "Here")
    until = bot.clock.now() + alerts.KEPT
    assert f"<t:{int(until.timestamp())}"[:-2] in answer.content
    backend.counts = {"en": {"assistant_reply": 1}}
    await time_passes(bot, clock, days=7, minutes=1)
    assert news(alice) == []
    assert await bot.services.store.work_alerts.pending() == []


async def test_the_backend_is_asked_for_a_few_people_at_a_time_and_ever_more_seldom(
    bot: BotApp, backend: WorkBackend, clock: TestClock, join: Join
) -> None:
    people = [await join(f"Person {number}") for number in range(alerts.LOOKS_AT_A_TIME + 2)]
    for person in people:
        await wants_news(person, "Here")
    await bot.tidy()
    assert backend.calls[AVAILABILITY] == 0
    await time_passes(bot, clock, minutes=2)
    assert backend.calls[AVAILABILITY] == alerts.LOOKS_AT_A_TIME
    await bot.tidy()
    assert backend.calls[AVAILABILITY] == len(people)
    await bot.tidy()
    assert backend.calls[AVAILABILITY] == len(people)
    await time_passes(bot, clock, days=1)
    await bot.tidy()
    before = backend.calls[AVAILABILITY]
    await time_passes(bot, clock, minutes=20)
    assert backend.calls[AVAILABILITY] == before
    await time_passes(bot, clock, minutes=20)
    assert backend.calls[AVAILABILITY] == before + alerts.LOOKS_AT_A_TIME


@pytest.mark.parametrize("where", ["Here", "By direct message"])
async def test_who_takes_the_wish_back_while_they_are_found_is_not_told(
    bot: BotApp, backend: WorkBackend, clock: TestClock, alice: Actor, sandbox: Sandbox, where: str
) -> None:
    answer = await wants_news(alice, where)

    async def takes_back(_: Call) -> None:
        await answer.click("Don't tell me")

    on = "POST /channels/{}/threads" if where == "Here" else "POST /users/@me/channels"
    sandbox.faults.before(on, takes_back, times=1)
    await work_comes(bot, backend, clock)
    await bot.tidy()
    assert alice.threads() == []
    for place in (alice.open_dm(), *alice.threads(archived=True)):
        assert news(alice, place) == []


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
async def test_who_is_told_while_the_bot_dies_is_told_once(
    life: Life, backend: WorkBackend, clock: TestClock, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    await wants_news(alice, "Here")
    backend.counts = {"en": {"assistant_reply": 1}}
    assert life.bot is not None
    # Looking the person up, looking among the threads, opening one, letting the person in, and the news.
    life.kill_at(number, before=before)
    with suppress(InteractionFailed, hikari.HikariError):
        await time_passes(life.bot, clock, minutes=2)
    await life.died()
    bot = await life.reborn()
    await time_passes(bot, clock, minutes=2)
    await alice.until(lambda: len(news(alice)) == 1, what="the news")
    await time_passes(bot, clock, minutes=2)
    assert len(news(alice)) == 1
    assert len(alice.threads()) == 1
