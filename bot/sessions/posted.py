"""Finds what the bot posted in a thread before it died: Discord knows a nonce for some minutes only."""

from collections.abc import Sequence

import hikari

from bot.outgoing import Outgoing
from bot.rendering.panels import Panel


async def posted_already(
    outgoing: Outgoing, thread_id: int, panels: Sequence[Panel], *, since: int
) -> list[int]:
    """Find the first of the panels among the messages of a thread: they are posted one after the other.

    Args:
        outgoing: the way to Discord.
        thread_id: where they stand; nobody's direct messages are read.
        panels: in order.
        since: a snowflake older than all of them.

    Returns:
        The ids of those that are there, in order.
    """
    found: list[int] = []
    for message in await outgoing.posted_after(thread_id, since):
        if len(found) < len(panels) and _shows(message, panels[len(found)]):
            found.append(int(message.id))
    return found


def _shows(message: hikari.Message, panel: Panel) -> bool:
    """Whether a message of the thread is this panel, as far as Discord gives it back unchanged."""
    return (
        (message.content or "").strip() == panel.content.strip()
        and _descriptions(message.embeds) == _descriptions(panel.embeds)
        and bool(message.components) == bool(panel.rows)
    )


def _descriptions(embeds: Sequence[hikari.Embed]) -> list[str]:
    return [(embed.description or "").strip() for embed in embeds]
