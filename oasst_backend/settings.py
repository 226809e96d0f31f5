"""The backend's settings: environment variables, or the same names in a file `.env`."""

import difflib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from dotenv.parser import parse_stream
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from oasst_backend.rates import Rate, read_rate
from oasst_backend.rules.labels import ASSISTANT_LABELS, LABELS, MANDATORY_LABELS, PROMPT_LABELS
from oasst_backend.rules.trees import MAX_DEPTH

ENV_FILE = Path(".env")

_OUR_PREFIXES = ("BACKEND_", "TREE_MANAGER")
_NESTED = "TREE_MANAGER__"


class SettingsError(Exception):
    """The settings cannot be used; `problems` has one line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def _split(value: object) -> object:
    """Take a list as JSON or separated by commas."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise ValueError("must be separated by commas, or a JSON list") from None
    return [part.strip() for part in text.split(",") if part.strip()]


def _known_labels(names: list[str]) -> list[str]:
    if unknown := [name for name in names if name not in LABELS]:
        raise ValueError(f"unknown label {', '.join(unknown)}; the labels are {', '.join(LABELS)}")
    if len(set(names)) < len(names):
        raise ValueError("names a label twice")
    return names


Limit = Annotated[Rate | None, NoDecode, BeforeValidator(read_rate)]
Labels = Annotated[list[str], NoDecode, BeforeValidator(_split), AfterValidator(_known_labels)]
Languages = Annotated[list[str], NoDecode, BeforeValidator(_split)]
Keys = Annotated[list[Annotated[SecretStr, Field(min_length=1)]], NoDecode, BeforeValidator(_split)]
Probability = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


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


class Preset(StrEnum):
    """Numbers that fit a size of community."""

    small = "small"
    normal = "normal"
    large = "large"


PRESETS: Mapping[Preset, Mapping[str, int]] = {
    Preset.small: {
        "num_reviews_initial_prompt": 1,
        "num_reviews_reply": 1,
        "num_required_rankings": 1,
        "max_children_count": 2,
        "goal_tree_size": 6,
    },
    Preset.normal: {},
    Preset.large: {
        "max_active_trees": 100,
        "max_initial_prompt_review": 500,
        "max_prompt_lottery_waiting": 1000,
        "max_tree_depth": 5,
        "max_children_count": 4,
        "goal_tree_size": 24,
    },
}
"""What each preset changes; `normal` is every field's own default."""


class TreeManagerSettings(BaseModel):
    """The numbers by which trees grow; what is set by name wins over the preset."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    preset: Preset = Field(
        default=Preset.normal,
        description="small (a handful of people), normal, or large; fills the defaults.",
    )
    max_active_trees: Count = Field(default=10, description="Trees of one language that grow at a time.")
    max_initial_prompt_review: Count = Field(
        default=100, description="Prompts of one language under review at a time."
    )
    max_prompt_lottery_waiting: Count = Field(
        default=250, description="Accepted prompts of one language that wait to grow."
    )
    max_tree_depth: Count = Field(default=3, le=MAX_DEPTH, description="Levels of replies below a prompt.")
    max_children_count: Positive = Field(
        default=3, description="Replies wanted to each message of a prompter."
    )
    num_prompter_replies: Count = Field(
        default=1, description="Replies wanted to each message of an assistant."
    )
    goal_tree_size: Positive = Field(default=12, description="Accepted messages that make a tree complete.")
    random_goal_tree_size: bool = Field(
        default=False, description="Draw each tree's goal between min_goal_tree_size and goal_tree_size."
    )
    min_goal_tree_size: Positive = Field(default=5, description="The smallest goal that is drawn.")
    num_reviews_initial_prompt: Positive = Field(default=3, description="Reviews that decide about a prompt.")
    num_reviews_reply: Positive = Field(default=3, description="Reviews that decide about a reply.")
    auto_mod_enabled: bool = Field(
        default=True, description="Let people's flags and skips act by themselves."
    )
    auto_mod_max_skip_reply: Positive = Field(
        default=25, description="Skipped replies to a message that halt its tree."
    )
    auto_mod_red_flags: Positive = Field(default=4, description="Red flags that remove a message.")
    p_full_labeling_review_prompt: Probability = Field(
        default=1.0, description="Chance that a prompt's review asks for all labels."
    )
    p_full_labeling_review_reply_assistant: Probability = Field(
        default=1.0, description="Chance that the review of an assistant's reply asks for all labels."
    )
    p_full_labeling_review_reply_prompter: Probability = Field(
        default=0.1, description="Chance that the review of a prompter's reply asks for all labels."
    )
    acceptance_threshold_initial_prompt: Probability = Field(
        default=0.6, description="The acceptance that a prompt must exceed."
    )
    acceptance_threshold_reply: Probability = Field(
        default=0.6, description="The acceptance that a reply must exceed."
    )
    num_required_rankings: Positive = Field(
        default=3, description="Rankings of the replies to one message that decide their order."
    )
    p_activate_backlog_tree: Probability = Field(
        default=0.1, description="Chance that a finished tree brings one from the backlog to ranking."
    )
    min_active_rankings_per_lang: Count = Field(
        default=0, description="Rankings to do in a language below which the backlog is used."
    )
    labels_initial_prompt: Labels = Field(
        default=list(PROMPT_LABELS), description="Labels of a prompt's full review."
    )
    labels_assistant_reply: Labels = Field(
        default=list(ASSISTANT_LABELS), description="Labels of the full review of an assistant's reply."
    )
    labels_prompter_reply: Labels = Field(
        default=list(PROMPT_LABELS), description="Labels of the full review of a prompter's reply."
    )
    mandatory_labels_initial_prompt: Labels = Field(
        default=list(MANDATORY_LABELS), description="Labels that a prompt's review must give."
    )
    mandatory_labels_assistant_reply: Labels = Field(
        default=list(MANDATORY_LABELS),
        description="Labels that the review of an assistant's reply must give.",
    )
    mandatory_labels_prompter_reply: Labels = Field(
        default=list(MANDATORY_LABELS), description="Labels that the review of a prompter's reply must give."
    )
    rank_prompter_replies: bool = Field(default=False, description="Have prompters' replies ranked, too.")
    lonely_children_count: Count = Field(
        default=2, description="A prompter's message with fewer replies than this, but some, is lonely."
    )
    p_lonely_child_extension: Probability = Field(
        default=0.75, description="Chance that the next reply goes to a lonely message."
    )
    recent_tasks_span_sec: Count = Field(
        default=300, description="Seconds for which a message is not handed out again to be replied to."
    )
    max_pending_tasks_per_user: Positive = Field(
        default=8, description="Unfinished tasks of one person in that span."
    )
    init_prompt_disabled_langs: Languages = Field(
        default_factory=list, description="Languages in which no prompts are asked for."
    )
    prompts_per_ranking: int = Field(
        default=4, ge=0, le=25, description="Waiting prompts that are ranked together; 0: none are ranked."
    )
    num_summaries_story: Count = Field(default=2, description="Summaries wanted of each story.")
    num_ratings_summary: Count = Field(default=3, description="Ratings wanted of each summary.")

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        try:
            preset = Preset(data.get("preset", Preset.normal))
        except ValueError:
            return data  # the field's own check says what is wrong
        return {**PRESETS[preset], **data}

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.random_goal_tree_size and self.min_goal_tree_size > self.goal_tree_size:
            raise ValueError("min_goal_tree_size must not exceed goal_tree_size")
        for kind in ("initial_prompt", "assistant_reply", "prompter_reply"):
            asked = set(getattr(self, f"labels_{kind}"))
            if not asked.issuperset(getattr(self, f"mandatory_labels_{kind}")):
                raise ValueError(f"mandatory_labels_{kind} must be among labels_{kind}")
        return self


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
        default=None, description="Requests for a task by one person, like 30/4m."
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


def load_settings(env_file: Path = ENV_FILE, *, embedded: bool = False) -> BackendSettings:
    """Read the settings from the environment and from `env_file`, where there is one.

    Args:
        env_file: the file; it need not exist. Names that are not the backend's are left alone.
        embedded: whether the backend runs beside the bot, which makes `small` the default preset.

    Raises:
        SettingsError: something is unknown or malformed; `problems` has a line for each.
    """
    problems = [*_problems_of_environment(os.environ), *_problems_of_file(env_file)]
    try:
        settings = (EmbeddedBackendSettings if embedded else BackendSettings)(_env_file=env_file)
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
