"""Calls with which managers rule a guild: its name, time-outs, kicks, bans, and who may use a command."""

from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from discord_sandbox.control.calls import Nothing, in_guild
from discord_sandbox.control.context import Context
from discord_sandbox.control.guilds import PersonBody, described_guild
from discord_sandbox.guild import SandboxGuild
from discord_sandbox.loopback.exchange import Body, Locale, Short
from discord_sandbox.loopback.refusals import Refused
from discord_sandbox.people.actor import Actor
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.commands import MESSAGE_MENU, SLASH, USER_MENU, Command
from discord_sandbox.world.model import Channel, Json, Role

_KINDS = {"slash": SLASH, "person_menu": USER_MENU, "message_menu": MESSAGE_MENU}


class GuildChanges(Body):
    """Another name or preferred language."""

    name: Short | None = None
    locale: Locale | None = None


class TimeOutBody(PersonBody):
    """For how many seconds somebody can do nothing but read; 0 ends it."""

    seconds: Annotated[float, Field(ge=0)]


class BanBody(PersonBody):
    """Who is put out for good, and why."""

    reason: Annotated[str, Field(max_length=512)] | None = None


class CommandPermissionBody(Body):
    """Who may use a command, or where.

    Attributes:
        command: Which; all that have nothing of their own, if none is named.
        kind: Of which kind the command is.
        role: The role that it is set for.
        person: The person that it is set for.
        channel: The channel that it is set for; with no role, person or channel it is for all channels.
        allow: Whether they may; null takes back what is set.
    """

    command: Short | None = None
    kind: Literal["slash", "person_menu", "message_menu"] = "slash"
    role: Short | None = None
    person: Short | None = None
    channel: Short | None = None
    allow: bool | None


def _change(context: Context, guild: SandboxGuild, body: GuildChanges) -> Json:
    if body.name is not None:
        guild.rename(body.name)
    if body.locale is not None:
        guild.set_locale(body.locale)
    return described_guild(context, guild)


def _time_out(context: Context, guild: SandboxGuild, body: TimeOutBody) -> Json:
    guild.time_out(context.names.person(body.person), body.seconds)
    return {}


def _kick(context: Context, guild: SandboxGuild, body: PersonBody) -> Json:
    guild.kick(context.names.person(body.person))
    return {}


def _ban(context: Context, guild: SandboxGuild, body: BanBody) -> Json:
    guild.ban(context.names.person(body.person), body.reason)
    return {}


def _unban(context: Context, guild: SandboxGuild, body: PersonBody) -> Json:
    guild.unban(context.names.person(body.person))
    return {}


def _allow_command(context: Context, guild: SandboxGuild, body: CommandPermissionBody) -> Json:
    target: Role | Actor | Channel | None = None
    given = [name for name in (body.role, body.person, body.channel) if name is not None]
    if len(given) > 1:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_body", "Say a role, a person or a channel, or none.")
    if body.role is not None:
        target = context.names.role(guild, body.role)
    elif body.person is not None:
        target = context.names.person(body.person)
    elif body.channel is not None:
        target = context.names.channel(guild, body.channel)
    try:
        guild.set_command_permission(_command(context, guild, body), target, allow=body.allow)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_input", str(error)) from error
    return {}


def _command(context: Context, guild: SandboxGuild, body: CommandPermissionBody) -> Command | None:
    if body.command is None:
        return None
    found = context.sandbox.store.commands.find(body.command, _KINDS[body.kind], guild.id)
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown", f"There is no command {body.command!r}.")
    return found


def _audit_log(context: Context, guild: SandboxGuild, _: Nothing) -> Json:
    store = context.sandbox.store
    names = {one.id: one.name for one in store.users.values()} | {
        one.id: one.name for one in guild.guild.roles.values()
    }
    return {
        "audit_log": [
            {
                "action": AuditAction(one.action).name,
                "target_id": str(one.target_id),
                "target": names.get(one.target_id),
                "reason": one.reason,
            }
            for one in guild.audit_log
        ]
    }


CALLS = [
    in_guild("PATCH", "", _change, GuildChanges),
    in_guild("POST", "/time_out", _time_out, TimeOutBody),
    in_guild("POST", "/kick", _kick, PersonBody),
    in_guild("POST", "/ban", _ban, BanBody),
    in_guild("POST", "/unban", _unban, PersonBody),
    in_guild("POST", "/command_permission", _allow_command, CommandPermissionBody),
    in_guild("GET", "/audit_log", _audit_log),
]
