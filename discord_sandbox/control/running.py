"""Calls about the whole: where the bot connects, waiting for it, the clock, the gateway, and what it did."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field

from discord_sandbox.control.calls import CallEntry, Nothing
from discord_sandbox.control.context import Context
from discord_sandbox.control.waits import Seconds
from discord_sandbox.loopback.exchange import Body
from discord_sandbox.loopback.refusals import Refused
from discord_sandbox.rest.rate_limits import RateLimits
from discord_sandbox.watching.log import LoggedRequest
from discord_sandbox.world.model import Json


def _may_be_sent(code: int) -> int:
    if code not in _PLAIN_CODES and not 3000 <= code <= 4999:  # noqa: PLR2004 - see RFC 6455, 7.4.2
        raise ValueError("a connection can be closed with 1000, 1001, or 3000 to 4999")
    return code


_PLAIN_CODES = {1000, 1001}
CloseNumber = Annotated[int, AfterValidator(_may_be_sent)]
"""A close code that an application may send (RFC 6455, 7.4); Discord's own are 4000 to 4014."""


class TimeoutBody(Body):
    """How long to wait, in seconds."""

    timeout: Seconds = 15.0


class AdvanceBody(Body):
    """By how many seconds the clock is moved forward."""

    seconds: Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]


class SettingsBody(Body):
    """What can be set.

    Attributes:
        answer_seconds: How soon the bot must answer an interaction first.
        dm_openings: How many new direct messages the bot may open in ten minutes.
    """

    answer_seconds: Annotated[float, Field(ge=0, le=600)] | None = None
    dm_openings: Annotated[int, Field(ge=0)] | None = None


class DropBody(Body):
    """With which close code the connections end; abruptly, if there is none."""

    code: CloseNumber | None = None


class InvalidateBody(Body):
    """Whether the session can be resumed all the same."""

    resumable: bool = False


class LatestQuery(Body):
    """How many of the newest entries to give."""

    limit: Annotated[int, Field(ge=1, le=100_000)] = 100


class RequestsQuery(LatestQuery):
    """How many of the newest requests to give, and to which route: `METHOD /route/pattern`."""

    on: str | None = None


Path = Mapping[str, str]


def _sandbox(context: Context, _: Path, __: Nothing) -> Json:
    sandbox = context.sandbox
    bot = sandbox.store.bot
    return {
        "rest_url": sandbox.rest_url,
        "token": sandbox.token,
        "bot": {
            "id": str(bot.id),
            "name": bot.name,
            "connected": sandbox.gateway.connected,
            "presence": sandbox.bot_presence,
        },
        "guilds": [one.name for one in sandbox.guilds],
        "people": [one.name for one in sandbox.people],
        "answer_seconds": sandbox.answer_seconds,
        "dm_openings": sandbox.dm_openings,
        "rate_limits": _rate_limits(context),
    }


def _settings(context: Context, path: Path, body: SettingsBody) -> Json:
    if body.answer_seconds is not None:
        context.sandbox.answer_seconds = body.answer_seconds
    if body.dm_openings is not None:
        context.sandbox.dm_openings = body.dm_openings
    return _sandbox(context, path, Nothing())


async def _ready(context: Context, _: Path, body: TimeoutBody) -> Json:
    await context.sandbox.bot_ready(body.timeout)
    return {}


async def _gone(context: Context, _: Path, body: TimeoutBody) -> Json:
    await context.sandbox.bot_gone(body.timeout)
    return {}


_CLOCKS_APART = (
    "The rate limits go by this clock, and bots wait by the machine's: a bot with hikari may meet 429 or "
    "RateLimitTooLongError. Start the sandbox with roomy rate limits (--rate-limits roomy, or "
    "rate_limits=RateLimits.roomy() in Python)."
)


# -- the clock ----------------------------------------------------------------------------------------


def _clock(context: Context, _: Path, __: Nothing) -> Json:
    clock = context.sandbox.clock
    limits = _rate_limits(context)
    fits = limits == "roomy" or clock.is_the_machines
    return {
        "now": clock(),
        "frozen": clock.frozen,
        "rate_limits": limits,
        "warning": None if fits else _CLOCKS_APART,
    }


def _rate_limits(context: Context) -> str:
    known = {"discord": RateLimits(), "roomy": RateLimits.roomy()}
    return next((name for name, one in known.items() if one == context.sandbox.rate_limits), "own")


def _freeze(context: Context, path: Path, body: Nothing) -> Json:
    context.sandbox.clock.freeze()
    return _clock(context, path, body)


def _run(context: Context, path: Path, body: Nothing) -> Json:
    context.sandbox.clock.run()
    return _clock(context, path, body)


def _advance(context: Context, path: Path, body: AdvanceBody) -> Json:
    try:
        context.sandbox.clock.advance(body.seconds)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_input", str(error)) from error
    return _clock(context, path, Nothing())


# -- the gateway --------------------------------------------------------------------------------------


def _drop(context: Context, _: Path, body: DropBody) -> Json:
    context.sandbox.gateway.drop(body.code)
    return {}


def _reconnect(context: Context, _: Path, __: Nothing) -> Json:
    context.sandbox.gateway.ask_to_reconnect()
    return {}


def _invalidate(context: Context, _: Path, body: InvalidateBody) -> Json:
    context.sandbox.gateway.invalidate_session(resumable=body.resumable)
    return {}


def _heartbeat(context: Context, _: Path, __: Nothing) -> Json:
    context.sandbox.gateway.ask_for_heartbeat()
    return {}


# -- what the bot did ---------------------------------------------------------------------------------


def _commands(context: Context, _: Path, __: Nothing) -> Json:
    return {"commands": context.sandbox.commands()}


def _requests(context: Context, _: Path, body: RequestsQuery) -> Json:
    sandbox = context.sandbox
    try:
        found = sandbox.requests if body.on is None else sandbox.requests_to(body.on)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_input", str(error)) from error
    return {"requests": [_request(one) for one in list(found)[-body.limit :]]}


def _request(one: LoggedRequest) -> Json:
    return {
        "time": one.time,
        "method": one.method,
        "route": one.route,
        "path": one.path,
        "query": dict(one.query),
        "status": one.status,
        "code": one.code,
        "payload": one.payload,
        "files": [file._asdict() for file in one.files],
    }


def _refusals(context: Context, _: Path, body: LatestQuery) -> Json:
    latest = list(context.sandbox.refusals)[-body.limit :]
    return {"refusals": [one._asdict() for one in latest]}


def _violations(context: Context, _: Path, __: Nothing) -> Json:
    return {"violations": context.sandbox.violations}


def _journal(context: Context, _: Path, body: LatestQuery) -> Json:
    lines = context.sandbox.journal.lines(body.limit)
    return {"text": "\n".join(lines)}


CALLS = [
    CallEntry("GET", "/sandbox", _sandbox),
    CallEntry("PATCH", "/sandbox", _settings, SettingsBody),
    CallEntry("POST", "/bot/ready", _ready, TimeoutBody),
    CallEntry("POST", "/bot/gone", _gone, TimeoutBody),
    CallEntry("GET", "/clock", _clock),
    CallEntry("POST", "/clock/freeze", _freeze),
    CallEntry("POST", "/clock/run", _run),
    CallEntry("POST", "/clock/advance", _advance, AdvanceBody),
    CallEntry("POST", "/gateway/drop", _drop, DropBody),
    CallEntry("POST", "/gateway/reconnect", _reconnect),
    CallEntry("POST", "/gateway/invalidate", _invalidate, InvalidateBody),
    CallEntry("POST", "/gateway/heartbeat", _heartbeat),
    CallEntry("GET", "/commands", _commands),
    CallEntry("GET", "/requests", _requests, RequestsQuery),
    CallEntry("GET", "/refusals", _refusals, LatestQuery),
    CallEntry("GET", "/violations", _violations),
    CallEntry("GET", "/journal", _journal, LatestQuery),
]
