"""Whether a message still says what it would say now: who sends an answer sends what they see."""

import unicodedata
from collections.abc import Iterator, Sequence

import hikari

from bot.rendering.panels import Panel


def says(content: str | None, embeds: Sequence[hikari.Embed], panel: Panel) -> bool:
    """Whether a message with this content and these embeds says what a panel says.

    Only letters and digits count: they are what Discord gives back as it got it.
    """
    return _words(content, embeds) == _words(panel.content, panel.embeds)


def _words(content: str | None, embeds: Sequence[hikari.Embed]) -> str:
    whole = "\n".join(part for part in _parts(content, embeds) if part)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", whole)))


def _parts(content: str | None, embeds: Sequence[hikari.Embed]) -> Iterator[str | None]:
    yield content
    for embed in embeds:
        yield embed.title
        yield embed.description
        for field in embed.fields:
            yield field.name
            yield field.value
