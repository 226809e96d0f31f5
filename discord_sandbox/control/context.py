"""What the control's calls work on: the sandbox, and what is kept between two calls."""

from discord_sandbox.control.names import Names
from discord_sandbox.faults.rule import Fault
from discord_sandbox.loopback.refusals import not_found
from discord_sandbox.people.actor import Actor
from discord_sandbox.people.modal import ModalView
from discord_sandbox.sandbox import Sandbox


class Context:
    """A sandbox as the control sees it.

    Attributes:
        sandbox: The sandbox.
        names: Finds things by what people call them.
        faults: The faults that were made by calls, by number.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.names = Names(sandbox)
        self.faults: dict[int, Fault] = {}
        self._modals: dict[int, ModalView] = {}

    def opened(self, person: Actor, modal: ModalView) -> None:
        """Keep the modal that a person sees now; an earlier one is gone."""
        self._modals[person.id] = modal

    def modal(self, person: Actor) -> ModalView | None:
        """Give the modal that a person sees; None if there is none."""
        modal = self._modals.get(person.id)
        return modal if modal is not None and modal.open else None

    def open_modal(self, person: Actor) -> ModalView:
        """Give the modal that a person sees.

        Raises:
            Refused: There is none.
        """
        modal = self.modal(person)
        if modal is None:
            raise not_found(f"{person.name} has no open modal.")
        return modal

    def close_modal(self, person: Actor) -> None:
        """Close the modal that a person sees, if there is one."""
        modal = self._modals.pop(person.id, None)
        if modal is not None:
            modal.dismiss()
