"""The texts that a task is about, each with the name of its file."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rendering.conversation import Block, conversation_blocks
from bot.texts import Texts
from oasst_client.models import ConversationMessage


@dataclass(frozen=True)
class NamedText:
    """A text as it is shown.

    Attributes:
        name: names its file, unique in its task. Of the protocol's words and in every language the same,
            because Discord drops from the names of files what is not ASCII.
        block: the whole text with its heading.
    """

    name: str
    block: Block


def conversation_texts(messages: Sequence[ConversationMessage], texts: Texts) -> list[NamedText]:
    """Return the messages of a conversation, the root first, named by their turn and role."""
    return [
        NamedText(f"{number}-{'assistant' if message.is_assistant else 'user'}", block)
        for number, (message, block) in enumerate(
            zip(messages, conversation_blocks(messages, texts), strict=True), start=1
        )
    ]
