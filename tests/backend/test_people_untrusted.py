"""What a frontend whose key is not trusted may do with people: read them, and speak for its own messages."""

from collections.abc import Callable
from typing import Any

import pytest

from oasst_backend.server import BackendServer
from oasst_client import NotFoundError, OasstApiClient, TaskRequestType

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
