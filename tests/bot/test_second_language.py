"""A person's language for what only they read, the server's for what everybody there reads."""

from collections.abc import Callable

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from discord_sandbox import Actor, Channel, MessageView, Sandbox
from tests.bot.conftest import Backend, Join, appears, task

WISH = "Wie finden Bienen heim?"


async def log_channel(bot: BotApp, sandbox: Sandbox) -> Channel:
    """Set the server's log channel."""
    log = sandbox.guild.channel("log")
    await bot.services.store.guilds.replace(
        int(sandbox.guild.id),
        {GuildSetting.log_channel: int(log.id)},
        changed_by=1,
        interaction_id=1,
        now=bot.clock.now(),
    )
    return log


async def seen(person: Actor, channel: Channel, fits: Callable[[MessageView], bool]) -> MessageView:
    """Wait until a message in a channel fits."""

    def look() -> MessageView | None:
        return next((one for one in person.messages(channel) if fits(one)), None)

    return await appears(person, look, "the message")


async def test_a_person_works_in_their_language_and_the_log_speaks_the_servers(
    bot: BotApp, backend: Backend, sandbox: Sandbox, join: Join
) -> None:
    log = await log_channel(bot, sandbox)
    dora = await join("Dora", locale="de")
    backend.tasks.append(task("initial_prompt"))
    reply = await dora.command("task")
    assert reply.message is not None
    assert reply.message.content.startswith("Deine Aufgabe ist da: <#")
    (thread,) = dora.threads()
    assert thread.name.startswith("Aufgabe ")

    controls = await seen(dora, thread, lambda one: "Schreiben" in one.buttons)
    intro = dora.messages(thread)[0]
    assert "**Ein Gespräch beginnen**" in intro.content
    assert "Sprache: Deutsch" in intro.content
    opened = await controls.click("Schreiben")
    assert opened.modal is not None
    assert opened.modal.title == "Ein Gespräch beginnen"
    await opened.modal.submit({"Dein Text": WISH})
    await controls.click("Abschicken")
    await dora.until(lambda: "Nächste Aufgabe" in controls.buttons, what="thanks")
    assert "**Danke!**" in controls.content
    assert [answer["lang"] for answer in backend.answers] == ["de"]

    await seen(sandbox.guild.owner, log, lambda one: "wrote a first message" in one.content)


async def test_a_german_server_is_told_in_german_what_an_english_person_did(
    bot: BotApp, backend: Backend, sandbox: Sandbox, join: Join
) -> None:
    sandbox.guild.set_locale("de")
    log = await log_channel(bot, sandbox)
    alice = await join("Alice")
    backend.tasks.append(
        task("label_initial_prompt", labels=None, mandatory_labels=None, valid_labels=["spam"])
    )
    await alice.command("task")
    (thread,) = await alice.until(alice.threads, what="the thread")

    controls = await seen(alice, thread, lambda one: "Skip" in one.buttons)
    await controls.click("Spam: no")
    await controls.click("Send")

    await seen(sandbox.guild.owner, log, lambda one: "beurteilt" in one.content)
