"""Channels in which tasks are shown in their different ways, and what people find in them."""

import hikari

from bot.app import BotApp
from discord_sandbox import Actor, Channel, MessageView, Sandbox
from tests.bot.conftest import appears


def without_threads(sandbox: Sandbox, name: str = "quiet") -> Channel:
    """Make a channel in which the bot may open no private threads."""
    quiet = sandbox.guild.create_channel(name)
    for role in (sandbox.guild.everyone, sandbox.guild.bot_role):
        sandbox.guild.overwrite(quiet, role, deny=int(hikari.Permissions.CREATE_PRIVATE_THREADS))
    return quiet


async def controls_in(person: Actor, channel: Channel, *, after: MessageView | None = None) -> MessageView:
    """Wait for the newest controls of an open task in a channel; `after`: newer than these."""

    def look() -> MessageView | None:
        found = [one for one in person.messages(channel) if "Skip" in one.buttons]
        return found[-1] if found and found[-1] != after else None

    return await appears(person, look, f"the controls in #{channel.name}")


async def said_in(person: Actor, channel: Channel, words: str) -> MessageView:
    """Wait for a message in a channel that has these words."""

    def look() -> MessageView | None:
        return next((one for one in reversed(person.messages(channel)) if words in one.text), None)

    return await appears(person, look, f"“{words}”")


async def use_direct(bot: BotApp, person: Actor) -> None:
    """Let somebody have chosen direct messages before."""
    await bot.services.store.people.set_direct_messages(int(person.id), wanted=True, now=bot.clock.now())
