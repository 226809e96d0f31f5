"""Who accepted which version of the terms and when is kept; where the operator asks, it is demanded."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from oasst_backend.server import BackendServer
from oasst_backend.storage.tables import terms_acceptances
from oasst_client import OasstApiClient, RefusedError, TaskRequestType, TermsNotAcceptedError, TextLabels

Workers = Callable[[str], Any]


def ledger(server: BackendServer) -> list[tuple[str, bool]]:
    """Read the ledger: version and answer, the oldest first."""
    assert server.storage is not None
    rows = server.storage.read_now(
        lambda connection: connection.execute(
            sa.select(terms_acceptances).order_by(terms_acceptances.c.created_date)
        ).all()
    )
    return [(row.version, row.accepted) for row in rows]


async def answer(client: OasstApiClient, user: Any, version: str, *, accepted: bool) -> None:  # noqa: ANN401  # a User
    body = {"user": user.model_dump(mode="json"), "version": version, "accepted": accepted}
    assert await client.call_extension("POST", "terms", body=body) is None


@pytest.fixture
def strict(start_backend: Callable[..., BackendServer]) -> BackendServer:
    """Start a backend that demands the terms."""
    return start_backend(backend_require_terms=True, backend_terms_version="2")


async def test_every_answer_to_the_terms_is_kept_once(
    client: OasstApiClient, worker: Workers, backend: BackendServer, pass_time: Callable[..., None]
) -> None:
    ann = worker("ann").user
    for version, accepted in (("1", False), ("1", True), ("1", True), ("2", True), ("2", False)):
        await answer(client, ann, version, accepted=accepted)
        pass_time(minutes=1)
    assert ledger(backend) == [("1", False), ("1", True), ("2", True), ("2", False)]
    assert (await client.fetch_user(ann)).tos_acceptance_date is None


async def test_the_protocols_own_calls_accept_the_version_in_force(
    client: OasstApiClient, worker: Workers, backend: BackendServer, pass_time: Callable[..., None]
) -> None:
    ann = worker("ann").user
    accepted = (await client.put_user(ann, tos_acceptance=True)).tos_acceptance_date
    assert accepted is not None
    pass_time(minutes=1)
    assert (await client.put_user(ann, tos_acceptance=True)).tos_acceptance_date == accepted
    assert (await client.put_user(ann)).tos_acceptance_date == accepted
    await client.update_user((await client.fetch_user(ann)).user_id, tos_acceptance=False)
    assert (await client.fetch_user(ann)).tos_acceptance_date is None
    assert ledger(backend) == [("1", True), ("1", False)]


async def test_nobody_works_before_they_accepted_the_terms_in_force(
    strict: BackendServer, connect: Callable[..., OasstApiClient], worker_at: Callable[..., Any]
) -> None:
    client = connect(strict)
    ann = worker_at(client, "ann")
    with pytest.raises(TermsNotAcceptedError) as caught:
        await ann.fetch(TaskRequestType.initial_prompt)
    assert (caught.value.http_status, caught.value.code) == (451, 4003)
    await answer(client, ann.user, "1", accepted=True)
    with pytest.raises(TermsNotAcceptedError):
        await ann.fetch(TaskRequestType.initial_prompt)
    await answer(client, ann.user, "2", accepted=True)
    task, shown = await ann.take(TaskRequestType.initial_prompt)
    await answer(client, ann.user, "2", accepted=False)
    with pytest.raises(TermsNotAcceptedError):
        await ann.write(TaskRequestType.initial_prompt, "Why?", shown=shown)
    with pytest.raises(TermsNotAcceptedError):
        await client.ack_task(task.id, shown, ann.user)
    await answer(client, ann.user, "2", accepted=True)
    # What was refused did not use the task up.
    written = await ann.write(TaskRequestType.initial_prompt, "Why?", shown=shown)
    message = await client.fetch_message(written)
    bob = worker_at(client, "bob").user
    assert message.id is not None
    with pytest.raises(TermsNotAcceptedError):
        await client.post_text_labels(
            TextLabels(user=bob, text="", labels={"spam": 0}, message_id=message.id)
        )
    # A task can be given back at any time.
    task, _ = await ann.take(TaskRequestType.initial_prompt)
    await answer(client, ann.user, "2", accepted=False)
    await client.nack_task(task.id, "no", ann.user)


async def test_terms_are_not_demanded_by_default(worker: Workers) -> None:
    await worker("ann").write(TaskRequestType.initial_prompt, "Why?")


async def test_a_version_has_a_name(client: OasstApiClient, worker: Workers) -> None:
    for version in ("", "x" * 65):
        with pytest.raises(RefusedError) as caught:
            await answer(client, worker("ann").user, version, accepted=True)
        assert caught.value.http_status == 422
