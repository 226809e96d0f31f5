"""Long texts are shown shortened where they should be, and given whole as files."""

import hikari
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import limits
from bot.limits import message_problems, utf16_length
from bot.rendering.conversation import PLAIN_COLOUR, Block, block_embeds, panels
from bot.rendering.files import bundled, text_file
from bot.rendering.panels import TextFile
from bot.rendering.splitting import SMALLEST, excerpt, split_markdown
from bot.texts import texts_for

TEXTS = texts_for("en-US")


@given(st.text(st.sampled_from("ab .\n`*>-")).map(lambda text: text * 9), st.integers(SMALLEST, 400))
def test_an_excerpt_is_the_first_piece(text: str, limit: int) -> None:
    beginning = excerpt(text, limit)
    pieces = split_markdown(text, limit)
    assert beginning.markdown == (pieces[0] if pieces else "")
    assert (beginning.left_out > 0) == (len(pieces) > 1)


def test_an_excerpt_counts_what_it_leaves_out() -> None:
    beginning = excerpt("One paragraph of some words, which is not so short.\n\n" + "x" * 3512, 100)
    assert (beginning.markdown, beginning.left_out) == (
        "One paragraph of some words, which is not so short.",
        3512,
    )


def test_a_block_can_be_shown_shortened() -> None:
    text = "Here:\n\n```py\n" + "print(1)\n" * 400 + "```"
    (embed,) = block_embeds(Block("Reply 1", text, PLAIN_COLOUR, shorten_to=900), TEXTS)
    assert embed.description is not None
    assert utf16_length(embed.description) <= 900
    assert embed.description.endswith("print(1)\n```")
    assert embed.footer is not None
    assert embed.footer.text == "… 2,739 more characters. “Read in full” shows the rest."
    assert embed.author is not None
    assert embed.author.name == "Reply 1"


@pytest.mark.parametrize(("text", "shown"), [("short", "short"), (" \n", "(no text)")])
def test_what_is_short_is_shown_whole(text: str, shown: str) -> None:
    (embed,) = block_embeds(Block("Reply 1", text, PLAIN_COLOUR, shorten_to=900), TEXTS)
    assert embed.description == shown
    assert embed.footer is None


def test_shortened_blocks_share_messages() -> None:
    blocks = [Block(f"Reply {n}", "word " * 800, PLAIN_COLOUR, shorten_to=1000) for n in range(7)]
    shown = panels("content", blocks, TEXTS)
    assert [len(panel.embeds) for panel in shown] == [5, 2]
    for panel in shown:
        assert message_problems(panel.content, panel.embeds, panel.rows) == []


def test_texts_become_files_as_they_were_written() -> None:
    assert text_file("1-user", "**raw** [a](b)\r\n") == TextFile("1-user.txt", b"**raw** [a](b)\r\n")
    assert text_file("2-assistant", "שלום") == TextFile("2-assistant.txt", "שלום".encode())
    assert text_file("text", "half \ud83d") == TextFile("text.txt", rb"half \ud83d")


def test_more_files_than_a_message_takes_share_the_last() -> None:
    files = [text_file(f"reply-{number}", f"text {number}") for number in range(1, 13)]
    assert bundled(files[:10]) == tuple(files[:10])
    *kept, last = bundled(files)
    assert kept == files[:9]
    assert last.name == "more.txt"
    assert last.content.decode() == (
        "===== reply-10.txt =====\n\ntext 10\n\n===== reply-11.txt =====\n\ntext 11\n\n"
        "===== reply-12.txt =====\n\ntext 12"
    )
    assert message_problems("", (), (), bundled(files)) == []


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ([("a.txt", b"")] * 11, "files: 11 of 10"),
        ([("a.txt", bytes(limits.FILE_BYTES + 1))], "files.a.txt: 10485761 of 10485760 bytes"),
        ([("a.txt", bytes(limits.FILE_BYTES))] * 3, "files: 31457280 of 25165824 bytes in all"),
    ],
)
def test_files_that_discord_refuses_are_found(files: list[tuple[str, bytes]], problem: str) -> None:
    assert message_problems("x", [hikari.Embed(description="x")], [], files) == [problem]
