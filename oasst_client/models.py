"""The shapes of the OASST task protocol that are shared by tasks, interactions, messages and boards."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _string_id(value: object) -> object:
    """Take an integer for a string id, as the protocol does."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


StringId = Annotated[str, BeforeValidator(_string_id)]


class ProtocolModel(BaseModel):
    """Base of every shape: unknown fields are ignored, inputs never appear in error texts."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, protected_namespaces=())


class AuthMethod(StrEnum):
    """How a frontend knows a person."""

    discord = "discord"
    local = "local"
    google = "google"
    system = "system"


class User(ProtocolModel):
    """A person as a frontend names them; for Discord `id` is the snowflake as a string."""

    id: Annotated[StringId, Field(min_length=1, max_length=128)]
    display_name: str = Field(max_length=255)
    auth_method: AuthMethod

    @property
    def header(self) -> str:
        """The value of `x-oasst-user` that names this person."""
        return f"{self.auth_method.value}:{self.id}"


class FrontEndUser(User):
    """A person as the backend knows them; a frontend's limits do not bind what a backend gives."""

    id: StringId
    display_name: str
    user_id: UUID
    enabled: bool = True
    deleted: bool = False
    notes: str = ""
    created_date: datetime | None = None
    show_on_leaderboard: bool = True
    streak_days: int | None = None
    streak_last_day_date: datetime | None = None
    last_activity_date: datetime | None = None
    tos_acceptance_date: datetime | None = None


class LabelWidget(StrEnum):
    """How the value of a label is asked for."""

    yes_no = "yes_no"
    flag = "flag"
    likert = "likert"


_WIDGETS = frozenset(widget.value for widget in LabelWidget)
_YES_NO = frozenset({"spam", "fails_task"})
_LIKERT = frozenset({"quality", "toxicity", "humor", "helpfulness", "creativity", "violence"})


class LabelDescription(ProtocolModel):
    """One label of a task: its name, its control, and its words.

    The name need not be one that the client knows. Where a backend gives no control, as older ones do, or one
    that the client does not know, it is the one the protocol has for that name (a flag for any other); where
    it gives no words, the name is the text.
    """

    name: str
    widget: LabelWidget
    display_text: str
    help_text: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_either_dialect(cls, raw: Any) -> Any:  # noqa: ANN401  # whatever the network brought
        given = {"name": raw} if isinstance(raw, str) else raw
        if not isinstance(given, dict) or not isinstance(name := given.get("name"), str):
            return raw
        missing: dict[str, Any] = {}
        widget = given.get("widget")
        if widget is None or (isinstance(widget, str) and widget not in _WIDGETS):
            missing["widget"] = (
                LabelWidget.yes_no
                if name in _YES_NO
                else LabelWidget.likert
                if name in _LIKERT
                else LabelWidget.flag
            )
        if given.get("display_text") is None:
            missing["display_text"] = name
        return {**given, **missing} if missing else given


REPORT_LABELS: Final = (
    "spam",
    "not_appropriate",
    "pii",
    "hate_speech",
    "sexual_content",
    "moral_judgement",
    "political_content",
    "toxicity",
    "violence",
    "quality",
)
"""The names of the labels that a report may give as its grounds, unless a backend lists its own."""


class ValidLabels(ProtocolModel):
    """The labels that fit a message."""

    valid_labels: list[LabelDescription]


class ConversationMessage(ProtocolModel):
    """One message of a conversation."""

    id: UUID | None = None
    user_id: UUID | None = None
    frontend_message_id: str | None = None
    text: str
    lang: str | None = None
    is_assistant: bool
    emojis: dict[str, int] | None = None
    user_emojis: list[str] | None = None
    user_is_author: bool | None = None
    synthetic: bool | None = None


class Conversation(ProtocolModel):
    """A thread of messages, the root first."""

    messages: list[ConversationMessage] = Field(default_factory=list)

    @property
    def is_prompter_turn(self) -> bool:
        """Whether the next message is the prompter's."""
        return not self.messages or self.messages[-1].is_assistant


class Message(ConversationMessage):
    """A stored message with what became of it."""

    parent_id: UUID | None = None
    created_date: datetime | None = None
    review_result: bool | None = None
    review_count: int | None = None
    deleted: bool | None = None
    edited: bool | None = None
    model_name: str | None = None
    message_tree_id: UUID | None = None
    ranking_count: int | None = None
    rank: int | None = None
    user: FrontEndUser | None = None


class MessageTree(ProtocolModel):
    """Messages of one tree; `id` is that of the message at the top of what was asked for."""

    id: UUID
    messages: list[Message]


class TreeStatus(ProtocolModel):
    """Where a tree is in its life, and its bounds.

    `state` is kept as the backend names it; sizes count messages, `max_depth` replies below the prompt.
    """

    message_tree_id: UUID
    state: str
    goal_tree_size: int
    max_depth: int
    max_children_count: int
    active: bool
    origin: str | None = None


class MessageRevision(ProtocolModel):
    """One version of a message's text, and who wrote it."""

    id: UUID
    text: str
    message_id: UUID
    user_id: UUID | None = None
    created_date: datetime | None = None
    user_is_author: bool | None = None


class Emoji(StrEnum):
    """What a person can mark a message with; the last three say that they skipped it."""

    thumbs_up = "+1"
    thumbs_down = "-1"
    red_flag = "red_flag"
    hundred = "100"
    rofl = "rofl"
    clap = "clap"
    diamond = "diamond"
    heart_eyes = "heart_eyes"
    disappointed = "disappointed"
    poop = "poop"
    skull = "skull"
    skip_reply = "_skip_reply"
    skip_ranking = "_skip_ranking"
    skip_labeling = "_skip_labeling"


class EmojiOp(StrEnum):
    """What to do with a mark."""

    toggle = "toggle"
    add = "add"
    remove = "remove"


ItemT = TypeVar("ItemT")


class Page(ProtocolModel, Generic[ItemT]):
    """A part of a long list; `prev` and `next` are the cursors of its neighbours, None at an end."""

    prev: str | None = None
    next: str | None = None
    sort_key: str
    order: str
    items: list[ItemT]


class LeaderboardTimeFrame(StrEnum):
    """The span over which a board counts."""

    day = "day"
    week = "week"
    month = "month"
    total = "total"


class UserScore(ProtocolModel):
    """One row of a leaderboard; `rank` is 1-based."""

    rank: int | None = None
    user_id: UUID
    username: str
    auth_method: str
    display_name: str
    leader_score: int = 0
    level: int = 0
    base_date: datetime | None = None
    modified_date: datetime | None = None
    prompts: int = 0
    replies_assistant: int = 0
    replies_prompter: int = 0
    labels_simple: int = 0
    labels_full: int = 0
    rankings_total: int = 0
    rankings_good: int = 0
    accepted_prompts: int = 0
    accepted_replies_assistant: int = 0
    accepted_replies_prompter: int = 0
    reply_ranked_1: int = 0
    reply_ranked_2: int = 0
    reply_ranked_3: int = 0
    streak_days: int | None = None
    streak_last_day_date: datetime | None = None
    last_activity_date: datetime | None = None
    highlighted: bool = False


class LeaderboardStats(ProtocolModel):
    """A leaderboard, best first."""

    time_frame: str
    last_updated: datetime | None = None
    leaderboard: list[UserScore]


class PersonKey(ProtocolModel):
    """How a frontend names a person, without what it calls them."""

    auth_method: AuthMethod
    id: Annotated[StringId, Field(min_length=1, max_length=128)]


class BoardAmong(LeaderboardStats):
    """A part of a board of chosen people, best first; ranks are counted among them."""

    people: int
    """How many of the chosen people stand on the board."""
    around: list[UserScore] = Field(default_factory=list)
    """The rows around the caller's own, which is among them; empty where they are not on the board."""
