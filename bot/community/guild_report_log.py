"""The log channel's line about a message that was reported to its server's moderators."""

import hikari
from loguru import logger

from bot.outgoing import Outgoing
from bot.rendering.panels import Panel
from bot.store.guilds import Guilds
from bot.store.report_forms import ReportForm
from bot.texts import texts_for


def message_link(guild_id: int, channel_id: int, message_id: int) -> str:
    """Return the address of a message on a server."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


async def log_report(
    form: ReportForm, *, guilds: Guilds, outgoing: Outgoing, cache: hikari.api.Cache
) -> None:
    """Tell the server's log channel where a message was reported: neither by whom, nor whose, nor why.

    Others may read that channel, and a report proves nothing; the moderators see the rest with /reports.
    What Discord refuses is logged, never raised. Telling it again within some minutes posts nothing.
    """
    settings = await guilds.settings(form.guild_id)
    channel_id = settings.log_channel
    if channel_id is None or not settings.log_reports:
        return
    guild = cache.get_guild(form.guild_id)
    texts = texts_for(None if guild is None else str(guild.preferred_locale))
    link = message_link(form.guild_id, form.channel_id, form.message_id)
    try:
        await outgoing.post(channel_id, Panel(texts("guild_report.log", link=link)), f"rep-{form.message_id}")
    except hikari.HikariError as error:
        logger.warning(
            "The log channel {} of guild {} takes no line: {}",
            channel_id,
            form.guild_id,
            type(error).__name__,
        )
