"""REST: pinned messages."""

from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.rest.channels import seen
from discord_sandbox.world import audit, payloads, pins
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.model import Message
from discord_sandbox.world.permissions import Permission


def _list(call: Call) -> Reply:
    store = call.store
    channel = seen(call)
    limit, before = call.number("limit", 50, 50), call.moment("before")
    found = pins.pinned(channel)
    if not store.permissions(store.bot.id, channel) & Permission.READ_MESSAGE_HISTORY:
        found = []
    wanted = [one for one in found if before is None or (one.pinned_at or "") < before]
    items = [{"pinned_at": one.pinned_at, "message": payloads.message(store, one)} for one in wanted[:limit]]
    return Reply(200, {"items": items, "has_more": len(wanted) > limit})


def _message(call: Call) -> Message:
    return call.store.message(seen(call), call.id(1))


def _pin(call: Call) -> Reply:
    message = _message(call)
    pins.pin(call.store, call.store.bot, message)
    audit.note(call.store, message.channel.guild, AuditAction.MESSAGE_PIN, message.author.id, call.reason)
    return NO_CONTENT


def _unpin(call: Call) -> Reply:
    message = _message(call)
    pins.unpin(call.store, call.store.bot, message)
    audit.note(call.store, message.channel.guild, AuditAction.MESSAGE_UNPIN, message.author.id, call.reason)
    return NO_CONTENT


_ALL = "/channels/{}/messages/pins"

ROUTES = [
    Route("GET", _ALL, _list, frozenset({"before", "limit"})),
    Route("PUT", f"{_ALL}/{{}}", _pin),
    Route("DELETE", f"{_ALL}/{{}}", _unpin),
]
