"""Finds the parts of a text that one mark opens and another closes: bold text, spoilers, inline code."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from bot.rendering.characters import BIDI_DEPTH, BIDI_PAIRS
from bot.rendering.markdown import Kind, Stretch

_LONGEST_RUN: Final = 8
"""Inline code between longer runs of backticks is not looked after."""

_DEPTH: Final = 4
"""How deep emphasis is followed."""

MARKS: Final = _LONGEST_RUN + 2 * _DEPTH + BIDI_DEPTH
"""The most characters of the marks that are open at one place."""

# What holds no mark although it may look so: escapes, links, mentions and emojis.
_OPAQUE: Final = re.compile(r"\\[^0-9A-Za-z\s]|https?://[^\s<*|~]+|<[^\s<>]+>")
# Each mark with the part that it makes, as Discord reads them; the first that fits counts.
_EMPHASIS: Final = (
    ("**", re.compile(r"\*\*(.+?)\*\*(?!\*)", re.DOTALL)),
    ("__", re.compile(r"__(.+?)__(?!_)", re.DOTALL)),
    ("||", re.compile(r"\|\|(.+?)\|\|", re.DOTALL)),
    ("~~", re.compile(r"~~(.+?)~~(?!_)", re.DOTALL)),
    ("*", re.compile(r"\*(?=\S)((?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)")),
    ("_", re.compile(r"\b_((?:__|[^_])+?)_\b")),
)
_MARK: Final = re.compile(r"[*_|~]")
_BIDI: Final = re.compile(f"[{''.join({*BIDI_PAIRS, *BIDI_PAIRS.values()})}\n]")


class Span(NamedTuple):
    """A part of a text, `start` to `end`, with the marks it begins and ends with."""

    start: int
    end: int
    opening: str
    closing: str

    def holds(self, stop: int, start: int) -> bool:
        """Say whether a cut leaves some of what the span holds on both sides."""
        return self.start + len(self.opening) < stop and start < self.end - len(self.closing)


class Spans:
    """All spans of a text, to be asked about places.

    Args:
        text: safe markdown.
        stretches: its code, in order.
        regions: where parts begin that no emphasis reaches into from before (list items, headings), in order.
    """

    def __init__(self, text: str, stretches: Sequence[Stretch], regions: Iterable[int]) -> None:
        found = [*_inline_code(text, stretches), *_emphasis(text, stretches, regions), *_directions(text)]
        # In a layer no span reaches into the next, so that each is searched at once; there are few layers.
        self._layers: list[list[Span]] = []
        self._ends: list[list[int]] = []
        for span in sorted(found, key=_by_place):
            layer = next(
                (at for at, ends in enumerate(self._ends) if ends[-1] <= span.start), len(self._ends)
            )
            if layer == len(self._ends):
                self._layers.append([])
                self._ends.append([])
            self._layers[layer].append(span)
            self._ends[layer].append(span.end)

    def cut_by(self, stop: int, start: int) -> list[Span]:
        """Return the spans that a cut is inside of, the outermost first."""
        cut = []
        for spans, ends in zip(self._layers, self._ends, strict=True):
            index = bisect_right(ends, start)
            if index < len(spans) and spans[index].start < stop:
                cut.append(spans[index])
        return sorted(cut, key=_by_place)


def _by_place(span: Span) -> tuple[int, int]:
    return span.start, -span.end


def _inline_code(text: str, stretches: Iterable[Stretch]) -> Iterator[Span]:
    for part in stretches:
        mark = text[part.start : part.body_start]
        if part.kind is Kind.inline_code and len(mark) <= _LONGEST_RUN:
            yield Span(part.start, part.end, mark, mark)


def _directions(text: str) -> Iterator[Span]:
    opened: list[int] = []
    for found in _BIDI.finditer(text):
        if found[0] in BIDI_PAIRS:
            opened.append(found.start())
        elif found[0] == "\n":
            opened.clear()
        elif opened:
            start = opened.pop()
            yield Span(start, found.end(), text[start], found[0])


def _emphasis(text: str, stretches: Sequence[Stretch], regions: Iterable[int]) -> Iterator[Span]:
    readable = _OPAQUE.sub(lambda found: "x" * len(found[0]), text)
    parts, position = [], 0
    for part in stretches:
        parts += [readable[position : part.start], "x" * (part.end - part.start)]
        position = part.end
    readable = "".join([*parts, readable[position:]])
    blocks = [part for part in stretches if part.kind is Kind.block]
    edges = {0, len(text), *regions}.union(*({part.start, part.end} for part in blocks))
    ordered = sorted(edges)
    for start, end in pairwise(ordered):
        yield from _emphasis_in(readable, start, end, _DEPTH)


def _emphasis_in(readable: str, start: int, end: int, depth: int) -> Iterator[Span]:
    # A mark that nothing closes is closed by nothing after it either.
    unclosed: set[str] = set()
    position = start
    while (mark_at := _MARK.search(readable, position, end)) is not None:
        position = mark_at.start()
        for mark, pattern in _EMPHASIS:
            if mark in unclosed or not readable.startswith(mark, position):
                continue
            found = pattern.match(readable, position, end)
            if found is None:
                if len(mark) > 1:
                    unclosed.add(mark)
                continue
            yield Span(position, found.end(), mark, mark)
            if depth > 1:
                yield from _emphasis_in(readable, found.start(1), found.end(1), depth - 1)
            position = found.end()
            break
        else:
            position += 1
