"""The log channel's line about a finished task of its server."""

import hikari
from loguru import logger

from bot.outgoing import Outgoing
from bot.rendering.panels import Panel
from bot.store.guilds import Guilds
from bot.store.sessions import Session
from bot.texts import Texts, texts_for


async def log_finished_task(
    session: Session, *, guilds: Guilds, outgoing: Outgoing, cache: hikari.api.Cache
) -> None:
    """Tell the log channel of the server in which a task was done; of no other, and of no direct message.

    What Discord refuses is logged, never raised. Telling it again within some minutes posts nothing.

    Args:
        session: the finished task.
        guilds: the servers' settings.
        outgoing: the way to Discord; it mentions nobody, so that the line rings for no one.
        cache: knows the server's language.
    """
    if session.guild_id is None:
        return
    settings = await guilds.settings(session.guild_id)
    channel_id = settings.log_channel
    if channel_id is None or not settings.log_tasks:
        return
    guild = cache.get_guild(session.guild_id)
    texts = texts_for(None if guild is None else str(guild.preferred_locale))
    try:
        await outgoing.post(channel_id, Panel(content=log_line(session, texts)), f"log-{session.code}")
    except hikari.HikariError as error:
        # The task is done all the same; /settings shows what is amiss with the channel.
        logger.warning(
            "The log channel {} of guild {} takes no line: {}",
            channel_id,
            session.guild_id,
            type(error).__name__,
        )


def log_line(session: Session, texts: Texts) -> str:
    """Say who did what kind of task, and where; never what they wrote."""
    who, what = f"<@{session.user_id}>", texts(f"log.kind.{session.task.type}")
    if session.thread_id is None:
        return texts("log.finished", who=who, what=what)
    return texts("log.finished_in_thread", who=who, what=what, thread=f"<#{session.thread_id}>")
