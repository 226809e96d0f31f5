"""Writes moments so that each reader's Discord shows them in their own time zone and language.

The marks are described in Discord's reference under "message formatting": `R` is relative, `D` a date, `f` a
date with its time.
"""

from datetime import datetime


def relative(moment: datetime) -> str:
    """Write how long ago a moment is, or how soon it comes."""
    return _mark(moment, "R")


def date(moment: datetime) -> str:
    """Write the day of a moment."""
    return _mark(moment, "D")


def date_and_time(moment: datetime) -> str:
    """Write a moment's day and its time to the minute."""
    return _mark(moment, "f")


def _mark(moment: datetime, style: str) -> str:
    return f"<t:{int(moment.timestamp())}:{style}>"
