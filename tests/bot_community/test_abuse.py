"""What people write does nothing, wherever the bot shows it; floods and masses slow nobody else down."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from loguru import logger

from bot.app import BotApp
from bot.guild_settings import CHANNELS, ROLES, GuildSettings
from discord_sandbox import Actor, MessageView, Permission, Sandbox
from discord_sandbox.forms.message import Upload
from tests.bot.conftest import shown_task
from tests.bot_community.settings_scene import answer_to, forge, put, settings_of, shows, stored
from tests.bot_community.small_backend import PROMPT_ID, SmallBackend

MARK = "zqzq"
"""Stands in all that people write here, and in nothing else."""

EVIL = "https://evil.example"
NASTY = {
    "mentions": "@everyone @here <@{owner}> <@&{role}> <#{channel}>",
    "markdown": "**bold** __under__ ||spoiler|| `code` ~~gone~~ > quote\n# heading\n- list\n```\nblock",
    "masked links": f"[the rules]({EVIL}) [x](<{EVIL}>) [y]({EVIL} 'title') ![z]({EVIL}/a.png)",
    "controls and bidi": "\u202eabc\u2066 \u200b\x01\x07\x1b[31m \u2028\u2029\ufeff",
    "zalgo": "Z" + "\u0335\u0321\u0489" * 200,
    "emoji": "🏳️‍🌈" * 8,
    "empty-looking": "\u2800\u3164\u115f\u1160\uffa0",
    "a wall": "W" * 900,
    "open code": "```" + "`" * 20 + "|" * 20,
    "timestamps and commands": "<t:0:R> </task:1> <id:guide> <:a:1> https://discord.gg/abc",
}
LIVE_LINK = re.compile(r"(?<!\\)\[[^\[\]]*(?<!\\)\]\(<?" + re.escape(EVIL))
TURNING = re.compile("[\u202a-\u202e\x00-\x09\x0b-\x1f]")
"""What turns the text around it, or has no picture; what isolates a word is closed where it was opened."""


@pytest.fixture
def cooldowns() -> dict[str, int]:
    return {"cooldown_commands": 40, "cooldown_clicks": 10_000}


@pytest.fixture
def log() -> Iterator[list[str]]:
    """All that the bot logs, with every error's traceback."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="TRACE", backtrace=True, diagnose=False)
    yield lines
    logger.remove(sink)


def as_name(words: str) -> str:
    """Cut words to a name, of which Discord takes 32 UTF-16 units."""
    return words.encode("utf-16-le")[:64].decode("utf-16-le", "ignore").strip() or "-"


def by_the_bot(person: Actor) -> list[MessageView]:
    """List what the bot says to somebody, wherever they see it."""
    places = [*person.channels(), *person.threads(archived=True)]
    return [one for place in places for one in person.messages(place) if one.raw.author.bot]


def assert_inert(message: MessageView) -> None:
    """Nobody is pinged, no link hides where it leads, and no text turns what stands around it."""
    assert message.pings == []
    assert not message.pings_everyone
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.get("title", ""), embed.get("description", "")]
        texts += [part for one in embed.get("fields", ()) for part in (one["name"], one["value"])]
        texts += [embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")]
    for text in texts:
        assert LIVE_LINK.search(text) is None, text
        assert TURNING.search(text) is None, repr(text)
        assert len(re.findall("[\u2066-\u2068]", text)) == text.count("\u2069"), repr(text)


async def tour(person: Actor, mod: Actor, sandbox: Sandbox, words: str) -> None:
    """Let somebody put words wherever people's words go, and a moderator look at them."""
    general = sandbox.guild.channel("general")
    answer = await person.command("task", general)
    await answer.click("I accept")
    assert answer.message is not None
    assert "Welcome" in answer.text
    assert_inert(answer.message)
    await answer.click("Straight to my task")
    controls = await shown_task(person)
    await written(controls, words)
    await controls.click("Send")
    await person.until(lambda: "Next task" in controls.buttons, what="the thanks")
    await controls.click("Next task")
    controls = await shown_task(person, after=controls)
    skipped = await controls.click("Skip")
    assert skipped.modal is not None
    await skipped.modal.submit({next(iter(skipped.modal.inputs)): words[:300]})
    await report_by(person, mod, sandbox, words)
    await person.autocomplete("task", "language", words[:100], general)
    await answer_to(person, "leaderboard")
    await answer_to(person, "me")
    await answer_to(person, "help")
    own = person.send(general, words[:1900])
    opened = await person.context_menu("Contribute", own)
    assert opened.modal is not None
    await opened.modal.submit()
    file = json.dumps({"format": words, "version": 1, "settings": {words: words, "language": words}})
    await answer_to(mod, "settings import", file=Upload("settings.json", file.encode()))
    file = json.dumps(
        {
            "format": "oasst-discord-bot settings",
            "version": 1,
            "settings": {words[:80]: words, "language": words, "task_types": [words], "log_channel": words},
        }
    )
    await answer_to(mod, "settings import", file=Upload("settings.json", file.encode()))
    await answer_to(mod, "settings history")


async def written(controls: MessageView, words: str) -> None:
    opened = await controls.click("Write")
    assert opened.modal is not None
    await opened.modal.submit({"Your text": words})


async def report_by(person: Actor, mod: Actor, sandbox: Sandbox, words: str) -> None:
    """Report a member's message with these words, and let a moderator read and settle it."""
    subject = person.view(sandbox.guild.owner.send(sandbox.guild.channel("general"), "Hello!").raw)
    assert subject is not None
    opened = await person.context_menu("Report", subject)
    assert opened.modal is not None
    await opened.modal.submit({next(iter(opened.modal.inputs)): words[:500]})
    listed = await answer_to(mod, "reports")
    await listed.click("Done: 1")
    await shows(mod, listed, "That report is settled")
    await listed.click("Show settled ones")
    await shows(mod, listed, "Settled reports")


@pytest.mark.parametrize("kind", NASTY)
async def test_nothing_that_people_write_does_anything(
    bot: BotApp, sandbox: Sandbox, backend: SmallBackend, log: list[str], kind: str
) -> None:
    guild = sandbox.guild
    role = guild.create_role("Everyone's friends", mentionable=True)
    words = f"{MARK} {NASTY[kind]}".format(
        owner=guild.owner.id, role=role.id, channel=guild.channel("log").id
    )
    person = guild.add_member(as_name(words[len(MARK) + 1 :]))
    mod = guild.add_member("Mod", Permission.ADMINISTRATOR)
    bob = guild.add_member("Bob")
    second = sandbox.add_guild("Second", owner=bob)
    guild.set_permissions(guild.bot_role, guild.bot_role.permissions | Permission.MENTION_EVERYONE)
    await put(bot, guild.id, log_channel=guild.channel("log").id, log_labels=True)
    await put(bot, second.id, log_channel=second.channel("log").id, log_labels=True)
    backend.board = [board_row(person, words), board_row(mod, words * 30), board_row(bob, "")]
    said = {"text": words, "is_assistant": False, "id": str(PROMPT_ID)}
    backend.task = {"type": "assistant_reply", "conversation": {"messages": [said]}}
    await tour(person, mod, sandbox, words)
    seen = {message for one in (person, mod, bob) for message in by_the_bot(one)}
    assert any(MARK in one.text for one in seen)
    for message in seen:
        assert_inert(message)
    assert not any(MARK in one.text for one in by_the_bot(bob)), "others see nothing of it"
    assert bob.messages(second.channel("log")) == [], "another server's log tells nothing"
    assert len(mod.messages(guild.channel("log"))) == 2, "a task and a report"
    assert [one for one in sandbox.refusals if one.status == 400] == []
    assert not any(MARK in line for line in log), "no text of a person is logged"
    assert not any("Unexpected error" in line or "does not fit" in line for line in log)


def board_row(person: Actor, name: str) -> dict[str, Any]:
    """Give a row of a board, as the backend lists it."""
    return {
        "user_id": str(UUID(int=person.id)),
        "username": str(person.id),
        "auth_method": "discord",
        "display_name": name,
        "leader_score": 5,
        "rank": 1,
    }


async def test_a_thousand_reports_are_listed_and_settled_in_time(bot: BotApp, sandbox: Sandbox) -> None:
    guild, reports = sandbox.guild, bot.services.store.guild_reports
    async with bot.services.store.database.transaction():
        for number in range(1, 1001):
            await reports.put(
                guild_id=guild.id,
                channel_id=guild.channel("general").id,
                message_id=number,
                author_id=7,
                reporter_id=10_000 + number % 50,
                note=f"Report {number} " + "*" * 480,
                now=bot.clock.now(),
            )
    mia, alice = guild.add_member("Mia", Permission.MANAGE_MESSAGES), guild.add_member("Alice")
    listed = await answer_to(mia, "reports")
    assert "Open reports: 1000." in listed.text
    assert "Page 1 of 250" in listed.text
    await forge(mia, listed, "guild_reports:1:open:249")
    await shows(mia, listed, "Page 250 of 250")
    settling = asyncio.gather(*(listed.click(label) for label in listed.buttons if label.startswith("Done")))
    other = await answer_to(alice, "privacy")
    assert "What is kept of you" in other.text
    await settling
    await shows(mia, listed, "Open reports: 996")
    assert await reports.counts_for(0, guild.id) == (996, 4)


async def test_a_flood_of_commands_is_answered_kindly_and_others_are_served(
    bot: BotApp, sandbox: Sandbox
) -> None:
    del bot
    mallory, alice = sandbox.guild.add_member("Mallory"), sandbox.guild.add_member("Alice")
    names = ("help", "privacy", "leaderboard", "me", "languages", "tutorial", "data export", "progress")
    flood = [asyncio.create_task(answer_to(mallory, names[n % len(names)])) for n in range(120)]
    served = [(await answer_to(alice, name)).text for name in names]
    answers = [one.text for one in await asyncio.gather(*flood)]
    assert not any("Please wait" in text or "went wrong" in text for text in served)
    assert sum("That was a lot at once. Please wait" in text for text in answers) == 80
    assert not any("went wrong" in text for text in answers)


@pytest.mark.parametrize("surface", ["settings:2", "setup:1"])
async def test_no_setting_points_at_another_server(bot: BotApp, sandbox: Sandbox, surface: str) -> None:
    ada = sandbox.guild.add_member("Ada", permissions=Permission.MANAGE_GUILD)
    second = sandbox.add_guild("Second", owner=ada)
    foreign = {setting: second.channel("log").id for setting in CHANNELS}
    foreign |= {setting: second.create_role("Theirs").id for setting in ROLES}
    panel = await settings_of(ada) if surface.startswith("settings") else await answer_to(ada, "setup")
    for setting, there in foreign.items():
        page = "channels" if setting in CHANNELS else "roles"
        await forge(ada, panel, f"{surface}:{page}:choose:{setting.value}:0", [str(there)])
        await shows(ada, panel, "not a channel or role of this server")
        file = json.dumps(
            {
                "format": "oasst-discord-bot settings",
                "version": 1,
                "settings": {setting.value: str(there)},
            }
        )
        answer = await answer_to(ada, "settings import", file=Upload("settings.json", file.encode()))
        assert answer.buttons == [], "there is nothing to confirm"
    assert await stored(bot, sandbox) == GuildSettings()
