"""A gateway client that speaks the protocol by hand, so that a test sees each frame as it is."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from discord_sandbox import Sandbox

Json = dict[str, Any]

_ENDS = {
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.ERROR,
}
_SECONDS = 5


class RawGateway:
    """One connection.

    Attributes:
        frames: All that was received, oldest first.
        seq: The number of the latest event.
        session_id: The session, once READY came.
    """

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, token: str, inflate: Callable[[bytes], bytes] | None
    ) -> None:
        self.socket = socket
        self.frames: list[Json] = []
        self.seq = 0
        self.session_id = ""
        self._token = token
        self._inflate = inflate

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self) -> Json:
        """Wait for the next frame."""
        message = await self.socket.receive(timeout=_SECONDS)
        assert message.type not in _ENDS, f"closed with {self.socket.close_code}"
        raw = message.data
        if isinstance(raw, bytes):
            raw = zlib.decompress(raw) if self._inflate is None else self._inflate(raw)
        frame: Json = json.loads(raw)
        self.frames.append(frame)
        if frame["op"] == 0:
            self.seq = frame["s"]
            if frame["t"] == "READY":
                self.session_id = frame["d"]["session_id"]
        return frame

    async def until(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Wait for an event, and give its data."""
        while (frame := await self.receive())["t"] != name:
            pass
        return frame["d"]

    async def until_op(self, op: int) -> Any:  # noqa: ANN401 - JSON
        """Wait for a frame with an opcode, and give its data."""
        while (frame := await self.receive())["op"] != op:
            pass
        return frame["d"]

    async def so_far(self) -> list[Json]:
        """Give the events that were sent until now, from READY on: a heartbeat's answer comes behind them."""
        await self.send(1, self.seq)
        await self.until_op(11)
        return [frame for frame in self.frames if frame["op"] == 0]

    async def heard(self, name: str) -> list[Any]:
        """Give the data of the events of one name that were sent until now."""
        return [frame["d"] for frame in await self.so_far() if frame["t"] == name]

    async def identify(self, intents: int = 0, **more: Any) -> Json:  # noqa: ANN401 - fields of an identify
        """Begin a session; gives READY."""
        await self.send(2, {"token": self._token, "intents": int(intents), "properties": {}, **more})
        found: Json = await self.until("READY")
        return found

    async def resume(self, session_id: str, seq: object) -> None:
        await self.send(6, {"token": self._token, "session_id": session_id, "seq": seq})

    async def closed(self) -> int | None:
        """Wait until the connection is closed, and give the code."""
        async with asyncio.timeout(_SECONDS):
            while (await self.socket.receive()).type not in _ENDS:
                pass
        return self.socket.close_code


def identifying(**fields: Any) -> tuple[int, object]:  # noqa: ANN401 - fields of an identify
    """Give an identify that is right but for these fields; a field of None is left out."""
    data = {"token": "TOKEN", "intents": 0, "properties": {}, **fields}
    return 2, {key: value for key, value in data.items() if value is not None}


@asynccontextmanager
async def raw_gateway(
    sandbox: Sandbox,
    intents: int | None = None,
    *,
    query: Mapping[str, str] | None = None,
    hello: bool = True,
    **identify: Any,  # noqa: ANN401 - fields of an identify
) -> AsyncIterator[RawGateway]:
    """Connect, and take the hello.

    Args:
        sandbox: Where to connect.
        intents: Begins a session with these, if they are given.
        query: What the address asks for besides version and encoding, such as a compression.
        hello: Whether to wait for the hello; without it there is no session either.
        **identify: Other fields of the identify.
    """
    params = {"v": "10", "encoding": "json", **(query or {})}
    inflate = zlib.decompressobj().decompress if params.get("compress") == "zlib-stream" else None
    async with aiohttp.ClientSession() as http, http.ws_connect(sandbox.gateway.url, params=params) as socket:
        client = RawGateway(socket, sandbox.token, inflate)
        if hello and params["v"] == "10":
            assert (await client.receive())["op"] == 10
        if intents is not None:
            await client.identify(intents, **identify)
        yield client
