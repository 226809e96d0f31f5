"""Calls that let something go wrong on demand, by rule and count."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from discord_sandbox.control.calls import CallEntry, Nothing
from discord_sandbox.control.context import Context
from discord_sandbox.control.waits import Seconds
from discord_sandbox.faults.rule import Fault
from discord_sandbox.loopback.exchange import Body
from discord_sandbox.loopback.refusals import Refused
from discord_sandbox.model import Json
from discord_sandbox.rate_limits import Scope

Path = Mapping[str, str]


class Counted(Body):
    """How many fitting things pass first, and how many are struck; null is for ever."""

    times: Annotated[int, Field(ge=1)] | None = 1
    skip: Annotated[int, Field(ge=0)] = 0


class OnCalls(Counted):
    """Which calls: `METHOD /route/pattern` as the log of requests shows it, or `*` for all."""

    on: str


class StatusFault(OnCalls):
    """Answer with a status instead of handling the call."""

    status: Annotated[int, Field(ge=400, le=599)]


class RateLimitFault(OnCalls):
    """Answer 429: after how many seconds the bot may come again, and whose limit it is."""

    retry_after: Annotated[float, Field(ge=0)]
    scope: Scope = "user"


class DelayFault(OnCalls):
    """Let the call wait for a number of seconds of the sandbox's clock."""

    seconds: Annotated[float, Field(ge=0)]


class StruckWait(Body):
    """How often it must have struck, counted from the beginning, and how many seconds to wait."""

    times: Annotated[int, Field(ge=1)] = 1
    timeout: Seconds = 15.0


def _status(context: Context, _: Path, body: StatusFault) -> Json:
    make = context.sandbox.faults.status
    return _made(context, lambda: make(body.status, body.on, times=body.times, skip=body.skip))


def _rate_limit(context: Context, _: Path, body: RateLimitFault) -> Json:
    make = context.sandbox.faults.rate_limit
    return _made(
        context,
        lambda: make(body.retry_after, body.on, scope=body.scope, times=body.times, skip=body.skip),
    )


def _delay(context: Context, _: Path, body: DelayFault) -> Json:
    make = context.sandbox.faults.delay
    return _made(context, lambda: make(body.seconds, body.on, times=body.times, skip=body.skip))


def _cut(context: Context, _: Path, body: OnCalls) -> Json:
    return _made(context, lambda: context.sandbox.faults.cut(body.on, times=body.times, skip=body.skip))


def _lose_reply(context: Context, _: Path, body: OnCalls) -> Json:
    make = context.sandbox.faults.lose_reply
    return _made(context, lambda: make(body.on, times=body.times, skip=body.skip))


def _list(context: Context, _: Path, __: Nothing) -> Json:
    return {"faults": [_shown(number, one) for number, one in context.faults.items()]}


async def _wait(context: Context, path: Path, body: StruckWait) -> Json:
    number, fault = _find(context, path)
    try:
        await fault.happened(body.times, body.timeout)
    except ValueError as error:
        raise _bad_input(error) from error
    return _shown(number, fault)


def _remove(context: Context, path: Path, _: Nothing) -> Json:
    number, fault = _find(context, path)
    fault.remove()
    return _shown(number, fault)


def _clear(context: Context, _: Path, __: Nothing) -> Json:
    context.sandbox.faults.clear()
    context.faults.clear()
    return {}


def _made(context: Context, make: Callable[[], Fault]) -> Json:
    """Make a fault, and keep it under a number."""
    try:
        fault = make()
    except ValueError as error:
        raise _bad_input(error) from error
    number = max(context.faults, default=0) + 1
    context.faults[number] = fault
    return _shown(number, fault)


def _find(context: Context, path: Path) -> tuple[int, Fault]:
    wanted = path["fault"]
    for number, fault in context.faults.items():
        if str(number) == wanted:
            return number, fault
    raise Refused(HTTPStatus.NOT_FOUND, "unknown", f"There is no fault {wanted!r}.")


def _shown(number: int, fault: Fault) -> Json:
    return {
        "id": number,
        "what": fault.what,
        "times": fault.times,
        "struck": fault.struck,
        "active": fault.active,
        "text": str(fault),
    }


def _bad_input(error: ValueError) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "bad_input", str(error))


_CREATED = HTTPStatus.CREATED

CALLS = [
    CallEntry("GET", "/faults", _list),
    CallEntry("POST", "/faults/status", _status, StatusFault, _CREATED),
    CallEntry("POST", "/faults/rate-limit", _rate_limit, RateLimitFault, _CREATED),
    CallEntry("POST", "/faults/delay", _delay, DelayFault, _CREATED),
    CallEntry("POST", "/faults/cut", _cut, OnCalls, _CREATED),
    CallEntry("POST", "/faults/lose-reply", _lose_reply, OnCalls, _CREATED),
    CallEntry("POST", "/faults/{fault}/wait", _wait, StruckWait),
    CallEntry("DELETE", "/faults/{fault}", _remove),
    CallEntry("DELETE", "/faults", _clear),
]
