"""Gives texts as files, exactly as they were written."""

from collections.abc import Sequence
from typing import Final

from bot import limits
from bot.rendering.panels import TextFile

_BUNDLE: Final = "more.txt"


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
