"""Reads the lines of a text as a reader sees them: lists, quotes, headings; and where they part it well."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from bot.rendering.markdown import Kind, Stretch

_HEADING: Final = re.compile(r"(?:#{1,6}|-#)[ \t]+\S|(\*\*|__)[^*_\n]+\1[ \t]*$", re.MULTILINE)
_ITEM: Final = re.compile(
    r"(?P<indent>[ \t]*)(?P<marker>[-*+\u2022\u25e6\u25aa\u2023\u2013]|\d{1,9}[.)])[ \t]+(?=\S)"
)
_NESTS: Final = re.compile(r"[-*]|\d+\.")
"""The markers that Discord itself shows as a list."""
_QUOTE: Final = re.compile(r" *>(?!>>)[ \t]+")
_QUOTE_TO_THE_END: Final = re.compile(r"^ *>>>[ \t]+", re.MULTILINE)
_TABLE_RULE: Final = re.compile(r"(?=[^\n|]*\|)[ \t]*\|?[ \t]*:?-{2,}[-:| \t]*$", re.MULTILINE)
_HEADING_MARK: Final = re.compile(r"[ \t]*(?:#{1,6}|-#|>>>)[ \t]+")
_BLOCK_MARKUP: Final = re.compile(r"(?:#{1,3}|-#|[-*+]|\d+[.)]|>|>>>)(?=\s)|```")
_MARKERS: Final = 4
"""How many marks at the beginning of a line are kept with its words."""
_CODE_INDENT: Final = re.compile(r"\n*([ \t]*)")
_CODE_ENDS: Final = ")]}"
_LIST_CONTEXT: Final = 40
"""The most characters of the lines that stand for the items around a nested one."""


class Rank(IntEnum):
    """How well a place parts a text, the best first."""

    paragraph = 0
    item = 1
    """Before an item of a list that is in no other item, or a quote; in code, a blank line."""
    line = 2
    sentence = 3
    reads_on = 4
    """A line end in a sentence, or after a heading or a line that announces the next."""
    word = 5


class Break(NamedTuple):
    """A place where a text may be cut: one piece ends at `stop`, the next begins at `start`.

    Only whitespace lies between the two. `list_context` stands for the items of a list around the one that
    begins at `start`, and is empty if there are none.
    """

    stop: int
    start: int
    rank: Rank
    list_context: str = ""


@dataclass(frozen=True)
class Outline:
    """The lines of a text.

    Attributes:
        breaks: the ends of lines, in order, except inside of the marks of code blocks.
        line_starts: where lines begin, in order.
        regions: where emphasis does not reach on from before: list items, headings, quotes; in order.
        quoted_from: where the rest of the text becomes a quote; the text's length if it does not.
    """

    breaks: Sequence[Break]
    line_starts: Sequence[int]
    regions: Sequence[int]
    quoted_from: int


class _Line(NamedTuple):
    """A line that is not blank, with its end before trailing whitespace, and what it is."""

    start: int
    end: int
    after_blank: bool
    code: Stretch | None
    item: re.Match[str] | None
    heading: bool
    quote: bool
    indented: bool


def quote_mark(text: str, line_start: int) -> str:
    """Return the mark with which a line is quoted; empty if it is not."""
    found = _QUOTE.match(text, line_start)
    return found[0] if found else ""


def marker_end(text: str, line_start: int) -> int:
    """Return where the words of a line begin, after the marks of a quote, a list and a heading."""
    position = line_start
    for _ in range(_MARKERS):
        found = _ITEM.match(text, position) or _QUOTE.match(text, position)
        if found is None:
            break
        position = found.end()
    heading = _HEADING_MARK.match(text, position)
    return heading.end() if heading else position


def would_be_markup(text: str, position: int) -> bool:
    """Say whether the words at a place would be a heading, list or quote if a line began there."""
    return _BLOCK_MARKUP.match(text, position) is not None


def outline(text: str, stretches: Sequence[Stretch]) -> Outline:
    """Read the lines of a text.

    Args:
        text: safe markdown.
        stretches: its code, in order.
    """
    blocks = [part for part in stretches if part.kind is Kind.block]
    lines = list(_lines(text, blocks))
    regions = [
        edge
        for line in lines
        if line.code is None and (line.item or line.heading)
        for edge in ((line.start, line.end) if line.heading else (line.start,))
    ]
    ends = [block.end for block in blocks]
    quotes = (
        found
        for found in _QUOTE_TO_THE_END.finditer(text)
        if (after := bisect_right(ends, found.start())) == len(blocks) or found.start() <= blocks[after].start
    )
    quote = next(quotes, None)
    return Outline(
        breaks=list(_breaks(text, lines)),
        line_starts=[0, *(found.end() for found in re.finditer("\n", text))],
        regions=regions,
        quoted_from=quote.end() if quote else len(text),
    )


def _lines(text: str, blocks: Sequence[Stretch]) -> Iterator[_Line]:
    upcoming = iter(blocks)
    block = next(upcoming, None)
    after_blank = True
    for found in re.finditer(r"[^\n]+", text):
        start, end = found.start(), found.start() + len(found[0].rstrip())
        while block is not None and block.end <= start:
            block = next(upcoming, None)
        if end == start:
            after_blank = True
            continue
        # A blank line, unless it is the first thing in the text.
        after_blank = after_blank or text[start - 2 : start] == "\n\n"
        code = block if block is not None and block.start < start else None
        item = None if code else _ITEM.match(text, start, end)
        yield _Line(
            start=start,
            end=end,
            after_blank=after_blank,
            code=code,
            item=item,
            heading=code is None and _HEADING.match(text, start, end) is not None,
            quote=code is None and _QUOTE.match(text, start, end) is not None,
            indented=text[start].isspace(),
        )
        after_blank = False


def _breaks(text: str, lines: Sequence[_Line]) -> Iterator[Break]:
    above: list[tuple[int, str]] = []
    """The items that the last line is in, each with its indent and how it is written."""
    for before, line in zip([None, *lines], lines, strict=False):
        in_list = bool(above)
        if line.code is None:
            _enter(above, line)
        if before is None:
            continue
        if line.code is not None:
            block = line.code
            if before.code is block and line.start < block.body_end and before.end > block.body_start:
                yield Break(before.end, line.start, _rank_in_code(text, line, block))
            continue
        nested = len(above) > 1 and line.item is not None
        rank = _rank(text, before, line, in_list=in_list, nested=nested)
        context = "".join(f"{marker} …\n" for _, marker in above[:-1]) if nested else ""
        yield Break(before.end, line.start, rank, context if len(context) <= _LIST_CONTEXT else "")


def _rank_in_code(text: str, line: _Line, block: Stretch) -> Rank:
    """Return how well a line of code begins a piece: after a blank line, else one as shallow as the first."""
    if line.after_blank:
        return Rank.item
    first, own = (_CODE_INDENT.match(text, at) for at in (block.body_start, line.start))
    deeper = first is not None and own is not None and len(own[1]) > len(first[1])
    return Rank.reads_on if deeper or text[line.start] in _CODE_ENDS else Rank.line


def _enter(above: list[tuple[int, str]], line: _Line) -> None:
    """Note which items of a list a line is in."""
    if line.item is None:
        if not line.indented:
            above.clear()
        return
    indent = len(line.item["indent"].expandtabs(4))
    while above and above[-1][0] >= indent:
        above.pop()
    shown = _NESTS.fullmatch(line.item["marker"]) is not None
    if not shown:
        # Discord shows no list, so that nothing stands around its items.
        above.clear()
    above.append((indent, line.item["indent"] + line.item["marker"]))


def _rank(text: str, before: _Line, line: _Line, *, in_list: bool, nested: bool) -> Rank:
    last = text[before.end - 1]
    in_table_head = any(_TABLE_RULE.match(text, row.start, row.end) for row in (before, line))
    wrapped = (last.islower() or last in ",-") and text[line.start].islower()
    new_block = line.heading or (line.after_blank and not line.indented)
    if before.heading or in_table_head or (last in ":\uff1a" and not line.heading):
        rank = Rank.reads_on
    elif line.item is not None and not nested and (in_list or not line.after_blank):
        rank = Rank.item
    elif new_block or (line.item is not None and not nested):
        rank = Rank.paragraph
    elif line.quote != before.quote:
        rank = Rank.item
    else:
        rank = Rank.reads_on if wrapped and line.item is None else Rank.line
    return rank
