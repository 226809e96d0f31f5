"""Faults of REST calls: a status, a wait, a lost or broken reply, a cut connection, hooks around a call."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus

from discord_sandbox.clock import Clock
from discord_sandbox.errors import ApiError
from discord_sandbox.faults.rule import Fault, FaultBook
from discord_sandbox.rest.call import Call, Reply, RouteTable
from discord_sandbox.rest.rate_limits import RateLimiter, Scope

On = str | Callable[[Call], bool]
"""Which calls: `METHOD /route/pattern` as the log of requests shows it, `*` for all, or a predicate."""

BeforeHook = Callable[[Call], Awaitable[Reply | None]]
AfterHook = Callable[[Call, Reply], Awaitable[Reply | None]]


class LoseReply(Exception):  # noqa: N818 - an instruction to the server, not something that went wrong
    """Raised by a hook: close the connection without an answer, as a network fault does."""


class HookFailed(Exception):  # noqa: N818 - as LoseReply, news for the server
    """Raised when a hook or predicate that somebody gave ends with an error of its own.

    Attributes:
        error: That error.
    """

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__(str(error))


@contextmanager
def _foreign_code() -> Iterator[None]:
    try:
        yield
    except (ApiError, LoseReply):
        raise
    except Exception as error:
        raise HookFailed(error) from error


class _RestFault(Fault):
    """A fault of the calls that it fits."""

    def __init__(
        self, book: FaultBook, what: str, fits: Callable[[Call], bool], times: int | None, skip: int
    ) -> None:
        super().__init__(book, what, times=times, skip=skip)
        self._fits = fits

    def meets(self, call: Call) -> bool:
        """Count a call if it fits, and give whether it is struck."""
        return self.active and self._fits(call) and self.strikes()


class RestFaults:
    """What goes wrong with calls whose route is known and whose token is right.

    Each method makes a fault and gives its handle. `on` says which calls: `METHOD /route/pattern` as the log
    of requests shows it (`POST /channels/{}/messages`), `*` for all, or a predicate on a `Call`. The first
    `skip` fitting calls pass, the next `times` are struck (None: for ever). Faults are asked in the order
    they were made, those that act after a call (`lose_reply`, `break_reply`, `after`) once it was handled;
    where one ends a call, the others are not asked and do not count it.

    Every method raises ValueError for a pattern that no route of the sandbox has.

    Args:
        book: Where all faults of the sandbox, of every kind, are listed.
        table: The routes that there are.
        limiter: Describes the bucket of a route.
        clock: The time that a delay takes.

    Attributes:
        book: As above.
    """

    def __init__(self, book: FaultBook, table: RouteTable, limiter: RateLimiter, clock: Clock) -> None:
        self.book = book
        self._table = table
        self._limiter = limiter
        self._clock = clock
        self._before: list[tuple[_RestFault, BeforeHook]] = []
        self._after: list[tuple[_RestFault, AfterHook]] = []

    # -- making faults --------------------------------------------------------------------------------

    def status(self, status: int, on: On, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Answer with a status, 400 to 599, instead of handling the call."""
        if not 400 <= status <= 599:  # noqa: PLR2004 - the statuses of refusals and failures
            raise ValueError("a fault has a status from 400 to 599")
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Unknown Error"
        reply = Reply(status, {"message": f"{status}: {phrase}", "code": 0})

        async def answer(_: Call) -> Reply:
            return reply

        return self._make_before(f"status {status}", on, answer, times, skip)

    def rate_limit(
        self, retry_after: float, on: On, *, scope: Scope = "user", times: int | None = 1, skip: int = 0
    ) -> Fault:
        """Answer 429 with Discord's body and headers instead of handling the call.

        Args:
            retry_after: After how many seconds the bot may come again; it is told, not enforced.
            on: Which calls.
            scope: `user` says that the bot used up its bucket, which is shown as one of 1 call; `shared` that
                others used up the resource; `global` that the bot calls too often over all routes. (hikari
                2.6 trusts its own count before a `user` refusal; it waits out the other two.)
            times: How many calls it strikes.
            skip: How many calls it lets pass before.
        """

        async def answer(call: Call) -> Reply:
            refused = self._limiter.refused(call.method, call.route, retry_after, scope)
            return Reply(refused.status, refused.body(), refused.headers)

        return self._make_before(f"rate limit ({scope}, {retry_after:g} s)", on, answer, times, skip)

    def delay(self, seconds: float, on: On, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Let a call wait, by the sandbox's clock, before it is handled."""

        async def wait(_: Call) -> None:
            await self._clock.sleep(seconds)

        return self._make_before(f"delay of {seconds:g} s", on, wait, times, skip)

    def cut(self, on: On, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Cut the connection before the call is handled."""

        async def lose(_: Call) -> None:
            raise LoseReply

        return self._make_before("cut", on, lose, times, skip)

    def lose_reply(self, on: On, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Handle the call, then cut the connection."""

        async def lose(_: Call, __: Reply) -> None:
            raise LoseReply

        return self._make_after("lost reply", on, lose, times, skip)

    def break_reply(self, on: On, *, times: int | None = 1, skip: int = 0) -> Fault:
        """Handle the call, then cut the connection in the middle of the reply's body, if it has one."""

        async def cut_short(_: Call, reply: Reply) -> Reply:
            return replace(reply, breaks_off=True)

        return self._make_after("broken reply", on, cut_short, times, skip)

    def before(self, on: On, hook: BeforeHook, *, times: int | None = None, skip: int = 0) -> Fault:
        """Await a hook with each call before it is handled.

        A reply that the hook gives is the answer; it may also raise LoseReply, or an ApiError to refuse.
        """
        fault = self._make_before("hook before", on, hook, times, skip)
        fault.told = False
        return fault

    def after(self, on: On, hook: AfterHook, *, times: int | None = None, skip: int = 0) -> Fault:
        """Await a hook with each call that was handled, and its reply.

        A reply that the hook gives replaces the other; it may also raise LoseReply.
        """
        fault = self._make_after("hook after", on, hook, times, skip)
        fault.told = False
        return fault

    @property
    def waiting(self) -> list[Fault]:
        """The faults, of every kind, that have not struck as often as they should."""
        return self.book.waiting

    def clear(self) -> None:
        """Remove all faults, of every kind."""
        self.book.clear()

    # -- meeting them ---------------------------------------------------------------------------------

    async def meet(self, call: Call) -> Reply | None:
        """Let the faults strike a call before it is handled; gives the reply that ends it.

        Raises:
            LoseReply: The connection must be cut.
            HookFailed: A hook or predicate ended with an error of its own.
        """
        if not self._before:
            return None
        with _foreign_code():
            for fault, hook in self._before:
                if fault.meets(call) and (reply := await hook(call)) is not None:
                    return reply
        return None

    async def change(self, call: Call, reply: Reply) -> Reply:
        """Let the faults strike a call after it was handled; gives what to answer.

        Raises:
            LoseReply: The connection must be cut.
            HookFailed: A hook or predicate ended with an error of its own.
        """
        if not self._after:
            return reply
        with _foreign_code():
            for fault, hook in self._after:
                if fault.meets(call):
                    reply = await hook(call, reply) or reply
        return reply

    def _make_before(self, what: str, on: On, hook: BeforeHook, times: int | None, skip: int) -> Fault:
        fault = self._fault(what, on, times, skip)
        # A new list each time: a call that waits at a fault goes on along the old one.
        self._before = [*(one for one in self._before if one[0].active), (fault, hook)]
        return fault

    def _make_after(self, what: str, on: On, hook: AfterHook, times: int | None, skip: int) -> Fault:
        fault = self._fault(what, on, times, skip)
        self._after = [*(one for one in self._after if one[0].active), (fault, hook)]
        return fault

    def _fault(self, what: str, on: On, times: int | None, skip: int) -> _RestFault:
        shown = on if isinstance(on, str) else getattr(on, "__name__", "a predicate")
        return _RestFault(self.book, f"{what} on {shown}", _fitting(on, self._table), times, skip)


def _fitting(on: On, table: RouteTable) -> Callable[[Call], bool]:
    """Give the predicate for what `on` says.

    Raises:
        ValueError: No route has this pattern.
    """
    if not isinstance(on, str):
        return on
    if on == "*":
        return lambda _: True
    table.check(on)
    method, _, pattern = on.partition(" ")
    return lambda call: call.route == pattern and call.method == method
