"""Shows how far a long command is, and ends it between two steps when somebody asks for it."""

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn


class Step(StrEnum):
    """What a long command does just now."""

    checking = "checking"
    adding = "adding"
    writing = "writing"


Watch = Callable[[Step, int, int], None]
"""Is told the step, how much of it is done, and how much it is in all; it may raise `StoppedError`."""


class StoppedError(Exception):
    """Somebody wants the command to end."""


def unwatched(step: Step, done: int, total: int) -> None:
    """Look at nothing."""


class ProgressBars:
    """A bar for each step on a terminal; nothing where the output goes elsewhere.

    Args:
        console: where they are drawn; they are gone when all is done.
        stop: set by whoever wants the command to end.
        hidden: whether to draw nothing on a terminal either.
    """

    def __init__(self, console: Console, stop: threading.Event, *, hidden: bool = False) -> None:
        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        hidden = hidden or not console.is_terminal
        self._bars = Progress(*columns, console=console, transient=True, disable=hidden)
        self._tasks: dict[Step, TaskID] = {}
        self._stop = stop

    def show(self, step: Step, done: int, total: int) -> None:
        """Show how far a step is.

        Raises:
            StoppedError: somebody wants the command to end.
        """
        if self._stop.is_set():
            raise StoppedError
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step.value, total=total)
        self._bars.update(self._tasks[step], completed=done, total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()
