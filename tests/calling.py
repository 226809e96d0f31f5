"""A bot without hikari: its commands, a plain client that calls as it, and acts that wait for it."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from discord_sandbox import Sandbox

Json = dict[str, Any]
T = TypeVar("T")

COMMANDS: list[Json] = [
    {"name": "do", "description": "Do it"},
    {
        "name": "say",
        "description": "Say it",
        "options": [{"type": 3, "name": "what", "description": "What", "autocomplete": True}],
    },
    {"name": "Look", "type": 3},
    {"name": "Who", "type": 2},
]
BUTTON: Json = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}


def client_headers(sandbox: Sandbox) -> dict[str, str]:
    """Give what Discord wants to see of a bot."""
    return {
        "Authorization": f"Bot {sandbox.token}",
        "User-Agent": "DiscordBot (https://example.org, 1.0)",
    }


@dataclass
class Answer:
    """What a call was answered with; None is the body of an answer that is no JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> int | None:
        """Discord's error code; None for an answer without one."""
        return self.body.get("code") if isinstance(self.body, dict) and "message" in self.body else None

    @property
    def places(self) -> set[str]:
        """Where a form is wrong, as `embeds.0.title: BASE_TYPE_MAX_LENGTH`."""
        return set(_places(self.body.get("errors", {}), ())) if isinstance(self.body, dict) else set()


def _places(node: Json, path: tuple[str, ...]) -> list[str]:
    found = []
    for key, inner in node.items():
        if key == "_errors":
            found += [f"{'.'.join(path)}: {one['code']}" for one in inner]
        else:
            found += _places(inner, (*path, key))
    return found


@dataclass
class Api:
    """A plain REST client with the bot's token."""

    session: aiohttp.ClientSession
    base: str

    async def __call__(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, Any]:  # noqa: ANN401 - passed on to aiohttp
        """Call, and give the status and the body."""
        answer = await self.ask(method, path, body, **more)
        return answer.status, answer.body

    async def ask(self, method: str, path: str, body: object = None, **more: Any) -> Answer:  # noqa: ANN401 - passed on to aiohttp
        """Call, and give all of the answer."""
        if body is not None:
            more["json"] = body
        async with self.session.request(method, f"{self.base}{path}", **more) as response:
            raw = await response.read()
            is_json = response.content_type == "application/json"
            return Answer(
                response.status, await response.json() if raw and is_json else None, response.headers
            )


async def started(act: Awaitable[T]) -> "asyncio.Task[T]":
    """Let a person begin something that waits for the bot."""
    task = asyncio.ensure_future(act)
    await asyncio.sleep(0)
    assert isinstance(task, asyncio.Task)
    return task
