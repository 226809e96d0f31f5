"""Kills the bot at any of its outgoing calls, to Discord and to the backend."""

from collections import Counter
from typing import NamedTuple

from discord_sandbox import Call, LoseReply, Reply, Sandbox
from tests.bot.conftest import Life
from tests.chaos.process_life import ProcessLife
from tests.chaos.proxy import BackendCall, BackendReply, CutError, PassOn, Proxy

GONE = Reply(404, {"message": "Unknown interaction", "code": 10062})
"""What a bot in this process hears of Discord once it is dead: nothing that it would ask for again."""

AT_START = frozenset({"backend GET /text_labels/valid_labels"})
"""Calls of a bot that has just started; they come at any moment, and nothing hangs on them."""


LATEST = 10
"""If nothing came back of the call after which the bot was to die, it dies so many calls later."""


class Moment(NamedTuple):
    """A moment to die: before or after the n-th call of a name, from 1."""

    call: str
    number: int
    before: bool

    def __str__(self) -> str:
        return f"{'before' if self.before else 'after'} {self.call} {self.number}"


class Mortality:
    """Counts the calls from `watch` on, and kills at one of them.

    Attributes:
        life: the bot's.
        deaths: how many deaths there were.
        calls: how often each call came, in the order in which they first came.
    """

    def __init__(self, life: Life | ProcessLife, sandbox: Sandbox, proxy: Proxy) -> None:
        self.life = life
        self._sandbox = sandbox
        self._moment: Moment | None = None
        self._countdown, self._before_it = 0, False
        self._numbers: dict[int, Moment] = {}
        self.calls: Counter[str] = Counter()
        self.deaths = 0
        proxy.rules.insert(0, self._backend)

    def watch(self, moment: Moment | None = None) -> None:
        """Count anew, and kill at a moment if one is given."""
        self._moment, self._countdown = moment, -LATEST
        self.calls.clear()
        self._numbers.clear()
        self._sandbox.faults.before("*", self._before)
        self._sandbox.faults.after("*", self._after)

    def watch_for(self, call_number: int, *, before: bool) -> None:
        """Kill at the n-th call from now on, of whatever name, from 1."""
        self.watch()
        self._countdown, self._before_it = call_number, before

    def unwatch(self) -> None:
        """Let the bot live."""
        self._moment, self._countdown = None, 0
        self._sandbox.faults.clear()

    async def _before(self, call: Call) -> Reply | None:
        if self.life.killed:
            return GONE
        if not self._goes_out(f"{call.method} {call.route}", id(call)):
            raise LoseReply
        return None

    async def _after(self, call: Call, _: Reply) -> None:
        if not self._comes_back(id(call)):
            raise LoseReply

    async def _backend(self, call: BackendCall, pass_on: PassOn) -> BackendReply:
        if not self._goes_out(f"backend {call.name}", id(call)):
            raise CutError
        reply = await pass_on()
        if not self._comes_back(id(call)):
            raise CutError
        return reply

    def _die(self) -> None:
        # Whoever comes next is not killed by what is left of this one's calls.
        self._moment, self._countdown = None, 0
        self.deaths += 1
        self.life.die()

    def _goes_out(self, name: str, key: int) -> bool:
        """Count a call; False if it comes from a bot that is dead, or dies with it."""
        if self.life.killed:
            return False
        if name in AT_START:
            return True
        self.calls[name] += 1
        self._numbers[key] = Moment(name, self.calls[name], before=False)
        self._countdown -= 1
        if self._countdown == 0:
            self._moment = Moment(name, self.calls[name], before=self._before_it)
        elif self._countdown == -LATEST and self._moment is not None:
            # The call itself may have failed on the way.
            self._die()
        if self._moment == self._numbers[key]._replace(before=True):
            self._die()
        return not self.life.killed

    def _comes_back(self, key: int) -> bool:
        if self._moment is not None and self._numbers.pop(key, None) == self._moment:
            self._die()
        return not self.life.killed
