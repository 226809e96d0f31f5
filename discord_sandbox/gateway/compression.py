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


def missing(name: str) -> str:
    """Say what to do about a stream that cannot be begun."""
    if name != "zstd-stream":
        return f"compress={name} is not known here; there is zlib-stream and zstd-stream"
    return (
        "compress=zstd-stream needs zstd where the sandbox runs too: install the extra `speedups`, or "
        "backports.zstd, there (Python 3.14 brings it along)"
    )


def alone(message: bytes) -> bytes:
    """Compress one message by itself, in the zlib format."""
    return zlib.compress(message, 1)


def _zlib() -> Squeeze:
    deflate = zlib.compressobj(1)
    return lambda message: deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH)


def _zstd() -> Squeeze | None:
    for module in ("compression.zstd", "backports.zstd"):
        try:
            zstd: Any = importlib.import_module(module)
        except ImportError:
            continue
        compressor = zstd.ZstdCompressor()
        return lambda message: bytes(compressor.compress(message, mode=compressor.FLUSH_BLOCK))
    return None
