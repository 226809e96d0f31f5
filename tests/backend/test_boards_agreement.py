"""Who disagrees with the others beyond chance is marked for moderators, and nothing else happens to them."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.service.agreement import repair_agreements
from oasst_backend.service.context import Context
from oasst_backend.service.upkeep import check
from oasst_backend.storage.tables import agreements, facts
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


async def test_who_is_purged_or_merged_leaves_nothing_that_the_others_are_held_against(
    start_backend: Callable[..., BackendServer],
    connect: Callable[..., OasstApiClient],
    worker_at: Callable[..., Any],
    settings_for: Callable[..., Any],
    call: Call,
) -> None:
    token = "a-root-token-of-the-tests"
    rules = {"num_reviews_initial_prompt": 3}
    backend = start_backend(rules=rules, backend_root_token=token)
    client = connect(backend, root_token=token)

    def worker(name: str) -> Any:  # noqa: ANN401  # a person of the tests
        return worker_at(client, name)

    async def id_of(name: str) -> Any:  # noqa: ANN401  # a UUID
        return (await client.fetch_user(worker(name).user)).user_id

    async def others_rate() -> float:
        status, (row,) = await call("GET", MARKED, url=backend.url)
        assert (status, row["username"]) == (200, "id-troll")
        return float(row["others_rate"])

    def faults() -> list[str]:
        assert backend.storage is not None
        context = Context(settings_for(rules=rules), datetime.now(UTC), random.Random(1))  # noqa: S311  # nothing secret
        return backend.storage.read_now(lambda connection: check(connection, context))

    for number in range(20):
        await review_prompt(worker, number, {"ann": 0.0, "bob": 0.0, "troll": 1.0})
    # Ann and Bob have no others who agree with each other; it is the reviews of the troll that are compared.
    await review_prompt(worker, 20, {"ann": 0.0, "bob": 0.0, "cat": 0.0})
    await review_prompt(worker, 21, {"ann": 0.0, "bob": 0.0, "dan": 0.0})
    assert known(backend) == {"labels": (26, 6)}
    assert await others_rate() == 7 / 8
    await client.merge_users(await id_of("cat"), [await id_of("dan")])
    assert (await others_rate(), faults()) == (7 / 8, [])
    await client.purge_user(await id_of("bob"), preview=False)
    assert (await others_rate(), faults()) == (5 / 6, [])
    # A difference is found and mended.
    assert backend.storage is not None
    backend.storage.write_now(
        lambda connection: (
            connection.execute(
                facts.update().where(facts.c.name == "agreements_labels").values(value="[99, 99]")
            ).rowcount
        )
    )
    assert faults() == ["24 labels were compared and 4 of them agreed, not 99 and 99"]
    backend.storage.write_now(repair_agreements)
    assert (await others_rate(), faults()) == (5 / 6, [])
