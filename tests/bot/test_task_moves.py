"""Where a task goes when the place in which it stood is gone or out of reach."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, Call, Channel, MessageView, Permission, Sandbox
from tests.bot.conftest import Backend, TestClock, shown_task, task, write
from tests.bot.rooms import controls_in, said_in, use_direct, without_threads

TEXT = "How do bees find home?"
BOT_WITHOUT_MANAGING = (
    Permission.VIEW_CHANNEL
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.READ_MESSAGE_HISTORY
)


async def task_in_thread(alice: Actor, backend: Backend) -> tuple[MessageView, Channel]:
    """Get a task in a thread of #general."""
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    return await shown_task(alice), alice.threads()[0]


async def send(alice: Actor, controls: MessageView) -> None:
    """Send what was written, and see the thanks."""
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")


@pytest.mark.parametrize("what", ["thread", "channel"])
async def test_who_chose_direct_messages_gets_the_task_there_when_its_place_is_deleted(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, what: str
) -> None:
    await use_direct(bot, alice)
    first, thread = await task_in_thread(alice, backend)
    await write(first, TEXT)
    gone = thread if what == "thread" else sandbox.guild.channel("general")
    sandbox.guild.delete_channel(gone)
    here = alice.open_dm()
    why = await said_in(alice, here, "was deleted, so here it is again")
    assert "Start a conversation" in why.text
    controls = await controls_in(alice, here)
    assert TEXT in controls.text, "the draft came along"
    await send(alice, controls)
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]
    assert len(backend.acks) == 1


async def test_without_direct_messages_it_waits_for_the_next_task_command(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    first, thread = await task_in_thread(alice, backend)
    await write(first, TEXT)
    sandbox.guild.delete_channel(thread)
    await bot.services.sessions.thread_gone(int(thread.id))
    posted = len(sandbox.requests_to("POST /channels/{}/messages"))
    await bot.tidy()
    assert len(sandbox.requests_to("POST /channels/{}/messages")) == posted
    assert backend.nacks == []

    reply = await alice.command("task", channel=sandbox.guild.channel("tasks"))
    controls = await shown_task(alice)
    assert f"<#{controls.channel_id}>" in reply.text
    assert alice.threads()[0].parent_id == sandbox.guild.channel("tasks").id
    assert TEXT in controls.text
    await send(alice, controls)
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]
    assert len(backend.asked) == 1


async def test_a_server_that_the_bot_has_left_holds_nobody(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    second = sandbox.add_guild("Second", owner="Keeper")
    second.join(alice)
    first, _ = await task_in_thread(alice, backend)
    sandbox.guild.remove_bot()
    await bot.services.sessions.guild_gone(int(sandbox.guild.id))
    await bot.tidy()
    reply = await alice.command("task", channel=second.channel("general"))
    controls = await shown_task(alice, after=first)
    assert f"<#{controls.channel_id}>" in reply.text
    await write(controls, TEXT)
    await send(alice, controls)
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]


async def test_a_server_that_removed_the_bot_sends_tasks_into_direct_messages(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    sandbox.add_guild("Second", owner=alice)
    await use_direct(bot, alice)
    first, _ = await task_in_thread(alice, backend)
    sandbox.guild.remove_bot()
    here = alice.open_dm()
    await said_in(alice, here, "not on the server any more")
    controls = await controls_in(alice, here)
    await write(controls, TEXT)
    await send(alice, controls)
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]


async def test_a_thread_that_was_closed_for_good_is_left(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    first, thread = await task_in_thread(alice, backend)
    sandbox.guild.set_permissions(sandbox.guild.bot_role, BOT_WITHOUT_MANAGING)
    sandbox.guild.owner.change_thread(thread, archived=True, locked=True)
    general = sandbox.guild.channel("general")
    reply = await alice.command("task", channel=general)
    controls = await controls_in(alice, general)
    assert "I lack the permission Manage Threads" in reply.text
    await write(controls, TEXT)
    await send(alice, controls)
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]


def leaves(sandbox: Sandbox, alice: Actor) -> None:
    alice.leave(sandbox.guild)


def is_banned(sandbox: Sandbox, alice: Actor) -> None:
    sandbox.guild.ban(alice)


def is_timed_out(sandbox: Sandbox, alice: Actor) -> None:
    sandbox.guild.time_out(alice, 3600)


def is_shut_out(sandbox: Sandbox, alice: Actor) -> None:
    sandbox.guild.overwrite(sandbox.guild.channel("general"), alice, deny=Permission.VIEW_CHANNEL)


@pytest.mark.parametrize("happens", [leaves, is_banned, is_timed_out, is_shut_out])
async def test_who_lost_the_way_to_their_task_gets_it_where_they_are(
    bot: BotApp,
    backend: Backend,
    sandbox: Sandbox,
    alice: Actor,
    happens: Callable[[Sandbox, Actor], None],
) -> None:
    second = sandbox.add_guild("Second", owner="Keeper")
    second.join(alice)
    first, _ = await task_in_thread(alice, backend)
    await write(first, TEXT)
    happens(sandbox, alice)
    await bot.tidy()
    assert backend.nacks == [], "it waits for its person"
    reply = await alice.command("task", channel=second.channel("general"))
    controls = await shown_task(alice, after=first)
    assert f"<#{controls.channel_id}>" in reply.text
    assert TEXT in controls.text
    await send(alice, controls)
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]


async def test_who_cannot_see_the_channel_any_more_gets_the_task_in_another(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    first, _ = await task_in_thread(alice, backend)
    is_shut_out(sandbox, alice)
    reply = await alice.command("task", channel=sandbox.guild.channel("tasks"))
    controls = await shown_task(alice, after=first)
    assert f"<#{controls.channel_id}>" in reply.text
    assert "could not stay where it was" in reply.text


async def test_from_another_server_the_way_leads_back_to_the_thread(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    second = sandbox.add_guild("Second", owner="Keeper")
    second.join(alice)
    first, _ = await task_in_thread(alice, backend)
    reply = await alice.command("task", channel=second.channel("general"))
    assert f"<#{first.channel_id}>" in reply.text
    assert "Write" in first.buttons
    assert len(alice.threads()) == 1


async def next_place(alice: Actor, first: MessageView) -> MessageView:
    """Finish a task and go on to the next, wherever that is."""
    await write(first, TEXT)
    await send(alice, first)
    await first.click("Next task")
    return await shown_task(alice, after=first)


async def test_the_next_task_opens_elsewhere_when_the_bot_may_not_write_in_the_thread_any_more(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    first, thread = await task_in_thread(alice, backend)
    guild = sandbox.guild
    guild.overwrite(guild.channel("general"), guild.bot_role, deny=Permission.SEND_MESSAGES_IN_THREADS)
    backend.tasks.append(task("initial_prompt"))
    await write(first, TEXT)
    await send(alice, first)
    await first.click("Next task")
    second = await controls_in(alice, thread, after=first)
    assert second.ephemeral, "there is no other place for it"
    await said_in(alice, thread, "may not open private threads")
    await write(second, "Where do they sleep?")
    await send(alice, second)
    assert len(backend.answers) == 2


async def test_the_next_task_opens_a_new_thread_when_its_own_is_deleted_under_it(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    first, thread = await task_in_thread(alice, backend)
    backend.tasks.append(task("initial_prompt"))

    async def delete_first(_: Call) -> None:
        sandbox.guild.delete_channel(thread)

    await write(first, TEXT)
    await send(alice, first)
    sandbox.faults.before("POST /channels/{}/messages", delete_first, times=1)
    await first.click("Next task")
    second = await shown_task(alice, after=first)
    assert second.channel_id != thread.id
    await write(second, "Where do they sleep?")
    await send(alice, second)
    assert len(backend.answers) == 2


async def test_a_choice_in_a_thread_that_was_archived_opens_it_again(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    controls, thread = await task_in_thread(alice, backend)
    modal = (await controls.click("Write")).modal
    sandbox.guild.owner.change_thread(thread, archived=True)
    assert modal is not None
    await modal.submit({"Your text": TEXT})
    await alice.until(lambda: TEXT in controls.text, what="the draft")
    assert not thread.archived
    sandbox.guild.owner.change_thread(thread, archived=True)
    await send(alice, controls)
    assert [answer["text"] for answer in backend.answers] == [TEXT]


async def test_what_was_written_in_a_thread_that_is_closed_for_good_is_kept(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    controls, thread = await task_in_thread(alice, backend)
    modal = (await controls.click("Write")).modal
    sandbox.guild.set_permissions(sandbox.guild.bot_role, BOT_WITHOUT_MANAGING)
    sandbox.guild.owner.change_thread(thread, archived=True, locked=True)
    assert modal is not None
    await modal.submit({"Your text": TEXT})
    await said_in(alice, thread, "This thread is closed, and I may not open it")
    elsewhere = sandbox.guild.channel("tasks")
    await alice.command("task", channel=elsewhere)
    moved = await controls_in(alice, elsewhere)
    assert TEXT in moved.text


async def test_what_could_not_be_posted_goes_back_when_its_channel_is_gone_meanwhile(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    body = task("initial_prompt")
    backend.tasks.append(body)
    with sandbox.faults.status(500, on="POST /channels/{}/threads", times=None):
        reply = await alice.command("task", channel=sandbox.guild.channel("tasks"))
    assert "in a minute" in reply.text
    sandbox.guild.delete_channel(sandbox.guild.channel("tasks"))
    await bot.tidy()
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [task_id for task_id, _ in backend.nacks] == [body["id"]]


async def test_what_could_not_be_posted_comes_where_it_is_asked_for_again(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    with sandbox.faults.status(500, on="POST /channels/{}/threads", times=None):
        await alice.command("task", channel=sandbox.guild.channel("tasks"))
    sandbox.guild.overwrite(sandbox.guild.channel("tasks"), alice, deny=Permission.VIEW_CHANNEL)
    await alice.command("task", channel=sandbox.guild.channel("general"))
    await shown_task(alice)
    assert [thread.parent_id for thread in alice.threads()] == [sandbox.guild.channel("general").id]
    assert len(backend.asked) == 1


async def test_a_text_that_was_open_when_the_thread_went_is_kept(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=quiet)
    first = await controls_in(alice, quiet)
    modal = (await first.click("Write")).modal
    assert modal is not None
    await alice.command("task", channel=sandbox.guild.channel("general"))
    moved = await shown_task(alice)
    answer = await modal.submit({"Your text": TEXT})
    assert answer.message is not None
    assert answer.message.ephemeral
    assert f"<#{moved.channel_id}>" in answer.text
    await alice.until(lambda: TEXT in moved.text, what="the draft where the task is now")
    await send(alice, moved)
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]
    await bot.services.delivery.drained(int(alice.id), 5)
    assert len(backend.acks) == 1


@pytest.mark.parametrize("what", ["thread", "channel", "server"])
async def test_what_stood_in_a_place_that_is_gone_is_forgotten(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor, what: str
) -> None:
    elsewhere = sandbox.guild.channel("tasks")
    threads: list[Channel] = []
    for channel in (sandbox.guild.channel("general"), elsewhere):
        backend.tasks.append(task("assistant_reply"))
        await alice.command("task", channel)
        controls = await shown_task(alice)
        threads.append(next(one for one in alice.threads() if one.id == controls.channel_id))
        await controls.click("Stop")
        await alice.until(lambda: not alice.threads(), what="the closed thread")
    gone, kept = threads
    if what == "server":
        sandbox.guild.remove_bot()
        await bot.services.sessions.guild_gone(int(sandbox.guild.id))
    else:
        sandbox.guild.delete_channel(gone if what == "thread" else sandbox.guild.channel("general"))
        await bot.services.sessions.thread_gone(int(gone.id if what == "thread" else gone.parent_id or 0))
    rows = await bot.services.store.database.fetch_all("SELECT DISTINCT channel_id FROM shown")
    assert [row["channel_id"] for row in rows] == ([] if what == "server" else [int(kept.id)])


@pytest.mark.parametrize("where", ["thread", "direct"])
async def test_a_draft_whose_time_ends_while_its_task_moves_is_shown_to_nobody_else(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor, where: str
) -> None:
    """Between two places a task has no thread, and no direct messages, in which a text can be given back."""
    room = sandbox.guild.channel("general") if where == "thread" else without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", channel=room)
    controls = await (shown_task(alice) if where == "thread" else controls_in(alice, room))
    await write(controls, TEXT)
    if where == "thread":
        sandbox.guild.delete_channel(alice.threads()[0])
        sandbox.faults.status(500, on="POST /channels/{}/threads", times=None)
        reply = await alice.command("task", channel=room)
    else:
        sandbox.faults.status(500, on="POST /users/@me/channels", times=None)
        await reply.click("Use direct messages")
    await alice.until(lambda: "Discord is slow" in reply.text, what="the word that it is coming")
    clock.ahead += timedelta(hours=47, minutes=1)
    await bot.tidy()
    assert [one.text for one in sandbox.guild.owner.messages(room) if TEXT in one.text] == []
    sandbox.faults.clear()
    await bot.tidy()
    await alice.command("task", channel=room)
    there = room if where == "thread" else alice.open_dm()
    back = await said_in(alice, there, "your text was not sent")
    assert back.ephemeral or where == "direct"
    assert TEXT in back.text
