"""What each answer of a backend, or of what stands before it, means for what was sent."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from bot.app import BotApp
from bot.backend_health import is_own_trouble
from bot.backoff import LONGEST_PAUSE
from bot.delivery import SPREAD
from bot.verdicts import Verdict, verdict
from discord_sandbox import Actor, MessageView
from oasst_client import AuthMethod, InvalidRequestError, TextLabels, User
from oasst_client.reading import error_in
from oasst_client.transport import Answer
from tests.bot.conftest import Backend, Join, TestClock, shown_task, task

PAGE = b"<html><h1>404 Not Found</h1>nginx</html>"
GATEWAY = json.dumps({"message": "no Route matched with those values"}).encode()
DETAIL = json.dumps({"detail": "Not Found"}).encode()
DETAILS = json.dumps({"detail": [{"loc": ["body", "text"], "msg": "no", "type": "value_error"}]}).encode()
FOREIGN = [PAGE, GATEWAY, b"404 page not found", b"", b"[]", b'"no"', b'{"detail": {"a": 1}}']


def coded(code: int) -> bytes:
    return json.dumps({"error_code": code, "message": "no"}).encode()


@pytest.mark.parametrize("body", FOREIGN)
@pytest.mark.parametrize("status", [400, 404, 405, 406, 409, 410, 413, 414, 421, 422, 425, 431, 451, 499])
def test_a_page_of_somebody_else_is_no_refusal(status: int, body: bytes) -> None:
    error = error_in(Answer(status, body), "/api/v1/tasks/interaction", ())
    assert not error.by_backend
    assert verdict(error) is Verdict.again
    assert is_own_trouble(error)


@pytest.mark.parametrize(
    ("status", "body", "expected", "is_trouble"),
    [
        (400, DETAIL, Verdict.refused, False),
        (400, DETAILS, Verdict.refused, False),
        (400, coded(0), Verdict.refused, False),
        (400, coded(2101), Verdict.refused, False),
        (400, coded(1009), Verdict.person, False),
        (400, coded(2105), Verdict.done, False),
        # The key is not taken, or somebody before the backend takes none.
        (401, DETAIL, Verdict.operator, False),
        (401, PAGE, Verdict.operator, False),
        (401, coded(600), Verdict.operator, False),
        (403, DETAIL, Verdict.operator, False),
        (403, PAGE, Verdict.operator, False),
        (403, coded(2), Verdict.operator, False),
        # A call that is not there: the address is wrong.
        (404, DETAIL, Verdict.again, False),
        (404, coded(0), Verdict.again, False),
        (405, DETAIL, Verdict.again, False),
        (405, coded(0), Verdict.again, False),
        (404, coded(2001), Verdict.refused, False),
        (404, coded(2100), Verdict.refused, False),
        (404, coded(4002), Verdict.refused, False),
        (408, PAGE, Verdict.again, True),
        (408, DETAIL, Verdict.again, False),
        (409, DETAIL, Verdict.refused, False),
        (413, DETAIL, Verdict.refused, False),
        (421, DETAIL, Verdict.again, False),
        (422, DETAILS, Verdict.refused, False),
        (425, DETAIL, Verdict.again, False),
        (429, PAGE, Verdict.again, False),
        (429, coded(429), Verdict.again, False),
        (451, DETAIL, Verdict.person, False),
        (451, coded(4003), Verdict.person, False),
        (500, PAGE, Verdict.again, True),
        (500, DETAIL, Verdict.again, True),
        (500, coded(2008), Verdict.refused, False),
        (502, PAGE, Verdict.again, True),
        (503, coded(4), Verdict.again, True),
        (503, coded(4001), Verdict.refused, False),
    ],
)
def test_what_the_backend_says_has_its_consequence(
    status: int, body: bytes, expected: Verdict, *, is_trouble: bool
) -> None:
    error = error_in(Answer(status, body), "/api/v1/tasks/interaction", ())
    assert verdict(error) is expected
    assert is_own_trouble(error) is is_trouble


def test_what_cannot_be_sent_is_not_tried_again() -> None:
    assert verdict(InvalidRequestError("x")) is Verdict.refused


def hurry(bot: BotApp, clock: TestClock) -> None:
    clock.ahead += timedelta(seconds=LONGEST_PAUSE * SPREAD + 1)
    bot.services.delivery.kick()


async def rated(alice: Actor, backend: Backend) -> MessageView:
    """Get a summary to rate, and rate it."""
    backend.tasks.append(task("rate_summary"))
    await alice.command("task")
    controls = await shown_task(alice)
    await controls.click("3")
    return controls


@pytest.mark.parametrize(
    "trouble", [(404, 0), (413, 0), (421, 0), (404, DETAIL.decode())], ids=["404", "413", "421", "no call"]
)
async def test_an_answer_outlives_the_pages_of_a_proxy(
    bot: BotApp, backend: Backend, clock: TestClock, join: Join, trouble: tuple[int, int | str]
) -> None:
    alice = await join("Alice")
    controls = await rated(alice, backend)
    backend.trouble.append(trouble)
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    hurry(bot, clock)
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    assert [(answer["type"], answer["rating"]) for answer in backend.answers] == [("message_rating", 3)]


async def test_labels_and_what_is_given_back_outlive_them_too(
    bot: BotApp, backend: Backend, clock: TestClock
) -> None:
    user = User(id="1", display_name="Alice", auth_method=AuthMethod.discord)
    backend.pages = 3
    outbox, now = bot.services.store.outbox, bot.clock.now()
    await outbox.add_labels(TextLabels(user=user, text="", labels={"spam": 1}, message_id=UUID(int=1)), now)
    await outbox.add_nack(None, user, UUID(int=2), "skipped", now)
    for _ in range(6):
        hurry(bot, clock)
        await bot.services.delivery.drained(1, 0.3)
    assert [one["labels"] for one in backend.labels] == [{"spam": 1}]
    assert backend.nacks == [(str(UUID(int=2)), "skipped")]
    assert await outbox.waiting_of(1) == []
