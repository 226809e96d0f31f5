"""Shows messages of the dataset as embeds, packed into as few Discord messages as the limits allow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import hikari

from bot import limits
from bot.rendering.blank import is_blank
from bot.rendering.panels import Panel
from bot.rendering.splitting import excerpt, split_markdown
from bot.texts import Texts
from oasst_client.models import ConversationMessage

USER_COLOUR: Final = hikari.Color(0x5B8DEF)
ASSISTANT_COLOUR: Final = hikari.Color(0x3BA55D)
CHOICE_COLOUR: Final = hikari.Color(0xA674E0)
TARGET_COLOUR: Final = hikari.Color(0xE8A33D)
PLAIN_COLOUR: Final = hikari.Color(0x8A8F98)


@dataclass(frozen=True)
class Block:
    """One text with its heading, as it is shown.

    Attributes:
        heading: who says it, or what it is.
        text: what somebody wrote.
        colour: the colour of its embeds.
        message_id: its id in the dataset, if it has one.
        shorten_to: the most UTF-16 units that are shown of it (at least `splitting.SMALLEST`), with a line
            below that says how much is left out; None shows all of it.
    """

    heading: str
    text: str
    colour: hikari.Color
    message_id: UUID | None = None
    shorten_to: int | None = None


def conversation_blocks(messages: Sequence[ConversationMessage], texts: Texts) -> list[Block]:
    """Return the messages of a conversation, the root first, headed by their turn and role."""
    blocks = []
    for number, message in enumerate(messages, start=1):
        role, colour = ("assistant", ASSISTANT_COLOUR) if message.is_assistant else ("user", USER_COLOUR)
        heading = texts("heading.turn", number=number, role=texts(f"role.{role}"))
        blocks.append(Block(heading, message.text, colour, message.id))
    return blocks


def block_embeds(block: Block, texts: Texts, *, limit: int = limits.EMBED_DESCRIPTION) -> list[hikari.Embed]:
    """Return a text as embeds in order, at least one; only the first has the heading."""
    text, left_out = "" if is_blank(block.text) else block.text, 0
    if block.shorten_to is None:
        pieces = split_markdown(text, limit)
    else:
        beginning = excerpt(text, min(block.shorten_to, limit))
        pieces, left_out = [beginning.markdown] if beginning.markdown else [], beginning.left_out
    embeds = [
        hikari.Embed(description=piece, color=block.colour) for piece in pieces or [texts("text.blank")]
    ]
    embeds[0].set_author(name=limits.trim(block.heading, limits.EMBED_AUTHOR))
    if left_out:
        # A footer: what somebody left open in the text cannot reach it.
        embeds[0].set_footer(texts("text.shortened", count=texts.number(left_out)))
    return embeds


def panels(content: str, blocks: Iterable[Block], texts: Texts) -> list[Panel]:
    """Return Discord messages that show the content and then all blocks in order; at least one message."""
    done: list[Panel] = []
    embeds: list[hikari.Embed] = []
    ids: list[tuple[int, UUID]] = []
    room = limits.EMBEDS_TOTAL
    for block in blocks:
        for embed in block_embeds(block, texts):
            length = limits.embed_length(embed)
            if length > room or len(embeds) == limits.EMBEDS:
                done.append(Panel("" if done else content, tuple(embeds), (), tuple(ids)))
                embeds, ids, room = [], [], limits.EMBEDS_TOTAL
            if block.message_id is not None and block.message_id not in {shown for _, shown in ids}:
                ids.append((len(embeds), block.message_id))
            embeds.append(embed)
            room -= length
    done.append(Panel("" if done else content, tuple(embeds), (), tuple(ids)))
    return done
