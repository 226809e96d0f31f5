"""Checks the calls of one sandbox, and tells how they differ from Discord's description."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from discord_sandbox.rest.call import Call, Reply

if TYPE_CHECKING:
    from discord_sandbox.openapi.description import Description

_REFUSED = 400


class Checker:
    """Checks the calls of one sandbox.

    Args:
        description: What is checked against.
        complain: Takes each line that tells a difference; it gets each line once.
    """

    def __init__(self, description: "Description", complain: Callable[[str], None]) -> None:
        self._description = description
        self._complain = complain
        self._told: set[str] = set()

    def check(self, call: Call, reply: Reply) -> None:
        """Check a call that the sandbox itself answered.

        A refused call is passed over: it is wrong on purpose, and what the description says of errors is not
        so (their nested codes are texts, not numbers).
        """
        if reply.status >= _REFUSED:
            return
        for line in self._description.differences(call, reply):
            if line not in self._told:
                self._told.add(line)
                self._complain(line)
