"""Gets a file that somebody handed over with a command, or that hangs on a message of ours."""

import asyncio
from typing import Final

import hikari

from bot.outgoing import repeat_safely

SECONDS: Final = 10.0
"""How long one try may take; a file of settings is small."""


class TooLargeError(Exception):
    """The file is larger than it may be."""


async def download(attachment: hikari.Attachment, largest: int) -> bytes:
    """Get a file.

    Args:
        attachment: as Discord described it; what it says of its size is not relied on.
        largest: how many bytes are read at most.

    Raises:
        TooLargeError: it is larger.
        hikari.HikariError: it could not be had.
    """
    if attachment.size > largest:
        raise TooLargeError
    return await repeat_safely(_read, attachment, largest)


async def _read(attachment: hikari.Attachment, largest: int) -> bytes:
    content = bytearray()
    async with asyncio.timeout(SECONDS), attachment.stream() as stream:
        async for chunk in stream:
            content += chunk
            if len(content) > largest:
                raise TooLargeError
    return bytes(content)
