"""Long texts are split where a reader would, and nothing of them is lost."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.limits import utf16_length
from bot.rendering.markdown import Kind, safe_markdown, scan
from bot.rendering.splitting import SMALLEST, split_markdown

MARKUP = ["``", "```", "```py\n", "\n```\n", "\n\n", "](http://x.y)", *"abc XYZ.?!1\n\t`[]()\\*_>#-|~:/"]
SEEN_AS_ONE = ["e\u0301", "👩\u200d👩\u200d👧", "👍🏽", "🇩🇪", "❤\ufe0f", "\u1112\u1161", "क्ष", "日", "x"]
CHARACTERS = st.sampled_from([*MARKUP, *SEEN_AS_ONE, "本。", "😀", "\u200d"])
TEXTS = st.lists(CHARACTERS, max_size=900).map("".join)
LIMITS = st.integers(SMALLEST, 400)
WORDS = st.text(st.sampled_from("abcdefghij"), min_size=1, max_size=12)
SENTENCES = st.lists(WORDS, min_size=2, max_size=9).map(lambda words: " ".join(words) + ".")
BLOCKS = st.lists(WORDS, min_size=1, max_size=30).map(lambda lines: "```\n" + "\n".join(lines) + "\n```")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join)
ARTICLES = st.lists(PARAGRAPHS | BLOCKS, min_size=1, max_size=12).map("\n\n".join)


def essence(text: str) -> str:
    """Return what must survive: no whitespace, escapes or backticks."""
    return re.sub(r"[\s\\`]", "", text)


def masked_links(text: str) -> list[str]:
    """Return the masked links that Discord would show, by the published rules of its markdown."""
    rules = [
        re.compile(r"\\[^0-9A-Za-z\s]"),
        re.compile(r"```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n].*?)\n*```", re.DOTALL | re.IGNORECASE),
        re.compile(r"(`+)(.*?[^`])\1(?!`)", re.DOTALL),
    ]
    link = re.compile(r"\[[^\[\]]*\]\([^\s()]*\)")
    found, position = [], 0
    while position < len(text):
        match = next((match for rule in rules if (match := rule.match(text, position))), None)
        if match is None and (match := link.match(text, position)) is not None:
            found.append(match[0])
        position = match.end() if match else position + 1
    return found


@given(TEXTS, LIMITS)
@example("```py\n" + "x\n" * 200 + "```", SMALLEST)
@example("`" * 500, SMALLEST)
@example("\\" * 501, SMALLEST)
@example("e" + "\u0301" * 900, SMALLEST)
@example("[a](b) `" + "x" * 300 + "` `[a](b)`", SMALLEST)
@example("```" + "\n" * 400 + "x```", SMALLEST)
def test_pieces_fit_and_together_are_the_text(text: str, limit: int) -> None:
    pieces = split_markdown(text, limit)
    assert essence("".join(pieces)) == essence(text)
    assert all(0 < utf16_length(piece) <= limit for piece in pieces)
    assert all(piece.strip() for piece in pieces)


@given(TEXTS, LIMITS)
@example("``a` [x](y) `", SMALLEST)
@example("> `a\n[x](y) `", SMALLEST)
@example("\\\\[x](y)", SMALLEST)
@example("`" + "x " * 80 + "` foo `x [a](b)`", SMALLEST)
def test_no_piece_holds_a_masked_link(text: str, limit: int) -> None:
    for piece in split_markdown(text, limit):
        assert masked_links(piece) == []


@given(ARTICLES, LIMITS)
def test_code_blocks_are_closed_in_every_piece(article: str, limit: int) -> None:
    for piece in split_markdown(article, limit):
        assert piece.count("```") % 2 == 0
        assert all(part.body_end < part.end for part in scan(piece) if part.kind is Kind.block)


@given(ARTICLES, LIMITS)
def test_words_stay_whole(article: str, limit: int) -> None:
    pieces = split_markdown(article, limit)
    assert [word for piece in pieces for word in re.findall(r"\w+", piece)] == re.findall(r"\w+", article)


@given(st.lists(st.sampled_from(SEEN_AS_ONE), min_size=60, max_size=200))
def test_what_is_read_as_one_character_stays_whole(characters: list[str]) -> None:
    for piece in split_markdown("".join(characters), SMALLEST):
        assert not unicodedata.category(piece[0]).startswith("M")
        assert piece[0] not in "\u200d\ufe0f🏽\u1161"
        assert piece[-1] != "\u200d"
        flags = re.findall("[🇦-🇿]", piece)
        assert len(flags) % 2 == 0


@given(TEXTS)
@example("```py\n")
def test_making_a_text_safe_twice_changes_nothing(text: str) -> None:
    assert safe_markdown(safe_markdown(text)) == safe_markdown(text)


def test_a_text_that_fits_stays_as_it_is() -> None:
    text = "# Title\n\n- **one** <@1> @everyone\n- `two`\n\n```py\n[a](b)\n```"
    assert split_markdown(text, 4096) == [text]


def test_masked_links_show_where_they_lead_but_not_in_code() -> None:
    assert safe_markdown("see [x](http://a) and `[y](z)`") == r"see \[x](http://a) and `[y](z)`"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a" * 60 + "\n\n" + "b" * 20 + ". " + "c" * 60, "a" * 60),
        ("a" * 60 + ". " + "b" * 20 + " " + "c" * 60, "a" * 60 + "."),
        ("a" * 80 + " " + "b" * 60, "a" * 80),
        ("Here it is:\n```\n" + "code\n" * 17 + "```", "Here it is:"),
    ],
    ids=["paragraph", "sentence", "word", "before a block that fits alone"],
)
def test_the_best_place_to_cut_wins(text: str, first: str) -> None:
    assert split_markdown(text, SMALLEST)[0] == first


def test_code_that_is_cut_is_closed_and_opened_again() -> None:
    pieces = split_markdown("```py\n" + "print(1)\n" * 20 + "```", SMALLEST)
    assert pieces[0].startswith("```py\nprint(1)\n")
    assert pieces[0].endswith("print(1)\n```")
    assert pieces[1].startswith("```\nprint(1)\n")


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_a_blank_text_gives_no_pieces(text: str) -> None:
    assert split_markdown(text, SMALLEST) == []


def test_a_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        split_markdown("text", SMALLEST - 1)


def test_a_long_text_full_of_backticks_takes_no_long_time() -> None:
    text = "`" * 2000 + "a" + "``" * 900 + " `x" * 2000
    assert essence("".join(split_markdown(text, 4096))) == essence(text)
