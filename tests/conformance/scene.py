"""The scene in which every case of the conformance table begins: one of everything, and a frozen clock."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from discord_sandbox import Actor, Channel, Clock, Permission, RateLimits, Sandbox, SandboxGuild

Json = dict[str, Any]

BUTTON: Json = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
COMMANDS: list[Json] = [
    {"name": "do", "description": "Do something"},
    {
        "name": "find",
        "description": "Find something",
        "options": [{"type": 3, "name": "what", "description": "What", "autocomplete": True}],
    },
    {"name": "Label", "type": 3},
]
OFFSET = 1_800_000_000.0
"""The time at which every case begins, Unix seconds."""


@dataclass
class Answer:
    """What a call was answered with."""

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
class Scene:
    """A sandbox with one of everything, and a plain client that calls as the bot.

    Attributes:
        ids: What stands for `{name}` in the path and body of a case: `general`, `tasks`, `log`, `guild`,
            `other_guild` (without the bot), `application`, `bot`, `alice`, `bob`, `owner`, `role` (below the
            bot's), `bot_role`; `message` (the bot's) and `alices` in general; `thread` (private, the bot's,
            with Alice), `thread_message` (the bot's) in it; `public` (a public thread of the bot's), `dm`
            (with Alice), `nothing` (an id that nothing has), and what a case's `given` adds.
    """

    sandbox: Sandbox
    clock: Clock
    session: aiohttp.ClientSession
    alice: Actor
    bob: Actor
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def guild(self) -> SandboxGuild:
        """The guild in which everything is."""
        return self.sandbox.guild

    def channel(self, name: str) -> Channel:
        """Give a channel, thread or direct message by its name in `ids`."""
        return self.sandbox.store.channels[int(self.ids[name])]

    def fill(self, value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        """Put the ids where their names stand in braces."""
        if isinstance(value, str):
            for name, found in self.ids.items():
                value = value.replace("{" + name + "}", found)
            return value
        if isinstance(value, dict):
            return {key: self.fill(inner) for key, inner in value.items()}
        return [self.fill(inner) for inner in value] if isinstance(value, list) else value

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:  # noqa: ANN401 - JSON of any shape, and what aiohttp takes
        """Call as the bot; names in braces are filled in."""
        if body is not None:
            more["json"] = self.fill(body)
        url = f"{self.sandbox.rest_url}{self.fill(path)}"
        async with self.session.request(method, url, **more) as response:
            raw = await response.read()
            is_json = response.content_type == "application/json"
            return Answer(
                response.status, await response.json() if raw and is_json else None, response.headers
            )

    def take(self, *permissions: Permission) -> None:
        """Take permissions from the bot, everywhere."""
        lost = sum(permissions)
        for role in (self.guild.bot_role, self.guild.everyone):
            self.guild.set_permissions(role, role.permissions & ~lost)

    def give(self, *permissions: Permission) -> None:
        """Give the bot's role permissions that it does not have from the start."""
        role = self.guild.bot_role
        self.guild.set_permissions(role, role.permissions | sum(permissions))


@asynccontextmanager
async def make_scene(**options: Any) -> AsyncIterator[Scene]:  # noqa: ANN401 - what a sandbox takes
    """Set the scene.

    Args:
        **options: What `Sandbox` is given besides its clock; without limits, none are met.
    """
    options.setdefault("rate_limits", RateLimits.roomy())
    clock = Clock(OFFSET, frozen=True)
    async with Sandbox(clock=clock, **options) as sandbox:
        headers = {
            "Authorization": f"Bot {sandbox.token}",
            "User-Agent": "DiscordBot (https://example.org, 1)",
        }
        async with aiohttp.ClientSession(headers=headers) as session:
            guild = sandbox.guild
            alice, bob = guild.add_member("Alice"), guild.add_member("Bob")
            scene = Scene(sandbox, clock, session, alice, bob)
            scene.ids = {
                **{one.name: str(one.id) for one in guild.channels},
                "guild": str(guild.id),
                "other_guild": str(sandbox.add_guild("Other", bot_permissions=None).id),
                "application": str(sandbox.bot_id),
                "bot": str(sandbox.bot_id),
                "alice": str(alice.id),
                "bob": str(bob.id),
                "owner": str(guild.owner.id),
                "role": str(guild.create_role("Helpers", position=0).id),
                "bot_role": str(guild.bot_role.id),
                "alices": str(alice.send(guild.channel("general"), "hello").id),
                "dm": str(alice.open_dm().id),
                "nothing": "1",
            }
            await _fill_scene(scene)
            yield scene


async def _fill_scene(scene: Scene) -> None:
    async def made(name: str, path: str, body: Json) -> None:
        answer = await scene.call("POST", path, body)
        assert answer.status in {200, 201}, answer
        scene.ids[name] = answer.body["id"]

    await made("message", "/channels/{general}/messages", {"content": "ready", "components": [BUTTON]})
    await made("thread", "/channels/{general}/threads", {"name": "task ab12", "type": 12})
    await made("thread_message", "/channels/{thread}/messages", {"content": "in the thread"})
    await made("public", "/channels/{general}/threads", {"name": "open", "type": 11})
    assert (await scene.call("PUT", "/channels/{thread}/thread-members/{alice}")).status == 204
    assert (await scene.call("PUT", "/applications/{application}/commands", COMMANDS)).status == 200


async def begun(act: Any) -> "asyncio.Task[Any]":  # noqa: ANN401 - whatever a person does
    """Let a person begin something that waits for the bot."""
    task = asyncio.ensure_future(act)
    await asyncio.sleep(0)
    assert isinstance(task, asyncio.Task)
    return task
