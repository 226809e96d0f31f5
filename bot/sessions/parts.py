"""What all parts of the task feature work with."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.outgoing import Outgoing
from bot.sessions.presenting import Presenter
from bot.sessions.turns import Turns
from bot.store import Store


@dataclass(frozen=True)
class Parts:
    """The memory, the way to Discord, the looks, the time, and whose turn it is."""

    store: Store
    outgoing: Outgoing
    presenter: Presenter
    clock: Clock
    turns: Turns
