"""Runs the backend's HTTP service in a thread of its own, for a program that has its own loop."""

import errno
import random
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Self

import uvicorn

from oasst_backend.api.app import create_app, utc_now
from oasst_backend.errors import PortTakenError, SetupError
from oasst_backend.http_protocol import BoundedProtocol
from oasst_backend.settings import BackendSettings
from oasst_backend.storage.database import Storage

START_SECONDS = 30.0
"""How long the service may take until it listens."""

SHUTDOWN_SECONDS = 10
"""How long calls under way may take when the service goes down."""


class BackendServer:
    """The backend on a socket, served from a thread.

    Args:
        settings: the backend's settings; port 0 takes any free one.
        clock: gives the moment in UTC.
        rng: the source of chance for draws.

    `start` returns once it listens; `close` finishes the calls under way and what they wrote.
    """

    def __init__(
        self,
        settings: BackendSettings,
        *,
        clock: Callable[[], datetime] = utc_now,
        rng: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self.storage: Storage | None = None

    @property
    def url(self) -> str:
        """The address under which the service is reached, without a slash at the end."""
        host = self._settings.backend_host
        if host in {"0.0.0.0", "::"}:  # noqa: S104  # the operator's choice; one reaches it on this machine
            host = "127.0.0.1"
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    def start(self) -> Self:
        """Open the database, listen, and serve.

        Raises:
            PortTakenError: the address cannot be listened on.
            DatabaseUnusableError: the database cannot be used.
        """
        listening = listen(self._settings.backend_host, self._settings.backend_port)
        self._port = listening.getsockname()[1]
        try:
            self.storage = Storage(self._settings.backend_database_url, self._settings.backend_read_seconds)
            app = create_app(self._settings, clock=self._clock, rng=self._rng, storage=self.storage)
        except BaseException:
            listening.close()
            if self.storage is not None:
                self.storage.close()
            raise
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="on",
                http=BoundedProtocol,
                ws="none",
                server_header=False,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, args=([listening],), name="backend-http", daemon=True
        )
        self._thread.start()
        self._wait_until_serving()
        return self

    def close(self) -> None:
        """Stop serving and close the database; closing twice is fine."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        if self.storage is not None:
            self.storage.close()
        self._server = self._thread = self.storage = None

    @property
    def is_serving(self) -> bool:
        """Whether the service runs."""
        return self._thread is not None and self._thread.is_alive()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait_until_serving(self) -> None:
        """Wait for the first answer: the socket listens already, so a connection waits in its queue."""
        try:
            with socket.create_connection((self._probe_host, self._port), timeout=START_SECONDS) as probe:
                probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answered = probe.recv(1)
        except OSError:
            answered = b""
        if not answered:
            self.close()
            raise SetupError("the backend did not start; its log says why")

    @property
    def _probe_host(self) -> str:
        host = self._settings.backend_host
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # any address of this machine


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket.

    Raises:
        PortTakenError: the address is taken, or not one of this machine; the message says what to do.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortTakenError(
            f"BACKEND_HOST {host} is not an address of this machine; 127.0.0.1 is"
        ) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(
                f"port {port} on {host} is taken; stop what listens there, or set BACKEND_PORT to another one"
            ) from error
        raise PortTakenError(
            f"nothing can listen on {host}:{port} ({error.strerror}); set BACKEND_HOST and BACKEND_PORT"
        ) from error
    return listening
