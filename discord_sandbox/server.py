"""The server: REST, the gateway and uploaded files on one port."""

from aiohttp import web
from loguru import logger

from discord_sandbox.gateway.connection import GatewayConnection
from discord_sandbox.loopback.server import listen
from discord_sandbox.rest.rate_limits import RateLimits
from discord_sandbox.rest.service import ROOT, RestService
from discord_sandbox.world.store import Store


class SandboxServer:
    """Serves REST, the gateway and uploaded files on one port.

    Attributes:
        rest: What answers REST calls.
        violations: What is not as Discord has it: what the bot sent that the sandbox does not know (routes,
            fields, gateway frames), requests and answers that Discord's description does not allow, and
            calls at which the sandbox itself failed.
    """

    def __init__(self, store: Store, rate_limits: RateLimits) -> None:
        self._store = store
        self._runner: web.ServerRunner | None = None
        self.violations: list[str] = []
        self.rest = RestService(store, rate_limits, self.complain)

    async def start(self, host: str, port: int) -> int:
        """Listen, and give the port.

        Raises:
            PortTakenError: Another program has the port.
        """
        runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=1.0)
        taken = await listen(runner, host, port)
        self._runner = runner
        return taken

    async def close(self) -> None:
        """Close all connections and stop listening; a second time does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self._store.gateway.close()
            await runner.cleanup()

    def complain(self, line: str) -> None:
        """Note a violation, and say it aloud."""
        self.violations.append(line)
        self._store.journal.note("this is not as Discord has it: {}", line)
        logger.warning("This is not as Discord has it: {}", line)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path.startswith(ROOT):
            return await self.rest.serve(request, path)
        if path.rstrip("/") == "/gateway":
            return await GatewayConnection(self._store, self.complain).serve(request)
        if (file := self._store.files.get(request.rel_url.path.lstrip("/"))) is not None:
            return web.Response(body=file[0], headers={"Content-Type": file[1]})
        return web.Response(status=404, text="There is nothing here.")
