"""Reads a request's body: JSON, or a form with JSON and files."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any, NoReturn
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from discord_sandbox import limits
from discord_sandbox.errors import ApiError, FormErrors, refusal
from discord_sandbox.forms.base import snowflake
from discord_sandbox.forms.message import Upload

_FILE = re.compile(r"files\[([0-9]+)\]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""How half a sign begins in JSON: without its other half it is no text."""


class ClientGone(Exception):  # noqa: N818 - what the client did, not something that went wrong here
    """Raised when a client closes its connection while it sends a body."""


async def read_body(request: web.BaseRequest) -> tuple[Any, dict[int, Upload]]:
    """Give the JSON of a request (None if there is none) and its files by number.

    Raises:
        ApiError: The body is too large (40005), no valid JSON (50109), or a form that cannot be read or a
            kind that Discord does not take (50035).
        ClientGone: It ended before it was whole.
    """
    if not request.can_read_body:
        return None, {}
    kind = request.content_type
    is_form = kind == "multipart/form-data"
    try:
        if is_form:
            return await _read_form(request)
        raw = await _read_plain(request)
    except ApiError:
        raise
    except ConnectionError as error:
        raise ClientGone from error
    except Exception as error:
        # aiohttp raises errors of many kinds where a body is malformed.
        raise _unreadable(error) if is_form else refusal(50109) from error
    if not raw:
        return None, {}
    if kind != "application/json":
        raise _wrong_kind(kind)
    return _parse(raw), {}


def _unreadable(error: Exception) -> ApiError:
    errors = FormErrors()
    errors.add((), "CONTENT_TYPE_INVALID", f"The form cannot be read: {error}.")
    return errors.refusal()


def _wrong_kind(kind: str) -> ApiError:
    errors = FormErrors()
    if kind == "application/x-www-form-urlencoded":
        # Discord takes it (page reference, "Content Type").
        errors.unknown_field(("content_type", kind))
    else:
        said = f'Expected "Content-Type" header to be application/json, not {kind}.'
        errors.add((), "CONTENT_TYPE_INVALID", said)
    return errors.refusal()


async def _read_plain(request: web.BaseRequest) -> bytes:
    # aiohttp's own way to read all has a limit that is smaller than Discord's.
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > limits.REQUEST_BYTES:
            raise refusal(40005)
    return bytes(raw)


# -- JSON ---------------------------------------------------------------------------------------------


def _finite(written: str) -> float:
    number = float(written)
    return _no_json(written) if number in _INFINITE else number


def _no_json(written: str) -> NoReturn:
    raise ValueError(f"{written} is no number in JSON")


_INFINITE = frozenset({float("inf"), float("-inf")})
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_no_json)
"""Reads JSON without what only Python writes: NaN and infinite numbers."""


def _parse(raw: bytes) -> Any:  # noqa: ANN401 - JSON of any shape
    try:
        # JSON between programs is UTF-8 (RFC 8259); Python would guess.
        found = _DECODER.decode(raw.decode())
        if _SURROGATE.search(raw):
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise refusal(50109) from error
    return found


# -- forms --------------------------------------------------------------------------------------------


async def _read_form(request: web.BaseRequest) -> tuple[Any, dict[int, Upload]]:
    payload: Any = {}
    uploads: dict[int, Upload] = {}
    left = limits.REQUEST_BYTES
    async for part in _parts(request):
        data = await _read_part(part, min(left, limits.FILE_BYTES))
        left -= len(data)
        name = part.name or ""
        if name == "payload_json":
            payload = _parse(data)
        elif (number := _file_number(name)) is not None:
            content_type = part.headers.get("Content-Type", "application/octet-stream")
            # aiohttp, and so hikari, writes file names as they stand in addresses.
            uploads[number] = Upload(unquote(part.filename or f"file{number}"), data, content_type)
        else:
            errors = FormErrors()
            errors.unknown_field((name,), "The sandbox does not know this part of a form.")
            raise errors.refusal()
    return payload, uploads


def _file_number(name: str) -> int | None:
    match = _FILE.fullmatch(name)
    return None if match is None else snowflake(match[1])


async def _parts(request: web.BaseRequest) -> AsyncIterator[BodyPartReader]:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise refusal(50109)
        yield part


async def _read_part(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while not part.at_eof():
        data += await part.read_chunk()
        if len(data) > most:
            raise refusal(40005)
    return bytes(part.decode(data))
