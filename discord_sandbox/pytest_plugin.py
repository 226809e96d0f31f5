"""A pytest plugin: a sandbox for each test that asks for one, people in it, and a look at it in the end.

Every run of pytest in an environment with this package loads this module, so it imports the sandbox only
where a test asks for it.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

import pytest

try:
    from pytest_asyncio import fixture as async_fixture
except ImportError:
    # Without it, a test that asks for a sandbox is told by pytest itself what it needs.
    async_fixture = pytest.fixture  # type: ignore[assignment]  # it takes what this module gives it

if TYPE_CHECKING:
    from discord_sandbox import Actor, Clock, Sandbox, SandboxGuild

_JOURNAL = 200
"""How many lines of the journal the report of a failed test shows."""

_CLOSING_SECONDS = 10.0

_MARKER = (
    "sandbox(clock='running', violations='fail', unstruck_faults='fail', **options): how the test's sandbox "
    "is made. The clock is 'running', 'frozen' or what a function makes; if it does not show the machine's "
    "time, rate limits are roomy by default. Violations and faults that never struck fail the test unless "
    "they are 'allowed'; all other options are those of discord_sandbox.Sandbox."
)


class Bot(Protocol):
    """A bot such as hikari's `GatewayBot`."""

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""

    async def start(self, *, check_for_updates: bool) -> None:
        """Start it."""

    async def close(self) -> None:
        """Close it."""


BotT = TypeVar("BotT", bound=Bot)


class _Watch:
    """What a test's sandbox is checked for, and what its report says."""

    def __init__(self, sandbox: "Sandbox", *, violations: bool, faults: bool) -> None:
        self._sandbox = sandbox
        self._look_at_violations = violations
        self._look_at_faults = faults
        self._told = 0

    def check(self) -> None:
        """Fail if there are new violations."""
        new = self._sandbox.violations[self._told :]
        self._told += len(new)
        if new and self._look_at_violations:
            pytest.fail("\n  ".join(["This is not as Discord has it:", *new]), pytrace=False)

    def check_faults(self) -> None:
        """Fail if faults never struck."""
        waiting = [str(one) for one in self._sandbox.faults.waiting]
        if waiting and self._look_at_faults:
            pytest.fail("\n  ".join(["Faults that were set did not strike:", *waiting]), pytrace=False)

    def story(self) -> str:
        """Tell what happened; what it tells is not told again by `check`."""
        self._told = len(self._sandbox.violations)
        lines = self._sandbox.journal.lines(_JOURNAL) or ["Nothing happened."]
        lines += [f"Did not strike: {one}" for one in self._sandbox.faults.waiting]
        return "\n".join(lines)


_WATCH = pytest.StashKey[_Watch]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that went well so far, but whose sandbox did not."""
    result = yield
    if (watch := item.stash.get(_WATCH, None)) is not None:
        watch.check()
        watch.check_faults()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report of a failed test tell what happened in its sandbox."""
    report = yield
    if report.failed and (watch := item.stash.get(_WATCH, None)) is not None:
        report.sections.append(("discord sandbox", watch.story()))
    if report.when == "teardown" and _WATCH in item.stash:
        # Pytest keeps every test to the end of its run; their sandboxes would fill the memory.
        del item.stash[_WATCH]
    return report


# -- fixtures -----------------------------------------------------------------------------------------


@pytest.fixture
def sandbox_options() -> dict[str, Any]:
    """Give the options of all sandboxes; override it in a conftest. What a test's marker says counts more."""
    return {}


@async_fixture
async def sandbox(
    request: pytest.FixtureRequest, sandbox_options: dict[str, Any]
) -> "AsyncIterator[Sandbox]":
    """Give a running sandbox of the test's own; `@pytest.mark.sandbox(...)` says how it is made."""
    from discord_sandbox import RateLimits, Sandbox  # noqa: PLC0415 - see the top of this module

    options = {**sandbox_options, **_marked(request.node)}
    checked = {name: _checked(name, options.pop(name, "fail")) for name in ("violations", "unstruck_faults")}
    clock = _clock(options.pop("clock", "running"))
    if not clock.is_the_machines:
        # Bots wait by the machine's clock, so they could not keep to limits that go by another.
        options.setdefault("rate_limits", RateLimits.roomy())
    if unknown := options.keys() - inspect.signature(Sandbox).parameters.keys():
        _refuse(f"@pytest.mark.sandbox has no option {sorted(unknown)}.")
    async with Sandbox(clock=clock, **options) as running:
        watch = _Watch(running, violations=checked["violations"], faults=checked["unstruck_faults"])
        request.node.stash[_WATCH] = watch
        yield running
    watch.check()


@pytest.fixture
def guild(sandbox: "Sandbox") -> "SandboxGuild":
    """Give the sandbox's first guild."""
    return sandbox.guild


@pytest.fixture
def member(guild: "SandboxGuild") -> "Callable[..., Actor]":
    """Let somebody join by name; it takes what `SandboxGuild.add_member` takes."""
    return guild.add_member


@pytest.fixture
def sandbox_clock(sandbox: "Sandbox") -> "Clock":
    """Give the sandbox's clock."""
    return sandbox.clock


@async_fixture
async def start_bot(sandbox: "Sandbox") -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Start a hikari bot that you give it, and close the bot after the test, before the sandbox.

    It waits until the bot is connected and has registered commands; with `commands=False` only until it is
    connected.
    """
    started: list[Bot] = []

    async def start(bot: BotT, *, commands: bool = True, timeout: float = 15.0) -> BotT:  # noqa: ASYNC109 - the time belongs to the error
        started.append(bot)
        await bot.start(check_for_updates=False)
        if commands:
            await sandbox.bot_ready(timeout)
        return bot

    yield start
    for bot in reversed(started):
        if bot.is_alive:
            # A bot that hangs must not hold up all tests.
            await asyncio.wait_for(bot.close(), _CLOSING_SECONDS)


def _marked(item: pytest.Item) -> dict[str, Any]:
    """Give the options of all markers of a test; the one that is closest to it counts."""
    options: dict[str, Any] = {}
    for mark in item.iter_markers("sandbox"):
        if mark.args:
            _refuse("@pytest.mark.sandbox takes its options by name.")
        options = {**mark.kwargs, **options}
    return options


def _checked(name: str, value: object) -> bool:
    if value not in ("fail", "allowed"):
        _refuse(f"@pytest.mark.sandbox({name}=...) takes 'fail' or 'allowed', not {value!r}.")
    return value == "fail"


def _clock(wanted: object) -> "Clock":
    from discord_sandbox import Clock  # noqa: PLC0415 - see the top of this module

    if wanted in ("running", "frozen"):
        return Clock(frozen=wanted == "frozen")
    if isinstance(wanted, Clock) or not callable(wanted):
        # A clock in a marker would be one for all its tests, and one would move it for the next.
        _refuse(f"@pytest.mark.sandbox(clock=...) takes 'running', 'frozen' or a function, not {wanted!r}.")
    made: Clock = wanted()
    return made


def _refuse(why: str) -> NoReturn:
    pytest.fail(f"{why}\n{_MARKER}", pytrace=False)
