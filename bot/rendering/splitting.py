"""Splits long texts where a reader would: at a paragraph, line, sentence or word; never in a character."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from bot.limits import prefix_within, utf16_length
from bot.rendering.markdown import FENCE, Kind, Stretch, safe_markdown, scan

SMALLEST: Final = 100
"""The smallest limit: a reopened and closed fence with its language, and something in between."""

_REOPEN: Final = FENCE + "\n"
_CLOSE: Final = "\n" + FENCE
_PARAGRAPH: Final = re.compile(r"\n[^\S\n]*\n\s*")
_LINE: Final = re.compile(r"\n")
# Closing quotes after Western and East Asian sentence ends, by their code points.
_SENTENCE: Final = re.compile(
    "[.!?\u2026]+[\"'\u201d\u2019\u00bb)\\]]*\\s+|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d]?"
)
_WORD: Final = re.compile(r"\s+")
_REGIONAL: Final = range(0x1F1E6, 0x1F200)
_VARIANTS: Final = (
    range(0xFE00, 0xFE10),  # how an emoji is drawn
    range(0x1F3FB, 0x1F400),  # skin tones
    range(0xE0020, 0xE0080),  # tags of flags
    range(0xE0100, 0xE01F0),  # variants of ideographs
)
_HANGUL_JAMO: Final = range(0x1100, 0x1200)
_JOINER: Final = "\u200d"


def split_markdown(text: str, limit: int) -> list[str]:
    """Return a text as pieces of safe markdown, each at most `limit` UTF-16 units and not blank.

    A code block that is cut is closed and opened again (without its language, so that nothing is added to
    what was written). Whitespace around the cuts is dropped; nothing else is. A blank text gives no pieces.

    Raises:
        ValueError: the limit is below SMALLEST.
    """
    if limit < SMALLEST:
        raise ValueError(f"pieces of {limit} are too short; the least is {SMALLEST}")
    return list(_safe_pieces(text, limit))


def _safe_pieces(text: str, limit: int) -> Iterator[str]:
    for piece in _pieces(safe_markdown(text), limit):
        # Code that was cut may read as text in its piece: then its links are masked links there.
        mended = safe_markdown(piece)
        if mended == piece:
            yield piece
        else:
            yield from _safe_pieces(mended, limit)


def _pieces(text: str, limit: int) -> Iterator[str]:
    stretches = [part for part in scan(text) if part.kind is not Kind.text]
    position, reopen = _skip_blank(text, 0), ""
    while position < len(text):
        rest = reopen + text[position:]
        if utf16_length(rest) <= limit:
            yield rest.rstrip()
            return
        end = prefix_within(text, position, limit - len(reopen) - len(_CLOSE))
        cut = _cut(text, position, end, stretches, limit)
        block = _block_around(cut, stretches)
        if block is None:
            piece, next_position, next_reopen = reopen + text[position:cut], _skip_blank(text, cut), ""
        else:
            piece = reopen + _with_block_closed(text, position, cut, block)
            next_position, next_reopen = cut, _REOPEN
            if not text[cut : block.body_end].strip():
                next_position, next_reopen = _skip_blank(text, block.end), ""
        if piece.replace(FENCE, "").strip():
            yield piece.rstrip()
        position, reopen = next_position, next_reopen


def _with_block_closed(text: str, position: int, cut: int, block: Stretch) -> str:
    """Return the text up to a cut in a block; what it would show of the block must not be blank."""
    if text[max(block.body_start, position) : cut].strip():
        return text[position:cut].rstrip("\n") + _CLOSE
    return text[position : max(block.start, position)]


def _cut(text: str, start: int, end: int, stretches: list[Stretch], limit: int) -> int:
    """Return where to cut `text[start:end]`: after `start`, at most at `end`, at the best place there is."""
    middle = start + (end - start) // 2
    whole = [part for part in stretches if part.start <= end < part.end and part.start > start]
    if whole and whole[0].kind is Kind.block and utf16_length(text[whole[0].start : whole[0].end]) <= limit:
        return whole[0].start
    edges = [edge for part in stretches if part.kind is Kind.block for edge in (part.start, part.end)]
    candidates: Iterable[tuple[int, Iterable[int], bool]] = (
        (middle, sorted({*_ends(_PARAGRAPH, text, start, end), *edges}), False),
        (middle, _ends(_LINE, text, start, end), True),
        (middle, _ends(_SENTENCE, text, start, end), False),
        (start, _ends(_WORD, text, start, end), True),
        (start, range(start + 1, end + 1), True),
    )
    for least, places, in_blocks in candidates:
        for place in reversed(list(places)):
            if not least < place <= end or not _allowed(text, place, stretches):
                continue
            if in_blocks or _block_around(place, stretches) is None:
                return place
    # A single character sequence or inline code longer than a piece: cut it, but never in half an escape.
    place = end
    while place > start + 1 and (_escaped(text, place) or _in_fence(place, stretches)):
        place -= 1
    return place


def _ends(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[int]:
    return [found.end() for found in pattern.finditer(text, start, end)]


def _allowed(text: str, place: int, stretches: list[Stretch]) -> bool:
    if place >= len(text):
        return True
    if _in_fence(place, stretches) or _joined(text, place):
        return False
    inline = any(part.kind is Kind.inline_code and part.start < place < part.end for part in stretches)
    return not inline and not _escaped(text, place)


def _in_fence(place: int, stretches: list[Stretch]) -> bool:
    return any(
        part.kind is Kind.block
        and (part.start < place <= part.body_start or part.body_end <= place < part.end)
        for part in stretches
    )


def _block_around(place: int, stretches: list[Stretch]) -> Stretch | None:
    for part in stretches:
        if part.kind is Kind.block and part.body_start < place < part.body_end:
            return part
    return None


def _escaped(text: str, place: int) -> bool:
    """Say whether the character at `place` belongs to a backslash before it."""
    before = place
    while before > 0 and text[before - 1] == "\\":
        before -= 1
    return (place - before) % 2 == 1


def _joined(text: str, place: int) -> bool:
    """Say whether a reader sees the characters before and after `place` as one."""
    before, after = text[place - 1], text[place]
    code = ord(after)
    if _JOINER in (before, after) or unicodedata.category(after).startswith("M"):
        return True
    if any(code in variants for variants in _VARIANTS) or (before, after) == ("\r", "\n"):
        return True
    if code in _HANGUL_JAMO and ord(before) in _HANGUL_JAMO:
        return True
    if code not in _REGIONAL:
        return False
    first = place
    while first > 0 and ord(text[first - 1]) in _REGIONAL:
        first -= 1
    return (place - first) % 2 == 1


def _skip_blank(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
