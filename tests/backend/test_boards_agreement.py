"""Who disagrees with the others beyond chance is marked for moderators, and nothing else happens to them."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.storage.tables import agreements
from oasst_client import OasstApiClient, TaskRequestType

Workers = Callable[[str], Any]
Call = Callable[..., Any]

MARKED = "/api/ext/v1/people/marked"


def known(backend: BackendServer) -> dict[str, tuple[int, int]]:
    """Read what was compared: compared and agreed by subject, added up."""
    assert backend.storage is not None
    query = sa.select(
        agreements.c.subject, sa.func.sum(agreements.c.compared), sa.func.sum(agreements.c.agreed)
    ).group_by(agreements.c.subject)
    return backend.storage.read_now(
        lambda connection: {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    )


async def review_prompt(worker: Workers, number: int, spam: dict[str, float]) -> None:
    """Have a prompt written and reviewed."""
    await worker(f"author{number}").write(TaskRequestType.initial_prompt, f"Question {number}?")
    for name, value in spam.items():
        await worker(name).label(TaskRequestType.label_initial_prompt, {"spam": value})


async def test_who_labels_against_all_others_is_marked_after_twenty_comparisons(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Call,
) -> None:
    backend = start_backend(rules={"num_reviews_initial_prompt": 4})
    client = connect(backend)

    def worker(name: str) -> Any:  # noqa: ANN401  # a person of the tests
        return worker_at(client, name)

    async def marked() -> list[dict[str, Any]]:
        status, found = await call("GET", MARKED, url=backend.url)
        assert status == 200
        return list(found)

    honest = {"ann": 0.0, "bob": 0.0, "cat": 0.0}
    for number in range(19):
        await review_prompt(worker, number, {**honest, "troll": 1.0})
    assert await marked() == []
    await review_prompt(worker, 19, {**honest, "troll": 1.0})
    (row,) = await marked()
    assert (row["username"], row["subject"], row["compared"], row["agreed"]) == ("id-troll", "labels", 20, 0)
    assert (row["enabled"], row["others_rate"]) == (True, pytest.approx(61 / 62))
    assert row["marked_date"].startswith("2026-03-14T12:00:00")
    # The machine takes nothing: the troll goes on working, and has points for all of it.
    await review_prompt(worker, 20, {"troll": 1.0})
    scores = await client.fetch_user_scores((await client.fetch_user(worker("troll").user)).user_id)
    assert scores["total"].labels_full == 21
    # Once the numbers no longer bear it out, the mark goes.
    assert backend.storage is not None
    backend.storage.write_now(
        lambda connection: (
            connection.execute(agreements.update().values(agreed=agreements.c.compared)).rowcount
        )
    )
    for name in honest:
        await worker(name).label(TaskRequestType.label_initial_prompt, {"spam": 0.0})
    assert await marked() == []


async def test_ballots_are_compared_once_however_often_a_tree_is_scored(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    call: Call,
) -> None:
    backend = start_backend(rules={"num_required_rankings": 3})
    client = connect(backend)

    def worker(name: str) -> Any:  # noqa: ANN401  # a person of the tests
        return worker_at(client, name)

    prompt = await worker("ann").write(TaskRequestType.initial_prompt, "Why is the sky blue?")
    await worker("bob").label(TaskRequestType.label_initial_prompt)
    for name, text in (("bob", "Because of the sea."), ("cat", "Air scatters blue light most.")):
        await worker(name).write(TaskRequestType.assistant_reply, text)
    for _ in range(2):
        await worker("dan").label(TaskRequestType.label_assistant_reply)
    for name in ("dan", "eve"):
        await worker(name).rank(TaskRequestType.rank_assistant_replies)
    assert known(backend) == {}
    await worker("fay").rank(TaskRequestType.rank_assistant_replies, lambda text: -ord(text[0]))
    # The two who agree have no consensus to be held against: the others of each contradict each other.
    assert known(backend) == {"rankings": (1, 0)}
    _, message = await call("GET", f"/api/v1/frontend_messages/{prompt}", url=backend.url)
    state = f"/api/v1/messages/{message['id']}/tree/state"
    for halt in ("true", "false"):
        assert (await call("PUT", f"{state}?halt={halt}", url=backend.url))[0] == 200
    assert known(backend) == {"rankings": (1, 0)}
    assert await call("GET", MARKED, url=backend.url) == (200, [])
