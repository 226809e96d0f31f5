"""The counting that all faults share: how many fitting things one lets pass, and how many it strikes."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from discord_sandbox.errors import WaitTimeout


class FaultBook:
    """All faults of a sandbox, of every kind.

    Args:
        story: Tells what happened lately, for the error of a wait that is over.
        note: Notes what happens, as `Journal.note` does.
    """

    def __init__(self, story: Callable[[], str], note: Callable[..., None]) -> None:
        self.story = story
        self.note = note
        self._faults: list[Fault] = []

    def add(self, fault: "Fault") -> None:
        """Keep a fault until it is over."""
        self._faults = [one for one in self._faults if one.active]
        self._faults.append(fault)

    @property
    def waiting(self) -> "list[Fault]":
        """The faults that have not struck as often as they should; one without an end should once."""
        return [one for one in self._faults if one.active and not (one.times is None and one.struck)]

    def clear(self) -> None:
        """Remove all."""
        for fault in self._faults:
            fault.remove()
        self._faults.clear()


class Fault:
    """One fault: it lets the first `skip` fitting things pass and strikes the next `times`.

    Whoever meets a fitting thing asks `strikes`. As a context manager it is removed at the end of the block.

    Args:
        book: Where it is listed.
        what: What it does, for errors, such as `status 503 on POST /channels/{}/messages`.
        times: How often it strikes; None for ever.
        skip: How many fitting things it lets pass before.

    Attributes:
        struck: How often it has struck.
        told: Whether the journal tells of it; hooks often only watch.

    Raises:
        ValueError: `times` is less than 1, or `skip` is negative.
    """

    def __init__(self, book: FaultBook, what: str, *, times: int | None = 1, skip: int = 0) -> None:
        if times is not None and times < 1:
            raise ValueError("times must be 1 or more, or None for ever")
        if skip < 0:
            raise ValueError("skip must be 0 or more")
        self.what = what
        self.times = times
        self.struck = 0
        self.told = True
        self._book = book
        self._to_skip = skip
        self._removed = False
        self._waits: list[tuple[int, asyncio.Future[None]]] = []
        book.add(self)

    def __str__(self) -> str:
        of = "" if self.times is None else f" of {self.times}"
        passing = f", {self._to_skip} more to pass" if self._to_skip else ""
        removed = ", removed" if self._removed else ""
        return f"{self.what}: struck {self.struck}{of}{passing}{removed}"

    __repr__ = __str__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    @property
    def active(self) -> bool:
        """Whether it can still strike."""
        return not self._removed and self.left != 0

    @property
    def left(self) -> int | None:
        """How often it will still strike, unless it is removed; None for ever."""
        return None if self.times is None else self.times - self.struck

    def strikes(self) -> bool:
        """Count a fitting thing, and give whether it is struck."""
        if not self.active:
            return False
        if self._to_skip:
            self._to_skip -= 1
            return False
        self.struck += 1
        if self.told:
            self._book.note("a fault struck: {}", self.what)
        for number, over in self._waits:
            if number <= self.struck and not over.done():
                over.set_result(None)
        return True

    async def happened(self, times: int = 1, timeout: float = 15.0) -> None:  # noqa: ASYNC109 - the time belongs to the error
        """Wait until it has struck `times` times; what it does to the last one may not have ended by then.

        Args:
            times: How often, counted from the beginning.
            timeout: How long to wait, in seconds of the machine's clock.

        Raises:
            ValueError: It never strikes so often.
            WaitTimeout: It has not in time, or it was removed; the error says what happened lately.
        """
        if self.times is not None and times > self.times:
            raise ValueError(f"{self.what} strikes {self.times} times, so never {times}")
        if self.struck >= times:
            return
        if self._removed:
            raise self._gave_up(times, "It was removed")
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (times, over)
        self._waits.append(entry)
        try:
            async with asyncio.timeout(timeout):
                await over
        except TimeoutError:
            raise self._gave_up(times, f"It did not happen in {timeout:g} s") from None
        finally:
            self._waits.remove(entry)

    def remove(self) -> None:
        """Let it not strike any more; a second time does nothing."""
        self._removed = True
        for number, over in self._waits:
            if not over.done():
                over.set_exception(self._gave_up(number, "It was removed"))

    def _gave_up(self, times: int, why: str) -> WaitTimeout:
        return WaitTimeout(f"{why}, and was waited for {times} times. {self}.\n{self._book.story()}")
