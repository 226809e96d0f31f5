"""What a frontend whose key is not trusted may do with people: read them, and speak for its own messages."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from oasst_backend.server import BackendServer
from oasst_backend.service.keys import create_key
from oasst_client import NotAuthorizedError, NotFoundError, OasstApiClient, TaskRequestType

KEY = "a-key-of-the-tests"
Call = Callable[..., Any]
Workers = Callable[[str], Any]
PROMPT = TaskRequestType.initial_prompt


@pytest.fixture
def plain(backend: BackendServer, connect: Callable[..., OasstApiClient], plain_key: str) -> OasstApiClient:
    return connect(backend, plain_key)


async def withdraw(client: OasstApiClient, author: str, message_id: object) -> None:
    await client.call_extension("DELETE", f"people/discord/id-{author}/messages/{message_id}")


async def test_only_the_key_that_brought_a_message_in_withdraws_it(
    client: OasstApiClient, plain: OasstApiClient, worker: Workers, worker_at: Callable[..., Any]
) -> None:
    elsewhere = (await client.fetch_message(await worker("ann").write(PROMPT, "Why is the sky blue?"))).id
    own = (await plain.fetch_message(await worker_at(plain, "ann").write(PROMPT, "Who made bread?"))).id
    with pytest.raises(NotFoundError) as caught:
        await withdraw(plain, "ann", elsewhere)
    assert (caught.value.http_status, caught.value.code) == (404, 2001)
    await withdraw(plain, "ann", own)
    shown = {message.text: message.deleted for message in await client.find_messages(include_deleted=True)}
    assert shown == {"Why is the sky blue?": False, "Who made bread?": True}
    # A trusted key speaks for people wherever they wrote.
    other = (await plain.fetch_message(await worker_at(plain, "ann").write(PROMPT, "Do fish sleep?"))).id
    await withdraw(client, "ann", other)
    assert (await client.find_messages()).pop().text == "Why is the sky blue?"


async def test_what_moderators_noted_is_for_trusted_keys_wherever_a_person_is_shown(
    client: OasstApiClient, plain: OasstApiClient, plain_key: str, worker_at: Callable[..., Any], call: Call
) -> None:
    ann = worker_at(plain, "ann")
    await ann.write(PROMPT, "Why is the sky blue?")
    user_id = (await client.put_user(ann.user, notes="reported twice")).user_id
    body = ann.user.model_dump(mode="json")
    for method, path, sent in (
        ("POST", "/frontend_users/", body),
        ("GET", "/frontend_users/", None),
        ("GET", "/frontend_users/discord/id-ann", None),
        ("GET", "/users/by_username", None),
        ("GET", "/users/by_display_name", None),
        ("GET", "/users/cursor", None),
        ("GET", f"/users/{user_id}", None),
        ("GET", "/messages/cursor?include_user=true", None),
    ):
        for key, seen in ((plain_key, '"notes": ""'), (KEY, '"notes": "reported twice"')):
            status, answer = await call(method, f"/api/v1{path}", body=sent, key=key)
            assert (status, json.dumps(answer).count(seen)) == (200, 1), path


async def test_what_is_noted_cannot_be_guessed_either(
    client: OasstApiClient, plain: OasstApiClient, worker: Workers
) -> None:
    ann = worker("ann").user
    await client.put_user(ann, notes="reported twice")
    for notes in ("reported twice", "never reported"):
        with pytest.raises(NotAuthorizedError):
            await plain.put_user(ann, notes=notes)
    # Who hands back what they were shown changes nothing.
    assert (await plain.put_user(ann, notes="")).notes == ""
    assert (await client.fetch_user(ann)).notes == "reported twice"


async def test_a_frontend_passes_on_acceptances_of_the_terms_in_force_alone(
    start_backend: Callable[..., BackendServer], clock: Callable[[], datetime], call: Call
) -> None:
    server = start_backend(backend_require_terms=True, backend_terms_version="3")
    assert server.storage is not None
    key = server.storage.write_now(lambda to: create_key(to, clock(), "a website", trusted=False))
    user = {"id": "id-ann", "display_name": "Ann", "auth_method": "discord"}
    task = {"type": "initial_prompt", "user": user}

    async def answer(version: str, key: str, *, accepted: bool) -> tuple[int, Any]:
        body = {"user": user, "version": version, "accepted": accepted}
        status, said = await call("POST", "/api/ext/v1/terms", body=body, key=key, url=server.url)
        return status, said["error_code"] if said else None

    async def works() -> bool:
        status, _ = await call("POST", "/api/v1/tasks/", body=task, key=key, url=server.url)
        return bool(status == 200)

    assert await answer("2", key, accepted=True) == (400, 0)
    assert not await works()
    assert await answer("3", key, accepted=True) == (204, None)
    assert await works()
    # Nobody is locked out by a frontend that others run.
    for version in ("2", "3"):
        assert await answer(version, key, accepted=False) == (403, 2)
    assert await answer("2", key, accepted=True) == (400, 0)
    assert await works()
    assert await answer("3", KEY, accepted=False) == (204, None)
    assert not await works()
