"""What labels are called and explained with, whatever a backend says of them or leaves out."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot import limits
from bot.rendering.characters import one_line
from bot.rendering.markdown import escape
from bot.texts import Texts
from oasst_client.models import LabelDescription

STEPS: Final = 5
"""Steps of a likert label; the values are 0, 0.25, 0.5, 0.75 and 1."""


@dataclass(frozen=True)
class Words:
    """The words of one label as people see them: plain text in one line, and plain text in lines."""

    title: str
    help_text: str


def asked_labels(
    described: Iterable[LabelDescription], valid: Sequence[str], mandatory: Collection[str]
) -> list[LabelDescription]:
    """Return what is to be asked, each name once, in the backend's order.

    Args:
        described: what the backend describes; the first of two with one name counts.
        valid: names that the backend takes; empty where it takes all that it describes. A name without a
            description, as in the older dialect, gets the control that the protocol has for it.
        mandatory: names that the backend insists on; they are asked whether or not they are described.
    """
    known: dict[str, LabelDescription] = {}
    for label in described:
        known.setdefault(label.name, label)
    allowed = {*valid, *mandatory} if valid else {*known, *mandatory}
    for name in (*valid, *mandatory):
        if name not in known:
            known[name] = LabelDescription.model_validate(name)
    return [label for label in known.values() if label.name in allowed]


def words_of(labels: Iterable[LabelDescription], texts: Texts) -> Mapping[str, Words]:
    """Return the words of labels by name: the backend's, else ours; two labels never look the same."""
    known = {label.name: _words(label, texts) for label in labels}
    shared = Counter(words.title.casefold() for words in known.values())
    return {
        name: Words(f"{words.title} ({name})", words.help_text)
        if shared[words.title.casefold()] > 1
        else words
        for name, words in known.items()
    }


def inline(text: str, limit: int | None = None) -> str:
    """Return words to stand in a line of our markdown: inert, and turning nothing beside them around.

    Args:
        text: what somebody else wrote.
        limit: the most UTF-16 units of it that are shown; None: all.
    """
    return escape(text if limit is None else limits.trim(text, limit))


def help_lines(text: str) -> str:
    """Return a help text as inert markdown, line by line."""
    return "\n".join(escaped for line in text.splitlines() if (escaped := escape(line)))


def step_words(name: str, step: int, texts: Texts) -> str:
    """Return what a step (1 to 5) of a label is called; the ends have words."""
    end = {1: "low", STEPS: "high"}.get(step)
    if end is None:
        return str(step)
    own = f"likert.{name}.{end}"
    return texts("likert.step", step=step, words=texts(own if texts.has(own) else f"likert.{end}"))


def _words(label: LabelDescription, texts: Texts) -> Words:
    key = f"label.{label.name}"
    title = one_line(label.display_text)
    # Where a backend gives no words, the client takes the name for them.
    if title == label.name or not _visible(title):
        title = texts(key) if texts.has(key) else one_line(label.name.replace("_", " "))
    help_text = label.help_text or ""
    if not _visible(help_text):
        help_text = texts(f"{key}.help") if texts.has(f"{key}.help") else ""
    return Words(title if _visible(title) else "…", help_text)


def _visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)
