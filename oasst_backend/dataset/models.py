"""The dataset's formats: a message tree, a prompt to import and a story, each as one JSON object."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_serializer

from oasst_backend.rules.trees import MAX_DEPTH, TreeState

Unit = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


def _readable(text: str) -> str:
    """Refuse what no database and no reader can hold: nothing, and null characters."""
    if not text.strip():
        raise ValueError("must not be empty")
    if "\x00" in text:
        raise ValueError("must not contain a null character")
    return text


def _in_utc(moment: datetime) -> datetime:
    """Take a time without a zone as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Text = Annotated[str, AfterValidator(_readable)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Language = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9-]+$")]
UserId = Annotated[str, Field(min_length=1, max_length=200)]


class Role(StrEnum):
    """Who speaks."""

    prompter = "prompter"
    assistant = "assistant"


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="ignore", hide_input_in_errors=True, protected_namespaces=(), allow_inf_nan=False
    )


class LabelSummary(_Part):
    """What reviewers said of one label: the mean of their values (0..1) and how many they were."""

    value: Unit | None = None
    count: Count

    @model_serializer
    def _with_null(self) -> dict[str, Any]:
        """Keep a value of null, which says that nobody answered."""
        return {"value": self.value, "count": self.count}


class EmojiEvent(_Part):
    """A reaction of one person."""

    user_id: UserId | None = None
    emoji: str


class RatingEvent(_Part):
    """A rating by one person."""

    user_id: UserId | None = None
    rating: int


class RankingEvent(_Part):
    """One ballot about the replies to a message.

    `ranking` is a permutation of 0..n-1 over the replies as they were served, best first;
    `ranked_message_ids` names the same replies, best first.
    """

    user_id: UserId | None = None
    ranking: list[Count]
    ranked_message_ids: list[UUID]
    ranking_parent_id: UUID | None = None
    message_tree_id: UUID | None = None
    not_rankable: bool | None = None


class ReportEvent(_Part):
    """A report by one person."""

    user_id: UserId | None = None
    report_type: str
    reason: str | None = None


class ScoreEvent(_Part):
    """A vote of one person, from -1 to 1."""

    user_id: UserId | None = None
    score: Annotated[float, Field(ge=-1, le=1)]


class Events(_Part):
    """What people did to a message, one by one."""

    emoji: list[EmojiEvent] | None = None
    rating: list[RatingEvent] | None = None
    ranking: list[RankingEvent] | None = None
    report: list[ReportEvent] | None = None
    score: list[ScoreEvent] | None = None


class ExportNode(_Part):
    """A message with the replies to it; `rank` is 0 for the best of its siblings."""

    message_id: UUID
    parent_id: UUID | None = None
    user_id: UserId | None = None
    created_date: Moment | None = None
    text: Text
    role: Role
    lang: Language
    review_count: Count = 0
    review_result: bool | None = None
    deleted: bool = False
    surplus: bool | None = None
    rank: Count | None = None
    synthetic: bool = False
    model_name: str | None = None
    emojis: dict[str, Count] | None = None
    labels: dict[str, LabelSummary] | None = None
    events: Events | None = None
    detoxify: dict[str, float] | None = None
    replies: list["ExportNode"] = Field(default_factory=list)


class ExportTree(_Part):
    """A message tree; `message_tree_id` is also the id of its prompt."""

    message_tree_id: UUID
    tree_state: TreeState
    origin: str | None = None
    prompt: ExportNode


class PromptLine(_Part):
    """A prompt to import, with the sizes of its tree where they differ from the settings."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[Text, StringConstraints(strip_whitespace=True)]
    lang: Language | None = None
    goal_tree_size: Annotated[int, Field(ge=1)] | None = None
    max_depth: Annotated[int, Field(ge=0, le=MAX_DEPTH)] | None = None
    max_children_count: Annotated[int, Field(ge=1)] | None = None


class Summary(_Part):
    """A summary of a story, with what people thought of it."""

    summary_id: UUID | None = None
    user_id: UserId | None = None
    created_date: Moment | None = None
    text: Annotated[Text, StringConstraints(strip_whitespace=True)]
    lang: Language | None = None
    deleted: bool = False
    surplus: bool | None = None
    ratings: list[RatingEvent] | None = None


class StoryLine(_Part):
    """A story that people summarise, with its summaries."""

    story_id: UUID | None = None
    story: Annotated[Text, StringConstraints(strip_whitespace=True)]
    lang: Language | None = None
    origin: str | None = None
    created_date: Moment | None = None
    summaries: list[Summary] = Field(default_factory=list)


@dataclass(frozen=True)
class Placed:
    """A message of a tree with where it stands."""

    node: ExportNode
    parent: ExportNode | None
    depth: int
    """0 for the prompt."""


def walk(tree: ExportTree) -> Iterator[Placed]:
    """Give every message of a tree, parents before their replies, siblings in their order."""
    left = [Placed(tree.prompt, None, 0)]
    while left:
        here = left.pop()
        yield here
        left += [Placed(reply, here.node, here.depth + 1) for reply in reversed(here.node.replies)]
