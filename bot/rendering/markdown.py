"""Makes what people wrote safe to show as Discord markdown, and knows where its code stands."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Final, NamedTuple

from bot import limits
from bot.rendering.characters import isolated, one_line, shown_whole

FENCE: Final = "```"
_OPENER: Final = re.compile(r"```[a-z0-9_+\-.#]{1,32}\n(?=(?P<blank>\n*)[^\n])", re.IGNORECASE)
_BARE_OPENER: Final = re.compile(r"```(?=(?P<blank>\n*)[^\n])")
_PUNCTUATION: Final = re.compile(r"([\\*_~`|>#\[\]()<:@+\-])")
_NUMBERED: Final = re.compile(r"^(\d+)\.")
_SPECIAL: Final = re.compile(r"[`\\]")
_ESCAPE_OR_BRACKET: Final = re.compile(r"\\.|\[", re.DOTALL)


class Kind(Enum):
    """What a stretch of markdown is."""

    text = auto()
    inline_code = auto()
    block = auto()


class Stretch(NamedTuple):
    """A part of a text, `start` to `end`; a code block's body lies from `body_start` to `body_end`."""

    kind: Kind
    start: int
    end: int
    body_start: int
    body_end: int


def escape(text: str) -> str:
    """Return a name or a quote as one line of markdown that shows exactly its characters and does nothing.

    A text that runs from right to left is isolated, so that our words around it keep their places.
    """
    return isolated(_NUMBERED.sub(r"\1\.", _PUNCTUATION.sub(r"\\\1", one_line(text))))


def preview(text: str, limit: int) -> str:
    """Return the beginning of a text as one plain line of at most `limit` UTF-16 units, never empty.

    A text that runs from right to left is isolated, so that our words around it keep their places.
    """
    line = one_line(text)
    shown = isolated(limits.trim(line, limit))
    if limits.utf16_length(shown) > limit:
        shown = isolated(limits.trim(line, limit - 2))
    return shown or "…"


def safe_markdown(text: str) -> str:
    r"""Return a text whose markdown renders but hides nothing.

    Masked links show their target (`\[label](url)`), a code block that was never closed is closed, and
    characters that hide something are shown (`shown_whole`). Apart from that code stays as it is. Applying
    it again changes nothing.
    """
    text = shown_whole(text)
    stretches = list(scan(text))
    readable = [part for part in stretches if not _surely_code(text, part)]
    hides_until = max((text.rfind("](", part.start, part.end) for part in readable), default=-1)
    parts = [
        text[part.start : part.end] if _surely_code(text, part) else _show_links(text, part, hides_until)
        for part in stretches
    ]
    if stretches and stretches[-1].kind is Kind.block and stretches[-1].body_end == stretches[-1].end:
        parts.append("\n" + FENCE)
    return "".join(parts)


def scan(text: str) -> Iterator[Stretch]:
    """Yield the stretches of a text, in order and without gaps, as Discord reads them."""
    runs = _backtick_runs(text)
    position = plain_from = 0
    while (found := _SPECIAL.search(text, position)) is not None:
        position = found.start()
        if text[position] == "\\":
            position += 2
            continue
        code = _code_at(text, position, runs)
        if code is None:
            position += _run_length(text, position)
            continue
        if code.start > plain_from:
            yield Stretch(Kind.text, plain_from, code.start, plain_from, code.start)
        yield code
        position = plain_from = code.end
    if plain_from < len(text):
        yield Stretch(Kind.text, plain_from, len(text), plain_from, len(text))


def _code_at(text: str, position: int, runs: Mapping[int, list[int]]) -> Stretch | None:
    if text.startswith(FENCE, position) and (block := _block_at(text, position)) is not None:
        return block
    run = _run_length(text, position)
    for length in range(min(run, max(runs)), 0, -1):
        closers = runs.get(length, [])
        found = bisect_left(closers, position + run)
        if found < len(closers):
            close = closers[found]
            return Stretch(Kind.inline_code, position, close + length, position + length, close)
    return None


def _block_at(text: str, position: int) -> Stretch | None:
    """Return the code block that starts here; one that starts a line and is never closed runs to the end."""
    unclosed: Stretch | None = None
    # A first word is the language, unless that leaves no body.
    for opener in (_OPENER.match(text, position), _BARE_OPENER.match(text, position)):
        if opener is None:
            continue
        close = text.find(FENCE, opener.end() + len(opener["blank"]) + 1)
        if close >= 0:
            return Stretch(Kind.block, position, close + len(FENCE), opener.end(), close)
        unclosed = unclosed or Stretch(Kind.block, position, len(text), opener.end(), len(text))
    return unclosed if _starts_line(text, position) else None


def _surely_code(text: str, part: Stretch) -> bool:
    """Say whether Discord, too, shows a stretch as code.

    Quotes, headings and lists end at a line's end, and with them code that was opened inside.
    """
    if part.kind is Kind.text:
        return False
    one_line = "\n" not in text[part.start : part.end]
    return one_line or (part.kind is Kind.block and _starts_line(text, part.start))


def _starts_line(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip()


def _backtick_runs(text: str) -> dict[int, list[int]]:
    """Return where runs of backticks start, by their length."""
    runs: dict[int, list[int]] = {}
    for found in re.finditer("`+", text):
        runs.setdefault(len(found[0]), []).append(found.start())
    return runs


def _run_length(text: str, position: int) -> int:
    end = position
    while end < len(text) and text[end] == "`":
        end += 1
    return end - position


def _show_links(text: str, part: Stretch, hides_until: int) -> str:
    def shown(found: re.Match[str]) -> str:
        hides = found[0] == "[" and part.start + found.start() < hides_until
        return "\\[" if hides else found[0]

    return _ESCAPE_OR_BRACKET.sub(shown, text[part.start : part.end])
