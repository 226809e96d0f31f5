"""Finds guilds, people, roles, channels and messages by what people call them."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, TypeVar

from pydantic import Discriminator, StrictBool, StrictFloat, StrictInt, StrictStr, Tag

from discord_sandbox.control.sought import MessageRef
from discord_sandbox.guild import SandboxGuild
from discord_sandbox.loopback.exchange import Body, Short
from discord_sandbox.loopback.refusals import Refused
from discord_sandbox.people.actor import Actor
from discord_sandbox.people.options import HasId, OptionValue
from discord_sandbox.people.views import MessageView
from discord_sandbox.sandbox import Sandbox
from discord_sandbox.world.model import Channel, Role

DIRECT = "@me"
"""How the direct messages with the bot are called, as in Discord's own addresses."""

Named = TypeVar("Named", SandboxGuild, Actor, Role, Channel)


class PersonRef(Body):
    """A person."""

    person: Short


class RoleRef(Body):
    """A role of the guild."""

    role: Short


class ChannelRef(Body):
    """A channel or thread of the guild."""

    channel: Short


def _kind_of_option(given: object) -> str | None:
    if isinstance(given, dict):
        return next((kind for kind in ("person", "role", "channel") if given.keys() == {kind}), None)
    return "plain" if isinstance(given, str | bool | int | float) else None


Option = Annotated[
    Annotated[StrictStr | StrictBool | StrictInt | StrictFloat, Tag("plain")]
    | Annotated[PersonRef, Tag("person")]
    | Annotated[RoleRef, Tag("role")]
    | Annotated[ChannelRef, Tag("channel")],
    Discriminator(
        _kind_of_option,
        custom_error_type="option",
        custom_error_message='an option is a text, a number, true or false, {"person": name}, {"role": name} '
        'or {"channel": name}',
    ),
]
"""What an option of a command may be given."""


class Somewhere(Body):
    """A channel, thread or the direct messages (`@me`) as a person sees them; where is left out, anywhere."""

    channel: Short | None = None
    guild: Short | None = None


class Names:
    """Looks things up in a sandbox.

    Where two things have the same name, the id tells them apart: every look-up takes it instead of the name.

    Args:
        sandbox: Where to look.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def guild(self, name: str) -> SandboxGuild:
        """Give a guild.

        Raises:
            Refused: There is none of this name, or several.
        """
        return _one("guild", name, self._sandbox.guilds)

    def person(self, name: str) -> Actor:
        """Give a person, also one who has left.

        Raises:
            Refused: There is nobody of this name.
        """
        return _one("person", name, self._sandbox.people)

    def account(self, name: str) -> HasId:
        """Give a person or the bot.

        Raises:
            Refused: There is nobody of this name.
        """
        bot = self._sandbox.store.bot
        return bot if name == bot.name else self.person(name)

    def role(self, guild: SandboxGuild, name: str) -> Role:
        """Give a role of a guild.

        Raises:
            Refused: There is none of this name, or several.
        """
        return _one("role", name, list(guild.guild.roles.values()))

    def channel(self, guild: SandboxGuild, name: str) -> Channel:
        """Give a channel or thread of a guild, whoever can see it.

        Raises:
            Refused: There is none of this name, or several.
        """
        there = [*guild.guild.channels.values(), *guild.guild.threads.values()]
        return _one("channel", name, there)

    def option(self, given: Option, where: Channel) -> OptionValue:
        """Give what an option of a command means.

        Args:
            given: A plain value, or a person, role or channel by name.
            where: Where the command is typed; in direct messages, roles and channels are the first guild's.

        Raises:
            Refused: There is nothing of this name.
        """
        if isinstance(given, PersonRef):
            return self.account(given.person)
        if not isinstance(given, Body):
            return given
        guilds = self._sandbox.guilds
        guild = next((one for one in guilds if one.guild is where.guild), guilds[0])
        return (
            self.role(guild, given.role) if isinstance(given, RoleRef) else self.channel(guild, given.channel)
        )

    # -- as a person sees it --------------------------------------------------------------------------

    def places(self, person: Actor, where: Somewhere) -> list[Channel]:
        """Give the channels and threads that a person sees and `where` may mean, archived threads too.

        Raises:
            Refused: There is no such guild.
        """
        seen = person.channels() + person.threads(archived=True)
        if where.channel == DIRECT:
            return [one for one in seen if one.guild is None]
        if where.guild is not None:
            guild = self.guild(where.guild).guild
            seen = [one for one in seen if one.guild is guild]
        if where.channel is None:
            return seen
        named = [one for one in seen if one.guild is not None and one.name == where.channel]
        named = named or [one for one in seen if str(one.id) == where.channel]
        return [one for one in named if not one.archived] or named

    def place(self, person: Actor, where: Somewhere) -> Channel:
        """Give the channel that `where` means; the first one that they see, if it does not say.

        Raises:
            Refused: It means several, or there is no such guild.
            NotVisible: They see none of this name.
        """
        if where.channel == DIRECT:
            return person.dm or person.open_dm()
        found = self.places(person, where)
        if where.channel is None:
            found = [one for one in found if one.takes_messages and one.thread is None]
        if not found:
            raise person.not_visible(f"no channel {where.channel or ''}".rstrip())
        if where.channel is not None and len(found) > 1:
            raise _ambiguous("channel", where.channel, [one.id for one in found])
        return found[0]

    def message(
        self, person: Actor, sought: MessageRef | None, where: Somewhere, **hints: str | None
    ) -> MessageView:
        """Give the newest message that fits, of those that a person sees.

        Args:
            person: Who looks.
            sought: What is looked for; None if the hints say enough.
            where: Where they look.
            **hints: What the message must have besides, such as a `button`, if it is not sought by more.

        Raises:
            NotVisible: They see none that fits.
            Refused: There is no such guild.
        """
        wanted = MessageRef(**hints) if sought is None else sought
        found = self.newest(person, wanted, where)
        if found is None:
            raise person.not_visible(f"no message {wanted}")
        return found

    def newest(self, person: Actor, wanted: MessageRef, where: Somewhere) -> MessageView | None:
        """Give the newest message that fits, of those that a person sees; None if there is none."""
        fitting = [
            one for place in self.places(person, where) for one in person.messages(place) if wanted.fits(one)
        ]
        return max(fitting, key=lambda one: (wanted.fits_exactly(one), one.id), default=None)


def _one(kind: str, name: str, there: Sequence[Named]) -> Named:
    found = [one for one in there if one.name == name] or [one for one in there if str(one.id) == name]
    if not found:
        known = ", ".join(repr(one.name) for one in there) or "none"
        raise Refused(HTTPStatus.NOT_FOUND, "unknown", f"There is no {kind} {name!r}; there is {known}.")
    if len(found) > 1:
        raise _ambiguous(kind, name, [one.id for one in found])
    return found[0]


def _ambiguous(kind: str, name: str, ids: list[int]) -> Refused:
    return Refused(
        HTTPStatus.CONFLICT,
        "ambiguous",
        f"There are {len(ids)} of this name: {kind} {name!r}. Give an id: {', '.join(map(str, ids))}.",
    )
