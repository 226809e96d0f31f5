"""What is read as one character stays whole, nothing hides, and no text turns what stands around it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import trim, utf16_length
from bot.rendering.characters import boundary, isolated, joined, one_line, shown_whole
from bot.rendering.markdown import escape, preview
from bot.rendering.splitting import SMALLEST, split, split_markdown

FSI, PDI, RLE, LRE, PDF, RLO, RLI, LRI = map(
    chr, (0x2068, 0x2069, 0x202B, 0x202A, 0x202C, 0x202E, 0x2067, 0x2066)
)
CONTROLS = [FSI, PDI, RLE, LRE, PDF, RLO, RLI, LRI, "\u202d"]

# One each, as Unicode's examples and its table of emoji sequences have them.
CLUSTERS = [
    "e\u0301",
    "o\u0308\u0323",
    "👩\u200d👩\u200d👧",
    "🏳\ufe0f\u200d🌈",
    "👍🏽",
    "🇩🇪",
    "1\ufe0f\u20e3",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "❤\ufe0f",
    "\u1112\u1161\u11ab",
    "한",
    "क्षि",
    "নী",
    "ก็",
    "กำ",
    "เก",
    "葛\U000e0100",
    "ｶ\uff9e",
    "\u0600\u0661",
    "日",
    "x",
    "שָׁ",
]


@pytest.mark.parametrize("cluster", CLUSTERS, ids=ascii)
def test_a_character_has_no_place_to_cut(cluster: str) -> None:
    text = f"日{cluster}日"
    assert [place for place in range(1, len(text)) if not joined(text, place)] == [1, len(text) - 1]


@given(st.lists(st.sampled_from(CLUSTERS), min_size=60, max_size=200))
def test_pieces_hold_whole_characters(clusters: list[str]) -> None:
    left = list(clusters)
    for piece in split("".join(clusters), SMALLEST):
        body = piece.body
        while body:
            assert body.startswith(left[0])
            body = body.removeprefix(left.pop(0))
    assert left == []


@given(st.lists(st.sampled_from(CLUSTERS), min_size=20, max_size=40), st.integers(16, 40))
def test_what_is_trimmed_holds_whole_characters(clusters: list[str], limit: int) -> None:
    kept = trim("".join(clusters), limit).removesuffix("…")
    assert kept in {"".join(clusters[:count]) for count in range(1, len(clusters) + 1)}


def test_a_character_without_end_is_cut_all_the_same() -> None:
    assert boundary("e" + "\u0301" * 9, 5, 0) == 0
    assert trim("e" + "\u0301" * 99, 5) == "e\u0301\u0301\u0301…"


@given(
    st.text(st.sampled_from([*CONTROLS, *"ab\n", "א", "\u200b", "\ufe0f", "\U000e0041", "\U000e007f", "🏴"]))
)
def test_showing_a_text_whole_twice_changes_nothing(text: str) -> None:
    assert shown_whole(shown_whole(text)) == shown_whole(text)


@given(st.text(st.sampled_from([*CONTROLS, *"ab\n"])))
def test_what_turns_a_line_ends_with_it(text: str) -> None:
    whole = shown_whole(text)
    assert [char for char in whole if char in "ab\n"] == [char for char in text if char in "ab\n"]
    for line in whole.split("\n"):
        ends: list[str] = []
        for char in line:
            if char in (LRE, RLE):
                ends.append(PDF)
            elif char in (FSI, RLI, LRI):
                ends.append(PDI)
            elif char in (PDF, PDI):
                assert ends.pop() == char
            else:
                assert char in "ab"
        assert ends == []


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("bell\x07 and escape\x1b[0m", "bell\ufffd and escape\ufffd[0m"),
        ("half \ud83d", "half \ufffd"),
        ("hi" + "".join(chr(0xE0000 + ord(char)) for char in "kill all"), "hikill all"),
        ("❤" + "\ufe0f\ufe00\ufe01\U000e0100", "❤\ufe0f\ufffd"),
        ("a" + "\u200b\u200c\u200d\u2060" + "b", "a\ufffdb"),
        (f"photo{RLO}gpj.exe", "photogpj.exe"),
        ("می\u200cرسم", "می\u200cرسم"),
    ],
    ids=["line ends", "controls", "surrogate", "tags", "variants", "no width", "override", "Persian"],
)
def test_what_hides_is_shown(written: str, shown: str) -> None:
    assert shown_whole(written) == shown
    assert split_markdown(written, SMALLEST) == [shown]


def test_a_text_from_right_to_left_is_isolated_in_our_lines() -> None:
    assert preview("שלום עולם", 80) == f"{FSI}שלום עולם{PDI}"
    assert escape("*שלום*") == f"{FSI}\\*שלום\\*{PDI}"
    assert escape(preview("שלום", 80)) == f"{FSI}שלום{PDI}"
    assert preview("hello", 80) == escape("hello") == isolated("hello") == "hello"


def test_every_character_from_right_to_left_is_isolated() -> None:
    characters = [
        char for char in map(chr, range(0x110000)) if unicodedata.bidirectional(char) in {"R", "AL", "AN"}
    ]
    assert [char for char in characters if isolated(char) != f"{FSI}{char}{PDI}"] == []


@given(st.text(st.sampled_from([*CONTROLS, *"ab \n", "א", "ع", "😀"])), st.integers(6, 40))
def test_previews_fit_and_turn_nothing(text: str, limit: int) -> None:
    shown = preview(text, limit)
    assert shown
    assert utf16_length(shown) <= limit
    turns = any(unicodedata.bidirectional(char) in ("R", "AL") for char in shown)
    assert shown.count(FSI) == shown.count(PDI) == turns
    assert not any(char in shown for char in CONTROLS if char not in (FSI, PDI))
    assert len(shown.splitlines()) == 1
    label = trim(f"1. {preview(text, 100)} and more", limit)
    assert label.count(FSI) == label.count(PDI)
    assert utf16_length(label) <= limit


def test_a_cut_in_a_part_that_turns_ends_it_and_begins_it_again() -> None:
    pieces = split_markdown(f"so {RLI}{'word ' * 40}end{PDI}.", SMALLEST)
    assert len(pieces) > 2
    assert all(piece.count(RLI) == piece.count(PDI) == 1 for piece in pieces)


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
