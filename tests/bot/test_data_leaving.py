"""People delete their data while things break: the backend is away or may not, the bot dies."""

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from loguru import logger

from bot.app import BotApp
from bot.sessions import erasure
from discord_sandbox import Actor, InteractionFailed, MessageView, Sandbox, WaitTimeout
from oasst_client import AuthMethod, TextLabels, User
from tests.bot.conftest import Backend, Join, Life, TestClock, failure, shown_task, task, write

KEEP, REMOVE = "Take my name away", "Delete everything I gave"
YES = {KEEP: "Yes, take my name away", REMOVE: "Yes, delete everything"}
NOT_THERE = '{"detail": "Not Found"}'
BACKEND_ID = "00000000-0000-0000-0000-000000000077"


@dataclass
class LeavingBackend(Backend):
    """Also takes people out, and notes in which order what came.

    Attributes:
        heard: the acks, nacks, answers, labels and erasures that were taken, in order.
        erase_trouble: what comes instead of the next erasures: (status, code or whole body).
        lacks_erasure: whether it has no such call, as other backends.
        trusts: whether the bot's key may delete.
        knows: whether it knows everybody, or nobody.
        protocol: what was done by the protocol's own calls.
        lacks_deletion: whether it does not have the protocol's call for deleting people either.
        takes_key: whether it takes the bot's key for anything.
    """

    heard: list[str] = field(default_factory=list)
    erase_trouble: deque[tuple[int, int | str]] = field(default_factory=deque)
    lacks_erasure: bool = False
    trusts: bool = True
    knows: bool = True
    protocol: list[str] = field(default_factory=list)
    lacks_deletion: bool = False
    takes_key: bool = True

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.delete("/api/ext/v1/people/discord/{id}", self._erase),
            web.get("/api/v1/frontend_users/discord/{id}", self._user),
            web.post("/api/v1/frontend_users/", self._put),
            web.delete("/api/v1/frontend_users/discord/{id}/messages", self._delete_messages),
            web.delete("/api/v1/users/{id}", self._delete_user),
        ]

    async def _ack(self, request: web.Request) -> web.Response:
        self.heard.append("ack")
        return await super()._ack(request)

    async def _nack(self, request: web.Request) -> web.Response:
        self.heard.append("nack")
        return await super()._nack(request)

    async def _interaction(self, request: web.Request) -> web.Response:
        taken = await super()._interaction(request)
        if taken.status == 200:
            self.heard.append("answer")
        return taken

    async def _text_labels(self, request: web.Request) -> web.Response:
        self.heard.append("labels")
        return await super()._text_labels(request)

    async def _erase(self, request: web.Request) -> web.Response:
        if self.lacks_erasure:
            return failure(404, NOT_THERE)
        if not self.trusts:
            return failure(403, 2)
        if self.erase_trouble:
            return failure(*self.erase_trouble.popleft())
        self.heard.append(f"erase {request.match_info['id']} {request.query['texts']}")
        return web.Response(status=204)

    async def _user(self, request: web.Request) -> web.Response:
        if not self.takes_key:
            return failure(403, 2)
        return web.json_response(self._known(request.match_info["id"])) if self.knows else failure(404, 4002)

    async def _put(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.protocol.append(f"named {body['display_name']}, on boards: {body['show_on_leaderboard']}")
        return web.json_response(self._known(body["id"]))

    async def _delete_messages(self, _: web.Request) -> web.Response:
        if not self.trusts:
            return failure(403, 2)
        self.protocol.append("messages deleted")
        return web.Response(status=204)

    async def _delete_user(self, request: web.Request) -> web.Response:
        if self.lacks_deletion:
            return failure(405, '{"detail": "Method Not Allowed"}')
        self.protocol.append(f"deleted {request.match_info['id']}")
        return web.Response(status=204)

    def _known(self, person: str) -> dict[str, Any]:
        return {"id": person, "display_name": "Alice", "auth_method": "discord", "user_id": BACKEND_ID}


BACKEND = LeavingBackend


@pytest.fixture
def errors() -> Iterator[list[str]]:
    """Collect the errors of the log."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="ERROR", format="{message}")
    yield lines
    logger.remove(sink)


async def leave(person: Actor, way: str) -> MessageView:
    """Delete one's data."""
    panel = (await person.command("data delete")).message
    assert panel is not None
    await panel.click(way)
    await panel.click(YES[way])
    return panel


async def says(person: Actor, panel: MessageView, words: str) -> None:
    await person.until(lambda: words in panel.text, what=f"“{words}”")


async def rows_about(bot: BotApp, person: Actor) -> dict[str, list[dict[str, Any]]]:
    """Read what the bot keeps of somebody."""
    found: dict[str, list[dict[str, Any]]] = {}
    async for table, row in bot.services.store.personal.rows(int(person.id)):
        found.setdefault(table, []).append(row)
    return found


async def sent_while_away(person: Actor, backend: LeavingBackend) -> None:
    """Have an answer on its way that the backend did not get."""
    backend.tasks.append(task("initial_prompt"))
    await person.command("task")
    controls = await shown_task(person)
    await person.until(lambda: backend.acks, what="the ack")
    await write(controls, "How do bees find home?")
    await backend.stop()
    await controls.click("Send")
    await person.until(lambda: "Your answer is saved" in controls.text, what="the word that it is kept")


async def test_the_backend_hears_of_it_last_and_once(
    bot: BotApp, backend: LeavingBackend, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    await shown_task(alice)
    panel = await leave(alice, REMOVE)
    await says(alice, panel, "Done, here and in the dataset")
    assert backend.heard == ["ack", "nack", f"erase {alice.id} remove"]
    await bot.tidy()
    assert await rows_about(bot, alice) == {}


async def test_while_the_backend_is_away_it_is_done_here_and_kept_for_it(
    bot: BotApp, backend: LeavingBackend, join: Join
) -> None:
    alice = await join("Alice")
    await sent_while_away(alice, backend)
    panel = await leave(alice, KEEP)
    await says(alice, panel, "Done here.")
    assert "on its way to the dataset" in panel.text
    assert set(await rows_about(bot, alice)) == {"outbox"}
    await backend.start()
    await says(alice, panel, "Done, here and in the dataset")
    # What they gave stays, so it arrives first.
    assert backend.heard == ["ack", "answer", f"erase {alice.id} keep"]
    assert await rows_about(bot, alice) == {}


async def test_what_was_not_handed_in_is_taken_back_with_the_rest(
    bot: BotApp, backend: LeavingBackend, join: Join
) -> None:
    alice = await join("Alice")
    await sent_while_away(alice, backend)
    labels = TextLabels(
        user=User(id=str(alice.id), display_name="Alice", auth_method=AuthMethod.discord),
        text="secret words",
        labels={"spam": 1},
        message_id=UUID(int=5),
    )
    await bot.services.store.outbox.add_labels(labels, bot.clock.now())
    panel = await leave(alice, REMOVE)
    assert "bees" not in json.dumps(await rows_about(bot, alice))
    assert "secret words" not in json.dumps(await rows_about(bot, alice))
    await backend.start()
    await says(alice, panel, "Done, here and in the dataset")
    assert backend.heard == ["ack", "nack", f"erase {alice.id} remove"]
    assert backend.answers == backend.labels == []


async def test_before_the_backend_has_heard_of_it_nobody_begins_anew(
    bot: BotApp, backend: LeavingBackend, join: Join
) -> None:
    alice = await join("Alice")
    backend.erase_trouble.extend([(500, 0)] * 3)
    panel = await leave(alice, KEEP)
    await says(alice, panel, "Done here.")
    again = (await alice.command("task")).message
    assert again is not None
    await again.click("I accept")
    await again.click("Straight to my task")
    await alice.until(lambda: "has yet to hear" in again.text, what="the word that it is not done yet")
    assert backend.asked == []
    await bot.services.store.outbox.hurry(bot.clock.now() + timedelta(hours=1))
    bot.services.delivery.kick()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
async def test_whenever_the_bot_dies_the_wish_is_carried_out_or_was_not_heard(
    life: Life, backend: LeavingBackend, join: Join, number: int, *, before: bool
) -> None:
    alice = await join("Alice")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, "a text in hand")
    await alice.until(lambda: backend.acks, what="the ack")
    panel = (await alice.command("data delete")).message
    assert panel is not None
    await panel.click(REMOVE)
    alice.patience = 0.5
    life.kill_at(number, before=before)
    with suppress(InteractionFailed, WaitTimeout):
        await panel.click(YES[REMOVE])
    with suppress(TimeoutError):
        # The last calls may not come any more.
        await life.died(2)
    life.die()
    bot = await life.reborn()
    alice.patience = 10
    if not await was_heard(bot, alice):
        # It died at the answer to the press itself, before anything was done; the buttons are still there.
        assert number == 1
        await panel.click(YES[REMOVE])
    await alice.until(lambda: f"erase {alice.id} remove" in backend.heard, timeout=60, what="the erasure")
    await bot.services.delivery.drained(int(alice.id), 60)
    await bot.tidy()
    await bot.tidy()
    assert await rows_about(bot, alice) == {}
    assert backend.answers == []
    assert backend.heard[-1] == f"erase {alice.id} remove"
    (thread,) = alice.threads(archived=True)
    assert [one.buttons for one in alice.messages(thread) if one.buttons] == []


async def was_heard(bot: BotApp, person: Actor) -> bool:
    """Whether the wish was written down before the bot died."""
    return await bot.services.store.people.accepted_terms(int(person.id)) is None


async def test_a_key_that_may_not_delete_is_said_honestly(
    bot: BotApp, backend: LeavingBackend, alice: Actor, errors: list[str]
) -> None:
    backend.trusts = False
    panel = await leave(alice, REMOVE)
    await says(alice, panel, "Half done.")
    assert f"discord:{alice.id}" in panel.text
    assert any(f"discord:{alice.id}" in line and "trusted" in line for line in errors)
    assert not any("does not accept the bot's key" in line for line in errors)
    await bot.tidy()
    assert await rows_about(bot, alice) == {}


@pytest.mark.parametrize(("status", "code"), [(400, 1000), (400, 4001), (451, 4003), (404, 2001)])
async def test_a_backend_that_will_not_do_it_is_said_honestly_too(
    bot: BotApp, backend: LeavingBackend, alice: Actor, errors: list[str], status: int, code: int
) -> None:
    backend.erase_trouble.append((status, code))
    panel = await leave(alice, REMOVE)
    await says(alice, panel, "Half done.")
    assert f"discord:{alice.id}" in panel.text
    assert any(f"discord:{alice.id}" in line for line in errors), "the operator has to do it by hand"
    assert await rows_about(bot, alice) == {}


async def test_who_is_gone_at_the_backend_is_out_already(
    backend: LeavingBackend, alice: Actor, errors: list[str]
) -> None:
    backend.erase_trouble.append((404, 4002))
    panel = await leave(alice, REMOVE)
    await says(alice, panel, "Done, here and in the dataset")
    assert errors == []


async def test_a_key_that_is_taken_for_nothing_is_mended_first(
    bot: BotApp, backend: LeavingBackend, alice: Actor, errors: list[str]
) -> None:
    backend.trusts = backend.takes_key = False
    panel = await leave(alice, REMOVE)
    await alice.until(lambda: errors, what="word to the operator")
    assert any("does not accept the bot's key" in line for line in errors)
    assert "Done here." in panel.text
    backend.trusts = backend.takes_key = True
    await bot.services.store.outbox.hurry(bot.clock.now())
    bot.services.delivery.kick()
    await says(alice, panel, "Done, here and in the dataset")


async def test_while_a_task_is_fetched_nothing_is_deleted_behind_its_back(
    bot: BotApp, backend: LeavingBackend, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "SECONDS_FOR_TURN", 0.05)
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        asked.set()
        await go_on.wait()

    backend.before_task = wait
    backend.tasks.append(task("initial_prompt"))
    asking = asyncio.create_task(alice.command("task"))
    await asked.wait()
    panel = await leave(alice, REMOVE)
    channel = next(one for one in alice.channels() if one.id == panel.channel_id)
    await alice.until(
        lambda: any("just being fetched" in one.text for one in alice.messages(channel)),
        what="the word to wait",
    )
    assert await rows_about(bot, alice) != {}
    go_on.set()
    await asking
    await shown_task(alice)
    await panel.click(YES[REMOVE])
    await says(alice, panel, "Done, here and in the dataset")
    assert backend.heard[-1] == f"erase {alice.id} remove"


async def test_whom_the_backend_never_heard_of_is_out_already(
    bot: BotApp, backend: LeavingBackend, alice: Actor
) -> None:
    backend.trusts = backend.knows = False
    panel = await leave(alice, REMOVE)
    await says(alice, panel, "Done, here and in the dataset")
    assert bot.services.store is not None


@pytest.mark.parametrize(
    ("way", "words", "done"),
    [
        (REMOVE, "as far as it goes", ["messages deleted", f"deleted {BACKEND_ID}"]),
        (KEEP, "Done, here and in the dataset", [f"deleted {BACKEND_ID}"]),
    ],
)
async def test_another_backend_does_what_the_protocol_has(
    bot: BotApp, backend: LeavingBackend, alice: Actor, way: str, words: str, done: list[str]
) -> None:
    backend.lacks_erasure = True
    panel = await leave(alice, way)
    await says(alice, panel, words)
    assert backend.protocol == done
    await bot.tidy()
    assert await rows_about(bot, alice) == {}


async def test_a_backend_that_can_delete_nobody_hides_them_at_least(
    bot: BotApp, backend: LeavingBackend, alice: Actor, errors: list[str]
) -> None:
    backend.lacks_erasure = backend.lacks_deletion = True
    panel = await leave(alice, KEEP)
    await says(alice, panel, "hidden you from its boards")
    assert backend.protocol == ["named -, on boards: False"]
    assert any(f"discord:{alice.id}" in line for line in errors)
    assert bot.services.store is not None


async def test_the_page_of_a_proxy_is_no_word_of_the_backend(
    bot: BotApp, backend: LeavingBackend, alice: Actor
) -> None:
    backend.erase_trouble.extend([(404, 0), (502, 0)])
    panel = await leave(alice, KEEP)
    await says(alice, panel, "Done here.")
    for _ in range(3):
        await bot.services.store.outbox.hurry(bot.clock.now())
        bot.services.delivery.kick()
        with suppress(WaitTimeout):
            await alice.until(lambda: "in the dataset" in panel.text, timeout=1, what="the end")
    await says(alice, panel, "Done, here and in the dataset")
    assert backend.protocol == []


async def test_who_could_not_be_told_any_more_is_told_when_they_come(
    bot: BotApp, life: Life, backend: LeavingBackend, alice: Actor, sandbox: Sandbox
) -> None:
    backend.trusts = False
    await backend.stop()
    panel = await leave(alice, REMOVE)
    await says(alice, panel, "Done here.")
    sandbox.clock.advance(16 * 60)
    await backend.start()
    assert await bot.services.delivery.drained(int(alice.id), 40)
    backend.tasks.append(task("initial_prompt"))
    back = (await alice.command("task")).message
    assert back is not None
    await back.click("I accept")
    await alice.until(
        lambda: any(
            "Half done." in one.text for channel in alice.channels() for one in alice.messages(channel)
        ),
        what="the word that it was done by half",
    )
    # To end the bot waits for what is in hand, so for the end of the entry.
    await life.end()
    with closing(sqlite3.connect(life.memory)) as memory:
        assert memory.execute("SELECT * FROM outbox WHERE kind = 'erase'").fetchall() == []


async def test_the_history_of_settings_goes_after_two_years(bot: BotApp, clock: TestClock) -> None:
    database = bot.services.store.database
    await database.execute(
        "INSERT INTO guild_settings_audit (guild_id, setting, old_value, new_value, changed_by,"
        " interaction_id, changed_at) VALUES (1, 'daily_limit', '1', '2', 3, 4, ?)",
        (clock.now().timestamp(),),
    )
    left = []
    for days in (0, 729, 2):
        clock.ahead += timedelta(days=days)
        await bot.tidy()
        left.append(len(await database.fetch_all("SELECT 1 FROM guild_settings_audit")))
    assert left == [1, 1, 0]
