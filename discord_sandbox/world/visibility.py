"""Which channels the bot can see, and what the gateway tells of the others (page resources/channel)."""

from typing import TYPE_CHECKING

from discord_sandbox.intents import Intent
from discord_sandbox.world import payloads
from discord_sandbox.world.model import Channel, Guild, Json
from discord_sandbox.world.permissions import Permission

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

HIDDEN_NAME = "___hidden___"
"""What every channel is called that the bot cannot see."""

OBFUSCATED = 1 << 17
"""The flag of such a channel."""

_KEPT = frozenset({"id", "type", "guild_id", "position", "parent_id"})


def channel_for_bot(store: "Store", of: Channel) -> Json:
    """Describe a channel of a guild as the gateway gives it to the bot: obfuscated if it cannot see it."""
    described = payloads.channel(of)
    if store.can_see(store.bot.id, of):
        return described
    hidden = {key: value if key in _KEPT else _nothing(value) for key, value in described.items()}
    return {
        **hidden,
        "name": HIDDEN_NAME,
        "flags": OBFUSCATED,
        "permission_overwrites": [
            {"id": str(of.guild_id), "type": 0, "allow": "0", "deny": str(int(Permission.VIEW_CHANNEL))}
        ],
    }


def _nothing(value: object) -> object:
    """Give what stands for a value that is hidden: null, or nothing of its kind where null cannot be."""
    return type(value)() if isinstance(value, bool | int | list) else None


class Visibility:
    """Remembers what the bot was told of each channel, and tells it when it gains or loses sight of one.

    Args:
        store: Where the guilds are.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._told: dict[int, dict[int, bool]] = {}

    def note(self, channel: Channel) -> None:
        """Remember that the bot is told of a channel as it is now."""
        told = self._told.get(channel.guild_id or 0)
        if told is not None:
            told[channel.id] = self._sees(channel)

    def check(self) -> set[int]:
        """Tell the bot of every channel that it sees now and did not before, or the other way round.

        Returns:
            The ids of those channels.
        """
        changed: set[int] = set()
        for guild in self._store.guilds.values():
            if self._store.bot.id not in guild.members:
                self._told.pop(guild.id, None)
                continue
            known = self._told.get(guild.id)
            now = {one.id: self._sees(one) for one in guild.channels.values()}
            self._told[guild.id] = now
            if known is not None and known != now and not guild.unavailable:
                differing = [one for one, seen in now.items() if known.get(one, seen) is not seen]
                self._tell(guild, [guild.channels[one] for one in differing])
                changed.update(differing)
        return changed

    def _sees(self, channel: Channel) -> bool:
        return self._store.can_see(self._store.bot.id, channel)

    def _tell(self, guild: Guild, channels: list[Channel]) -> None:
        for channel in channels:
            self._store.emit_channel("CHANNEL_UPDATE", channel)
        if gained := [one for one in channels if self._sees(one)]:
            described = self._threads(guild, gained)
            self._store.emit("THREAD_LIST_SYNC", Intent.GUILDS, lambda: described, guild=guild)

    def _threads(self, guild: Guild, channels: list[Channel]) -> Json:
        """Describe the active threads of channels that the bot sees again, and in which of them it is."""
        bot = self._store.bot.id
        threads = [
            one
            for one in guild.threads.values()
            if one.parent in channels and not one.archived and self._sees(one)
        ]
        return {
            "guild_id": str(guild.id),
            "channel_ids": [str(one.id) for one in channels],
            "threads": [payloads.channel(one) for one in threads],
            "members": [
                payloads.thread_member(one, bot)
                for one in threads
                if one.thread is not None and bot in one.thread.members
            ],
        }
