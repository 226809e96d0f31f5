"""Finds the best place to cut a text near a length, and what must be closed and opened again there."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.limits import prefix_within, utf16_length
from bot.rendering.characters import boundary, joined
from bot.rendering.lines import Break, Rank, marker_end, outline, quote_mark, would_be_markup
from bot.rendering.markdown import FENCE, Kind, Stretch, scan
from bot.rendering.spans import MARKS, Spans

# By their code points, the ends of sentences before a space (Western, Arabic, Hebrew, Armenian, Ethiopic)
# and those that need none (East Asian, Indic, Khmer, Burmese, Tibetan), then closing quotes.
_SENTENCE: Final = re.compile(
    "(?:[.!?\u2026\u061f\u06d4\u05c3\u0589\u1362\u1367\u1368]+[\"'\u201d\u2019\u00bb)\\]*_]*(?=\\s)"
    "|[\u3002\uff01\uff1f\uff0e\uff61\u0964\u0965\u17d4\u17d5\u104b\u0f0d\u0f0e]+"
    "[\u300d\u300f\u201d\u2019\uff09\u3011\u300b\u3009\u3015)\"']*)"
)
_WORD: Final = re.compile("[\u200b\u3001\uff0c\uff1b\uff1a\u0f0b\u104a]+|(?=\\s)(?<!\\s)")
_SPACE: Final = re.compile(r"\s*")
_NO_MARKUP: Final = "\u200b"
"""A space without width: what begins a line with it is no list, quote or heading."""
_QUOTED: Final = "> "
_QUOTED_TO_THE_END: Final = ">>> "
_NEAR: Final = 200
"""How far back a place in no word is looked for where nothing else parts a text."""
_OPENS: Final = frozenset({"Ps", "Pi"})
_CLOSES: Final = frozenset({"Pe", "Pf", "Po"})
_IN_WORD: Final = frozenset({"Lu", "Ll", "Lt", "Nd"})


@dataclass(frozen=True)
class Cut:
    """A place to cut: a piece ends at `stop` with `after`, the next begins with `before` at `start`.

    `in_code` says that it is inside of inline code or of a code block.
    """

    stop: int
    start: int
    after: str
    before: str
    in_code: bool = False


@dataclass(frozen=True)
class _Code:
    """A code block; only between `first` and `last`, its first and last character, may it be cut."""

    block: Stretch
    first: int
    last: int


class Cuts:
    """The cuts of one text.

    Args:
        text: safe markdown without whitespace at its end.
        limit: the most UTF-16 units of a piece; a code block that fits alone is not cut.
    """

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        stretches = [part for part in scan(text) if part.kind is not Kind.text]
        self._stretch_starts = [part.start for part in stretches]
        self._stretch_ends = [part.end for part in stretches]
        self._code = [_code(text, part) for part in stretches if part.kind is Kind.block]
        self._code_ends = [code.block.end for code in self._code]
        self._outline = outline(text, stretches)
        self._stops = [one.stop for one in self._outline.breaks]
        self._spans = Spans(text, stretches, self._outline.regions)
        self._backslashes = [(found.start(), found.end()) for found in re.finditer(r"\\+", text)]

    def best(self, position: int, room: int) -> Cut:
        """Return the best cut after `position`; what stands before it, and its `after`, take up to `room`.

        More than `room` UTF-16 units come after `position`.
        """
        end = prefix_within(self._text, position, room - MARKS)
        whole = self._beside_code(position, end, room)
        if whole is not None:
            return self._cut(whole)
        middle = position + (end - position) // 2
        for least, in_spans in ((middle, False), (middle, True), (position, False), (position, True)):
            for rank in Rank if least == middle else (Rank.word,):
                for place in self._ranked(rank, position, least, end):
                    if self._allowed(place, in_spans=in_spans):
                        return self._cut(place)
        return self._cut(self._in_a_word(position, end))

    def _beside_code(self, position: int, end: int, room: int) -> Break | None:
        """Return a place after or before a code block at `end` that need not be cut."""
        code = self._code_around(end)
        if code is None:
            return None
        start, after = code.block.start, code.block.end
        if self._fits(position, after, room):
            return self._break_at(after)
        limit = self._limit - len(_QUOTED_TO_THE_END)
        if start <= position or not self._fits(start, after, limit):
            return None
        before = [place for place in self._breaks(position, start) if self._allowed(place, in_spans=False)]
        # What announces the block stays with it, if that is not more than a piece.
        for place in before:
            if place.rank is not Rank.reads_on:
                if self._fits(place.start, after, limit):
                    return place
                break
        if before and before[0].start == self._line_start(start):
            return before[0]
        stop = position + len(self._text[position:start].rstrip())
        return Break(stop, start, Rank.word) if stop > position else None

    def _break_at(self, stop: int) -> Break:
        """Return the place right after a code block."""
        index = bisect_left(self._stops, stop)
        if index < len(self._stops) and self._stops[index] == stop:
            return self._outline.breaks[index]
        return Break(stop, _skip_space(self._text, stop), Rank.word)

    def _breaks(self, least: int, end: int) -> Iterator[Break]:
        """Yield the line ends with a stop after `least` up to `end`, the last first."""
        for index in range(bisect_right(self._stops, end) - 1, -1, -1):
            if self._stops[index] <= least:
                return
            yield self._outline.breaks[index]

    def _ranked(self, rank: Rank, position: int, least: int, end: int) -> Iterator[Break]:
        """Yield the places of a rank with a stop after `least` up to `end`, the last first."""
        yield from (place for place in self._breaks(least, end) if place.rank is rank)
        if rank is Rank.sentence:
            yield from self._in_line(_SENTENCE, rank, position, least, end)
        elif rank is Rank.word:
            yield from self._in_line(_WORD, rank, position, least, end)

    def _in_line(
        self, pattern: re.Pattern[str], rank: Rank, position: int, least: int, end: int
    ) -> Iterator[Break]:
        """Yield the places in lines that a pattern ends at, the last first."""
        found = [match.end() for match in pattern.finditer(self._text, max(least, position + 1) - 1, end + 1)]
        for stop in reversed(found):
            start = _skip_space(self._text, stop)
            if not least < stop <= end or start >= len(self._text) or "\n" in self._text[stop:start]:
                continue
            if rank is Rank.sentence and self._code_cut(stop, start) is not None:
                continue
            line = self._line_start(stop)
            if marker_end(self._text, line) < start and not joined(self._text, start, position):
                yield Break(stop, start, rank)

    def _allowed(self, place: Break, *, in_spans: bool) -> bool:
        stop, start = place.stop, place.start
        if self._in_fence(stop, start):
            return False
        if self._code_cut(stop, start) is not None:
            return True
        if spans := self._spans.cut_by(stop, start):
            return in_spans and all(span.holds(stop, start) for span in spans) and not self._escaped(stop)
        return stop < start or not self._escaped(stop)

    def _in_a_word(self, position: int, end: int) -> Break:
        """Return a place between two characters near `end`: if possible in no word, number or span."""
        words = _skip_space(self._text, position)
        found: dict[tuple[bool, bool], Break] = {}
        place = boundary(self._text, end, words)
        while place > words and (not found or place > end - _NEAR):
            one = Break(place, place, Rank.word)
            in_spans = not self._allowed(one, in_spans=False)
            if not in_spans or self._allowed(one, in_spans=True):
                in_word = not self._loose(place)
                found.setdefault((in_word, in_spans), one)
                if not in_word and not in_spans:
                    break
            place = boundary(self._text, place - 1, words)
        if found:
            return found[min(found)]
        # Marks and escapes without words, or a single character with marks without end.
        place = end
        while place > words + 1 and (self._in_fence(place, place) or self._escaped(place)):
            place -= 1
        return Break(place, place, Rank.word)

    def _loose(self, place: int) -> bool:
        """Say whether a place is in no Latin word and no number, and divides no bracket from its content."""
        before, after = (unicodedata.category(char) for char in self._text[place - 1 : place + 1])
        if before in _OPENS or after in _CLOSES:
            return False
        return not (before in _IN_WORD and after in _IN_WORD)

    def _cut(self, place: Break) -> Cut:
        """Return a place with what is closed and opened again there."""
        text, start = self._text, place.start
        line = self._line_start(start)
        quote = _QUOTED if quote_mark(text, line) else ""
        prefix = _QUOTED_TO_THE_END if start > self._outline.quoted_from else quote
        # A line that begins here has the mark of its quote.
        carried = "" if start == line and prefix == _QUOTED else prefix
        code = self._code_cut(place.stop, start)
        if code is not None:
            language = text[code.block.start : code.block.body_start].strip("`\n")
            opened = f"{prefix}{FENCE}{language}\n"
            again = quote if start > line else ""
            return Cut(place.stop, start, f"\n{quote}{FENCE}", opened + again, in_code=True)
        spans = self._spans.cut_by(place.stop, start)
        if spans:
            start = _skip_space(text, max(start, line + len(quote_mark(text, line))))
            opening = "".join(span.opening for span in spans)
            closing = "".join(span.closing for span in reversed(spans))
            return Cut(place.stop, start, closing, prefix + opening, self._in_any_code(place))
        if start == line:
            return Cut(place.stop, start, "", carried + place.list_context)
        plain = _NO_MARKUP if would_be_markup(text, start) else ""
        return Cut(place.stop, start, "", carried + plain, self._in_any_code(place))

    def _in_any_code(self, place: Break) -> bool:
        index = bisect_right(self._stretch_ends, place.start)
        return index < len(self._stretch_starts) and self._stretch_starts[index] < place.stop

    def _fits(self, start: int, end: int, room: int) -> bool:
        return end - start <= room and utf16_length(self._text[start:end]) <= room

    def _line_start(self, position: int) -> int:
        return self._outline.line_starts[bisect_right(self._outline.line_starts, position) - 1]

    def _code_near(self, stop: int, start: int) -> _Code | None:
        """Return the code block that a cut is in, or in the marks of."""
        index = bisect_right(self._code_ends, start)
        if index < len(self._code) and self._code[index].block.start < stop:
            return self._code[index]
        return None

    def _code_around(self, place: int) -> _Code | None:
        return self._code_near(place, place)

    def _code_cut(self, stop: int, start: int) -> _Code | None:
        """Return the code block that a cut leaves code of on both sides."""
        code = self._code_near(stop, start)
        return code if code is not None and code.first < stop and start < code.last else None

    def _in_fence(self, stop: int, start: int) -> bool:
        """Say whether a cut is in the marks of a code block, or leaves no code on one side."""
        return self._code_near(stop, start) is not None and self._code_cut(stop, start) is None

    def _escaped(self, place: int) -> bool:
        """Say whether the character at `place` belongs to a backslash before it."""
        index = bisect_left(self._backslashes, (place,)) - 1
        if index < 0:
            return False
        start, end = self._backslashes[index]
        return place <= end and (place - start) % 2 == 1


def _code(text: str, block: Stretch) -> _Code:
    body = text[block.body_start : block.body_end]
    first = block.body_start + len(body) - len(body.lstrip())
    return _Code(block, first, block.body_start + len(body.rstrip()))


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
