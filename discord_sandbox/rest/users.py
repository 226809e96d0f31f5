"""REST: the bot's own account, other accounts, the guilds it is in, and direct messages."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import snowflake, text
from discord_sandbox.intents import Intent
from discord_sandbox.rest.call import Call, Reply, Route
from discord_sandbox.world import payloads


def _me(call: Call) -> Reply:
    return Reply(200, payloads.own_user(call.store.bot))


def _edit_me(call: Call) -> Reply:
    store = call.store
    body = call.body("username")
    errors = FormErrors()
    least, most = limits.USERNAME
    name = text(errors, body, "username", (), least=least, most=most)
    errors.raise_if_any()
    if name is not None:
        store.bot.name = name
        store.bot.payload["username"] = name
        store.emit("USER_UPDATE", Intent.NONE, lambda: payloads.own_user(store.bot))
        store.feed.notify()
    return _me(call)


def _user(call: Call) -> Reply:
    user = call.store.users.get(call.id(0))
    if user is None:
        raise refusal(10013)
    return Reply(200, user.payload)


def _my_guilds(call: Call) -> Reply:
    bot_id = call.store.bot.id
    before, after = (call.snowflake(key) for key in ("before", "after"))
    found = [
        {**payloads.partial_guild(guild, bot_id), **(payloads.counts(guild) if counted else {})}
        for counted in (call.flag("with_counts"),)
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
    if user.id not in store.dms and not store.dm_openings.take():
        raise refusal(40003)
    return Reply(200, payloads.channel(store.open_dm(user)))


ROUTES = [
    Route("GET", "/users/@me", _me),
    Route("PATCH", "/users/@me", _edit_me),
    Route("GET", "/users/@me/guilds", _my_guilds, frozenset({"before", "after", "limit", "with_counts"})),
    Route("POST", "/users/@me/channels", _open_dm),
    Route("GET", "/users/{}", _user),
]
