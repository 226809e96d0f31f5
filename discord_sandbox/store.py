"""The one memory of the sandbox: REST answers, gateway events and what people see all come from here."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from discord_sandbox import payloads, permissions
from discord_sandbox.commands import CommandRegistry
from discord_sandbox.errors import refusal
from discord_sandbox.feed import ChangeFeed
from discord_sandbox.gateway import GatewayHub
from discord_sandbox.intents import Intent
from discord_sandbox.interaction import Interactions
from discord_sandbox.model import Channel, ChannelType, Guild, Json, Member, Message, Role, User
from discord_sandbox.permissions import Permission
from discord_sandbox.snowflake import Snowflakes


class Store:
    """Everything that exists, with the look-ups and the small changes that all parts share.

    Args:
        clock: Gives the time as Unix seconds.
        guild_name: What the one guild is called.
        bot_name: What the bot's account is called.
        bot_permissions: The bits of the bot's own role.
        privileged_intents: The privileged intents that are switched on in the "portal", as bits.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        guild_name: str,
        bot_name: str,
        bot_permissions: int,
        privileged_intents: int,
    ) -> None:
        self.clock = clock
        self.privileged_intents = privileged_intents
        self.snowflakes = Snowflakes(clock)
        self.feed = ChangeFeed()
        self.users: dict[int, User] = {}
        self.channels: dict[int, Channel] = {}
        self.dms: dict[int, Channel] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.nonces: dict[tuple[int, int, str], tuple[float, Message]] = {}
        self.base_url = ""
        self.bot = self.add_user(bot_name, bot=True)
        self._permission_cache: dict[tuple[int, int], int] = {}
        self.owner = self.add_user("Olivia Owner")
        guild_id = self.snowflakes.next()
        self.guild = Guild(guild_id, guild_name, self.owner.id, self.now())
        self.guild.roles[guild_id] = Role(guild_id, "@everyone", permissions.EVERYONE, position=0)
        self.bot_role = Role(self.snowflakes.next(), bot_name, bot_permissions, managed=True)
        self.guild.roles[self.bot_role.id] = self.bot_role
        self.guild.members[self.owner.id] = Member(self.owner, self.now())
        self.guild.members[self.bot.id] = Member(self.bot, self.now(), [self.bot_role.id])
        self.gateway = GatewayHub(self)
        self.commands = CommandRegistry(self.snowflakes)
        self.interactions = Interactions(self)

    # -- time -----------------------------------------------------------------------------------------

    def now(self) -> str:
        """Give the time as Discord writes it."""
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="microseconds")

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

    def member(self, user_id: int) -> Member:
        """Give a member by the user's id, or refuse with 10007."""
        member = self.guild.members.get(user_id)
        if member is None:
            raise refusal(10007)
        return member

    # -- permissions ----------------------------------------------------------------------------------

    def permissions(self, user_id: int, channel: Channel) -> int:
        """Give the bits that a user has in a channel; 0 for those who are not there."""
        key = (user_id, channel.id)
        bits = self._permission_cache.get(key)
        if bits is None:
            if channel.guild_id is None:
                there = user_id == self.bot.id or any(user.id == user_id for user in channel.recipients)
                bits = permissions.IN_DM if there else 0
            else:
                member = self.guild.members.get(user_id)
                bits = permissions.in_channel(self.guild, member, channel) if member else 0
            self._permission_cache[key] = bits
        return bits

    def forget_permissions(self) -> None:
        """Compute all permissions anew: roles, members or overwrites changed."""
        self._permission_cache.clear()
        self.feed.notify()

    def can_see(self, user_id: int, channel: Channel) -> bool:
        """Whether a user can see a channel; a private thread only by being in it or by managing threads."""
        bits = self.permissions(user_id, channel)
        if not bits & Permission.VIEW_CHANNEL:
            return False
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

    def emit(
        self, name: str, intent: Intent, payload: Callable[[], Json], channel: Channel | None = None
    ) -> None:
        """Send an event to the bot, if it asked for such events and can see the channel."""
        if not self.gateway.wants(intent):
            return
        if channel is not None and not self.can_see(self.bot.id, channel):
            return
        self.gateway.dispatch(name, intent, payload(), None if channel is None else channel.guild_id)

    def open_dm(self, user: User) -> Channel:
        """Give the direct message channel between the bot and a user; it is made the first time."""
        channel = self.dms.get(user.id)
        if channel is None:
            channel = Channel(self.snowflakes.next(), ChannelType.DM, user.name, None, recipients=[user])
            self.dms[user.id] = channel
            self.channels[channel.id] = channel
            self.emit("CHANNEL_CREATE", Intent.DIRECT_MESSAGES, lambda: payloads.channel(channel), channel)
            self.feed.notify((user.id,))
        return channel

    def create_text_channel(self, name: str, topic: str | None = None) -> Channel:
        """Make a text channel in the guild."""
        position = len(self.guild.channels)
        channel = Channel(self.snowflakes.next(), ChannelType.TEXT, name, self.guild.id, position, topic)
        self.guild.channels[channel.id] = channel
        self.channels[channel.id] = channel
        self.emit("CHANNEL_CREATE", Intent.GUILDS, lambda: payloads.channel(channel), channel)
        self.feed.notify()
        return channel

    def channel_changed(self, channel: Channel) -> None:
        """Tell the bot and everybody that a channel or thread is not as it was."""
        name = "CHANNEL_UPDATE" if channel.thread is None else "THREAD_UPDATE"
        self.emit(name, Intent.GUILDS, lambda: payloads.channel(channel), channel)
        self.feed.notify()

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel or thread with all its messages, and a channel's threads with it."""
        for thread in [thread for thread in self.guild.threads.values() if thread.parent is channel]:
            self.delete_channel(thread)
        if channel.thread is None:
            self.emit("CHANNEL_DELETE", Intent.GUILDS, lambda: payloads.channel(channel), channel)
        else:
            self.emit("THREAD_DELETE", Intent.GUILDS, lambda: payloads.deleted_thread(channel), channel)
        self.channels.pop(channel.id, None)
        self.guild.channels.pop(channel.id, None)
        self.guild.threads.pop(channel.id, None)
        for message in channel.messages.values():
            message.deleted = True
        channel.messages.clear()
        channel.log.clear()
        channel.removals += 1
        channel.deleted = True
        self.feed.notify()

    def add_member(self, user: User, roles: list[int]) -> Member:
        """Let a user join the guild."""
        member = Member(user, self.now(), roles)
        self.guild.members[user.id] = member
        guild_id = str(self.guild.id)
        self.emit(
            "GUILD_MEMBER_ADD",
            Intent.GUILD_MEMBERS,
            lambda: {**payloads.member(member), "guild_id": guild_id},
        )
        self.forget_permissions()
        return member

    def remove_member(self, user: User) -> None:
        """Let a user leave the guild, and with it all its threads."""
        self.guild.members.pop(user.id, None)
        for thread in self.guild.threads.values():
            if thread.thread is not None:
                thread.thread.members.pop(user.id, None)
        self.emit(
            "GUILD_MEMBER_REMOVE",
            Intent.GUILD_MEMBERS,
            lambda: {"guild_id": str(self.guild.id), "user": user.payload},
        )
        self.forget_permissions()

    def member_changed(self, member: Member) -> None:
        """Tell the bot and everybody that a member's roles or name are not as they were."""
        intent = Intent.GUILDS if member.user is self.bot else Intent.GUILD_MEMBERS
        guild_id = str(self.guild.id)
        self.emit("GUILD_MEMBER_UPDATE", intent, lambda: {**payloads.member(member), "guild_id": guild_id})
        self.forget_permissions()

    def add_role(self, role: Role) -> None:
        """Put a role into the guild."""
        self.guild.roles[role.id] = role
        self._role_event("GUILD_ROLE_CREATE", role)

    def role_changed(self, role: Role) -> None:
        """Tell the bot and everybody that a role is not as it was."""
        self._role_event("GUILD_ROLE_UPDATE", role)

    def remove_role(self, role: Role) -> None:
        """Take a role out of the guild and away from everybody who has it."""
        self.guild.roles.pop(role.id, None)
        for member in self.guild.members.values():
            if role.id in member.roles:
                member.roles.remove(role.id)
        guild_id = str(self.guild.id)
        self.emit("GUILD_ROLE_DELETE", Intent.GUILDS, lambda: {"guild_id": guild_id, "role_id": str(role.id)})
        self.forget_permissions()

    def _role_event(self, name: str, role: Role) -> None:
        guild_id = str(self.guild.id)
        self.emit(name, Intent.GUILDS, lambda: {"guild_id": guild_id, "role": payloads.role(role)})
        self.forget_permissions()
