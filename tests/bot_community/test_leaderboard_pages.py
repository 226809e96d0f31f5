"""/leaderboard over the real backend: pages, one's own place far down, this server's people, hiding."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Sandbox
from oasst_backend.server import BackendServer
from oasst_client import AuthMethod, OasstApiClient, User
from tests.backend.board_people import add_people

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def backend(own_backend: BackendServer) -> BackendServer:
    """The project's own task backend, in place of the small one."""
    return own_backend


async def fill(backend: BackendServer, points: dict[str, int]) -> None:
    storage = backend.storage
    assert storage is not None
    await storage.write(lambda connection: add_people(connection, points))


async def hide(backend: BackendServer, person: Actor) -> None:
    async with OasstApiClient(backend.url, "key") as client:
        user = User(id=str(person.id), display_name=person.name, auth_method=AuthMethod.discord)
        await client.put_user(user, show_on_leaderboard=False)


async def worked_here(bot: BotApp, sandbox: Sandbox, people: Sequence[int]) -> None:
    for user_id in people:
        await bot.services.store.contributors.note(sandbox.guild.id, user_id, NOW)


async def board_of(person: Actor, scope: str | None = None) -> MessageView:
    answer = await person.command("leaderboard", scope=scope)
    assert answer.message is not None
    return answer.message


def rows(board: MessageView) -> list[str]:
    """Give the rows of a board as `place name points`, the own one with its arrow."""
    found = []
    for line in board.text.splitlines():
        parts = line.split(" · ")
        if len(parts) == 3 and parts[2].startswith("level"):
            found.append(f"{parts[0]} {parts[1]}".replace("*", "").replace("\\", ""))
    return found


def is_shown(board: MessageView, words: str) -> bool:
    return words in board.text


async def test_pages_lead_on_and_back(sandbox: Sandbox, backend: BackendServer, bot: BotApp) -> None:
    assert bot
    await fill(backend, {f"p{number}": 1000 - number for number in range(25)})
    alice = sandbox.guild.add_member("Alice")
    board = await board_of(alice)
    assert rows(board)[0] == "🥇 Person p0 1,000"
    assert len(rows(board)) == 10
    assert "Previous" not in board.buttons
    await board.click("Next")
    await alice.until(lambda: "page 2" in board.text, what="page 2")
    assert rows(board)[0] == "11. Person p10 990"
    await board.click("Next")
    await alice.until(lambda: "page 3" in board.text, what="page 3")
    assert [row.split()[2] for row in rows(board)] == ["p20", "p21", "p22", "p23", "p24"]
    assert "Next" not in board.buttons
    await board.click("Previous")
    await alice.until(lambda: "page 2" in board.text, what="page 2")
    await board.click("First")
    await alice.until(lambda: "page 1" in board.text, what="page 1")


async def test_pages_turn_after_a_restart(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp, start_bot: Callable[[], Awaitable[BotApp]]
) -> None:
    await fill(backend, {f"p{number}": 1000 - number for number in range(25)})
    alice = sandbox.guild.add_member("Alice")
    board = await board_of(alice)
    await bot.close()
    await start_bot()
    await board.click("Next")
    await alice.until(lambda: "page 2" in board.text, what="page 2")


@pytest.mark.parametrize("place", [1500, 9_990, 12_345])
async def test_who_is_far_below_the_first_thousand_finds_themselves_and_can_look_around(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp, place: int
) -> None:
    assert bot
    alice = sandbox.guild.add_member("Alice")
    points = {f"p{number}": 20_000 - number for number in range(1, 12_500)}
    points[str(alice.id)] = points.pop(f"p{place}")
    await fill(backend, points)
    board = await board_of(alice)
    near = [f"{number:,}." for number in range(place - 2, place + 3)]
    assert [row.removeprefix("➤ ").split()[0] for row in rows(board)[10:]] == near
    own = next(row for row in rows(board) if row.startswith("➤"))
    assert f"➤ {place:,}. Person {alice.id} (you) {20_000 - place:,}" == own

    await board.click("My place")
    page = (place - 1) // 10 + 1
    await alice.until(lambda: f"page {page:,}" in board.text, what="the own page")
    first = (page - 1) * 10 + 1
    places = [row.removeprefix("➤ ").split()[0] for row in rows(board)]
    assert places == [f"{number:,}." for number in range(first, first + 10)]
    assert sum(row.startswith("➤") for row in rows(board)) == 1
    assert "My place" not in board.buttons

    for label, other in (("Next", page + 1), ("Previous", page), ("Previous", page - 1)):
        await board.click(label)
        words = f"page {other:,}"
        await alice.until(partial(is_shown, board, words), what=words)
        assert rows(board)[0].removeprefix("➤ ").startswith(f"{(other - 1) * 10 + 1:,}. ")


async def test_a_servers_board_has_those_who_did_a_task_there_with_their_points_from_everywhere(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp
) -> None:
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Bob")
    await fill(backend, {"1": 900, str(bob.id): 70, "2": 60, str(alice.id): 50})
    await worked_here(bot, sandbox, [alice.id, bob.id, 77])
    board = await board_of(alice, scope="this server")
    assert rows(board) == [f"🥇 Person {bob.id} 70", f"➤ 🥈 Person {alice.id} (you) 50"]
    assert "finished a task on this server, with their points from everywhere" in board.text
    await board.click("Everywhere")
    await alice.until(lambda: len(rows(board)) == 4, what="everybody")
    assert rows(board)[-1] == f"➤ 4. Person {alice.id} (you) 50"
    await board.click("This server")
    await alice.until(lambda: len(rows(board)) == 2, what="this server")


async def test_another_servers_people_are_not_on_this_servers_board(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp
) -> None:
    alice = sandbox.guild.add_member("Alice")
    await fill(backend, {"1": 900, str(alice.id): 50})
    await bot.services.store.contributors.note(sandbox.guild.id + 1, 1, NOW)
    board = await board_of(alice, scope="this server")
    assert rows(board) == []
    assert "Nobody who finished a task on this server" in board.text


async def test_a_server_of_ten_thousand_has_pages_and_ties_in_the_order_of_all(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp
) -> None:
    alice = sandbox.guild.add_member("Alice")
    ids = [*range(1, 10_000), alice.id]
    await fill(backend, {str(user_id): user_id % 7 + 1 for user_id in ids})
    database = bot.services.store.database
    async with database.transaction():
        for user_id in ids:
            await database.execute(
                "INSERT INTO contributors VALUES (?, ?, 1, ?3, ?3)",
                (sandbox.guild.id, user_id, NOW.timestamp()),
            )
    board = await board_of(alice, scope="this server")
    here = rows(board)
    assert len(here) == 15
    await board.click("Everywhere")
    await alice.until(lambda: "time · everywhere" in board.text, what="everybody")
    assert rows(board) == here
    await board.click("This server")
    await alice.until(lambda: "time · this server" in board.text, what="this server")
    await board.click("My place")
    await alice.until(lambda: any(row.startswith("➤") for row in rows(board)[:10]), what="the own page")
    assert len(rows(board)) == 10
    await board.click("Next")
    await alice.until(lambda: not any(row.startswith("➤") for row in rows(board)[:10]), what="the next")


@pytest.mark.parametrize("scope", ["everywhere", "this server"])
async def test_who_hid_themselves_is_on_no_board_and_is_told_so(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp, scope: str
) -> None:
    alice, bob = sandbox.guild.add_member("Alice"), sandbox.guild.add_member("Bob")
    await fill(backend, {str(alice.id): 50, str(bob.id): 40})
    await worked_here(bot, sandbox, [alice.id, bob.id])
    await hide(backend, alice)
    board = await board_of(alice, scope=scope)
    assert rows(board) == [f"🥇 Person {bob.id} 40"]
    assert "You are hidden" in board.text
    board = await board_of(bob, scope=scope)
    assert rows(board) == [f"➤ 🥇 Person {bob.id} (you) 40"]
    assert "hidden" not in board.text


async def test_in_direct_messages_there_is_everywhere_alone(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp
) -> None:
    assert bot
    await fill(backend, {"1": 900})
    alice = sandbox.guild.add_member("Alice")
    answer = await alice.command("leaderboard", alice.open_dm(), scope="this server")
    assert answer.message is not None
    assert rows(answer.message) == ["🥇 Person 1 900"]
    assert "This server" not in answer.message.buttons


async def test_a_page_that_is_there_no_more_gives_way_to_the_first(
    sandbox: Sandbox, backend: BackendServer, bot: BotApp
) -> None:
    assert bot
    await fill(backend, {f"p{number}": 1000 - number for number in range(11)})
    alice = sandbox.guild.add_member("Alice")
    board = await board_of(alice)
    async with OasstApiClient(backend.url, "key") as client:
        await client.put_user(
            User(id="p3", display_name="Person p3", auth_method=AuthMethod.discord), enabled=False
        )
    await board.click("Next")
    await alice.until(lambda: "Person p10" in board.text, what="the first page")
    assert rows(board)[0].startswith("🥇")
    assert "Next" not in board.buttons
