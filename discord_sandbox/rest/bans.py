"""REST: who is banned from a guild."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import whole
from discord_sandbox.rest.authority import guild_of, require, require_above
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.world import audit, members
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.model import Ban, Guild, Json
from discord_sandbox.world.permissions import Permission


def _described(ban: Ban) -> Json:
    return {"user": ban.user.payload, "reason": ban.reason}


def _allowed(call: Call) -> Guild:
    guild = guild_of(call)
    require(call, guild, Permission.BAN_MEMBERS)
    return guild


def _ban_of(call: Call, guild: Guild) -> Ban:
    ban = guild.bans.get(call.id(1))
    if ban is None:
        raise refusal(10026)
    return ban


def _list(call: Call) -> Reply:
    guild = _allowed(call)
    before, after = (call.snowflake(key) for key in ("before", "after"))
    ids = [one for one in sorted(guild.bans) if (after or 0) < one < (before or 1 << 64)]
    limit = call.number("limit", 1000, 1000)
    wanted = ids[-limit:] if before is not None else ids[:limit]
    return Reply(200, [_described(guild.bans[one]) for one in wanted])


def _get(call: Call) -> Reply:
    return Reply(200, _described(_ban_of(call, _allowed(call))))


def _ban(call: Call) -> Reply:
    guild = _allowed(call)
    seconds = _delete_seconds({} if call.payload is None else call.object())
    user = call.store.users.get(call.id(1))
    if user is None:
        raise refusal(10013)
    if (member := guild.members.get(user.id)) is not None:
        require_above(call, guild, member)
    audit.note(call.store, guild, AuditAction.MEMBER_BAN_ADD, user.id, call.reason)
    members.ban(call.store, guild, user, call.reason, seconds)
    return NO_CONTENT


def _delete_seconds(body: Json) -> int:
    errors = FormErrors()
    days = whole(errors, body, "delete_message_days", (), least=0, most=limits.BAN_DELETE_SECONDS // 86_400)
    seconds = whole(errors, body, "delete_message_seconds", (), least=0, most=limits.BAN_DELETE_SECONDS)
    for key in body.keys() - {"delete_message_days", "delete_message_seconds"}:
        errors.unknown_field((key,))
    errors.raise_if_any()
    return (days or 0) * 86_400 if seconds is None else seconds


def _unban(call: Call) -> Reply:
    guild = _allowed(call)
    user = _ban_of(call, guild).user
    audit.note(call.store, guild, AuditAction.MEMBER_BAN_REMOVE, user.id, call.reason)
    members.unban(call.store, guild, user)
    return NO_CONTENT


_ONE = "/guilds/{}/bans/{}"

ROUTES = [
    Route("GET", "/guilds/{}/bans", _list, frozenset({"limit", "before", "after"})),
    Route("GET", _ONE, _get),
    Route("PUT", _ONE, _ban),
    Route("DELETE", _ONE, _unban),
]
