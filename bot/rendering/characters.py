"""Characters as readers see them: what is read as one, what is invisible, and which way a line runs."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

ISOLATE: Final = "\u2068"
"""FIRST STRONG ISOLATE: what follows runs its own way, whatever stands around it."""

END_ISOLATE: Final = "\u2069"
"""POP DIRECTIONAL ISOLATE."""

BIDI_PAIRS: Final = {
    "\u202a": "\u202c",  # LEFT-TO-RIGHT EMBEDDING
    "\u202b": "\u202c",  # RIGHT-TO-LEFT EMBEDDING
    "\u2066": END_ISOLATE,  # LEFT-TO-RIGHT ISOLATE
    "\u2067": END_ISOLATE,  # RIGHT-TO-LEFT ISOLATE
    ISOLATE: END_ISOLATE,
}
"""Controls that turn a part of a line, with what ends them."""

BIDI_DEPTH: Final = 4
"""How deep such parts may stand in each other; deeper ones are taken out."""

UNSEEN: Final = "\ufffd"
"""Stands where somebody hid something that has no shape of its own."""

_END_EMBEDDING: Final = "\u202c"
_OVERRIDES: Final = "\u202d\u202e"
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FROM_RIGHT: Final = frozenset({"R", "AL", "AN"})
"""Classes of characters that run from right to left, or in numbers of such a script."""

_MAY_TURN: Final = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""The blocks that Unicode keeps for them."""

_NEWLINE: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# A black flag with tags is the flag of a region; other tags are ASCII that nobody sees.
_TAGS: Final = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f)|[\U000e0000-\U000e007f]")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_VARIANTS: Final = re.compile("([\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_NO_WIDTH: Final = re.compile("[\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff]{3,}")

_JOINER: Final = "\u200d"
_VIRAMA: Final = 9
"""The combining class of the signs that make one letter of two consonants."""

_ALONE: Final = "\r\n\t "
_LEADS: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e"  # they stand around numbers
    "\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"  # vowels written before their consonant
)
_FOLLOWS: Final = frozenset("\u200c\u200d\u0e33\u0eb3\uff9e\uff9f")
_TONES: Final = range(0x1F3FB, 0x1F400)
_TAG_CODES: Final = range(0xE0020, 0xE0080)
_REGIONAL: Final = range(0x1F1E6, 0x1F200)
_HANGUL_LEADS: Final = (range(0x1100, 0x1160), range(0xA960, 0xA97D))
_HANGUL_TAILS: Final = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))
_HANGUL_SYLLABLES: Final = range(0xAC00, 0xD7A4)
_FIRST_MARK: Final = 0x300


def joined(text: str, place: int, start: int = 0) -> bool:
    """Say whether a reader sees the characters before and after `place` as one.

    These are the rules of Unicode's extended grapheme clusters as far as `unicodedata` knows them, and two
    more: consonants joined by a virama, and vowels of Thai and Lao that stand before their consonant.

    Args:
        text: the text.
        place: an index in it.
        start: a place before, known to be between two characters.
    """
    if not start < place < len(text):
        return False
    before, after = text[place - 1], text[place]
    code = ord(after)
    if before in _ALONE or after in _ALONE:
        return before == "\r" and after == "\n"
    if before in _LEADS or code < _FIRST_MARK:
        return before in _LEADS
    kind = unicodedata.category(after)
    if code in _REGIONAL:
        return _regionals_before(text, place, start) % 2 == 1
    return (
        before == _JOINER
        or after in _FOLLOWS
        or code in _TONES
        or code in _TAG_CODES
        or kind.startswith("M")
        or (kind == "Lo" and unicodedata.combining(before) == _VIRAMA)
        or _hangul_joined(ord(before), code)
    )


def boundary(text: str, place: int, start: int) -> int:
    """Return the last place up to `place` that is in no character; `start` if there is none after it."""
    while place > start and joined(text, place, start):
        place -= 1
    return place


def shown_whole(text: str) -> str:
    """Return a text in which nothing is hidden and no line turns the ones after it.

    All line ends become newlines. Control characters, and what is piled up without a shape, become UNSEEN;
    ASCII hidden in tags becomes readable. Direction marks stay, embeddings and isolates end with their line,
    overrides (they show letters in another order than they were written) go. Applying it again changes
    nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _TAGS.sub(_tag_shown, _CONTROL.sub(UNSEEN, _NEWLINE.sub("\n", text)))
    if _BIDI.search(text):
        text = "\n".join("".join(_balanced(line)) for line in text.split("\n"))
    return _NO_WIDTH.sub(UNSEEN, _VARIANTS.sub(rf"\1{UNSEEN}", text))


def one_line(text: str) -> str:
    """Return a text as one line without controls of direction; it may be blank."""
    return " ".join(_BIDI.sub("", shown_whole(text)).split())


def isolated(text: str) -> str:
    """Return one line by somebody, so that what we write around it keeps its place.

    Our own lines run from left to right, so that only a text with something that does not needs it.
    """
    if any(unicodedata.bidirectional(found[0]) in _FROM_RIGHT for found in _MAY_TURN.finditer(text)):
        return f"{ISOLATE}{text}{END_ISOLATE}"
    return text


def _tag_shown(found: re.Match[str]) -> str:
    char = chr(ord(found[0][0]) - 0xE0000) if found[1] is None else ""
    return found[1] or (char if char.isprintable() else UNSEEN)


def _balanced(line: str) -> Iterator[str]:
    """Yield the characters of a line with every embedding and isolate ended, and nothing else."""
    # What ends the parts that are open, and whether they are kept.
    ends: list[tuple[str, bool]] = []
    depth = isolates = 0
    for char in line:
        if char in BIDI_PAIRS or char in _OVERRIDES:
            kept = char in BIDI_PAIRS and depth < BIDI_DEPTH
            ends.append((BIDI_PAIRS.get(char, _END_EMBEDDING), kept))
            depth += kept
            isolates += ends[-1][0] == END_ISOLATE
            if kept:
                yield char
        elif char in (_END_EMBEDDING, END_ISOLATE):
            # The end of an isolate ends the embeddings in it; that of an embedding reaches no further.
            ended = isolates > 0 if char == END_ISOLATE else bool(ends) and ends[-1][0] == char
            isolates -= ended and char == END_ISOLATE
            while ended:
                end, kept = ends.pop()
                depth -= kept
                if kept:
                    yield end
                ended = end != char
        else:
            yield char
    yield from (end for end, kept in reversed(ends) if kept)


def _regionals_before(text: str, place: int, start: int) -> int:
    first = place
    while first > start and ord(text[first - 1]) in _REGIONAL:
        first -= 1
    return place - first


def _hangul_joined(before: int, after: int) -> bool:
    leads = any(before in part for part in _HANGUL_LEADS)
    tails = any(before in part for part in _HANGUL_TAILS)
    if any(after in part for part in _HANGUL_TAILS):
        return leads or tails or before in _HANGUL_SYLLABLES
    return leads and (after in _HANGUL_SYLLABLES or any(after in part for part in _HANGUL_LEADS))
