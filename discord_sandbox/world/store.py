"""The one memory of the sandbox: REST answers, gateway events and what people see all come from here."""

import base64
import secrets
from collections.abc import Callable, Collection

from discord_sandbox import limits
from discord_sandbox.allowance import Allowance
from discord_sandbox.clock import Clock
from discord_sandbox.errors import refusal
from discord_sandbox.gateway import GatewayHub, GatewaySettings
from discord_sandbox.intents import Intent
from discord_sandbox.watching.feed import ChangeFeed
from discord_sandbox.watching.journal import Journal
from discord_sandbox.world import channels, payloads, permissions
from discord_sandbox.world.commands import CommandRegistry
from discord_sandbox.world.interaction import Interactions
from discord_sandbox.world.model import Application, Channel, ChannelType, Guild, Json, Member, Message, User
from discord_sandbox.world.nonces import Nonces
from discord_sandbox.world.permissions import Permission
from discord_sandbox.world.snowflake import Snowflakes
from discord_sandbox.world.visibility import Visibility, channel_for_bot


class Store:
    """Everything that exists, with the look-ups and the small changes that all parts share.

    Args:
        clock: The time.
        bot_name: What the bot's account is called.
        privileged_intents: The privileged intents that are switched on in the "portal", as bits.
        gateway: The numbers of the gateway.

    Attributes:
        token: The only token that is let in.
        authorization: The header that goes with it.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        bot_name: str,
        privileged_intents: int,
        gateway: GatewaySettings,
    ) -> None:
        self.clock = clock
        self.privileged_intents = privileged_intents
        self.snowflakes = Snowflakes(clock)
        self.feed = ChangeFeed()
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[int, Channel] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.nonces = Nonces(clock)
        self.base_url = ""
        self.journal = Journal(self)
        self.bot = self.add_user(bot_name, bot=True)
        self.owner = self.add_user("Olivia Owner")
        self.application = Application()
        self.token = self.authorization = ""
        self.change_token()
        self.dm_openings = Allowance(clock, limits.DM_OPENINGS, limits.DM_OPENINGS_SECONDS)
        self._permission_cache: dict[tuple[int, int], int] = {}
        self.visibility = Visibility(self)
        self.gateway = GatewayHub(self, gateway)
        self.commands = CommandRegistry(self.snowflakes, clock)
        self.interactions = Interactions(self)

    # -- time -----------------------------------------------------------------------------------------

    def now(self) -> str:
        """Give the time as Discord writes it."""
        return payloads.moment(self.clock())

    # -- look-ups -------------------------------------------------------------------------------------

    def channel(self, channel_id: int) -> Channel:
        """Give a channel, thread or direct message by id, or refuse with 10003."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise refusal(10003)
        return channel

    def message(self, channel: Channel, message_id: int) -> Message:
        """Give a message of a channel that is not ephemeral, or refuse with 10008."""
        message = channel.messages.get(message_id)
        if message is None or message.visible_to is not None:
            raise refusal(10008)
        return message

    def guild(self, guild_id: int) -> Guild:
        """Give a guild that the bot is in, or refuse with 10004 or 50001."""
        guild = self.guilds.get(guild_id)
        if guild is None:
            raise refusal(10004)
        if self.bot.id not in guild.members:
            raise refusal(50001)
        return guild

    def member(self, guild: Guild, user_id: int) -> Member:
        """Give a member by the user's id, or refuse with 10007."""
        member = guild.members.get(user_id)
        if member is None:
            raise refusal(10007)
        return member

    def guilds_of(self, user_id: int) -> list[Guild]:
        """Give the guilds that a user is in, oldest first."""
        return [guild for guild in self.guilds.values() if user_id in guild.members]

    # -- permissions ----------------------------------------------------------------------------------

    def permissions(self, user_id: int, channel: Channel) -> int:
        """Give the bits that a user has in a channel; 0 for those who are not there."""
        key = (user_id, channel.id)
        bits = self._permission_cache.get(key)
        if bits is None:
            guild = channel.guild
            if guild is None:
                there = user_id == self.bot.id or any(user.id == user_id for user in channel.recipients)
                bits = permissions.IN_DM if there else 0
            else:
                member = guild.members.get(user_id)
                now = self.clock()
                bits = permissions.in_channel(guild, member, channel, now) if member else 0
                if member is not None and permissions.timed_out(member, now):
                    return bits  # it is over without any change
            self._permission_cache[key] = bits
        return bits

    def forget_permissions(self) -> set[int]:
        """Compute all permissions anew: roles, members or overwrites changed.

        Returns:
            The ids of the channels that the bot sees now and did not before, or the other way round; it was
            told of each.
        """
        self._permission_cache.clear()
        told = self.visibility.check()
        self.feed.notify()
        return told

    def can_see(self, user_id: int, channel: Channel) -> bool:
        """Whether a user can see a channel.

        A private thread is seen only by who is in it or manages threads; a category also by who sees one of
        its channels (page resources/channel, obfuscated channels).
        """
        bits = self.permissions(user_id, channel)
        if not bits & Permission.VIEW_CHANNEL:
            return any(self.can_see(user_id, one) for one in channels.within(channel))
        if channel.thread is None or channel.type is not ChannelType.PRIVATE_THREAD:
            return True
        return user_id in channel.thread.members or bool(bits & Permission.MANAGE_THREADS)

    def require(self, user_id: int, channel: Channel, needed: int) -> None:
        """Refuse with 50001 who cannot see the channel, and with 50013 who lacks a needed bit."""
        if not self.can_see(user_id, channel):
            raise refusal(50001)
        if needed & ~self.permissions(user_id, channel):
            raise refusal(50013)

    def audience(self, message: Message) -> Collection[int] | None:
        """Give who sees a message, as far as that narrows who must look again; None is everybody."""
        if message.visible_to is not None:
            return (message.visible_to,)
        return self.watchers(message.channel)

    def watchers(self, channel: Channel) -> Collection[int] | None:
        """Give who is most concerned by a channel: its members if it is private, else everybody (None)."""
        if channel.type is ChannelType.PRIVATE_THREAD and channel.thread is not None:
            return channel.thread.members
        if channel.guild_id is None:
            return [user.id for user in channel.recipients]
        return None

    # -- changes --------------------------------------------------------------------------------------

    def add_user(self, name: str, *, bot: bool = False) -> User:
        """Make an account."""
        user_id = self.snowflakes.next()
        user = User(user_id, name, bot, payloads.user(user_id, name, bot=bot))
        self.users[user_id] = user
        return user

    def change_token(self) -> None:
        """Give the bot a new token; the old one is worth nothing any more."""
        bot_id = base64.urlsafe_b64encode(str(self.bot.id).encode()).decode().rstrip("=")
        self.token = f"{bot_id}.sandbox.{secrets.token_urlsafe(24)}"
        self.authorization = f"Bot {self.token}"

    def emit(
        self,
        name: str,
        intent: Intent,
        payload: Callable[[], Json],
        channel: Channel | None = None,
        guild: Guild | None = None,
        *,
        direct: bool = False,
        without_content: Callable[[Json], Json] | None = None,
    ) -> None:
        """Send an event to the bot, if it asked for such events and can see where it happens.

        Args:
            name: The event's name, such as `MESSAGE_CREATE`.
            intent: The intent that a session must have.
            payload: Makes the event's data; called only if somebody wants them.
            channel: Where it happens; an event in a channel that the bot cannot see is not sent.
            guild: The guild it belongs to, if there is no channel.
            direct: Whether it concerns only the bot and one person, as ephemeral messages do: it is sent
                whatever the bot can see, and belongs to no guild.
            without_content: Empties the data for sessions without the intent for message content.
        """
        if not self.gateway.wants(intent):
            return
        guild = None if direct else guild if channel is None else channel.guild
        if guild is not None and (guild.unavailable or self.bot.id not in guild.members):
            return
        if channel is not None and not direct and not self.can_see(self.bot.id, channel):
            return
        guild_id = None if guild is None else guild.id
        self.gateway.dispatch(name, intent, payload(), guild_id, without_content=without_content)

    def emit_channel(self, name: str, channel: Channel) -> None:
        """Send an event of a guild's channel, obfuscated if the bot cannot see it."""
        self.visibility.note(channel)
        self.emit(name, Intent.GUILDS, lambda: channel_for_bot(self, channel), guild=channel.guild)

    def open_dm(self, user: User) -> Channel:
        """Give the direct message channel between the bot and a user; it is made the first time."""
        channel = self.dms.get(user.id)
        if channel is None:
            channel = Channel(self.snowflakes.next(), ChannelType.DM, user.name, None, recipients=[user])
            self.dms[user.id] = channel
            self.channels[channel.id] = channel
            self.feed.notify((user.id,))
        return channel
