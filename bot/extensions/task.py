"""/task: the next piece of work, in a thread of one's own."""

from collections.abc import Sequence
from contextlib import suppress

import hikari
import lightbulb

from bot import languages
from bot.community.work_desk import WorkDesk
from bot.forms import TASK_TYPES, Panel
from bot.router import Router
from bot.services import Services
from bot.sessions.work_ids import PREFIX
from bot.texts import texts_for
from oasst_client import TaskRequestType

loader = lightbulb.Loader()

TYPES: Sequence[lightbulb.Choice[str]] = [
    lightbulb.Choice(f"command.task.type.{kind.value}", kind.value, localize=True)
    for kind in TaskRequestType
    if kind is TaskRequestType.random or kind.value in TASK_TYPES
]


async def suggest_languages(ctx: lightbulb.AutocompleteContext[str]) -> None:
    """Offer the languages whose names fit what was typed."""
    typed = ctx.focused.value if isinstance(ctx.focused.value, str) else ""
    with suppress(hikari.NotFoundError):  # too late: the next key that is pressed asks anew
        await ctx.respond(languages.choices(typed, str(ctx.interaction.locale)))


@loader.command
class TaskCommand(
    lightbulb.SlashCommand, name="command.task.name", description="command.task.description", localize=True
):
    """Offer a task."""

    type = lightbulb.string(
        "command.task.type.name",
        "command.task.type.description",
        localize=True,
        choices=TYPES,
        default=TaskRequestType.random.value,
    )
    language = lightbulb.string(
        "command.task.language.name",
        "command.task.language.description",
        localize=True,
        autocomplete=suggest_languages,
        default=None,
    )

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer at once, then look for work."""
        interaction = ctx.interaction
        await services.outgoing.defer(interaction)
        locale = str(interaction.locale)
        lang = None
        if self.language is not None:
            lang = languages.understand(self.language, locale)
            if lang is None:
                await services.outgoing.finish(interaction, Panel(texts_for(locale)("task.unknown_language")))
                return
        await services.sessions.ask(interaction, TaskRequestType(self.type), lang)


@loader.listener(hikari.GuildThreadDeleteEvent)
async def thread_deleted(event: hikari.GuildThreadDeleteEvent, services: Services) -> None:
    """Take care of a task whose thread is gone."""
    await services.sessions.thread_gone(int(event.thread_id))


@loader.listener(hikari.GuildChannelDeleteEvent)
async def channel_deleted(event: hikari.GuildChannelDeleteEvent, services: Services) -> None:
    """Take care of the tasks in a channel's threads, which are gone with it."""
    await services.sessions.thread_gone(int(event.channel_id))


@loader.listener(hikari.GuildLeaveEvent)
async def guild_left(event: hikari.GuildLeaveEvent, services: Services) -> None:
    """Take care of tasks and records of a server that the bot is not in any more; an outage is not that."""
    await services.sessions.guild_gone(int(event.guild_id))


@loader.listener(hikari.GuildJoinEvent)
async def guild_joined(event: hikari.GuildJoinEvent, services: Services) -> None:
    """Keep what is kept of a server to which the bot comes back."""
    await services.sessions.guild_joined(int(event.guild_id))


@loader.listener(hikari.ShardReadyEvent)
async def guilds_known(event: hikari.ShardReadyEvent, services: Services) -> None:
    """See which servers the bot left while it was not running; those with an outage are named, too."""
    guild_ids = {int(guild_id) for guild_id in event.unavailable_guilds}
    await services.sessions.guilds_known(guild_ids, event.shard.id, event.shard.shard_count)


def add_routes(router: Router, services: Services) -> None:
    """Take everything that is clicked, chosen and written on tasks, and where there was none."""
    services.sessions.add_routes(router)
    router.own_prefix(PREFIX, WorkDesk(services).click)
