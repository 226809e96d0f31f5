"""The log channel's lines about what was done on its server: finished tasks, labels of the menu, reports."""

import hikari
from loguru import logger

from bot.community.guild_health import CHANNEL_TYPES
from bot.guild_settings import FinishedThreads, GuildSetting, GuildSettings
from bot.outgoing import Outgoing
from bot.rendering.panels import Panel
from bot.store import Store
from bot.store.outbox import OutboxEntry
from bot.store.report_forms import ReportForm
from bot.store.sessions import Session
from bot.texts import Texts, texts_for
from oasst_client import TextLabels


class LogChannel:
    """Tells each server's log what was done there, once, as the server set it; of no direct message.

    What Discord refuses is logged, never raised. Nobody is mentioned, so that no line rings for anyone, and
    who is anonymous has no name there.

    Args:
        store: the servers' settings, and who is anonymous.
        outgoing: the way to Discord.
        cache: knows the servers' languages.
    """

    def __init__(self, store: Store, outgoing: Outgoing, cache: hikari.api.Cache) -> None:
        self._store = store
        self._outgoing = outgoing
        self._cache = cache

    async def task_finished(self, session: Session) -> None:
        """Tell of a task whose answer the backend has; again within some minutes posts nothing."""
        if session.guild_id is None:
            return
        settings = await self._store.guilds.settings(session.guild_id)
        if settings.log_channel is None or not settings.log_tasks:
            return
        texts = self._texts(session.guild_id)
        who = await self._who(session.user_id, texts)
        line = finished_line(session, who, settings, texts)
        await self._post(session.guild_id, settings.log_channel, line, f"log-{session.code}")

    async def labelled(self, entry: OutboxEntry) -> None:
        """Tell of labels that the backend has; not of a report of a message, which is no label of it."""
        if entry.guild_id is None or TextLabels.model_validate_json(entry.payload).is_report:
            return
        settings = await self._store.guilds.settings(entry.guild_id)
        if settings.log_channel is None or not settings.log_labels:
            return
        texts = self._texts(entry.guild_id)
        who = await self._who(int(entry.user.id), texts)
        line = texts("log.labelled", who=who)
        await self._post(entry.guild_id, settings.log_channel, line, f"log-labels-{entry.id}")

    async def reported(self, form: ReportForm) -> None:
        """Tell where a message was reported: neither by whom, nor whose, nor why.

        Others may read the channel, and a report proves nothing; the moderators see the rest with /reports.
        Telling it again within some minutes posts nothing.
        """
        settings = await self._store.guilds.settings(form.guild_id)
        if settings.log_channel is None or not settings.log_reports:
            return
        link = message_link(form.guild_id, form.channel_id, form.message_id)
        line = self._texts(form.guild_id)("guild_report.log", link=link)
        await self._post(form.guild_id, settings.log_channel, line, f"rep-{form.message_id}")

    def _texts(self, guild_id: int) -> Texts:
        guild = self._cache.get_guild(guild_id)
        return texts_for(None if guild is None else str(guild.preferred_locale))

    async def _who(self, user_id: int, texts: Texts) -> str:
        is_anonymous = await self._store.people.is_anonymous(user_id)
        return texts("log.somebody") if is_anonymous else f"<@{user_id}>"

    async def _post(self, guild_id: int, channel_id: int, line: str, nonce: str) -> None:
        channel = self._cache.get_guild_channel(channel_id)
        # Of one that is not known (yet), Discord says whether it takes the line.
        if channel is not None and not (
            channel.guild_id == guild_id and channel.type in CHANNEL_TYPES[GuildSetting.log_channel]
        ):
            logger.warning("Channel {} is no text channel of guild {} any more", channel_id, guild_id)
            return
        try:
            await self._outgoing.post(channel_id, Panel(content=line), nonce)
        except hikari.HikariError as error:
            # What was done is done all the same; /settings shows what is amiss with the channel.
            logger.warning(
                "The log channel {} of guild {} takes no line: {}", channel_id, guild_id, type(error).__name__
            )


def message_link(guild_id: int, channel_id: int, message_id: int) -> str:
    """Return the address of a message on a server."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def finished_line(session: Session, who: str, settings: GuildSettings, texts: Texts) -> str:
    """Say who did what kind of task, and where, if that stays; never what they wrote.

    The thread of who is anonymous would tell who they are to those who may see it, so it is not named either.
    """
    what = texts(f"log.kind.{session.task.type}")
    stays = settings.finished_threads is not FinishedThreads.delete
    is_named = who == f"<@{session.user_id}>"
    if session.thread_id is None or not stays or not is_named:
        return texts("log.finished", who=who, what=what)
    return texts("log.finished_in_thread", who=who, what=what, thread=f"<#{session.thread_id}>")
