"""Checks the frames that the bot sends (page events/gateway-events, send events)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeGuard, TypeVar

from discord_sandbox import limits
from discord_sandbox.forms.base import snowflake
from discord_sandbox.gateway.closing import CloseCode, Closing
from discord_sandbox.gateway.presence import ACTIVITY_TYPES, STATUSES, Presence, activity_text
from discord_sandbox.intents import KNOWN, PRIVILEGED
from discord_sandbox.world.model import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the bot asks for when it begins a session.

    Attributes:
        intents: The intents, as bits.
        shard: Which shard of how many; None if the bot did not say, and is one.
        large_threshold: How many members make a guild large.
        compress: Whether the bot takes large frames compressed one by one.
        presence: How it wants to be seen.
    """

    intents: int
    shard: tuple[int, int] | None = None
    large_threshold: int = 50
    compress: bool = False
    presence: Presence | None = None


def read_frame(raw: str | bytes) -> tuple[int, Any]:
    """Give a frame's opcode and data.

    Raises:
        Closing: 4002, it is too large, no JSON in UTF-8, nested too deeply, or has no `op` and `d`; 4001, its
            opcode is no whole number, it has unknown fields, or a text that is not Unicode.
    """
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode())
    if size > limits.FRAME_BYTES:
        raise Closing(CloseCode.DECODE_ERROR, f"a frame may have at most {limits.FRAME_BYTES} bytes")
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        frame = json.loads(text, parse_constant=_no_number)
        op, data = frame["op"], frame["d"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Closing(CloseCode.DECODE_ERROR, "a frame is JSON with op and d") from error
    if unknown := frame.keys() - {"op", "d", "s", "t"}:
        _refuse(f"unknown fields {sorted(unknown)}")
    if not _is_whole(op):
        _refuse(f"opcode {op!r} is no whole number")
    # Only an escape can bring in half of a surrogate pair.
    if "\\u" in text and not _is_unicode(frame):
        _refuse("a text has half of a surrogate pair")
    return op, data


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _is_unicode(frame: Json) -> bool:
    try:
        json.dumps(frame, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def read_identify(data: Json, switched_on: int) -> Wanted:
    """Check an identify, but for its token.

    Args:
        data: The frame's data.
        switched_on: The privileged intents that are switched on for the bot, as bits.

    Raises:
        Closing: 4010, 4013, 4014, or 4001 for anything else that is not valid.
    """
    intents = data.get("intents")
    if not _is_whole(intents) or intents < 0 or intents & ~KNOWN:
        raise Closing(CloseCode.INVALID_INTENTS, f"intents {intents!r} are not known")
    if intents & PRIVILEGED & ~switched_on:
        raise Closing(CloseCode.DISALLOWED_INTENTS, "a privileged intent is not switched on")
    shard = _shard(data.get("shard"))
    _known(
        data,
        (
            "token",
            "properties",
            "compress",
            "large_threshold",
            "shard",
            "presence",
            "intents",
            "capabilities",
        ),
    )
    properties = _field(data, "properties", lambda value: isinstance(value, dict), None)
    if properties is None:
        _refuse("properties are missing: an object with os, browser and device")
    _field(data, "capabilities", _is_whole, 0)
    presence = data.get("presence")
    return Wanted(
        intents=intents,
        shard=shard,
        large_threshold=_field(data, "large_threshold", _is_threshold, 50),
        compress=_field(data, "compress", _is_flag, False),
        presence=None if presence is None else read_presence(presence),
    )


def _shard(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(map(_is_whole, value)):  # noqa: PLR2004 - number and count
        number, count = value
        if 0 <= number < count:
            return number, count
    raise Closing(CloseCode.INVALID_SHARD, f"shard {value!r} is not [number, count]")


def read_resume(data: Json) -> tuple[str, int]:
    """Check a resume, but for its token; gives the session's id and the number of the last event.

    Raises:
        Closing: 4001, or 4007 if the number is none.
    """
    _known(data, ("token", "session_id", "seq"))
    session_id: str = _needed(data, "session_id", lambda value: isinstance(value, str))
    seq = data.get("seq")
    if not _is_whole(seq) or seq < 0:
        raise Closing(CloseCode.INVALID_SEQ, f"seq {seq!r} is not a number of an event")
    return session_id, seq


def read_presence(data: Any) -> Presence:  # noqa: ANN401 - it is what is checked
    """Check how the bot wants to be seen.

    Raises:
        Closing: 4001, it is not valid.
    """
    # hikari sends one activity as `game`, as older versions of the gateway had it.
    body = _object(data, ("since", "activities", "game", "status", "afk"))
    _field(body, "since", _is_whole, None)
    _field(body, "afk", _is_flag, False)
    status = _field(body, "status", lambda value: isinstance(value, str) and value in STATUSES, "online")
    activities: list[Any] = _field(body, "activities", lambda value: isinstance(value, list), [])
    texts = [_activity(one) for one in (*activities, *([body["game"]] if body.get("game") else ()))]
    return Presence(status, texts[0] if texts else "")


def _activity(data: Any) -> str:  # noqa: ANN401 - it is what is checked
    body = _object(data, ("name", "type", "url", "state"))
    name = _needed(body, "name", lambda value: isinstance(value, str))
    kind = _needed(body, "type", lambda value: _is_whole(value) and value in ACTIVITY_TYPES)
    return activity_text(kind, name, _field(body, "state", lambda value: isinstance(value, str), None))


def check_voice_state(data: Any) -> None:  # noqa: ANN401 - it is what is checked
    """Check a request to join or leave a voice channel; the sandbox has none.

    Raises:
        Closing: 4001, it is not valid.
    """
    body = _object(data, ("guild_id", "channel_id", "self_mute", "self_deaf"))
    _needed(body, "guild_id", _is_id)
    _field(body, "channel_id", _is_id, None)
    _field(body, "self_mute", _is_flag, False)
    _field(body, "self_deaf", _is_flag, False)


@dataclass(frozen=True, slots=True)
class MembersWanted:
    """Which members of a guild the bot asks for: some by id, some by how their names begin, or all.

    Attributes:
        guild_id: The guild.
        user_ids: The people, as they were written; None to look by name.
        query: How their names begin; empty for all.
        limit: How many at most; 0 for all.
        nonce: What the answer repeats; None for nothing.
    """

    guild_id: int
    user_ids: tuple[str, ...] | None
    query: str
    limit: int
    presences: bool
    nonce: str | None


def read_members_wanted(data: Any) -> MembersWanted:  # noqa: ANN401 - it is what is checked
    """Check a request for the members of a guild.

    Raises:
        Closing: 4001, it is not valid.
    """
    body = _object(data, ("guild_id", "query", "limit", "presences", "user_ids", "nonce"))
    user_ids = body.get("user_ids")
    query = _field(body, "query", lambda value: isinstance(value, str), None)
    if user_ids is None and query is None:
        _refuse("one of query and user_ids is needed")
    if user_ids is None and "limit" not in body:
        _refuse("a query needs a limit")
    listed = user_ids if isinstance(user_ids, list) else [] if user_ids is None else [user_ids]
    nonce = body.get("nonce")
    return MembersWanted(
        guild_id=int(_needed(body, "guild_id", _is_id)),
        user_ids=None if user_ids is None else tuple(str(one) for one in listed),
        query=query or "",
        limit=_field(body, "limit", lambda value: _is_whole(value) and value >= 0, 0),
        presences=_field(body, "presences", _is_flag, False),
        nonce=nonce if isinstance(nonce, str) and len(nonce.encode()) <= limits.MEMBERS_NONCE_BYTES else None,
    )


def _object(data: Any, known: Iterable[str]) -> Json:  # noqa: ANN401 - it is what is checked
    if not isinstance(data, dict):
        _refuse("the data must be an object")
    _known(data, known)
    return data


def _known(data: Json, known: Iterable[str]) -> None:
    if unknown := data.keys() - set(known):
        _refuse(f"unknown fields {sorted(unknown)}")


def _needed(data: Json, key: str, valid: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - a value of any type
    value = data.get(key)
    if not valid(value):
        _refuse(f"{key} {value!r} is not valid")
    return value


def _field(data: Json, key: str, valid: Callable[[Any], bool], default: T) -> T | Any:  # noqa: ANN401 - as above
    return default if data.get(key) is None else _needed(data, key, valid)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_threshold(value: object) -> bool:
    least, most = limits.LARGE_THRESHOLD
    return _is_whole(value) and least <= value <= most


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_id(value: object) -> bool:
    return snowflake(value) is not None


def _refuse(why: str) -> NoReturn:
    raise Closing(CloseCode.UNKNOWN_OPCODE, why)
