"""Splits long texts where a reader would: between paragraphs, items, lines, sentences or words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.limits import utf16_length
from bot.rendering.cuts import Cut, Cuts
from bot.rendering.markdown import FENCE, safe_markdown

SMALLEST: Final = 100
"""The smallest limit: what is opened again and closed in a piece, and something in between."""

_SPACE_SHARE: Final = 5
"""Whitespace in a row is shortened to this part of a piece."""
_BLANK_LINES: Final = re.compile(r"\A(?:[^\S\n]*\n)+")
_CLOSE: Final = "\n" + FENCE


@dataclass(frozen=True)
class Piece:
    """A part of a text as it is shown: `before` and `after` are ours, `body` was written by somebody.

    Attributes:
        before: what goes on from the piece before: a quote, the items around a nested one, the language of a
            code block, open marks.
        body: a part of the safe markdown.
        after: what closes the open code block or marks.
        left: how many characters (code points) come after this piece.
    """

    before: str
    body: str
    after: str
    left: int = 0

    @property
    def markdown(self) -> str:
        """What is shown."""
        return self.before + self.body + self.after


@dataclass(frozen=True)
class Excerpt:
    """The beginning of a text as markdown, and how many characters (code points) of it are left out."""

    markdown: str
    left_out: int


def split_markdown(text: str, limit: int) -> list[str]:
    """Return a text as pieces of safe markdown, each at most `limit` UTF-16 units and not blank.

    A reader finds in each piece what goes on from the one before: code blocks are closed and opened again
    with their language, quotes go on as quotes, a nested item stands below `- …`, and bold text, spoilers
    and inline code that are too long to stay whole are closed and opened again. Numbers of lists are as
    written. Whitespace around the cuts is dropped; nothing else is. A blank text gives no pieces.

    Raises:
        ValueError: the limit is below SMALLEST.
    """
    return [piece.markdown for piece in split(text, limit)]


def excerpt(text: str, limit: int) -> Excerpt:
    """Return the beginning of a text, cut at a natural place, with what is open there closed.

    Args:
        text: what somebody wrote.
        limit: the most UTF-16 units of the beginning.

    Returns:
        The whole text as safe markdown if it fits; a blank text gives a blank beginning.

    Raises:
        ValueError: the limit is below SMALLEST.
    """
    first = next(split(text, limit), Piece("", "", ""))
    return Excerpt(first.markdown, first.left)


def split(text: str, limit: int) -> Iterator[Piece]:
    """Yield the pieces of a text one by one, as `split_markdown` returns them.

    Raises:
        ValueError: the limit is below SMALLEST.
    """
    if limit < SMALLEST:
        raise ValueError(f"pieces of {limit} are too short; the least is {SMALLEST}")
    most = limit // _SPACE_SHARE
    safe = _BLANK_LINES.sub("", safe_markdown(text)).rstrip()
    return _pieces(re.sub(rf"\s{{{most},}}", lambda found: _shortened(found[0], most), safe), limit)


def _shortened(space: str, most: int) -> str:
    """Return long whitespace with one blank line at most, and as much of the indentation as there is room."""
    lines = "\n\n" if "\n" in space else ""
    return (lines + space.rpartition("\n")[2])[:most]


def _pieces(text: str, limit: int) -> Iterator[Piece]:
    cuts = Cuts(text, limit)
    position, before, in_code = 0, "", False
    while position < len(text):
        room = limit - utf16_length(before)
        if len(text) - position <= room and utf16_length(text[position:]) <= room:
            cut = Cut(len(text), len(text), "", "")
        else:
            cut = cuts.best(position, room)
        piece = Piece(before, text[position : cut.stop], cut.after, len(text) - cut.start)
        if in_code or cut.in_code:
            piece = _mended(piece)
            while utf16_length(piece.markdown) > limit:
                room -= utf16_length(piece.markdown) - limit
                cut = cuts.best(position, room)
                piece = _mended(Piece(before, text[position : cut.stop], cut.after, len(text) - cut.start))
        yield piece
        position, before, in_code = cut.start, cut.before, cut.in_code


def _mended(piece: Piece) -> Piece:
    """Return a piece; code that was cut may read as text in it, and then its links are masked links there."""
    mended, after = safe_markdown(piece.markdown), piece.after
    if mended.endswith(after + _CLOSE) and not piece.markdown.endswith(after + _CLOSE):
        after += _CLOSE
    return replace(piece, body=mended[len(piece.before) : len(mended) - len(after)], after=after)
