"""A backend written by hand, byte by byte: what it reads and how it answers."""

import asyncio
from collections.abc import Awaitable, Callable

from oasst_client import (
    OasstApiClient,
    TextReplyToMessage,
    User,
)

Connect = Callable[..., Awaitable[OasstApiClient]]
ServeRaw = Callable[..., Awaitable[str]]

TEXT = "what nobody else may read"


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """Read one whole request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    return head + await reader.readexactly(length)


def http(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Write an answer; `length` is what it claims to have."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {size}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sending(data: bytes) -> Callable[..., Awaitable[None]]:
    """Answer each connection's first request with these bytes, and close."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(data)
        await writer.drain()

    return handle


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Take all and say nothing until the other side has had enough."""
    await reader.read()


async def hand_in(client: OasstApiClient, user: User) -> object:
    """Make a call that sends a text."""
    return await client.post_interaction(
        TextReplyToMessage(user=user, message_id="1", user_message_id="2", text=TEXT)
    )
