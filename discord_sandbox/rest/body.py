"""Reads a request's body: JSON, or a form with JSON and files."""

import json
import re
from typing import Any

from aiohttp import BodyPartReader, web

from discord_sandbox import limits
from discord_sandbox.errors import ApiError, refusal
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
        raise ApiError(
            400,
            50035,
            "Invalid Form Body",
            {
                "_errors": [
                    {
                        "code": "CONTENT_TYPE_INVALID",
                        "message": f'Expected "Content-Type" header to be application/json, not {kind}.',
                    }
                ]
            },
        )
    return _parse(raw), {}


async def _read_plain(request: web.BaseRequest) -> bytes:
    # aiohttp's own `read` has a limit that is smaller than Discord's.
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > limits.REQUEST_BYTES:
            raise refusal(40005)
    return bytes(raw)


def _parse(raw: bytes) -> Any:  # noqa: ANN401 - JSON of any shape
    try:
        return json.loads(raw)
    except ValueError as error:
        raise refusal(50109) from error


async def _read_form(request: web.BaseRequest) -> tuple[Any, dict[int, Upload]]:
    payload: Any = None
    uploads: dict[int, Upload] = {}
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise refusal(50109)
        data = bytes(await part.read(decode=True))
        total += len(data)
        if total > limits.REQUEST_BYTES or len(data) > limits.FILE_BYTES:
            raise refusal(40005)
        name = part.name or ""
        if name == "payload_json":
            payload = _parse(data)
        elif match := _FILE.fullmatch(name):
            content_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads[int(match[1])] = Upload(part.filename or f"file{match[1]}", data, content_type)
        else:
            raise ApiError(
                400,
                50035,
                "Invalid Form Body",
                {
                    name: {
                        "_errors": [
                            {
                                "code": "SANDBOX_UNKNOWN",
                                "message": "The sandbox does not know this part of a form.",
                            }
                        ]
                    }
                },
            )
    return payload, uploads
