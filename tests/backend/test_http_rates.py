"""How often a person or a key may call: exactly as often as the settings say, and not at all by default."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from oasst_backend.rates import MAX_SUBJECTS, Rate, SlidingWindow, read_rate
from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from oasst_backend.settings import BackendSettings

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
KEY = "a-key-of-the-tests"


async def ask(
    server: BackendServer, name: str = "ann", kind: str = "initial_prompt", key: str = KEY
) -> tuple[int, int | None, str | None]:
    """Ask for a task; gives the status, the protocol's code, and after how many seconds to try again."""
    body = {"user": {"id": name, "display_name": name, "auth_method": "discord"}, "type": kind}
    async with (
        aiohttp.ClientSession(server.url, headers={"X-API-Key": key}) as session,
        session.post("/api/v1/tasks/", json=body) as response,
    ):
        answer = await response.json()
        return response.status, answer.get("error_code"), response.headers.get("Retry-After")


MANY = {"max_pending_tasks_per_user": 1000, "max_initial_prompt_review": 1000}


async def test_by_default_nobody_is_held_up(start_backend: Callable[..., BackendServer]) -> None:
    server = start_backend(rules=MANY)
    assert {await ask(server) for _ in range(60)} == {(200, None, None)}


async def test_a_person_who_asks_too_often_is_told_how_long_to_wait(
    start_backend: Callable[..., BackendServer], pass_time: Callable[..., None]
) -> None:
    server = start_backend(rules=MANY, backend_rate_limit_tasks="3/4m")
    for _ in range(3):
        assert await ask(server) == (200, None, None)
        pass_time(seconds=60)
    assert await ask(server) == (429, 429, "60")
    assert (await ask(server, "bob"))[0] == 200
    pass_time(seconds=59.5)
    assert await ask(server) == (429, 429, "1")
    # What was refused does not count: whoever waits as they are told gets through.
    pass_time(seconds=0.5)
    assert await ask(server) == (200, None, None)
    assert await ask(server) == (429, 429, "60")


@pytest.mark.parametrize("kind", ["assistant_reply", "prompter_reply"])
async def test_some_types_have_a_rate_of_their_own(
    start_backend: Callable[..., BackendServer], pass_time: Callable[..., None], kind: str
) -> None:
    server = start_backend(
        **{f"backend_rate_limit_{kind}": "2/2m", "backend_rate_limit_tasks": "4/10m"}, rules=MANY
    )
    for _ in range(2):
        assert (await ask(server, kind=kind))[:2] == (503, 1006)
    assert await ask(server, kind=kind) == (429, 429, "120")
    # That one did not count as a request of any type, either.
    for _ in range(2):
        assert (await ask(server))[0] == 200
    assert await ask(server) == (429, 429, "600")
    pass_time(minutes=2)
    assert await ask(server, kind=kind) == (429, 429, "480")


async def test_a_key_has_a_rate_whatever_is_called(
    start_backend: Callable[..., BackendServer], call: Callable[..., Any], pass_time: Callable[..., None]
) -> None:
    server = start_backend(rules=MANY, backend_rate_limit_key="3/1m")
    assert server.storage is not None
    other = server.storage.write_now(lambda connection: create_key(connection, NOON, "other", trusted=False))
    assert (await ask(server, "ann"))[0] == 200
    assert (await ask(server, "bob"))[0] == 200
    path = "/api/v1/stats/"
    assert (await call("GET", path, url=server.url))[0] == 200
    status, answer = await call("GET", path, url=server.url)
    assert (status, answer["error_code"]) == (429, 429)
    assert (await ask(server, "cat"))[0] == 429
    assert (await ask(server, "cat", key=other))[0] == 200
    assert (await call("GET", "/healthz", url=server.url))[0] == 200
    # A guessed key is told that it is wrong, however often it is tried.
    assert {(await call("GET", path, key="guess", url=server.url))[0] for _ in range(9)} == {403}
    pass_time(minutes=1)
    assert (await call("GET", path, url=server.url))[0] == 200


@given(
    rate=st.builds(Rate, times=st.integers(1, 5), seconds=st.integers(1, 20)),
    steps=st.lists(st.integers(0, 8), max_size=60),
)
def test_no_span_ever_holds_more_than_the_rate(rate: Rate, steps: list[int]) -> None:
    window = SlidingWindow(rate)
    now, taken = NOON, list[datetime]()
    for step in steps:
        now += timedelta(seconds=step)
        within = [moment for moment in taken if now - moment < timedelta(seconds=rate.seconds)]
        wait = window.wait("ann", now)
        assert bool(wait) == (len(within) >= rate.times)
        # After the wait that was told there is room, and a second before there was none.
        if wait:
            assert window.wait("ann", now + timedelta(seconds=wait - 1)) == 1
        else:
            window.note("ann", now)
            taken.append(now)


def test_a_clock_that_is_set_back_holds_nobody_up() -> None:
    window = SlidingWindow(Rate(1, 60))
    window.note("ann", NOON)
    assert window.wait("ann", NOON) == 60
    assert window.wait("ann", NOON - timedelta(hours=1)) == 0


@pytest.mark.parametrize("used", [2, 3])
def test_nobody_gets_rid_of_what_they_did_by_calling_under_other_names(used: int) -> None:
    window = SlidingWindow(Rate(3, 60))
    for _ in range(used):
        window.note("ann", NOON)
    for number in range(3 * MAX_SUBJECTS):
        window.note(number, NOON)
    for _ in range(3 - used):
        assert window.wait("ann", NOON) == 0
        window.note("ann", NOON)
    assert window.wait("ann", NOON) == 60


def test_only_so_many_people_are_remembered() -> None:
    window = SlidingWindow(Rate(1, 60))
    for number in range(MAX_SUBJECTS + 1):
        window.note(number, NOON)
    # All of them have to wait, so that none is forgotten.
    assert [window.wait(number, NOON) for number in (0, 1, MAX_SUBJECTS - 1, MAX_SUBJECTS)] == [60, 60, 60, 0]
    later = NOON + timedelta(seconds=60)
    for number in range(MAX_SUBJECTS + 1, 2 * MAX_SUBJECTS):
        window.note(number, later)
    assert {window.wait(number, later) for number in range(MAX_SUBJECTS + 1, 2 * MAX_SUBJECTS)} == {60}


async def test_who_asks_what_tasks_there_are_asks_for_a_task(
    start_backend: Callable[..., BackendServer], call: Callable[..., Any]
) -> None:
    server = start_backend(rules=MANY, backend_rate_limit_tasks="2/4m")
    body = {"id": "ann", "display_name": "Ann", "auth_method": "discord"}
    assert (await ask(server))[0] == 200
    path = "/api/v1/tasks/availability"
    assert (await call("POST", path, body=body, url=server.url))[0] == 200
    status, answer = await call("POST", path, body=body, url=server.url)
    assert (status, answer["error_code"]) == (429, 429)
    assert await ask(server) == (429, 429, "240")


@pytest.mark.parametrize(
    ("written", "rate"),
    [("30/4m", Rate(30, 240)), ("1/1s", Rate(1, 1)), (" 100000/24h ", Rate(100_000, 86_400))],
)
def test_a_rate_as_it_is_written(written: str, rate: Rate) -> None:
    assert read_rate(written) == rate


@pytest.mark.parametrize(
    "written", ["30", "0/4m", "30/0m", "-1/4m", "30/4d", "30/m", "1e3/4m", "100001/1m", "3/4m, 4/1m"]
)
def test_what_is_no_rate_is_not_taken(settings_for: Callable[..., BackendSettings], written: str) -> None:
    with pytest.raises(ValidationError, match=r"backend_rate_limit_key\n.*must "):
        settings_for(backend_rate_limit_key=written)
