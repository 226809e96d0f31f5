"""What is known of the call at hand: the id that leads from its answer to the log, and how it failed."""

import random
import re
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request
from starlette.types import Scope

HEADER: Final = b"x-request-id"

NO_ROUTE: Final = "other"
"""Stands for the route of what is no call of the protocol: the pages about it, and wrong addresses."""

_WELL_FORMED: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


@dataclass
class Call:
    """A call under way.

    Attributes:
        id: letters, digits, dots, dashes and underscores, 64 at most.
        code: the protocol's code of the error that it is answered with; None without one.
    """

    id: str
    code: int | None = field(default=None)


def begin_call(scope: Scope) -> Call:
    """Note a new call where `call_of` finds it: under the id that it brings, if that is well-formed."""
    # It names a call and opens nothing, so it need not come from the system, which is asked at a price.
    call = Call(_given_id(scope) or f"{random.getrandbits(64):016x}")
    scope.setdefault("state", {})["call"] = call
    return call


def call_of(request: Request) -> Call:
    """Give the call that a request belongs to."""
    call: Call = request.state.call
    return call


def route_of(scope: Scope) -> str:
    """Give the pattern of the route that was found, such as `/api/v1/tasks/{task_id}/ack`."""
    return getattr(scope.get("route"), "path_format", NO_ROUTE)


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER and _WELL_FORMED.fullmatch(value):
            given: bytes = value
            return given.decode("ascii")
    return None
