"""What is kept, why, how long, who sees it, and how to get and delete it, on one panel."""

from typing import Final

import hikari

from bot.community.data_panel import DELETE_ID, EXPORT_ID
from bot.forms.controls import plain_button, row
from bot.rendering.panels import Panel
from bot.texts import Texts

_COLOUR: Final = 0x5865F2
PARTS: Final = ("kept", "seen", "yours")
"""Each is a template, `privacy_<part>.md.j2`, below a title of its own."""


def privacy_panel(texts: Texts) -> Panel:
    """Show all of it, with buttons to get and to delete one's data."""
    embeds = tuple(
        hikari.Embed(
            title=texts(f"privacy.{part}"),
            description=texts.template(f"privacy_{part}.md.j2"),
            color=_COLOUR,
        )
        for part in PARTS
    )
    buttons = (
        plain_button(EXPORT_ID, texts("privacy.export"), hikari.ButtonStyle.PRIMARY),
        plain_button(DELETE_ID, texts("privacy.delete")),
    )
    return Panel(embeds=embeds, rows=(row(*buttons),))
