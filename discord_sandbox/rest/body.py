"""Reads a request's body: JSON, or a form with JSON and files."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import BodyPartReader, web

from discord_sandbox import limits
from discord_sandbox.errors import ApiError, FormErrors, refusal
from discord_sandbox.forms.message import Upload

_FILE = re.compile(r"files\[(\d+)\]")


async def read_body(request: web.BaseRequest) -> tuple[Any, dict[int, Upload]]:
    """Give the JSON of a request (None if there is none) and its files by number.

    Raises:
        ApiError: The body is too large, no valid JSON, or of a kind that Discord does not take.
    """
    if not request.can_read_body:
        return None, {}
    kind = request.content_type
    if kind == "multipart/form-data":
        return await _read_form(request)
    raw = await _read_plain(request)
    if not raw:
        return None, {}
    if kind != "application/json":
        raise _wrong_kind(kind)
    return _parse(raw), {}


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


def _parse(raw: bytes) -> Any:  # noqa: ANN401 - JSON of any shape
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise refusal(50109) from error


async def _read_form(request: web.BaseRequest) -> tuple[Any, dict[int, Upload]]:
    payload: Any = None
    uploads: dict[int, Upload] = {}
    left = limits.REQUEST_BYTES
    async for part in _parts(request):
        data = await _read_part(part, min(left, limits.FILE_BYTES))
        left -= len(data)
        name = part.name or ""
        if name == "payload_json":
            payload = _parse(data)
        elif match := _FILE.fullmatch(name):
            content_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads[int(match[1])] = Upload(part.filename or f"file{match[1]}", data, content_type)
        else:
            errors = FormErrors()
            errors.unknown_field((name,), "The sandbox does not know this part of a form.")
            raise errors.refusal()
    return payload, uploads


async def _parts(request: web.BaseRequest) -> AsyncIterator[BodyPartReader]:
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise refusal(50109)
            yield part
    except ValueError as error:
        errors = FormErrors()
        errors.add((), "CONTENT_TYPE_INVALID", f"The form cannot be read: {error}.")
        raise errors.refusal() from error


async def _read_part(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while not part.at_eof():
        data += await part.read_chunk()
        if len(data) > most:
            raise refusal(40005)
    return bytes(part.decode(data))
