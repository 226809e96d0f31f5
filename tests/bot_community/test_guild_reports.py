"""Reports of ordinary messages, and /reports for a server's moderators, as people see them."""

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.app import BotApp
from bot.community.guild_report_form import MOST_OPEN
from bot.guild_settings import GuildSetting
from discord_sandbox import (
    Actor,
    Channel,
    InteractionFailed,
    LoseReply,
    Permission,
    Sandbox,
)
from tests.bot_community.report_scene import (
    ASKED,
    form,
    keep,
    log_lines,
    refused,
    report,
    reports,
    reports_in,
    says,
    set_,
    written,
)

pytestmark = pytest.mark.usefixtures("bot")

NASTY = [
    "@everyone <@1> <@&2> @here <#3>",
    "[safe](https://evil.example) **bold** __under__ ||spoiler|| `code` ```block",
    "> quote\n# heading\n- list\n1. one",
    "\u202eabc\u2066 \u200b\x00\x07\x1b[31m",
    "מה קורה כאן עכשיו",
    "🐝" * 250,
    "*" * 500,
]


@pytest.fixture
def bob(sandbox: Sandbox) -> Actor:
    return sandbox.guild.add_member("Bob")


async def test_a_report_comes_to_the_moderators_and_is_settled_by_one_of_them(
    alice: Actor, bob: Actor, mia: Actor, general: Channel, sandbox: Sandbox
) -> None:
    message = written(bob, alice, general)
    assert "moderators of this server see your report" in await report(alice, message, "It is rude.")
    listed = await reports(mia)
    assert "Open reports: 1" in listed.text
    assert f"https://discord.com/channels/{sandbox.guild.id}/{general.id}/{message.id}" in listed.text
    assert f"by {bob.mention}" in listed.text
    assert f"Reported by {alice.mention} <t:" in listed.text
    assert "It is rude" in listed.text
    assert "silly" not in listed.text, "the message's own text is not kept"
    await listed.click("Done: 1")
    await mia.until(lambda: "That report is settled" in listed.text, what="the confirmation")
    assert "There are no open reports" in listed.text
    await listed.click("Show settled ones")
    await mia.until(lambda: "Settled reports: 1" in listed.text, what="the settled ones")
    assert f"Settled by {mia.mention} <t:" in listed.text
    await listed.click("Show open ones")
    await mia.until(lambda: "There are no open reports" in listed.text, what="the open ones")


async def test_who_had_their_data_deleted_is_named_by_words_not_by_an_id_of_nobody(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    await report(alice, written(bob, alice, general), "It is rude.")
    nora = sandbox.guild.add_member("Nora", Permission.MANAGE_MESSAGES)
    too_late = await reports(nora)
    listed = await reports(mia)
    await listed.click("Done: 1")
    await mia.until(lambda: "That report is settled" in listed.text, what="the confirmation")
    for left in (mia, bob):
        async with bot.services.store.database.transaction():
            await bot.services.store.personal.erase(left.id)
    await too_late.click("Done: 1")
    await nora.until(lambda: "has settled that report already" in too_late.text, what="the refusal")
    assert "somebody who has left has settled that report already" in too_late.text
    await too_late.click("Show settled ones")
    await nora.until(lambda: "Settled reports: 1" in too_late.text, what="the settled ones")
    assert "by somebody who has left" in too_late.text
    assert "Settled by somebody who has left" in too_late.text
    assert "<@0>" not in too_late.text


async def test_nothing_of_the_message_is_in_the_database(
    alice: Actor, bob: Actor, general: Channel, tmp_path: Path
) -> None:
    await report(alice, written(bob, alice, general, "a text by which it can be found"), "rude")
    with closing(sqlite3.connect(tmp_path / "bot.db")) as connection:
        dump = "\n".join(connection.iterdump())
    assert "rude" in dump
    assert "by which it can be found" not in dump


async def test_reporting_again_corrects_the_first_and_opens_it_anew(
    alice: Actor, bob: Actor, mia: Actor, general: Channel
) -> None:
    message = written(bob, alice, general)
    await report(alice, message, "rude")
    again = await form(alice, message)
    assert again.inputs == {ASKED: "rude"}
    answer = (await again.submit({ASKED: "very rude"})).message
    assert answer is not None
    assert "now says that" in answer.text
    listed = await reports(mia)
    assert "Open reports: 1" in listed.text
    assert "very rude" in listed.text
    await listed.click("Done: 1")
    await mia.until(lambda: "no open reports" in listed.text, what="the end")
    await report(alice, message, "and still")
    assert "and still" in (await reports(mia)).text


async def test_of_two_moderators_at_once_the_second_is_told(
    alice: Actor, bob: Actor, mia: Actor, general: Channel, sandbox: Sandbox
) -> None:
    await report(alice, written(bob, alice, general), "rude")
    nora = sandbox.guild.add_member("Nora", Permission.MANAGE_MESSAGES)
    first, second = await reports(mia), await reports(nora)
    await asyncio.gather(first.click("Done: 1"), second.click("Done: 1"))
    await mia.until(lambda: "no open reports" in first.text, what="one list")
    await nora.until(lambda: "no open reports" in second.text, what="the other list")
    winners = ["That report is settled" in one.text for one in (first, second)]
    assert sorted(winners) == [False, True]
    loser, winner = (second, mia) if winners[0] else (first, nora)
    assert f"{winner.mention} has settled that report already" in loser.text


@pytest.mark.parametrize("role", ["nobody", "moderator role", "manager"])
async def test_only_moderators_see_the_reports(
    alice: Actor, bob: Actor, bot: BotApp, general: Channel, sandbox: Sandbox, role: str
) -> None:
    await report(alice, written(bob, alice, general), "rude")
    staff = sandbox.guild.create_role("Staff")
    await set_(bot, sandbox, GuildSetting.moderator_role, staff.id)
    person = sandbox.guild.add_member("Nora", Permission.MANAGE_GUILD if role == "manager" else 0)
    if role == "moderator role":
        sandbox.guild.give_role(person, staff)
        listed = await reports(person)
        assert "rude" in listed.text
        sandbox.guild.take_role(person, staff)
        await listed.click("Done: 1")
        await person.until(lambda: "Only the moderators" in listed.text, what="the refusal")
        assert "rude" not in listed.text
    assert "Only the moderators" in (await reports(person)).text
    assert await bot.services.store.guild_reports.counts_for(0, sandbox.guild.id) == (1, 0)


async def test_the_moderators_of_another_server_neither_see_nor_settle_it(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    await report(alice, written(bob, alice, general), "rude")
    (here,) = await bot.services.store.guild_reports.open_for(0, sandbox.guild.id, 1)
    other = sandbox.add_guild("Second", owner="Olga")
    there = next(one for one in other.channels if one.name == "general")
    assert "no open reports" in await reports_in(other.owner, there)
    other.join(bob)
    other.join(alice)
    await report(alice, written(bob, alice, there), "rude there")
    theirs = (await other.owner.command("reports", there)).message
    assert theirs is not None
    assert "Open reports: 1" in theirs.text
    for forged in (
        f"guild_reports:1:done:{here.id}:0",
        "guild_reports:1:done:999:0",
    ):
        theirs.raw.components[0]["components"][0]["custom_id"] = forged
        await theirs.click("Done: 1")
        await other.owner.until(partial(says, theirs, "no such report on this server"), what="the refusal")
    for forged in (
        "guild_reports:1:done:x:0",
        f"guild_reports:1:done:{2**63}:0",
        "guild_reports:1:all",
        "guild_reports:1:",
    ):
        listed = (await other.owner.command("reports", there)).message
        assert listed is not None
        listed.raw.components[0]["components"][0]["custom_id"] = forged
        answer = await listed.click("Done: 1")
        assert answer.message is not None
        await other.owner.until(partial(says, answer.message, "has expired"), what="the refusal")
    assert await bot.services.store.guild_reports.counts_for(0, sandbox.guild.id) == (1, 0)
    assert "rude there" not in (await reports(mia)).text


async def test_a_moderator_neither_sees_nor_settles_a_report_of_their_own_message(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    nora = sandbox.guild.add_member("Nora", Permission.MANAGE_MESSAGES)
    await report(alice, written(bob, alice, general), "Bob is loud.")
    await report(alice, written(mia, alice, general), "Mia is rude.")
    _, of_mia = await bot.services.store.guild_reports.open_for(0, sandbox.guild.id, 2)
    listed = await reports(mia)
    assert "Open reports: 1" in listed.text
    assert "Mia is rude" not in listed.text
    listed.raw.components[0]["components"][0]["custom_id"] = f"guild_reports:1:done:{of_mia.id}:0"
    await listed.click("Done: 1")
    await mia.until(partial(says, listed, "no such report on this server"), what="the refusal")
    others = await reports(nora)
    assert "Mia is rude" in others.text
    await others.click("Done: 2")
    await nora.until(partial(says, others, "That report is settled"), what="the confirmation")
    await listed.click("Show settled ones")
    await mia.until(partial(says, listed, "No report has been settled yet"), what="the settled ones")


async def test_a_form_takes_only_the_report_for_which_it_was_opened(
    alice: Actor, bob: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    """The form's id can be forged: it never says what is reported."""
    theirs = await form(bob, written(alice, bob, general))
    for custom_id in (theirs.custom_id, "guild_report:1:", f"guild_report:1:{2**64}", "guild_report:1:1"):
        mine = await form(alice, written(bob, alice, general))
        mine.custom_id = custom_id
        answer = (await mine.submit({ASKED: "forged"})).message
        assert answer is not None
        assert "has expired" in answer.text
        assert "forged" in answer.text, "what was typed goes back"
    assert await bot.services.store.guild_reports.counts_for(0, sandbox.guild.id) == (0, 0)


async def test_what_is_not_for_moderators_is_explained(alice: Actor, general: Channel) -> None:
    assert "You wrote this yourself" in await refused(alice, alice.send(general, "hello"))
    answer = (await alice.command("leaderboard")).message
    assert answer is not None
    assert "belongs to no conversation of the dataset" in await refused(alice, answer)
    dm = alice.open_dm()
    assert "You wrote this yourself" in await refused(alice, alice.send(dm, "hello"))
    answer = (await alice.command("leaderboard", dm)).message
    assert answer is not None
    assert "belongs to no conversation" in await refused(alice, answer)


async def test_blank_words_are_no_report(alice: Actor, bob: Actor, general: Channel, mia: Actor) -> None:
    message = written(bob, alice, general)
    assert "Please say what is wrong" in await report(alice, message, " \u200b \n \U000e0041")
    assert "no open reports" in (await reports(mia)).text


@pytest.mark.parametrize("note", NASTY)
async def test_what_people_say_does_nothing(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox, note: str
) -> None:
    await set_(bot, sandbox, GuildSetting.log_channel, sandbox.guild.channel("log").id)
    message = written(bob, alice, general, note * 2)
    await report(alice, message, note)
    listed = await reports(mia)
    (embed,) = listed.embeds
    said = str(embed["description"]).splitlines()[-1]
    assert said.startswith("> ")
    assert not re.search(r"(?<!\\)[*_`|<>@#\[\]()]", said[2:]), "every sign that does something is escaped"
    assert not re.search("[\u202a-\u202e\u2066\x00-\x1f]", said)
    assert not listed.pings
    assert not listed.pings_everyone
    (line,) = await log_lines(sandbox, 1)
    assert str(message.id) in line.text
    assert not line.pings


async def test_pages_of_the_longest_notes_fit_and_turn_in_place(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel
) -> None:
    for number in range(10):
        await keep(bot, written(bob, alice, general), bob, alice.id, f"{number}" + "*" * 499)
    listed = await reports(mia)
    assert "Page 1 of 3" in listed.text
    assert len(listed.embeds) == 4
    assert "Done: 4" in listed.buttons
    await listed.click("Next")
    await mia.until(lambda: "Page 2 of 3" in listed.text, what="page 2")
    await listed.click("Next")
    await mia.until(lambda: "Page 3 of 3" in listed.text, what="page 3")
    assert "Next" not in listed.buttons
    for label in ("Done: 9", "Done: 9"):
        await listed.click(label)
        await mia.until(lambda: "is settled" in listed.text, what="the confirmation")
    await mia.until(lambda: "Page 2 of 2" in listed.text, what="the last page that is left")
    await listed.click("Back")
    await mia.until(lambda: "Page 1 of 2" in listed.text, what="page 1")


async def test_one_person_cannot_flood_the_moderators(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel
) -> None:
    messages = [written(bob, alice, general) for _ in range(MOST_OPEN + 3)]
    for message in messages[:MOST_OPEN]:
        await keep(bot, message, bob, alice.id, "rude")
    for message in messages[MOST_OPEN:]:
        assert "wait for the moderators" in await refused(alice, message)
    assert (await form(alice, messages[0])).inputs == {ASKED: "rude"}, "their own they can correct"
    listed = await reports(mia)
    assert f"Open reports: {MOST_OPEN}" in listed.text
    await listed.click("Done: 1")
    await mia.until(lambda: f"Open reports: {MOST_OPEN - 1}" in listed.text, what="one less")
    await report(alice, messages[-1], "rude")


async def test_forms_that_were_opened_before_take_no_more_reports_than_others(
    alice: Actor, bob: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    opened = [await form(alice, written(bob, alice, general)) for _ in range(2)]
    for _ in range(MOST_OPEN - 1):
        await keep(bot, written(bob, alice, general), bob, alice.id, "rude")
    assert (await opened[0].submit({ASKED: "rude"})).message is not None
    answer = (await opened[1].submit({ASKED: "far too rude"})).message
    assert answer is not None
    assert "wait for the moderators" in answer.text
    assert "far too rude" in answer.text, "what was typed goes back"
    assert await bot.services.store.guild_reports.counts_for(0, sandbox.guild.id) == (MOST_OPEN, 0)


async def test_a_thousand_reports_of_one_message_make_one_line_and_pages(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    log = sandbox.guild.channel("log")
    await set_(bot, sandbox, GuildSetting.log_channel, log.id)
    message = written(bob, alice, general)
    for reporter in range(1, 1000):
        await keep(bot, message, bob, reporter, "*" * 500)
    await report(alice, message, "rude")
    assert sandbox.guild.owner.latest(log) is None, "the log has had its line with the first"
    listed = await reports(mia)
    assert "Open reports: 1000" in listed.text
    assert "Page 1 of 250" in listed.text


async def test_the_log_channel_hears_where_and_neither_of_whom_nor_by_whom(
    alice: Actor, bob: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    log = sandbox.guild.channel("log")
    await set_(bot, sandbox, GuildSetting.log_channel, log.id)
    sandbox.guild.set_locale("de")
    message = written(bob, alice, general)
    await report(alice, message, "rude")
    (line,) = await log_lines(sandbox, 1)
    assert "Der Moderation wurde eine Nachricht gemeldet" in line.text
    assert f"/{general.id}/{message.id}" in line.text
    for name in (alice.mention, bob.mention, "Alice", "Bob", "rude", "silly"):
        assert name not in line.text
    await report(bob, written(alice, bob, general), "odd")
    await log_lines(sandbox, 2)
    await set_(bot, sandbox, GuildSetting.log_reports, False)
    await report(bob, written(alice, bob, general), "odd again")
    assert len(sandbox.guild.owner.messages(log)) == 2


async def test_a_log_channel_that_takes_nothing_keeps_no_report_back(
    alice: Actor, bob: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    log = sandbox.guild.channel("log")
    await set_(bot, sandbox, GuildSetting.log_channel, log.id)
    sandbox.guild.overwrite(log, sandbox.guild.everyone, deny=Permission.VIEW_CHANNEL)
    sandbox.guild.set_permissions(sandbox.guild.bot_role, 0)
    assert "moderators of this server see" in await report(alice, written(bob, alice, general), "rude")
    assert "Open reports: 1" in (await reports(mia)).text


async def test_a_report_is_there_although_the_bot_died_before_its_thanks(
    alice: Actor,
    bob: Actor,
    mia: Actor,
    bot: BotApp,
    general: Channel,
    sandbox: Sandbox,
    start_bot: Callable[[], Awaitable[BotApp]],
) -> None:
    opened = await form(alice, written(bob, alice, general))

    async def lose(*_: object) -> None:
        raise LoseReply

    sandbox.faults.before("*", lose)
    alice.patience = 0.2
    with pytest.raises(InteractionFailed):
        await opened.submit({ASKED: "rude"})
    await bot.close(0)
    sandbox.faults.clear()
    await start_bot()
    assert "Open reports: 1" in (await reports(mia)).text


async def test_a_form_that_was_open_over_a_restart_still_arrives(
    alice: Actor,
    bob: Actor,
    mia: Actor,
    bot: BotApp,
    general: Channel,
    start_bot: Callable[[], Awaitable[BotApp]],
) -> None:
    opened = await form(alice, written(bob, alice, general))
    await bot.close()
    await start_bot()
    answer = (await opened.submit({ASKED: "rude"})).message
    assert answer is not None
    assert "moderators of this server see" in answer.text
    assert "rude" in (await reports(mia)).text


async def test_reports_are_forgotten_in_the_end(
    alice: Actor, bob: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    kept = bot.services.store.guild_reports
    for _ in range(2):
        await report(alice, written(bob, alice, general), "rude")
    first, _second = await kept.open_for(0, sandbox.guild.id, 2)
    now = bot.clock.now()
    await kept.settle(first.id, sandbox.guild.id, 1, now)
    await kept.forget_before(settled=now - timedelta(days=1), created=now - timedelta(days=1))
    assert await kept.counts_for(0, sandbox.guild.id) == (1, 1)
    await kept.forget_before(settled=now + timedelta(days=1), created=now - timedelta(days=1))
    assert await kept.counts_for(0, sandbox.guild.id) == (1, 0)
    await kept.forget_before(settled=now, created=now + timedelta(days=1))
    assert await kept.counts_for(0, sandbox.guild.id) == (0, 0)


async def test_a_form_that_nobody_sent_is_forgotten_though_nobody_opens_another(
    alice: Actor, bob: Actor, bot: BotApp, general: Channel
) -> None:
    await form(alice, written(bob, alice, general))
    database = bot.services.store.database
    await bot.tidy()
    assert len(await database.fetch_all("SELECT * FROM report_forms")) == 1
    await database.execute("UPDATE report_forms SET opened_at = opened_at - 86400")
    await bot.tidy()
    assert await database.fetch_all("SELECT * FROM report_forms") == []
