"""Reads messages aloud, and finds what a person means when they name something that they see."""

from collections.abc import Iterable, Sequence

from discord_sandbox.forms.components import BUTTON, ROW, TEXT
from discord_sandbox.world.model import Json, Message, MessageType


def names(part: Json) -> tuple[str, ...]:
    """Give what a button or an option can be called: its label, its emoji, or both.

    The first is what it is called by default: the label, or the emoji where it has no label.
    """
    label, emoji = part.get("label"), emoji_of(part)
    if not emoji:
        return (str(label or ""),)
    return (label, emoji, f"{emoji} {label}") if label else (emoji,)


def emoji_of(part: Json) -> str | None:
    """Give the emoji of a button or an option; None if it has none."""
    return (part.get("emoji") or {}).get("name")


def fitting(known: Sequence[Sequence[str]], wanted: str) -> list[int]:
    """Find what somebody means.

    Args:
        known: What each thing can be called, its usual name first.
        wanted: A name, or a beginning of a usual name.

    Returns:
        The places of the things that fit best: those with this usual name, else those with this name, else
        those whose usual name begins with it.
    """
    return (
        [place for place, one in enumerate(known) if one[0] == wanted]
        or [place for place, one in enumerate(known) if wanted in one]
        or [place for place, one in enumerate(known) if one[0].startswith(wanted)]
    )


def readable(message: Message) -> list[str]:
    """Give a message as lines that a person could read aloud."""
    if message.type is MessageType.PINNED:
        return ["📌 pinned a message"]
    if message.type is MessageType.THREAD_STARTER and message.answered is not None:
        return readable(message.answered)
    lines = ["… is thinking"] if message.loading else []
    for snapshot in message.snapshots:
        one = snapshot["message"]
        read = read_aloud(one["content"], one["embeds"], one["attachments"], one["components"])
        lines += [f"↪ {line}" for line in read]
    # With version 2, files are shown by components alone.
    files = () if message.layout else message.attachments
    return lines + read_aloud(message.content, message.shown_embeds, files, message.components)


def read_aloud(
    content: str, embeds: Iterable[Json], files: Iterable[Json], components: Iterable[Json]
) -> list[str]:
    """Give what a message is made of as lines: text, embeds, files, and what can be pressed and chosen."""
    lines = [content] if content else []
    for embed in embeds:
        texts = [embed.get("author", {}).get("name"), embed.get("title"), embed.get("description")]
        for one in embed.get("fields", ()):
            texts += [one["name"], one["value"]]
        texts.append(embed.get("footer", {}).get("text"))
        lines += [text for text in texts if text]
    lines += [f"📎 {one['filename']}" for one in files]
    for component in components:
        lines += _readable_component(component)
    return lines


def _readable_component(component: Json) -> list[str]:
    if component["type"] == ROW:
        return [" ".join(map(_pressable, component["components"]))]
    lines = [component["content"]] if component["type"] == TEXT else []
    for picture in (component, *component.get("items", ())):
        lines += [f"📎 {picture['description']}"] if picture.get("description") else []
    lines += [f"📎 {component['name']}"] if "name" in component else []
    for inner in component.get("components", ()):
        lines += _readable_component(inner)
    accessory = component.get("accessory")
    if accessory is not None:
        lines += [_pressable(accessory)] if accessory["type"] == BUTTON else _readable_component(accessory)
    return lines


def _pressable(part: Json) -> str:
    off = " (off)" if part.get("disabled") else ""
    if part["type"] == BUTTON:
        return f"[{names(part)[-1]}]{off}"
    options = " | ".join(names(one)[-1] for one in part.get("options", ()))
    return f"<{part.get('placeholder', '')}: {options}>{off}"
