"""Checks the bodies that make or change a channel of a guild, and its overwrites."""

from typing import Any

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors, refusal
from discord_sandbox.forms.base import (
    Path,
    known_fields,
    number,
    objects,
    one_of,
    snowflake,
    text,
    truth,
    whole,
)
from discord_sandbox.forms.threads import check_archive_minutes
from discord_sandbox.world.model import GUILD_CHANNELS, Channel, ChannelType, Guild, Json, Overwrite

_ALL = ("name", "type", "position", "permission_overwrites")
_LISTED = (*_ALL, "parent_id", "nsfw", "topic", "default_auto_archive_duration")
_SLOW = ("rate_limit_per_user", "default_thread_rate_limit_per_user")
_FIELDS = {
    ChannelType.CATEGORY: _ALL,
    ChannelType.ANNOUNCEMENT: _LISTED,
    ChannelType.TEXT: (*_LISTED, *_SLOW),
    ChannelType.FORUM: (*_LISTED, *_SLOW),
}
"""What each kind of channel has (page resources/channel, "Modify Channel")."""

_WHEN_NULL: dict[str, Any] = {
    "nsfw": False,
    "rate_limit_per_user": 0,
    "default_thread_rate_limit_per_user": 0,
    "topic": None,
    "default_auto_archive_duration": None,
}
"""What null means; null for anything else leaves it as it is."""


def read_channel(body: Json, guild: Guild) -> tuple[str, ChannelType, Json]:
    """Check the body of a new channel.

    Returns:
        Its name, its kind, and its other attributes by their names in `Channel`.

    Raises:
        ApiError: 50035 with everything that is wrong; 10009.
    """
    errors = FormErrors()
    kind = ChannelType.TEXT if body.get("type") is None else number(body)
    if kind not in GUILD_CHANNELS:
        errors.unknown_field(
            ("type",), "The sandbox makes only text, announcement and forum channels, and categories."
        )
        raise errors.refusal()
    settings = _read(errors, body, guild, ChannelType(kind), None)
    errors.raise_if_any()
    return settings.pop("name"), ChannelType(kind), settings


def read_channel_changes(body: Json, guild: Guild, channel: Channel) -> Json:
    """Check the body that changes a channel, and give the attributes by their names in `Channel`.

    Raises:
        ApiError: 50035 with everything that is wrong; 10009.
    """
    errors = FormErrors()
    if body.get("type") is not None and not one_of(body["type"], (channel.type,)):
        errors.unknown_field(("type",), "The sandbox does not turn a channel into another kind.")
    changes = _read(errors, body, guild, channel.type, channel)
    errors.raise_if_any()
    return changes


def _read(errors: FormErrors, body: Json, guild: Guild, kind: ChannelType, channel: Channel | None) -> Json:
    known_fields(errors, body, _FIELDS[kind])
    text(errors, body, "name", (), least=1, most=limits.CHANNEL_NAME, required=channel is None)
    topic = limits.FORUM_TOPIC if kind is ChannelType.FORUM else limits.TOPIC
    text(errors, body, "topic", (), most=topic)
    whole(errors, body, "position", (), least=0, most=(1 << 31) - 1)
    for key in _SLOW:
        whole(errors, body, key, (), least=0, most=limits.SLOWMODE)
    check_archive_minutes(errors, body, "default_auto_archive_duration")
    truth(errors, body, "nsfw", ())
    found = {key: body[key] for key in ("name", "position") if body.get(key) is not None}
    found |= {key: default for key, default in _WHEN_NULL.items() if key in body}
    found |= {key: body[key] for key in _WHEN_NULL if body.get(key) is not None}
    if "parent_id" in body:
        found["parent"] = _parent(errors, body, guild, channel)
    if body.get("permission_overwrites") is not None:
        found["overwrites"] = _overwrites(errors, body, guild)
    return found


def _parent(
    errors: FormErrors, body: Json, guild: Guild, channel: Channel | None, path: Path = ()
) -> Channel | None:
    """Give the category that a body puts a channel into, new or not; None for none.

    There is room for 50 channels in a category (page resources/channel, "Channel Types").
    """
    raw = body.get("parent_id")
    if raw is None:
        return None
    where, most = (*path, "parent_id"), limits.CATEGORY_CHANNELS
    category = guild.channels.get(snowflake(raw) or 0)
    if category is None:
        errors.add(where, "CHANNEL_PARENT_INVALID", "Category does not exist")
    elif category.type is not ChannelType.CATEGORY:
        errors.add(where, "CHANNEL_PARENT_INVALID_TYPE", "Not a category")
    elif sum(one.parent is category and one is not channel for one in guild.channels.values()) >= most:
        errors.add(
            where,
            "CHANNEL_PARENT_MAX_CHANNELS",
            f"Maximum number of channels in category reached ({most})",
        )
    return category


def _overwrites(errors: FormErrors, body: Json, guild: Guild) -> dict[int, Overwrite]:
    path: Path = ("permission_overwrites",)
    found = objects(errors, body, "permission_overwrites", (), most=limits.OVERWRITES)
    read: dict[int, Overwrite] = {}
    for index, raw in enumerate(found):
        known_fields(errors, raw, ("id", "type", "allow", "deny"), (*path, index))
        target = snowflake(raw.get("id"))
        if target is None:
            errors.required((*path, index, "id"))
        elif (one := read_overwrite(errors, raw, guild, target, (*path, index))) is not None:
            read[target] = one
    return read


def read_overwrite(
    errors: FormErrors, body: Json, guild: Guild, target: int, path: Path = ()
) -> Overwrite | None:
    """Check what a channel shall grant to or take from a role or member; None if the body is not valid.

    Raises:
        ApiError: 10009, there is no such role or member.
    """
    kind = body.get("type")
    if kind is None:
        kind = 0 if target in guild.roles else 1
    if not one_of(kind, (0, 1)):
        errors.bad_choice((*path, "type"), (0, 1))
        return None
    if target not in (guild.members if kind else guild.roles):
        raise refusal(10009)
    bits = [_bits(errors, body, key, path) for key in ("allow", "deny")]
    return Overwrite(target, kind, *bits)


def _bits(errors: FormErrors, body: Json, key: str, path: Path) -> int:
    raw = body.get(key)
    found = 0 if raw is None else snowflake(raw)
    if found is None:
        errors.add((*path, key), "PERMISSION_TYPE", f"Value {raw!r} is not a set of permissions.")
        return 0
    return found


def read_positions(body: object, guild: Guild) -> list[tuple[Channel, Json]]:
    """Check the body that moves channels, and give the attributes of each by their names in `Channel`.

    Raises:
        ApiError: 50035; 10003, the guild has no such channel.
    """
    errors = FormErrors()
    found = objects(errors, {"channels": body}, "channels", (), most=limits.GUILD_CHANNELS)
    moves: list[tuple[Channel, Json]] = []
    for index, raw in enumerate(found):
        known_fields(errors, raw, ("id", "position", "parent_id", "lock_permissions"), (index,))
        whole(errors, raw, "position", (index,), least=0, most=(1 << 31) - 1)
        truth(errors, raw, "lock_permissions", (index,))
        channel = guild.channels.get(snowflake(raw.get("id")) or 0)
        if channel is None:
            raise refusal(10003)
        changes: Json = {"position": raw["position"]} if raw.get("position") is not None else {}
        if "parent_id" in raw:
            changes["parent"] = _parent(errors, raw, guild, channel, (index,))
        category = changes.get("parent", channel.parent)
        if raw.get("lock_permissions") and category is not None:
            changes["overwrites"] = category.overwrites
        moves.append((channel, changes))
    errors.raise_if_any()
    return moves
