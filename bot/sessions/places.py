"""Where a task is shown: in which channel its thread opens, and why not in a thread, if so."""

from collections.abc import Iterator
from dataclasses import dataclass

import hikari

from bot.permissions import TO_SHOW_TASKS, missing, permissions_in
from bot.store.guilds import GuildSettings
from bot.store.sessions import Place

THE_PERSON_NEEDS = (hikari.Permissions.VIEW_CHANNEL, hikari.Permissions.READ_MESSAGE_HISTORY)


@dataclass(frozen=True)
class Destination:
    """Where to show a task; `reason` is the catalogue key of why it is not where people expect it."""

    place: Place
    channel_id: int
    reason: str | None = None


class Places:
    """Chooses destinations from what hikari's cache knows of the guild."""

    def __init__(self, cache: hikari.api.Cache) -> None:
        self._cache = cache

    def choose(
        self, interaction: hikari.CommandInteraction | hikari.ComponentInteraction, settings: GuildSettings
    ) -> Destination:
        """Choose the guild's task channel, else the channel the person is in, else no thread at all."""
        here = int(interaction.channel_id)
        if interaction.guild_id is None or interaction.member is None:
            return Destination(Place.ephemeral, here)
        wanted = settings.task_channel_id
        reason = None
        for channel_id in self._candidates(interaction, wanted):
            found = self._fault(interaction.member, interaction.guild_id, channel_id)
            if found is None:
                fell_back = wanted is not None and channel_id != wanted
                return Destination(Place.thread, channel_id, reason if fell_back else None)
            reason = reason or found
        return Destination(Place.ephemeral, here, reason)

    def _candidates(
        self, interaction: hikari.CommandInteraction | hikari.ComponentInteraction, wanted: int | None
    ) -> Iterator[int]:
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
        roles = self._cache.get_roles_view_for_guild(guild_id)

        def allowed(who: hikari.Member) -> hikari.Permissions:
            return permissions_in(
                channel, owner_id=guild.owner_id, member_id=who.id, role_ids=who.role_ids, roles=roles
            )

        if missing(allowed(member), THE_PERSON_NEEDS):
            return "place.person_cannot_see"
        if missing(allowed(myself), TO_SHOW_TASKS):
            return "place.bot_may_not"
        return None
