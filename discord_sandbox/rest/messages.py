"""REST: messages of a channel, and who types in it."""

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import snowflake_list
from discord_sandbox.forms.message import CREATE, CREATE_FLAGS, EDIT, EDIT_FLAGS, read_message
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.rest.channels import seen
from discord_sandbox.world import audit, messages, payloads, posting, typists
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.model import Message
from discord_sandbox.world.permissions import Permission, sending_in
from discord_sandbox.world.snowflake import seconds_of


def _message(call: Call, needed: int = 0) -> Message:
    return call.store.message(seen(call, needed), call.id(1))


def _create(call: Call) -> Reply:
    store = call.store
    channel = seen(call)
    draft = read_message(call.object(), call.uploads, known=CREATE, flags=CREATE_FLAGS)
    message = posting.post_as(store, store.bot, channel, draft)
    return Reply(200, payloads.message(store, message))


def _list(call: Call) -> Reply:
    store = call.store
    channel = seen(call)
    limit = call.number("limit", 50, 100)
    if not store.permissions(store.bot.id, channel) & Permission.READ_MESSAGE_HISTORY:
        return Reply(200, [])
    found = [one for one in channel.log if not one.ephemeral]
    before, after, around = (call.snowflake(key) for key in ("before", "after", "around"))
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
    return Reply(200, payloads.message(call.store, _message(call, Permission.READ_MESSAGE_HISTORY)))


def _edit(call: Call) -> Reply:
    store = call.store
    message = _message(call)
    draft = read_message(
        call.object(), call.uploads, known=EDIT, flags=EDIT_FLAGS, edited=message, strict=False
    )
    return Reply(200, payloads.message(store, posting.edit_as(store, store.bot, message, draft)))


def _delete(call: Call) -> Reply:
    message = _message(call)
    posting.delete_as(call.store, call.store.bot, message)
    if message.author is not call.store.bot:
        audit.note(
            call.store, message.channel.guild, AuditAction.MESSAGE_DELETE, message.author.id, call.reason
        )
    return NO_CONTENT


def _delete_many(call: Call) -> Reply:
    store = call.store
    channel = seen(call)
    errors = FormErrors()
    ids = snowflake_list(errors, call.body("messages"), "messages", ())
    if channel.guild_id is None:
        raise refusal(50003)
    store.require(store.bot.id, channel, Permission.MANAGE_MESSAGES)
    errors.raise_if_any()
    if not limits.BULK_DELETE[0] <= len(ids) <= limits.BULK_DELETE[1]:
        errors.bad_length(("messages",), *limits.BULK_DELETE)
    elif len(set(ids)) < len(ids):
        errors.add(("messages",), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains the value")
    errors.raise_if_any()
    if any(seconds_of(one) < store.clock() - limits.BULK_DELETE_SECONDS for one in ids):
        raise refusal(50034)
    messages.delete_many(store, channel, ids)
    audit.note(store, channel.guild, AuditAction.MESSAGE_BULK_DELETE, channel.id, call.reason)
    return NO_CONTENT


def _typing(call: Call) -> Reply:
    store = call.store
    channel = seen(call)
    store.require(store.bot.id, channel, sending_in(channel))
    typists.begin(store, channel, store.bot)
    return NO_CONTENT


_ONE = "/channels/{}/messages/{}"

ROUTES = [
    Route("POST", "/channels/{}/messages", _create),
    Route("GET", "/channels/{}/messages", _list, frozenset({"limit", "before", "after", "around"})),
    Route("POST", "/channels/{}/messages/bulk-delete", _delete_many),
    Route("GET", _ONE, _get),
    Route("PATCH", _ONE, _edit),
    Route("DELETE", _ONE, _delete),
    Route("POST", "/channels/{}/typing", _typing),
]
