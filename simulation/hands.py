"""How a person presses, chooses and writes: they see what comes of it, and try again if nothing does."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from discord_sandbox import Actor, Channel, InteractionFailed, MessageView, ModalView, Response, SelectView
from simulation.eyes import LEAVE, SeenTask, is_open, read_texts
from simulation.reviewing import FLAGS, YES_NO, Opinion, questions
from simulation.town import CommunityError, Town

__all__ = ["Hands"]

T = TypeVar("T")

_TRIES = 4
_SEND, _SEND_UNCHANGED, _MORE_LABELS, _MORE_REPLIES = "Send", "Send this order", "More labels", "More replies"
_FEWER_REPLIES = "Back"
_RANK, _READ = "Choose the", "Read a"
_NEARLY_ALL = 0.95
"""The part of a text's length from which it counts as read: a rendering may drop spaces."""
_SAVED, _THANKS, _NOT_SENT = "Your answer is saved", "Thank you", "Not sent yet"


class Hands:
    """Plays one person's tasks on the messages that they see."""

    def __init__(self, actor: Actor, town: Town) -> None:
        """Lend hands to an actor of a town."""
        self._actor = actor
        self._town = town

    async def command(self, channel: Channel, **options: str) -> MessageView:
        """Type /task and return the finished answer."""
        response = await self._tried(lambda: self._actor.command("task", channel, options))
        if response.message is None:
            raise CommunityError(f"{self._actor.name} typed /task and got no message.")
        return response.message

    async def press(self, message: MessageView, label: str) -> Response:
        """Press a button, and wait until the message has changed or something else opened."""
        return await self._watched(message, lambda: message.click(label), f"[{label}] to do something")

    async def tap(self, message: MessageView, label: str) -> None:
        """Press a button whose effect shows elsewhere."""
        await self._tried(lambda: message.click(label), lambda: label not in message.buttons)

    async def choose(self, message: MessageView, placeholder: str, options: list[str]) -> Response:
        """Choose from a menu, and wait until the message has changed or something else opened."""
        return await self._watched(
            message, lambda: message.choose(placeholder, options), f"{placeholder!r} to take a choice"
        )

    async def until(self, predicate: Callable[[], T], what: str) -> T:
        """Wait for something to come into sight."""
        return await self._actor.until(
            predicate, timeout=self._town.patience, what=f"{self._actor.name}: {what}"
        )

    async def write(self, task: SeenTask, text: str) -> bool:
        """Write a text in the modal and send it; return whether it was taken."""
        controls = task.controls
        for _ in range(_TRIES):
            modal = await self._modal(controls, "Write" if "Write" in controls.buttons else "Edit")
            if modal is not None and await self._submitted(controls, modal, text):
                return await self.send(controls)
        raise CommunityError(f"{self._actor.name} could not hand in a text:\n{controls.text}")

    async def skip(self, task: SeenTask) -> None:
        """Give a task back."""
        controls = task.controls
        for _ in range(_TRIES):
            if not is_open(controls):
                return
            modal = await self._modal(controls, LEAVE)
            if modal is not None:
                await self._submitted(controls, modal, "")
        raise CommunityError(f"{self._actor.name} could not skip a task:\n{controls.text}")

    async def rank(self, task: SeenTask, order: Iterable[int]) -> bool:
        """Choose replies, best first, and send the order; return whether it was taken."""
        controls = task.controls
        for place in order:
            # The last one that is left needs no choice.
            if self._menu(controls, _RANK) is not None:
                await self._choose_place(controls, _RANK, place)
        return await self.send(controls)

    async def read(self, task: SeenTask) -> list[str]:
        """Read the texts to rank; what is shown only in part is asked for in full."""
        return [
            await self._read_in_full(task, place) if missing else text
            for place, (text, missing) in enumerate(zip(task.candidates, task.missing, strict=True))
        ]

    async def _read_in_full(self, task: SeenTask, place: int) -> str:
        thread = next(one for one in self._actor.threads() if one.id == task.controls.channel_id)
        first = (await self._choose_place(task.controls, _READ, place)).message
        enough = _NEARLY_ALL * (len(task.candidates[place]) + task.missing[place])

        def whole() -> str | None:
            messages = self._actor.messages(thread)
            if first not in messages:
                return None
            answer = [one for one in messages[messages.index(first) :] if one.ephemeral and not one.loading]
            text = "\n".join(read_texts(answer))
            return text if len(text) >= enough else None

        text = await self.until(whole, "a text in full")
        assert text is not None  # noqa: S101  # what is waited for is no None
        return text

    async def _choose_place(self, controls: MessageView, placeholder: str, place: int) -> Response:
        """Choose a text by its number, turning the pages of the menus until it is offered."""
        for turn in (_FEWER_REPLIES, _MORE_REPLIES):
            while not self._offers(controls, placeholder, place) and turn in controls.buttons:
                await self.press(controls, turn)
        return await self.choose(controls, placeholder, [f"{place + 1}. "])

    async def review(self, task: SeenTask, opinion: Opinion, *, thorough: bool) -> bool:
        """Answer the questions and send; return whether it was taken.

        Args:
            task: a label task.
            opinion: what to answer.
            thorough: answer every question on every page, and not only the first page's most important ones.
        """
        controls = task.controls
        await self._answer_page(controls, opinion, thorough=thorough)
        while thorough and _MORE_LABELS in controls.buttons:
            await self.press(controls, _MORE_LABELS)
            await self._answer_page(controls, opinion, thorough=True)
        return await self.send(controls)

    async def send(self, controls: MessageView) -> bool:
        """Send what was written, ranked or answered; return whether it was taken."""
        response = await self.press(controls, _SEND)
        if _SEND_UNCHANGED in controls.buttons:
            response = await self.press(controls, _SEND_UNCHANGED)
        if response.message is not None and response.message != controls:
            raise CommunityError(f"{self._actor.name} pressed [Send] and read: {response.message.text}")
        if _NOT_SENT in controls.text:
            raise CommunityError(f"{self._actor.name} sent too little of an answer:\n{controls.text}")
        if is_open(controls):
            return False
        # Kept, but the backend has not spoken yet.
        await self.until(lambda: _SAVED not in controls.text, "word of what became of an answer")
        return _THANKS in controls.text

    async def _answer_page(self, controls: MessageView, opinion: Opinion, *, thorough: bool) -> None:
        yes, no = YES_NO
        for question in list(questions(controls.buttons)):
            await self.press(controls, question + (yes if opinion.says_yes(question) else no))
        for menu in controls.selects:
            labels = [label for label, _ in menu.options]
            if menu.placeholder.startswith(FLAGS):
                wanted = opinion.flags(labels)
            elif thorough or opinion.matters(menu.placeholder):
                wanted = [labels[opinion.step(menu.placeholder)]]
            else:
                wanted = []
            if wanted:
                await self.choose(controls, menu.placeholder, wanted)

    async def _modal(self, message: MessageView, label: str) -> ModalView | None:
        """Press a button that opens a modal; None if the message turned out to be out of date."""
        before = message.text
        response = await self._tried(lambda: message.click(label))
        if response.modal is None and message.text == before:
            shown = response.message.text if response.message is not None else "nothing"
            raise CommunityError(f"{self._actor.name} pressed [{label}] and got no modal but: {shown}")
        return response.modal

    async def _submitted(self, message: MessageView, modal: ModalView, text: str) -> bool:
        """Fill the first field of a modal and send it; return whether the message it came from changed."""
        before = message.text
        try:
            await modal.submit({modal.fields[0].name: text})
        except InteractionFailed:
            self._town.counts.tried_again += 1
            return message.text != before
        await self.until(lambda: message.text != before, "a modal to be taken")
        return True

    async def _watched(
        self, message: MessageView, act: Callable[[], Awaitable[Response]], what: str
    ) -> Response:
        before = message.text
        response = await self._tried(act, lambda: message.text != before)
        if response.modal is None and response.message in {None, message}:
            await self.until(lambda: message.text != before, what)
        return response

    async def _tried(
        self, act: Callable[[], Awaitable[Response]], happened: Callable[[], bool] = lambda: False
    ) -> Response:
        """Do something, again if the bot did not answer in time and it has not happened all the same."""
        for _ in range(_TRIES - 1):
            try:
                return await act()
            except InteractionFailed:
                self._town.counts.tried_again += 1
                if happened():
                    return Response()
        return await act()

    @staticmethod
    def _menu(controls: MessageView, placeholder: str) -> SelectView | None:
        return next((menu for menu in controls.selects if menu.placeholder.startswith(placeholder)), None)

    def _offers(self, controls: MessageView, placeholder: str, place: int) -> bool:
        menu = self._menu(controls, placeholder)
        return menu is not None and any(label.startswith(f"{place + 1}. ") for label, _ in menu.options)
