"""The bot with the real backend: a tree grows from a first message to a finished conversation."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import BotApp
from bot.settings import BotSettings
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings, TreeManagerSettings
from tests.made_databases import backend_database

KINDS = (
    "label_initial_prompt",
    "label_prompter_reply",
    "label_assistant_reply",
    "rank_assistant_replies",
    "rank_prompter_replies",
    "assistant_reply",
    "prompter_reply",
    "initial_prompt",
)
KEY = "a-key-of-the-tests"


@pytest.fixture
async def real_backend(tmp_path: Path) -> AsyncIterator[BackendServer]:
    server = BackendServer(
        BackendSettings(
            _env_file=None,
            backend_database_url=backend_database(tmp_path / "backend.db"),
            backend_port=0,
            backend_api_keys=[SecretStr(KEY)],
            tree_manager=TreeManagerSettings(
                preset="small",
                goal_tree_size=7,
                max_tree_depth=2,
                num_prompter_replies=2,
                rank_prompter_replies=True,
            ),
        )
    )
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.close)


@pytest.fixture
async def bot(settings: BotSettings, real_backend: BackendServer, sandbox: Sandbox) -> AsyncIterator[BotApp]:
    changed = {"oasst_api_url": real_backend.url, "oasst_api_key": SecretStr(KEY)}
    app = BotApp(settings.model_copy(update=changed))
    await app.start()
    await sandbox.bot_ready()
    yield app
    await app.close()


async def play(person: Actor, kind: str, number: int) -> bool:
    """Ask for a task of a kind and do it; False where there is none."""
    reply = await person.command("task", type=kind, language="en")
    assert reply.message is not None
    if "nothing to do" in reply.message.content:
        return False

    def controls() -> MessageView | None:
        found = [person.latest(thread) for thread in person.threads()]
        return next((one for one in found if one is not None and "Skip" in one.buttons), None)

    message = await person.until(controls, what="the controls")
    assert message is not None
    if "Write" in message.buttons:
        written = await message.click("Write")
        assert written.modal is not None
        # Unlike what the person wrote before: nearly the same text again is refused.
        words = sha256(str(number).encode()).hexdigest()
        await written.modal.submit({"Your text": f"{person.name} writes {words}."})
    elif kind.startswith("rank"):
        while message.selects:
            await message.choose("Choose the", [message.selects[0].options[0][1]])
    else:
        await label(message)
    await message.click("Send")
    if "Send this order" in message.buttons:
        await message.click("Send this order")
    await person.until(lambda: "Done" in message.buttons, what=f"thanks for {kind}")
    await message.click("Done")
    return True


async def label(message: MessageView) -> None:
    """Say no to whatever can be answered so, and that everything else is in the middle."""
    for _ in range(6):
        for wanted in [one for one in message.buttons if one.endswith(": no")]:
            await message.click(wanted)
        for select in message.selects:
            if select.min_values == 1 and select.max_values == 1:
                await message.choose(select.placeholder, [select.options[2][1]])
        if "More labels" not in message.buttons:
            return
        await message.click("More labels")


async def test_people_grow_a_tree_with_every_kind_of_task(
    bot: BotApp, sandbox: Sandbox, real_backend: BackendServer
) -> None:
    assert real_backend.url
    people = []
    for name in ("Alice", "Bob", "Carol"):
        actor = sandbox.guild.add_member(name)
        await bot.services.store.people.record_terms(
            int(actor.id), version=1, locale="en-US", interaction_id=int(actor.id), now=bot.clock.now()
        )
        people.append(actor)
    done: Counter[str] = Counter()
    number = 0
    while set(KINDS) - done.keys():
        before = sum(done.values())
        for person in people:
            for kind in KINDS:
                if kind == "initial_prompt" and done[kind]:
                    continue
                number += 1
                if await play(person, kind, number):
                    done[kind] += 1
        assert sum(done.values()) > before, f"nobody got anything to do any more after {json.dumps(done)}"
    assert [await bot.services.store.outbox.untold(int(person.id)) for person in people] == [[], [], []]


async def test_the_real_backend_says_why_there_is_none_and_what_there_is_instead(
    bot: BotApp, sandbox: Sandbox, real_backend: BackendServer
) -> None:
    assert real_backend.url
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Bob")
    for actor in (alice, bob):
        await bot.services.store.people.record_terms(
            int(actor.id), version=1, locale="en-US", interaction_id=int(actor.id), now=bot.clock.now()
        )
    assert await play(alice, "initial_prompt", 1)
    own = await alice.command("task", type="label_initial_prompt", language="en")
    assert own.message is not None
    assert "your share" in own.message.content
    assert "wait for: reviews (1)" in own.message.content
    none = await bob.command("task", type="assistant_reply", language="en")
    assert none.message is not None
    assert "No conversation needs it" in none.message.content
    await none.choose("Take this instead", "Label a first message")
    await bob.until(lambda: "Your task is ready" in none.message.content, what="the task")  # type: ignore[union-attr]  # it is there
