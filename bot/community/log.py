"""The log channel's line about a finished task of its server."""

import hikari
from loguru import logger

from bot.outgoing import Outgoing
from bot.rendering.panels import Panel
from bot.store.guilds import Guilds
from bot.texts import texts_for


async def log_finished_task(  # noqa: PLR0913  # who, what and where are each said by name
    outgoing: Outgoing,
    guilds: Guilds,
    *,
    guild_id: int | None,
    guild_locale: str | None,
    user_id: int,
    kind: str,
    thread_id: int | None,
    nonce: str,
) -> None:
    """Tell a server's log channel of a task that was finished there; never raises for what Discord refuses.

    Args:
        outgoing: the way to Discord; it mentions nobody, so that the names in the line ring for no one.
        guilds: the servers' settings.
        guild_id: the server in which the task was done; None (a direct message) is told of nowhere.
        guild_locale: the server's language, None for English.
        user_id: who did it.
        kind: the task's type, as the protocol names it.
        thread_id: the thread it was done in, None where there was none.
        nonce: the same for the same task, 25 characters at most, so that a repeat posts nothing.
    """
    if guild_id is None:
        return
    channel_id = (await guilds.settings(guild_id)).log_channel_id
    if channel_id is None:
        return
    texts = texts_for(guild_locale)
    what = texts(f"log.kind.{kind}")
    if thread_id is None:
        line = texts("log.finished", who=f"<@{user_id}>", what=what)
    else:
        line = texts("log.finished_in_thread", who=f"<@{user_id}>", what=what, thread=f"<#{thread_id}>")
    try:
        await outgoing.post(channel_id, Panel(content=line), nonce)
    except hikari.HikariError as error:
        # The task is done all the same; /settings shows what is amiss with the channel.
        logger.warning(
            "The log channel {} of guild {} takes no line: {}", channel_id, guild_id, type(error).__name__
        )
