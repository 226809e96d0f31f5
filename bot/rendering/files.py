"""Gives texts as files, exactly as they were written."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot import limits
from bot.rendering.panels import TextFile
from oasst_client.models import ConversationMessage

_BUNDLE: Final = "more.txt"


def conversation_files(messages: Iterable[ConversationMessage]) -> list[TextFile]:
    """Return the messages of a conversation as `1-user.txt`, `2-assistant.txt` and so on, the root first."""
    return [
        text_file(f"{number}-{'assistant' if message.is_assistant else 'user'}", message.text)
        for number, message in enumerate(messages, start=1)
    ]


def numbered_files(stem: str, texts: Iterable[str]) -> list[TextFile]:
    """Return texts as files that are counted from one, such as `reply-1.txt`.

    Args:
        stem: letters, digits and hyphens.
        texts: what they hold.
    """
    return [text_file(f"{stem}-{number}", text) for number, text in enumerate(texts, start=1)]


def text_file(stem: str, text: str) -> TextFile:
    """Return a text as a file in UTF-8, as it was written; half a surrogate pair becomes its escape."""
    return TextFile(f"{stem}.txt", text.encode(errors="backslashreplace"))


def bundled(files: Sequence[TextFile]) -> tuple[TextFile, ...]:
    """Return as many files as a message takes; the last ones share one, each below its name."""
    if len(files) <= limits.FILES:
        return tuple(files)
    kept, rest = files[: limits.FILES - 1], files[limits.FILES - 1 :]
    content = b"\n\n".join(b"===== " + name.encode() + b" =====\n\n" + content for name, content in rest)
    return (*kept, TextFile(_BUNDLE, content))
