"""Draws bars as a picture, an extra that needs Pillow (`pip install "oasst-discord-bot[charts]"`).

Without it, or when drawing fails, there is no picture, and nothing else changes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Final
from unicodedata import bidirectional, category

import hikari
from loguru import logger

from bot import limits
from bot.rendering.characters import one_line

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

IS_AVAILABLE: Final = find_spec("PIL") is not None
"""Whether the extra is installed."""

SECONDS: Final = 5.0
"""How long an answer waits for its picture."""

MOST_BARS: Final = 12

_WIDTH, _MARGIN, _ROW, _BAR = 1000, 32, 56, 30
_NAME_END: Final = 400
_SIZE: Final = 24
_LONGEST: Final = 40
"""Characters of a name that are looked at; fewer than that have room."""

_GROUND, _TRACK, _TEXT, _QUIET = "#2b2d31", "#3a3c43", "#f2f3f5", "#b5bac1"
_COLOURS: Final = ("#5865f2", "#e6b422")
"""Of a bar, and of one that stands out; both are told from the ground by everybody who can see it."""

_FONTS: Final = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf")
"""Fonts with many scripts, where the machine has one; Pillow's own has Latin letters alone."""

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_SYMBOLS: Final = frozenset({"So", "Sk", "Cf", "Cn"})
"""The categories of emoji and what goes with them: a name is the same without."""

_JOINERS: Final = frozenset("\u200c\u200d\ufe0e\ufe0f\u20e3")

_NO_CHARACTER: Final = "\U0010ffff"
"""No font has it: what is drawn for it stands for every character that a font lacks."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        name: what it is of, in any script; left out of the picture where no font can show it.
        mark: a short word in front of the name, in letters that every font has.
        value: its length, 0 or more.
        words: what stands at its end.
        stands_out: whether it is to be seen before all others.
    """

    name: str
    mark: str
    value: int
    words: str
    stands_out: bool = False


async def draw(stem: str, bars: Sequence[Bar]) -> hikari.Bytes | None:
    """Draw bars, in a thread of their own.

    Args:
        stem: the name of the file, without its ending.
        bars: from top to bottom; of more than MOST_BARS the first.

    Returns:
        A PNG; None where there is nothing to draw, Pillow is missing, or it did not work.
    """
    if not IS_AVAILABLE or not bars:
        return None
    try:
        async with asyncio.timeout(SECONDS):
            content = await asyncio.to_thread(png_of, bars[:MOST_BARS])
    except Exception as error:  # noqa: BLE001  # whatever it is, it must not cost the text
        logger.warning("A picture could not be drawn: {}", type(error).__name__)
        return None
    if len(content) > limits.PICTURE_BYTES:
        logger.warning("A picture is too large: {} bytes", len(content))
        return None
    return hikari.Bytes(content, f"{stem}.png", mimetype="image/png")


def png_of(bars: Sequence[Bar]) -> bytes:
    """Draw bars; needs Pillow."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # an extra

    picture = Image.new("RGB", (_WIDTH, 2 * _MARGIN + _ROW * len(bars)), _GROUND)
    pen = ImageDraw.Draw(picture)
    longest = max(1, *(bar.value for bar in bars))
    marks = max(pen.textlength(_drawable(bar.mark), font=_font()) for bar in bars)
    names = _MARGIN + (round(marks) + 20 if marks else 0)
    for number, bar in enumerate(bars):
        middle = _MARGIN + _ROW * number + _ROW // 2
        pen.text((_MARGIN, middle), _drawable(bar.mark), font=_font(), fill=_QUIET, anchor="lm")
        _draw_bar(pen, bar, (names, middle), max(bar.value, 0) / longest)
    return _encoded(picture)


def _draw_bar(pen: "ImageDraw.ImageDraw", bar: Bar, begin: tuple[int, int], share: float) -> None:
    """Draw a bar's name from `begin` on, the bar itself, and the words at its end."""
    font = _font()
    _, middle = begin
    colour = _COLOURS[bar.stands_out]
    pen.text(
        begin,
        _fitting(pen, _drawable(bar.name), _NAME_END - begin[0]),
        font=font,
        fill=colour if bar.stands_out else _TEXT,
        anchor="lm",
    )
    left, right = _NAME_END + 16, _WIDTH - _MARGIN - 120
    top, bottom = middle - _BAR // 2, middle + _BAR // 2
    pen.rounded_rectangle((left, top, right, bottom), radius=_BAR // 2, fill=_TRACK)
    if share > 0:
        end = left + max(round((right - left) * share), _BAR)
        pen.rounded_rectangle((left, top, end, bottom), radius=_BAR // 2, fill=colour)
    pen.text((_WIDTH - _MARGIN, middle), _drawable(bar.words), font=font, fill=_TEXT, anchor="rm")


def _fitting(pen: "ImageDraw.ImageDraw", text: str, width: int) -> str:
    """Shorten a text until it is narrow enough."""
    font = _font()
    if pen.textlength(text, font=font) <= width:
        return text
    while text and pen.textlength(f"{text}…", font=font) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _drawable(text: str) -> str:
    """Give a text as one line without symbols that no font has; nothing if a letter would be a box."""
    line = one_line(text)[:_LONGEST]
    lacking = {character for character in line if not _has(character)}
    if any(category(character) not in _SYMBOLS for character in lacking - _JOINERS):
        return ""
    return " ".join("".join(character for character in line if character not in lacking).split())


@lru_cache(maxsize=4096)
def _has(character: str) -> bool:
    """Whether the font has a character; drawn from right to left only where Pillow can do that."""
    from PIL import features  # noqa: PLC0415  # an extra

    if not character.isascii() and bidirectional(character) in _RIGHT_TO_LEFT and not features.check("raqm"):
        return False
    return character not in _JOINERS and _glyph(character) != _glyph(_NO_CHARACTER)


def _glyph(character: str) -> tuple[tuple[int, int], bytes]:
    mask = _font().getmask(character)
    return mask.size, bytes(mask)


@cache
def _font() -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont  # noqa: PLC0415  # an extra

    for name in _FONTS:
        try:
            return ImageFont.truetype(name, _SIZE)
        except OSError:
            continue
    return ImageFont.load_default(_SIZE)


def _encoded(picture: "Image.Image") -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
