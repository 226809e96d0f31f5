"""What a person does in the bot's benchmark: a ranking and a text, from `/task` to "Done", step by step."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from benchmarks.task_backend import TEXT
from discord_sandbox import Actor, Channel, MessageView, ModalView


class Worker:
    """Somebody who works on tasks; each method is one interaction with the bot."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._modal: ModalView | None = None
        self._thread: Channel | None = None
        self._controls: MessageView | None = None

    @property
    def controls(self) -> MessageView:
        """The message with the buttons of the task that they have."""
        assert self._controls is not None
        return self._controls

    @property
    def messages(self) -> list[MessageView]:
        """The messages in the thread of the task that they have, or had last."""
        assert self._thread is not None
        return self.actor.messages(self._thread)

    async def ask(self, kind: str) -> None:
        """Ask for a task, and find it."""
        await self.actor.command("task", type=kind)
        self._controls = await self.actor.until(self._find, what="a task")

    async def choose(self, menu: str, reply: str) -> None:
        """Choose the next best reply."""
        await self.controls.choose(menu, reply)

    async def write(self) -> None:
        """Open the modal."""
        self._modal = (await self.controls.click("Write")).modal

    async def submit(self) -> None:
        """Fill the modal and submit it."""
        assert self._modal is not None
        await self._modal.submit({"Your text": TEXT})

    async def send(self) -> None:
        """Confirm the answer, and wait until the backend has it."""
        await self.controls.click("Send")
        await self.actor.until(lambda: "Done" in self.controls.buttons, what="the thanks")

    async def leave(self) -> None:
        """Say that it is enough for now; the thread is closed."""
        await self.controls.click("Done")

    def _find(self) -> MessageView | None:
        for thread in self.actor.threads():
            latest = self.actor.latest(thread)
            if latest is not None and "Skip" in latest.buttons:
                self._thread = thread
                return latest
        return None


class Step(NamedTuple):
    """One interaction of a person: what the table calls it, and how it is done."""

    name: str
    act: Callable[[Worker], Awaitable[None]]


STEPS = (
    Step("/task (ranking)", lambda worker: worker.ask("rank_assistant_replies")),
    Step("choose", lambda worker: worker.choose("Choose the best", "2.")),
    Step("choose", lambda worker: worker.choose("Choose the next", "1.")),
    Step("choose", lambda worker: worker.choose("Choose the next", "4.")),
    Step("send (ranking)", lambda worker: worker.send()),
    Step("done", lambda worker: worker.leave()),
    Step("/task (text)", lambda worker: worker.ask("assistant_reply")),
    Step("write", lambda worker: worker.write()),
    Step("submit", lambda worker: worker.submit()),
    Step("send (text)", lambda worker: worker.send()),
    Step("done", lambda worker: worker.leave()),
)
"""A whole round of a person, in order; the names of rows of the table may repeat."""

NAMES = tuple(dict.fromkeys(step.name for step in STEPS))
