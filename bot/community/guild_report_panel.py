"""What the list of a server's reports looks like, and what its controls say."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import hikari
from hikari import ButtonStyle

from bot.community.log import message_link
from bot.community.names import mention_of
from bot.forms.controls import plain_button, row
from bot.numbers import number_in
from bot.rendering import times
from bot.rendering.markdown import escape
from bot.rendering.panels import Panel
from bot.store.guild_reports import GuildReport
from bot.store.personal import NOBODY
from bot.texts import Texts

ID_PREFIX: Final = "guild_reports:1:"

ON_PAGE: Final = 4
"""Reports on a page: with the longest notes, wholly escaped, as many fit a message."""

_OPEN_COLOUR: Final = hikari.Color(0xE8A33D)
_SETTLED_COLOUR: Final = hikari.Color(0x3BA55D)
_DONE: Final = "done"


class ReportView(StrEnum):
    """Which of a server's reports are listed."""

    open = "open"
    settled = "settled"


@dataclass(frozen=True, slots=True)
class ReportClick:
    """What a control of the list says: the page to show and, if one is settled, the report's id."""

    view: ReportView
    page: int
    report_id: int | None = None

    def __str__(self) -> str:
        if self.report_id is not None:
            return f"{ID_PREFIX}{_DONE}:{self.report_id}:{self.page}"
        return f"{ID_PREFIX}{self.view.value}:{self.page}"


def parse_click(custom_id: str) -> ReportClick | None:
    """Read a custom_id of the list; None where it is none that was made here."""
    what, *numbers = custom_id.removeprefix(ID_PREFIX).split(":")
    match [what, *map(number_in, numbers)]:
        case ["done", int(report_id), int(page)]:
            return ReportClick(ReportView.open, page, report_id)
        case ["open" | "settled" as view, int(page)]:
            return ReportClick(ReportView(view), page)
    return None


def last_page(count: int) -> int:
    """Return the number of the last page, from 0."""
    return max(count - 1, 0) // ON_PAGE


def report_list(
    reports: Sequence[GuildReport],
    click: ReportClick,
    counts: tuple[int, int],
    texts: Texts,
    *,
    notice: str = "",
) -> Panel:
    """Return one page of a server's reports.

    Args:
        reports: those of the page, at most `ON_PAGE`.
        click: which page that is.
        counts: how many are open and how many are settled.
        texts: the reader's language.
        notice: what became of the last click.
    """
    is_open = click.view is ReportView.open
    count = counts[0] if is_open else counts[1]
    lines = [notice] if notice else []
    lines.append(texts(f"guild_reports.{click.view.value}_{'list' if count else 'none'}", count=count))
    pages = last_page(count) + 1
    if pages > 1:
        lines.append("-# " + texts("guild_reports.page", page=click.page + 1, pages=pages))
    first = click.page * ON_PAGE + 1
    embeds = [_embed(one, number, texts) for number, one in enumerate(reports, start=first)]
    rows = []
    if is_open and reports:
        rows.append(
            row(
                *(
                    plain_button(
                        str(ReportClick(click.view, click.page, one.id)),
                        texts("guild_reports.done", number=number),
                        ButtonStyle.SUCCESS,
                    )
                    for number, one in enumerate(reports, start=first)
                )
            )
        )
    rows.append(row(*_turning(click, pages, texts)))
    return Panel("\n".join(lines), embeds=tuple(embeds), rows=tuple(rows))


def _turning(click: ReportClick, pages: int, texts: Texts) -> list[hikari.impl.InteractiveButtonBuilder]:
    """Return the buttons to other pages, and to the other list."""
    is_open = click.view is ReportView.open
    other = ReportClick(ReportView.settled if is_open else ReportView.open, 0)
    buttons = []
    if pages > 1:
        for key, page in (("back", click.page - 1), ("next", click.page + 1)):
            is_there = 0 <= page < pages
            # An id that no other button of the message has, also where there is nothing to turn to.
            target = ReportClick(click.view, page if is_there else click.page + _beyond(key, pages))
            buttons.append(plain_button(str(target), texts(f"guild_reports.{key}"), disabled=not is_there))
    buttons.append(plain_button(str(other), texts(f"guild_reports.show.{other.view.value}")))
    return buttons


def _beyond(key: str, pages: int) -> int:
    return pages + (key == "next")


def _embed(report: GuildReport, number: int, texts: Texts) -> hikari.Embed:
    lines = [
        texts(
            "guild_reports.entry",
            number=number,
            link=message_link(report.guild_id, report.channel_id, report.message_id),
            author=mention_of(report.author_id, texts),
        ),
    ]
    # Who has left may be back, and read this: a report of a message names nobody to whom wrote it.
    is_whole = report.author_id != NOBODY
    if is_whole:
        reporter = mention_of(report.reporter_id, texts)
        lines.append(
            texts("guild_reports.reported", reporter=reporter, time=times.relative(report.created_at))
        )
    if report.settled_by is not None and report.settled_at is not None:
        lines.append(
            texts(
                "guild_reports.settled",
                moderator=mention_of(report.settled_by, texts),
                time=times.relative(report.settled_at),
            )
        )
    if is_whole:
        lines.append(f"> {escape(report.note)}")
    colour = _OPEN_COLOUR if report.settled_at is None else _SETTLED_COLOUR
    return hikari.Embed(description="\n".join(lines), color=colour)
