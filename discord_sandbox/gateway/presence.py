"""How the bot wants to be seen: its status and what it does (page events/gateway-events, update presence)."""

from dataclasses import dataclass

STATUSES = frozenset({"online", "dnd", "idle", "invisible", "offline"})
"""The statuses that a bot may set."""

_STATUS_TEXTS = {"dnd": "do not disturb", "invisible": "offline"}
_ACTIVITY_TEXTS = {
    0: "Playing {}",
    1: "Streaming {}",
    2: "Listening to {}",
    3: "Watching {}",
    5: "Competing in {}",
}
CUSTOM = 4
"""The type of an activity that is a text of one's own."""

ACTIVITY_TYPES = frozenset({*_ACTIVITY_TEXTS, CUSTOM})
"""The types of activity that there are."""


@dataclass(frozen=True, slots=True)
class Presence:
    """A status, and what stands beside it.

    Attributes:
        status: One of `STATUSES`.
        activity: What people read beside the status, such as `Playing chess`; empty for nothing.
    """

    status: str = "online"
    activity: str = ""

    def __str__(self) -> str:
        shown = _STATUS_TEXTS.get(self.status, self.status)
        return f"{shown}: {self.activity}" if self.activity and shown != "offline" else shown


def activity_text(kind: int, name: str, state: str | None) -> str:
    """Give what people read of an activity.

    Args:
        kind: Its type, one of `ACTIVITY_TYPES`.
        name: What is played, heard or watched.
        state: A text of one's own; it is all that is shown of a custom activity.
    """
    return state or "" if kind == CUSTOM else _ACTIVITY_TEXTS[kind].format(name)
