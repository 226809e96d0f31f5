"""The message menu "Label", as people see it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot_community.small_backend import OTHER_ID, PROMPT_ID, REPLY_ID, SmallBackend
from tests.meeting import welcomed

pytestmark = pytest.mark.usefixtures("bot")


async def posted_task(person: Actor, bot: BotApp) -> MessageView:
    """Let somebody who accepted the terms get a task; gives the post that shows its conversation."""
    await bot.services.store.people.record_terms(
        person.id, version=1, locale="en-US", interaction_id=person.id, now=bot.clock.now()
    )
    await person.command("task")
    thread = (await person.until(person.threads, what="the thread"))[0]
    posts = await person.until(
        lambda: [one for one in person.messages(thread) if "bees" in one.text], what="the task"
    )
    return posts[0]


async def accept(person: Actor, panel: MessageView) -> None:
    """Accept the terms that a panel shows, and go straight on from whatever welcomes who is new."""
    assert panel.buttons[:2] == ["I accept", "Not now"]
    await panel.click("I accept")
    await person.until(lambda: "I accept" not in panel.buttons, what="what comes after the terms")
    if "Straight on" in panel.buttons:
        await panel.click("Straight on")


async def label_panel(person: Actor, post: MessageView) -> MessageView:
    answer = await person.context_menu("Label", post)
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message


async def shows(person: Actor, panel: MessageView, text: str) -> None:
    await person.until(lambda: text in panel.text, what=text)


async def test_labels_of_a_shown_message_reach_the_backend(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    assert "bees" in panel.text
    await panel.click("Spam: no")
    await panel.choose("Quality", ["4"])
    await panel.click("Send")
    await shows(alice, panel, "Your labels are in")
    assert panel.buttons == []
    (sent,) = backend.labels
    assert sent["message_id"] == str(PROMPT_ID)
    assert sent["user"]["id"] == str(alice.id)
    assert sent["labels"] == {"spam": 0, "quality": 0.75}
    assert sent.get("task_id") is None


async def test_a_moment_of_trouble_in_discord_keeps_nobody_from_labelling(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    sandbox.faults.status(503, on="GET /webhooks/{}/{}/messages/{}")
    assert "bees" in (await label_panel(alice, post)).text
    assert not sandbox.faults.waiting


async def test_of_several_messages_in_a_post_the_chosen_one_is_labelled(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_conversation()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    (menu,) = panel.selects
    assert [label for label, _ in menu.options] == ["1 · User", "2 · Assistant"]
    await panel.choose("Choose a message", ["2"])
    await shows(alice, panel, "landmarks")
    await panel.click("Spam: yes")
    await panel.click("Send")
    await backend.labelled.wait()
    assert backend.labels[0]["message_id"] == str(REPLY_ID)
    assert backend.labels[0]["labels"]["spam"] == 1


async def test_nothing_chosen_is_not_sent(alice: Actor, backend: SmallBackend, bot: BotApp) -> None:
    backend.shows_prompt()
    panel = await label_panel(alice, await posted_task(alice, bot))
    await panel.click("Send")
    assert "Not sent yet.** Answer at least one question first." in panel.text
    assert "Send" in panel.buttons
    await panel.click("Cancel")
    assert "No labels were sent" in panel.text
    assert backend.labels == []


async def test_other_messages_are_explained_kindly(alice: Actor, sandbox: Sandbox) -> None:
    general = sandbox.guild.channel("general")
    chat = alice.send(general, "hello")
    assert "Only messages of a conversation" in (await label_panel(alice, chat)).text
    board = (await alice.command("leaderboard")).message
    assert board is not None
    assert "Only messages of a conversation" in (await label_panel(alice, board)).text


async def test_ones_own_message_is_left_to_others(alice: Actor, backend: SmallBackend, bot: BotApp) -> None:
    backend.shows_prompt()
    backend.messages[PROMPT_ID]["user_is_author"] = True
    assert "wrote this message yourself" in (await label_panel(alice, await posted_task(alice, bot))).text


async def test_a_message_that_left_the_dataset_is_said(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    backend.messages[PROMPT_ID]["deleted"] = True
    assert "no longer in the dataset" in (await label_panel(alice, post)).text
    del backend.messages[PROMPT_ID]
    assert "no longer in the dataset" in (await label_panel(alice, post)).text


async def test_an_absent_backend_is_said_and_labels_given_before_arrive_later(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    await panel.click("Spam: yes")
    await backend.close()
    assert "cannot be reached" in (await label_panel(alice, post)).text
    await panel.click("Send")
    await shows(alice, panel, "Your labels are saved")
    await backend.start()
    bot.services.delivery.kick()
    await backend.labelled.wait()


async def test_labels_that_the_backend_refuses_are_said_with_the_reason(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    panel = await label_panel(alice, await posted_task(alice, bot))
    backend.refusal = 2053
    await panel.click("Spam: yes")
    await panel.click("Send")
    await shows(alice, panel, "could not be taken: You wrote this message yourself")


@pytest.mark.parametrize("comes_back_by", ["task", "label"])
async def test_labels_that_are_refused_late_are_said_when_the_person_comes_back(
    alice: Actor, backend: SmallBackend, bot: BotApp, comes_back_by: str
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    await panel.click("Spam: yes")
    await backend.close()
    await panel.click("Send")
    await shows(alice, panel, "Your labels are saved")
    backend.refusal = 2053
    await backend.start()
    await bot.services.store.outbox.hurry(bot.clock.now())
    assert await bot.services.delivery.drained(alice.id, 5)
    await bot.services.sessions.announce_missed()

    def told() -> list[MessageView]:
        everywhere = [*alice.channels(), *alice.threads()]
        said = {message.id: message for channel in everywhere for message in alice.messages(channel)}
        return [message for message in said.values() if "could not be taken" in message.text]

    assert told() == []
    for _ in range(2):
        if comes_back_by == "task":
            await alice.command("task")
        else:
            await label_panel(alice, post)
        (message,) = await alice.until(told, what="the refusal")
        assert message.ephemeral


async def test_an_open_label_panel_keeps_its_answers_over_a_restart(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.shows_prompt()
    panel = await label_panel(alice, await posted_task(alice, bot))
    await panel.click("Spam: yes")
    await bot.close()
    await start_bot()
    await panel.choose("Quality", ["1"])
    await panel.click("Send")
    await backend.labelled.wait()
    assert backend.labels[0]["labels"] == {"spam": 1, "quality": 0}


async def test_a_moderator_labels_after_the_terms_without_asking_twice(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    admin = sandbox.guild.owner
    seen = admin.view(post.raw)
    assert seen is not None
    panel = await label_panel(admin, seen)
    assert panel.buttons == ["I accept", "Not now", "Read all of it"]
    await welcomed(admin, panel, "Straight on")
    await admin.until(lambda: "Spam: yes" in panel.buttons, what="the label panel")
    await panel.click("Spam: yes")
    await panel.click("Send")
    await backend.labelled.wait()
    assert backend.labels[0]["user"]["id"] == str(admin.id)


async def test_many_labels_stand_on_pages_that_outlive_a_restart(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.valid_labels = [
        {"name": f"scale{number}", "widget": "likert", "display_text": f"Scale {number}"}
        for number in range(1, 41)
    ]
    backend.shows_prompt()
    panel = await label_panel(alice, await posted_task(alice, bot))
    await panel.click("More labels")
    await panel.choose("Scale 5", ["4"])
    assert "Page 2 of 14 · 1 of 40 answered" in panel.text
    await bot.close()
    await start_bot()
    for _ in range(12):
        await panel.click("More labels")
    await panel.choose("Scale 40", ["5"])
    assert "Page 14 of 14 · 2 of 40 answered" in panel.text
    await panel.click("Send")
    await backend.labelled.wait()
    assert backend.labels[0]["labels"] == {"scale5": 0.75, "scale40": 1}


async def test_two_clicks_at_once_both_count(alice: Actor, backend: SmallBackend, bot: BotApp) -> None:
    backend.shows_prompt()
    panel = await label_panel(alice, await posted_task(alice, bot))
    await asyncio.gather(panel.click("Spam: no"), panel.choose("Quality", ["2"]))
    await panel.click("Send")
    await backend.labelled.wait()
    assert backend.labels[0]["labels"] == {"spam": 0, "quality": 0.25}


async def test_a_message_about_which_nothing_may_be_asked_is_explained(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.valid_labels = []
    backend.shows_prompt()
    assert "nothing to ask" in (await label_panel(alice, await posted_task(alice, bot))).text


async def test_two_quick_presses_of_send_count_once(alice: Actor, backend: SmallBackend, bot: BotApp) -> None:
    backend.shows_prompt()
    panel = await label_panel(alice, await posted_task(alice, bot))
    await panel.click("Spam: yes")
    await asyncio.gather(panel.click("Send"), panel.click("Send"))
    assert await bot.services.delivery.drained(alice.id, 5)
    assert len(backend.labels) == 1
    await shows(alice, panel, "Your labels are in")


async def test_opening_it_again_shows_the_earlier_labels_and_corrects_them(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    assert "from before" not in panel.text
    await panel.click("Spam: no")
    await panel.choose("Quality", ["2"])
    await panel.click("Send")
    await shows(alice, panel, "Your labels are in")
    await bot.close()
    await start_bot()
    again = await label_panel(alice, post)
    assert "your labels from before" in again.text
    assert "Spam: no ✓" in again.buttons
    assert "Quality: 2" in [label for one in again.selects for label, _ in one.options]
    await again.click("Spam: yes")
    await again.click("Send")
    await shows(alice, again, "Your labels are in")
    assert [one["labels"] for one in backend.labels] == [
        {"spam": 0, "quality": 0.25},
        {"spam": 1, "quality": 0.25},
    ]
    assert "Spam: yes ✓" in (await label_panel(alice, post)).buttons


async def test_earlier_labels_are_ones_own_and_of_what_is_still_asked(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    await panel.click("Spam: yes")
    await panel.choose("Quality", ["5"])
    await panel.click("Send")
    await shows(alice, panel, "Your labels are in")
    seen = sandbox.guild.owner.view(post.raw)
    assert seen is not None
    await label_panel(sandbox.guild.owner, seen)
    theirs = sandbox.guild.owner.latest(alice.threads()[0])
    assert theirs is not None
    await accept(sandbox.guild.owner, theirs)
    await sandbox.guild.owner.until(lambda: "Spam: yes" in theirs.buttons, what="the panel, nothing chosen")
    backend.valid_labels = backend.valid_labels[:1]
    again = await label_panel(alice, post)
    assert "Spam: yes ✓" in again.buttons
    assert again.selects == []
    await again.click("Send")
    await shows(alice, again, "Your labels are in")
    assert backend.labels[-1]["labels"] == {"spam": 1}


async def test_labels_that_were_refused_are_not_shown_as_given(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    backend.refusal = 2053
    await panel.click("Spam: yes")
    await panel.click("Send")
    await shows(alice, panel, "could not be taken")
    assert "from before" not in (await label_panel(alice, post)).text


async def test_without_the_contributor_role_nobody_labels_not_even_on_an_open_panel(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await label_panel(alice, post)
    role = sandbox.guild.create_role("Contributors")
    await bot.services.store.guilds.replace(
        sandbox.guild.id,
        {GuildSetting.contributor_role: role.id},
        changed_by=1,
        interaction_id=1,
        now=bot.clock.now(),
    )
    await panel.click("Spam: yes")
    await shows(alice, panel, "only members with the contributor role")
    assert "only members with the contributor role" in (await label_panel(alice, post)).text
    assert backend.labels == []
    sandbox.guild.give_role(alice, role)
    assert "Spam: yes" in (await label_panel(alice, post)).buttons


async def test_a_control_that_names_another_post_leads_nowhere(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    """Controls can be forged: what counts is what the bot posted where the person is."""
    backend.shows_conversation()
    post = await posted_task(alice, bot)
    backend.shows_prompt(OTHER_ID)
    bob = sandbox.guild.add_member("Bob")
    elsewhere = await posted_task(bob, bot)
    panel = await label_panel(alice, post)
    forged = panel.raw.components[0]["components"][0]
    assert forged["custom_id"] == f"label_which:1:{post.id}"
    forged["custom_id"] = f"label_which:1:{elsewhere.id}"
    forged["options"] = [{"label": "forged", "value": "0"}]
    await panel.choose("Choose a message", ["forged"])
    await shows(alice, panel, "Only messages of a conversation")
    for custom_id in ("label_which:1:", "label_which:1:x", f"label_which:1:{2**70}", "label_which:1:-1"):
        panel = await label_panel(alice, post)
        panel.raw.components[0]["components"][0]["custom_id"] = custom_id
        await panel.choose("Choose a message", ["1"])
        await shows(alice, panel, "Only messages of a conversation")


async def test_each_post_of_a_text_that_goes_over_several_can_be_labelled(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    backend.messages[PROMPT_ID]["text"] = "bees " * 3000
    await posted_task(alice, bot)
    (thread,) = alice.threads()
    posts = [one for one in alice.messages(thread) if "bees bees" in one.text]
    assert len(posts) > 1
    for post in posts:
        panel = await label_panel(alice, post)
        assert "Spam: yes" in panel.buttons


async def test_a_file_with_a_text_as_it_was_written_can_be_labelled(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_conversation()
    await posted_task(alice, bot)
    (thread,) = alice.threads()
    controls = alice.latest(thread)
    assert controls is not None
    files = (await controls.click("As written")).message
    assert files is not None
    await alice.until(lambda: files.attachments, what="the files")
    panel = await label_panel(alice, files)
    (menu,) = panel.selects
    assert [label for label, _ in menu.options] == ["1-user.txt", "2-assistant.txt"]
    await panel.choose("Choose a message", ["2"])
    await shows(alice, panel, "landmarks")
