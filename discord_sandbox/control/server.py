"""Serves the control: all its calls on one loopback port."""

from collections.abc import Iterable

from aiohttp import web

from discord_sandbox.control import acts, faults, guilds, moderation, people, running, threads, waits
from discord_sandbox.control.context import Context
from discord_sandbox.loopback.server import LoopbackServer
from discord_sandbox.sandbox import Sandbox

CALLS = [
    *running.CALLS,
    *guilds.CALLS,
    *moderation.CALLS,
    *people.CALLS,
    *acts.CALLS,
    *threads.CALLS,
    *waits.CALLS,
    *faults.CALLS,
]
"""All calls; docs/sandbox-control.md describes each."""


class SandboxControl(LoopbackServer):
    """Lets a program in any language drive a sandbox over HTTP; it runs in the sandbox's own event loop.

    Args:
        sandbox: The sandbox, started before or after the control.
        host: An address of this machine that no other machine reaches.
        port: The port; 0 takes any free one.

    Raises:
        ValueError: Other machines could reach the host.
    """

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port, whole_errors=True)
        self._sandbox = sandbox

    def _routes(self) -> Iterable[web.RouteDef]:
        context = Context(self._sandbox)
        return [one.route(context) for one in CALLS]
