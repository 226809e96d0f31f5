"""What happened, in the order of time: what people did, what the bot answered, and what went wrong between.

Noting something keeps only what is needed to tell it; the text is made when somebody reads it.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from discord_sandbox.watching.telling import Teller, said
from discord_sandbox.world.interaction import CallbackType, Interaction
from discord_sandbox.world.model import Channel, Message, User

if TYPE_CHECKING:
    from discord_sandbox.world.store import Store

_KEPT = 1000
"""How many entries are kept."""

_LATEST = 15
"""How many lines an error shows."""

_MESSAGES = frozenset({CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, CallbackType.UPDATE})


class Journal:
    """Keeps the latest 1,000 things that happened; `str` gives them as text.

    Each line begins with the seconds since the first one, by the sandbox's clock.
    """

    def __init__(self, store: "Store") -> None:
        self._clock = store.clock
        self._tell = Teller(store)
        self._began: float | None = None
        self._entries: deque[tuple[float, Callable[..., str], tuple[Any, ...]]] = deque(maxlen=_KEPT)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __len__(self) -> int:
        return len(self._entries)

    def lines(self, last: int = _KEPT) -> list[str]:
        """Give the latest entries as lines of text, oldest first."""
        began = self._began or 0.0
        latest = list(self._entries)[-last:]
        return [f"{moment - began:9.3f}  {tell(*facts)}" for moment, tell, facts in latest]

    def latest(self) -> str:
        """Give what happened last, as it stands at the end of errors."""
        return "\n".join(["What happened last, in seconds:", *(self.lines(_LATEST) or ["  nothing yet"])])

    def note(self, template: str, *facts: object) -> None:
        """Note anything: a template as `str.format` takes it, and what belongs into it."""
        self._add(template.format, *facts)

    def began(self, interaction: Interaction) -> None:
        """Note what a person did with the bot."""
        # What stood on the message then; it may be another thing when this is read.
        components = () if interaction.source is None else interaction.source.components
        self._add(self._tell.act, interaction, components)

    def answered(self, interaction: Interaction, kind: CallbackType) -> None:
        """Note a first answer; messages and their changes are noted where they are made."""
        if kind not in _MESSAGES:
            self._add(self._tell.answer, interaction, kind)

    def unanswered(self, interaction: Interaction) -> None:
        """Note that the first answer did not come in time."""
        self._add(self._tell.silence, interaction)

    def posted(self, message: Message) -> None:
        """Note a new message."""
        self._add(self._tell.posted, message, message.flags, said(message))

    def edited(self, message: Message) -> None:
        """Note that a message says something else now; its flags are still those of before."""
        self._add(self._tell.edited, message, message.flags, said(message))

    def deleted(self, message: Message) -> None:
        """Note that a message is gone."""
        self._add(self._tell.deleted, message, said(message))

    def reacted(self, user: User, message: Message, emoji: str) -> None:
        """Note a reaction."""
        self._add(self._tell.reaction, user, message, emoji, said(message))

    def thread(self, user: User, did: str, thread: Channel) -> None:
        """Note what somebody did to a thread, such as "opened", or what became of them there."""
        self._add(self._tell.thread, user, did, thread)

    def refused(self, method: str, route: str, status: int, code: int, where: tuple[str, ...]) -> None:
        """Note a call that was refused."""
        self._add(self._tell.refusal, method, route, status, code, where)

    def _add(self, tell: Callable[..., str], *facts: object) -> None:
        now = self._clock()
        if self._began is None:
            self._began = now
        self._entries.append((now, tell, facts))
