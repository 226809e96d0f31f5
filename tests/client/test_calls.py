"""Every call of the client, on exchanges of our own: what is sent, and what comes back."""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

import oasst_client
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_client import (
    AuthMethod,
    Emoji,
    EmojiOp,
    InvalidRequestError,
    LeaderboardTimeFrame,
    NotAuthorizedError,
    NotSupportedError,
    OasstApiClient,
    RefusedError,
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


def holds(value: object, given: object) -> bool:
    """Whether a result has all that the backend gave."""
    if isinstance(value, list) and isinstance(given, list):
        return len(value) == len(given) and all(map(holds, value, given))
    if isinstance(given, dict):
        got = value.model_dump() if isinstance(value, BaseModel) else value
        return isinstance(got, dict) and all(holds(got[name], part) for name, part in given.items())
    if isinstance(value, datetime):
        return value == datetime.fromisoformat(str(given))
    return str(value) == str(given) if isinstance(value, UUID) else value == given


@pytest.mark.parametrize(("name", "make", "line", "body", "answer"), ROWS, ids=[row[0] for row in ROWS])
async def test_a_call_sends_and_gives_what_the_protocol_says(  # the columns of the table
    name: str,
    make: Make,
    line: str,
    body: dict[str, Any] | None,
    answer: object,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(204 if answer is None else 200, b"" if answer is None else answer)
    client = await connect(script.url, root_token="root")

    result = await make(client)

    assert holds(result, answer), name
    (sent,) = script.seen
    wanted, token = (line.removesuffix(" with token"), True) if line.endswith("token") else (line, False)
    wanted, _, actor = wanted.partition(" as ")
    assert f"{sent.method} {sent.target}" == wanted
    assert sent.headers.get("x-oasst-user") == (actor or None)
    assert sent.headers.get("Authorization") == ("Bearer root" if token else None)
    assert sent.headers["X-API-Key"] == "key"
    assert sent.body == body


@pytest.fixture(scope="module")
def own_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = BackendSettings(
        _env_file=None,
        backend_database_url=f"sqlite:///{tmp_path_factory.mktemp('backend')}/backend.db",
        backend_port=0,
        backend_api_keys=["key"],
    )
    server = BackendServer(settings)
    server.start()
    try:
        yield server.url
    finally:
        server.close()


@pytest.mark.parametrize("make", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
async def test_our_own_backend_understands_each_call_or_refuses_it_plainly(
    make: Make, own_backend: str, connect: Callable[..., Awaitable[OasstApiClient]]
) -> None:
    client = await connect(own_backend, root_token="root")
    try:
        await make(client)
    except (RefusedError, NotAuthorizedError, NotSupportedError) as error:
        # A call that was not understood would be a 422 about its body or query; where there is no such call,
        # the last word of its address may be taken for a message's id.
        absent = error.http_status == 422 and error.message.startswith("path.")
        known = error.http_status in {400, 401, 403, 404, 405}
        assert absent or known  # some calls need what is not there


def test_the_table_has_every_call() -> None:
    calls = {
        name
        for name, member in inspect.getmembers(OasstApiClient, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert calls - {"close", "put_user"} == {row[0] for row in ROWS}


def test_every_public_name_is_there_once_and_says_what_it_is() -> None:
    assert sorted(set(oasst_client.__all__)) == sorted(oasst_client.__all__)
    modules = {name for name, value in vars(oasst_client).items() if inspect.ismodule(value)}
    public = {name for name in vars(oasst_client) if not name.startswith("_")} - modules
    assert public == set(oasst_client.__all__)
    for name in public:
        value = getattr(oasst_client, name)
        assert not inspect.isclass(value) or inspect.getdoc(value), name
    for name, member in inspect.getmembers(OasstApiClient, inspect.iscoroutinefunction):
        assert name.startswith("_") or inspect.getdoc(member), name


@pytest.mark.parametrize("known", [True, False])
async def test_a_person_is_always_sent_whole(
    known: bool,  # noqa: FBT001  # a case
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(200, KNOWN) if known else script.will(404, {"error_code": 4002, "message": "who?"})
    script.will(200, KNOWN)
    await (await connect(script.url)).put_user(ALICE, tos_acceptance=True)
    before = {"show_on_leaderboard": False, "enabled": False, "notes": "rude"}
    fresh = {"show_on_leaderboard": True, "enabled": True, "notes": ""}
    assert script.seen[1].body == {**ALICE_SENT, **(before if known else fresh), "tos_acceptance": True}


async def test_what_is_said_of_a_person_is_sent(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(200, KNOWN)
    client = await connect(script.url)
    await client.put_user(ALICE, show_on_leaderboard=True, enabled=True, notes="kind")
    changed = {"show_on_leaderboard": True, "enabled": True, "notes": "kind", "tos_acceptance": None}
    assert script.seen[1].body == {**ALICE_SENT, **changed}


async def test_a_backend_without_people_is_no_reason_to_make_one_up(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(404, {"detail": "Not Found"})
    with pytest.raises(oasst_client.NotFoundError):
        await (await connect(script.url)).put_user(ALICE)
    assert len(script.seen) == 1


async def test_a_call_for_the_root_needs_its_token(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    client = await connect(script.url)
    with pytest.raises(NotAuthorizedError) as caught:
        await client.purge_user(ID, preview=False)
    assert (caught.value.code, script.seen) == (3, [])


@pytest.mark.parametrize(("status", "body"), [(404, {"detail": "Not Found"}), (405, b""), (501, b"<p>")])
async def test_a_backend_without_an_extension_says_so(
    status: int,
    body: object,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(status, body)
    with pytest.raises(NotSupportedError):
        await (await connect(script.url)).call_extension("GET", "journal")


async def test_an_extension_may_answer_nothing_and_may_know_no_message(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(204).will(404, {"error_code": 2001, "message": "gone"})
    client = await connect(script.url)
    assert await client.call_extension("POST", "journal") is None
    with pytest.raises(oasst_client.NotFoundError):
        await client.call_extension("GET", "journal")


@pytest.mark.parametrize(
    "make",
    [
        lambda c: c.fetch_message(""),
        lambda c: c.fetch_message(".."),
        lambda c: c.fetch_message("\ud800"),
        lambda c: c.fetch_leaderboard(WEEK, user=User(id="a\r\nX: 1", display_name="", auth_method="local")),
        lambda c: c.nack_task(ID, "\ud800", ALICE),
        lambda c: c.fetch_task(TaskRequestType.random, ALICE, lang="x" * 33),
        lambda c: c.find_users("\ud800"),
        lambda c: c.find_users(max_count=10**5000),
        lambda c: c.call_extension("GE T", "journal"),
        lambda c: c.call_extension("GET", "journal\r\nX: 1"),
        lambda c: c.call_extension("GET", "journal?day=1"),
        lambda c: c.call_extension("GET", "../../v1/stats/"),
        lambda c: c.call_extension("GET", ""),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_it_is_sent(
    make: Make,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    with pytest.raises(InvalidRequestError):
        await make(await connect(script.url))
    assert script.seen == []


async def test_a_path_prefix_is_kept(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(200, {})
    await (await connect(f"{script.url}/oasst/backend/")).fetch_tree_state_counts()
    assert script.seen[0].target == "/oasst/backend/api/v1/stats/tree_manager/state_counts"
