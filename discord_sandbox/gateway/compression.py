"""The gateway's compression: one stream for each connection, or each large message by itself."""

import importlib
import zlib
from collections.abc import Callable
from typing import Any

Squeeze = Callable[[bytes], bytes]

WORTH_IT = 1024
"""From how many bytes on a message is compressed by itself; Discord leaves small ones as they are."""


def stream(name: str) -> Squeeze | None:
    """Begin a compressed stream.

    Args:
        name: What the bot asked for: `zlib-stream` or `zstd-stream`.

    Returns:
        The function that compresses the next message of the stream; None if the sandbox cannot do this kind.
    """
    if name == "zlib-stream":
        return _zlib()
    return _zstd() if name == "zstd-stream" else None


def alone(message: bytes) -> bytes:
    """Compress one message by itself, in the zlib format."""
    return zlib.compress(message, 1)


def _zlib() -> Squeeze:
    deflate = zlib.compressobj(1)
    return lambda message: deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _zstd() -> Squeeze | None:
    # A bot asks for it where one of these can be imported, and that is the same interpreter as a rule.
    for module in ("compression.zstd", "backports.zstd"):
        try:
            zstd: Any = importlib.import_module(module)
        except ImportError:
            continue
        compressor = zstd.ZstdCompressor()
        return lambda message: bytes(compressor.compress(message, mode=compressor.FLUSH_BLOCK))
    return None
