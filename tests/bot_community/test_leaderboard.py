"""/leaderboard as people see it, on a backend that has the protocol's board and nothing else."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Sandbox
from tests.bot_community.small_backend import SmallBackend

pytestmark = pytest.mark.usefixtures("bot")


def a_row(person: Actor | str, score: int) -> dict[str, Any]:
    name = person if isinstance(person, str) else person.name
    return {
        "user_id": str(uuid4()),
        "username": "5" if isinstance(person, str) else str(person.id),
        "auth_method": "discord",
        "display_name": name,
        "leader_score": score,
    }


async def board_of(person: Actor, period: str | None = None) -> MessageView:
    answer = await person.command("leaderboard", period=period)
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message


async def test_a_member_sees_the_board_with_their_own_row_marked(
    sandbox: Sandbox, backend: SmallBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.known.add(str(alice.id))
    backend.board = [a_row("Zoe", 90), a_row(alice, 70), a_row("Yan", 10)]
    board = await board_of(alice, period="week")
    assert "the last week" in board.text
    own = next(line for line in board.text.splitlines() if line.startswith("➤"))
    assert "Alice" in own
    assert "70" in own
    assert "Zoe" not in own


async def test_all_time_is_shown_where_nothing_is_chosen_and_periods_switch_in_place(
    sandbox: Sandbox, backend: SmallBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row(alice, 70)]
    board = await board_of(alice)
    assert "all time" in board.text
    assert board.buttons == ["Day", "Week", "Month", "This server"]
    await board.click("Day")
    await alice.until(lambda: "the last day" in board.text, what="the board of the day")
    assert board.buttons == ["Week", "Month", "All time", "This server"]
    assert "➤" in board.text


async def test_who_never_did_a_task_still_sees_the_board(sandbox: Sandbox, backend: SmallBackend) -> None:
    backend.board = [a_row("Zoe", 90)]
    board = await board_of(sandbox.guild.add_member("Newcomer"))
    assert "Zoe" in board.text
    assert "You are not on this board yet" in board.text


async def test_an_empty_board_is_said_kindly(sandbox: Sandbox) -> None:
    board = await board_of(sandbox.guild.add_member("Alice"), period="day")
    assert "Nobody is on this board yet" in board.text


async def test_a_name_on_the_board_rings_for_nobody_and_links_nowhere(
    sandbox: Sandbox, backend: SmallBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row(f"<@{alice.id}> @everyone [free](https://evil.example)", 90)]
    board = await board_of(alice)
    assert board.pings == []
    assert not board.pings_everyone
    assert "](http" not in board.text


async def test_an_absent_backend_is_said_kindly_and_one_can_try_again(
    sandbox: Sandbox, backend: SmallBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await backend.close()
    board = await board_of(alice, period="day")
    assert "cannot be reached" in board.text
    await backend.start()
    await board.click("Day")
    await alice.until(lambda: "Nobody is on this board yet" in board.text, what="the board")


async def test_a_backend_without_boards_is_said(sandbox: Sandbox, backend: SmallBackend) -> None:
    backend.board = None
    board = await board_of(sandbox.guild.add_member("Alice"))
    assert "There is no leaderboard" in board.text


async def test_pages_are_cut_from_the_top_where_there_is_no_other_call(
    sandbox: Sandbox, backend: SmallBackend
) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row(f"Person {place}", 2000 - place) for place in range(1, 35)]
    backend.board.insert(32, a_row(alice, 1967))
    board = await board_of(alice)
    own = [line for line in board.text.splitlines() if line.startswith("➤")]
    assert own == [r"➤ 33\. **Alice** (you) · **1,967**"]
    await board.click("My place")
    await alice.until(lambda: "page 4" in board.text, what="the own page")
    assert "Person 31" in board.text
    assert "Person 30" not in board.text
    assert "Next" not in board.buttons


async def test_who_is_below_the_first_thousand_is_not_told_that_they_are_nowhere(
    sandbox: Sandbox, backend: SmallBackend
) -> None:
    backend.board = [a_row(f"Person {place}", 2000 - place) for place in range(1, 1001)]
    board = await board_of(sandbox.guild.add_member("Alice"))
    assert "not among the first 1,000" in board.text


async def test_this_server_is_picked_out_of_the_top_and_that_is_said(
    sandbox: Sandbox, backend: SmallBackend, bot: BotApp
) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row("Zoe", 90), a_row(alice, 70)]
    await bot.services.store.contributors.note(sandbox.guild.id, alice.id, datetime.now(UTC))
    board = await board_of(alice)
    await board.click("This server")
    await alice.until(lambda: "Zoe" not in board.text, what="this server's board")
    assert "➤ 🥇 **Alice** (you) · **70**" in board.text
    assert "among the first 1,000" in board.text


@pytest.mark.parametrize(
    "name",
    [
        "",
        "\u200b\u202e",
        "W" * 255,
        "\U0001f41d" * 100,
        "مرحبا **بالعالم**",
        "\u202egnp.exe",
        "a\nb\n> quote\n# big",
        "||spoiler|| `code` ```",
    ],
    ids=["empty", "unseen", "long", "bees", "arabic", "turned", "lines", "markdown"],
)
async def test_any_name_is_one_row_among_others(sandbox: Sandbox, backend: SmallBackend, name: str) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row("Zoe", 90), {**a_row("x", 80), "display_name": name}, a_row(alice, 70)]
    board = await board_of(alice)
    lines = board.embeds[0]["description"].splitlines()
    assert [line.split(" ")[0] for line in lines] == ["🥇", "🥈", "➤"]
    assert lines[1].endswith("· **80**")
    assert len(lines[1]) < 110


async def test_a_forged_button_has_expired(sandbox: Sandbox, backend: SmallBackend) -> None:
    alice = sandbox.guild.add_member("Alice")
    backend.board = [a_row(alice, 70)]
    board = await board_of(alice)
    board.raw.components[0]["components"][0]["custom_id"] = "board:2:period:week:moon:1"
    answer = await board.click("Day")
    assert "This has expired" in answer.text
    assert "➤ 🥇" in board.text
