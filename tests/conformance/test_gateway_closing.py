"""Every close code of the gateway: what a bot does, and the code that its connection is closed with.

Rows stand beyond limits.FRAME_BYTES, limits.FRAMES, and both ends of limits.LARGE_THRESHOLD.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import pytest

from discord_sandbox import Clock, GatewaySettings, Sandbox
from discord_sandbox.gateway.closing import BOTS_MISTAKES, CloseCode
from discord_sandbox.intents import Intent
from tests.conformance.scene import OFFSET
from tests.raw_gateway import RawGateway, identifying, raw_gateway

GATEWAY = "events/gateway"
EVENTS = "events/gateway-events"
CODES = "topics/opcodes-and-status-codes"

Act = Callable[[RawGateway, Sandbox], Awaitable[None]]


@dataclass(frozen=True)
class Close:
    """What a bot does, and the code that the connection is closed with.

    Attributes:
        page: The page of Discord's documentation that says so.
        name: What the row shows.
        code: The close code.
        act: What the bot does after the hello; what it sends is filled with the token.
        identified: Whether it began a session before.
        settings: The numbers of the gateway.
        query: What its address asks for.
    """

    page: str
    name: str
    code: CloseCode
    act: Act | str | tuple[object, object]
    identified: bool = False
    settings: GatewaySettings = field(default_factory=GatewaySettings)
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """How pytest names the row."""
        return f"{self.page}: {int(self.code)} {self.name}"


async def send_121(client: RawGateway, _: Sandbox) -> None:
    for _number in range(121):
        await client.send(1, None)


async def send_utf_16(client: RawGateway, _: Sandbox) -> None:
    await client.socket.send_bytes('{"op":1,"d":null}'.encode("utf-16"))


async def be_silent(client: RawGateway, sandbox: Sandbox) -> None:
    sandbox.clock.advance(62)
    await client.until_op(1)
    sandbox.clock.advance(62)


async def drop_4000(_: RawGateway, sandbox: Sandbox) -> None:
    sandbox.gateway.drop(4000)


async def nothing(_: RawGateway, __: Sandbox) -> None:
    pass


PRESENCE: dict[str, object] = {"since": None, "activities": [], "status": "online", "afk": False}

RESUME = {"token": "TOKEN", "session_id": "x", "seq": 1}


def later(page: str, name: str, op: object, data: object) -> Close:
    """Make a row about a frame of a session that is not valid."""
    return Close(page, name, CloseCode.UNKNOWN_OPCODE, (op, data), identified=True)


CLOSES = [
    Close(CODES, "on any trouble of Discord's own", CloseCode.UNKNOWN_ERROR, drop_4000, identified=True),
    Close(GATEWAY, "heartbeats that do not come", CloseCode.UNKNOWN_ERROR, be_silent, identified=True),
    later(CODES, "an unknown opcode", 99, None),
    later(CODES, "an opcode of the server's", 7, None),
    later(CODES, "an opcode that is no number", "x", None),
    Close(CODES, "an opcode that is true", CloseCode.UNKNOWN_OPCODE, '{"op":true,"d":null}'),
    Close(CODES, "an opcode with a fraction", CloseCode.UNKNOWN_OPCODE, '{"op":1.0,"d":null}'),
    later(CODES, "a very long opcode", "ä" * 200, None),
    later(EVENTS, "a status that is a list", 3, {**PRESENCE, "status": []}),
    Close(EVENTS, "such a status at once", CloseCode.UNKNOWN_OPCODE, identifying(presence={"status": {}})),
    later(EVENTS, "half a letter", 8, {"guild_id": "1", "query": "a", "limit": 1, "nonce": "\ud800"}),
    Close(EVENTS, "a threshold of 60.0", CloseCode.UNKNOWN_OPCODE, identifying(large_threshold=60.0)),
    later(CODES, "soundboards, not known here", 31, {"guild_ids": []}),
    later(CODES, "channel info, not known here", 43, {}),
    Close(CODES, "a heartbeat with a text", CloseCode.UNKNOWN_OPCODE, (1, "five")),
    Close(CODES, "an identify that is no object", CloseCode.UNKNOWN_OPCODE, (2, [])),
    Close(EVENTS, "an identify without properties", CloseCode.UNKNOWN_OPCODE, identifying(properties=None)),
    Close(EVENTS, "an unknown field", CloseCode.UNKNOWN_OPCODE, identifying(colour="red")),
    Close(EVENTS, "an unknown field of a frame", CloseCode.UNKNOWN_OPCODE, '{"op":1,"d":null,"e":1}'),
    Close(EVENTS, "a threshold of 49", CloseCode.UNKNOWN_OPCODE, identifying(large_threshold=49)),
    Close(EVENTS, "a threshold of 251", CloseCode.UNKNOWN_OPCODE, identifying(large_threshold=251)),
    later(EVENTS, "an unknown status", 3, {**PRESENCE, "status": "away"}),
    later(EVENTS, "an activity without a name", 3, {**PRESENCE, "activities": [{"type": 0}]}),
    later(EVENTS, "an unknown type of activity", 3, {**PRESENCE, "activities": [{"name": "x", "type": 9}]}),
    later(EVENTS, "a presence that is no object", 3, "online"),
    later(EVENTS, "a voice state without a guild", 4, {}),
    later(EVENTS, "members of two guilds", 8, {"guild_id": ["1", "2"], "query": "", "limit": 0}),
    later(EVENTS, "members without query or ids", 8, {"guild_id": "1"}),
    later(EVENTS, "a query without a limit", 8, {"guild_id": "1", "query": "a"}),
    Close(CODES, "no JSON", CloseCode.DECODE_ERROR, "not json"),
    Close(CODES, "JSON that is nested deeply", CloseCode.DECODE_ERROR, f'{{"op":1,"d":{"[" * 2000}'),
    Close(CODES, "a number that JSON does not have", CloseCode.DECODE_ERROR, '{"op":1,"d":NaN}'),
    Close(CODES, "UTF-16", CloseCode.DECODE_ERROR, send_utf_16),
    Close(CODES, "JSON without op", CloseCode.DECODE_ERROR, '{"d":null}'),
    Close(GATEWAY, "more than 4096 bytes", CloseCode.DECODE_ERROR, json.dumps({"op": 1, "d": "x" * 4096})),
    Close(GATEWAY, "4097 bytes of fewer letters", CloseCode.DECODE_ERROR, f'{{"op":1,"d":"{"ä" * 2041}"}}'),
    Close(CODES, "a presence before an identify", CloseCode.NOT_AUTHENTICATED, (3, PRESENCE)),
    Close(CODES, "an unknown opcode before an identify", CloseCode.NOT_AUTHENTICATED, (99, None)),
    Close(CODES, "a wrong token", CloseCode.AUTHENTICATION_FAILED, identifying(token="wrong")),
    Close(CODES, "no token", CloseCode.AUTHENTICATION_FAILED, identifying(token=None)),
    Close(
        CODES, "a resume with a wrong token", CloseCode.AUTHENTICATION_FAILED, (6, {**RESUME, "token": "x"})
    ),
    Close(CODES, "a second identify", CloseCode.ALREADY_AUTHENTICATED, identifying(), identified=True),
    Close(CODES, "a resume in a session", CloseCode.ALREADY_AUTHENTICATED, (6, RESUME), identified=True),
    Close(CODES, "a resume with a text as seq", CloseCode.INVALID_SEQ, (6, {**RESUME, "seq": "1"})),
    Close(GATEWAY, "more than 120 frames in a minute", CloseCode.RATE_LIMITED, send_121),
    Close(CODES, "silence without a session", CloseCode.SESSION_TIMED_OUT, be_silent),
    Close(CODES, "a shard beyond the count", CloseCode.INVALID_SHARD, identifying(shard=[2, 2])),
    Close(CODES, "a shard that is a number", CloseCode.INVALID_SHARD, identifying(shard=1)),
    Close(
        CODES,
        "one shard where two are needed",
        CloseCode.SHARDING_REQUIRED,
        identifying(),
        settings=GatewaySettings(shards_required=2),
    ),
    Close(CODES, "version 9", CloseCode.INVALID_API_VERSION, nothing, query={"v": "9"}),
    Close(CODES, "a bit that is no intent", CloseCode.INVALID_INTENTS, identifying(intents=1 << 17)),
    Close(CODES, "no intents at all", CloseCode.INVALID_INTENTS, identifying(intents=None)),
    *(
        Close(CODES, f"{one.name} is off", CloseCode.DISALLOWED_INTENTS, identifying(intents=int(one)))
        for one in (Intent.GUILD_MEMBERS, Intent.GUILD_PRESENCES, Intent.MESSAGE_CONTENT)
    ),
]


@pytest.mark.parametrize("row", CLOSES, ids=[row.id for row in CLOSES])
async def test_close_code(row: Close) -> None:
    clock = Clock(OFFSET, frozen=True)
    async with Sandbox(clock=clock, gateway=row.settings) as sandbox:
        async with raw_gateway(sandbox, 0 if row.identified else None, query=row.query) as client:
            if isinstance(row.act, str):
                await client.socket.send_str(row.act)
            elif isinstance(row.act, tuple):
                op, data = row.act
                await client.socket.send_str(
                    json.dumps({"op": op, "d": data}).replace("TOKEN", sandbox.token)
                )
            else:
                await row.act(client, sandbox)
            assert await client.closed() == row.code
        blamed = [line for line in sandbox.violations if f"closed with {int(row.code)}" in line]
        assert len(blamed) == (row.code in BOTS_MISTAKES), sandbox.violations


def test_every_close_code_has_a_row() -> None:
    assert {row.code for row in CLOSES} == set(CloseCode)
    assert 4006 not in set(CloseCode)
