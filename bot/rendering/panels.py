"""What goes to Discord as one piece: a message or a modal, as plain values."""

from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

import hikari

from bot import limits


class TextFile(NamedTuple):
    """A file that goes with a message.

    Attributes:
        name: what it is saved as, such as `1-user.txt`.
        content: its bytes, UTF-8.
    """

    name: str
    content: bytes


@dataclass(frozen=True)
class Panel:
    """One Discord message, within Discord's limits.

    Attributes:
        content: markdown, at most 2000 UTF-16 units; may be empty when there are embeds.
        embeds: at most 10, together at most 6000 UTF-16 units.
        rows: at most 5 rows of controls; empty removes all controls on an edit.
        backend_message_ids: (position, backend message) for every dataset message that the panel shows; the
            position is the index of the first embed that shows it here.
        files: at most 10, each at most 10 MiB; together at most 24 MiB.
    """

    content: str = ""
    embeds: tuple[hikari.Embed, ...] = ()
    rows: tuple[hikari.api.ComponentBuilder, ...] = ()
    backend_message_ids: tuple[tuple[int, UUID], ...] = ()
    files: tuple[TextFile, ...] = ()

    def with_notice(self, notice: str) -> "Panel":
        """Return the panel with a notice above its content; what is too long then loses its end."""
        return replace(self, content=limits.trim(f"{notice}\n\n{self.content}".strip(), limits.CONTENT))

    def with_footnote(self, notice: str) -> "Panel":
        """Return the panel with a line below its content, which is shortened where both would not fit."""
        room = limits.CONTENT - limits.utf16_length(notice) - 1
        return replace(self, content=f"{limits.trim(self.content, room)}\n{notice}".strip())


@dataclass(frozen=True)
class ModalPanel:
    """A modal of text inputs, within Discord's limits."""

    custom_id: str
    title: str
    rows: tuple[hikari.api.ComponentBuilder, ...]
