"""Where a task is shown: in which channel its thread opens, and why not in a thread, if so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import hikari

from bot.guild_settings import GuildSettings, TaskDisplay
from bot.permissions import TO_SHOW_TASKS, missing, permissions_in
from bot.sessions.posting import Origin
from bot.store.sessions import Place

THE_PERSON_NEEDS = (hikari.Permissions.VIEW_CHANNEL, hikari.Permissions.READ_MESSAGE_HISTORY)


@dataclass(frozen=True)
class Destination:
    """Where to show a task.

    Attributes:
        place: in what kind of message.
        channel_id: the channel of it, or of its thread. That of direct messages is found, or opened, when
            something is posted there.
        guild_id: the server that the task counts for there. In direct messages it counts for none, unless it
            was asked for on a server that shows its tasks there.
        reason: the catalogue key of why it is not where people expect it.
    """

    place: Place
    channel_id: int
    guild_id: int | None
    reason: str | None = None


class Places:
    """Chooses destinations from what hikari's cache knows of the guild."""

    def __init__(self, cache: hikari.api.Cache) -> None:
        self._cache = cache

    def choose(self, interaction: Origin, settings: GuildSettings, *, direct: bool) -> Destination:
        """Choose the guild's task channel, else the channel the person is in, else no thread at all.

        Where the guild shows tasks otherwise, there is no thread either.

        Args:
            interaction: where the person is now.
            settings: of that guild.
            direct: whether the person wants direct messages where they cannot have a thread.
        """
        here = int(interaction.channel_id)
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        without_thread = Destination(Place.ephemeral, here, guild_id)
        if direct:
            without_thread = Destination(Place.direct, here, None)
        if interaction.guild_id is None or interaction.member is None:
            # Who asks in the bot's own direct messages has chosen them for this task.
            in_ours = interaction.context is hikari.ApplicationContextType.BOT_DM
            return Destination(Place.direct, here, None) if in_ours else without_thread
        match settings.task_display:
            case TaskDisplay.ephemeral:
                return without_thread
            case TaskDisplay.direct:
                return Destination(Place.direct, here, guild_id)
        wanted = settings.task_channel
        reason = None
        for channel_id in self._candidates(interaction, wanted):
            found = self._fault(interaction.member, interaction.guild_id, channel_id)
            if found is None:
                fell_back = wanted is not None and channel_id != wanted
                return Destination(Place.thread, channel_id, guild_id, reason if fell_back else None)
            reason = reason or found
        return replace(without_thread, reason=reason)

    def may_enter(self, member: hikari.Member, channel_id: int) -> bool:
        """Whether a member can use a thread of a channel: nobody can who is timed out, or cannot see it."""
        guild = self._cache.get_guild(member.guild_id)
        channel = self._cache.get_guild_channel(channel_id)
        if member.communication_disabled_until() is not None:
            return False
        if guild is None or channel is None:
            # Discord itself says so when the thread is opened.
            return True
        return not missing(self._allowed(member, guild, channel), THE_PERSON_NEEDS)

    def _candidates(self, interaction: Origin, wanted: int | None) -> Iterator[int]:
        if wanted is not None:
            yield wanted
        here = int(interaction.channel_id)
        thread = self._cache.get_thread(here)
        parent = thread.parent_id if thread is not None else getattr(interaction.channel, "parent_id", None)
        is_thread = interaction.channel.type in {
            hikari.ChannelType.GUILD_PRIVATE_THREAD,
            hikari.ChannelType.GUILD_PUBLIC_THREAD,
            hikari.ChannelType.GUILD_NEWS_THREAD,
        }
        nearest = int(parent) if is_thread and parent else here
        if nearest != wanted:
            yield nearest

    def _fault(self, member: hikari.Member, guild_id: hikari.Snowflake, channel_id: int) -> str | None:
        """Say why no private thread can be opened there for a person; None where one can."""
        guild = self._cache.get_guild(guild_id)
        channel = self._cache.get_guild_channel(channel_id)
        me = self._cache.get_me()
        myself = self._cache.get_member(guild_id, me.id) if me is not None else None
        if guild is None or channel is None or myself is None:
            return "place.unknown_channel"
        if channel.type is not hikari.ChannelType.GUILD_TEXT:
            return "place.no_private_threads"
        if missing(self._allowed(member, guild, channel), THE_PERSON_NEEDS):
            return "place.person_cannot_see"
        lacking = missing(self._allowed(myself, guild, channel), TO_SHOW_TASKS)
        if lacking == (hikari.Permissions.MANAGE_THREADS,):
            return "place.bot_may_not_manage"
        return "place.bot_may_not" if lacking else None

    def _allowed(
        self, member: hikari.Member, guild: hikari.GatewayGuild, channel: hikari.PermissibleGuildChannel
    ) -> hikari.Permissions:
        return permissions_in(
            channel,
            owner_id=guild.owner_id,
            member_id=member.id,
            role_ids=member.role_ids,
            roles=self._cache.get_roles_view_for_guild(guild.id),
        )
