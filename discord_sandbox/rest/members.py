"""REST: the members of a guild, their roles and time-outs, and who is kicked."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import snowflake, text, utc_time, values
from discord_sandbox.intents import Intent
from discord_sandbox.rest.authority import guild_of, own_member, require, require_above
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.rest.roles import role_of
from discord_sandbox.world import audit, members, payloads
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.model import Guild, Json, Member, Role
from discord_sandbox.world.permissions import Permission, in_guild

_UNTIL = "communication_disabled_until"


def _get(call: Call) -> Reply:
    return Reply(200, payloads.member(call.store.member(guild_of(call), call.id(1))))


def _list(call: Call) -> Reply:
    guild = guild_of(call)
    if not call.store.privileged_intents & Intent.GUILD_MEMBERS:
        raise refusal(50001)
    after = call.snowflake("after") or 0
    found = sorted(user_id for user_id in guild.members if user_id > after)
    listed = found[: call.number("limit", 1, 1000)]
    return Reply(200, [payloads.member(guild.members[user_id]) for user_id in listed])


def _search(call: Call) -> Reply:
    wanted = call.query.get("query", "").lower()
    found = [
        one
        for one in guild_of(call).members.values()
        if one.user.name.lower().startswith(wanted) or (one.nick or "").lower().startswith(wanted)
    ]
    return Reply(200, [payloads.member(one) for one in found[: call.number("limit", 1, 1000)]])


# -- changes ------------------------------------------------------------------------------------------


def _edit(call: Call) -> Reply:
    store, guild = call.store, guild_of(call)
    member = store.member(guild, call.id(1))
    body = call.body("nick", "roles", _UNTIL)
    errors = FormErrors()
    nick = text(errors, body, "nick", (), most=limits.NICKNAME)
    held = _roles(errors, guild, body) if "roles" in body else member.roles
    until = _until(errors, call, body)
    errors.raise_if_any()
    if "nick" in body:
        _require_renamable(call, guild, member)
    if "roles" in body:
        require(call, guild, Permission.MANAGE_ROLES)
        for role_id in set(held) ^ set(member.roles):
            _require_given(call, guild, guild.roles[role_id])
    if _UNTIL in body:
        _require_silenceable(call, guild, member)
    if body.keys() - {"roles"}:
        audit.note(store, guild, AuditAction.MEMBER_UPDATE, member.user.id, call.reason)
    if "roles" in body:
        audit.note(store, guild, AuditAction.MEMBER_ROLE_UPDATE, member.user.id, call.reason)
    member.nick = nick or None if "nick" in body else member.nick
    member.roles = held
    members.time_out(store, guild, member, until if _UNTIL in body else member.timed_out_until)
    return Reply(200, payloads.member(member))


def _roles(errors: FormErrors, guild: Guild, body: Json) -> list[int]:
    held = []
    for index, raw in enumerate(values(errors, body, "roles", ())):
        role_id = snowflake(raw)
        if role_id is None or role_id not in guild.roles or role_id == guild.id:
            errors.add(("roles", index), "GUILD_ROLE_INVALID", f"{raw!r} is no role that a member can hold.")
        else:
            held.append(role_id)
    return list(dict.fromkeys(held))


def _until(errors: FormErrors, call: Call, body: Json) -> float | None:
    raw = text(errors, body, _UNTIL, (), most=100)
    if not raw:
        return None
    time = utc_time(errors, raw, (_UNTIL,))
    if time is None:
        return None
    until = time.timestamp()
    if until > call.store.clock() + limits.TIME_OUT_SECONDS:
        errors.add((_UNTIL,), "TIMESTAMP_TOO_FAR", "A time-out can last for at most 28 days.")
    return until


def _require_renamable(call: Call, guild: Guild, member: Member) -> None:
    require(call, guild, Permission.MANAGE_NICKNAMES)
    if member is not own_member(call, guild):
        require_above(call, guild, member)


def _require_silenceable(call: Call, guild: Guild, member: Member) -> None:
    require(call, guild, Permission.MODERATE_MEMBERS)
    require_above(call, guild, member)
    if in_guild(guild, member) & Permission.ADMINISTRATOR:
        raise refusal(50013)


def _require_given(call: Call, guild: Guild, role: Role) -> None:
    """Refuse to give or take a role that stands not below the bot, or belongs to an application."""
    require_above(call, guild, role)
    if role.managed or role.id == guild.id:
        raise refusal(50013)


def _edit_own(call: Call) -> Reply:
    guild = guild_of(call)
    body = call.body("nick")
    errors = FormErrors()
    nick = text(errors, body, "nick", (), most=limits.NICKNAME)
    errors.raise_if_any()
    member = own_member(call, guild)
    if "nick" in body:
        require(call, guild, Permission.CHANGE_NICKNAME)
        audit.note(call.store, guild, AuditAction.MEMBER_UPDATE, member.user.id, call.reason)
        member.nick = nick or None
        members.changed(call.store, guild, member)
    return Reply(200, payloads.member(member))


def _give_role(call: Call) -> Reply:
    return _change_roles(call, give=True)


def _take_role(call: Call) -> Reply:
    return _change_roles(call, give=False)


def _change_roles(call: Call, *, give: bool) -> Reply:
    guild = guild_of(call)
    member, role = call.store.member(guild, call.id(1)), role_of(call, 2)
    require(call, guild, Permission.MANAGE_ROLES)
    _require_given(call, guild, role)
    if (role.id in member.roles) is not give:
        audit.note(call.store, guild, AuditAction.MEMBER_ROLE_UPDATE, member.user.id, call.reason)
        change = member.roles.append if give else member.roles.remove
        change(role.id)
        members.changed(call.store, guild, member)
    return NO_CONTENT


def _kick(call: Call) -> Reply:
    guild = guild_of(call)
    member = call.store.member(guild, call.id(1))
    require(call, guild, Permission.KICK_MEMBERS)
    require_above(call, guild, member)
    audit.note(call.store, guild, AuditAction.MEMBER_KICK, member.user.id, call.reason)
    members.remove(call.store, guild, member.user)
    return NO_CONTENT


_ONE = "/guilds/{}/members/{}"

ROUTES = [
    Route("GET", "/guilds/{}/members", _list, frozenset({"limit", "after"})),
    Route("GET", "/guilds/{}/members/search", _search, frozenset({"query", "limit"})),
    Route("PATCH", "/guilds/{}/members/@me", _edit_own),
    Route("GET", _ONE, _get),
    Route("PATCH", _ONE, _edit),
    Route("DELETE", _ONE, _kick),
    Route("PUT", f"{_ONE}/roles/{{}}", _give_role),
    Route("DELETE", f"{_ONE}/roles/{{}}", _take_role),
]
