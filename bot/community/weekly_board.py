"""The board of a week as a post for everybody: who did most on this server, who is new, how much was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import hikari

from bot import limits
from bot.community.board import COLOUR, place_mark
from bot.community.charts import Bar
from bot.community.names import safe_name
from bot.rendering.panels import Panel
from bot.texts import Texts

ROWS: Final = 10
NEW_NAMES: Final = 10


@dataclass(frozen=True, slots=True)
class Week:
    """An ISO week in UTC.

    Attributes:
        start: its Monday, midnight.
        end: the next Monday, midnight.
    """

    start: datetime
    end: datetime

    @classmethod
    def before(cls, now: datetime) -> "Week":
        """Give the last week that is over."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        monday = midnight - timedelta(days=midnight.weekday())
        return cls(monday - timedelta(days=7), monday)

    @property
    def label(self) -> str:
        """Its name, like `2026-W47`."""
        year, number, _ = self.start.isocalendar()
        return f"{year}-W{number:02}"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who may be named, with the tasks they finished."""

    name: str
    tasks: int


@dataclass(frozen=True, slots=True)
class WeekFacts:
    """What was done on a server in a week.

    Attributes:
        week: which.
        people: how many finished a task, whether they are named or not.
        tasks: how many tasks they finished.
        rows: those who may be named, the best first, ROWS at most.
        newcomers: how many finished their first task here.
        new_names: the names of those who may be named, NEW_NAMES at most.
    """

    week: Week
    people: int
    tasks: int
    rows: Sequence[Named]
    newcomers: int
    new_names: Sequence[str]


def weekly_panel(facts: WeekFacts, texts: Texts) -> Panel:
    """Show a week; its end is the embed's time, by which the post is known again in any language."""
    week = facts.week
    lines = [
        texts("weekly.done", people=texts.number(facts.people), tasks=texts.number(facts.tasks)),
        "",
        *(_line(place, row, texts) for place, row in enumerate(facts.rows, start=1)),
    ]
    if not facts.rows:
        lines.append(texts("weekly.nobody_named"))
    embed = hikari.Embed(
        title=texts("weekly.title", start=texts.day(week.start), end=texts.day(week.end - timedelta(days=1))),
        description="\n".join(lines),
        color=COLOUR,
        timestamp=week.end,
    )
    if facts.newcomers:
        names = [safe_name(name) for name in facts.new_names]
        others = facts.newcomers - len(names)
        words = texts("weekly.others", count=texts.number(others)) if others else ""
        embed.add_field(
            texts("weekly.new", count=texts.number(facts.newcomers)),
            limits.trim(" · ".join([*names, *([words] if words else [])]), limits.EMBED_FIELD_VALUE),
        )
    embed.set_footer(texts("weekly.legend"))
    return Panel(embeds=(embed,))


def weekly_bars(facts: WeekFacts, texts: Texts) -> list[Bar]:
    """Give the rows as bars."""
    return [
        Bar(row.name, texts.number(place), row.tasks, texts.number(row.tasks), stands_out=place == 1)
        for place, row in enumerate(facts.rows, start=1)
    ]


def _line(place: int, row: Named, texts: Texts) -> str:
    return texts(
        "weekly.row",
        place=place_mark(place, texts),
        name=safe_name(row.name),
        tasks=texts.number(row.tasks),
    )
