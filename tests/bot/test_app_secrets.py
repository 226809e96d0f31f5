"""Whatever fails: neither the log nor what people read holds a token, a key, or what somebody wrote."""

import asyncio
import gc
import logging
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import hikari
import pytest
from loguru import logger
from pydantic import ValidationError

from bot.errors import StartError, report
from bot.logging import set_up_logging
from bot.outgoing import Outgoing
from bot.store.outbox import Outbox
from discord_sandbox import Actor, Sandbox
from oasst_client.errors import error_for
from oasst_client.interactions import MessageRanking
from tests.bot.conftest import Backend, Join, shown_task, task, write

MARKER = "Marker-that-somebody-wrote"
TOKEN = "aW50ZXJhY3Rpb246" + "x" * 60


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Log as the bot does; gives what was logged since the last time."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with warnings.catch_warnings():
        set_up_logging("TRACE")
        yield lambda: capsys.readouterr().err
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    logger.remove()


def refused_by_discord() -> hikari.BadRequestError:
    return hikari.BadRequestError(
        url=f"https://discord.com/api/v10/webhooks/80351110224678912/{TOKEN}/messages/@original",
        headers={},
        raw_body=MARKER.encode(),
        message=MARKER,
        code=50035,
        errors={"content": {"_errors": [{"code": "X", "message": MARKER}]}},
    )


def not_a_ranking() -> Exception:
    try:
        MessageRanking.model_validate({"user": MARKER, "message_id": [MARKER], "ranking": [MARKER]})
    except ValidationError as error:
        return error
    raise AssertionError


def failed_statement() -> Exception:
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f"SELECT * FROM '{MARKER}'")  # noqa: S608  # our own marker
    except sqlite3.Error as error:
        return error
    raise AssertionError


ERRORS: list[Callable[[], BaseException]] = [
    lambda: ValueError(MARKER),
    lambda: ExceptionGroup(MARKER, [ValueError(MARKER), KeyError(MARKER)]),
    lambda: OSError(28, "No space left on device", MARKER),
    lambda: UnicodeEncodeError("utf-8", MARKER, 0, 1, MARKER),
    lambda: error_for(status=422, code=0, message=MARKER),
    refused_by_discord,
    not_a_ranking,
    failed_statement,
]


def raised(error: BaseException) -> BaseException:
    """Raise an error while another is handled, and give a third one that it caused."""

    def raise_it(one: BaseException) -> None:
        raise one

    try:
        try:
            raise_it(ValueError(MARKER))
        except ValueError:
            raise_it(error)
    except type(error) as caught:
        last = RuntimeError(MARKER)
        last.__cause__ = caught
        return last
    raise AssertionError


@pytest.mark.parametrize("make", ERRORS)
def test_no_error_brings_its_words_into_the_log(
    log: Callable[[], str], make: Callable[[], BaseException]
) -> None:
    error = raised(make())
    error_id = report(error)
    logging.getLogger("hikari.event_manager").error("failed", exc_info=error)
    logger.opt(exception=(type(error), None, error.__traceback__)).error("failed")
    shown = log()
    assert error_id in shown
    assert type(make()).__qualname__ in shown
    assert "test_app_secrets.py" in shown
    assert MARKER not in shown
    assert TOKEN not in shown


def test_what_cannot_quote_anybody_is_told(log: Callable[[], str]) -> None:
    report(refused_by_discord())
    report(StartError("Put the token there."))
    report(OSError(28, "No space left on device"))
    report(error_for(status=400, code=2101, message=MARKER))
    shown = log()
    for words in ("HTTP 400, code 50035", "Put the token there.", "No space left", "code 2101, HTTP 400"):
        assert words in shown


@pytest.mark.parametrize(
    "line",
    [
        f"Not found for https://discord.com/api/v10/interactions/80351110224678912/{TOKEN}/callback",
        f"Not found for 'https://discord.com/api/v10/webhooks/80351110224678912/{TOKEN}?wait=1'",
        f"rate limited on bucket a1b2;c3d4;80351110224678912:{TOKEN}, retrying",
    ],
)
def test_tokens_of_interactions_are_taken_out_of_every_line(log: Callable[[], str], line: str) -> None:
    logger.warning("{}", line)
    logging.getLogger("hikari.rest").warning("%s", line)
    shown = log()
    assert TOKEN not in shown
    assert shown.count("80351110224678912") == 2


async def test_a_forgotten_task_tells_nothing(log: Callable[[], str]) -> None:
    async def fail() -> None:
        raise ValueError(MARKER)

    forgotten = asyncio.create_task(fail(), name="forgotten")
    await asyncio.wait({forgotten})
    del forgotten
    gc.collect()
    shown = log()
    assert "never retrieved" in shown
    assert MARKER not in shown


@pytest.fixture
async def alice(join: Join, backend: Backend) -> Actor:
    actor = await join("Alice")
    backend.tasks.append(task("initial_prompt", hint=MARKER))
    await actor.command("task")
    return actor


@pytest.mark.parametrize("trouble", [(422, f'{{"detail": "{MARKER}"}}'), (500, 0), (500, 2008), (401, 0)])
@pytest.mark.parametrize("fails", [None, (Outbox, "add_answer"), (Outgoing, "finish")])
async def test_a_person_s_text_stays_out_of_the_log_whatever_fails(
    backend: Backend,
    sandbox: Sandbox,
    alice: Actor,
    log: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    fails: tuple[type, str] | None,
    trouble: tuple[int, int | str],
) -> None:
    tokens: set[str] = set()

    async def note(call: Any) -> None:  # noqa: ANN401  # whatever a call is
        tokens.update(part for part in call.params if len(part) > 30)

    async def fail(*_: object, **__: object) -> None:
        raise refused_by_discord() if fails == (Outgoing, "finish") else sqlite3.OperationalError(MARKER)

    sandbox.faults.before("*", note)
    controls = await shown_task(alice)
    await write(controls, MARKER)
    backend.trouble.append(trouble)
    if fails is not None:
        monkeypatch.setattr(*fails, fail)
    await controls.click("Send")

    def settled() -> bool:
        said = [message.content for message in alice.messages(alice.threads()[0])]
        return any("went wrong" in one for one in said) if fails else "Send" not in controls.buttons

    await alice.until(settled, what="what became of it")
    shown = log()
    assert shown
    assert tokens
    for secret in (MARKER, sandbox.token, *tokens):
        assert secret not in shown
