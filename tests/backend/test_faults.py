"""A fault of the backend is answered with a short id, and neither answer nor log shows what people wrote."""

import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from loguru import logger
from sqlalchemy.exc import OperationalError

from oasst_backend.logs import set_up_logging
from oasst_backend.service import answered_texts
from oasst_client import TaskRequestType

MARKER = "a-text-that-somebody-wrote"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Collect what is logged, by us and by libraries."""
    lines: list[str] = []
    handler = logger.add(
        lambda line: lines.append(str(line)), format="{extra} {message}", backtrace=True, diagnose=False
    )
    with caplog.at_level(logging.DEBUG):
        yield lambda: "".join(lines) + caplog.text
    logger.remove(handler)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (ValueError(MARKER), (500, 0)),
        (
            OperationalError(MARKER, {"text": MARKER}, sa.exc.DatabaseError(MARKER, None, Exception(MARKER))),
            (503, 4),
        ),
    ],
)
async def test_a_fault_is_answered_by_its_id_alone(  # fixtures
    worker: Callable[[str], Any],
    call: Callable[..., Any],
    log: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    expected: tuple[int, int],
) -> None:
    def fail(*_: object) -> None:
        raise fault

    _, shown = await worker("ann").take(TaskRequestType.initial_prompt)
    monkeypatch.setattr(answered_texts, "add_message", fail)
    body = {
        "type": "text_reply_to_message",
        "user": worker("ann").user.model_dump(mode="json"),
        "message_id": shown,
        "user_message_id": "1",
        "text": MARKER,
    }
    status, answer = await call("POST", "/api/v1/tasks/interaction", body=body)
    assert (status, answer["error_code"]) == expected
    reference = answer["message"].rpartition("(")[2].strip(").")
    assert reference in log()
    assert MARKER not in log()
    monkeypatch.undo()
    status, _ = await call("POST", "/api/v1/tasks/interaction", body=body)
    assert status == 200


def test_the_log_shows_code_and_kinds_of_errors_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(text: str) -> None:
        raise ValueError(text)

    set_up_logging()
    try:
        fail(MARKER)
    except ValueError:
        logger.exception("it failed")
        logging.getLogger("library").exception("so did this")
    logger.debug("nobody needs this")
    shown = capsys.readouterr().err
    logger.remove()
    with capsys.disabled():
        logger.add(sys.stderr, level="INFO", diagnose=False)
    assert "it failed" in shown
    assert shown.count("ValueError\n") >= 1
    assert "in fail" in shown
    assert MARKER not in shown
    assert "nobody needs this" not in shown
