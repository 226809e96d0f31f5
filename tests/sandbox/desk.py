"""A desk: one person in a sandbox, and a hand that gets their interactions and answers them over REST."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from discord_sandbox import Actor, Clock, RateLimits, Sandbox
from discord_sandbox.gateway import Line
from tests.calling import COMMANDS, Api, Json, client_headers


@dataclass
class Wire(Line):
    """The end of a gateway session that answers by hand."""

    frames: list[str] = field(default_factory=list)

    def send(self, frame: str) -> None:
        self.frames.append(frame)

    def drop(self, code: int | None) -> None:
        raise AssertionError(f"the sandbox dropped the session with {code}")

    def invalidate(self, *, resumable: bool) -> None:
        raise AssertionError(f"the sandbox said that the session is not valid, resumable {resumable}")


@dataclass
class Desk:
    """A sandbox, a person in it, and the hand that answers."""

    sandbox: Sandbox
    clock: Clock
    api: Api
    alice: Actor
    wire: Wire

    def received(self) -> Json:
        """Give the newest interaction as the bot got it."""
        frames = [json.loads(one) for one in self.wire.frames]
        found: Json = [one["d"] for one in frames if one["t"] == "INTERACTION_CREATE"][-1]
        return found

    def newest(self) -> Any:  # noqa: ANN401 - the sandbox's own interaction
        return self.sandbox.store.interactions._in_order[-1]  # noqa: SLF001 - it is the bot's view of it

    async def answer(self, kind: int, data: Json | None = None) -> tuple[int, Any]:
        it = self.newest()
        path = f"/interactions/{it.id}/{it.token}/callback?with_response=true"
        return await self.api("POST", path, {"type": kind, "data": data or {}})

    async def follow(self, method: str, message: str = "", body: Json | None = None) -> tuple[int, Any]:
        path = f"/webhooks/{self.sandbox.bot_id}/{self.newest().token}"
        return await self.api(method, f"{path}/messages/{message}" if message else path, body)


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    """Open a sandbox whose clock stands still, with commands and a gateway session."""
    clock = Clock(frozen=True)
    limits = RateLimits.roomy()
    async with Sandbox(clock=clock, rate_limits=limits) as sandbox, aiohttp.ClientSession() as session:
        session.headers.update(client_headers(sandbox))
        api = Api(session, sandbox.rest_url)
        assert (await api("PUT", f"/applications/{sandbox.bot_id}/commands", COMMANDS))[0] == 200
        wire = Wire()
        sandbox.gateway.identify(0, (0, 1), wire)
        yield Desk(sandbox, clock, api, sandbox.guild.add_member("Alice"), wire)
        sandbox.gateway.sessions.clear()
        assert sandbox.violations == []
