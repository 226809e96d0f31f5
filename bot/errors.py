"""The bot's typed errors, each with a stable code."""

import secrets
from collections.abc import Sequence
from typing import ClassVar

from loguru import logger


class BotError(Exception):
    """Anything of ours that went wrong; `code` is stable and stands in the log and in what people read."""

    code: ClassVar[str] = "bot"


class StartError(BotError):
    """The bot cannot start; the message is one line that says what to do."""

    code = "start"


class RefusedTokenError(StartError):
    """Discord does not take the token."""

    code = "token"


class DiscordUnreachableError(StartError):
    """Discord does not answer at the configured address."""

    code = "discord"


class ExtensionError(StartError):
    """A part of the bot failed to load, so its commands must not be registered."""

    code = "extension"


class SettingsError(StartError):
    """The settings cannot be used; `problems` has one line for each fault."""

    code = "settings"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class BackendUnusableError(StartError):
    """The task backend does not answer, does not take the key, or is something else."""

    code = "backend"


class DatabaseError(StartError):
    """The bot's database cannot be used."""

    code = "database"


class DatabaseClosedError(BotError):
    """The bot's database has been closed, because the bot is closing, or was not opened yet."""

    code = "database_closed"


class RestartingError(BotError):
    """The bot is closing and takes nothing new; somebody will have to ask again."""

    code = "restarting"


class TooFastError(BotError):
    """Somebody did so much in a short time that they have to wait.

    Attributes:
        seconds: how long at least.
    """

    code = "too_fast"

    def __init__(self, seconds: float) -> None:
        super().__init__("too much in a short time")
        self.seconds = seconds


def report(error: BaseException) -> str:
    """Log an error that nobody expected, and give the short id under which it stands in the log."""
    error_id = secrets.token_hex(3)
    logger.opt(exception=error).error("Unexpected error {}: {}", error_id, type(error).__name__)
    return error_id
