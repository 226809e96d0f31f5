"""Calls that let something go wrong on demand, by rule and count."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from discord_sandbox.control.calls import CallEntry, Nothing
from discord_sandbox.control.context import Context
from discord_sandbox.control.running import CloseNumber
from discord_sandbox.control.waits import Seconds
from discord_sandbox.faults.rule import Fault
from discord_sandbox.loopback.exchange import Body
from discord_sandbox.loopback.refusals import Refused
from discord_sandbox.rest.rate_limits import Scope
from discord_sandbox.world.model import Json

Path = Mapping[str, str]
Delay = Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)]
"""Seconds of the sandbox's clock, up to a year."""

_CREATED = HTTPStatus.CREATED


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

    retry_after: Delay
    scope: Scope = "user"


class DelayFault(OnCalls):
    """Let the call wait for a number of seconds of the sandbox's clock."""

    seconds: Delay


class OnEvents(Counted):
    """Which events of the gateway: a name such as `INTERACTION_CREATE`, or `*` for all."""

    on: str


class DropFault(OnEvents):
    """End the connection at an event: with a close code or abruptly, after the event or before it."""

    code: CloseNumber | None = None
    before: bool = False


class LateEvent(OnEvents):
    """Send an event after a number of seconds of the sandbox's clock."""

    seconds: Delay


class InvalidFault(OnEvents):
    """Say that the session is not valid instead of sending an event, and whether it can be resumed."""

    resumable: bool


class IdentifyFault(Counted):
    """Close the connection with a code when the bot begins a session."""

    code: CloseNumber


class HelloFault(Counted):
    """Let a new connection wait for its hello, in seconds of the sandbox's clock."""

    seconds: Delay


class AckFault(Counted):
    """Do not answer heartbeats; for ever, if no number is given."""

    times: Annotated[int, Field(ge=1)] | None = None


class StruckWait(Body):
    """How often it must have struck, counted from the beginning, and how many seconds to wait."""

    times: Annotated[int, Field(ge=1)] = 1
    timeout: Seconds = 15.0


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


def _maker(kind: str) -> Callable[[Context, Path, Counted], Json]:
    """Give what makes a fault by the method of this name, and keeps it under a number."""

    def make(context: Context, _: Path, body: Counted) -> Json:
        try:
            fault = getattr(context.sandbox.faults, kind)(**body.model_dump())
        except ValueError as error:
            raise _bad_input(error) from error
        number = max(context.faults, default=0) + 1
        context.faults[number] = fault
        return _shown(number, fault)

    return make


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


KINDS: dict[str, type[Counted]] = {
    "status": StatusFault,
    "rate_limit": RateLimitFault,
    "delay": DelayFault,
    "cut": OnCalls,
    "lose_reply": OnCalls,
    "break_reply": OnCalls,
    "drop_gateway": DropFault,
    "duplicate_event": OnEvents,
    "lose_event": OnEvents,
    "delay_event": LateEvent,
    "ask_to_reconnect": OnEvents,
    "invalidate_session": InvalidFault,
    "refuse_resume": Counted,
    "refuse_identify": IdentifyFault,
    "slow_hello": HelloFault,
    "stop_heartbeat_acks": AckFault,
}
"""The kinds of fault: each is a method of `sandbox.faults`, with what it takes."""

CALLS = [
    CallEntry("GET", "/faults", _list),
    *(CallEntry("POST", f"/faults/{kind}", _maker(kind), body, _CREATED) for kind, body in KINDS.items()),
    CallEntry("POST", "/faults/{fault}/wait", _wait, StruckWait),
    CallEntry("DELETE", "/faults/{fault}", _remove),
    CallEntry("DELETE", "/faults", _clear),
]
