"""The log of the backend when it runs on its own: standard error, without anything that people wrote.

Libraries quote in the words of their errors what they could not use, and loguru would by itself show the
values of variables. So of an error the log has its kind and the lines of code that led to it.
"""

import logging
import sys
import traceback
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Record

LINE = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <8} {name}: {extra[call]}{message}\n{extra[error]}"


class _ToLoguru(logging.Handler):
    """Hands the libraries' records on, with the place they came from."""

    def emit(self, record: logging.LogRecord) -> None:
        bound = logger.patch(lambda line: line.update({"name": record.name}))
        # Below its first line asyncio shows the objects at hand.
        message = record.getMessage().partition("\n")[0]
        bound.opt(exception=record.exc_info).log(record.levelno, "{}", message)


def set_up_logging() -> None:
    """Log to standard error: from INFO on what the backend says, from WARNING on what libraries say."""
    log_from("INFO")
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING)


def log_from(level: str) -> None:
    """Log from another level on what the backend says.

    Args:
        level: a name of loguru's, such as DEBUG.
    """
    logger.remove()
    logger.add(_write, level=level, format=_format, diagnose=False, backtrace=False)


def _write(line: str) -> None:
    sys.stderr.write(line)
    sys.stderr.flush()


def _format(record: "Record") -> str:
    shown = record["exception"]
    lines = []
    if shown is not None and shown.type is not None:
        lines = [*traceback.format_tb(shown.traceback), f"{shown.type.__qualname__}\n"]
    record["extra"]["error"] = "".join(lines)
    request_id = record["extra"].get("request_id")
    record["extra"]["call"] = f"[{request_id}] " if request_id else ""
    return LINE
