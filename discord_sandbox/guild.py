"""The guild as a test or a demo sets it up: channels, roles and members."""

from collections.abc import Iterable, Iterator

from discord_sandbox.actor import Actor
from discord_sandbox.model import Channel, Overwrite, Role
from discord_sandbox.store import Store


class SandboxGuild:
    """The one guild of a sandbox.

    Attributes:
        owner: The person who owns it and may do everything.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.owner = Actor(store, store.owner, "en-US")
        self._actors: dict[str, Actor] = {self.owner.name: self.owner}

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._actors.values())

    @property
    def id(self) -> int:
        """The guild's id."""
        return self._store.guild.id

    @property
    def name(self) -> str:
        """The guild's name."""
        return self._store.guild.name

    @property
    def everyone(self) -> Role:
        """The role that everybody has."""
        return self._store.guild.roles[self.id]

    @property
    def bot_role(self) -> Role:
        """The bot's own role."""
        return self._store.bot_role

    @property
    def channels(self) -> list[Channel]:
        """All text channels."""
        return list(self._store.guild.channels.values())

    @property
    def members(self) -> list[Actor]:
        """All people who are in the guild now, the owner first."""
        return [one for one in self._actors.values() if one.id in self._store.guild.members]

    def channel(self, name: str) -> Channel:
        """Give a text channel by name.

        Raises:
            KeyError: There is none of this name.
        """
        for one in self._store.guild.channels.values():
            if one.name == name:
                return one
        raise KeyError(name)

    def member(self, name: str) -> Actor:
        """Give a person by name.

        Raises:
            KeyError: There is nobody of this name.
        """
        return self._actors[name]

    def create_channel(self, name: str, topic: str | None = None) -> Channel:
        """Make a text channel."""
        return self._store.create_text_channel(name, topic)

    def create_role(
        self, name: str, permissions: int = 0, *, mentionable: bool = False, position: int = 1
    ) -> Role:
        """Make a role.

        Args:
            name: What it is called.
            permissions: The bits that it grants.
            mentionable: Whether everybody may ping it.
            position: Its place; the bot manages roles below its own, which stands at 1.
        """
        role = Role(self._store.snowflakes.next(), name, int(permissions), position, mentionable=mentionable)
        self._store.add_role(role)
        return role

    def delete_role(self, role: Role) -> None:
        """Delete a role; everybody loses it."""
        self._store.remove_role(role)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with its threads, or a thread."""
        self._store.delete_channel(channel)

    def set_permissions(self, role: Role, permissions: int) -> None:
        """Change what a role grants."""
        role.permissions = int(permissions)
        self._store.role_changed(role)

    def overwrite(self, channel: Channel, target: Role | Actor, *, allow: int = 0, deny: int = 0) -> None:
        """Set what a channel grants to or takes from a role or a person."""
        kind = 0 if isinstance(target, Role) else 1
        channel.overwrites[target.id] = Overwrite(target.id, kind, int(allow), int(deny))
        self._store.forget_permissions()
        self._store.channel_changed(channel)

    def add_member(
        self,
        name: str,
        permissions: int | None = None,
        locale: str = "en-US",
        roles: Iterable[Role] = (),
    ) -> Actor:
        """Let a person join.

        Args:
            name: What they are called; nobody else may have the name.
            permissions: Bits that they have besides those of everybody, through a role of their own.
            locale: The language of their client.
            roles: The roles that they hold.

        Raises:
            ValueError: Somebody has this name.
        """
        if name in self._actors:
            raise ValueError(f"there is already somebody called {name!r}")
        held = [role.id for role in roles]
        if permissions is not None:
            held.append(self.create_role(f"{name}'s role", permissions).id)
        actor = Actor(self._store, self._store.add_user(name), locale)
        self._store.add_member(actor.user, held)
        self._actors[name] = actor
        return actor

    def give_role(self, actor: Actor, role: Role) -> None:
        """Give a person a role."""
        member = self._store.member(actor.id)
        if role.id not in member.roles:
            member.roles.append(role.id)
            self._store.member_changed(member)

    def take_role(self, actor: Actor, role: Role) -> None:
        """Take a role from a person."""
        member = self._store.member(actor.id)
        if role.id in member.roles:
            member.roles.remove(role.id)
            self._store.member_changed(member)
