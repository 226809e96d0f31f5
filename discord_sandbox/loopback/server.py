"""An HTTP server on an address of this machine that no other machine reaches."""

import errno
from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from aiohttp import web

from discord_sandbox.errors import PortTakenError
from discord_sandbox.loopback.guard import add_headers, guard, is_loopback
from discord_sandbox.loopback.refusals import refusals

_LARGEST = 64 << 20
"""How many bytes a body may have: files come in it, as base64."""


_ON_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - it is what is not given to clients


async def listen(runner: web.BaseRunner, host: str, port: int) -> int:
    """Let a runner listen, and give the port.

    Raises:
        PortTakenError: Another program has the port.
    """
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(host, port) from error
        raise
    return int(runner.addresses[0][1])


def authority(host: str, port: int) -> str:
    """Give `host:port` as it stands in an address.

    An IPv6 host is put in brackets. Where every address is listened on (`0.0.0.0`, `::`), which is none that
    a client can be sent to, it is the one of this machine.
    """
    host = _ON_THIS_MACHINE.get(host, host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class LoopbackServer(ABC):
    """Listens on a loopback address only, because it has no password.

    Use it as an async context manager, or call `start` and `close`.

    Args:
        host: An address of this machine that no other machine reaches.
        port: The port; 0 takes any free one.
        whole_errors: Whether an error says all that the person sees, or one line.

    Raises:
        ValueError: Other machines could reach the host.
    """

    def __init__(self, host: str, port: int, *, whole_errors: bool) -> None:
        if not is_loopback(host):
            raise ValueError(f"It has no password, so it listens only on this machine, not on {host!r}.")
        self._host = host
        self._port = port
        self._whole_errors = whole_errors
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def url(self) -> str:
        """Where it listens, with a slash at the end."""
        return f"http://{authority(self._host, self._port)}/"

    async def start(self) -> None:
        """Listen.

        Raises:
            PortTakenError: Another program has the port.
        """
        app = web.Application(
            middlewares=[refusals(whole=self._whole_errors), guard], client_max_size=_LARGEST
        )
        app.on_response_prepare.append(add_headers)
        app.add_routes(self._routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._port = await listen(runner, self._host, self._port)
        self._runner = runner

    async def close(self) -> None:
        """Stop listening; a second time does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    @abstractmethod
    def _routes(self) -> Iterable[web.RouteDef]:
        """Give what is answered."""
