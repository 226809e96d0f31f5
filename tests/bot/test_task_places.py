"""Where a task appears, and that it can be found again."""

import re
from datetime import timedelta

import hikari
import pytest

from bot.app import BotApp
from bot.forms.writing import WritingForm
from bot.guild_settings import GuildSetting
from bot.outgoing import TRIES
from discord_sandbox import Actor, MessageView, Sandbox, limits
from tests.bot.conftest import Backend, Join, TestClock, appears, shown_task, task, write
from tests.bot.rooms import controls_in, without_threads


async def use_channel(bot: BotApp, sandbox: Sandbox, channel_id: int) -> None:
    await bot.services.store.guilds.replace(
        int(sandbox.guild.id),
        {GuildSetting.task_channel: channel_id},
        changed_by=1,
        interaction_id=1,
        now=bot.clock.now(),
    )


async def test_the_guilds_task_channel_holds_the_threads(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    tasks = sandbox.guild.channel("tasks")
    await use_channel(bot, sandbox, int(tasks.id))
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=sandbox.guild.channel("general"))
    await shown_task(alice)
    assert [thread.parent_id for thread in alice.threads()] == [tasks.id]


async def test_from_within_a_thread_the_task_opens_beside_it(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    general = sandbox.guild.channel("general")
    mine = alice.create_thread(general, "chat", private=False)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=mine)
    await shown_task(alice)
    assert {thread.parent_id for thread in alice.threads()} == {general.id}


async def test_who_cannot_see_the_task_channel_gets_the_task_where_they_are(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    hidden = sandbox.guild.create_channel("hidden")
    guild = sandbox.guild
    guild.overwrite(hidden, guild.everyone, deny=int(hikari.Permissions.VIEW_CHANNEL))
    guild.overwrite(hidden, guild.bot_role, allow=int(hikari.Permissions.VIEW_CHANNEL))
    await use_channel(bot, sandbox, int(hidden.id))
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", channel=sandbox.guild.channel("general"))
    assert reply.message is not None
    assert "cannot see the channel for tasks, so your task is in this thread" in reply.message.content
    await shown_task(alice)


async def test_a_deleted_thread_is_made_anew(backend: Backend, sandbox: Sandbox, alice: Actor) -> None:
    keeper = sandbox.guild.owner
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    first = await shown_task(alice)
    keeper.delete_thread(alice.threads()[0])
    again = await alice.command("task")
    assert again.message is not None
    controls = await shown_task(alice)
    assert f"<#{controls.channel_id}>" in again.message.content
    await write(controls, "How do bees find home?")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]
    assert len(backend.asked) == 1


async def test_deleted_controls_are_shown_anew_in_the_same_thread(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    first = await shown_task(alice)
    (thread,) = alice.threads()
    seen_by_keeper = sandbox.guild.owner.view(first.raw)
    assert seen_by_keeper is not None
    sandbox.guild.owner.delete(seen_by_keeper)
    await alice.command("task")
    controls = await shown_task(alice)
    assert alice.threads() == [thread]
    await write(controls, "How do bees find home?")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]


async def test_a_thread_whose_making_was_not_confirmed_is_not_made_twice(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    sandbox.faults.lose_reply("POST /channels/{}/threads")
    reply = await alice.command("task")
    assert reply.message is not None
    assert alice.threads() == []
    again = await alice.command("task")
    assert again.message is not None
    await shown_task(alice)
    assert sandbox.faults.waiting == []
    assert len(sandbox.guild.guild.threads) == 1


async def test_a_thread_of_somebody_else_with_the_same_name_is_none_of_ours(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    sandbox.faults.cut("POST /channels/{}/threads")
    await alice.command("task")
    session = await bot.services.store.sessions.live_of(int(alice.id))
    assert session is not None
    keeper = sandbox.guild.owner
    public = keeper.create_thread(sandbox.guild.channel("general"), f"Task {session.code}")
    await alice.command("task")
    controls = await shown_task(alice)
    assert controls.channel_id != public.id
    assert keeper.messages(public) == []


async def test_what_somebody_copied_is_no_message_of_ours(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    await shown_task(alice)
    (thread,) = alice.threads()
    post = "POST /channels/{}/messages"
    clock.ahead = timedelta(hours=bot.settings.task_lifetime_hours - 1)
    sandbox.faults.status(500, on=post, times=TRIES)
    await bot.tidy()
    reminder = sandbox.requests_to(post)[-1].payload["content"]
    alice.send(thread, reminder)
    await bot.tidy()
    assert len([one for one in alice.messages(thread) if one.content == reminder]) == 2


async def test_a_task_that_nobody_can_show_goes_back(
    bot: BotApp, backend: Backend, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = task("initial_prompt")
    backend.tasks.append(broken)

    def fail(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr(WritingForm, "shown", fail)
    await alice.command("task")
    await bot.tidy()
    monkeypatch.undo()
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [task_id for task_id, _ in backend.nacks] == [broken["id"]]
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    await shown_task(alice)


async def test_a_server_with_too_many_open_threads_is_no_matter_of_permissions(
    backend: Backend, sandbox: Sandbox, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ACTIVE_THREADS", 0)
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task")
    await controls_in(alice, sandbox.guild.channel("general"))
    assert "as many open threads as Discord allows, so your task is here" in reply.text


async def test_a_private_task_that_cannot_be_shown_again_is_said_to_be_kept(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=quiet)
    await write(await controls_in(alice, quiet), "How do bees find home?")
    sandbox.faults.status(403, on="POST /webhooks/{}/{}")
    reply = await alice.command("task", channel=quiet)
    await alice.until(lambda: "could not show" in reply.text, what="that it is not shown")
    assert "gave it back" not in reply.text
    assert "kept" in reply.text
    assert backend.nacks == []
    await alice.command("task", channel=quiet)
    assert "How do bees find home?" in (await controls_in(alice, quiet)).text


async def test_a_private_task_that_discord_does_not_take_is_not_said_to_come_by_itself(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    """Only in answer to its person can it be shown."""
    quiet = without_threads(sandbox)
    backend.tasks.extend([task("initial_prompt"), task("initial_prompt")])
    sandbox.faults.status(500, on="POST /webhooks/{}/{}")
    reply = await alice.command("task", channel=quiet)
    await alice.until(lambda: "Discord is slow" in reply.text, what="the word that it is not shown")
    assert "will appear" not in reply.text
    await bot.tidy()
    await alice.command("task", channel=quiet)
    await controls_in(alice, quiet)


async def test_a_task_that_moved_into_direct_messages_is_no_servers_any_more(
    bot: BotApp, backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    await shown_task(alice)
    sandbox.guild.owner.delete_thread(alice.threads()[0])
    here = alice.open_dm()
    await alice.command("task", channel=here)
    await appears(
        alice,
        lambda: next((one for one in alice.messages(here) if "Skip" in one.buttons), None),
        "the controls",
    )
    session = await bot.services.store.sessions.live_of(int(alice.id))
    assert session is not None
    assert session.guild_id is None


async def test_a_closed_thread_is_opened_again(backend: Backend, alice: Actor, sandbox: Sandbox) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    await shown_task(alice)
    sandbox.guild.owner.change_thread(alice.threads()[0], archived=True)
    await alice.command("task")
    assert len(alice.threads()) == 1


async def test_commands_and_the_language_are_remembered(backend: Backend, alice: Actor) -> None:
    for lang, wanted in (("German", "de"), (None, "de"), ("pt-BR", "pt-BR"), (None, "pt-BR")):
        backend.tasks.clear()
        await alice.command("task", language=lang)
        assert backend.asked[-1]["lang"] == wanted
    reply = await alice.command("task", language="Klingonisch")
    assert reply.message is not None
    assert "do not know that language" in reply.message.content
    assert len(backend.asked) == 4


async def test_languages_are_found_by_their_names(join: Join) -> None:
    alice, dora = await join("Alice"), await join("Dora", "de")
    assert (await alice.autocomplete("task", "language", "ger"))[0] == ("German", "de")
    assert (await dora.autocomplete("task", "language", "engl"))[0] == ("Englisch", "en")
    assert (await dora.autocomplete("task", "language", ""))[0][1] in {"de", "en"}


async def test_without_threads_the_task_is_shown_to_its_person_alone(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    reply = await alice.command("task", channel=quiet)
    assert reply.message is not None
    assert "may not open private threads in that channel, so your task is here" in reply.message.content

    first = await controls_in(alice, quiet)
    assert first.ephemeral
    alice.dismiss(first)
    await alice.command("task", channel=quiet)
    second = await controls_in(alice, quiet)
    await write(second, "How do bees find home?")
    await second.click("Send")
    await alice.until(lambda: "Next task" in second.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]
    assert re.fullmatch(r"\d+", backend.answers[0]["user_message_id"])


async def test_a_modal_of_a_message_that_moved_counts_for_its_own_task_alone(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    here = without_threads(sandbox)

    async def controls_of(kind: str) -> MessageView:
        before = next((one for one in reversed(alice.messages(here)) if "Skip" in one.buttons), None)
        backend.tasks.append(task(kind))
        await alice.command("task", channel=here)
        return await controls_in(alice, here, after=before)

    first = await controls_of("initial_prompt")
    early, late = (await first.click("Write")).modal, (await first.click("Write")).modal
    second = await controls_of("initial_prompt")
    assert early is not None
    assert late is not None
    await early.submit({"Your text": "Of the first task."})
    await alice.until(lambda: "Of the first task." in first.text, what="the draft")
    assert "not here any more" in (await second.click("Write")).text
    asked = await first.click("Skip")
    assert asked.modal is not None
    await asked.modal.submit({})
    backend.tasks.clear()
    other = await controls_of("prompter_reply")
    given_back = await late.submit({"Your text": "Too late for the first task."})
    assert given_back.message is not None
    assert given_back.message.ephemeral
    assert "Too late for the first task." not in other.text
    await write(other, "Of the second task.")
    await other.click("Send")
    await alice.until(lambda: "Next task" in other.buttons, what="thanks")
    assert [answer["text"] for answer in backend.answers] == ["Of the second task."]
