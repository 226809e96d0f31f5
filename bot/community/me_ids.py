"""The versioned custom_ids of /me: each carries all that it means, so that it works after a restart."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from bot.limits import CUSTOM_ID

PREFIX: Final = "me:1:"

MODAL_PREFIX: Final = "me_text:1:"
"""What the form for another wording starts with; the message's id follows."""


class MeAction(StrEnum):
    """What a control of /me does."""

    overview = "overview"
    page = "page"
    look = "look"
    one = "one"
    edit = "edit"
    save = "save"
    discard = "discard"
    withdraw = "withdraw"
    withdraw_now = "withdraw_now"
    hide = "hide"
    show = "show"
    anonymous = "anonymous"
    named = "named"


PLAIN: Final = frozenset(
    {MeAction.overview, MeAction.hide, MeAction.show, MeAction.anonymous, MeAction.named}
)
"""Actions that need nothing else."""

ON_PAGES: Final = frozenset({MeAction.page, MeAction.look})
"""Actions that carry a place in the list; all others carry the id of a message."""


@dataclass(frozen=True, slots=True)
class PageRef:
    """A place in the list of somebody's texts, newest first; without cursors its beginning.

    Attributes:
        after: the backend's cursor of what comes before the page.
        before: the backend's cursor of what comes after the page.
    """

    after: str | None = None
    before: str | None = None

    def __str__(self) -> str:
        return f"before:{self.before}" if self.before is not None else f"after:{self.after or ''}"

    @property
    def fits(self) -> bool:
        """Whether a button can carry it: another backend may make cursors of any length."""
        return len(f"{PREFIX}{MeAction.look.value}:{self}") <= CUSTOM_ID


FIRST_PAGE: Final = PageRef()


@dataclass(frozen=True, slots=True)
class MeId:
    """What a custom_id says."""

    action: MeAction
    message_id: UUID | None = None
    page: PageRef = FIRST_PAGE

    def __str__(self) -> str:
        if self.action in PLAIN:
            return f"{PREFIX}{self.action.value}"
        rest = self.page if self.action in ON_PAGES else self.message_id
        return f"{PREFIX}{self.action.value}:{rest}"


def parse_me_id(custom_id: str) -> MeId | None:
    """Read a custom_id; None where it is none that was made here."""
    name, _, rest = custom_id.removeprefix(PREFIX).partition(":")
    try:
        action = MeAction(name)
        if action in PLAIN:
            return MeId(action) if not rest else None
        if action in ON_PAGES:
            return MeId(action, page=_page(rest))
        return MeId(action, UUID(rest))
    except ValueError:
        return None


def modal_id(message_id: UUID) -> str:
    """Give the custom_id of the form for another wording of a message."""
    return f"{MODAL_PREFIX}{message_id}"


def parse_modal_id(custom_id: str) -> UUID | None:
    """Read the message's id out of the custom_id of a form; None where it has none."""
    try:
        return UUID(custom_id.removeprefix(MODAL_PREFIX))
    except ValueError:
        return None


def _page(rest: str) -> PageRef:
    side, colon, cursor = rest.partition(":")
    if not colon or side not in {"after", "before"}:
        raise ValueError("this is no place in a list")
    return PageRef(before=cursor) if side == "before" else PageRef(after=cursor or None)
