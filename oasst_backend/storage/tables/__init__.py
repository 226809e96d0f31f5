"""The backend's tables; what is kept as it changes can be rebuilt from the rest, see `service.upkeep`."""

from oasst_backend.storage.tables.base import PERSONAL, Id, metadata
from oasst_backend.storage.tables.dataset import (
    BAD_LABELS,
    HAS_BAD_LABEL,
    IS_BAD_REACTION,
    labellings,
    message_revisions,
    messages,
    prompt_groups,
    rankings,
    ratings,
    reactions,
    stories,
    summaries,
    trees,
)
from oasst_backend.storage.tables.keeping import cached_stats, facts, flagged_messages, journal
from oasst_backend.storage.tables.people import (
    COUNTERS,
    ON_NO_BOARD,
    agreements,
    api_clients,
    people,
    score_events,
    scores,
    terms_acceptances,
)
from oasst_backend.storage.tables.work import open_work, tasks, tree_counts

__all__ = [
    "BAD_LABELS",
    "COUNTERS",
    "HAS_BAD_LABEL",
    "IS_BAD_REACTION",
    "ON_NO_BOARD",
    "PERSONAL",
    "Id",
    "agreements",
    "api_clients",
    "cached_stats",
    "facts",
    "flagged_messages",
    "journal",
    "labellings",
    "message_revisions",
    "messages",
    "metadata",
    "open_work",
    "people",
    "prompt_groups",
    "rankings",
    "ratings",
    "reactions",
    "score_events",
    "scores",
    "stories",
    "summaries",
    "tasks",
    "terms_acceptances",
    "tree_counts",
    "trees",
]
