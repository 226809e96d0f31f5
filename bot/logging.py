"""One place through which everything is logged, ours and the libraries': to standard error, without secrets.

What people wrote stands in the words of many errors (a library quotes what it could not use), and hikari's
errors name addresses with the tokens of interactions in them. So a traceback shows code and kinds of errors,
and of an error's words only what cannot quote anybody; tokens are taken out of every line.
"""

import logging
import re
import sys
import traceback
import warnings
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final

import hikari
import stamina.instrumentation
from loguru import logger

from bot.errors import BotError
from oasst_client import OasstError

if TYPE_CHECKING:
    from loguru import Record

LINE = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <8} {name}: {extra[call]}{message}"

_ADDRESS_TOKEN: Final = re.compile(r"\b((?:interactions|webhooks)/\d+/)[^/\s?'\"]+")
"""An interaction's token in an address of Discord's: whoever has it can answer for the bot."""

_BUCKET_TOKEN: Final = re.compile(r"\b(\d{15,20}:)[\w.=-]{20,}")
"""The same token in the name of one of hikari's rate limits."""


class _ToLoguru(logging.Handler):
    """Hands the libraries' records on, with the place they came from."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        message = record.getMessage()
        if record.name == "asyncio":
            # Below its first line asyncio shows the objects at hand, and with them an error's words.
            message = message.partition("\n")[0]
        bound = logger.patch(lambda line: line.update({"name": record.name}))
        bound.opt(exception=record.exc_info).log(level, "{}", message)


def set_up_logging(level: str) -> None:
    """Log from `level` on (a loguru name) to standard error, the libraries from WARNING on."""
    logger.remove()
    logger.add(_write, level=level, format=_format, diagnose=False, backtrace=False)
    logging.captureWarnings(True)
    # Below WARNING the libraries tell what they send, and with it what people wrote.
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)
    warnings.simplefilter("default")
    # stamina would log the arguments of what it repeats, and these hold texts.
    stamina.instrumentation.set_on_retry_hooks([])


def without_tokens(line: str) -> str:
    """Take the tokens of interactions out of a line."""
    return _BUCKET_TOKEN.sub(r"\1***", _ADDRESS_TOKEN.sub(r"\1***", line))


def _write(line: str) -> None:
    # Looked up anew each time: a progress display may stand in for it meanwhile.
    sys.stderr.write(without_tokens(line))
    sys.stderr.flush()


def _format(record: "Record") -> str:
    """Give loguru's format of a line: it, and what is shown of the error."""
    shown = record["exception"]
    lines: list[str] = []
    if shown is not None and shown.value is not None:
        lines += _told(shown.value, set())
    elif shown is not None and shown.type is not None:
        lines += [*_frames(shown.traceback), shown.type.__qualname__ + "\n"]
    record["extra"]["error"] = "".join(lines)
    # The embedded backend names the call that a line belongs to.
    request_id = record["extra"].get("request_id")
    record["extra"]["call"] = f"[{request_id}] " if request_id else ""
    return LINE + "\n{extra[error]}"


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    """Tell of an error, and before it of those that led to it."""
    seen.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (earlier, *parts):
        if other is not None and id(other) not in seen:
            yield from _told(other, seen)
    yield from _frames(error.__traceback__)
    words = _words(error)
    yield f"{type(error).__module__}.{type(error).__qualname__}{': ' if words else ''}{words}\n"


def _frames(trace: TracebackType | None) -> list[str]:
    return ["Traceback (most recent call last):\n", *traceback.format_tb(trace)] if trace is not None else []


def _words(error: BaseException) -> str:
    """Give what an error says, where that cannot hold a token or what somebody wrote."""
    match error:
        case BotError():
            return str(error)
        case hikari.HTTPResponseError():
            return f"HTTP {int(error.status)}, code {error.code}"
        case OasstError():
            return f"code {error.code}, HTTP {error.http_status or 'none'}"
        case OSError():
            return error.strerror or ""
    return str(getattr(error, "sqlite_errorname", ""))
