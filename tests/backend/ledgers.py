"""A ledger of what people did, as the backend told them."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass
class Held:
    """A task that a person has in hand."""

    person: str
    shown: str
    task: dict[str, Any]

    @property
    def type(self) -> str:
        """The type of the task."""
        return str(self.task["type"])

    @property
    def id(self) -> str:
        """The task's id."""
        return str(self.task["id"])


class Deed(NamedTuple):
    """An answer that the backend took."""

    person: str
    task_type: str
    task_id: str
    interaction: dict[str, Any]


@dataclass
class Ledger:
    """What was done, as those who did it know it.

    Attributes:
        deeds: the answers that were taken, in their order.
        refused: the error codes that answers met.
        skipped: how many tasks were skipped.
        restored: the messages that a moderator restored, with all below them.
        resumed: the trees that a moderator let go on, also by restoring their messages.
        back: the trees whose author was enabled again, which let them go on.
        halted: the trees that a moderator halted.
        disabled: the people who are disabled now.
    """

    deeds: list[Deed] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    skipped: int = 0
    restored: set[str] = field(default_factory=set)
    resumed: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    halted: set[str] = field(default_factory=set)
    disabled: set[str] = field(default_factory=set)

    def texts(self) -> list[Deed]:
        """The texts that were taken."""
        return [deed for deed in self.deeds if deed.interaction["type"] == "text_reply_to_message"]

    def count(self, person: str, *task_types: str) -> int:
        """How many tasks of these types a person finished."""
        return sum(deed.person == person and deed.task_type in task_types for deed in self.deeds)
