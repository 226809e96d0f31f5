"""Puts a picture on top of an answer that is complete without it; whatever becomes of it, the text stands."""

from copy import copy
from dataclasses import replace

import hikari
from loguru import logger

from bot.outgoing import Answerable, Outgoing
from bot.rendering.panels import Panel


def with_picture(panel: Panel, picture: hikari.Bytes | None) -> Panel:
    """Give a panel whose last embed holds a picture; None leaves it as it is."""
    if picture is None or not panel.embeds:
        return panel
    *others, last = panel.embeds
    pictured = copy(last)
    pictured.set_image(picture)
    return replace(panel, embeds=(*others, pictured))


async def finish_with_picture(
    outgoing: Outgoing, interaction: Answerable, panel: Panel, picture: hikari.Bytes | None
) -> None:
    """Complete a deferred answer with a panel and its picture, or with the panel alone.

    Raises:
        hikari.HikariError: Discord does not take the panel either.
    """
    if picture is not None:
        try:
            await outgoing.finish(interaction, with_picture(panel, picture))
        except hikari.HikariError as error:
            logger.warning("An answer goes without its picture: {}", type(error).__name__)
        else:
            return
    await outgoing.finish(interaction, panel)


async def post_with_picture(
    outgoing: Outgoing, channel_id: int, panel: Panel, nonce: str, picture: hikari.Bytes | None
) -> int:
    """Post a panel once, with its picture where the channel takes that; see `Outgoing.post`.

    Raises:
        hikari.HikariError: Discord does not take the panel either, or nobody knows whether it did.
    """
    if picture is not None:
        try:
            return await outgoing.post(channel_id, with_picture(panel, picture), nonce)
        except hikari.ClientHTTPResponseError as error:
            # Refused for certain, for want of Attach Files for instance; anything else may stand there.
            logger.warning("A post goes without its picture: {}", type(error).__name__)
    return await outgoing.post(channel_id, panel, nonce)
