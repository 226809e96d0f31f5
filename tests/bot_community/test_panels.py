"""What the board, the terms and the settings show, and that it always fits into a Discord message."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import hikari
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import limits
from bot.community.board import PERIODS, ROWS_SHOWN, board_panel
from bot.community.names import safe_name
from bot.community.settings_panel import EVENTS, SHOWN, Health, settings_panel
from bot.guild_settings import GuildSetting, GuildSettings
from bot.permissions import FOR_LOG, FOR_TASKS
from bot.rendering.panels import Panel
from bot.sessions.terms import (
    TERMS_VERSION,
    Acceptance,
    LabelWish,
    Purpose,
    accept_id,
    parse_accept_id,
    terms_panel,
)
from bot.sessions.wish import Wish
from bot.texts import texts_for
from oasst_client.models import LeaderboardStats, LeaderboardTimeFrame, UserScore
from oasst_client.tasks import TaskRequestType

TEXTS = texts_for("en-US")
ALICE = 111


def a_score(person: int, score: int, name: str = "", *, highlighted: bool = False) -> UserScore:
    return UserScore(
        user_id=uuid4(),
        username=str(person),
        auth_method="discord",
        display_name=name or f"Person {person}",
        leader_score=score,
        highlighted=highlighted,
    )


def board_text(scores: list[UserScore], reader: int = ALICE) -> str:
    panel = board_panel(
        LeaderboardStats(time_frame="week", leaderboard=scores),
        LeaderboardTimeFrame.week,
        user_id=reader,
        texts=TEXTS,
    )
    assert fits(panel)
    return str(panel.embeds[0].description)


def fits(panel: Panel) -> bool:
    return limits.message_problems(panel.content, panel.embeds, panel.rows) == []


def components(panel: Panel) -> list[dict[str, Any]]:
    return [component for row in panel.rows for component in row.build()[0]["components"]]


def test_the_own_row_is_marked_and_no_other() -> None:
    lines = board_text([a_score(1, 30), a_score(ALICE, 20, "Alice"), a_score(3, 10)]).splitlines()
    assert [line.startswith("➤") for line in lines] == [False, True, False]
    assert "Alice" in lines[1]
    assert "20" in lines[1]


def test_a_highlighted_row_is_the_own_one_whatever_its_name() -> None:
    assert "(you)" in board_text([a_score(5, 1, highlighted=True)], reader=ALICE)


def test_the_same_id_of_another_frontend_is_somebody_else() -> None:
    score = a_score(ALICE, 1).model_copy(update={"auth_method": "local"})
    assert "(you)" not in board_text([score])


def test_an_own_row_far_down_stands_below_the_shown_ones_with_its_place() -> None:
    scores = [a_score(n, 1000 - n) for n in range(500, 600)] + [a_score(ALICE, 1, "Alice")]
    lines = board_text(scores).splitlines()
    assert len(lines) == ROWS_SHOWN + 2
    assert lines[-1].startswith("➤ 101.")


def test_an_empty_board_and_a_board_without_oneself_are_said_kindly() -> None:
    assert "be the first" in board_text([])
    assert "You are not on this board yet" in board_text([a_score(1, 5)])


def test_the_shown_period_is_pressed_and_the_others_can_be_pressed() -> None:
    panel = board_panel(
        LeaderboardStats(time_frame="day", last_updated=datetime(2026, 11, 20, tzinfo=UTC), leaderboard=[]),
        LeaderboardTimeFrame.day,
        user_id=ALICE,
        texts=TEXTS,
    )
    assert [(button["label"], button["disabled"]) for button in components(panel)] == [
        ("Day", True),
        ("Week", False),
        ("Month", False),
        ("All time", False),
    ]
    assert [PERIODS[button["custom_id"]] for button in components(panel)] == list(LeaderboardTimeFrame)
    assert panel.embeds[0].timestamp == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Alice", "Alice"),
        ("**bold** _u_ ~s~ `c`", r"\*\*bold\*\* \_u\_ \~s\~ \`c\`"),
        ("[click](https://evil.example)", r"\[click\]\(https\://evil.example\)"),
        ("<@123> @everyone <#4>", r"\<\@123\> \@everyone \<\#4\>"),
        ("two\nlines\t and   gaps", "two lines and gaps"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u200b\u200d ", "?"),
        ("", "?"),
        ("Семён", "Семён"),
        ("👩‍🚀", "👩‍🚀"),
    ],
)
def test_names_render_as_themselves_and_do_nothing(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@given(st.lists(st.text(max_size=255), max_size=40))
def test_a_board_fits_whatever_people_are_called(names: list[str]) -> None:
    scores = [a_score(n, 10**9, name) for n, name in enumerate(names)]
    description = board_text([*scores, a_score(ALICE, 0)])
    assert len(description.splitlines()) <= ROWS_SHOWN + 2


@given(
    st.one_of(
        st.builds(
            Wish,
            st.sampled_from(TaskRequestType),
            st.sampled_from(["en", "pt-BR", "de" + "-abcde" * 5]),
            st.booleans(),
        ),
        st.builds(LabelWish, st.uuids()),
    )
)
def test_the_button_that_accepts_carries_what_the_person_came_for(purpose: Purpose) -> None:
    panel = terms_panel(purpose, TEXTS)
    assert fits(panel)
    accept, decline = components(panel)
    assert (accept["label"], decline["label"]) == ("I accept", "Not now")
    assert parse_accept_id(accept["custom_id"]) == Acceptance(TERMS_VERSION, purpose)
    assert parse_accept_id(decline["custom_id"]) is None


@pytest.mark.parametrize(
    "custom_id",
    [
        "terms:1:accept:",
        "terms:1:accept:x:task:random:en",
        "terms:1:accept:1:task:fly:en",
        "terms:1:accept:1:label:none",
        "terms:1:accept:1:dance:x",
        "terms:2:accept:1:task:random:en",
    ],
)
def test_an_unknown_button_accepts_nothing(custom_id: str) -> None:
    assert parse_accept_id(custom_id) is None


def test_a_wish_keeps_its_terms_version() -> None:
    wish = LabelWish(UUID(int=7))
    assert parse_accept_id(accept_id(wish, version=3)) == Acceptance(3, wish)


def test_the_terms_say_what_counts() -> None:
    text = str(terms_panel(Wish(TaskRequestType.random, "en"), TEXTS).embeds[0].description)
    for said in ("public dataset", "Discord id", "private person", "private thread", "stop at any time"):
        assert said in text


def settings_text(panel: Panel) -> dict[str, str]:
    return {str(field.name): str(field.value) for field in panel.embeds[0].fields}


def test_settings_show_what_is_set_what_is_not_and_what_is_amiss() -> None:
    panel = settings_panel(
        GuildSettings(task_channel=70, moderator_role=90),
        {
            GuildSetting.task_channel: Health(
                missing=(hikari.Permissions.MANAGE_THREADS, hikari.Permissions.CREATE_PRIVATE_THREADS)
            ),
            GuildSetting.moderator_role: Health(gone=True),
        },
        TEXTS,
        notice="Saved.",
    )
    shown = settings_text(panel)
    assert "<#70>" in shown["Task channel"]
    assert "Manage Threads, Create Private Threads" in shown["Task channel"]
    assert shown["Log channel"].startswith("Not set")
    assert "<@&90>" in shown["Moderator role"]
    assert "cannot find it" in shown["Moderator role"]
    assert panel.content == "Saved."


def test_only_what_is_set_can_be_cleared_and_each_control_is_read_back() -> None:
    panel = settings_panel(GuildSettings(log_channel=70), {}, TEXTS)
    controls = components(panel)
    clear = [control for control in controls if control["type"] == hikari.ComponentType.BUTTON]
    assert [control["disabled"] for control in clear] == [True, False, True]
    events = [EVENTS[control["custom_id"]] for control in controls]
    assert {(event.setting, event.clears) for event in events} == {
        (setting, clears) for setting in SHOWN for clears in (False, True)
    }
    assert len(panel.rows) <= limits.ROWS


def test_every_permission_that_can_be_missing_has_a_name() -> None:
    every = Health(missing=(*FOR_TASKS, *FOR_LOG))
    panel = settings_panel(
        GuildSettings(task_channel=1, log_channel=2, moderator_role=3), dict.fromkeys(SHOWN, every), TEXTS
    )
    assert "permission." not in str(settings_text(panel))
    assert fits(panel)
