"""A person who does the next sensible thing by what they see, however often nothing comes of it."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

from discord_sandbox import Actor, Channel, InteractionFailed, MessageView, ModalView, NotVisible, WaitTimeout
from simulation.reviewing import YES_NO, questions
from tests.meeting import ACCEPT, STRAIGHT

EXPIRED = "This has expired."
SAVED, THANKS = "Your answer is saved", "Thank you"
NO = YES_NO[1]
PRIMARY = 1
"""The style of a button that is chosen."""
LONGEST = 20.0
GLANCE = 0.1
"""Seconds that somebody looks at what they did before they do something else."""


class StuckError(Exception):
    """A person could not get on; the text says what they see."""


class Person:
    """Plays tasks of one kind.

    Attributes:
        kind: what they ask for.
        texts: the texts they sent, by the message whose [Send] they pressed.
        channel: where they type /task.
        is_hasty: whether they do something as soon as nothing happens, or look again first.
    """

    def __init__(self, actor: Actor, channel: Channel, kind: str, *, is_hasty: bool = False) -> None:
        self.actor = actor
        self.kind = kind
        self.channel = channel
        self.is_hasty = is_hasty
        self.texts: dict[MessageView, str] = {}
        self._written = 0

    # -- what they see --------------------------------------------------------------------------------

    def messages(self) -> Iterator[MessageView]:
        """Give all that they see of the bot, oldest first."""
        seen = [one for channel in self.actor.channels() for one in self.actor.messages(channel)]
        yield from sorted(seen, key=lambda one: one.id)

    def newest(self, *labels: str) -> MessageView | None:
        """Find the newest message with one of these buttons."""
        found = [one for one in self.messages() if any(label in one.buttons for label in labels)]
        return found[-1] if found else None

    @property
    def open_task(self) -> MessageView | None:
        """The controls of a task that waits for them, as far as they were told."""
        found = self.newest("Skip")
        expired = [one.id for one in self.messages() if EXPIRED in one.content]
        return found if found is not None and found.id > max(expired, default=0) else None

    @property
    def is_waiting(self) -> bool:
        """Whether an answer of theirs is saved, and nobody has said yet what became of it."""
        return any(SAVED in one.content for one in self.messages())

    def sees(self, words: str) -> bool:
        """Tell whether some words stand anywhere, in closed threads too."""
        closed = (one for thread in self.actor.threads(archived=True) for one in self.actor.messages(thread))
        return any(words in one.content for one in (*self.messages(), *closed))

    @property
    def thanks(self) -> int:
        """How often they have been thanked, where it still stands."""
        return sum(THANKS in one.content for one in self.messages())

    @property
    def confirmed(self) -> list[str]:
        """The texts of which they were told that they are saved, or thanked for them."""
        return [text for one, text in self.texts.items() if SAVED in one.content or THANKS in one.content]

    # -- what they do ---------------------------------------------------------------------------------

    async def until(self, goal: Callable[[], bool], act: Callable[[], Awaitable[object]]) -> None:
        """Do something again and again until the goal is reached.

        Raises:
            StuckError: it is not reached in `LONGEST` seconds.
        """
        began = time.monotonic()
        if not self.is_hasty:
            await self.glance(self.screen(), goal)
        while not goal():
            if time.monotonic() - began > LONGEST:
                seen = "\n".join(one.text for one in self.messages())
                raise StuckError(f"{self.actor.name} gets no further and sees:\n{seen}")
            before = self.screen()
            with suppress(InteractionFailed, WaitTimeout, NotVisible):
                await act()
            await self.glance(before, goal)

    async def take_task(self) -> MessageView:
        """Take a task, or the one they have, and give its controls."""
        await self.until(lambda: self.open_task is not None, self.ask)
        found = self.open_task
        assert found is not None
        return found

    async def go_on(self) -> None:
        """Do the next thing to finish a task."""
        controls = self.open_task
        if controls is not None:
            await self.answer(controls)
        elif not self.is_waiting:
            await self.ask()

    async def ask(self) -> None:
        """Type /task."""
        answer = (await self.actor.command("task", self.channel, {"type": self.kind})).message
        if answer is not None:
            # Whoever dies in between finds the same panel after the next start.
            for step in (ACCEPT, STRAIGHT):
                if step in answer.buttons:
                    await answer.click(step)
        with suppress(WaitTimeout):
            await self.actor.until(lambda: self.open_task is not None, timeout=GLANCE, what="the task")

    async def answer(self, controls: MessageView) -> None:
        """Do the next thing on the controls of an open task."""
        choices = [menu for menu in controls.selects if menu.placeholder.startswith("Choose the")]
        chosen = {button.label for button in controls.all_buttons if button.style == PRIMARY}
        unanswered = [name for name in questions(controls.buttons) if name + NO not in chosen]
        if "Send this order" in controls.buttons:
            await self.send(controls, "Send this order")
        elif "Write" in controls.buttons:
            await self.write(controls)
        elif choices:
            await controls.choose(choices[0].placeholder, [choices[0].options[0][0]])
        elif unanswered:
            await controls.click(unanswered[0] + NO)
        else:
            await self.send(controls, "Send")

    async def write(self, controls: MessageView) -> None:
        """Write a text that nobody has written."""
        modal = (await controls.click("Write")).modal
        if modal is not None:
            await self.submit(modal)

    async def submit(self, modal: ModalView) -> None:
        """Fill in the modal for a text."""
        self._written += 1
        await modal.submit({"Your text": f"{self.actor.name} asks, for the time {self._written}: why?"})

    async def send(self, controls: MessageView, label: str) -> None:
        """Send what stands on the controls."""
        for embed in controls.embeds:
            if embed.get("author", {}).get("name") == "Your text":
                self.texts[controls] = str(embed["description"])
        await controls.click(label)

    def screen(self) -> list[tuple[int, str]]:
        return [(one.id, one.text) for one in self.messages()]

    async def glance(self, before: object, goal: Callable[[], bool] = bool) -> None:
        """Look for a moment whether something comes of what they did."""
        with suppress(WaitTimeout):
            await self.actor.until(lambda: goal() or self.screen() != before, timeout=GLANCE, what="news")
