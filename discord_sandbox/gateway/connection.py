"""One gateway connection: hello, heartbeats, identify and resume over a web socket."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from discord_sandbox import limits
from discord_sandbox.gateway import compression, frames
from discord_sandbox.gateway.closing import BOTS_MISTAKES, CloseCode, Closing
from discord_sandbox.gateway.heartbeat import HeartbeatWatch
from discord_sandbox.gateway.session import Session
from discord_sandbox.gateway.starts import Start
from discord_sandbox.world.model import Json, encode

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

_LARGEST_MESSAGE = 1 << 20
"""From how many bytes on a frame is not even read; Discord's own limit is far below and closes with 4002."""

_PARAMETERS = frozenset({"v", "encoding", "compress"})
_GOODBYES = frozenset({1000, 1001})
"""With these the bot says that its session is over."""

_REASON_BYTES = 123
"""How many bytes the reason of a close frame may have (RFC 6455, section 5.5)."""

_LETTING_GO_SECONDS = 1.0
"""How long, on the machine's clock, a client may take to read what is left and to close its side."""

_MOST_WAITING = 10_000
"""How many frames may wait for a client that does not read; as many as a session keeps for a replay."""

_End = tuple[int | None, str]


class GatewayConnection:
    """Speaks the gateway's protocol on one web socket.

    Args:
        store: Where the bot's account and the sessions are.
        complain: Called with a line about anything the sandbox does not know.
    """

    def __init__(self, store: "Store", complain: Callable[[str], None]) -> None:
        self._hub = store.gateway
        self._store = store
        self._complain = complain
        self._socket = web.WebSocketResponse(compress=False, autoclose=True, max_msg_size=_LARGEST_MESSAGE)
        self._queue: asyncio.Queue[str | _End] = asyncio.Queue()
        self._request: web.BaseRequest | None = None
        self._session: Session | None = None
        self._stream: compression.Squeeze | None = None
        self._each_alone = False
        self._watch: HeartbeatWatch | None = None
        self._frames = 0
        self._frames_since = 0.0
        self._over = False
        self._cutting: asyncio.TimerHandle | None = None

    # -- what the session does with it ----------------------------------------------------------------

    def send(self, frame: str) -> None:
        """Queue one frame; a client that has not read for very many is cut off."""
        if self._queue.qsize() >= _MOST_WAITING and self._is_stuck():
            self._abort()
            return
        self._queue.put_nowait(frame)

    def drop(self, code: int | None) -> None:
        """End the connection after what is queued: with a close code, or abruptly without one (None)."""
        self._end(code, "")

    def invalidate(self, *, resumable: bool) -> None:
        """Say that the session is not valid any more; the bot must resume it or begin a new one."""
        self._session = None
        self._send_op(9, resumable)

    # -- life -----------------------------------------------------------------------------------------

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve the connection until it ends."""
        if unknown := self._not_known(request):
            self._complain(f"gateway: {unknown}")
            return web.Response(status=400, text=unknown)
        self._request = request
        await self._socket.prepare(request)
        writer = asyncio.create_task(self._write())
        self._hub.connections.add(self)
        try:
            if request.query.get("v") == "10":
                self._greet()
            else:
                self._close(Closing(CloseCode.INVALID_API_VERSION, "v=10 is needed"))
            await self._read()
        finally:
            self._leave()
            if self._cutting is not None:
                self._cutting.cancel()
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
        return self._socket

    def _not_known(self, request: web.BaseRequest) -> str | None:
        """Say what the URL asks for that the sandbox cannot do."""
        query = request.query
        if unknown := query.keys() - _PARAMETERS:
            return f"the parameter {min(unknown)} is not known here"
        if (encoding := query.get("encoding", "json")) != "json":
            return f"encoding={encoding} is not known here; there is json"
        if (compress := query.get("compress")) is not None:
            self._stream = compression.stream(compress)
            if self._stream is None:
                return compression.missing(compress)
        return None

    def _greet(self) -> None:
        delay = self._hub.troubles.hello_delay()
        if delay:
            self._store.clock.call_later(delay, self._hello)
        else:
            self._hello()

    def _hello(self) -> None:
        if self._over:
            return
        interval = self._hub.settings.heartbeat_interval
        self._send_op(10, {"heartbeat_interval": round(interval * 1000)})
        self._watch = HeartbeatWatch(
            self._store.clock, interval, ask=lambda: self._send_op(1, None), give_up=self._give_up
        )

    def _give_up(self) -> None:
        code = CloseCode.SESSION_TIMED_OUT if self._session is None else CloseCode.UNKNOWN_ERROR
        self._close(Closing(code, "no heartbeat came"))

    def _leave(self) -> None:
        self._over = True
        self._hub.connections.discard(self)
        self._store.feed.notify()
        if self._watch is not None:
            self._watch.stop()
        if self._session is None:
            return
        if self._socket.close_code in _GOODBYES and self._session.line is self:
            self._hub.left(self._session)
        else:
            self._hub.lost(self._session, self)

    def _close(self, closing: Closing) -> None:
        if closing.code in BOTS_MISTAKES:
            self._complain(f"gateway: closed with {int(closing.code)}: {closing.reason}")
        if self._session is not None:
            self._hub.lost(self._session, self, closing.code)
        self._end(closing.code, closing.reason)

    def _end(self, code: int | None, reason: str) -> None:
        self._over = True
        if self._watch is not None:
            self._watch.stop()
        self._queue.put_nowait((code, reason))
        if self._cutting is None:
            self._cutting = asyncio.get_running_loop().call_later(_LETTING_GO_SECONDS, self._abort)

    def _is_stuck(self) -> bool:
        transport = None if self._request is None else self._request.transport
        return transport is not None and transport.get_write_buffer_size() > 0

    def _abort(self) -> None:
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()

    async def _write(self) -> None:
        while isinstance(frame := await self._queue.get(), str):
            if self._stream is not None:
                await self._socket.send_bytes(self._stream(frame.encode()))
            elif self._each_alone and len(frame) >= compression.WORTH_IT:
                await self._socket.send_bytes(compression.alone(frame.encode()))
            else:
                await self._socket.send_str(frame)
        code, reason = frame
        if code is not None:
            short = reason.encode()[:_REASON_BYTES].decode(errors="ignore")
            await self._socket.close(code=code, message=short.encode())
        else:
            self._abort()

    # -- what the bot sends ---------------------------------------------------------------------------

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                break
            if self._over:
                continue
            try:
                self._count_frame()
                self._receive(*frames.read_frame(message.data))
            except Closing as closing:
                self._close(closing)
            except Exception as error:  # noqa: BLE001 - whatever it is, the bot is told and the test sees it
                self._complain(f"gateway: the sandbox itself failed: {error!r}")
                self._close(Closing(CloseCode.UNKNOWN_ERROR, "the sandbox itself failed"))

    def _count_frame(self) -> None:
        now = self._store.clock()
        if now - self._frames_since >= limits.FRAMES_SECONDS:
            self._frames, self._frames_since = 0, now
        self._frames += 1
        if self._frames > limits.FRAMES:
            raise Closing(CloseCode.RATE_LIMITED, f"more than {limits.FRAMES} frames in a minute")

    def _receive(self, op: int, data: Any) -> None:  # noqa: ANN401 - whatever the bot sent
        match op:
            case 1:
                self._heartbeat(data)
            case 2:
                self._identify(self._with_token(data))
            case 6:
                self._resume(self._with_token(data))
            case _ if self._session is None:
                raise Closing(CloseCode.NOT_AUTHENTICATED, "identify first")
            case 3:
                self._session.presence = frames.read_presence(data)
                self._store.feed.notify()
            case 4:
                frames.check_voice_state(data)
            case 8:
                wanted = frames.read_members_wanted(data)
                if problem := self._hub.members.answer(self._session, wanted):
                    self._complain(f"gateway: {problem}")
            case _:
                raise Closing(CloseCode.UNKNOWN_OPCODE, f"opcode {op} is not known here")

    def _heartbeat(self, data: Any) -> None:  # noqa: ANN401 - whatever the bot sent
        if not (data is None or (isinstance(data, int) and not isinstance(data, bool))):
            raise Closing(CloseCode.UNKNOWN_OPCODE, f"a heartbeat has a number or null, not {data!r}")
        if self._watch is not None:
            self._watch.beat()
        if not self._hub.troubles.swallows_heartbeat():
            self._send_op(11, None)

    def _with_token(self, data: Any) -> Json:  # noqa: ANN401 - whatever the bot sent
        if self._session is not None:
            raise Closing(CloseCode.ALREADY_AUTHENTICATED, "this connection has a session")
        if not isinstance(data, dict):
            raise Closing(CloseCode.UNKNOWN_OPCODE, "the data must be an object")
        if str(data.get("token", "")).removeprefix("Bot ") != self._store.token:
            raise Closing(CloseCode.AUTHENTICATION_FAILED, "the token is wrong")
        return data

    def _identify(self, data: Json) -> None:
        wanted = frames.read_identify(data, self._store.privileged_intents)
        number, count = wanted.shard or (0, 1)
        if count < (needed := self._hub.settings.shards_required):
            raise Closing(CloseCode.SHARDING_REQUIRED, f"at least {needed} shards are needed")
        if (code := self._hub.troubles.refused_identify()) is not None:
            self._end(code, "")
            return
        start = self._hub.starts.begin(number)
        if start is Start.TOO_SOON:
            self._store.journal.note("the bot wanted a new session too soon")
            self._store.feed.notify()
            self._send_op(9, data=False)
        elif start is Start.TOO_MANY:
            self._complain("gateway: too many sessions were begun in 24 hours; the token was changed")
            self._hub.reset_token()
            raise Closing(CloseCode.AUTHENTICATION_FAILED, "too many sessions were begun")
        else:
            # Discord leaves out the compression of single messages where there is a stream.
            self._each_alone = wanted.compress
            session = self._hub.identify(
                wanted.intents,
                wanted.shard,
                self,
                large_threshold=wanted.large_threshold,
                presence=wanted.presence,
            )
            self._take(session)

    def _resume(self, data: Json) -> None:
        session_id, seq = frames.read_resume(data)
        if self._hub.troubles.refuses_resume():
            self._hub.refuse(session_id)
        else:
            self._take(self._hub.resume(session_id, seq, self))
        if self._session is None and not self._over:
            self._send_op(9, data=False)

    def _take(self, session: Session | None) -> None:
        # A fault at its first event may have parted them already.
        if session is not None and session.line is self:
            self._session = session

    def _send_op(self, op: int, data: object) -> None:
        self.send(encode({"op": op, "d": data, "s": None, "t": None}))
