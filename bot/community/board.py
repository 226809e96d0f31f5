"""The leaderboard as a panel: a page of rows, the reader's own marked, and buttons to look further."""

from collections.abc import Sequence
from typing import Final

import hikari

from bot.community.board_choice import OWN_PAGE, BoardChoice, Scope
from bot.community.board_pages import BoardPage, Placed, Source
from bot.community.names import safe_name
from bot.forms.controls import plain_button, row
from bot.rendering.panels import Panel
from bot.texts import Texts
from oasst_client import LeaderboardTimeFrame

COLOUR: Final = 0xE6B422

_MEDALS: Final = {1: "🥇", 2: "🥈", 3: "🥉"}


def board_panel(page: BoardPage, choice: BoardChoice, texts: Texts, *, on_server: bool) -> Panel:
    """Show a page of a board to one person.

    Args:
        page: what the backend gave.
        choice: what the reader asked for.
        texts: the reader's language.
        on_server: whether they are on a server, which has a board of its own.
    """
    shown = choice.turned(page.number)
    lines = [_line(placed, page, texts) for placed in page.rows]
    if not lines:
        lines = [texts("board.empty_here" if page.source is not Source.everywhere else "board.empty")]
    lines += _neighbour_lines(page, texts)
    embed = hikari.Embed(
        title=texts(f"board.title.{choice.period.value}", scope=texts(f"board.of.{shown.scope.value}")),
        description="\n".join([*lines, *_about_reader(page, texts)]),
        color=COLOUR,
        timestamp=page.updated,
    )
    if footer := _footer(page, texts):
        embed.set_footer(footer)
    return Panel(embeds=(embed,), rows=_buttons(shown, texts, page=page, on_server=on_server))


def board_problem_panel(problem: str, choice: BoardChoice, texts: Texts, *, on_server: bool) -> Panel:
    """Say why there is no board; the buttons stay, so that one can try again."""
    return Panel(content=problem, rows=_buttons(choice, texts, page=None, on_server=on_server))


def place_mark(place: int, texts: Texts) -> str:
    """Write a place: a medal for the first three, else its number."""
    return _MEDALS.get(place) or texts("board.place", place=texts.number(place))


def _line(placed: Placed, page: BoardPage, texts: Texts) -> str:
    score = placed.score
    return texts(
        "board.own_row" if placed.place == page.own_place else "board.row",
        place=place_mark(placed.place, texts),
        name=safe_name(score.display_name),
        score=texts.number(score.leader_score),
        # An older backend knows no levels.
        level=texts("board.level", level=score.level) if score.level else "",
    ).strip()


def _neighbour_lines(page: BoardPage, texts: Texts) -> list[str]:
    """Show where the reader stands, if that is not on this page."""
    if not page.neighbours:
        return []
    lines = [_line(placed, page, texts) for placed in page.neighbours]
    follows_on = bool(page.rows) and page.neighbours[0].place == page.rows[-1].place + 1
    return lines if follows_on else ["…", *lines]


def _about_reader(page: BoardPage, texts: Texts) -> list[str]:
    if page.hidden:
        return ["", texts("board.hidden")]
    if page.own_place is None and page.rows:
        return ["", texts("board.not_among_first" if page.is_cut else "board.not_there_yet")]
    return []


def _footer(page: BoardPage, texts: Texts) -> str:
    parts = [texts("board.legend")] if page.rows else []
    if page.source is not Source.everywhere:
        parts.append(texts(f"board.source.{page.source.name}"))
    if page.number > 1 or page.has_more:
        parts.append(texts("board.page", page=texts.number(page.number)))
    return " · ".join(parts)


def _buttons(
    choice: BoardChoice, texts: Texts, *, page: BoardPage | None, on_server: bool
) -> tuple[hikari.api.MessageActionRowBuilder, ...]:
    rows = [
        row(
            *(
                plain_button(
                    BoardChoice(period, choice.scope).custom_id("period"),
                    texts(f"board.period.{period.value}"),
                    _style(chosen=period is choice.period),
                    disabled=period is choice.period and page is not None,
                )
                for period in LeaderboardTimeFrame
            )
        )
    ]
    if on_server:
        rows.append(
            row(
                *(
                    plain_button(
                        BoardChoice(choice.period, scope).custom_id("scope"),
                        texts(f"board.scope.{scope.value}"),
                        _style(chosen=scope is choice.scope),
                        disabled=scope is choice.scope and page is not None,
                    )
                    for scope in Scope
                )
            )
        )
    turns = _turns(choice, page)
    if any(is_open for _, _, is_open in turns):
        rows.append(
            row(
                *(
                    plain_button(
                        choice.turned(number).custom_id(control),
                        texts(f"board.turn.{control}"),
                        disabled=not is_open,
                    )
                    for control, number, is_open in turns
                )
            )
        )
    return tuple(rows)


def _turns(choice: BoardChoice, page: BoardPage | None) -> Sequence[tuple[str, int, bool]]:
    """Give the buttons that turn pages: what they are called, where they lead, whether they can be used."""
    if page is None:
        return ()
    number = choice.page
    return (
        ("first", 1, number > 1),
        ("previous", max(number - 1, 1), number > 1),
        ("next", number + 1, page.has_more),
        ("own", OWN_PAGE, page.own_place is not None and not page.shows_reader),
    )


def _style(*, chosen: bool) -> hikari.ButtonStyle:
    return hikari.ButtonStyle.PRIMARY if chosen else hikari.ButtonStyle.SECONDARY
