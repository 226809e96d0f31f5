"""REST: messages, reactions and pins."""

from urllib.parse import unquote

from discord_sandbox import limits, messages, payloads
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import snowflake, values
from discord_sandbox.forms.message import CREATE, CREATE_FLAGS, EDIT, EDIT_FLAGS, read_message
from discord_sandbox.intents import Intent
from discord_sandbox.model import Channel, Json, Message
from discord_sandbox.permissions import Permission
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.snowflake import seconds_of


def _target(call: Call, needed: int = 0) -> tuple[Channel, Message]:
    channel = call.store.channel(call.id(0))
    call.store.require(call.store.bot.id, channel, needed)
    return channel, call.store.message(channel, call.id(1))


def _create(call: Call) -> Reply:
    store = call.store
    draft = read_message(call.object(), call.uploads, known=CREATE, flags=CREATE_FLAGS)
    message = messages.post_as(store, store.bot, store.channel(call.id(0)), draft)
    return Reply(200, payloads.message(store, message))


def _list(call: Call) -> Reply:
    store = call.store
    channel = store.channel(call.id(0))
    store.require(store.bot.id, channel, 0)
    limit = call.number("limit", 50, 100)
    if not store.permissions(store.bot.id, channel) & Permission.READ_MESSAGE_HISTORY:
        return Reply(200, [])
    found = [one for one in channel.log if not one.ephemeral]
    before, after, around = (snowflake(call.query.get(key)) for key in ("before", "after", "around"))
    if before is not None:
        found = [one for one in found if one.id < before][-limit:]
    elif after is not None:
        found = [one for one in found if one.id > after][:limit]
    elif around is not None:
        older = [one for one in found if one.id <= around][-(limit // 2 + 1) :]
        found = older + [one for one in found if one.id > around][: limit - len(older)]
    else:
        found = found[-limit:]
    return Reply(200, [payloads.message(store, one) for one in reversed(found)])


def _get(call: Call) -> Reply:
    _, message = _target(call, Permission.READ_MESSAGE_HISTORY)
    return Reply(200, payloads.message(call.store, message))


def _edit(call: Call) -> Reply:
    store = call.store
    channel, message = _target(call)
    draft = read_message(call.object(), call.uploads, known=EDIT, flags=EDIT_FLAGS, v2=message.layout)
    if message.author is not store.bot:
        raise refusal(50005)
    if channel.archived:
        raise refusal(50083)
    return Reply(200, payloads.message(store, messages.edit(store, message, draft)))


def _delete(call: Call) -> Reply:
    channel, message = _target(call)
    if message.author is not call.store.bot:
        call.store.require(call.store.bot.id, channel, Permission.MANAGE_MESSAGES)
    messages.delete(call.store, message)
    return NO_CONTENT


def _delete_many(call: Call) -> Reply:
    store = call.store
    channel = store.channel(call.id(0))
    errors = FormErrors()
    listed = values(errors, call.body("messages"), "messages", ())
    ids = [snowflake(one) or 0 for one in listed]
    if channel.guild_id is None:
        raise refusal(50003)
    store.require(store.bot.id, channel, Permission.MANAGE_MESSAGES)
    if not 2 <= len(set(ids)) <= 100 or len(set(ids)) < len(ids):  # noqa: PLR2004 - Discord's bounds for this call alone
        errors.bad_length(("messages",), 2, 100)
    errors.raise_if_any()
    if any(seconds_of(one) < store.clock() - limits.BULK_DELETE_SECONDS for one in ids):
        raise refusal(50034)
    for one in ids:
        message = channel.messages.get(one)
        if message is not None and not message.ephemeral:
            messages.delete(store, message)
    return NO_CONTENT


def _typing(call: Call) -> Reply:
    store = call.store
    store.require(store.bot.id, store.channel(call.id(0)), Permission.SEND_MESSAGES)
    return NO_CONTENT


def _emoji(call: Call) -> str:
    emoji = unquote(call.params[2])
    if not emoji or (emoji.isascii() and ":" not in emoji):
        raise refusal(10014)
    return emoji


def _react(call: Call) -> Reply:
    _, message = _target(call)
    messages.react(call.store, call.store.bot, message, _emoji(call))
    return NO_CONTENT


def _unreact(call: Call) -> Reply:
    _, message = _target(call)
    messages.unreact(call.store, call.store.bot, message, _emoji(call))
    return NO_CONTENT


def _unreact_other(call: Call) -> Reply:
    _, message = _target(call, Permission.MANAGE_MESSAGES)
    user = call.store.users.get(call.id(3))
    if user is None:
        raise refusal(10013)
    messages.unreact(call.store, user, message, _emoji(call))
    return NO_CONTENT


def _clear_reactions(call: Call) -> Reply:
    _, message = _target(call, Permission.MANAGE_MESSAGES)
    message.reactions.clear()
    described: Json = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
    if message.channel.guild_id is not None:
        described["guild_id"] = str(message.channel.guild_id)
    call.store.emit(
        "MESSAGE_REACTION_REMOVE_ALL", Intent.GUILD_MESSAGE_REACTIONS, lambda: described, message.channel
    )
    call.store.feed.notify(call.store.audience(message))
    return NO_CONTENT


def _who_reacted(call: Call) -> Reply:
    _, message = _target(call)
    who = message.reactions.get(_emoji(call), [])
    after = snowflake(call.query.get("after")) or 0
    listed = sorted(one for one in who if one > after)[: call.number("limit", 25, 100)]
    return Reply(200, [call.store.users[one].payload for one in listed])


_ONE = "/channels/{}/messages/{}"

ROUTES = [
    Route("POST", "/channels/{}/messages", _create),
    Route("GET", "/channels/{}/messages", _list, frozenset({"limit", "before", "after", "around"})),
    Route("POST", "/channels/{}/messages/bulk-delete", _delete_many),
    Route("GET", _ONE, _get),
    Route("PATCH", _ONE, _edit),
    Route("DELETE", _ONE, _delete),
    Route("POST", "/channels/{}/typing", _typing),
    Route("PUT", f"{_ONE}/reactions/{{}}/@me", _react),
    Route("DELETE", f"{_ONE}/reactions/{{}}/@me", _unreact),
    Route("DELETE", f"{_ONE}/reactions/{{}}/{{}}", _unreact_other),
    Route("DELETE", f"{_ONE}/reactions", _clear_reactions),
    Route("GET", f"{_ONE}/reactions/{{}}", _who_reacted, frozenset({"limit", "after", "type"})),
]
