"""REST: channels of a guild, their order and their overwrites, and direct messages."""

from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import known_fields
from discord_sandbox.forms.channels import (
    read_channel,
    read_channel_changes,
    read_overwrite,
    read_positions,
)
from discord_sandbox.forms.threads import read_thread_changes
from discord_sandbox.rest.authority import guild_of, require
from discord_sandbox.rest.call import NO_CONTENT, Call, Reply, Route
from discord_sandbox.world import audit, channels, overwrites, payloads, threads
from discord_sandbox.world.audit import AuditAction
from discord_sandbox.world.model import Channel, Guild
from discord_sandbox.world.permissions import Permission


def seen(call: Call, needed: int = 0) -> Channel:
    """Give the channel that the route names, if the bot sees it and holds the needed permissions there."""
    channel = call.store.channel(call.id(0))
    call.store.require(call.store.bot.id, channel, needed)
    return channel


def _described(call: Call, channel: Channel) -> Reply:
    return Reply(200, payloads.thread_for(channel, call.store.bot.id))


def _list(call: Call) -> Reply:
    store = call.store
    known = guild_of(call).channels.values()
    return Reply(200, [payloads.channel(one) for one in known if store.can_see(store.bot.id, one)])


def _create(call: Call) -> Reply:
    store = call.store
    guild = guild_of(call)
    require(call, guild, Permission.MANAGE_CHANNELS)
    name, kind, settings = read_channel(call.object(), guild)
    overwrites.require_grants(store, store.bot, guild, None, settings.get("overwrites", {}), {})
    channel = channels.create(store, guild, name, kind, settings)
    audit.note(store, guild, AuditAction.CHANNEL_CREATE, channel.id, call.reason)
    return Reply(201, payloads.channel(channel))


def _move(call: Call) -> Reply:
    guild = guild_of(call)
    require(call, guild, Permission.MANAGE_CHANNELS)
    for channel, changes in read_positions(call.payload, guild):
        if "overwrites" in changes:
            _require_roles(call, guild, channel, changes["overwrites"])
        channels.change(call.store, channel, changes)
        audit.note(call.store, guild, AuditAction.CHANNEL_UPDATE, channel.id, call.reason)
    return NO_CONTENT


def _get(call: Call) -> Reply:
    return _described(call, seen(call))


def _edit(call: Call) -> Reply:
    store = call.store
    channel = seen(call)
    if channel.guild is None:
        raise refusal(50003)
    if channel.thread is not None:
        threads.change(store, channel, read_thread_changes(call.object()), by=store.bot)
        audit.note(store, channel.guild, AuditAction.THREAD_UPDATE, channel.id, call.reason)
        return _described(call, channel)
    changes = read_channel_changes(call.object(), channel.guild, channel)
    store.require(store.bot.id, channel, Permission.MANAGE_CHANNELS)
    if "overwrites" in changes:
        _require_roles(call, channel.guild, channel, changes["overwrites"])
    channels.change(store, channel, changes)
    audit.note(store, channel.guild, AuditAction.CHANNEL_UPDATE, channel.id, call.reason)
    return _described(call, channel)


def _delete(call: Call) -> Reply:
    store = call.store
    channel = seen(call)
    described = _described(call, channel)
    if channel.guild is not None:
        needed, action = Permission.MANAGE_CHANNELS, AuditAction.CHANNEL_DELETE
        if channel.thread is not None:
            needed, action = Permission.MANAGE_THREADS, AuditAction.THREAD_DELETE
        store.require(store.bot.id, channel, needed)
        channels.delete(store, channel)
        audit.note(store, channel.guild, action, channel.id, call.reason)
    return described


# -- overwrites ---------------------------------------------------------------------------------------


def _require_roles(call: Call, guild: Guild, channel: Channel, wanted: overwrites.Overwrites) -> None:
    """Check that the bot may set these overwrites of a channel."""
    store = call.store
    store.require(store.bot.id, channel, Permission.MANAGE_ROLES)
    overwrites.require_grants(store, store.bot, guild, channel, wanted, channel.overwrites)


def _overwritten(call: Call) -> tuple[Channel, Guild]:
    channel = seen(call)
    if channel.guild is None:
        raise refusal(50003)
    if channel.thread is not None:
        raise refusal(50024)
    return channel, channel.guild


def _put_overwrite(call: Call) -> Reply:
    channel, guild = _overwritten(call)
    body, errors = call.object(), FormErrors()
    known_fields(errors, body, ("allow", "deny", "type"))
    one = read_overwrite(errors, body, guild, call.id(1))
    errors.raise_if_any()
    if one is not None:
        _require_roles(call, guild, channel, {**channel.overwrites, one.id: one})
        known = one.id in channel.overwrites
        overwrites.put(call.store, channel, one)
        action = AuditAction.OVERWRITE_UPDATE if known else AuditAction.OVERWRITE_CREATE
        audit.note(call.store, guild, action, channel.id, call.reason)
    return NO_CONTENT


def _delete_overwrite(call: Call) -> Reply:
    channel, guild = _overwritten(call)
    target = call.id(1)
    left = {key: one for key, one in channel.overwrites.items() if key != target}
    _require_roles(call, guild, channel, left)
    overwrites.remove(call.store, channel, target)
    audit.note(call.store, guild, AuditAction.OVERWRITE_DELETE, channel.id, call.reason)
    return NO_CONTENT


_OVERWRITE = "/channels/{}/permissions/{}"

ROUTES = [
    Route("GET", "/guilds/{}/channels", _list),
    Route("POST", "/guilds/{}/channels", _create),
    Route("PATCH", "/guilds/{}/channels", _move),
    Route("GET", "/channels/{}", _get),
    Route("PATCH", "/channels/{}", _edit),
    Route("DELETE", "/channels/{}", _delete),
    Route("PUT", _OVERWRITE, _put_overwrite),
    Route("DELETE", _OVERWRITE, _delete_overwrite),
]
