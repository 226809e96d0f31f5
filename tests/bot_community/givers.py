"""The project's own backend beside the bot, and people who give to the dataset past Discord."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import hikari

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.tables import api_clients
from oasst_client import (
    AuthMethod,
    LabelTask,
    MessageRanking,
    OasstApiClient,
    RankRepliesTask,
    Task,
    TaskRequestType,
    TextLabels,
    TextReplyToMessage,
    User,
)
from tests.made_databases import backend_database

PROMPT = TaskRequestType.initial_prompt
REPLY = TaskRequestType.assistant_reply
REVIEW_PROMPT = TaskRequestType.label_initial_prompt
REVIEW_REPLY = TaskRequestType.label_assistant_reply
KEY = "key"


class RealBackend:
    """Our own backend, which can be away for a while and come back at the same address.

    Attributes:
        url: where it is.
    """

    def __init__(self, folder: Path, rules: dict[str, Any]) -> None:
        self._values: dict[str, Any] = {
            "_env_file": None,
            "backend_database_url": backend_database(folder / "backend.db"),
            "backend_port": 0,
            "backend_api_keys": [KEY],
            "tree_manager": {"preset": "small", **rules},
        }
        self._server: BackendServer | None = None
        self.url = ""

    async def start(self) -> None:
        """Serve; after `close` on the same port again."""
        self._server = await asyncio.to_thread(BackendServer(BackendSettings(**self._values)).start)
        self.url = self._server.url
        self._values["backend_port"] = int(self.url.rpartition(":")[2])

    async def close(self) -> None:
        """Be away."""
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(server.close)

    def distrust(self) -> None:
        """Trust the bot's key no longer, until the next start."""
        assert self._server is not None
        assert self._server.storage is not None
        self._server.storage.write_now(
            lambda connection: connection.execute(api_clients.update().values(trusted=False))
        )


class Giver:
    """Somebody who gives texts, reviews and rankings to the dataset, with the bot's key."""

    def __init__(self, client: OasstApiClient, who: Actor | str) -> None:
        named = (who, who) if isinstance(who, str) else (str(who.id), who.name)
        self.client = client
        self.user = User(id=named[0], display_name=named[1], auth_method=AuthMethod.discord)

    async def take(self, kind: TaskRequestType) -> tuple[Task, str]:
        """Take a task; gives it and the id it is shown under."""
        task = await self.client.fetch_task(kind, self.user)
        shown = str(uuid4())
        await self.client.ack_task(task.id, shown, self.user)
        return task, shown

    async def write(self, kind: TaskRequestType, text: str) -> UUID:
        """Write a text; gives the backend's id of it."""
        _, shown = await self.take(kind)
        written = str(uuid4())
        await self.client.post_interaction(
            TextReplyToMessage(user=self.user, message_id=shown, user_message_id=written, text=text)
        )
        found = await self.client.fetch_message(written)
        assert found.id is not None
        return found.id

    async def review(self, kind: TaskRequestType, **labels: float) -> None:
        """Review a text; without labels it is found good."""
        task, _ = await self.take(kind)
        assert isinstance(task, LabelTask)
        await self.client.post_interaction(
            TextLabels(
                user=self.user,
                text="",
                labels={"spam": 0, **labels},
                message_id=task.message_id,
                task_id=task.id,
            )
        )

    async def rank(self, best: str) -> None:
        """Rank replies, the one that begins so first."""
        task, shown = await self.take(TaskRequestType.rank_assistant_replies)
        assert isinstance(task, RankRepliesTask)
        texts = [one.text for one in task.reply_messages]
        order = sorted(range(len(texts)), key=lambda index: not texts[index].startswith(best))
        await self.client.post_interaction(MessageRanking(user=self.user, message_id=shown, ranking=order))


@asynccontextmanager
async def real_backend(folder: Path, **rules: Any) -> AsyncIterator[RealBackend]:  # noqa: ANN401  # any number of the tree manager
    """Run our own backend with small trees."""
    backend = RealBackend(folder, rules)
    await backend.start()
    yield backend
    await backend.close()


async def forged_click(sandbox: Sandbox, bot: BotApp, person: Actor, custom_id: str) -> MessageView:
    """Let somebody press a button with any id, on a message that everybody sees; gives the private answer."""
    row = hikari.impl.MessageActionRowBuilder()
    row.add_interactive_button(hikari.ButtonStyle.SECONDARY, custom_id, label="forged")
    channel = sandbox.guild.channel("general")
    posted = await bot.services.rest.create_message(channel.id, "Press here.", components=[row])
    message = next(one for one in person.messages(channel) if one.id == posted.id)
    answer = (await message.click("forged")).message
    assert answer is not None
    assert answer.ephemeral
    assert message.content == "Press here."
    return answer


async def files_of(message: MessageView) -> dict[str, str]:
    """Fetch what the files of a message hold, by their names."""
    found = {}
    async with aiohttp.ClientSession() as session:
        for one in message.attachments:
            async with session.get(one["url"]) as answer:
                found[one["filename"]] = (await answer.read()).decode()
    return found
