"""Who reported is told to the server's moderators alone, and never to whom wrote what was reported."""

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, Channel, Permission, Sandbox
from tests.bot_community.report_scene import report, reports, reports_in, written

pytestmark = pytest.mark.usefixtures("bot")


async def test_an_author_who_had_their_data_deleted_does_not_learn_who_reported_them(
    alice: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    max_ = sandbox.guild.add_member("Max", Permission.MANAGE_MESSAGES)
    await report(alice, written(max_, alice, general), "It is rude.")
    listed = await reports(mia)
    await listed.click("Done: 1")
    await mia.until(lambda: "That report is settled" in listed.text, what="the confirmation")
    async with bot.services.store.database.transaction():
        await bot.services.store.personal.erase(max_.id)
    back = await reports(max_)
    await back.click("Show settled ones")
    await max_.until(lambda: "Settled reports: 1" in back.text, what="the settled ones")
    assert f"Settled by {mia.mention}" in back.text
    assert alice.mention not in back.text
    assert "rude" not in back.text


async def test_a_report_made_anew_of_an_author_who_had_their_data_deleted_is_whole_and_not_for_them(
    alice: Actor, mia: Actor, bot: BotApp, general: Channel, sandbox: Sandbox
) -> None:
    max_ = sandbox.guild.add_member("Max", Permission.MANAGE_MESSAGES)
    message = written(max_, alice, general)
    await report(alice, message, "It is rude.")
    listed = await reports(mia)
    await listed.click("Done: 1")
    await mia.until(lambda: "That report is settled" in listed.text, what="the confirmation")
    async with bot.services.store.database.transaction():
        await bot.services.store.personal.erase(max_.id)
    await report(alice, message, "It still stands there.")
    anew = (await reports(mia)).text
    assert "Open reports: 1" in anew
    assert f"by {max_.mention}" in anew
    assert f"Reported by {alice.mention}" in anew
    assert "It still stands there" in anew
    assert "There are no open reports" in (await reports(max_)).text


async def test_who_manages_the_messages_of_one_channel_reads_no_reports_of_the_server(
    alice: Actor, mia: Actor, general: Channel, sandbox: Sandbox
) -> None:
    await report(alice, written(mia, alice, general), "It is rude.")
    nora, own = sandbox.guild.add_member("Nora"), sandbox.guild.create_channel("noras-corner")
    sandbox.guild.overwrite(own, nora, allow=Permission.MANAGE_MESSAGES)
    assert "moderators" in await reports_in(nora, own)
    assert "report" not in await reports_in(nora, own)


async def test_who_may_not_manage_the_messages_of_one_channel_moderates_from_there_too(
    alice: Actor, mia: Actor, general: Channel, sandbox: Sandbox
) -> None:
    await report(alice, written(sandbox.guild.owner, alice, general), "It is rude.")
    sandbox.guild.overwrite(general, mia, deny=Permission.MANAGE_MESSAGES)
    assert "Open reports: 1" in await reports_in(mia, general)
