"""The shapes of statistics, of the board of troublemakers, and of what an administrator or operator sees."""

from datetime import datetime
from uuid import UUID

from pydantic import Field, JsonValue

from oasst_client.models import ProtocolModel


class TrollScore(ProtocolModel):
    """One row of the board of those whose messages were found bad; `rank` is 1-based, means are 0..1.

    `lang_mismach` is spelled as the protocol spells it.
    """

    rank: int | None = None
    user_id: UUID
    highlighted: bool = False
    username: str
    auth_method: str
    display_name: str
    last_activity_date: datetime | None = None
    enabled: bool = True
    deleted: bool = False
    show_on_leaderboard: bool = True
    troll_score: int = 0
    base_date: datetime | None = None
    modified_date: datetime | None = None
    red_flags: int = 0
    upvotes: int = 0
    downvotes: int = 0
    spam_prompts: int = 0
    quality: float | None = None
    humor: float | None = None
    toxicity: float | None = None
    violence: float | None = None
    helpfulness: float | None = None
    spam: int = 0
    lang_mismach: int = 0
    not_appropriate: int = 0
    pii: int = 0
    hate_speech: int = 0
    sexual_content: int = 0
    political_content: int = 0


class TrollboardStats(ProtocolModel):
    """The board of those whose messages were found bad, the worst first."""

    time_frame: str
    last_updated: datetime | None = None
    trollboard: list[TrollScore]


class MessageStats(ProtocolModel):
    """How many messages and trees there are; older backends do not count by language."""

    all: int
    active: int
    active_by_lang: dict[str, int] = Field(default_factory=dict)
    deleted: int
    message_trees: int


class TreeMessageCounts(ProtocolModel):
    """How far one tree has grown; `depth` is in messages from the root, which has 0."""

    message_tree_id: UUID
    state: str
    depth: int
    oldest: datetime | None = None
    youngest: datetime | None = None
    count: int
    goal_tree_size: int


class TreeManagerStats(ProtocolModel):
    """How many trees are in each state, and how far each has grown."""

    state_counts: dict[str, int]
    message_counts: list[TreeMessageCounts]


class CachedStats(ProtocolModel):
    """A statistic that the backend computes now and then; its shape depends on its name."""

    name: str
    last_updated: datetime | None = None
    stats: JsonValue


class AllCachedStats(ProtocolModel):
    """The cached statistics by name."""

    stats_by_name: dict[str, CachedStats]


class FlaggedMessage(ProtocolModel):
    """A message that somebody reported, and whether a moderator has looked at it."""

    message_id: UUID
    processed: bool
    created_date: datetime | None = None


class BackendHealth(ProtocolModel):
    """A backend that is well: its version, and the revision of its database's schema."""

    status: str
    version: str = ""
    schema_revision: str = ""


class PurgeResult(ProtocolModel):
    """What a purge removed, or would remove (`preview`); `duration` is in seconds."""

    before: MessageStats
    after: MessageStats
    preview: bool
    duration: float


class WrittenMessages(ProtocolModel):
    """How many messages of each kind people wrote, 0 or more."""

    prompts: int = 0
    replies_assistant: int = 0
    replies_prompter: int = 0


class WorkOfWeek(WrittenMessages):
    """What people did within seven days, and how many people it were."""

    reviews: int = 0
    rankings: int = 0
    people: int = 0


class Progress(ProtocolModel):
    """What a community has gathered.

    Attributes:
        last_updated: when it was counted.
        messages: by language (BCP 47): what people wrote and nobody deleted, imported texts included.
        trees: how many are in each state, as the backend names it.
        reviews: how many labellings of tasks were handed in.
        rankings: how many rankings were handed in.
        people: how many people have done any of it.
        week: the seven days before `last_updated`.
        week_before: the seven days before those.
    """

    last_updated: datetime | None = None
    messages: dict[str, WrittenMessages] = Field(default_factory=dict)
    trees: dict[str, int] = Field(default_factory=dict)
    reviews: int = 0
    rankings: int = 0
    people: int = 0
    week: WorkOfWeek = Field(default_factory=WorkOfWeek)
    week_before: WorkOfWeek = Field(default_factory=WorkOfWeek)
