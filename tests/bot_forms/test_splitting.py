"""Long texts are split within the limits; nothing of them is lost, and no piece hides or opens anything."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.limits import utf16_length
from bot.rendering.markdown import Kind, safe_markdown, scan
from bot.rendering.splitting import SMALLEST, Piece, split, split_markdown

MARKUP = [
    "``",
    "```",
    "```py\n",
    "\n```\n",
    "\n\n",
    "](http://x.y)",
    "**",
    "||",
    "\n- ",
    "\n> ",
    "\n>>> ",
    "\n  1. ",
]
HIDDEN = ["\u202e", "\u2067", "\u2069", "\u202c", "\u200b", "\U000e0041", "\ufe0f", "\x07", "\r", "\u2028"]
SEEN_AS_ONE = ["e\u0301", "👩\u200d👩\u200d👧", "👍🏽", "🇩🇪", "❤\ufe0f", "\u1112\u1161", "क्ष", "日", "x"]
CHARACTERS = st.sampled_from(
    [*MARKUP, *"abc XYZ.?!1\n\t`[]()\\*_>#-|~:/", *HIDDEN, *SEEN_AS_ONE, "本。", "😀", "\u200d"]
)
TEXTS = st.lists(CHARACTERS, max_size=900).map("".join)
LIMITS = st.integers(SMALLEST, 400)
WORDS = st.text(st.sampled_from("abcdefghij"), min_size=1, max_size=12)
SENTENCES = st.lists(WORDS, min_size=2, max_size=9).map(lambda words: " ".join(words) + ".")
LINES = st.builds(lambda depth, word: "  " * depth + word, st.integers(0, 4), WORDS)
BLOCKS = st.lists(LINES, min_size=1, max_size=30).map(lambda lines: "```py\n" + "\n".join(lines) + "\n```")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join)
ARTICLES = st.lists(PARAGRAPHS | BLOCKS, min_size=1, max_size=12).map("\n\n".join)

OURS = re.compile(
    r"(?:>>> |> )?"  # the quote goes on
    r"(?:```[\w+\-.#]*\n(?:> )?"  # the code goes on
    r"|(?:[ \t]*(?:[-*]|\d+\.) …\n)*"  # the items around
    r"|[*_|~`\u202a\u202b\u2066-\u2068]*"  # open marks
    r"|\u200b)"  # no list, heading or quote begins here
)
OUR_END = re.compile(r"(?:\n(?:> )?```|[*_|~`\u202c\u2069]*)(?:\n```)?")


def essence(text: str) -> str:
    """Return what must survive: no whitespace, escapes or backticks."""
    return re.sub(r"[\s\\`]", "", text)


def shown(pieces: list[Piece]) -> str:
    """Return what pieces show of a text, without what splitting adds."""
    return essence("".join(piece.body for piece in pieces))


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
    pieces = list(split(text, limit))
    assert shown(pieces) == essence(safe_markdown(text))
    assert all(utf16_length(piece.markdown) <= limit for piece in pieces)
    assert all(piece.body.strip() for piece in pieces)
    assert [piece.markdown for piece in pieces] == split_markdown(text, limit)


@given(TEXTS, LIMITS)
def test_only_what_goes_on_is_added(text: str, limit: int) -> None:
    for piece in split(text, limit):
        assert OURS.fullmatch(piece.before)
        assert OUR_END.fullmatch(piece.after)


@given(TEXTS, LIMITS)
@example("``a` [x](y) `", SMALLEST)
@example("> `a\n[x](y) `", SMALLEST)
@example("\\\\[x](y)", SMALLEST)
@example("`" + "x " * 80 + "` foo `x [a](b)`", SMALLEST)
def test_no_piece_holds_a_masked_link(text: str, limit: int) -> None:
    for piece in split_markdown(text, limit):
        assert masked_links(piece) == []


@given(TEXTS, LIMITS)
@example("x ```\n\n" + "y\n" * 90, SMALLEST)
def test_no_piece_leaves_a_code_block_open(text: str, limit: int) -> None:
    for piece in split_markdown(text, limit):
        assert all(part.body_end < part.end for part in scan(piece) if part.kind is Kind.block)


@given(ARTICLES, LIMITS)
def test_code_stays_code_in_its_language_and_words_stay_words(article: str, limit: int) -> None:
    pieces = list(split(article, limit))
    for piece in pieces:
        assert piece.markdown.count("```py\n") * 2 == piece.markdown.count("```")
    code = [line for piece in pieces for line in lines_of_code(piece.markdown)]
    assert code == lines_of_code(article)
    words = [word for piece in pieces for word in re.findall(r"\w+", piece.body)]
    assert words == re.findall(r"\w+", article)


def lines_of_code(text: str) -> list[str]:
    """Return the lines of all code blocks, with their indentation."""
    blocks = [part for part in scan(text) if part.kind is Kind.block]
    return [line for part in blocks for line in text[part.body_start : part.body_end].strip("\n").split("\n")]


@given(TEXTS)
@example("```py\n")
def test_making_a_text_safe_twice_changes_nothing(text: str) -> None:
    assert safe_markdown(safe_markdown(text)) == safe_markdown(text)


def test_a_text_that_fits_stays_as_it_is() -> None:
    text = "# Title\n\n- **one** <@1> @everyone\n- `two`\n\n```py\n[a](b)\n```"
    assert split_markdown(text, 4096) == [text]


def test_masked_links_show_where_they_lead_but_not_in_code() -> None:
    assert safe_markdown("see [x](http://a) and `[y](z)`") == r"see \[x](http://a) and `[y](z)`"


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_a_blank_text_gives_no_pieces(text: str) -> None:
    assert split_markdown(text, SMALLEST) == []


def test_a_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        split_markdown("text", SMALLEST - 1)


def test_a_long_text_full_of_backticks_takes_no_long_time() -> None:
    text = "`" * 2000 + "a" + "``" * 900 + " `x" * 2000
    assert shown(list(split(text, 4096))) == essence(text)
