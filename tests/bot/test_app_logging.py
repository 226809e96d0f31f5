"""The log: one way out, and neither values nor arguments in it."""

import logging
import warnings
from collections.abc import Iterator

import pytest
from loguru import logger

from bot.logging import set_up_logging


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    logger.remove()


def test_libraries_and_we_log_to_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("INFO")
    logger.info("ours")
    logging.getLogger("hikari.rest").warning("%s", "theirs")
    logging.getLogger("hikari.rest").info("chatter")
    shown = capsys.readouterr().err
    assert "ours" in shown
    assert "hikari.rest: theirs" in shown
    assert "chatter" not in shown


def test_tracebacks_show_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("DEBUG")
    secret = "marker"
    try:
        [][len(secret)]
    except IndexError as error:
        logger.opt(exception=error).error("failed")
        logging.getLogger("asyncio").exception("failed", exc_info=error)
    shown = capsys.readouterr().err
    assert shown.count("IndexError") >= 2
    assert "marker" not in shown


def test_a_line_names_the_call_of_the_embedded_backend_that_it_belongs_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logging("INFO")
    with logger.contextualize(request_id="0123456789abcdef"):
        logger.info("of a call")
    logger.info("of none")
    first, second = (line for line in capsys.readouterr().err.splitlines() if line)
    assert first.endswith(": [0123456789abcdef] of a call")
    assert second.endswith(": of none")
