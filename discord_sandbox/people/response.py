"""What came of something that a person did, to read on and act on without asking what it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_sandbox.errors import NotVisible
from discord_sandbox.people.fields import FormValue
from discord_sandbox.people.modal import ModalView
from discord_sandbox.people.views import MessageView, SelectView
from discord_sandbox.world.model import Json

if TYPE_CHECKING:
    from discord_sandbox.people.onlooker import Onlooker


@dataclass(slots=True)
class Response:
    """A message, a modal, or neither; what is asked of the one that is not there raises `NotVisible`.

    Attributes:
        message: The message that came, or that was changed.
        modal: The modal that opened.
        person: Whose act it was.
    """

    message: MessageView | None = None
    modal: ModalView | None = None
    person: "Onlooker | None" = None

    # -- either ---------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """All that can be read on the message or modal."""
        return self._shown().text

    # -- messages -------------------------------------------------------------------------------------

    @property
    def content(self) -> str:
        """The message's plain text."""
        return self._message().content

    @property
    def embeds(self) -> list[Json]:
        """The message's embeds."""
        return self._message().embeds

    @property
    def attachments(self) -> list[Json]:
        """The message's files."""
        return self._message().attachments

    @property
    def ephemeral(self) -> bool:
        """Whether only this person sees the message."""
        return self._message().ephemeral

    @property
    def buttons(self) -> list[str]:
        """The labels of the message's buttons that can be pressed."""
        return self._message().buttons

    @property
    def selects(self) -> list[SelectView]:
        """The message's select menus."""
        return self._message().selects

    async def click(self, label: str) -> "Response":
        """Press a button of the message; see `MessageView.click`."""
        return await self._message().click(label)

    async def choose(self, placeholder: str, options: str | Iterable[str]) -> "Response":
        """Choose from a menu of the message; see `MessageView.choose`."""
        return await self._message().choose(placeholder, options)

    # -- modals ---------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The modal's title."""
        return self._modal().title

    @property
    def inputs(self) -> dict[str, FormValue]:
        """What stands in the modal's fields, by label."""
        return self._modal().inputs

    async def submit(self, values: Mapping[str, FormValue] | None = None) -> "Response":
        """Fill the modal and send it; see `ModalView.submit`."""
        return await self._modal().submit(values)

    def dismiss(self) -> None:
        """Close the modal, or dismiss the ephemeral message.

        Raises:
            NotVisible: There is neither, or the message is for all.
        """
        shown = self._shown()
        if isinstance(shown, ModalView):
            shown.dismiss()
        else:
            shown.person.dismiss(shown)

    # -- what is there --------------------------------------------------------------------------------

    def _shown(self) -> MessageView | ModalView:
        shown = self.message or self.modal
        if shown is None:
            raise self._missing("neither a message nor a modal")
        return shown

    def _message(self) -> MessageView:
        if self.message is None:
            raise self._missing("no message" if self.modal is None else "a modal, not a message")
        return self.message

    def _modal(self) -> ModalView:
        if self.modal is None:
            raise self._missing("no modal" if self.message is None else "a message, not a modal")
        return self.modal

    def _missing(self, what: str) -> NotVisible:
        text = f"The answer is {what}."
        if self.person is None:
            return NotVisible(text)
        return self.person.unseen(text, self.message or self.modal)
