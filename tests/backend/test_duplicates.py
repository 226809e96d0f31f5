"""A person cannot hand in a text twice, nor nearly the same one; what others wrote does not matter."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.server import BackendServer
from oasst_backend.service.context import Context
from oasst_backend.service.duplicates import check_duplicate
from oasst_backend.service.planting import text_hash
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage
from oasst_backend.storage.tables import people, stories, summaries
from oasst_client import OasstApiClient, OasstError, OasstErrorCode, TaskRequestType

LONG = "How do I keep my houseplants alive while I am away for two weeks in summer?"
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
PROMPT = TaskRequestType.initial_prompt


async def refusal(worker: Any, text: str) -> str:  # noqa: ANN401  # a person of the tests
    """Hand in a prompt that is refused; gives the reason."""
    with pytest.raises(OasstError) as caught:
        await worker.write(PROMPT, text)
    assert caught.value.code == OasstErrorCode.task_message_duplicated
    return caught.value.message


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (LONG, LONG, "the same text"),
        ("yes", "yes", "the same text"),
        (LONG, LONG.upper(), "nearly the same text"),
        (LONG, f"  {LONG.replace(' ', '  ')}", "nearly the same text"),
        (LONG, LONG.replace("?", "!!!"), "nearly the same text"),
        (LONG, LONG.replace("summer", "winter"), "nearly the same text"),
        (LONG, f"{LONG} Thanks!", "nearly the same text"),
        ("yes", "Yes!!!", "nearly the same text"),
        ("Yes, of course...", "yes of course", "nearly the same text"),
        ("\u4f60\u597d\u3002", "\u4f60\u597d\uff01", "nearly the same text"),
    ],
)
async def test_a_text_cannot_be_handed_in_twice(
    worker: Callable[[str], Any], pass_time: Callable[..., None], first: str, second: str, what: str
) -> None:
    await worker("ann").write(PROMPT, first)
    assert f"handed in {what} just now" in await refusal(worker("ann"), second)
    pass_time(minutes=7)
    assert f"handed in {what} 7 minutes ago" in await refusal(worker("ann"), second)
    await worker("bob").write(PROMPT, second)
    pass_time(minutes=113)
    await worker("ann").write(PROMPT, second)


async def test_texts_that_say_something_else_are_taken(worker: Callable[[str], Any]) -> None:
    texts = ["yes", "no", "yet", "?", "!", "\U0001f600", "\U0001f601", "3 cats", "4 cats", LONG, LONG[::-1]]
    for text in texts:
        await worker("ann").write(PROMPT, text)


async def test_a_refused_text_can_be_replaced_by_another_one(worker: Callable[[str], Any]) -> None:
    await worker("ann").write(PROMPT, LONG)
    _, shown = await worker("ann").take(PROMPT)
    with pytest.raises(OasstError):
        await worker("ann").write(PROMPT, LONG, shown=shown)
    await worker("ann").write(PROMPT, "Which plants need the least water?", shown=shown)


async def test_a_text_that_was_deleted_is_not_taken_again(
    worker: Callable[[str], Any], call: Callable[..., Any]
) -> None:
    written = await worker("ann").write(PROMPT, LONG)
    _, message = await call("GET", f"/api/v1/frontend_messages/{written}")
    assert (await call("DELETE", f"/api/v1/messages/{message['id']}"))[0] == 204
    assert "handed in the same text" in await refusal(worker("ann"), LONG)
    assert "nearly the same text" in await refusal(worker("ann"), LONG.lower())


@pytest.mark.parametrize(("similarity", "taken"), [(1, True), (0.7, False)])
async def test_the_operator_says_how_alike_is_too_alike(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    similarity: float,
    taken: bool,  # noqa: FBT001  # a parameter of pytest
) -> None:
    ann = worker_at(connect(start_backend(duplicate_similarity=similarity)), "ann")
    await ann.write(PROMPT, LONG)
    other = LONG.replace("houseplants", "little dog").replace("summer", "winter")
    if taken:
        await ann.write(PROMPT, other)
        await ann.write(PROMPT, LONG.upper())
    else:
        await refusal(ann, other)
    assert "handed in the same text" in await refusal(ann, LONG)


@pytest.fixture
def storage(settings_for: Callable[..., BackendSettings]) -> Iterator[Storage]:
    with Storage(settings_for().backend_database_url) as opened:
        yield opened


@pytest.fixture
def check(storage: Storage, settings_for: Callable[..., BackendSettings]) -> Callable[[str], list[str]]:
    """Check a text of Ann's; gives the statements that it took."""
    context = Context(settings_for(), NOW, random.Random(1))  # noqa: S311  # draws that repeat

    def run(connection: sa.Connection, text: str) -> list[str]:
        statements: list[str] = []
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(statements.append)
        try:
            check_duplicate(connection, context, "ann", text)
        finally:
            driver.set_trace_callback(None)
        return statements

    return lambda text: storage.read_now(lambda connection: run(connection, text))


def write_summaries(storage: Storage, texts: list[str]) -> None:
    """Have Ann write summaries of one story, one a second, the last of them now."""

    def add(connection: sa.Connection) -> None:
        own = {"id": "ann", "auth_method": "local", "username": "ann", "display_name": "Ann", "notes": ""}
        flags = {"enabled": True, "deleted": False, "show_on_leaderboard": True, "streak_days": 0}
        connection.execute(people.insert(), {**own, **flags, "created_date": NOW})
        story = {"id": "story", "lang": "en", "text": "A story.", "text_hash": "", "created_date": NOW}
        connection.execute(stories.insert(), story)
        connection.execute(
            summaries.insert(),
            [
                {
                    "id": str(uuid4()),
                    "story_id": "story",
                    "person_id": "ann",
                    "lang": "en",
                    "text": text,
                    "text_hash": text_hash(text),
                    "created_date": NOW - timedelta(seconds=len(texts) - number),
                    "deleted": False,
                    "surplus": False,
                }
                for number, text in enumerate(texts, start=1)
            ],
        )

    storage.write_now(add)


def test_summaries_are_compared_as_well(storage: Storage, check: Callable[[str], list[str]]) -> None:
    write_summaries(storage, [LONG])
    for text in (LONG, LONG.lower()):
        with pytest.raises(Refusal):
            check(text)


def test_a_busy_person_costs_two_statements_and_little_time(
    storage: Storage, check: Callable[[str], list[str]]
) -> None:
    rng = random.Random(2)  # noqa: S311  # draws that repeat
    words = ["alpha", "Beta,", "gamma.", "\u03b4\u03ad\u03bb\u03c4\u03b1", "(x)", "over", "under", "7"]
    texts = [" ".join(rng.choices(words, k=60)) for _ in range(1000)]
    write_summaries(storage, [LONG, *texts])
    assert len(check(" ".join(rng.choices(words, k=60)))) == 2
    started = time.perf_counter()
    for _ in range(5):
        check(" ".join(rng.choices(words, k=60)))
    # Some milliseconds in truth; the bound is for machines that are busy otherwise.
    assert (time.perf_counter() - started) / 5 < 0.1
    for text in (LONG, LONG.lower(), texts[0], texts[-100].upper()):
        with pytest.raises(Refusal):
            check(text)
    # The bound on what is compared: a hundred texts of like length are newer.
    check(texts[0].upper())
