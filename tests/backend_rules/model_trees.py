"""Trees in memory and the tasks in people's hands, as the town of the rules' tests has them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from oasst_backend.rules.trees import TreeState

Kind = Literal["prompt", "reply", "review", "ranking"]


@dataclass(eq=False)
class Message:
    """A message; `deletion` numbers the act that deleted it."""

    author: str
    depth: int
    parent: "Message | None" = None
    surplus: bool = False
    verdict: bool | None = None
    deletion: int | None = None
    restored: bool = False
    rank: int | None = None
    children: list["Message"] = field(default_factory=list)
    reviews: list[tuple[str, float]] = field(default_factory=list)
    late_reviews: list[str] = field(default_factory=list)
    ballots: list[tuple[str, list["Message"]]] = field(default_factory=list)
    late_ballots: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    skips: set[tuple[str, str]] = field(default_factory=set)
    replies_skipped: set[str] = field(default_factory=set)
    ranked: int = 0

    @property
    def is_assistant(self) -> bool:
        """Whether the assistant says it."""
        return self.depth % 2 == 1

    @property
    def deleted(self) -> bool:
        """Whether it was deleted."""
        return self.deletion is not None

    @property
    def alive(self) -> bool:
        """Whether it is accepted or may still be."""
        return not self.deleted and not self.surplus and self.verdict is not False

    @property
    def accepted(self) -> bool:
        """Whether it is a part of the dataset."""
        return self.alive and self.verdict is True

    def below(self) -> Iterator["Message"]:
        """Give it and everything below it."""
        yield self
        for child in self.children:
            yield from child.below()


@dataclass(eq=False)
class Tree:
    """A tree by its root; `moderated` counts how often a moderator halted it or let it go on."""

    root: Message
    goal: int
    state: TreeState = TreeState.initial_prompt_review
    won: bool = False
    moderated: int = 0
    resumed: bool = False

    @property
    def messages(self) -> list[Message]:
        """All its messages, parents before their children."""
        return list(self.root.below())


@dataclass(eq=False)
class Hand:
    """A task in somebody's hand; its place is kept while it is reserved."""

    person: str
    kind: Kind
    tree: Tree | None = None
    subject: Message | None = None
    served: list[Message] = field(default_factory=list)
    reserved: bool = True
