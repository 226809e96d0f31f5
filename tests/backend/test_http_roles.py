"""Who may make which call: each with no key, with any, with a trusted one, or with the root token."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from starlette.routing import Route

from oasst_backend.api.app import create_app
from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

TOKEN = "a-root-token-of-the-tests"
PAGE = Path(__file__).parents[2] / "docs" / "backend.md"
READS = "[/conversation|/children|/longest_conversation_in_tree|/max_children_in_tree|/tree|/descendants]"
NEEDS: Mapping[str, tuple[str, ...]] = {
    "no key": (
        "GET /healthz",
        "GET /metrics",
        "GET /openapi.json",
        "GET /docs[/oauth2-redirect]",
        "GET /redoc",
        "GET /api/v1/text_labels/report_labels",
    ),
    "any key": (
        "POST /api/v1/tasks/[availability|interaction|close]",
        "POST /api/v1/tasks/{task_id}/ack",
        "POST /api/v1/tasks/{task_id}/nack",
        "POST /api/v1/text_labels/",
        "GET /api/v1/text_labels/valid_labels",
        "GET /api/v1/messages/[cursor]",
        f"GET /api/v1/messages/{{message_id}}{READS}",
        "GET /api/v1/messages/{message_id}/tree/state",
        "POST /api/v1/messages/{message_id}/emoji",
        f"GET /api/v1/frontend_messages/{{frontend_id}}{READS}",
        "POST /api/v1/frontend_users/",
        "GET /api/v1/frontend_users/[{auth_method}/{username}]",
        "GET /api/v1/frontend_users/{auth_method}/{username}/messages[/cursor]",
        "GET /api/v1/users/by_username",
        "GET /api/v1/users/by_display_name",
        "GET /api/v1/users/cursor",
        "GET /api/v1/users/{user_id}[/messages|/messages/cursor]",
        "GET /api/v1/users/{user_id}/stats[/{time_frame}|/{time_frame}/window]",
        "GET /api/v1/leaderboards/{time_frame}",
        "GET /api/ext/v1/people/{auth_method}/{username}/contributions[/{message_id}]",
        "PUT /api/ext/v1/people/{auth_method}/{username}/messages/{message_id}",
        "DELETE /api/ext/v1/people/{auth_method}/{username}/messages/{message_id}",
        "POST /api/ext/v1/terms",
        "GET /api/ext/v1/tasks/asked/{key}",
        "POST /api/ext/v1/tasks/waiting",
        "POST /api/ext/v1/leaderboards/{time_frame}/among",
        "GET /api/ext/v1/progress",
    ),
    "a trusted key": (
        "DELETE /api/v1/messages/{message_id}",
        "PUT /api/v1/messages/{message_id}/undelete",
        "PUT /api/v1/messages/{message_id}/tree/state",
        "POST /api/v1/messages/{message_id}/edit",
        "GET /api/v1/messages/{message_id}/history",
        "GET /api/v1/admin/flagged_messages[/cursor]",
        "POST /api/v1/admin/flagged_messages/{message_id}/processed",
        "GET /api/v1/admin/backend_settings/public",
        "GET /api/v1/stats/[tree_manager|tree_manager/state_counts|tree_manager/message_counts]",
        "GET /api/v1/stats/cached[/{name}]",
        "POST /api/v1/stats/cached/update",
        "POST /api/v1/leaderboards/update[/{time_frame}]",
        "GET /api/v1/trollboards/{time_frame}",
        "PUT /api/v1/users/{user_id}",
        "DELETE /api/v1/users/{user_id}[/messages]",
        "DELETE /api/v1/frontend_users/{auth_method}/{username}/messages",
        "GET /api/ext/v1/reports",
        "GET /api/ext/v1/journal",
        "GET /api/ext/v1/people/marked",
        "GET /api/ext/v1/people/{auth_method}/{username}/data",
        "DELETE /api/ext/v1/people/{auth_method}/{username}",
        "DELETE /api/ext/v1/bans/{auth_method}/{username}",
    ),
    "the root token": (
        "POST /api/v1/admin/api_client",
        "POST /api/v1/admin/purge_user/{user_id}[/messages]",
        "POST /api/v1/admin/merge_users",
        "GET /api/v1/admin/backend_settings/full",
    ),
}
"""What each call needs. An address that ends in brackets stands for itself and for each ending in them."""

NO_CALLS = {
    f"{method} /api/v1/users/{name}"
    for method in ("PUT", "DELETE")
    for name in ("by_username", "by_display_name", "cursor")
}
"""Routes that answer 405, so that these names are not taken for ids."""

KEY_REFUSED, ROOT_REFUSED = (403, 2), (403, 3)
REFUSALS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "no key": {},
    "any key": {"nobody": KEY_REFUSED, "the operator": KEY_REFUSED},
    "a trusted key": {"nobody": KEY_REFUSED, "the operator": KEY_REFUSED, "a plain key": KEY_REFUSED},
    "the root token": dict.fromkeys(("nobody", "a plain key", "a trusted key"), ROOT_REFUSED),
}
"""Whom a call that needs something refuses, and how; everybody else gets past its door."""


def expanded(call: str) -> Iterator[str]:
    """Give the calls that a line of the table stands for."""
    start, _, endings = call.rstrip("]").partition("[")
    yield start
    yield from (start + ending for ending in endings.split("|") if ending)


def needs() -> dict[str, str]:
    return {call: need for need, lines in NEEDS.items() for line in lines for call in expanded(line)}


def filled(path: str) -> str:
    """Fill the places of a path with what is nowhere."""
    values = {"auth_method": "discord", "time_frame": "day"}
    return re.sub(r"{(\w+)}", lambda place: values.get(place[1], str(uuid4())), path)


@pytest.fixture
def routes(settings_for: Callable[..., BackendSettings], tmp_path: Path) -> set[str]:
    """Read off all calls that there are."""
    with Storage(f"sqlite:///{tmp_path}/routes.db") as storage:
        app = create_app(settings_for(), storage=storage)
        assert all(isinstance(route, Route) for route in app.routes)
        return {
            f"{method} {route.path}"
            for route in app.routes
            if isinstance(route, Route)
            for method in (route.methods or set()) - {"HEAD"}
        }


def test_every_call_stands_in_the_table(routes: set[str]) -> None:
    lines = [call for named in NEEDS.values() for line in named for call in expanded(line)]
    assert len(lines) == len(set(lines))
    assert set(lines) | NO_CALLS == routes, "say in NEEDS and in docs/backend.md what a new call needs"


def test_the_page_has_the_same_table() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("### What a call needs\n")[2].partition("\n#")[0]
    parts = re.findall(r"^\*\*(.+?)\*\*(.*?)(?=^\*\*|\Z)", section, re.MULTILINE | re.DOTALL)
    shown = {
        name.rstrip(".").lower(): sorted(re.findall(r"`((?:GET|PUT|POST|DELETE) [^`]+)`", text))
        for name, text in parts
    }
    assert shown == {need: sorted(lines) for need, lines in NEEDS.items()}


async def test_each_call_refuses_those_who_lack_what_it_needs_and_nobody_else(
    start_backend: Callable[..., BackendServer],
    clock: Any,  # noqa: ANN401  # a Clock
) -> None:
    server = start_backend(backend_root_token=TOKEN)
    assert server.storage is not None
    plain = server.storage.write_now(lambda to: create_key(to, clock.now, "plain", trusted=False))
    callers = {
        "nobody": {},
        "a plain key": {"X-API-Key": plain},
        "a trusted key": {"X-API-Key": "a-key-of-the-tests"},
        "the operator": {"Authorization": f"Bearer {TOKEN}"},
    }
    wrong = []
    async with aiohttp.ClientSession(server.url) as session:
        for call, need in needs().items():
            method, path = call.split(" ")
            for name, headers in callers.items():
                async with session.request(method, filled(path), headers=headers) as response:
                    said = await response.json() if response.status == 403 else {}
                refused = (response.status, said["error_code"]) if said else None
                if refused != REFUSALS[need].get(name):
                    wrong.append((call, name, response.status, said))
    assert not wrong
