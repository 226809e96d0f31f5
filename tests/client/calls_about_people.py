"""The calls around people: how each is made, what it sends, what it is answered with, and what it gives."""

from collections.abc import Awaitable, Callable
from typing import Any

from oasst_client import OasstApiClient
from tests.client.given import (
    ALICE,
    ALICE_SENT,
    BOARD,
    CONTRIBUTION,
    CONTRIBUTIONS,
    ID,
    KNOWN,
    MESSAGE,
    PAGE,
    SCORE,
    WEEK,
)

Make = Callable[[OasstApiClient], Awaitable[object]]
Row = tuple[str, Make, str, dict[str, Any] | None, object]

ABOUT_PEOPLE: list[Row] = [
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
        "fetch_personal_data",
        lambda c: c.fetch_personal_data(ALICE),
        f"GET /api/ext/v1/people/discord/{ALICE.id}/data",
        None,
        {"people": [{"username": ALICE.id, "streak_days": 2}], "messages": []},
    ),
    (
        "erase_user",
        lambda c: c.erase_user(ALICE, keep_texts=True),
        f"DELETE /api/ext/v1/people/discord/{ALICE.id}?texts=keep",
        None,
        None,
    ),
    (
        "erase_user",
        lambda c: c.erase_user(ALICE, keep_texts=False),
        f"DELETE /api/ext/v1/people/discord/{ALICE.id}?texts=remove",
        None,
        None,
    ),
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
        "fetch_contributions",
        lambda c: c.fetch_contributions(ALICE, after="a$1", max_count=5, desc=False),
        f"GET /api/ext/v1/people/discord/{ALICE.id}/contributions?after=a$1&max_count=5&desc=false",
        None,
        CONTRIBUTIONS,
    ),
    (
        "fetch_contribution",
        lambda c: c.fetch_contribution(ALICE, ID),
        f"GET /api/ext/v1/people/discord/{ALICE.id}/contributions/{ID}",
        None,
        CONTRIBUTION,
    ),
    (
        "edit_own_message",
        lambda c: c.edit_own_message(ALICE, ID, "Bees dance."),
        f"PUT /api/ext/v1/people/discord/{ALICE.id}/messages/{ID}",
        {"text": "Bees dance."},
        CONTRIBUTION,
    ),
    (
        "withdraw_message",
        lambda c: c.withdraw_message(ALICE, ID),
        f"DELETE /api/ext/v1/people/discord/{ALICE.id}/messages/{ID}",
        None,
        None,
    ),
]
