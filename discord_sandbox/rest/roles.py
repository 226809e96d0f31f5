"""REST: the roles of a guild."""

from typing import Any

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import permission_bits, snowflake, text, truth, whole
from discord_sandbox.rest.authority import guild_of, own_member, own_permissions, require, require_above
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.world import audit, payloads, roles
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.model import Guild, Json, Role
from discord_sandbox.world.permissions import Permission

_FIELDS = ("name", "permissions", "color", "hoist", "mentionable")


def role_of(call: Call, place: int) -> Role:
    """Give the role that the route names at a place, or refuse with 10011."""
    role = guild_of(call).roles.get(call.id(place))
    if role is None:
        raise refusal(10011)
    return role


def _list(call: Call) -> Reply:
    return Reply(200, [payloads.role(one) for one in guild_of(call).roles.values()])


def _get(call: Call) -> Reply:
    return Reply(200, payloads.role(role_of(call, 1)))


def _create(call: Call) -> Reply:
    guild = guild_of(call)
    body = _checked(call)
    require(call, guild, Permission.MANAGE_ROLES)
    if len(guild.roles) >= limits.ROLES:
        raise refusal(30005)
    body.setdefault("permissions", guild.roles[guild.id].permissions)
    role = Role(call.store.snowflakes.next(), "new role")
    _require_grantable(call, guild, role, body)
    audit.note(call.store, guild, AuditAction.ROLE_CREATE, role.id, call.reason)
    _fill(role, body)
    roles.add(call.store, guild, role)
    return Reply(200, payloads.role(role))


def _edit(call: Call) -> Reply:
    guild, role = guild_of(call), role_of(call, 1)
    body = _checked(call)
    require(call, guild, Permission.MANAGE_ROLES)
    require_above(call, guild, role)
    _require_grantable(call, guild, role, body)
    audit.note(call.store, guild, AuditAction.ROLE_UPDATE, role.id, call.reason)
    _fill(role, body)
    roles.changed(call.store, guild, role)
    return Reply(200, payloads.role(role))


def _checked(call: Call) -> Json:
    """Check the fields of a role; what is null is as if it were not there."""
    body = {key: value for key, value in call.body(*_FIELDS).items() if value is not None}
    errors = FormErrors()
    text(errors, body, "name", (), least=1, most=limits.ROLE_NAME)
    whole(errors, body, "color", (), least=0, most=limits.COLOR)
    for key in ("hoist", "mentionable"):
        truth(errors, body, key, ())
    if "permissions" in body:
        body["permissions"] = permission_bits(errors, body, "permissions", ())
    errors.raise_if_any()
    return body


def _require_grantable(call: Call, guild: Guild, role: Role, body: Json) -> None:
    """Refuse to let a role grant what the bot does not have itself."""
    granted = body.get("permissions", 0) & ~role.permissions
    if granted & ~own_permissions(call, guild):
        raise refusal(50013)


def _fill(role: Role, body: Json) -> None:
    for key, value in body.items():
        setattr(role, key, value)


def _move(call: Call) -> Reply:
    guild = guild_of(call)
    errors = FormErrors()
    positions: dict[int, int] = {}
    raw: Any = call.payload
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        errors.add((), "LIST_TYPE_CONVERT", "Only lists of objects are allowed.")
        raise errors.refusal()
    for index, one in enumerate(raw):
        role_id = snowflake(one.get("id"))
        position = whole(errors, one, "position", (index,), least=0, most=limits.ROLES)
        if role_id is None:
            errors.required((index, "id"))
        elif position is not None:
            positions[role_id] = position
    errors.raise_if_any()
    require(call, guild, Permission.MANAGE_ROLES)
    _require_movable(call, guild, positions)
    for role_id in positions:
        audit.note(call.store, guild, AuditAction.ROLE_UPDATE, role_id, call.reason)
    roles.move(call.store, guild, positions)
    return Reply(200, [payloads.role(one) for one in guild.roles.values()])


def _require_movable(call: Call, guild: Guild, positions: dict[int, int]) -> None:
    """Refuse to move what stands not below the bot, and to lift anything up to it."""
    highest, _ = roles.rank_of(guild, own_member(call, guild))
    for role_id, position in positions.items():
        role = guild.roles.get(role_id)
        if role is None:
            raise refusal(10011)
        require_above(call, guild, role)
        if role.id == guild.id or position > highest:
            raise refusal(50013)


def _delete(call: Call) -> Reply:
    guild, role = guild_of(call), role_of(call, 1)
    require(call, guild, Permission.MANAGE_ROLES)
    require_above(call, guild, role)
    if role.managed or role.id == guild.id:
        raise refusal(50028)
    audit.note(call.store, guild, AuditAction.ROLE_DELETE, role.id, call.reason)
    roles.remove(call.store, guild, role)
    return NO_CONTENT


ROUTES = [
    Route("GET", "/guilds/{}/roles", _list),
    Route("POST", "/guilds/{}/roles", _create),
    Route("PATCH", "/guilds/{}/roles", _move),
    Route("GET", "/guilds/{}/roles/{}", _get),
    Route("PATCH", "/guilds/{}/roles/{}", _edit),
    Route("DELETE", "/guilds/{}/roles/{}", _delete),
]
