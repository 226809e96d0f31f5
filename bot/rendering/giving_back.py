"""Gives a text back to who wrote it."""

import hikari

from bot.limits import EMBED_DESCRIPTION
from bot.rendering.panels import Panel
from bot.rendering.splitting import split_markdown


def given_back(text: str, intro: str) -> list[Panel]:
    """Return messages with the reason and, below it, the whole text; at least one."""
    pieces = split_markdown(text, EMBED_DESCRIPTION)
    first, *more = [Panel(embeds=(hikari.Embed(description=piece),)) for piece in pieces] or [Panel()]
    return [first.with_notice(intro), *more]
