"""Finds the parts of a text that one mark opens and another closes: bold text, spoilers, inline code."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

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


@dataclass(frozen=True)
class Span:
    """A part of a text, `start` to `end`, with the marks it begins and ends with."""

    start: int
    end: int
    opening: str
    closing: str

    def is_cut(self, stop: int, start: int) -> bool:
        """Say whether the span goes on from before `stop` to after `start`."""
        return self.start < stop and start < self.end

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
        self._groups: list[list[Span]] = []
        self._ends: list[int] = []
        for span in sorted(found, key=lambda span: (span.start, -span.end)):
            if self._ends and span.start < self._ends[-1]:
                self._groups[-1].append(span)
                self._ends[-1] = max(self._ends[-1], span.end)
            else:
                self._groups.append([span])
                self._ends.append(span.end)

    def cuts_any(self, stop: int, start: int) -> bool:
        """Say whether a cut is inside of a span; a cheap question."""
        group = bisect_left(self._ends, start + 1)
        return group < len(self._groups) and self._groups[group][0].start < stop

    def cut_by(self, stop: int, start: int) -> list[Span]:
        """Return the spans that a cut is inside of, the outermost first."""
        if not self.cuts_any(stop, start):
            return []
        group = self._groups[bisect_left(self._ends, start + 1)]
        return [span for span in group if span.is_cut(stop, start)]


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
