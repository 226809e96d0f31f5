"""Where long texts are cut: between things that belong apart, and what goes on in the next piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.splitting import SMALLEST, split, split_markdown

WORDS = st.text(st.sampled_from("abcdefghij"), min_size=1, max_size=9)
MARKERS = st.sampled_from(["- ", "* ", "1. ", "23. ", "+ ", "• "])
ITEMS = st.lists(WORDS, min_size=1, max_size=2).map(" ".join)
"""None takes more than half a piece: of what does, a line can be cut, so that no piece is left half empty."""
NESTED = st.lists(st.tuples(st.integers(0, 3), MARKERS, ITEMS), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a" * 60 + "\n\n" + "b" * 20 + ". " + "c" * 60, "a" * 60),
        ("a" * 60 + ". " + "b" * 15 + " " + "c" * 60, "a" * 60 + "."),
        ("a" * 80 + " " + "b" * 60, "a" * 80),
        ("Here it is:\n```\n" + "code\n" * 17 + "```", "Here it is:"),
        ("a" * 50 + "\n\nHere it is:\n```\n" + "code\n" * 10 + "```", "a" * 50),
        ("a" * 50 + "\n\n## Title\n\n" + "b " * 40, "a" * 50),
        ("a" * 50 + "\n\n**Title**\n\n" + "b " * 40, "a" * 50),
        ("- " + "a" * 45 + "\n- b\n  - c\n  - d\n  - " + "e" * 60, "- " + "a" * 45),
        ("It goes on over some lines, as in\nan old letter. And then it goes\non and\non " + "a" * 60, None),
        ("| a | b |\n|---|---|\n| " + "c" * 36 + " | d |\n| " + "e" * 36 + " | f |", None),
        ("a" * 45 + " **" + "b" * 20 + " " + "c" * 20 + "** " + "d" * 60, "a" * 45),
        ("a" * 45 + " `" + "b" * 20 + ". " + "c" * 20 + "` " + "d" * 60, "a" * 45),
        ("他说" + "好" * 60 + "。那" + "么" * 60, "他说" + "好" * 60 + "。"),
        ("هل " + "ب" * 60 + "؟ نعم " + "ب" * 60, "هل " + "ب" * 60 + "؟"),
        ("यह " + "क" * 60 + "। वह " + "क" * 60, "यह " + "क" * 60 + "।"),
        ("שלום " + "א" * 60 + "\u05c3 שלום " + "א" * 60, "שלום " + "א" * 60 + "\u05c3"),
        ("ไทย" * 9 + "\u200b" + "ก" * 100, None),
        ("日本語\uff08" * 30, None),
        ("日本" * 35 + "Python" * 3 + "日本" * 20, "日本" * 35),
    ],
    ids=[
        "paragraph",
        "sentence",
        "word",
        "before a block that fits alone",
        "what announces a block stays with it",
        "a heading stays with what follows",
        "a bold line is a heading",
        "before an item that is in no other",
        "a sentence rather than a wrapped line",
        "a table's head stays together",
        "before bold text",
        "before inline code",
        "Chinese",
        "Arabic",
        "Hindi",
        "Hebrew",
        "Thai has spaces without width",
        "no bracket is left behind",
        "no Latin word is cut",
    ],
)
def test_the_best_place_to_cut_wins(text: str, first: str | None) -> None:
    expected = {
        "It": "It goes on over some lines, as in\nan old letter.",
        "| ": "| a | b |\n|---|---|\n| " + "c" * 36 + " | d |",
        "ไท": "ไทย" * 9 + "\u200b",
        "日本": "日本語\uff08" * 19 + "日本語",
    }
    assert split_markdown(text, SMALLEST)[0] == (first or expected[text[:2]])


def test_code_that_is_cut_goes_on_in_its_language() -> None:
    pieces = split_markdown("```py\n" + "    print(1)\n" * 20 + "```", SMALLEST)
    assert len(pieces) > 2
    for piece in pieces:
        assert piece.startswith("```py\n    print(1)\n")
        assert piece.endswith("    print(1)\n```")


def test_code_is_cut_where_it_is_shallow() -> None:
    code = (
        "def one():\n    a = 1\n    b = 2\n    return a\ndef two():\n    b = 2\n    c = 3\n    return b + c"
    )
    pieces = split_markdown(f"```py\n{code}\n```", SMALLEST)
    assert pieces[1].startswith("```py\ndef two():\n")


@pytest.mark.parametrize("mark", ["**", "*", "__", "_", "~~", "||", "`", "``"])
def test_marks_of_a_long_part_are_closed_and_opened_again(mark: str) -> None:
    pieces = split_markdown(f"so {mark}{'word ' * 40}end{mark} and on", SMALLEST)
    assert len(pieces) > 2
    assert pieces[0].startswith(f"so {mark}word")
    for piece in pieces[1:]:
        assert piece.startswith(mark + "word")
    for piece in pieces[:-1]:
        assert piece.endswith("word" + mark)
    assert pieces[-1].endswith(f"end{mark} and on")


@pytest.mark.parametrize("mark", ["> ", ">>> "])
def test_a_quote_goes_on_as_a_quote(mark: str) -> None:
    pieces = split_markdown(mark + "word " * 40 + "end", SMALLEST)
    assert len(pieces) > 2
    assert all(piece.startswith(mark + "word") for piece in pieces)


def test_code_in_a_quote_stays_in_it() -> None:
    lines = "".join(f"> print({number})\n" for number in range(30))
    pieces = split_markdown(f"> ```py\n{lines}> ```\n> end", SMALLEST)
    assert len(pieces) > 3
    for piece in pieces:
        assert piece.startswith("> ```py\n> print(")
        assert all(line.startswith("> ") for line in piece.split("\n"))
    assert all(piece.endswith("\n> ```") for piece in pieces[:-1])


def test_a_nested_item_stays_nested() -> None:
    text = "2. top\n   - next\n" + "".join(f"     - item {number}\n" for number in range(20)) + "3. end"
    pieces = split_markdown(text, SMALLEST)
    assert len(pieces) > 3
    for piece in pieces[1:]:
        # Discord takes the spaces before the first line away, so that it must not be the nested one.
        assert piece.startswith("2. …\n   - …\n     - item")
    assert pieces[-1].endswith("\n3. end")


@pytest.mark.parametrize("words", ["- minus", "# hash", "> more", "1. first", "-# small", ">>> much"])
def test_words_in_a_line_do_not_become_a_list_or_heading(words: str) -> None:
    second = split_markdown("a" * 79 + " " + words + " " + "b" * 30, SMALLEST)[1]
    assert second == f"\u200b{words} {'b' * 30}"


@given(NESTED)
def test_lists_keep_their_markers_and_indentation(items: list[tuple[int, str, str]]) -> None:
    lines = ["  " * depth + marker + words for depth, marker, words in items]
    pieces = list(split("\n".join(lines), SMALLEST))
    assert [line for piece in pieces for line in piece.body.split("\n")] == lines
    for piece in pieces:
        assert all(line.endswith(" …") for line in piece.before.split("\n")[:-1])


def test_blank_space_without_end_is_shortened() -> None:
    assert split_markdown("a" + " " * 5000 + "b\n" + "\n" * 5000 + "    c", SMALLEST) == [
        f"a{' ' * 20}b\n\n    c"
    ]
