"""/leaderboard as people see it."""

from typing import Any
from uuid import uuid4

import pytest

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
    assert board.buttons == ["Day", "Week", "Month"]
    await board.click("Day")
    await alice.until(lambda: "the last day" in board.text, what="the board of the day")
    assert board.buttons == ["Week", "Month", "All time"]
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
