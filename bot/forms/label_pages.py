"""Puts labels into rows of controls and the rows onto pages, so that each page fits one message.

Only what the backend says decides, never our words: a page is the same in every language, and a click finds
the label that it was made on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot import limits
from bot.forms.label_words import help_lines
from bot.rendering.markdown import escape
from bot.rendering.splitting import split_markdown
from oasst_client.models import LabelDescription, LabelWidget

ROWS_ON_PAGE: Final = limits.ROWS - 2
"""One row is for sending and turning pages, one for leaving the task."""

TITLE: Final = 200
"""UTF-16 units of a label's words that stand as its title; longer ones are also shown whole."""

OURS: Final = 200
"""UTF-16 units that the catalogues' title or help of a label may have, escaped."""

_PAGE: Final = 4000
"""What the rows of a page may take of an embed's description, in UTF-16 units."""

_ROW: Final = 2 * TITLE + 2 * OURS
"""What a row takes besides the backend's help: its title, escaped, our help, its answer."""

_HELP: Final = 2800
"""The longest help that stands beside controls; what comes before it has pages of its own."""

_AROUND: Final = 40
"""What surrounds a flag's words in the lines that name it."""


@dataclass(frozen=True)
class LabelRow:
    """One row of controls: one yes/no or likert label, or up to 25 flags in one menu.

    Attributes:
        widget: what the controls are.
        labels: one label, or the flags of the menu.
        help_pieces: what the backend says about a label that has the row for itself, as inert markdown; for
            flags that share a menu none.
    """

    widget: LabelWidget
    labels: tuple[LabelDescription, ...]
    help_pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageEntry:
    """A row's part of a page: a piece of its help, and with the last piece its controls."""

    row: int
    piece: int = 0
    has_controls: bool = True


def label_rows(labels: Sequence[LabelDescription]) -> list[LabelRow]:
    """Return yes/no questions, then flags, then scales."""
    of = {widget: [label for label in labels if label.widget is widget] for widget in LabelWidget}
    return [
        *(_lone(label) for label in of[LabelWidget.yes_no]),
        *_menus(of[LabelWidget.flag]),
        *(_lone(label) for label in of[LabelWidget.likert]),
    ]


def label_pages(rows: Sequence[LabelRow]) -> list[tuple[PageEntry, ...]]:
    """Return what stands on each page; at least one page, of at most 3 rows of controls."""
    pages: list[list[PageEntry]] = [[]]
    room = _PAGE
    for number, row in enumerate(rows):
        *before, last = row.help_pieces or ("",)
        for piece in range(len(before)):
            pages.append([PageEntry(number, piece, has_controls=False)])
            room = 0
        weight = _weight(row, last)
        if weight > room or len(pages[-1]) == ROWS_ON_PAGE:
            pages.append([])
            room = _PAGE
        pages[-1].append(PageEntry(number, len(before)))
        room -= weight
    return [tuple(page) for page in pages if page] or [()]


def needs_words(title: str, help_text: str) -> bool:
    """Say whether a flag's option in a menu is too short for its words, so that they stand on the page."""
    return max(limits.utf16_length(title), limits.utf16_length(help_text)) > limits.OPTION_TEXT


def _lone(label: LabelDescription) -> LabelRow:
    limit = limits.OPTION_TEXT if label.widget is LabelWidget.flag else TITLE
    lines = [escape(label.display_text)] if limits.utf16_length(label.display_text) > limit else []
    if label.help_text:
        lines.append(help_lines(label.help_text))
    return LabelRow(label.widget, (label,), tuple(split_markdown("\n".join(lines), _HELP)))


def _menus(flags: Iterable[LabelDescription]) -> Iterator[LabelRow]:
    """Put flags into menus that Discord takes and whose words fit a page."""
    menu: list[LabelDescription] = []
    room = 0
    for flag in flags:
        weight = _flag_weight(flag)
        if menu and (weight > room or len(menu) == limits.SELECT_OPTIONS):
            yield _menu(menu)
            menu = []
        if not menu:
            room = _HELP
        menu.append(flag)
        room -= weight
    if menu:
        yield _menu(menu)


def _menu(flags: Sequence[LabelDescription]) -> LabelRow:
    return _lone(flags[0]) if len(flags) == 1 else LabelRow(LabelWidget.flag, tuple(flags))


def _flag_weight(flag: LabelDescription) -> int:
    # The name stands beside words that two labels share.
    title, help_text = f"{flag.display_text} ({flag.name})", flag.help_text or ""
    weight = min(limits.utf16_length(escape(title)), 2 * limits.OPTION_TEXT) + _AROUND
    if needs_words(title, help_text):
        weight += limits.utf16_length(escape(title)) + limits.utf16_length(help_lines(help_text)) + _AROUND
    return weight


def _weight(row: LabelRow, last_piece: str) -> int:
    if len(row.labels) > 1:
        return OURS + sum(_flag_weight(flag) for flag in row.labels)
    return _ROW + limits.utf16_length(last_piece)
