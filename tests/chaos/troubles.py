"""What goes wrong at random between the bot and the world, until it is over."""

import asyncio
import json
import random

from discord_sandbox import Call, LoseReply, Sandbox
from tests.chaos.mortality import Mortality
from tests.chaos.proxy import BackendCall, BackendReply, CutError, PassOn

HTML = BackendReply(502, b"<html><h1>Bad gateway</h1></html>", "text/html")
LOGIN = BackendReply(200, b"<html>Please log in to this network</html>", "text/html")
GARBAGE = BackendReply(200, b'{"id": "no", "type": ["?', "application/json")


def failure(status: int, code: int, **headers: str) -> BackendReply:
    """Answer as the backend does when it fails."""
    body = json.dumps({"error_code": code, "message": "no"}).encode()
    return BackendReply(status, body, headers=headers)


AFTER = (failure(500, 0), failure(500, 500), failure(503, 4), HTML, LOGIN, GARBAGE)
"""What comes instead of the answer to a call that was taken."""
INSTEAD = (*AFTER, failure(429, 429, **{"Retry-After": "1"}))
"""What comes instead of taking a call."""


class BadBackend:
    """A rule for the proxy: slow, broken, in the way, or away for some calls.

    Args:
        rng: for what goes wrong.
        share: of the calls that go wrong, 0..1.
    """

    def __init__(self, rng: random.Random, share: float = 0.4) -> None:
        self._rng = rng
        self._share = share
        self._away = 0
        self.is_over = False

    async def __call__(self, _: BackendCall, pass_on: PassOn) -> BackendReply:
        """Answer a call well or badly."""
        if self.is_over or self._rng.random() > self._share:
            return await pass_on()
        if self._away > 0:
            self._away -= 1
            raise CutError
        match self._rng.randrange(6):
            case 0:
                await asyncio.sleep(self._rng.random())
                return await pass_on()
            case 1:
                self._away = 5
                raise CutError
            case 2:
                await pass_on()
                raise CutError
            case 3:
                await pass_on()
                return self._rng.choice(AFTER)
            case _:
                return self._rng.choice(INSTEAD)


class BadDiscord:
    """Discord that loses replies, fails, limits rates, drops the gateway and refuses to resume.

    Args:
        sandbox: where.
        mortality: knows of deaths; what a dead bot had asked for does not happen after the next one's birth.
        rng: for what goes wrong.
    """

    def __init__(self, sandbox: Sandbox, mortality: Mortality, rng: random.Random) -> None:
        self._sandbox = sandbox
        self._mortality = mortality
        self._rng = rng
        self.is_over = False

    def begin(self) -> None:
        """Let things go wrong, until all faults are cleared."""
        if self.is_over:
            return
        faults, rng = self._sandbox.faults, self._rng

        def some(_: Call) -> bool:
            return rng.random() < 0.03

        faults.cut(some, times=None)
        faults.lose_reply(some, times=None)
        faults.status(500, some, times=None)
        faults.status(503, some, times=None)
        faults.rate_limit(0.3, some, scope="shared", times=None)
        faults.rate_limit(0.3, some, scope="global", times=None)
        faults.before(some, self._dawdle)
        faults.refuse_resume(times=None, skip=1)
        for skip in sorted(rng.sample(range(200), 6)):
            faults.drop_gateway("INTERACTION_CREATE", before=rng.random() < 0.5, skip=skip)
            faults.lose_event("INTERACTION_CREATE", skip=skip + 5)
        faults.duplicate_event("INTERACTION_CREATE", times=None, skip=rng.randrange(20))

    async def _dawdle(self, _: Call) -> None:
        deaths = self._mortality.deaths
        await self._sandbox.clock.sleep(0.5)
        if self._mortality.deaths != deaths:
            raise LoseReply
