"""People delete their data once more while the backend has yet to hear of the first time."""

import pytest

from bot.app import BotApp
from tests.bot.conftest import Join
from tests.bot.test_data_leaving import (
    KEEP,
    REMOVE,
    LeavingBackend,
    leave,
    rows_about,
    says,
    sent_while_away,
)

BACKEND = LeavingBackend


@pytest.mark.parametrize("ways", [(KEEP, REMOVE), (REMOVE, KEEP)])
async def test_the_second_wish_is_carried_out_with_the_first(
    bot: BotApp, backend: LeavingBackend, join: Join, ways: tuple[str, str]
) -> None:
    alice = await join("Alice")
    await sent_while_away(alice, backend)
    await says(alice, await leave(alice, ways[0]), "Done here.")
    await bot.services.store.people.set_language(int(alice.id), "de", now=bot.clock.now())
    panel = await leave(alice, ways[1])
    await says(alice, panel, "Everything of yours is")
    assert set(await rows_about(bot, alice)) == {"outbox"}
    await backend.start()
    await says(alice, panel, "Done, here and in the dataset")
    assert backend.heard == ["ack", "nack", f"erase {alice.id} remove"]
    assert await rows_about(bot, alice) == {}
