"""REST: the guild, its members and roles, users and the application."""

from discord_sandbox import channels, guilds, limits, payloads
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import snowflake, text
from discord_sandbox.intents import Intent
from discord_sandbox.model import Guild, Role
from discord_sandbox.permissions import Permission, in_guild
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route


def _guild_of(call: Call) -> Guild:
    return call.store.guild(call.id(0))


def _require(call: Call, guild: Guild, needed: Permission) -> None:
    if needed & ~in_guild(guild, guild.members[call.store.bot.id]):
        raise refusal(50013)


def _guild(call: Call) -> Reply:
    guild = _guild_of(call)
    described = payloads.guild(guild, 0)
    if call.flag("with_counts"):
        described["approximate_member_count"] = len(guild.members)
        described["approximate_presence_count"] = len(guild.members)
    return Reply(200, described)


def _channels(call: Call) -> Reply:
    store = call.store
    seen = (one for one in _guild_of(call).channels.values() if store.can_see(store.bot.id, one))
    return Reply(200, [payloads.channel(one) for one in seen])


def _create_channel(call: Call) -> Reply:
    guild = _guild_of(call)
    body = call.body("name", "type", "topic")
    _require(call, guild, Permission.MANAGE_CHANNELS)
    errors = FormErrors()
    name = text(errors, body, "name", (), least=1, most=limits.CHANNEL_NAME, required=True)
    topic = text(errors, body, "topic", (), most=limits.TOPIC)
    if body.get("type", 0) != 0:
        errors.unknown_field(("type",), "The sandbox makes only text channels.")
    errors.raise_if_any()
    return Reply(201, payloads.channel(channels.create(call.store, guild, str(name), topic)))


def _roles(call: Call) -> Reply:
    return Reply(200, [payloads.role(one) for one in _guild_of(call).roles.values()])


def _role_of(call: Call, place: int) -> Role:
    role = _guild_of(call).roles.get(call.id(place))
    if role is None:
        raise refusal(10011)
    return role


def _role(call: Call) -> Reply:
    return Reply(200, payloads.role(_role_of(call, 1)))


def _member(call: Call) -> Reply:
    return Reply(200, payloads.member(call.store.member(_guild_of(call), call.id(1))))


def _members(call: Call) -> Reply:
    guild = _guild_of(call)
    if not call.store.privileged_intents & Intent.GUILD_MEMBERS:
        raise refusal(50001)
    after = snowflake(call.query.get("after")) or 0
    found = sorted(user_id for user_id in guild.members if user_id > after)
    listed = found[: call.number("limit", 1, 1000)]
    return Reply(200, [payloads.member(guild.members[user_id]) for user_id in listed])


def _search(call: Call) -> Reply:
    wanted = call.query.get("query", "").lower()
    found = [
        one
        for one in _guild_of(call).members.values()
        if one.user.name.lower().startswith(wanted) or (one.nick or "").lower().startswith(wanted)
    ]
    return Reply(200, [payloads.member(one) for one in found[: call.number("limit", 1, 1000)]])


def _managed_role(call: Call, guild: Guild) -> Role:
    role = _role_of(call, 2)
    _require(call, guild, Permission.MANAGE_ROLES)
    own = guild.members[call.store.bot.id].roles
    highest = max((guild.roles[role_id].position for role_id in own), default=0)
    if role.managed or role.id == guild.id or role.position >= highest:
        raise refusal(50013)
    return role


def _give_role(call: Call) -> Reply:
    guild = _guild_of(call)
    member, role = call.store.member(guild, call.id(1)), _managed_role(call, guild)
    if role.id not in member.roles:
        member.roles.append(role.id)
        guilds.member_changed(call.store, guild, member)
    return NO_CONTENT


def _take_role(call: Call) -> Reply:
    guild = _guild_of(call)
    member, role = call.store.member(guild, call.id(1)), _managed_role(call, guild)
    if role.id in member.roles:
        member.roles.remove(role.id)
        guilds.member_changed(call.store, guild, member)
    return NO_CONTENT


def _me(call: Call) -> Reply:
    return Reply(200, payloads.own_user(call.store.bot))


def _user(call: Call) -> Reply:
    user = call.store.users.get(call.id(0))
    if user is None:
        raise refusal(10013)
    return Reply(200, user.payload)


def _my_guilds(call: Call) -> Reply:
    bot_id = call.store.bot.id
    before, after = (snowflake(call.query.get(key)) for key in ("before", "after"))
    found = [
        payloads.partial_guild(guild, bot_id)
        for guild in sorted(call.store.guilds_of(bot_id), key=lambda one: one.id)
        if (after or 0) < guild.id < (before or 1 << 64)
    ]
    limit = call.number("limit", 200, 200)
    return Reply(200, found[-limit:] if before is not None else found[:limit])


def _open_dm(call: Call) -> Reply:
    store = call.store
    user = store.users.get(snowflake(call.body("recipient_id").get("recipient_id")) or 0)
    if user is None or user is store.bot:
        raise refusal(50033)
    return Reply(200, payloads.channel(store.open_dm(user)))


def _application(call: Call) -> Reply:
    return Reply(200, payloads.application(call.store, call.store.bot.name))


def _gateway(call: Call) -> Reply:
    return Reply(200, {"url": call.store.gateway.url})


def _gateway_bot(call: Call) -> Reply:
    start_limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    return Reply(200, {"url": call.store.gateway.url, "shards": 1, "session_start_limit": start_limit})


ROUTES = [
    Route("GET", "/guilds/{}", _guild, frozenset({"with_counts"})),
    Route("GET", "/guilds/{}/channels", _channels),
    Route("POST", "/guilds/{}/channels", _create_channel),
    Route("GET", "/guilds/{}/roles", _roles),
    Route("GET", "/guilds/{}/roles/{}", _role),
    Route("GET", "/guilds/{}/members", _members, frozenset({"limit", "after"})),
    Route("GET", "/guilds/{}/members/search", _search, frozenset({"query", "limit"})),
    Route("GET", "/guilds/{}/members/{}", _member),
    Route("PUT", "/guilds/{}/members/{}/roles/{}", _give_role),
    Route("DELETE", "/guilds/{}/members/{}/roles/{}", _take_role),
    Route("GET", "/users/@me", _me),
    Route("GET", "/users/@me/guilds", _my_guilds, frozenset({"before", "after", "limit", "with_counts"})),
    Route("POST", "/users/@me/channels", _open_dm),
    Route("GET", "/users/{}", _user),
    Route("GET", "/applications/@me", _application),
    Route("GET", "/oauth2/applications/@me", _application),
    Route("GET", "/gateway", _gateway, auth=False),
    Route("GET", "/gateway/bot", _gateway_bot),
]
