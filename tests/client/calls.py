"""Every call of the client: how it is made, what it sends, what it is answered with, and what it gives."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from oasst_client import (
    AuthMethod,
    Emoji,
    EmojiOp,
    LeaderboardTimeFrame,
    OasstApiClient,
    TaskRequestType,
    TextLabels,
    TextReplyToMessage,
    User,
)

ID = UUID("6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f")
OTHER = UUID("0b8d3c52-6a0e-4d0f-8f57-2f0f0c7f9a11")
ALICE = User(id="80351110224678912", display_name="Alice", auth_method=AuthMethod.discord)
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
GROWN = {"message_tree_id": str(ID), "state": "growing", "depth": 2, "count": 4, "goal_tree_size": 12}
CACHED = {"name": "by_lang", "last_updated": "2026-03-14T12:00:00+00:00", "stats": {"en": 4}}
FLAGGED = {"message_id": str(ID), "processed": False, "created_date": "2026-03-14T12:00:00+00:00"}
PURGE = {"before": COUNTS, "after": COUNTS, "preview": True, "duration": 0.1}
LABELS = {"valid_labels": [{"name": "spam", "widget": "yes_no", "display_text": "Is it spam?"}]}
REVISION = {"id": str(OTHER), "text": "Bees fly.", "message_id": str(ID), "user_is_author": True}
REPORT = {
    "lang": "de",
    "types": {"random": {"count": 2, "reason": None}, "of_tomorrow": {"count": 0, "reason": "new_moon"}},
    "trees": [{"state": "dreaming", "waits_for": "morning", "trees": 1, "missing": 2}],
    "languages": {"de": 2},
}
TEXT = TextReplyToMessage(user=ALICE, message_id="11", user_message_id="22", text="Hello")
SPAM = TextLabels(user=ALICE, text="", labels={"spam": 1}, message_id=ID)

FOUND = (
    f"GET /api/v1/messages/?auth_method=discord&username={ALICE.id}&max_count=10"
    "&start_date=2026-03-14T12:00:00%2B00:00&only_roots=true&desc=false&allow_deleted=true&lang=de"
)
PURGED = (
    f"POST /api/v1/admin/purge_user/{ID}/messages?preview=true&purge_initial_prompts=false"
    "&min_date=2026-03-14T12:00:00%2B00:00 with token"
)

Make = Callable[[OasstApiClient], Awaitable[object]]
Row = tuple[str, Make, str, dict[str, Any] | None, object]

ROWS: list[Row] = [
    (
        "fetch_task",
        lambda c: c.fetch_task(TaskRequestType.initial_prompt, ALICE, lang="de"),
        "POST /api/v1/tasks/",
        {"type": "initial_prompt", "user": ALICE_SENT, "collective": False, "lang": "de"},
        {"id": str(ID), "type": "initial_prompt", "hint": None},
    ),
    (
        "fetch_random_task",
        lambda c: c.fetch_random_task(ALICE, collective=True),
        "POST /api/v1/tasks/",
        {"type": "random", "user": ALICE_SENT, "collective": True, "lang": None},
        DONE,
    ),
    (
        "find_asked_task",
        lambda c: c.find_asked_task("a-key_1", ALICE),
        f"GET /api/ext/v1/tasks/asked/a-key_1 as {HEADER}",
        None,
        {"id": str(ID), "type": "initial_prompt", "hint": None},
    ),
    (
        "fetch_waiting",
        lambda c: c.fetch_waiting(ALICE, lang="de"),
        "POST /api/ext/v1/tasks/waiting?lang=de",
        ALICE_SENT,
        REPORT,
    ),
    (
        "fetch_availability",
        lambda c: c.fetch_availability(ALICE, lang="de"),
        "POST /api/v1/tasks/availability?lang=de",
        ALICE_SENT,
        {"random": 3, "initial_prompt": 3},
    ),
    (
        "ack_task",
        lambda c: c.ack_task(ID, "11", ALICE),
        f"POST /api/v1/tasks/{ID}/ack as {HEADER}",
        {"message_id": "11"},
        None,
    ),
    (
        "nack_task",
        lambda c: c.nack_task(ID, "x" * 600, ALICE),
        f"POST /api/v1/tasks/{ID}/nack as {HEADER}",
        {"reason": "x" * 512},
        None,
    ),
    (
        "post_interaction",
        lambda c: c.post_interaction(TEXT),
        "POST /api/v1/tasks/interaction",
        {
            "type": "text_reply_to_message",
            "user": ALICE_SENT,
            "message_id": "11",
            "user_message_id": "22",
            "text": "Hello",
        },
        DONE,
    ),
    (
        "close_task",
        lambda c: c.close_task("11"),
        "POST /api/v1/tasks/close",
        {"message_id": "11"},
        DONE,
    ),
    (
        "post_text_labels",
        lambda c: c.post_text_labels(SPAM),
        "POST /api/v1/text_labels/",
        {"type": "text_labels", "user": ALICE_SENT, "text": "", "labels": {"spam": 1}, "message_id": str(ID)},
        None,
    ),
    (
        "fetch_valid_labels",
        lambda c: c.fetch_valid_labels(ID),
        f"GET /api/v1/text_labels/valid_labels?message_id={ID}",
        None,
        LABELS,
    ),
    (
        "fetch_report_labels",
        lambda c: c.fetch_report_labels(),
        "GET /api/v1/text_labels/report_labels",
        None,
        LABELS,
    ),
    (
        "fetch_message",
        lambda c: c.fetch_message(ID, ALICE),
        f"GET /api/v1/messages/{ID} as {HEADER}",
        None,
        MESSAGE,
    ),
    (
        "fetch_message",
        lambda c: c.fetch_message("a/b ?"),
        "GET /api/v1/frontend_messages/a%2Fb%20%3F",
        None,
        MESSAGE,
    ),
    (
        "fetch_conversation",
        lambda c: c.fetch_conversation("11", ALICE),
        f"GET /api/v1/frontend_messages/11/conversation as {HEADER}",
        None,
        CONVERSATION,
    ),
    (
        "fetch_tree",
        lambda c: c.fetch_tree(ID, include_spam=False, include_deleted=True),
        f"GET /api/v1/messages/{ID}/tree?include_spam=false&include_deleted=true",
        None,
        TREE,
    ),
    (
        "fetch_descendants",
        lambda c: c.fetch_descendants(ID),
        f"GET /api/v1/messages/{ID}/descendants?include_spam=true&include_deleted=false",
        None,
        TREE,
    ),
    (
        "fetch_children",
        lambda c: c.fetch_children(ID),
        f"GET /api/v1/messages/{ID}/children",
        None,
        [MESSAGE],
    ),
    (
        "fetch_longest_conversation",
        lambda c: c.fetch_longest_conversation(ID),
        f"GET /api/v1/messages/{ID}/longest_conversation_in_tree",
        None,
        CONVERSATION,
    ),
    (
        "fetch_most_answered",
        lambda c: c.fetch_most_answered(ID),
        f"GET /api/v1/messages/{ID}/max_children_in_tree",
        None,
        TREE,
    ),
    (
        "find_messages",
        lambda c: c.find_messages(
            author=ALICE,
            start_date=NOON,
            only_roots=True,
            desc=False,
            include_deleted=True,
            lang="de",
        ),
        FOUND,
        None,
        [MESSAGE],
    ),
    (
        "fetch_message_page",
        lambda c: c.fetch_message_page(after="abc$1", author=ID, search_query="bees"),
        f"GET /api/v1/messages/cursor?after=abc$1&user_id={ID}&max_count=10&search_query=bees",
        None,
        {**PAGE, "items": [MESSAGE]},
    ),
    (
        "mark_message",
        lambda c: c.mark_message(ID, ALICE, Emoji.thumbs_up, EmojiOp.add),
        f"POST /api/v1/messages/{ID}/emoji",
        {"user": ALICE_SENT, "emoji": "+1", "op": "add"},
        MESSAGE,
    ),
    (
        "fetch_tree_status",
        lambda c: c.fetch_tree_status(ID, ALICE),
        f"GET /api/v1/messages/{ID}/tree/state as {HEADER}",
        None,
        STATUS,
    ),
    (
        "halt_tree",
        lambda c: c.halt_tree(ID, ALICE, halt=True),
        f"PUT /api/v1/messages/{ID}/tree/state?halt=true as {HEADER}",
        None,
        STATUS,
    ),
    (
        "delete_message",
        lambda c: c.delete_message(ID, ALICE),
        f"DELETE /api/v1/messages/{ID} as {HEADER}",
        None,
        None,
    ),
    (
        "undelete_message",
        lambda c: c.undelete_message(ID, ALICE),
        f"PUT /api/v1/messages/{ID}/undelete as {HEADER}",
        None,
        None,
    ),
    (
        "edit_message",
        lambda c: c.edit_message(ID, ALICE, "Bees hum."),
        f"POST /api/v1/messages/{ID}/edit",
        {"user": ALICE_SENT, "new_content": "Bees hum."},
        None,
    ),
    ("fetch_history", lambda c: c.fetch_history(ID), f"GET /api/v1/messages/{ID}/history", None, [REVISION]),
    (
        "fetch_user",
        lambda c: c.fetch_user(ALICE),
        f"GET /api/v1/frontend_users/discord/{ALICE.id}",
        None,
        KNOWN,
    ),
    ("fetch_user", lambda c: c.fetch_user(ID), f"GET /api/v1/users/{ID}", None, KNOWN),
    (
        "send_user",
        lambda c: c.send_user(ALICE, show_on_leaderboard=False, enabled=True, tos_acceptance=None, notes=""),
        "POST /api/v1/frontend_users/",
        {
            **ALICE_SENT,
            "show_on_leaderboard": False,
            "enabled": True,
            "tos_acceptance": None,
            "notes": "",
        },
        KNOWN,
    ),
    (
        "find_users",
        lambda c: c.find_users("al", by_display_name=True, auth_method="discord"),
        "GET /api/v1/users/by_display_name?search_text=al&auth_method=discord&max_count=100",
        None,
        [KNOWN],
    ),
    (
        "fetch_user_page",
        lambda c: c.fetch_user_page(before="x$y", sort_key="display_name", desc=True),
        "GET /api/v1/users/cursor?before=x$y&sort_key=display_name&max_count=100&desc=true",
        None,
        {**PAGE, "items": [KNOWN]},
    ),
    (
        "fetch_user_messages",
        lambda c: c.fetch_user_messages(ALICE, max_count=2),
        f"GET /api/v1/frontend_users/discord/{ALICE.id}/messages?max_count=2",
        None,
        [MESSAGE],
    ),
    (
        "fetch_user_message_page",
        lambda c: c.fetch_user_message_page(ID, after="x"),
        f"GET /api/v1/users/{ID}/messages/cursor?after=x&max_count=10",
        None,
        {**PAGE, "items": [MESSAGE]},
    ),
    (
        "delete_user_messages",
        lambda c: c.delete_user_messages(ALICE),
        f"DELETE /api/v1/frontend_users/discord/{ALICE.id}/messages",
        None,
        None,
    ),
    (
        "update_user",
        lambda c: c.update_user(ID, enabled=False, notes="rude & loud"),
        f"PUT /api/v1/users/{ID}?enabled=false&notes=rude+%26+loud",
        None,
        None,
    ),
    ("delete_user", lambda c: c.delete_user(ID), f"DELETE /api/v1/users/{ID}", None, None),
    (
        "fetch_user_scores",
        lambda c: c.fetch_user_scores(ID),
        f"GET /api/v1/users/{ID}/stats",
        None,
        {"week": SCORE},
    ),
    (
        "fetch_user_score",
        lambda c: c.fetch_user_score(ID, WEEK),
        f"GET /api/v1/users/{ID}/stats/week",
        None,
        SCORE,
    ),
    (
        "fetch_score_window",
        lambda c: c.fetch_score_window(ID, WEEK, window_size=3),
        f"GET /api/v1/users/{ID}/stats/week/window?window_size=3",
        None,
        BOARD,
    ),
    (
        "fetch_leaderboard",
        lambda c: c.fetch_leaderboard(WEEK, user=ALICE),
        f"GET /api/v1/leaderboards/week?max_count=100 as {HEADER}",
        None,
        BOARD,
    ),
    (
        "update_leaderboards",
        lambda c: c.update_leaderboards(),
        "POST /api/v1/leaderboards/update",
        None,
        None,
    ),
    (
        "update_leaderboards",
        lambda c: c.update_leaderboards(WEEK),
        "POST /api/v1/leaderboards/update/week",
        None,
        None,
    ),
    (
        "fetch_trollboard",
        lambda c: c.fetch_trollboard(WEEK, max_count=1),
        "GET /api/v1/trollboards/week?max_count=1",
        None,
        TROLLS,
    ),
    (
        "fetch_health",
        lambda c: c.fetch_health(),
        "GET /healthz",
        None,
        {"status": "ok", "version": "1.2", "schema_revision": "0003"},
    ),
    ("fetch_stats", lambda c: c.fetch_stats(), "GET /api/v1/stats/", None, COUNTS),
    (
        "fetch_tree_manager_stats",
        lambda c: c.fetch_tree_manager_stats(),
        "GET /api/v1/stats/tree_manager",
        None,
        {"state_counts": {"growing": 1}, "message_counts": [GROWN]},
    ),
    (
        "fetch_tree_state_counts",
        lambda c: c.fetch_tree_state_counts(),
        "GET /api/v1/stats/tree_manager/state_counts",
        None,
        {"growing": 1},
    ),
    (
        "fetch_tree_message_counts",
        lambda c: c.fetch_tree_message_counts(),
        "GET /api/v1/stats/tree_manager/message_counts",
        None,
        [GROWN],
    ),
    (
        "fetch_cached_stats",
        lambda c: c.fetch_cached_stats(),
        "GET /api/v1/stats/cached",
        None,
        {"stats_by_name": {"by_lang": CACHED}},
    ),
    (
        "fetch_cached_stat",
        lambda c: c.fetch_cached_stat("by_lang"),
        "GET /api/v1/stats/cached/by_lang",
        None,
        CACHED,
    ),
    (
        "update_cached_stats",
        lambda c: c.update_cached_stats(),
        "POST /api/v1/stats/cached/update",
        None,
        None,
    ),
    (
        "create_api_client",
        lambda c: c.create_api_client("A bot", "discord", trusted=True),
        "POST /api/v1/admin/api_client with token",
        {"description": "A bot", "frontend_type": "discord", "trusted": True, "admin_email": None},
        "a-new-key",
    ),
    (
        "purge_user",
        lambda c: c.purge_user(ID, preview=True),
        f"POST /api/v1/admin/purge_user/{ID}?preview=true&ban=true with token",
        None,
        PURGE,
    ),
    (
        "purge_user_messages",
        lambda c: c.purge_user_messages(ID, preview=True, min_date=NOON),
        PURGED,
        None,
        PURGE,
    ),
    (
        "merge_users",
        lambda c: c.merge_users(ID, [OTHER]),
        "POST /api/v1/admin/merge_users with token",
        {"destination_user_id": str(ID), "source_user_ids": [str(OTHER)]},
        None,
    ),
    (
        "fetch_all_settings",
        lambda c: c.fetch_all_settings(),
        "GET /api/v1/admin/backend_settings/full with token",
        None,
        {"MESSAGE_SIZE_LIMIT": 2000, "tree_manager": {"max_tree_depth": 3}},
    ),
    (
        "fetch_public_settings",
        lambda c: c.fetch_public_settings(),
        "GET /api/v1/admin/backend_settings/public",
        None,
        {"MESSAGE_SIZE_LIMIT": 2000},
    ),
    (
        "fetch_flagged_messages",
        lambda c: c.fetch_flagged_messages(max_count=5),
        "GET /api/v1/admin/flagged_messages?max_count=5",
        None,
        [FLAGGED],
    ),
    (
        "fetch_flagged_message_page",
        lambda c: c.fetch_flagged_message_page(desc=True),
        "GET /api/v1/admin/flagged_messages/cursor?max_count=10&desc=true",
        None,
        {**PAGE, "items": [FLAGGED]},
    ),
    (
        "settle_flagged_message",
        lambda c: c.settle_flagged_message(ID),
        f"POST /api/v1/admin/flagged_messages/{ID}/processed",
        None,
        FLAGGED,
    ),
    (
        "call_extension",
        lambda c: c.call_extension("POST", "journal", body={"a": [1]}, params={"n": 1}, user=ALICE),
        f"POST /api/ext/v1/journal?n=1 as {HEADER}",
        {"a": [1]},
        {"rows": [None, 1.5]},
    ),
]
