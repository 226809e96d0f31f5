"""The message menu "Report" on messages of the dataset, as people see it."""

from collections.abc import Awaitable, Callable

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot_community.small_backend import PROMPT_ID, REPLY_ID, SmallBackend
from tests.bot_community.test_labels import accept, posted_task, shows

pytestmark = pytest.mark.usefixtures("bot")


async def report_panel(person: Actor, post: MessageView) -> MessageView:
    answer = await person.context_menu("Report", post)
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message


async def test_a_report_reaches_the_dataset_and_not_the_moderators(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    backend.shows_prompt()
    panel = await report_panel(alice, await posted_task(alice, bot))
    assert "What is wrong with it?" in panel.text
    assert "bees" in panel.text
    await panel.click("Spam: yes")
    await panel.click("Send")
    await shows(alice, panel, "Your report is in")
    (sent,) = backend.labels
    assert sent["message_id"] == str(PROMPT_ID)
    assert sent["is_report"] is True
    assert sent["labels"] == {"spam": 1}
    assert await bot.services.store.guild_reports.counts_for(0, sandbox.guild.id) == (0, 0)


async def test_of_several_messages_in_a_post_the_chosen_one_is_reported(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_conversation()
    panel = await report_panel(alice, await posted_task(alice, bot))
    assert "Which one do you want to report?" in panel.text
    await panel.choose("Choose a message", ["2"])
    await shows(alice, panel, "landmarks")
    await panel.click("Spam: yes")
    await panel.click("Send")
    await backend.labelled.wait()
    assert (backend.labels[0]["message_id"], backend.labels[0]["is_report"]) == (str(REPLY_ID), True)


async def test_a_report_and_labels_of_one_message_are_two_things_and_each_is_found_again(
    alice: Actor, backend: SmallBackend, bot: BotApp
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await report_panel(alice, post)
    await panel.click("Spam: yes")
    await panel.click("Send")
    await shows(alice, panel, "Your report is in")
    label = (await alice.context_menu("Label", post)).message
    assert label is not None
    assert "from before" not in label.text
    again = await report_panel(alice, post)
    assert "your report from before" in again.text
    assert "Spam: yes ✓" in again.buttons
    await again.click("Spam: no")
    await again.click("Send")
    await shows(alice, again, "Your report is in")
    assert [one["labels"] for one in backend.labels] == [{"spam": 1}, {"spam": 0}]


async def test_the_terms_come_first_and_lead_on_to_the_report(
    alice: Actor, backend: SmallBackend, bot: BotApp, sandbox: Sandbox
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    seen = sandbox.guild.owner.view(post.raw)
    assert seen is not None
    panel = await report_panel(sandbox.guild.owner, seen)
    await accept(sandbox.guild.owner, panel)
    await sandbox.guild.owner.until(lambda: "Spam: yes" in panel.buttons, what="the panel")
    assert "What is wrong with it?" in panel.text
    await panel.click("Spam: yes")
    await panel.click("Send")
    await backend.labelled.wait()
    assert backend.labels[0]["is_report"] is True


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"deleted": True}, "nothing left to report"),
        ({"user_is_author": True}, "wrote this message yourself, so there is nothing to report"),
    ],
)
async def test_what_cannot_be_reported_is_explained(
    alice: Actor, backend: SmallBackend, bot: BotApp, state: dict[str, bool], words: str
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    backend.messages[PROMPT_ID] |= state
    assert words in (await report_panel(alice, post)).text


async def test_a_report_is_kept_while_the_dataset_is_away(
    alice: Actor, backend: SmallBackend, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    backend.shows_prompt()
    post = await posted_task(alice, bot)
    panel = await report_panel(alice, post)
    await panel.click("Spam: yes")
    await backend.close()
    assert "cannot be reached" in (await report_panel(alice, post)).text
    await panel.click("Send")
    await shows(alice, panel, "Your report is saved")
    await bot.close()
    await backend.start()
    await start_bot()
    await backend.labelled.wait()
    assert backend.labels[0]["is_report"] is True
