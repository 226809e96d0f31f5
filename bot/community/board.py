"""The leaderboard as a panel: the rows, one's own row marked, buttons for the other periods."""

from dataclasses import dataclass
from typing import Final

import hikari

from bot.community.names import safe_name
from bot.forms.controls import plain_button, row
from bot.rendering.panels import Panel
from bot.texts import Texts
from oasst_client.models import AuthMethod, LeaderboardStats, LeaderboardTimeFrame, UserScore

ROWS_SHOWN: Final = 20
"""Rows at the top of the board; with names cut they fit one embed with room to spare."""

ROWS_READ: Final = 1000
"""Rows asked of the backend, so that most people find their own row below the shown ones."""

PERIODS: Final = {f"board:1:{period.value}": period for period in LeaderboardTimeFrame}
"""What each button's custom_id stands for."""

_COLOUR: Final = 0xE6B422


@dataclass(frozen=True, slots=True)
class _Row:
    rank: int
    score: UserScore
    own: bool


def board_panel(
    stats: LeaderboardStats, period: LeaderboardTimeFrame, *, user_id: int, texts: Texts
) -> Panel:
    """Show a board to one person.

    Args:
        stats: the board as the backend gave it, best first.
        period: the span that was asked for.
        user_id: the Discord id of the reader, whose row is marked.
        texts: the reader's language.
    """
    rows = [
        _Row(score.rank or place, score, own=_is_reader(score, user_id))
        for place, score in enumerate(stats.leaderboard, start=1)
    ]
    lines = [_line(row, texts) for row in rows[:ROWS_SHOWN]]
    own_below = next((row for row in rows[ROWS_SHOWN:] if row.own), None)
    if own_below is not None:
        lines += ["…", _line(own_below, texts)]
    if not lines:
        lines = [texts("board.empty")]
    elif not any(row.own for row in rows):
        lines += ["", texts("board.not_there_yet")]
    embed = hikari.Embed(
        title=texts(f"board.title.{period.value}"), description="\n".join(lines), color=_COLOUR
    )
    if stats.last_updated is not None:
        embed.timestamp = stats.last_updated
    if rows:
        embed.set_footer(texts("board.legend"))
    return Panel(embeds=(embed,), rows=(_period_buttons(period, texts),))


def board_problem_panel(problem: str, period: LeaderboardTimeFrame, texts: Texts) -> Panel:
    """Say why there is no board; the buttons stay, so that one can try again."""
    return Panel(content=problem, rows=(_period_buttons(period, texts, chosen_again=True),))


def _is_reader(score: UserScore, user_id: int) -> bool:
    # An older backend highlights nobody; the frontend's own id tells the reader's row as well.
    return score.highlighted or (score.auth_method == AuthMethod.discord and score.username == str(user_id))


def _line(row: _Row, texts: Texts) -> str:
    return texts(
        "board.own_row" if row.own else "board.row",
        rank=row.rank,
        name=safe_name(row.score.display_name),
        score=row.score.leader_score,
    )


def _period_buttons(
    period: LeaderboardTimeFrame, texts: Texts, *, chosen_again: bool = False
) -> hikari.api.MessageActionRowBuilder:
    buttons = [
        plain_button(
            custom_id,
            texts(f"board.period.{each.value}"),
            hikari.ButtonStyle.PRIMARY if each is period else hikari.ButtonStyle.SECONDARY,
            disabled=each is period and not chosen_again,
        )
        for custom_id, each in PERIODS.items()
    ]
    return row(*buttons)
