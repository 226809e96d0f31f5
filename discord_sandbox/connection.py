"""One gateway connection: hello, heartbeats, identify and resume over a compressed web socket."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from discord_sandbox.compression import Squeeze, stream
from discord_sandbox.gateway import GatewayHub, Session
from discord_sandbox.intents import KNOWN, PRIVILEGED
from discord_sandbox.model import Json

if TYPE_CHECKING:
    from discord_sandbox.store import Store

HEARTBEAT_MS = 41_250
"""How often the bot must send a heartbeat, in milliseconds."""

_LARGEST_FRAME = 4096
"""The most bytes that the bot may send in one frame."""


class _Refused(Exception):  # noqa: N818 - it carries a close code; nothing went wrong on our side
    """The connection must be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class GatewayConnection:
    """Speaks the gateway's protocol on one web socket.

    Args:
        store: Where the bot's account and the sessions are.
        token: The only token that is let in.
        complain: Called with a line about anything the sandbox does not know.
    """

    def __init__(self, store: "Store", token: str, complain: Callable[[str], None]) -> None:
        self._hub: GatewayHub = store.gateway
        self._store = store
        self._token = token
        self._complain = complain
        self._socket = web.WebSocketResponse(compress=False, autoclose=True, max_msg_size=2 * _LARGEST_FRAME)
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._request: web.BaseRequest | None = None
        self._session: Session | None = None
        self._squeeze: Squeeze | None = None
        self._close_code: int | None = 1000

    def send(self, frame: str) -> None:
        """Queue one frame."""
        self._queue.put_nowait(frame)

    def drop(self, code: int | None) -> None:
        """End the connection: with a close code, or abruptly without one (None)."""
        if self._session is not None:
            self._hub.lost(self._session, self)
        if code is None and self._request is not None and self._request.transport is not None:
            self._request.transport.abort()
        else:
            self._close_code = code
            self._queue.put_nowait(None)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve the connection until it ends."""
        compress = request.query.get("compress")
        if compress is not None:
            self._squeeze = stream(compress)
            if self._squeeze is None:
                self._complain(f"gateway: compress={compress} is not known here")
                return web.Response(status=400, text=f"The sandbox does not know compress={compress}.")
        self._request = request
        await self._socket.prepare(request)
        writer = asyncio.create_task(self._write())
        try:
            if request.query.get("v") != "10" or request.query.get("encoding") != "json":
                self._stop(4012, "v=10 and encoding=json are needed")
            else:
                self._send_op(10, {"heartbeat_interval": HEARTBEAT_MS})
            await self._read()
        finally:
            self._leave()
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
        return self._socket

    def _leave(self) -> None:
        if self._session is None:
            return
        if self._socket.close_code in {1000, 1001} and self._session.line is self:
            self._hub.ended(self._session)
        else:
            self._hub.lost(self._session, self)

    def _stop(self, code: int, reason: str) -> None:
        self._complain_if_needed(code, reason)
        self._close_code = code
        self._queue.put_nowait(None)

    def _complain_if_needed(self, code: int, reason: str) -> None:
        if code in {4001, 4002, 4013}:
            self._complain(f"gateway: closed with {code}: {reason}")

    def _send_op(self, op: int, data: object) -> None:
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def _write(self) -> None:
        while (frame := await self._queue.get()) is not None:
            if self._squeeze is None:
                await self._socket.send_str(frame)
            else:
                await self._socket.send_bytes(self._squeeze(frame.encode()))
        await self._socket.close(code=self._close_code or 1000)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                break
            try:
                self._receive(message.data)
            except _Refused as refused:
                self._stop(refused.code, refused.reason)

    def _receive(self, raw: str | bytes) -> None:
        if len(raw) > _LARGEST_FRAME:
            raise _Refused(4002, "a frame may have at most 4096 bytes")
        try:
            frame = json.loads(raw)
            op, data = frame["op"], frame["d"]
        except (ValueError, KeyError, TypeError) as error:
            raise _Refused(4002, "a frame is JSON with op and d") from error
        if op == 1:
            self._send_op(11, None)
        elif op == 2:  # noqa: PLR2004 - opcodes are the protocol's own numbers
            self._identify(data)
        elif op == 6:  # noqa: PLR2004 - as above
            self._resume(data)
        elif self._session is None:
            raise _Refused(4003, "identify first")
        elif op not in {3, 4}:
            raise _Refused(4001, f"opcode {op} is not known here")

    def _check_token(self, data: Json) -> None:
        if self._session is not None:
            raise _Refused(4005, "already identified")
        if str(data.get("token", "")).removeprefix("Bot ") != self._token:
            raise _Refused(4004, "the token is wrong")

    def _identify(self, data: Json) -> None:
        self._check_token(data)
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN:
            raise _Refused(4013, f"intents {intents!r} are not known")
        if intents & PRIVILEGED & ~self._store.privileged_intents:
            raise _Refused(4014, "a privileged intent is not switched on")
        number, count = data.get("shard") or (0, 1)
        if not 0 <= number < count:
            raise _Refused(4010, "the shard is not valid")
        self._session = self._hub.identify(intents, (number, count), self)

    def _resume(self, data: Json) -> None:
        self._check_token(data)
        seq = data.get("seq")
        self._session = self._hub.resume(
            str(data.get("session_id")), seq if isinstance(seq, int) else 0, self
        )
        if self._session is None:
            self._send_op(9, data=False)
