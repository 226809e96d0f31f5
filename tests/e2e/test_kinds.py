"""Each kind of task with every real part: what people see in Discord, and what the backend then has."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.app import BotApp
from bot.settings import BotSettings
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_backend.exporting import ExportChoice, export_trees
from oasst_backend.importing import import_trees
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings, TreeManagerSettings
from tests.e2e.conftest import KEY, control, first_task
from tests.made_databases import bot_database

Node = dict[str, Any]

PROMPT = "How do bees find their way home?"
REPLIES = ("They steer by the sun.", "They follow landmarks.")
QUESTIONS = ("And at night?", "And when it rains?")


@pytest.fixture
def tree_manager() -> TreeManagerSettings:
    return TreeManagerSettings.model_validate(
        {"preset": "small", "num_prompter_replies": 2, "rank_prompter_replies": True}
    )


@pytest.fixture
async def bot(sandbox: Sandbox, backend: BackendServer, tmp_path: Path) -> AsyncIterator[BotApp]:
    app = BotApp(
        BotSettings(
            _env_file=None,
            bot_token=sandbox.token,
            discord_rest_url=sandbox.rest_url,
            oasst_api_url=backend.url,
            oasst_api_key=KEY,
            bot_database_url=bot_database(tmp_path / "bot.db"),
        )
    )
    await app.start()
    await sandbox.bot_ready()
    yield app
    await app.close()


def message(text: str, role: str, *replies: Node, accepted: bool | None = True) -> Node:
    """Make a message of a tree in the dataset's format."""
    return {
        "message_id": str(uuid4()),
        "text": text,
        "role": role,
        "lang": "en",
        "review_count": 1 if accepted else 0,
        "review_result": accepted,
        "deleted": False,
        "synthetic": False,
        "replies": list(replies),
    }


def assistant(text: str, *replies: Node, accepted: bool | None = True) -> Node:
    return message(text, "assistant", *replies, accepted=accepted)


def prompter(text: str, *replies: Node, accepted: bool | None = True) -> Node:
    return message(text, "prompter", *replies, accepted=accepted)


class Dataset:
    """The backend's trees, put in and taken out as files."""

    def __init__(self, backend: BackendServer, settings: BackendSettings, folder: Path) -> None:
        self._backend = backend
        self._settings = settings
        self._folder = folder

    async def plant(self, root: Node, state: str) -> None:
        """Put one tree in."""
        path = self._folder / "in.jsonl"
        line = {"message_tree_id": root["message_id"], "tree_state": state, "prompt": root}
        path.write_text(json.dumps(line), encoding="utf-8")
        assert self._backend.storage is not None
        await asyncio.to_thread(import_trees, self._backend.storage, self._settings, path)

    async def tree(self) -> Node:
        """Take the only tree out, with all that is known of it."""
        path = self._folder / "out.jsonl"
        assert self._backend.storage is not None
        await asyncio.to_thread(export_trees, self._backend.storage, path, ExportChoice(everything=True))
        (line,) = path.read_text(encoding="utf-8").splitlines()
        tree: Node = json.loads(line)
        return tree


@pytest.fixture
def dataset(
    backend: BackendServer, backend_settings: BackendSettings, tmp_path: Path, bot: BotApp
) -> Dataset:
    assert bot.services
    return Dataset(backend, backend_settings, tmp_path)


async def delivered(bot: BotApp, person: Actor, controls: MessageView) -> None:
    """Wait until the person is thanked and the backend has the answer."""
    await person.until(lambda: "Next task" in controls.buttons, what="the thanks")
    assert await bot.services.delivery.drained(person.id, 10)


@pytest.mark.parametrize(
    ("kind", "root", "sees"),
    [
        ("initial_prompt", None, []),
        ("assistant_reply", lambda: prompter(PROMPT), [PROMPT]),
        ("prompter_reply", lambda: prompter(PROMPT, assistant(REPLIES[0])), [PROMPT, REPLIES[0]]),
    ],
)
async def test_a_text_is_written(
    sandbox: Sandbox,
    bot: BotApp,
    dataset: Dataset,
    kind: str,
    root: Callable[[], Node] | None,
    sees: list[str],
) -> None:
    if root is not None:
        await dataset.plant(root(), "growing")
    alice = sandbox.guild.add_member("Alice")
    thread = await first_task(alice, kind)
    controls = await control(alice, thread, "Write")
    shown = "\n".join(one.text for one in alice.messages(thread))
    assert all(text in shown for text in sees)

    opened = await controls.click("Write")
    assert opened.modal is not None
    await opened.modal.submit({"Your text": "What do *you* think, @everyone?"})
    await alice.until(lambda: "Send" in controls.buttons, what="the confirmation")
    await controls.click("Send")
    await delivered(bot, alice, controls)

    node = (await dataset.tree())["prompt"]
    for text in sees:
        assert node["text"] == text
        (node,) = node["replies"]
    assert (node["text"], node["lang"]) == ("What do *you* think, @everyone?", "en")
    assert node["role"] == ("assistant" if kind == "assistant_reply" else "prompter")


@pytest.mark.parametrize(
    ("kind", "root", "depth"),
    [
        ("rank_assistant_replies", lambda: prompter(PROMPT, *map(assistant, REPLIES)), 0),
        (
            "rank_prompter_replies",
            lambda: prompter(PROMPT, assistant(REPLIES[0], *map(prompter, QUESTIONS))),
            1,
        ),
    ],
)
async def test_replies_are_ranked(
    sandbox: Sandbox, bot: BotApp, dataset: Dataset, kind: str, root: Callable[[], Node], depth: int
) -> None:
    await dataset.plant(root(), "ranking")
    best = (REPLIES, QUESTIONS)[depth][1]
    alice = sandbox.guild.add_member("Alice")
    thread = await first_task(alice, kind)
    controls = await control(alice, thread, "Skip")
    (menu,) = controls.selects
    assert menu.placeholder == "Choose the best"
    option = next(label for label, _ in menu.options if best in label)
    await controls.choose("Choose the best", [option])
    await alice.until(lambda: "Send" in controls.buttons, what="the finished order")
    await controls.click("Send")
    if "Send this order" in controls.buttons:
        await controls.click("Send this order")
    await delivered(bot, alice, controls)

    tree = await dataset.tree()
    parent = tree["prompt"] if depth == 0 else tree["prompt"]["replies"][0]
    assert [(reply["rank"], reply["text"] == best) for reply in parent["replies"]] == [(0, True), (1, False)]
    assert tree["tree_state"] == "ready_for_export"


@pytest.mark.parametrize(
    ("kind", "root", "state"),
    [
        ("label_initial_prompt", lambda: prompter(PROMPT, accepted=None), "initial_prompt_review"),
        (
            "label_assistant_reply",
            lambda: prompter(PROMPT, assistant(REPLIES[0], accepted=None)),
            "growing",
        ),
        (
            "label_prompter_reply",
            lambda: prompter(PROMPT, assistant(REPLIES[0], prompter(QUESTIONS[0], accepted=None))),
            "growing",
        ),
    ],
)
async def test_a_message_is_labelled(
    sandbox: Sandbox, bot: BotApp, dataset: Dataset, kind: str, root: Callable[[], Node], state: str
) -> None:
    await dataset.plant(root(), state)
    alice = sandbox.guild.add_member("Alice")
    thread = await first_task(alice, kind)
    controls = await control(alice, thread, "Skip")
    too_early = (await controls.click("Send")).message
    assert too_early is not None
    assert "Is it spam" in too_early.text
    assert "Next task" not in controls.buttons
    await controls.click(next(label for label in controls.buttons if "pam" in label and label.endswith("no")))
    await controls.click("Send")
    await delivered(bot, alice, controls)

    node = (await dataset.tree())["prompt"]
    while node["replies"]:
        (node,) = node["replies"]
    assert node["labels"]["spam"] == {"value": 0.0, "count": 1}
    assert (node["review_count"], node["review_result"]) == (1, True)
