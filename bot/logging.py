"""One place through which everything is logged: ours and the libraries', to standard error."""

import logging
import sys
import warnings

import stamina.instrumentation
from loguru import logger

LIBRARIES = (
    "hikari",
    "lightbulb",
    "linkd",
    "miru",
    "aiohttp",
    "aiosqlite",
    "alembic",
    "sqlalchemy",
    "asyncio",
)

LINE = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <8} {name}: {message}"


class _ToLoguru(logging.Handler):
    """Hands the libraries' records on, with the place they came from."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        bound = logger.patch(lambda line: line.update({"name": record.name}))
        bound.opt(exception=record.exc_info).log(level, "{}", record.getMessage())


def set_up_logging(level: str) -> None:
    """Log from `level` on (a loguru name) to standard error, the libraries from WARNING on.

    Values of variables are never shown in tracebacks: they may hold tokens and what people wrote.
    """
    logger.remove()
    logger.add(sys.stderr, level=level, format=LINE, diagnose=False, backtrace=False)
    logging.captureWarnings(True)
    # Below WARNING the libraries tell what they send, and with it what people wrote.
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)
    warnings.simplefilter("default")
    # stamina would log the arguments of what it repeats, and these hold texts.
    stamina.instrumentation.set_on_retry_hooks([])
