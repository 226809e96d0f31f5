"""What becomes of threads when their tasks are over, as the server wants it; nothing is lost with them."""

import asyncio
from datetime import timedelta

import pytest

from bot.app import BotApp
from bot.outgoing import THREAD_IS_ARCHIVED
from bot.sessions.closing import READABLE
from discord_sandbox import Actor, Call, Channel, MessageView, Permission, Reply, Sandbox
from tests.bot.conftest import Backend, Join, Life, TestClock, shown_task, task, write
from tests.bot.guild_set_up import set_up
from tests.bot.rooms import said_in

TEXT = "How do bees find home?"
BACK = "Your text was not handed in"
LIFETIME = timedelta(hours=48)
BOT_WITHOUT_MANAGING = (
    Permission.VIEW_CHANNEL
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.READ_MESSAGE_HISTORY
)


async def begin(alice: Actor, backend: Backend) -> tuple[MessageView, Channel]:
    """Get a task in a thread."""
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    return await shown_task(alice), alice.threads()[0]


async def finish(alice: Actor, backend: Backend) -> tuple[MessageView, Channel]:
    """Get a task in a thread, and hand in a text."""
    controls, thread = await begin(alice, backend)
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="the end")
    return controls, thread


def there(sandbox: Sandbox) -> list[Channel]:
    """List the threads that are not deleted."""
    return list(sandbox.guild.guild.threads.values())


async def becomes(alice: Actor, sandbox: Sandbox, wanted: str, thread: Channel) -> None:
    """Wait for what is to become of a thread."""

    def look() -> bool:
        if wanted == "delete":
            return there(sandbox) == []
        return thread.archived and thread.locked == (wanted == "lock")

    await alice.until(look, what=f"{wanted} the thread")


@pytest.mark.parametrize("wanted", ["archive", "lock", "delete"])
async def test_who_is_done_leaves_the_thread_as_the_server_wants_it(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, wanted: str
) -> None:
    await set_up(bot, sandbox, finished_threads=wanted)
    controls, thread = await finish(alice, backend)
    await controls.click("Done")
    await becomes(alice, sandbox, wanted, thread)
    await finish(alice, backend)


@pytest.mark.parametrize("wanted", ["archive", "lock", "delete"])
async def test_who_stops_leaves_it_so_too(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, wanted: str
) -> None:
    await set_up(bot, sandbox, finished_threads=wanted)
    controls, thread = await begin(alice, backend)
    await controls.click("Stop")
    await becomes(alice, sandbox, wanted, thread)


@pytest.mark.parametrize("wanted", ["archive", "lock"])
async def test_a_task_that_comes_while_its_thread_is_to_be_closed_keeps_it_open(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, wanted: str
) -> None:
    """Done is pressed while the next task is on its way, and Discord has trouble with the closing."""
    await set_up(bot, sandbox, finished_threads=wanted)
    controls, thread = await finish(alice, backend)

    async def be_done() -> None:
        backend.before_task = None
        await controls.click("Done")

    backend.before_task = be_done
    backend.tasks.append(task("initial_prompt"))
    with sandbox.faults.status(503, on="PATCH /channels/{}", times=None):
        await controls.click("Next task")
        await alice.until(lambda: any("Skip" in one.buttons for one in alice.messages(thread)), what="a task")
        await bot.tidy()
    await bot.tidy()
    assert not thread.archived
    assert not thread.locked
    (open_task,) = [one for one in alice.messages(thread) if "Skip" in one.buttons]
    await open_task.click("Stop")
    await becomes(alice, sandbox, wanted, thread)


@pytest.mark.parametrize(
    ("wanted", "fails_then"),
    [("archive", False), ("archive", True), ("lock", False), ("lock", True), ("delete", False)],
)
async def test_a_thread_whose_task_ends_while_it_is_opened_does_not_stay_open(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, wanted: str, *, fails_then: bool
) -> None:
    """Who asked for a task is led to the one they have, and gives it back before Discord has opened it."""
    await set_up(bot, sandbox, finished_threads=wanted)
    controls, thread = await begin(alice, backend)

    stopping: list[asyncio.Task[object]] = []

    async def be_slow(call: Call) -> Reply | None:
        if call.payload["archived"] or thread.archived or thread not in there(sandbox):
            return None
        if stopping:
            await alice.until(lambda: "Stopped" in controls.text, what="the end of the task")
        else:
            stopping.append(asyncio.create_task(controls.click("Stop")))
        return Reply(503, {})

    sandbox.faults.before("PATCH /channels/{}", be_slow)
    if fails_then:
        sandbox.faults.status(503, on="PUT /channels/{}/thread-members/{}", times=None)
    answer = (await alice.command("task")).message
    assert answer is not None
    await asyncio.gather(*stopping)
    await becomes(alice, sandbox, wanted, thread)
    assert "Stopped. This task went back" in answer.text


async def test_a_thread_that_the_next_task_had_to_leave_does_not_stay_open(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    """Done archives the thread as the next task comes; that goes elsewhere, and it was opened for nothing."""
    controls, thread = await finish(alice, backend)
    is_posted, is_opened = asyncio.Event(), asyncio.Event()

    async def hold_closing(call: Call) -> None:
        if call.payload["archived"]:
            await is_posted.wait()
        else:
            is_opened.set()

    async def refuse(_: Call) -> Reply:
        is_posted.set()
        await is_opened.wait()
        return Reply(400, {"message": "Thread is archived", "code": THREAD_IS_ARCHIVED})

    sandbox.faults.before("PATCH /channels/{}", hold_closing)
    sandbox.faults.before("POST /channels/{}/messages", refuse, times=1)
    backend.tasks.append(task("initial_prompt"))
    closing: list[asyncio.Task[object]] = []

    async def be_done() -> None:
        backend.before_task = None
        closing.append(asyncio.create_task(controls.click("Done")))
        await alice.until(lambda: "Next task" not in controls.buttons, what="the end of the thread")

    backend.before_task = be_done
    await controls.click("Next task")
    await alice.until(lambda: len(there(sandbox)) == 2, what="another thread")
    await asyncio.gather(*closing)
    (other,) = [one for one in there(sandbox) if one is not thread]
    await alice.until(lambda: any("Skip" in one.buttons for one in alice.messages(other)), what="the task")
    await bot.tidy()
    assert thread.archived
    assert not other.archived


@pytest.mark.parametrize("how", ["Stop", "Skip and Done"])
async def test_a_text_that_was_given_back_can_be_read_for_a_day(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock, how: str
) -> None:
    await set_up(bot, sandbox, finished_threads="delete")
    controls, thread = await begin(alice, backend)
    await write(controls, TEXT)
    if how == "Stop":
        await controls.click("Stop")
    else:
        asked = (await controls.click("Skip")).modal
        assert asked is not None
        await asked.submit({})
        await said_in(alice, thread, BACK)
        await controls.click("Done")
    await becomes(alice, sandbox, "archive", thread)
    assert TEXT in (await said_in(alice, thread, BACK)).text
    clock.ahead += READABLE - timedelta(minutes=5)
    await bot.tidy()
    assert there(sandbox) == [thread]
    clock.ahead += timedelta(minutes=6)
    await bot.tidy()
    assert there(sandbox) == []


async def test_the_end_of_the_time_can_be_read_for_a_day(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await set_up(bot, sandbox, finished_threads="delete")
    controls, thread = await begin(alice, backend)
    clock.ahead += LIFETIME
    await bot.tidy()
    assert "The time for this task is over" in controls.content
    assert there(sandbox) == [thread]
    clock.ahead += READABLE + timedelta(minutes=1)
    await bot.tidy()
    assert there(sandbox) == []


async def test_a_thread_waits_for_the_outcome_of_its_answer(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await set_up(bot, sandbox, finished_threads="delete")
    backend.trouble += [(503, 0), (400, 2010)]
    controls, thread = await finish(alice, backend)
    assert "Your answer is saved" in controls.content
    await controls.click("Done")
    await becomes(alice, sandbox, "archive", thread)
    await bot.tidy()
    assert there(sandbox) == [thread]
    clock.ahead += timedelta(minutes=10)
    bot.services.delivery.kick()
    assert TEXT in (await said_in(alice, thread, BACK)).text
    clock.ahead += READABLE - timedelta(minutes=5)
    await bot.tidy()
    assert there(sandbox) == [thread]
    clock.ahead += timedelta(minutes=6)
    await bot.tidy()
    assert there(sandbox) == []


@pytest.mark.parametrize("wanted", ["lock", "delete"])
async def test_bad_news_open_a_locked_thread_for_its_person(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock, wanted: str
) -> None:
    await set_up(bot, sandbox, finished_threads=wanted)
    backend.trouble += [(503, 0), (400, 1009)]
    controls, thread = await finish(alice, backend)
    await controls.click("Done")
    await becomes(alice, sandbox, "lock" if wanted == "lock" else "archive", thread)
    clock.ahead += timedelta(minutes=10)
    bot.services.delivery.kick()
    await alice.until(lambda: "Edit" in controls.buttons, what="what is to be mended")
    assert not thread.locked
    await bot.tidy()
    await write(controls, "And at night?")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    await controls.click("Done")
    await becomes(alice, sandbox, wanted, thread)


@pytest.mark.parametrize("wanted", ["lock", "delete"])
async def test_what_the_bot_may_not_do_leaves_the_thread_archived(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, wanted: str
) -> None:
    await set_up(bot, sandbox, finished_threads=wanted)
    controls, thread = await finish(alice, backend)
    sandbox.guild.set_permissions(sandbox.guild.bot_role, BOT_WITHOUT_MANAGING)
    await controls.click("Done")
    await becomes(alice, sandbox, "archive", thread)
    calls = len(sandbox.requests)
    await bot.tidy()
    assert len(sandbox.requests) == calls, "it is not tried for ever"


@pytest.mark.parametrize("wanted", ["archive", "lock", "delete"])
async def test_who_just_left_after_the_last_task_leaves_nothing_behind(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock, wanted: str
) -> None:
    await set_up(bot, sandbox, finished_threads=wanted)
    controls, thread = await finish(alice, backend)
    backend.tasks.append(task("initial_prompt"))
    await controls.click("Next task")
    second = await shown_task(alice, after=controls)
    await write(second, "And at night?")
    await second.click("Send")
    await alice.until(lambda: "Next task" in second.buttons, what="thanks")
    clock.ahead += LIFETIME
    await bot.tidy()
    if wanted == "archive":
        # Discord's own time for that comes later.
        assert alice.threads() == [thread]
        return
    await becomes(alice, sandbox, wanted, thread)


async def test_what_comes_into_a_thread_while_others_are_deleted_keeps_it(
    bot: BotApp, backend: Backend, sandbox: Sandbox, join: Join, clock: TestClock
) -> None:
    await set_up(bot, sandbox, finished_threads="delete")
    people = [await join("Alice"), await join("Bob")]
    threads = []
    for person in people:
        controls, thread = await begin(person, backend)
        await write(controls, TEXT)
        await controls.click("Stop")
        await becomes(person, sandbox, "archive", thread)
        threads.append(thread)
    clock.ahead += READABLE + timedelta(minutes=1)

    async def told_in_bobs(*_: object) -> None:
        await bot.services.store.finished_threads.keep(threads[1].id, clock.now() + READABLE)

    with sandbox.faults.before("DELETE /channels/{}", told_in_bobs):
        await bot.tidy()
    assert there(sandbox) == [threads[1]]


async def test_a_server_that_wants_its_threads_after_all_keeps_them(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await set_up(bot, sandbox, finished_threads="delete")
    controls, thread = await begin(alice, backend)
    await write(controls, TEXT)
    await controls.click("Stop")
    await becomes(alice, sandbox, "archive", thread)
    await set_up(bot, sandbox, finished_threads="archive")
    clock.ahead += READABLE + timedelta(minutes=1)
    await bot.tidy()
    await set_up(bot, sandbox, finished_threads="delete")
    await bot.tidy()
    assert there(sandbox) == [thread]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
async def test_a_thread_is_deleted_though_the_bot_dies(
    life: Life, backend: Backend, join: Join, sandbox: Sandbox, *, before: bool
) -> None:
    alice = await join("Alice")
    assert life.bot is not None
    await set_up(life.bot, sandbox, finished_threads="delete")
    controls, _ = await finish(alice, backend)
    # The answer to the click, then the end of the thread.
    life.kill_at(2, before=before)
    await controls.click("Done")
    await life.died()
    bot = await life.reborn()
    await bot.tidy()
    assert there(sandbox) == []
    await bot.tidy()


async def test_a_text_that_can_be_given_back_nowhere_else_waits_though_the_thread_is_deleted(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, clock: TestClock
) -> None:
    await set_up(bot, sandbox, finished_threads="delete")
    controls, thread = await begin(alice, backend)
    await write(controls, TEXT)
    general = sandbox.guild.channel("general")
    sandbox.guild.overwrite(general, sandbox.guild.bot_role, deny=Permission.SEND_MESSAGES_IN_THREADS)
    clock.ahead += LIFETIME
    await bot.tidy()
    clock.ahead += READABLE + timedelta(minutes=1)
    await bot.tidy()
    await alice.command("task", channel=sandbox.guild.channel("tasks"))
    assert TEXT in (await said_in(alice, sandbox.guild.channel("tasks"), "your text was not sent")).text
    assert thread not in alice.threads()


async def test_who_has_their_data_deleted_takes_a_thread_that_waits_along(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, finished_threads="delete")
    controls, thread = await begin(alice, backend)
    await write(controls, TEXT)
    await controls.click("Stop")
    await becomes(alice, sandbox, "archive", thread)
    departures, database = bot.services.store.departures, bot.services.store.database
    (code,) = await departures.to_close(int(alice.id), bot.clock.now())
    async with database.transaction():
        await departures.strip(code, "{}", bot.clock.now())
    await bot.tidy()
    assert there(sandbox) == []
