"""Calls that set the scene: guilds, channels, roles and permissions, who is in them, and the bot's place."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from discord_sandbox.control.calls import CallEntry, Nothing, in_guild
from discord_sandbox.control.context import Context
from discord_sandbox.control.people import described
from discord_sandbox.guild import SandboxGuild
from discord_sandbox.loopback.exchange import Body, Locale, PersonName, Short
from discord_sandbox.loopback.refusals import Refused
from discord_sandbox.world.model import Channel, ChannelType, Json, Role
from discord_sandbox.world.permissions import BOT, Permission


def _is_permission(name: str) -> str:
    if name not in Permission.__members__:
        raise ValueError(f"there is no permission {name!r}; there is {', '.join(Permission.__members__)}")
    return name


PermissionNames = list[Annotated[str, AfterValidator(_is_permission)]]
"""Permissions by Discord's names, such as `SEND_MESSAGES`."""


class NewGuild(Body):
    """A guild with the channels `general`, `tasks` and `log`.

    Attributes:
        name: What it is called; no other guild of the sandbox may have the name.
        owner: Who owns it: somebody who is there, or somebody new.
        bot: Whether the bot is in it.
        bot_permissions: What the bot's own role grants.
    """

    name: Short
    owner: PersonName | None = None
    bot: bool = True
    bot_permissions: PermissionNames | None = None


class NewChannel(Body):
    """A channel of a kind, and the category that it goes into."""

    name: Short
    topic: Annotated[str, Field(max_length=1024)] | None = None
    kind: Literal["text", "announcement", "forum", "category"] = "text"
    parent: Short | None = None


class OverwriteBody(Body):
    """What a channel grants to and takes from a role or a person; what it did before is forgotten."""

    role: Short | None = None
    person: Short | None = None
    allow: PermissionNames = Field(default_factory=list)
    deny: PermissionNames = Field(default_factory=list)


class NewRole(Body):
    """A role."""

    name: Short
    permissions: PermissionNames = Field(default_factory=list)
    mentionable: bool = False
    position: Annotated[int, Field(ge=1)] = 1


class RoleChanges(Body):
    """What a role grants."""

    permissions: PermissionNames


class PersonBody(Body):
    """Somebody who is in the sandbox."""

    person: Short


class JoinBody(PersonBody):
    """Somebody who is in the sandbox, with the roles that they get."""

    roles: list[Short] = Field(default_factory=list)


class NewPerson(Body):
    """Somebody new.

    Attributes:
        name: What they are called; nobody else in the sandbox may have the name.
        locale: The language of their client.
        roles: The roles that they hold.
        permissions: What they may do besides, through a role of their own.
    """

    name: PersonName
    locale: Locale = "en-US"
    roles: list[Short] = Field(default_factory=list)
    permissions: PermissionNames | None = None


def _bits(names: PermissionNames) -> int:
    bits = 0
    for name in names:
        bits |= Permission[name]
    return int(bits)


def _names(bits: int) -> list[str]:
    return [name for name, one in Permission.__members__.items() if bits & one]


def described_guild(context: Context, guild: SandboxGuild) -> Json:
    """Give a guild with its channels, roles and people."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner": guild.owner.name,
        "locale": guild.guild.preferred_locale,
        "bot": context.sandbox.bot_id in guild.guild.members,
        "outage": guild.guild.unavailable,
        "people": [one.name for one in guild.members],
        "roles": [_role(one) for one in guild.guild.roles.values()],
        "channels": [_channel(guild, one) for one in guild.channels],
        "threads": [
            {"id": str(one.id), "name": one.name, "archived": one.archived, "locked": one.locked}
            for one in guild.guild.threads.values()
        ],
    }


def _role(role: Role) -> Json:
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": _names(role.permissions),
        "mentionable": role.mentionable,
        "position": role.position,
    }


def _channel(guild: SandboxGuild, channel: Channel) -> Json:
    names = {one.id: one.name for one in guild.members} | {
        one.id: one.name for one in guild.guild.roles.values()
    }
    return {
        "id": str(channel.id),
        "name": channel.name,
        "kind": channel.type.name.lower(),
        "parent": None if channel.parent is None else channel.parent.name,
        "topic": channel.topic,
        "overwrites": [
            {
                "person" if one.kind else "role": names.get(one.id, str(one.id)),
                "allow": _names(one.allow),
                "deny": _names(one.deny),
            }
            for one in channel.overwrites.values()
        ],
    }


# -- guilds and channels ------------------------------------------------------------------------------


def _list(context: Context, _: Mapping[str, str], __: Nothing) -> Json:
    return {"guilds": [described_guild(context, one) for one in context.sandbox.guilds]}


def _add(context: Context, _: Mapping[str, str], body: NewGuild) -> Json:
    sandbox = context.sandbox
    if any(one.name == body.name for one in sandbox.guilds):
        raise _taken(body.name)
    known = {one.name: one for one in sandbox.people}
    granted = BOT if body.bot_permissions is None else _bits(body.bot_permissions)
    guild = sandbox.add_guild(
        body.name, known.get(body.owner or "", body.owner), bot_permissions=granted if body.bot else None
    )
    return described_guild(context, guild)


def _show(context: Context, guild: SandboxGuild, _: Nothing) -> Json:
    return described_guild(context, guild)


def _add_channel(context: Context, guild: SandboxGuild, body: NewChannel) -> Json:
    parent = None if body.parent is None else context.names.channel(guild, body.parent)
    kind = ChannelType[body.kind.upper()]
    return _channel(guild, guild.create_channel(body.name, body.topic, kind=kind, parent=parent))


def _delete_channel(context: Context, path: Mapping[str, str], _: Nothing) -> Json:
    guild = context.names.guild(path["guild"])
    guild.delete_channel(context.names.channel(guild, path["channel"]))
    return {}


def _overwrite(context: Context, path: Mapping[str, str], body: OverwriteBody) -> Json:
    guild = context.names.guild(path["guild"])
    channel = context.names.channel(guild, path["channel"])
    if (body.role is None) == (body.person is None):
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_body", "Say either a role or a person.")
    target = context.names.person(body.person) if body.person else context.names.role(guild, body.role or "")
    guild.overwrite(channel, target, allow=_bits(body.allow), deny=_bits(body.deny))
    return _channel(guild, channel)


# -- roles and people ---------------------------------------------------------------------------------


def _add_role(_: Context, guild: SandboxGuild, body: NewRole) -> Json:
    if any(one.name == body.name for one in guild.guild.roles.values()):
        raise _taken(body.name)
    granted = _bits(body.permissions)
    return _role(guild.create_role(body.name, granted, mentionable=body.mentionable, position=body.position))


def _change_role(context: Context, path: Mapping[str, str], body: RoleChanges) -> Json:
    guild = context.names.guild(path["guild"])
    role = context.names.role(guild, path["role"])
    guild.set_permissions(role, _bits(body.permissions))
    return _role(role)


def _delete_role(context: Context, path: Mapping[str, str], _: Nothing) -> Json:
    guild = context.names.guild(path["guild"])
    guild.delete_role(context.names.role(guild, path["role"]))
    return {}


def _give_role(context: Context, path: Mapping[str, str], body: PersonBody) -> Json:
    guild, person = context.names.guild(path["guild"]), context.names.person(body.person)
    guild.give_role(person, context.names.role(guild, path["role"]))
    return described(context, person)


def _take_role(context: Context, path: Mapping[str, str], body: PersonBody) -> Json:
    guild, person = context.names.guild(path["guild"]), context.names.person(body.person)
    guild.take_role(person, context.names.role(guild, path["role"]))
    return described(context, person)


def _add_person(context: Context, guild: SandboxGuild, body: NewPerson) -> Json:
    if any(one.name == body.name for one in context.sandbox.people):
        raise _taken(body.name)
    granted = None if body.permissions is None else _bits(body.permissions)
    roles = [context.names.role(guild, one) for one in body.roles]
    return described(context, guild.add_member(body.name, granted, body.locale, roles))


def _join(context: Context, guild: SandboxGuild, body: JoinBody) -> Json:
    person = context.names.person(body.person)
    if person.id in guild.guild.members:
        raise Refused(HTTPStatus.CONFLICT, "already_there", f"{person.name} is in {guild.name} already.")
    guild.join(person, roles=[context.names.role(guild, one) for one in body.roles])
    return described(context, person)


def _taken(name: str) -> Refused:
    return Refused(HTTPStatus.CONFLICT, "name_taken", f"{name} is there already.")


# -- the bot here -------------------------------------------------------------------------------------


def _bot_joins(context: Context, guild: SandboxGuild, _: Nothing) -> Json:
    guild.let_bot_in()
    return described_guild(context, guild)


def _bot_leaves(context: Context, guild: SandboxGuild, _: Nothing) -> Json:
    guild.remove_bot()
    return described_guild(context, guild)


def _outage_begins(context: Context, guild: SandboxGuild, _: Nothing) -> Json:
    guild.begin_outage()
    return described_guild(context, guild)


def _outage_ends(context: Context, guild: SandboxGuild, _: Nothing) -> Json:
    guild.end_outage()
    return described_guild(context, guild)


_CREATED = HTTPStatus.CREATED

CALLS = [
    CallEntry("GET", "/guilds", _list),
    CallEntry("POST", "/guilds", _add, NewGuild, _CREATED),
    in_guild("GET", "", _show),
    in_guild("POST", "/channels", _add_channel, NewChannel, _CREATED),
    CallEntry("DELETE", "/guilds/{guild}/channels/{channel}", _delete_channel),
    CallEntry("POST", "/guilds/{guild}/channels/{channel}/overwrite", _overwrite, OverwriteBody),
    in_guild("POST", "/roles", _add_role, NewRole, _CREATED),
    CallEntry("PATCH", "/guilds/{guild}/roles/{role}", _change_role, RoleChanges),
    CallEntry("DELETE", "/guilds/{guild}/roles/{role}", _delete_role),
    CallEntry("POST", "/guilds/{guild}/roles/{role}/give", _give_role, PersonBody),
    CallEntry("POST", "/guilds/{guild}/roles/{role}/take", _take_role, PersonBody),
    in_guild("POST", "/people", _add_person, NewPerson, _CREATED),
    in_guild("POST", "/join", _join, JoinBody),
    in_guild("POST", "/bot/join", _bot_joins),
    in_guild("POST", "/bot/leave", _bot_leaves),
    in_guild("POST", "/outage/begin", _outage_begins),
    in_guild("POST", "/outage/end", _outage_ends),
]
