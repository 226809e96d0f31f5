"""A guild as a test or a demo sets it up: channels, roles, members, and the bot in it."""

from collections.abc import Iterable, Iterator

from discord_sandbox import given, limits
from discord_sandbox.errors import NotPermitted
from discord_sandbox.people.actor import Actor
from discord_sandbox.world import channels, guilds, members, overwrites, roles
from discord_sandbox.world.command_permissions import Target, set_permission
from discord_sandbox.world.commands import Command
from discord_sandbox.world.model import AuditEntry, Channel, ChannelType, Guild, Overwrite, Role
from discord_sandbox.world.store import Store


class SandboxGuild:
    """One guild of a sandbox.

    Attributes:
        guild: The guild itself.
        owner: The person who owns it and may do everything.
    """

    def __init__(self, store: Store, guild: Guild, people: dict[str, Actor]) -> None:
        self._store = store
        self._people = people
        self.guild = guild
        self.owner = next(one for one in people.values() if one.id == guild.owner_id)

    def __iter__(self) -> Iterator[Actor]:
        return iter(self.members)

    @property
    def id(self) -> int:
        """The guild's id."""
        return self.guild.id

    @property
    def name(self) -> str:
        """The guild's name."""
        return self.guild.name

    @property
    def everyone(self) -> Role:
        """The role that everybody has."""
        return self.guild.roles[self.id]

    @property
    def bot_role(self) -> Role:
        """The bot's own role."""
        return self.guild.bot_role

    @property
    def audit_log(self) -> list[AuditEntry]:
        """What the bot did to the guild, its roles and members, oldest first, with its reason."""
        return self.guild.audit_log

    @property
    def channels(self) -> list[Channel]:
        """All channels, categories and forums too; threads are not among them."""
        return list(self.guild.channels.values())

    @property
    def members(self) -> list[Actor]:
        """All people who are in the guild now, the owner first."""
        return [one for one in self._people.values() if one.id in self.guild.members]

    def channel(self, name: str) -> Channel:
        """Give a channel, forum or category by name.

        Raises:
            KeyError: There is none of this name; the error says which there are.
        """
        for one in self.guild.channels.values():
            if one.name == name:
                return one
        raise KeyError(f"there is no channel {name!r}; there are {[one.name for one in self.channels]}")

    def member(self, name: str) -> Actor:
        """Give a person by name, also one who has left.

        Raises:
            KeyError: There is nobody of this name; the error says who there is.
        """
        if name not in self._people:
            raise KeyError(f"there is nobody called {name!r}; there are {list(self._people)}")
        return self._people[name]

    def rename(self, name: str) -> None:
        """Give the guild another name, of 2 to 100 characters."""
        guilds.change(self._store, self.guild, name=given.name(name, "a guild", limits.GUILD_NAME))

    def set_locale(self, locale: str) -> None:
        """Give the guild another preferred language."""
        guilds.change(self._store, self.guild, preferred_locale=given.locale(locale))

    def create_channel(
        self,
        name: str,
        topic: str | None = None,
        *,
        kind: ChannelType = ChannelType.TEXT,
        parent: Channel | None = None,
    ) -> Channel:
        """Make a channel.

        Args:
            name: What it is called.
            topic: What it is about.
            kind: Text, announcement or forum channel, or category.
            parent: The category that it goes into; its overwrites then are the category's.

        Raises:
            ValueError: The name has not 1 to 100 characters.
        """
        given.name(name, "a channel", (1, limits.CHANNEL_NAME))
        return channels.create(self._store, self.guild, name, kind, {"topic": topic, "parent": parent})

    def create_role(
        self, name: str, permissions: int = 0, *, mentionable: bool = False, position: int = 1
    ) -> Role:
        """Make a role.

        Args:
            name: What it is called.
            permissions: The bits that it grants.
            mentionable: Whether everybody may ping it.
            position: Its place; the bot manages roles below its own, which stands at 1. Of two at one
                position, the older one stands higher.

        Raises:
            ValueError: The name has not 1 to 100 characters, a bit is no permission, or the position is
                negative.
        """
        given.name(name, "a role", (1, limits.ROLE_NAME))
        if position < 0:
            raise ValueError(f"a role's position is 0 or higher, not {position}")
        bits = given.permissions(permissions)
        role = Role(self._store.snowflakes.next(), name, bits, position, mentionable=mentionable)
        roles.add(self._store, self.guild, role)
        return role

    def delete_role(self, role: Role) -> None:
        """Delete a role; everybody loses it."""
        roles.remove(self._store, self.guild, role)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or a thread."""
        channels.delete(self._store, channel)

    def set_permissions(self, role: Role, permissions: int) -> None:
        """Change what a role grants."""
        role.permissions = given.permissions(permissions)
        roles.changed(self._store, self.guild, role)

    def overwrite(self, channel: Channel, target: Role | Actor, *, allow: int = 0, deny: int = 0) -> None:
        """Set what a channel grants to or takes from a role or a person."""
        kind = 0 if isinstance(target, Role) else 1
        overwrites.put(
            self._store, channel, Overwrite(target.id, kind, *map(given.permissions, (allow, deny)))
        )

    def add_member(
        self,
        name: str,
        permissions: int | None = None,
        locale: str = "en-US",
        roles: Iterable[Role] = (),
    ) -> Actor:
        """Let a new person join.

        Args:
            name: What they are called; nobody else in the sandbox may have the name.
            permissions: Bits that they have besides those of everybody, through a role of their own.
            locale: The language of their client.
            roles: The roles that they hold.

        Raises:
            ValueError: Somebody has this name, it has not 1 to 32 characters, a bit is no permission, or
                Discord has no such language.
        """
        if name in self._people:
            raise ValueError(f"there is already somebody called {name!r}")
        given.name(name, "a person", (1, limits.NICKNAME))
        given.permissions(permissions or 0)
        actor = Actor(self._store, self._store.add_user(name), given.locale(locale))
        self._people[name] = actor
        self.join(actor, permissions, roles)
        return actor

    def join(self, actor: Actor, permissions: int | None = None, roles: Iterable[Role] = ()) -> None:
        """Let somebody join who is in the sandbox already: from another guild, or back again.

        Args:
            actor: Who joins.
            permissions: Bits that they have besides those of everybody, through a role of their own.
            roles: The roles that they hold.

        Raises:
            NotPermitted: They are banned.
        """
        if actor.id in self.guild.bans:
            raise NotPermitted(f"{actor.name} is banned from {self.name!r}.")
        held = [role.id for role in roles]
        if permissions is not None:
            held.append(self.create_role(f"{actor.name}'s role", permissions).id)
        members.add(self._store, self.guild, actor.user, held)

    def give_role(self, actor: Actor, role: Role) -> None:
        """Give a person a role."""
        member = self._store.member(self.guild, actor.id)
        if role.id not in member.roles:
            member.roles.append(role.id)
            members.changed(self._store, self.guild, member)

    def take_role(self, actor: Actor, role: Role) -> None:
        """Take a role from a person."""
        member = self._store.member(self.guild, actor.id)
        if role.id in member.roles:
            member.roles.remove(role.id)
            members.changed(self._store, self.guild, member)

    def time_out(self, actor: Actor, seconds: float) -> None:
        """Let a person do nothing but read for so many seconds; 0 ends it."""
        member = self._store.member(self.guild, actor.id)
        until = self._store.clock() + seconds if seconds else None
        members.time_out(self._store, self.guild, member, until)

    def kick(self, actor: Actor) -> None:
        """Put a person out; they may join again."""
        members.remove(self._store, self.guild, actor.user)

    def ban(self, actor: Actor, reason: str | None = None) -> None:
        """Put a person out for good."""
        members.ban(self._store, self.guild, actor.user, reason)

    def unban(self, actor: Actor) -> None:
        """Let a person join again who was banned."""
        members.unban(self._store, self.guild, actor.user)

    def set_command_permission(
        self, command: Command | None, target: Role | Actor | Channel | None, *, allow: bool | None
    ) -> None:
        """Set who may use a command here, or where, as a manager does in the server's settings.

        Args:
            command: One of `actor.commands()`; None for all commands that have nothing of their own.
            target: A role, a person or a channel; None is all channels.
            allow: Whether they may; None takes back what is set.

        Raises:
            ValueError: There are 100 for this command already.
        """
        kind = Target.CHANNEL
        if isinstance(target, Role | Actor):
            kind = Target.ROLE if isinstance(target, Role) else Target.USER
        key = kind, self.id - 1 if target is None else target.id
        set_permission(self._store, self.guild, command, key, allow=allow)

    # -- the bot here ---------------------------------------------------------------------------------

    def let_bot_in(self) -> None:
        """Let the bot join, as when somebody invites it."""
        guilds.let_bot_in(self._store, self.guild)

    def remove_bot(self) -> None:
        """Take the bot out, as when somebody kicks it."""
        guilds.remove_bot(self._store, self.guild)

    def begin_outage(self) -> None:
        """Make the guild unavailable to the bot, as in an outage of Discord's."""
        guilds.set_outage(self._store, self.guild, unavailable=True)

    def end_outage(self) -> None:
        """Make the guild available to the bot again."""
        guilds.set_outage(self._store, self.guild, unavailable=False)
