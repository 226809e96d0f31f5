"""The page for moderators tells the numbers and words that the bot really has."""

from pathlib import Path

import pytest

from bot.community.guild_report_form import MOST_OPEN
from bot.community.guild_report_panel import ON_PAGE
from bot.limits import REPORT_NOTE
from bot.sessions.service import KEPT_FOR, REPORTS_KEPT_FOR
from bot.texts import texts_for

PAGE = (Path(__file__).parents[2] / "docs" / "moderators.md").read_text(encoding="utf-8")
ENGLISH = texts_for("en")


@pytest.mark.parametrize(
    "words",
    [
        f"at most {REPORT_NOTE} characters",
        f"One person can have {MOST_OPEN} open reports",
        f"forgotten {KEPT_FOR.days} days after they were settled",
        f"**{ENGLISH('guild_reports.done', number=1)}**",
        f"**{ENGLISH('guild_reports.show.settled')}**",
        f"**{ENGLISH('guild_reports.show.open')}**",
        f" {ENGLISH('command.report.name')}**",
        f" {ENGLISH('command.contribute.name')}**",
        f"## /{ENGLISH('command.reports.name')}",
    ],
)
def test_the_page_says(words: str) -> None:
    assert words in PAGE


def test_the_numbers_that_stand_there_as_words() -> None:
    assert (ON_PAGE, REPORTS_KEPT_FOR.days) == (4, 365)
    assert "four on a page" in PAGE
    assert "open ones after a year" in PAGE
