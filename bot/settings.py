"""The bot's settings: environment variables, or the same names in a file `.env`."""

import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv.parser import parse_stream
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError
from bot.limits import LINK
from oasst_client import parse_backend_url

ENV_FILE = Path(".env")

LOOKS_LIKE_OURS = ("BOT_", "OASST_", "DISCORD_", "TASK_LIFETIME")
"""A name in `.env` that starts so is the bot's, so that an unknown one is a mistake."""

SHARED_WITH_THE_BACKEND = ("BACKEND_", "TREE_MANAGER__")
"""Names in the same file that are not the bot's to judge."""


def _split(value: object) -> object:
    """Take a list as JSON or separated by commas."""
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError("must be ids separated by commas, or a JSON list") from error
    return [part.strip() for part in text.split(",") if part.strip()]


Snowflakes = Annotated[list[Annotated[int, Field(gt=0, lt=2**63)]], NoDecode, BeforeValidator(_split)]


class BotSettings(BaseSettings):
    """Everything an operator may set; see each field's description."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        hide_input_in_errors=True,
        env_ignore_empty=True,
        validate_default=True,
    )

    bot_token: SecretStr = Field(
        default=SecretStr(""),
        description="The bot's token from Discord's developer portal; empty: the sandbox.",
    )
    oasst_api_url: str = Field(
        default="", description="The task backend's address, without /api/v1; empty: the embedded backend."
    )
    oasst_api_key: SecretStr = Field(
        default=SecretStr(""), description="The key that the task backend gave this bot."
    )
    bot_database_url: str = Field(
        default="sqlite+aiosqlite:///data/bot.db", description="The bot's own database, an SQLite file."
    )
    discord_rest_url: str = Field(
        default="https://discord.com/api/v10", description="Discord's REST address; it ends in /api/v10."
    )
    declare_guild_ids: Snowflakes = Field(
        default_factory=list,
        description="Register the commands in these guilds only (for testing); empty: everywhere.",
    )
    templates_dir: Path | None = Field(
        default=None, description="A folder with templates of your own, used before the bot's."
    )
    terms_url: str = Field(
        default="",
        description="The address of the whole terms; empty: the bot shows its template terms_full.md.j2.",
    )
    help_url: str = Field(
        default="",
        description="The address of a page of help for members, linked from /help; empty: no link.",
    )
    cooldown_commands: int = Field(
        default=10, ge=1, description="Commands and menus that one person may use in 30 seconds."
    )
    cooldown_clicks: int = Field(
        default=50, ge=1, description="Clicks and choices that one person may make in 10 seconds."
    )
    log_level: Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least important lines that are logged."
    )
    task_lifetime_hours: float = Field(
        default=47.0,
        gt=0,
        le=24 * 30,
        description="Hours a task stays open; keep it below the backend's own limit.",
    )
    message_size_limit: int = Field(
        default=2000,
        ge=1,
        le=20000,
        description="Characters of the longest text the backend takes; each 4000 are a field of a form.",
    )

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("oasst_api_url")
    @classmethod
    def _backend_address(cls, value: str) -> str:
        return str(parse_backend_url(value)) if value else value

    @field_validator("discord_rest_url")
    @classmethod
    def _rest_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")) or not value.rstrip("/").endswith("/api/v10"):
            raise ValueError("must be an http(s) address that ends in /api/v10")
        return value.rstrip("/")

    @field_validator("terms_url", "help_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not value:
            return value
        address = urlsplit(value)
        if address.scheme not in {"http", "https"} or not address.hostname or len(value) > LINK:
            raise ValueError(f"must be an http(s) address of at most {LINK} characters")
        return value

    @field_validator("templates_dir")
    @classmethod
    def _existing_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("must be a folder that exists")
        return value


def load_settings(env_file: Path = ENV_FILE) -> BotSettings:
    """Read the settings from the environment and from `env_file`, where there is one.

    Raises:
        SettingsError: something is unknown or malformed; `problems` has a line for each.
    """
    problems = list(_problems_of_file(env_file))
    try:
        settings = BotSettings(_env_file=env_file)
    except ValidationError as error:
        problems += settings_problems(error)
        raise SettingsError(problems) from None
    if problems:
        raise SettingsError(problems)
    return settings


def settings_problems(error: ValidationError) -> list[str]:
    """Say what is wrong with the settings, a line for each, never with the value itself."""
    return [
        f"{_name(fault['loc'])}: {_words(str(fault['msg']))}" for fault in error.errors(include_input=False)
    ]


def _name(place: Sequence[int | str]) -> str:
    return str(place[0]).upper() if place else "settings"


def _words(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _problems_of_file(env_file: Path) -> Iterator[str]:
    """Find lines that are no settings, and names that look like the bot's but are not."""
    known = [name.upper() for name in BotSettings.model_fields]
    try:
        with env_file.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        yield f"{env_file}: the file cannot be read ({type(error).__name__})."
        return
    for binding in bindings:
        where = f"{env_file}, line {binding.original.line + _leading_lines(binding.original.string)}"
        if binding.error or (binding.key is not None and binding.value is None):
            yield f"{where}: this is not of the form NAME=value."
            continue
        name = (binding.key or "").upper()
        if not name or name in known or name.startswith(SHARED_WITH_THE_BACKEND):
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if close:
            yield f"{where}: {name} is not a setting; do you mean {close[0]}?"
        elif name.startswith(LOOKS_LIKE_OURS):
            yield f"{where}: {name} is not a setting of the bot."


def _leading_lines(text: str) -> int:
    """Count the empty lines that the reader takes together with the line that follows them."""
    return len(text) - len(text.lstrip("\n"))
