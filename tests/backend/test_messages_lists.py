"""Messages are found by who wrote them, when, in which language and by what they say, page by page."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from oasst_backend.server import BackendServer
from oasst_client import (
    AuthMethod,
    Message,
    NotAuthorizedError,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    User,
)

Workers = Callable[[str], Any]
Call = Callable[..., Any]

NOBODY = User(id="nobody", display_name="Nobody", auth_method=AuthMethod.discord)

NOBODY_ID = "00000000-0000-4000-8000-000000000000"


def texts(found: Iterable[Message]) -> list[str]:
    return [message.text for message in found]


@pytest.fixture
async def three_prompts(worker: Workers, pass_time: Callable[..., None]) -> list[str]:
    """Have ann, bob and ann again write a prompt a minute; gives their texts, the oldest first."""
    for name, text, lang in (("ann", "one", "en"), ("bob", "zwei", "de"), ("ann", "three", "en")):
        await worker(name).write(TaskRequestType.initial_prompt, text, lang)
        pass_time(minutes=1)
    return ["one", "zwei", "three"]


async def walk(client: OasstApiClient, *, desc: bool = False) -> list[list[str]]:
    """Read all pages of two, forwards."""
    pages = [await client.fetch_message_page(max_count=2, desc=desc)]
    while pages[-1].next is not None:
        pages.append(await client.fetch_message_page(max_count=2, desc=desc, after=pages[-1].next))
    return [texts(page.items) for page in pages]


async def test_messages_are_listed_the_newest_first(client: OasstApiClient, three_prompts: list[str]) -> None:
    assert texts(await client.find_messages()) == three_prompts[::-1]
    assert texts(await client.find_messages(desc=False)) == three_prompts
    assert texts(await client.find_messages(max_count=1)) == ["three"]


async def test_messages_are_found_by_author_date_and_language(
    client: OasstApiClient, worker: Workers, three_prompts: list[str]
) -> None:
    start = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
    ann = worker("ann").user
    assert texts(await client.find_messages(author=ann)) == ["three", "one"]
    assert await client.find_messages(author=NOBODY) == []
    assert texts(await client.find_messages(lang="de")) == ["zwei"]
    assert texts(await client.find_messages(start_date=start + timedelta(minutes=1))) == ["three", "zwei"]
    assert texts(await client.find_messages(end_date=start + timedelta(minutes=1))) == ["zwei", "one"]
    assert texts(await client.find_messages(end_date=start - timedelta(seconds=1))) == []
    assert three_prompts
    seen = await client.find_messages(author=ann, user=ann)
    assert {message.user_is_author for message in seen} == {True}


async def test_a_date_without_a_time_zone_is_taken_for_utc(call: Call, three_prompts: list[str]) -> None:
    _, found = await call("GET", "/api/v1/messages/?start_date=2026-03-14T12:02:00")
    assert [message["text"] for message in found] == three_prompts[2:]


async def test_prompts_alone_and_deleted_messages_are_listed_on_demand(
    client: OasstApiClient, finished_tree: str
) -> None:
    roots = await client.find_messages(only_roots=True)
    assert [message.frontend_message_id for message in roots] == [finished_tree]
    reply = next(message for message in await client.find_messages() if message.parent_id)
    await client.delete_message(reply.id or uuid4())
    assert reply.text not in texts(await client.find_messages())
    assert reply.text in texts(await client.find_messages(include_deleted=True))
    assert reply.text not in texts((await client.fetch_message_page()).items)
    assert reply.text in texts((await client.fetch_message_page(include_deleted=True)).items)
    assert texts((await client.fetch_message_page(only_roots=True)).items) == ["Why is the sky blue?"]


async def test_a_person_named_by_half_is_refused(call: Call) -> None:
    for path in ("/api/v1/messages/", "/api/v1/messages/cursor"):
        for half in ("auth_method=discord", "username=x"):
            status, answer = await call("GET", f"{path}?{half}")
            assert (status, answer["error_code"]) == (400, 2012)


async def test_what_cannot_be_looked_for_is_refused(call: Call) -> None:
    for query in (
        "max_count=0",
        "max_count=1001",
        "lang=not+a+language",
        "start_date=yesterday",
        "start_date=0001-01-01T00:00:00%2B05:00",
        "api_client_id=x",
        "username=%00&auth_method=discord",
    ):
        assert (query, (await call("GET", f"/api/v1/messages/?{query}"))[0]) == (query, 422)


async def test_pages_lead_through_all_messages_in_either_direction(
    client: OasstApiClient, three_prompts: list[str]
) -> None:
    assert await walk(client) == [three_prompts[:2], three_prompts[2:]]
    assert await walk(client, desc=True) == [["three", "zwei"], ["one"]]
    first = await client.fetch_message_page(max_count=2)
    assert (first.prev, first.sort_key, first.order) == (None, "created_date", "asc")
    last = await client.fetch_message_page(max_count=2, after=first.next)
    assert last.next is None
    back = await client.fetch_message_page(max_count=2, before=last.prev)
    assert (texts(back.items), back.prev, back.next) == (three_prompts[:2], None, first.next)
    one_back = await client.fetch_message_page(max_count=1, before=last.prev)
    assert texts(one_back.items) == ["zwei"]
    assert texts((await client.fetch_message_page(before=one_back.prev)).items) == ["one"]
    down = await client.fetch_message_page(max_count=2, desc=True)
    assert down.order == "desc"
    up = await client.fetch_message_page(
        max_count=5, desc=True, before=(await client.fetch_message_page(desc=True, after=down.next)).prev
    )
    assert texts(up.items) == ["three", "zwei"]


async def test_both_cursors_give_what_is_between_them(
    client: OasstApiClient, three_prompts: list[str]
) -> None:
    one = await client.fetch_message_page(max_count=1)
    end = await client.fetch_message_page(max_count=1, desc=True)
    between = await client.fetch_message_page(after=one.next, before=end.next)
    assert texts(between.items) == three_prompts[1:2]
    assert None not in {between.prev, between.next}


async def test_messages_of_one_moment_are_neither_lost_nor_shown_twice(
    client: OasstApiClient, worker: Workers
) -> None:
    written = [f"text {number}" for number in range(7)]
    for number, text in enumerate(written):
        await worker(f"person{number}").write(TaskRequestType.initial_prompt, text)
    pages = await walk(client)
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert sorted(text for page in pages for text in page) == written


async def test_what_comes_meanwhile_moves_no_page(
    client: OasstApiClient, worker: Workers, three_prompts: list[str]
) -> None:
    first = await client.fetch_message_page(max_count=1, desc=True)
    await worker("eve").write(TaskRequestType.initial_prompt, "newest")
    second = await client.fetch_message_page(max_count=1, desc=True, after=first.next)
    assert texts([*first.items, *second.items]) == three_prompts[:0:-1]


async def test_a_cursor_that_is_none_is_refused(call: Call) -> None:
    for cursor in (
        "x",
        "",
        "$",
        f"{NOBODY_ID}$",
        "x$2026-03-14T12:00:00+00:00",
        f"{NOBODY_ID}$0001-01-01T00:00:00+23:00",
    ):
        for name in ("before", "after"):
            status, answer = await call("GET", f"/api/v1/messages/cursor?{name}={quote(cursor)}")
            assert (cursor, status, answer["error_code"]) == (cursor, 400, 101)


async def test_a_cursor_whose_plus_was_not_escaped_is_understood(
    client: OasstApiClient, call: Call, three_prompts: list[str]
) -> None:
    cursor = (await client.fetch_message_page(max_count=1)).next
    _, page = await call("GET", f"/api/v1/messages/cursor?after={cursor}")
    assert [message["text"] for message in page["items"]] == three_prompts[1:]


async def test_another_order_is_refused(call: Call) -> None:
    status, answer = await call("GET", "/api/v1/messages/cursor?sort_key=text")
    assert (status, answer["error_code"]) == (400, 100)
    assert (await call("GET", "/api/v1/messages/cursor?sort_key=created_date"))[0] == 200


async def test_a_page_names_the_authors_on_demand(
    client: OasstApiClient, worker: Workers, three_prompts: list[str]
) -> None:
    page = await client.fetch_message_page(include_user=True)
    assert [message.user and message.user.display_name for message in page.items] == ["Ann", "Bob", "Ann"]
    assert page.items[0].user is not None
    assert page.items[0].user.user_id == page.items[0].user_id
    assert [message.user for message in (await client.fetch_message_page()).items] == [None] * 3
    by_id = await client.fetch_message_page(author=page.items[1].user_id)
    by_name = await client.fetch_message_page(author=worker("bob").user)
    assert texts(by_id.items) == texts(by_name.items) == three_prompts[1:2]
    assert (await client.fetch_message_page(author=uuid4())).items == []


async def test_texts_are_searched_for_words_as_they_stand(client: OasstApiClient, worker: Workers) -> None:
    written = [
        "100% sure",
        "snake_case",
        "either/or",
        "back\\slash",
        "Über den Wolken",
        "ein wort über worte",
        "Auf der STRASSE und der Straße",
        "ein 🦜",
    ]
    for number, text in enumerate(written):
        await worker(f"person{number}").write(TaskRequestType.initial_prompt, text)
    for search, found in (
        ("%", {"100% sure"}),
        ("_", {"snake_case"}),
        ("0%", {"100% sure"}),
        ("/", {"either/or"}),
        ("\\", {"back\\slash"}),
        ("SURE", {"100% sure"}),
        ("straße", {"Auf der STRASSE und der Straße"}),
        ("ÜBER", {"Über den Wolken", "ein wort über worte"}),
        ("über", {"Über den Wolken", "ein wort über worte"}),
        ("worte über", {"ein wort über worte"}),
        ("über regen", set()),
        ("🦜", {"ein 🦜"}),
        ("'; DROP TABLE messages", set()),
        ("  ", set(written)),
    ):
        page = await client.fetch_message_page(search_query=search)
        assert (search, set(texts(page.items))) == (search, found)


async def test_a_search_is_kept_short(call: Call) -> None:
    assert (await call("GET", f"/api/v1/messages/cursor?search_query={'x' * 201}"))[0] == 422


async def test_a_key_that_is_not_trusted_lists_what_came_in_with_it_alone(  # both keys' sides of one rule
    client: OasstApiClient,
    backend: BackendServer,
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    worker: Workers,
    plain_key: str,
    call: Call,
) -> None:
    plain = connect(backend, plain_key)
    await worker("ann").write(TaskRequestType.initial_prompt, "by the bot")
    await worker_at(plain, "bob").write(TaskRequestType.initial_prompt, "by the website")
    assert texts(await plain.find_messages()) == ["by the website"]
    assert texts((await plain.fetch_message_page()).items) == ["by the website"]
    assert len(await client.find_messages()) == 2
    foreign = f"/api/v1/messages/?api_client_id={uuid4()}"
    status, answer = await call("GET", foreign, key=plain_key)
    assert (status, answer["error_code"]) == (403, 2)
    assert await call("GET", foreign) == (200, [])


async def test_lists_need_a_key_and_know_who_looks(
    backend: BackendServer, connect: Callable[..., OasstApiClient], call: Call
) -> None:
    with pytest.raises(NotAuthorizedError):
        await connect(backend, "wrong").find_messages()
    for path in ("/api/v1/messages/", "/api/v1/messages/cursor"):
        status, answer = await call("GET", path, person="discord:nobody")
        assert (status, answer["error_code"]) == (404, 4002)
        assert (await call("GET", path, person="nonsense"))[0] == 200


async def test_an_unknown_cursor_is_a_refusal_for_the_client(client: OasstApiClient) -> None:
    with pytest.raises(RefusedError) as refused:
        await client.fetch_message_page(after="x")
    assert refused.value.code == 101
    empty = await client.fetch_message_page(after=f"{UUID(int=0)}$2026-03-14T12:00:00+00:00")
    assert (empty.items, empty.prev, empty.next) == ([], None, None)
