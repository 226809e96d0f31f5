"""What a board shows, and that it always fits into a Discord message."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import hikari
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import limits
from bot.community.board import board_panel, board_problem_panel
from bot.community.board_choice import OWN_PAGE, PREFIX, BoardChoice, Scope, parse_board_id
from bot.community.board_pages import ROWS, BoardPage, Placed, Reader, Source, Stretch, page_with, span_of
from bot.rendering.panels import Panel
from bot.texts import Texts, texts_for
from oasst_client import AuthMethod, LeaderboardTimeFrame, User, UserScore

TEXTS = texts_for("en-US")
ME = Reader(User(id="111", display_name="Alice", auth_method=AuthMethod.discord), UUID(int=1))
WEEK = BoardChoice(LeaderboardTimeFrame.week)


def a_score(person: int, score: int, name: str = "", *, level: int = 2) -> UserScore:
    return UserScore(
        user_id=uuid4(),
        username=str(person),
        auth_method="discord",
        display_name=name or f"Person {person}",
        leader_score=score,
        level=level,
    )


def a_board(
    count: int, *, me: int | None = None, number: int = 1, source: Source = Source.everywhere
) -> BoardPage:
    """Give a page of a board of so many people, with the reader at a place."""
    scores = [a_score(111 if place == me else place + 1000, 5000 - place) for place in range(1, count + 1)]
    board = Stretch.of(scores)
    rows, has_more = board.page(number)
    return BoardPage(number, rows, has_more, board.around(me), me, hidden=False, source=source)


def shown(
    page: BoardPage, choice: BoardChoice = WEEK, *, texts: Texts = TEXTS, on_server: bool = True
) -> Panel:
    panel = board_panel(page, choice, texts, on_server=on_server)
    assert limits.message_problems(panel.content, panel.embeds, panel.rows) == []
    return panel


def lines_of(panel: Panel) -> list[str]:
    return str(panel.embeds[0].description).splitlines()


def buttons(panel: Panel) -> list[dict[str, Any]]:
    return [component for row in panel.rows for component in row.build()[0]["components"]]


def usable(panel: Panel) -> list[str]:
    return [button["label"] for button in buttons(panel) if not button["disabled"]]


def test_a_row_has_place_name_points_and_level_and_the_own_one_is_marked() -> None:
    lines = lines_of(shown(a_board(5, me=4)))
    assert [line.startswith("➤") for line in lines] == [False, False, False, True, False]
    assert lines[0] == "🥇 Person 1001 · **4,999** · level 2"
    assert lines[3] == r"➤ 4\. **Person 111** (you) · **4,996** · level 2"
    assert lines[4].startswith(r"5\. ")


def test_a_backend_without_levels_shows_none() -> None:
    page = BoardPage(1, [Placed(1, a_score(5, 7, level=0))], False, (), None, False, Source.everywhere)
    assert lines_of(shown(page))[0] == "🥇 Person 5 · **7**"


@pytest.mark.parametrize(
    ("me", "places"),
    [
        (8, []),
        (11, ["11", "12", "13"]),
        (12, ["11", "12", "13", "14"]),
        (13, ["11", "12", "13", "14", "15"]),
        (14, ["…", "12", "13", "14", "15", "16"]),
        (30, ["…", "28", "29", "30"]),
    ],
)
def test_who_is_further_down_sees_the_neighbours(me: int, places: list[str]) -> None:
    lines = lines_of(shown(a_board(30, me=me)))[ROWS:]
    assert [line.removeprefix("➤ ").split("\\")[0] for line in lines] == places
    assert sum(line.startswith("➤") for line in lines) == (me > ROWS)


def test_who_is_further_up_sees_the_neighbours_as_well() -> None:
    lines = lines_of(shown(a_board(30, me=3, number=3)))
    assert [line.split(" ")[0] for line in lines[-6:]] == ["…", "🥇", "🥈", "➤", r"4\.", r"5\."]


def test_pages_are_turned_from_the_first_to_the_last_and_to_ones_own_place() -> None:
    first = shown(a_board(25, me=22))
    assert usable(first)[-2:] == ["Next", "My place"]
    middle = shown(a_board(25, me=22, number=2))
    assert usable(middle)[-4:] == ["First", "Previous", "Next", "My place"]
    last = shown(a_board(25, me=22, number=3))
    assert usable(last)[-2:] == ["First", "Previous"]
    assert [parse_board_id(button["custom_id"]) for button in buttons(middle)[-4:]] == [
        WEEK,
        WEEK,
        WEEK.turned(3),
        WEEK.turned(OWN_PAGE),
    ]
    assert "page 2" in str(middle.embeds[0].footer and middle.embeds[0].footer.text)


def test_a_short_board_has_no_buttons_to_turn_it() -> None:
    panel = shown(a_board(3, me=1))
    assert [button["label"] for button in buttons(panel)] == [
        *("Day", "Week", "Month", "All time"),
        *("Everywhere", "This server"),
    ]


def test_outside_a_server_there_is_no_choice_of_scope() -> None:
    assert "This server" not in [one["label"] for one in buttons(shown(a_board(3), on_server=False))]


def test_period_and_scope_lead_to_the_first_page_and_keep_each_other() -> None:
    choice = BoardChoice(LeaderboardTimeFrame.month, Scope.server, 3)
    panel = shown(a_board(40, number=3, source=Source.server), choice)
    found = {button["label"]: parse_board_id(button["custom_id"]) for button in buttons(panel)}
    assert found["Day"] == BoardChoice(LeaderboardTimeFrame.day, Scope.server)
    assert found["Everywhere"] == BoardChoice(LeaderboardTimeFrame.month)
    pressed = [one["label"] for one in buttons(panel) if one["style"] == hikari.ButtonStyle.PRIMARY]
    assert pressed == ["Month", "This server"]


def test_where_there_is_no_board_every_button_can_be_tried_again() -> None:
    panel = board_problem_panel("away", WEEK, TEXTS, on_server=True)
    assert usable(panel) == ["Day", "Week", "Month", "All time", "Everywhere", "This server"]
    assert limits.message_problems(panel.content, panel.embeds, panel.rows) == []


def test_an_empty_board_and_a_board_without_oneself_are_said_kindly() -> None:
    assert "be the first" in lines_of(shown(a_board(0)))[0]
    assert "on this server" in lines_of(shown(a_board(0, source=Source.server)))[0]
    assert "You are not on this board yet" in lines_of(shown(a_board(3)))[-1]


def test_who_is_hidden_is_told_so() -> None:
    page = BoardPage(1, a_board(3).rows, False, (), None, hidden=True, source=Source.everywhere)
    assert "You are hidden" in lines_of(shown(page))[-1]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source.server, "finished a task on this server, with their points from everywhere"),
        (Source.server_of_top, "among the first 1,000"),
    ],
)
def test_a_servers_board_says_whose_it_is(source: Source, words: str) -> None:
    embed = shown(a_board(3, source=source)).embeds[0]
    assert embed.footer is not None
    assert words in str(embed.footer.text)


def test_the_time_of_the_count_is_the_embeds() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    page = BoardPage(1, (), False, (), None, False, Source.everywhere, at)
    assert shown(page).embeds[0].timestamp == at


def test_the_readers_row_is_known_by_its_mark_or_by_the_id_at_this_frontend() -> None:
    mine = a_score(111, 1)
    assert ME.is_at(mine)
    assert ME.is_at(a_score(5, 1).model_copy(update={"highlighted": True}))
    assert not ME.is_at(mine.model_copy(update={"auth_method": "local"}))


@pytest.mark.parametrize("texts", [TEXTS, texts_for("de")], ids=["en", "de"])
@given(
    names=st.lists(st.text(max_size=255), max_size=ROWS),
    around=st.lists(st.text(max_size=255), max_size=5),
    points=st.integers(min_value=-10, max_value=10**12),
)
def test_a_board_fits_whatever_people_are_called(
    texts: Texts, names: Sequence[str], around: Sequence[str], points: int
) -> None:
    rows = [Placed(place, a_score(place, points, name)) for place, name in enumerate(names, start=1)]
    mine = [Placed(54_319 + place, a_score(9, points, name)) for place, name in enumerate(around)]
    own = mine[len(mine) // 2].place if mine else None
    page = BoardPage(1, rows, True, mine, own, False, Source.server_of_top)
    choice = BoardChoice(LeaderboardTimeFrame.total, Scope.server)
    lines = lines_of(shown(page, choice, texts=texts))
    assert len(lines) <= ROWS + 1 + 5 + 2


@given(
    st.sampled_from(LeaderboardTimeFrame),
    st.sampled_from(Scope),
    st.integers(min_value=0, max_value=9_999_999),
)
def test_a_button_says_where_it_leads(period: LeaderboardTimeFrame, scope: Scope, page: int) -> None:
    choice = BoardChoice(period, scope, page)
    custom_id = choice.custom_id("next")
    assert len(custom_id) <= limits.CUSTOM_ID
    assert parse_board_id(custom_id) == choice


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "next",
        "next:week:everywhere",
        "next:week:everywhere:",
        "next:week:everywhere:-1",
        "next:week:everywhere:99999999",
        "next:year:everywhere:1",
        "next:week:moon:1",
        "next:week:everywhere:1:1",
        "next:week:everywhere:\uff11",
    ],
)
def test_a_forged_button_leads_nowhere(rest: str) -> None:
    assert parse_board_id(PREFIX + rest) is None
    assert parse_board_id("board:1:week") is None


@given(st.integers(min_value=1, max_value=10**6))
def test_every_place_is_on_one_page(place: int) -> None:
    first, last = span_of(page_with(place))
    assert first <= place <= last
    assert last - first + 1 == ROWS
