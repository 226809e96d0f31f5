"""What the tests of the client's calls send, and what a backend answers with."""

from datetime import UTC, datetime
from uuid import UUID

from oasst_client import (
    AuthMethod,
    LeaderboardTimeFrame,
    PersonKey,
    TextLabels,
    TextReplyToMessage,
    User,
)

ID = UUID("6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f")
OTHER = UUID("0b8d3c52-6a0e-4d0f-8f57-2f0f0c7f9a11")
ALICE = User(id="80351110224678912", display_name="Alice", auth_method=AuthMethod.discord)
KEY = PersonKey(id="80351110224678912", auth_method=AuthMethod.discord)
ALICE_SENT = {"id": "80351110224678912", "display_name": "Alice", "auth_method": "discord"}
HEADER = "discord:80351110224678912"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
WEEK = LeaderboardTimeFrame.week

DONE = {"id": str(OTHER), "type": "task_done"}
MESSAGE = {"id": str(ID), "text": "Bees dance.", "is_assistant": True, "emojis": {"+1": 2}, "deleted": False}
CONVERSATION = {"messages": [{"id": str(ID), "text": "Bees dance.", "is_assistant": True}]}
TREE = {"id": str(ID), "messages": [MESSAGE]}
STATUS = {
    "message_tree_id": str(ID),
    "state": "growing",
    "goal_tree_size": 12,
    "max_depth": 3,
    "max_children_count": 3,
    "active": True,
    "origin": None,
}
KNOWN = {**ALICE_SENT, "user_id": str(ID), "enabled": False, "notes": "rude", "show_on_leaderboard": False}
PAGE = {"prev": None, "next": "abc$1", "sort_key": "created_date", "order": "asc"}
SCORE = {
    "rank": 1,
    "user_id": str(ID),
    "username": "1",
    "auth_method": "discord",
    "display_name": "A",
    "leader_score": 7,
}
BOARD = {"time_frame": "week", "last_updated": "2026-03-14T12:00:00+00:00", "leaderboard": [SCORE]}
TROLL = {"rank": 1, "user_id": str(ID), "username": "1", "auth_method": "discord", "display_name": "A"}
TROLLS = {"time_frame": "week", "trollboard": [{**TROLL, "troll_score": 3, "toxicity": 0.5}]}
COUNTS = {"all": 5, "active": 4, "active_by_lang": {"en": 4}, "deleted": 1, "message_trees": 2}
PROGRESS = {
    "last_updated": "2026-03-14T12:00:00+00:00",
    "messages": {"en": {"prompts": 2, "replies_assistant": 1, "replies_prompter": 0}},
    "trees": {"growing": 2},
    "reviews": 3,
    "rankings": 1,
    "people": 2,
    "week": {"prompts": 1, "reviews": 3, "people": 2},
    "week_before": {"rankings": 1},
}
GROWN = {"message_tree_id": str(ID), "state": "growing", "depth": 2, "count": 4, "goal_tree_size": 12}
CACHED = {"name": "by_lang", "last_updated": "2026-03-14T12:00:00+00:00", "stats": {"en": 4}}
FLAGGED = {"message_id": str(ID), "processed": False, "created_date": "2026-03-14T12:00:00+00:00"}
PURGE = {"before": COUNTS, "after": COUNTS, "preview": True, "duration": 0.1}
LABELS = {"valid_labels": [{"name": "spam", "widget": "yes_no", "display_text": "Is it spam?"}]}
REVISION = {"id": str(OTHER), "text": "Bees fly.", "message_id": str(ID), "user_is_author": True}
CONTRIBUTION = {
    "id": str(ID),
    "type": "assistant_reply",
    "text": "Bees dance.",
    "lang": "en",
    "created_date": "2026-03-14T12:00:00+00:00",
    "outcome": "rejected",
    "reviews": 1,
    "reviews_needed": 1,
    "labels": {"spam": 1},
    "may_edit": False,
    "may_withdraw": True,
}
CONTRIBUTIONS = {**PAGE, "items": [CONTRIBUTION], "labels_given": 2, "rankings_given": 1}
REPORT = {
    "lang": "de",
    "types": {"random": {"count": 2, "reason": None}, "of_tomorrow": {"count": 0, "reason": "new_moon"}},
    "trees": [{"state": "dreaming", "waits_for": "morning", "trees": 1, "missing": 2}],
    "languages": {"de": 2},
}
TEXT = TextReplyToMessage(user=ALICE, message_id="11", user_message_id="22", text="Hello")
SPAM = TextLabels(user=ALICE, text="", labels={"spam": 1}, message_id=ID)
