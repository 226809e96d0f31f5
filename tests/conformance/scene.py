"""The scene in which every case of the conformance table begins: one of everything, and a frozen clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from discord_sandbox import Actor, Channel, Clock, Permission, RateLimits, Sandbox, SandboxGuild
from tests.calling import BUTTON, COMMANDS, Answer, Api, Json, client_headers

OFFSET = 1_800_000_000.0
"""The time at which every case begins, Unix seconds."""


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
    api: Api
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
        return await self.api.ask(method, self.fill(path), self.fill(body), **more)

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
    async with Sandbox(clock=clock, **options) as sandbox, aiohttp.ClientSession() as session:
        session.headers.update(client_headers(sandbox))
        guild = sandbox.guild
        alice, bob = guild.add_member("Alice"), guild.add_member("Bob")
        scene = Scene(sandbox, clock, Api(session, sandbox.rest_url), alice, bob)
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
