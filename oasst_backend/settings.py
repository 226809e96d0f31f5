"""The backend's settings: environment variables, or the same names in a file `.env`."""

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

from dotenv.parser import parse_stream
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from oasst_backend.rates import Rate, read_rate
from oasst_backend.tree_settings import Preset, TreeManagerSettings, split_list

__all__ = [
    "BackendSettings",
    "EmbeddedBackendSettings",
    "LogLevel",
    "MetricsAccess",
    "SettingsError",
    "TreeManagerSettings",
    "load_settings",
    "setting_names",
    "settings_problems",
]

ENV_FILE = Path(".env")

_OUR_PREFIXES = ("BACKEND_", "TREE_MANAGER")
_NESTED = "TREE_MANAGER__"


class SettingsError(Exception):
    """The settings cannot be used; `problems` has one line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


Limit = Annotated[Rate | None, NoDecode, BeforeValidator(read_rate)]
Keys = Annotated[list[Annotated[SecretStr, Field(min_length=1)]], NoDecode, BeforeValidator(split_list)]


class MetricsAccess(StrEnum):
    """Who may read `/metrics`."""

    open = "open"
    trusted = "trusted"
    off = "off"


class LogLevel(StrEnum):
    """The least important lines that a backend on its own logs."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class BackendSettings(BaseSettings):
    """Everything an operator may set; see each field's description."""

    default_preset: ClassVar[Preset] = Preset.normal

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_nested_delimiter="__",
        extra="ignore",
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    backend_database_url: str = Field(
        default="sqlite:///data/backend.db",
        description="Where the dataset is kept: sqlite:///FILE.",
        repr=False,
    )
    backend_host: str = Field(
        default="127.0.0.1", min_length=1, description="The address that the backend listens on."
    )
    backend_port: int = Field(
        default=8080, ge=0, le=65535, description="The port that it listens on; 0: any free one."
    )
    backend_api_keys: Keys = Field(
        default_factory=list, description="Keys of frontends that are trusted from the start."
    )
    backend_root_token: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None, description="The token of the administration's calls; without one they are refused."
    )
    backend_terms_version: str = Field(
        default="1", min_length=1, max_length=64, description="The version of the terms that is in force."
    )
    backend_require_terms: bool = Field(
        default=False, description="Take nothing of people who have not accepted the terms in force."
    )
    backend_rate_limit_key: Limit = Field(
        default=None, description="Calls with one key, like 10000/1m: so many in any such span."
    )
    backend_rate_limit_tasks: Limit = Field(
        default=None,
        description="Requests for a task by one person, or for what tasks there are, like 30/4m.",
    )
    backend_rate_limit_assistant_reply: Limit = Field(
        default=None, description="Requests for an assistant_reply by one person, like 4/2m."
    )
    backend_rate_limit_prompter_reply: Limit = Field(
        default=None, description="Requests for a prompter_reply by one person, like 8/2m."
    )
    backend_read_seconds: float = Field(
        default=10.0,
        gt=0,
        allow_inf_nan=False,
        description="Seconds after which a call that only reads is broken off.",
    )
    backend_metrics: MetricsAccess = Field(
        default=MetricsAccess.open, description="Who may read /metrics: open, trusted (keys alone), or off."
    )
    backend_log_level: LogLevel = Field(
        default=LogLevel.INFO, description="The least important lines that `serve` logs."
    )
    message_size_limit: int = Field(default=2000, ge=1, description="Characters of the longest text taken.")
    duplicate_window_minutes: float = Field(
        default=120.0,
        ge=0,
        allow_inf_nan=False,
        description="Minutes in which a person may not repeat a text.",
    )
    duplicate_similarity: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="How alike two texts are that count as repeated, from 0 to 1; 1: only the same text.",
    )
    task_validity_hours: float = Field(
        default=48.0, gt=0, le=24 * 365, description="Hours after which a task expires."
    )
    task_reservation_minutes: float = Field(
        default=30.0,
        gt=0,
        le=60 * 24 * 365,
        description="Minutes for which work that was handed out is kept; acking the task again renews it.",
    )
    tree_manager: TreeManagerSettings = Field(
        default_factory=TreeManagerSettings, description="The numbers by which trees grow."
    )

    @model_validator(mode="before")
    @classmethod
    def _choose_preset(cls, data: dict[str, Any]) -> dict[str, Any]:
        given = data.get("tree_manager", {})
        if isinstance(given, dict):
            return {**data, "tree_manager": {"preset": cls.default_preset, **given}}
        return data

    @field_validator("backend_database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith("sqlite:///"):
            raise ValueError("must start with sqlite:///")
        return value


class EmbeddedBackendSettings(BackendSettings):
    """The settings of a backend that runs beside the bot: by default for a small community."""

    default_preset: ClassVar[Preset] = Preset.small


def load_settings(
    env_file: Path = ENV_FILE, *, embedded: bool = False, preset: Preset | None = None
) -> BackendSettings:
    """Read the settings from the environment and from `env_file`, where there is one.

    Args:
        env_file: the file; it need not exist. Names that are not the backend's are left alone.
        embedded: whether the backend runs beside the bot, which makes `small` the default preset.
        preset: a preset to take instead of the one that is set.

    Raises:
        SettingsError: something is unknown or malformed; `problems` has a line for each.
    """
    problems = [*_problems_of_environment(os.environ), *_problems_of_file(env_file)]
    try:
        given: dict[str, Any] = {} if preset is None else {"tree_manager": {"preset": preset}}
        settings = (EmbeddedBackendSettings if embedded else BackendSettings)(_env_file=env_file, **given)
    except ValidationError as error:
        problems += _problem_lines(error, unknown_names=False)
    except UnicodeDecodeError:
        pass  # the file's own line says it
    if problems:
        raise SettingsError(problems)
    return settings


def settings_problems(error: ValidationError) -> list[str]:
    """Say what is wrong with the settings, a line for each, never with the value itself."""
    return list(_problem_lines(error, unknown_names=True))


def setting_names() -> dict[str, str]:
    """Give every setting's name as an environment variable, with its description."""
    names = {
        name.upper(): field.description or ""
        for name, field in BackendSettings.model_fields.items()
        if name != "tree_manager"
    }
    names |= {
        _NESTED + name.upper(): field.description or ""
        for name, field in TreeManagerSettings.model_fields.items()
    }
    return names


def _problem_lines(error: ValidationError, *, unknown_names: bool) -> Iterator[str]:
    for fault in error.errors(include_input=False):
        name = "__".join(str(part) for part in fault["loc"][:2] if isinstance(part, str)).upper()
        if fault["type"] == "extra_forbidden":
            if unknown_names:
                yield _unknown(name)
            continue
        words = str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
        yield f"{name or 'settings'}: {words[:1].lower()}{words[1:]}"


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, setting_names(), n=1, cutoff=0.75)
    return f"{name} is not a setting" + (f"; do you mean {close[0]}?" if close else " of the backend.")


def _problems_of_environment(environ: Mapping[str, str]) -> Iterator[str]:
    known = setting_names()
    for name in sorted(environ):
        if name.upper().startswith(_OUR_PREFIXES) and name.upper() not in known:
            yield _unknown(name.upper())


def _problems_of_file(env_file: Path) -> Iterator[str]:
    """Find lines that are no settings, and names that look like the backend's but are not."""
    known = setting_names()
    try:
        with env_file.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        yield f"{env_file}: the file cannot be read ({type(error).__name__})."
        return
    for binding in bindings:
        text = binding.original.string
        where = f"{env_file}, line {binding.original.line + len(text) - len(text.lstrip(chr(10)))}"
        if binding.error or (binding.key is not None and binding.value is None):
            yield f"{where}: this is not of the form NAME=value."
            continue
        name = (binding.key or "").upper()
        if not name or name in known:
            continue
        # Names without our prefix may be the bot's: only a slip of the pen is surely ours.
        if name.startswith(_OUR_PREFIXES) or difflib.get_close_matches(name, known, n=1, cutoff=0.9):
            yield f"{where}: {_unknown(name)}"
