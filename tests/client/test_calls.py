"""Every call of the client, on exchanges of our own: what is sent, and what comes back."""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

import oasst_client
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_client import (
    InvalidRequestError,
    NotAuthorizedError,
    NotSupportedError,
    OasstApiClient,
    RefusedError,
    TaskRequestType,
    User,
)
from tests.client.calls import ROWS
from tests.client.calls_about_people import Make
from tests.client.given import ALICE, ALICE_SENT, DONE, ID, KEY, KNOWN, REPORT, WEEK


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
@pytest.mark.parametrize(
    "make",
    [
        lambda c: c.call_extension("GET", "journal"),
        lambda c: c.find_asked_task("one", ALICE),
        lambda c: c.fetch_waiting(ALICE),
        lambda c: c.fetch_contributions(ALICE),
        lambda c: c.fetch_contribution(ALICE, ID),
        lambda c: c.edit_own_message(ALICE, ID, "new"),
        lambda c: c.withdraw_message(ALICE, ID),
        lambda c: c.fetch_leaderboard_among(WEEK, [KEY]),
        lambda c: c.fetch_progress(),
        lambda c: c.fetch_health(),
    ],
)
async def test_a_backend_without_an_extension_says_so(
    make: Make,
    status: int,
    body: object,
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(status, body)
    with pytest.raises(NotSupportedError):
        await make(await connect(script.url))


async def test_a_request_is_sent_with_its_key_and_without_one_if_it_has_none(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(200, DONE)
    client = await connect(script.url)
    await client.fetch_random_task(ALICE, request_key="a-key_1")
    await client.fetch_task(TaskRequestType.initial_prompt, ALICE, request_key="a-key_2")
    await client.fetch_random_task(ALICE)
    assert [sent.headers.get("Idempotency-Key") for sent in script.seen] == ["a-key_1", "a-key_2", None]


async def test_a_task_that_nobody_asked_for_is_none(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(404, {"error_code": 2100, "message": "none"}).will(
        404, {"error_code": 4002, "message": "who"}
    )
    client = await connect(script.url)
    assert await client.find_asked_task("one", ALICE) is None
    assert await client.find_asked_task("one", ALICE) is None


async def test_what_a_report_says_beyond_what_is_known_is_kept(
    script: Any,  # noqa: ANN401  # a class of the conftest
    connect: Callable[..., Awaitable[OasstApiClient]],
) -> None:
    script.will(200, {**REPORT, "moon": "full"}).will(200, {"lang": "de", "types": {}})
    client = await connect(script.url)
    report = await client.fetch_waiting(ALICE, lang="de")
    assert report.types["of_tomorrow"].reason == "new_moon"
    assert (report.trees[0].state, report.trees[0].waits_for) == ("dreaming", "morning")
    sparse = await client.fetch_waiting(ALICE, lang="de")
    assert (sparse.trees, sparse.languages) == ([], {})


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
