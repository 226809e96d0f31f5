"""Pictures are an extra: drawn beside the event loop, of whatever names, and never in the text's way."""

import threading
from collections.abc import Sequence
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import limits
from bot.community import charts
from bot.community.charts import IS_AVAILABLE, MOST_BARS, Bar, draw, png_of
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot_community.small_backend import SmallBackend
from tests.bot_community.test_leaderboard import a_row

with_pillow = pytest.mark.skipif(not IS_AVAILABLE, reason="the extra `charts` (Pillow) is not installed")

SCRIPTS = (
    *(
        "Alice",
        "Семён",
        "山田太郎",
        "שלום עולם",
        "مرحبا بالعالم",
        "हिन्दी",
        "ไทย",
        "한국어",
        "👩‍🚀",
        "Zoe\u0301 🐝",
    ),
    *(
        "",
        " ",
        "\u202egnp.exe",
        "a\nb",
        "\0",
        "\ud800",
        "$x^2$ \\frac",
        "W" * 255,
        "\U0010ffff",
        "\u0301" * 50,
    ),
)
FINISH = "PATCH /webhooks/{}/{}/messages/{}"


def bars(values: Sequence[int], names: Sequence[str] = ("Alice",)) -> list[Bar]:
    return [
        Bar(names[place % len(names)], str(place + 1), value, f"{value:,}", stands_out=place == 1)
        for place, value in enumerate(values)
    ]


def colours(content: bytes) -> dict[str, int]:
    """Count the pixels of each colour."""
    from PIL import Image  # noqa: PLC0415  # an extra

    with Image.open(BytesIO(content)) as picture:
        found = picture.convert("RGB").getcolors(10**7) or []
    return {
        "#{:02x}{:02x}{:02x}".format(*colour): count for count, colour in found if isinstance(colour, tuple)
    }


async def test_without_the_extra_or_without_bars_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await draw("board", []) is None
    monkeypatch.setattr(charts, "IS_AVAILABLE", False)
    assert await draw("board", bars([3, 2])) is None


async def test_what_fails_while_drawing_costs_the_picture_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(charts, "IS_AVAILABLE", True)
    monkeypatch.setattr(charts, "png_of", fail)
    assert await draw("board", bars([3, 2])) is None


async def test_a_picture_that_is_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "IS_AVAILABLE", True)
    monkeypatch.setattr(charts, "png_of", lambda _: bytes(limits.PICTURE_BYTES + 1))
    assert await draw("board", bars([3, 2])) is None


async def test_it_is_drawn_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def note(_: object) -> bytes:
        threads.append(threading.get_ident())
        return b"png"

    monkeypatch.setattr(charts, "IS_AVAILABLE", True)
    monkeypatch.setattr(charts, "png_of", note)
    picture = await draw("board", bars([3, 2]))
    assert picture is not None
    assert (picture.filename, picture.mimetype, await picture.read()) == ("board.png", "image/png", b"png")
    assert threads != [threading.get_ident()]


@with_pillow
@pytest.mark.parametrize("name", SCRIPTS)
def test_names_of_any_script_are_drawn_or_left_out(name: str) -> None:
    content = png_of(bars([5, 3, 0], [name]))
    assert content.startswith(b"\x89PNG")
    assert len(content) < limits.PICTURE_BYTES


@with_pillow
@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=255), st.integers(min_value=-5, max_value=10**15)), min_size=1, max_size=12
    )
)
def test_it_can_draw_anything(rows: list[tuple[str, int]]) -> None:
    content = png_of([Bar(name, name, value, str(value)) for name, value in rows])
    assert len(content) < limits.PICTURE_BYTES


@with_pillow
def test_bars_are_as_long_as_what_they_stand_for_and_the_own_one_stands_out() -> None:
    found = colours(png_of(bars([100, 50, 0])))
    usual, own = found["#5865f2"], found["#e6b422"]
    assert 0.4 < own / usual < 0.6


@with_pillow
async def test_more_bars_than_there_is_room_for_are_left_out() -> None:
    few, many = [await draw("board", bars([1] * count)) for count in (MOST_BARS, 500)]
    assert few is not None
    assert many is not None
    assert await few.read() == await many.read()


async def board_of(person: Actor) -> MessageView:
    answer = await person.command("leaderboard")
    assert answer.message is not None
    return answer.message


@with_pillow
@pytest.mark.usefixtures("bot")
async def test_a_board_carries_its_picture_and_turns_with_it(sandbox: Sandbox, backend: SmallBackend) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row(f"Person {place}", 2000 - place) for place in range(1, 15)]
    board = await board_of(alice)
    (file,) = board.attachments
    assert (file["filename"], file["content_type"]) == ("board.png", "image/png")
    assert board.embeds[0]["image"]["url"] == file["url"]
    await board.click("Next")
    await alice.until(lambda: "page 2" in board.text, what="page 2")
    assert len(board.attachments) == 1
    assert board.attachments[0]["url"] != file["url"]


@with_pillow
@pytest.mark.usefixtures("bot")
async def test_an_empty_board_has_no_picture(sandbox: Sandbox) -> None:
    assert (await board_of(sandbox.guild.add_member("Alice"))).attachments == []


@with_pillow
@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("status", [400, 413])
async def test_a_picture_that_discord_refuses_costs_no_text(
    sandbox: Sandbox, backend: SmallBackend, status: int
) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row(alice, 70)]
    with sandbox.faults.status(status, on=FINISH):
        board = await board_of(alice)
    assert "Alice" in board.text
    assert board.attachments == []
