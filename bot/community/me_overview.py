"""The first page of /me: the score and how it came about, places, level, streak, and who sees the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import hikari

from bot import levels
from bot.community.me_ids import MeAction, MeId
from bot.community.names import safe_name
from bot.forms.controls import plain_button, row
from bot.points import RATES, Part, adds_up, parts_of
from bot.rendering.panels import Panel
from bot.sessions.no_work import work_button
from bot.sessions.wish import Wish
from bot.sessions.work_ids import WorkAction
from bot.texts import Texts
from oasst_client import FrontEndUser, LeaderboardTimeFrame, UserScore

_COLOUR: Final = 0x5865F2


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a person.

    Attributes:
        person: as the backend knows them.
        scores: by span; only those in which they did something.
        anonymous: whether log channels leave their name out.
    """

    person: FrontEndUser
    scores: Mapping[str, UserScore]
    anonymous: bool

    @property
    def total(self) -> UserScore | None:
        """The score of all time; None for who did nothing yet."""
        return self.scores.get(LeaderboardTimeFrame.total.value)


def overview_panel(standing: Standing, texts: Texts, *, notice: str = "") -> Panel:
    """Show where somebody stands, and the way to their texts.

    Args:
        standing: what is known of them.
        texts: the reader's language.
        notice: a line about what they just did, above everything.
    """
    total = standing.total
    embed = hikari.Embed(
        title=texts("me.title", name=safe_name(standing.person.display_name)),
        description=texts("me.no_points") if total is None else _level_lines(total.leader_score, texts),
        color=_COLOUR,
    )
    embed.add_field(texts("me.places.name"), _places(standing, texts), inline=True)
    embed.add_field(texts("me.streak.name"), _streak(standing, texts), inline=True)
    if total is not None:
        embed.add_field(texts("me.given.name"), _given(total, texts), inline=True)
        embed.add_field(texts("me.formula.name"), _formula(total, texts))
    embed.add_field(texts("me.seen.name"), _seen(standing, texts))
    return Panel(content=notice, embeds=(embed,), rows=(_ways(texts), _switches(standing, texts)))


def newcomer_panel(wish: Wish, *, anonymous: bool, texts: Texts, notice: str = "") -> Panel:
    """Welcome somebody of whom the backend has never heard, with the way to a first task."""
    embed = hikari.Embed(
        title=texts("me.newcomer.title"), description=texts("me.newcomer.about"), color=_COLOUR
    )
    first = work_button(WorkAction.take, wish, texts, key="me.newcomer.button")
    switches = (_board_switch(MeAction.hide, texts), _log_switch(anonymous, texts))
    return Panel(content=notice, embeds=(embed,), rows=(row(first, *switches),))


def problem_panel(problem: str, way_on: MeId, texts: Texts, *, key: str = "me.button.again") -> Panel:
    """Say what is amiss, with a button that leads on, by default one that tries the same again."""
    buttons = [plain_button(str(way_on), texts(key))]
    if way_on.action is MeAction.overview:
        # What is still on its way can be seen without the backend.
        buttons.append(plain_button(str(MeId(MeAction.page)), texts("me.button.history")))
    return Panel(content=problem, rows=(row(*buttons),))


def _level_lines(points: int, texts: Texts) -> str:
    made = levels.progress(points)
    head = texts("me.score", points=texts.number(points), level=made.level)
    bar = levels.bar(made.share)
    if made.missing is None:
        return f"{head}\n{bar} {texts('me.last_level')}"
    missing = texts.number(made.missing)
    return f"{head}\n{bar} {texts('me.to_next', missing=missing, level=made.level + 1)}"


def _places(standing: Standing, texts: Texts) -> str:
    lines = []
    for frame in (LeaderboardTimeFrame.total, LeaderboardTimeFrame.week):
        score = standing.scores.get(frame.value)
        if score is not None and score.rank is not None:
            lines.append(texts(f"me.place.{frame.value}", rank=texts.number(score.rank)))
    if not standing.person.show_on_leaderboard:
        return texts("me.place.hidden")
    return "\n".join(lines) or texts("me.place.none")


def _streak(standing: Standing, texts: Texts) -> str:
    total = standing.total
    days = standing.person.streak_days
    if days is None and total is not None:
        days = total.streak_days
    if days is None:
        return texts("me.streak.unknown")
    return texts("me.streak.one") if days == 1 else texts("me.streak.days", days=texts.number(days))


def _given(total: UserScore, texts: Texts) -> str:
    return "\n".join(
        texts(f"me.given.{name}", count=texts.number(count))
        for name, count in (
            ("labels", total.labels_simple + total.labels_full),
            ("rankings", total.rankings_total),
        )
    )


def _formula(total: UserScore, texts: Texts) -> str:
    lines = [_part_line(part, texts) for part in parts_of(total)] or [texts("me.formula.nothing")]
    lines.append(texts("me.formula.sum", points=texts.number(total.leader_score)))
    if not adds_up(total):
        lines.append(texts("me.formula.differs"))
    return "\n".join(lines)


def _part_line(part: Part, texts: Texts) -> str:
    rate = RATES[part.name]
    return texts(
        "me.formula.shared" if rate.each > 1 else "me.formula.part",
        what=texts(f"me.part.{part.name}"),
        count=texts.number(part.count),
        each=rate.each,
        worth=rate.points,
        points=texts.number(part.points),
    )


def _seen(standing: Standing, texts: Texts) -> str:
    shown = "shown" if standing.person.show_on_leaderboard else "hidden"
    named = "anonymous" if standing.anonymous else "named"
    return f"{texts(f'me.seen.boards.{shown}')}\n{texts(f'me.seen.logs.{named}')}"


def _ways(texts: Texts) -> hikari.api.ComponentBuilder:
    history = plain_button(str(MeId(MeAction.page)), texts("me.button.history"), hikari.ButtonStyle.PRIMARY)
    return row(history, plain_button(str(MeId(MeAction.overview)), texts("me.button.refresh")))


def _switches(standing: Standing, texts: Texts) -> hikari.api.ComponentBuilder:
    boards = MeAction.hide if standing.person.show_on_leaderboard else MeAction.show
    return row(_board_switch(boards, texts), _log_switch(standing.anonymous, texts))


def _board_switch(action: MeAction, texts: Texts) -> hikari.impl.InteractiveButtonBuilder:
    return plain_button(str(MeId(action)), texts(f"me.button.{action.value}"))


def _log_switch(anonymous: bool, texts: Texts) -> hikari.impl.InteractiveButtonBuilder:  # noqa: FBT001  # the one thing that it shows
    logs = MeAction.named if anonymous else MeAction.anonymous
    return plain_button(str(MeId(logs)), texts(f"me.button.{logs.value}"))
