"""What a server can set for itself: each setting's type, range and default, as one checked model."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from bot import languages
from oasst_client import TaskRequestType

MOST_TASKS_A_DAY: Final = 1000
"""The largest daily limit: who wants more wants none."""


MOST_LANGUAGES: Final = 25
"""How many languages can be chosen: who wants to offer more offers all."""


class GuildSetting(StrEnum):
    """A setting of a server, by the name of its field in `GuildSettings`."""

    task_channel = "task_channel"
    log_channel = "log_channel"
    announcement_channel = "announcement_channel"
    moderator_role = "moderator_role"
    contributor_role = "contributor_role"
    language = "language"
    languages = "languages"
    task_types = "task_types"
    task_display = "task_display"
    finished_threads = "finished_threads"
    daily_limit = "daily_limit"
    log_tasks = "log_tasks"
    log_labels = "log_labels"
    log_reports = "log_reports"
    when_bot_leaves = "when_bot_leaves"
    when_member_leaves = "when_member_leaves"


CHANNELS: Final = (GuildSetting.task_channel, GuildSetting.log_channel, GuildSetting.announcement_channel)
"""The settings that hold the id of a text channel of the server; announcements may go to one of Discord's
announcement channels, too."""

ROLES: Final = (GuildSetting.moderator_role, GuildSetting.contributor_role)
"""The settings that hold the id of a role of the server."""


class TaskDisplay(StrEnum):
    """How tasks are shown: in a private thread, in a message that only the person sees, or directly."""

    thread = "thread"
    ephemeral = "ephemeral"
    direct = "direct"


class FinishedThreads(StrEnum):
    """What becomes of a thread when its person is done or the time is over."""

    archive = "archive"
    lock = "lock"
    delete = "delete"


class WhenBotLeaves(StrEnum):
    """What becomes of what the bot keeps for a server that it is not in any more."""

    keep = "keep"
    """For 30 days, so that a bot that comes back finds it; then it is forgotten."""
    forget = "forget"
    """It is forgotten at once."""


class WhenMemberLeaves(StrEnum):
    """What becomes of the open task of a person who has left the server."""

    keep = "keep"
    """It stays theirs: it comes to where they next ask for a task."""
    give_back = "give_back"
    """It goes back, so that somebody else can do it."""


CHOICES: Final[Mapping[GuildSetting, type[StrEnum]]] = {
    GuildSetting.task_display: TaskDisplay,
    GuildSetting.finished_threads: FinishedThreads,
    GuildSetting.when_bot_leaves: WhenBotLeaves,
    GuildSetting.when_member_leaves: WhenMemberLeaves,
}
"""The settings that hold one of a few values, and which those are."""


def _known_language(tag: str) -> str:
    if languages.understand(tag) != tag:
        raise ValueError("is not a language tag that is written as usual, such as en or pt-BR")
    return tag


def _kinds_alone(values: tuple[TaskRequestType, ...]) -> tuple[TaskRequestType, ...]:
    if TaskRequestType.random in values:
        raise ValueError("names what is no kind")
    return values


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise ValueError("names something twice")
    return values


Snowflake = Annotated[int, Field(gt=0, lt=2**63, strict=True)]
Language = Annotated[str, AfterValidator(_known_language)]


class GuildSettings(BaseModel):
    """A server's settings; the defaults work without any set-up.

    Attributes:
        task_channel: where tasks open their threads; None: where the command was used.
        log_channel: where finished tasks, labels and reports are told of; None: nowhere.
        announcement_channel: where the board of the week is posted; None: nowhere.
        moderator_role: who moderates besides the holders of Manage Messages.
        contributor_role: who may contribute here; None: everybody.
        language: of tasks for people who chose none; None: that of the person's Discord.
        languages: in which tasks are offered here, at most 25; empty: all.
        task_types: the kinds that are offered here, `random` not among them; empty: all.
        task_display: how tasks are shown, as far as that is possible for a person.
        finished_threads: what becomes of them.
        daily_limit: tasks that one person may finish here in a day (UTC), 1 to 1000; None: any number.
        log_tasks: whether finished tasks stand in the log channel.
        log_labels: whether labels given by the menu stand there.
        log_reports: whether reports for the moderators stand there.
        when_bot_leaves: what becomes of the bot's records of this server.
        when_member_leaves: what becomes of the open task of a person who left.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    task_channel: Snowflake | None = None
    log_channel: Snowflake | None = None
    announcement_channel: Snowflake | None = None
    moderator_role: Snowflake | None = None
    contributor_role: Snowflake | None = None
    language: Language | None = None
    languages: Annotated[
        tuple[Language, ...], Field(max_length=MOST_LANGUAGES), AfterValidator(_each_once)
    ] = ()
    task_types: Annotated[
        tuple[TaskRequestType, ...], AfterValidator(_each_once), AfterValidator(_kinds_alone)
    ] = ()
    task_display: TaskDisplay = TaskDisplay.thread
    finished_threads: FinishedThreads = FinishedThreads.archive
    daily_limit: Annotated[int, Field(ge=1, le=MOST_TASKS_A_DAY, strict=True)] | None = None
    log_tasks: Annotated[bool, Field(strict=True)] = True
    log_labels: Annotated[bool, Field(strict=True)] = False
    log_reports: Annotated[bool, Field(strict=True)] = True
    when_bot_leaves: WhenBotLeaves = WhenBotLeaves.keep
    when_member_leaves: WhenMemberLeaves = WhenMemberLeaves.keep

    def value(self, setting: GuildSetting) -> Any:  # noqa: ANN401  # each setting has a type of its own
        """Give one setting's value."""
        return getattr(self, setting.value)

    def json_value(self, setting: GuildSetting) -> JsonValue:
        """Give one setting's value as it is written in JSON."""
        value: JsonValue = self.model_dump(mode="json")[setting.value]
        return value

    def with_value(self, setting: GuildSetting, value: object) -> "GuildSettings":
        """Give the settings with another value for one.

        Raises:
            pydantic.ValidationError: the setting does not take the value.
        """
        return GuildSettings.model_validate({**self.model_dump(), setting.value: value})


DEFAULTS: Final = GuildSettings()
