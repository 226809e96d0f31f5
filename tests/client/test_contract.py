"""What the client sends and makes of the answer, against exchanges recorded from the original backend."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

import oasst_client
from oasst_client import (
    AuthMethod,
    Emoji,
    EmojiOp,
    LeaderboardTimeFrame,
    OasstApiClient,
    OasstError,
    TaskRequestType,
    User,
    interaction_adapter,
)
from oasst_client.interactions import TextLabels
from tests.recorded import EXCHANGES, needs_recordings

Make = Callable[[OasstApiClient], Awaitable[object]]

ERRORS = {
    2: "NotAuthorizedError",
    3: "NotAuthorizedError",
    1006: "TaskUnavailableError",
    1012: "TooManyPendingError",
    2001: "NotFoundError",
    2100: "NotFoundError",
    2105: "TaskAlreadyDoneError",
    4001: "UserDisabledError",
    4002: "NotFoundError",
    4003: "TermsNotAcceptedError",
    429: "RateLimitedError",
}
BY_STATUS = {404: "NotFoundError", 500: "ServerError", 307: "InvalidResponseError"}

CANNOT = {
    "no key": "the client always sends its key in the header",
    "other route": "a route that is not in the protocol, or a method that a route does not have",
    "own type": "an id of the wrong kind: the client's arguments are typed",
    "body": "a body that the client's models refuse, or that lacks what they always send",
    "reason": "a reason of over 512 characters: the client cuts it, as the original fails on it",
}
"""Why some exchanges cannot be made with the client."""


class CannotError(Exception):
    """This exchange cannot be made; the argument is a key of `CANNOT`."""


def person(raw: dict[str, Any]) -> User:
    try:
        return User.model_validate(raw)
    except ValidationError:
        raise CannotError("body") from None


def user_in(header: str | None) -> User | None:
    if header is None:
        return None
    method, _, name = header.partition(":")
    return User(id=name, display_name="x", auth_method=AuthMethod(method))


def uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CannotError("own type") from None


def frame(text: str) -> LeaderboardTimeFrame:
    try:
        return LeaderboardTimeFrame(text)
    except ValueError:
        raise CannotError("own type") from None


def values(query: dict[str, str]) -> dict[str, Any]:
    """Give a query's values the types of the client's arguments."""
    known: dict[str, Any] = {"true": True, "false": False}
    return {name: known.get(value, int(value) if value.isdigit() else value) for name, value in query.items()}


def plan(exchange: dict[str, Any]) -> Make:  # noqa: C901, PLR0911, PLR0912, PLR0915  # one arm for each call
    """Find the client's call for an exchange.

    Raises:
        CannotError: there is none.
    """
    if exchange["api_key"] == "none":
        raise CannotError("no key")
    url = urlsplit(exchange["path"])
    query = values(dict(parse_qsl(url.query)))
    body = exchange["request"]
    user = user_in(exchange["headers"].get("x-oasst-user"))
    match exchange["method"], *url.path.removeprefix("/api/v1/").split("/"):
        case "POST", "tasks", "":
            return plan_task(body)
        case "POST", "tasks", "availability":
            if body is None:
                raise CannotError("body")
            worker = person(body)
            return lambda c: c.fetch_availability(worker, **query)
        case "POST", "tasks", "close":
            return lambda c: c.close_task(body["message_id"])
        case "POST", "tasks", "interaction":
            try:
                interaction = interaction_adapter.validate_python(body)
            except ValidationError:
                raise CannotError("body") from None
            return lambda c: c.post_interaction(interaction)
        case "POST", "tasks", task_id, "ack":
            task = uuid(task_id)
            if body["message_id"] is None:
                raise CannotError("body")
            return lambda c: c.ack_task(task, str(body["message_id"]), user)
        case "POST", "tasks", task_id, "nack":
            if user is None or "reason" not in body:
                raise CannotError("body")
            if len(body["reason"]) > 512:
                raise CannotError("reason")
            return lambda c: c.nack_task(UUID(task_id), body["reason"], user)
        case "POST", "text_labels", "":
            try:
                labels = TextLabels.model_validate(body)
            except ValidationError:
                raise CannotError("body") from None
            return lambda c: c.post_text_labels(labels)
        case "GET", "text_labels", "valid_labels":
            return lambda c: c.fetch_valid_labels(**query)
        case "POST", "frontend_users", "":
            known = person(body)
            defaults = {"show_on_leaderboard": True, "enabled": True, "tos_acceptance": None, "notes": ""}
            whole = {name: body.get(name, default) for name, default in defaults.items()}
            return lambda c: c.send_user(known, **whole)
        case "GET", "frontend_users", method, name, *rest:
            try:
                named = User(id=name, display_name="x", auth_method=AuthMethod(method))
            except ValueError:
                raise CannotError("own type") from None
            return lambda c: c.fetch_user_messages(named, **query) if rest else c.fetch_user(named)
        case _, "users", *rest:
            return plan_user(exchange["method"], rest, query)
        case "GET", "leaderboards", span:
            return partial_frame("fetch_leaderboard", span, user=user, **query)
        case "GET", "trollboards", span:
            return partial_frame("fetch_trollboard", span, **query)
        case "POST", "leaderboards", "update":
            return lambda c: c.update_leaderboards()
        case "GET", "stats", "":
            return lambda c: c.fetch_stats()
        case "GET", "stats", "cached":
            return lambda c: c.fetch_cached_stats()
        case "GET", "stats", "cached", name:
            return lambda c: c.fetch_cached_stat(name)
        case "POST", "stats", "cached", "update":
            return lambda c: c.update_cached_stats()
        case "GET", "stats", "tree_manager", "state_counts":
            return lambda c: c.fetch_tree_state_counts()
        case "GET", "frontend_messages", name, *rest:
            return lambda c: read_message(c, name, rest, user)
        case "GET", "messages", "":
            return lambda c: c.find_messages(**query)
        case "GET", "messages", "cursor":
            return lambda c: c.fetch_message_page(**query)
        case _, "messages", message_id, *rest:
            return plan_message(exchange, uuid(message_id), rest, user)
    raise CannotError("other route")


def plan_task(body: dict[str, Any]) -> Make:
    if not isinstance(body, dict):
        raise CannotError("body")
    try:
        kind = TaskRequestType(body.get("type", "random"))
    except ValueError:
        raise CannotError("own type") from None
    if set(body) - {"type", "user", "collective", "lang"} or not isinstance(body.get("lang", ""), str | None):
        raise CannotError("body")
    user = person(body["user"]) if body.get("user") is not None else None
    options = {name: body[name] for name in ("collective", "lang") if name in body}
    return lambda c: c.fetch_task(kind, user, **options)


def partial_frame(name: str, span: str, **options: Any) -> Make:  # noqa: ANN401  # the call's arguments
    time_frame = frame(span)
    return lambda c: getattr(c, name)(time_frame, **options)


def plan_user(method: str, rest: list[str], query: dict[str, Any]) -> Make:  # noqa: PLR0911  # one arm for each call
    match method, *rest:
        case "GET", ("by_username" | "by_display_name") as order:
            by_display_name = order == "by_display_name"
            return lambda c: c.find_users(by_display_name=by_display_name, **query)
        case "GET", "cursor":
            return lambda c: c.fetch_user_page(**query)
        case "GET", user_id:
            user = uuid(user_id)
            return lambda c: c.fetch_user(user)
        case "PUT", user_id:
            return lambda c: c.update_user(UUID(user_id), **query)
        case "GET", user_id, "messages":
            return lambda c: c.fetch_user_messages(UUID(user_id), **query)
        case "GET", user_id, "stats":
            return lambda c: c.fetch_user_scores(UUID(user_id))
        case "GET", user_id, "stats", span:
            return lambda c: c.fetch_user_score(UUID(user_id), frame(span))
        case "GET", user_id, "stats", span, "window":
            return lambda c: c.fetch_score_window(UUID(user_id), frame(span), **query)
    raise CannotError("other route")


def plan_message(exchange: dict[str, Any], message: UUID, rest: list[str], user: User | None) -> Make:
    body = exchange["request"]
    match exchange["method"], *rest:
        case "POST", "emoji":
            try:
                emoji, op = Emoji(body["emoji"]), EmojiOp(body.get("op", "toggle"))
            except ValueError:
                raise CannotError("own type") from None
            return lambda c: c.mark_message(message, person(body["user"]), emoji, op)
        case "POST", "edit":
            return lambda c: c.edit_message(message, person(body["user"]), body["new_content"])
        case "PUT", "undelete":
            return lambda c: c.undelete_message(message)
        case "PUT", "tree", "state":
            halt = exchange["path"].endswith("true")
            return lambda c: c.halt_tree(message, halt=halt)
        case ("DELETE",):
            return lambda c: c.delete_message(message)
        case "GET", *_:
            return lambda c: read_message(c, message, rest, user)
    raise CannotError("other route")


async def read_message(
    client: OasstApiClient, message: UUID | str, rest: list[str], user: User | None
) -> object:
    calls: dict[str, Callable[..., Awaitable[object]]] = {
        "": client.fetch_message,
        "conversation": client.fetch_conversation,
        "tree": client.fetch_tree,
        "descendants": client.fetch_descendants,
        "children": client.fetch_children,
        "longest_conversation_in_tree": client.fetch_longest_conversation,
        "max_children_in_tree": client.fetch_most_answered,
    }
    if rest == ["history"]:
        assert isinstance(message, UUID)
        return await client.fetch_history(message)
    if rest == ["tree", "state"]:
        assert isinstance(message, UUID)
        return await client.fetch_tree_status(message)
    return await calls["/".join(rest)](message, user)


DEFAULTS: dict[str, Any] = {
    "type": "random",
    "collective": False,
    "op": "toggle",
    "show_on_leaderboard": True,
    "enabled": True,
    "notes": "",
}
"""What the protocol fills in where a body leaves it out."""

QUERY_DEFAULTS = {"max_count": "100", "include_spam": "true", "include_deleted": "false"}


def as_fixed(body: object, key: str = "") -> object:
    """Reduce a body to what the protocol fixes: no nulls, no defaults, ids as texts, texts stripped."""
    if isinstance(body, dict):
        reduced = {name: as_fixed(value, name) for name, value in body.items() if value is not None}
        return {name: value for name, value in reduced.items() if DEFAULTS.get(name, ...) != value}
    if key == "text" and isinstance(body, str):
        return body.strip()
    return str(body) if key.endswith("message_id") else body


def assert_same(value: object, recorded: object, place: str = "answer") -> None:
    """See that a value holds all that was recorded."""
    if isinstance(value, BaseModel):
        assert isinstance(recorded, dict), place
        for name, part in recorded.items():
            assert name in type(value).model_fields, f"{place}.{name} is not read"
            assert_same(getattr(value, name), part, f"{place}.{name}")
    elif isinstance(value, dict):
        assert isinstance(recorded, dict), place
        assert value.keys() == recorded.keys(), place
        for name, part in recorded.items():
            assert_same(value[name], part, f"{place}.{name}")
    elif isinstance(value, list):
        assert isinstance(recorded, list), place
        assert len(value) == len(recorded), place
        for index, part in enumerate(recorded):
            assert_same(value[index], part, f"{place}[{index}]")
    elif isinstance(value, datetime):
        assert value == datetime.fromisoformat(str(recorded)), place
    elif isinstance(value, Enum):
        assert value.value == recorded, place
    elif isinstance(value, UUID):
        assert str(value) == recorded, place
    else:
        assert value == recorded, place


def possible() -> tuple[list[Any], dict[str, list[int]]]:
    """Part the exchanges into those that the client can make, and the others by why it cannot."""
    made, cannot = [], {reason: [] for reason in CANNOT}  # type: tuple[list[Any], dict[str, list[int]]]
    for number, exchange in enumerate(EXCHANGES, start=1):
        try:
            made.append(pytest.param(exchange, plan(exchange), id=f"{number} {exchange['note']}"))
        except CannotError as reason:
            cannot[str(reason)].append(number)
    return made, cannot


MADE, CANNOT_MAKE = possible()


@needs_recordings
@pytest.mark.parametrize(("exchange", "make"), MADE)
async def test_a_recorded_exchange_is_made_and_understood(
    exchange: dict[str, Any],
    make: Make,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    recorded = exchange["response"]
    named = {name.replace("-", "_"): text for name, text in exchange["response_headers"].items()}
    script.will(exchange["status"], recorded if recorded != "" else b"", **named)
    client = await connect(script.url, api_key=exchange["api_key"])

    if exchange["status"] >= 300:
        with pytest.raises(OasstError) as caught:
            await make(client)
        assert_is_the_error(caught.value, exchange)
    else:
        result = await make(client)
        if recorded in ("", None):
            assert result is None
        else:
            assert_same(result, recorded)

    (sent,) = script.seen
    url = urlsplit(exchange["path"])
    assert (sent.method, sent.path) == (exchange["method"], url.path)
    assert without_defaults(sent.query) == without_defaults(dict(parse_qsl(url.query)))
    assert sent.headers["X-API-Key"] == exchange["api_key"]
    assert sent.headers.get("x-oasst-user") == exchange["headers"].get("x-oasst-user")
    assert as_fixed(sent.body) == as_fixed(exchange["request"])


def without_defaults(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if QUERY_DEFAULTS.get(name) != value}


def assert_is_the_error(error: OasstError, exchange: dict[str, Any]) -> None:
    recorded = exchange["response"] or {}
    code = recorded.get("error_code", 0)
    name = ERRORS.get(code) or BY_STATUS.get(exchange["status"], "RefusedError")
    assert type(error) is getattr(oasst_client, name)
    assert (error.code, error.http_status) == (code, exchange["status"])
    if "message" in recorded:
        assert error.message == recorded["message"]
    elif isinstance(recorded.get("detail"), str):
        assert error.message == recorded["detail"]
    elif recorded:
        assert recorded["detail"][0]["msg"][:50] in error.message


@needs_recordings
def test_most_exchanges_can_be_made_and_the_others_have_a_reason() -> None:
    assert len(MADE) + sum(map(len, CANNOT_MAKE.values())) == len(EXCHANGES)
    assert len(MADE) >= 0.8 * len(EXCHANGES), CANNOT_MAKE
