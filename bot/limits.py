"""Discord's limits in one place, and the check of a message against them before it is sent.

All lengths are counted in UTF-16 units: the safe count, never below the number of code points.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import hikari

from bot.rendering.characters import END_ISOLATE, ISOLATE, boundary

CONTENT: Final = 2000
EMBEDS: Final = 10
EMBEDS_TOTAL: Final = 6000
EMBED_TITLE: Final = 256
EMBED_DESCRIPTION: Final = 4096
EMBED_FIELDS: Final = 25
EMBED_FIELD_NAME: Final = 256
EMBED_FIELD_VALUE: Final = 1024
EMBED_FOOTER: Final = 2048
EMBED_AUTHOR: Final = 256
ROWS: Final = 5
BUTTONS_IN_ROW: Final = 5
BUTTON_LABEL: Final = 80
SELECT_OPTIONS: Final = 25
SELECT_PLACEHOLDER: Final = 150
CHOICES: Final = 25
OPTION_TEXT: Final = 100
CUSTOM_ID: Final = 100
LINK: Final = 512
"""Characters of the address of a link button."""
FILES: Final = 10
FILE_BYTES: Final = 10 * 1024**2
FILES_TOTAL_BYTES: Final = 24 * 1024**2
"""Discord takes requests of 25 MiB; the rest is for the message itself."""
PICTURE_BYTES: Final = 1024**2
"""Of a picture that only goes along: far more than ours have, and quickly sent."""
MODAL_TITLE: Final = 45
MODAL_LABEL: Final = 45
MODAL_TEXT: Final = 4000
MODAL_PLACEHOLDER: Final = 100
MODAL_INPUTS: Final = 5
SKIP_REASON: Final = 512
"""The protocol's limit for a reason, in characters."""
REPORT_NOTE: Final = 500
"""What people may say of a message that they report to moderators; of our own choice."""


def utf16_length(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def trim(text: str, limit: int, *, ellipsis: str = "…") -> str:
    """Return the text, shortened to at most `limit` UTF-16 units; a shortened text ends in the ellipsis.

    No character is cut in half, and a part that was isolated from what stands around it stays so. For labels
    and previews only: what people wrote is split, never trimmed.
    """
    if utf16_length(text) <= limit:
        return text
    room = limit - utf16_length(ellipsis)
    open_isolates = _open_isolates(_beginning(text, room))
    beginning = _beginning(text, room - open_isolates)
    return beginning.rstrip() + ellipsis + END_ISOLATE * _open_isolates(beginning)


def _beginning(text: str, units: int) -> str:
    end = prefix_within(text, 0, units)
    return text[: boundary(text, end, 0) or end]


def _open_isolates(text: str) -> int:
    return max(text.count(ISOLATE) - text.count(END_ISOLATE), 0)


def prefix_within(text: str, start: int, units: int) -> int:
    """Return the end of the longest slice from `start` that has at most `units` UTF-16 units."""
    end = min(len(text), start + max(units, 0))
    while (over := utf16_length(text[start:end]) - units) > 0 and end > start:
        end -= max(1, over // 2)
    return max(end, start)


def embed_length(embed: hikari.Embed) -> int:
    """Return what an embed adds to the sum of a message's embeds, in UTF-16 units."""
    parts = [embed.title, embed.description]
    if embed.author is not None:
        parts.append(embed.author.name)
    if embed.footer is not None:
        parts.append(embed.footer.text)
    for field in embed.fields:
        parts += [field.name, field.value]
    return sum(utf16_length(part) for part in parts if part)


def message_problems(
    content: str,
    embeds: Sequence[hikari.Embed],
    rows: Sequence[hikari.api.ComponentBuilder],
    files: Sequence[tuple[str, bytes]] = (),
) -> list[str]:
    """Return what Discord would refuse about a message, one line each; an empty list means that it fits.

    Args:
        content: its markdown.
        embeds: its embeds.
        rows: its rows of controls.
        files: its attachments, each with its name and its bytes.
    """
    problems = [
        *_too_long("content", content, CONTENT),
        *_too_many("embeds", len(embeds), EMBEDS),
        *_too_many("rows", len(rows), ROWS),
        *_file_problems(files),
    ]
    if not (content.strip() or embeds or rows or files):
        problems.append("message: empty")
    for number, embed in enumerate(embeds):
        problems += _embed_problems(f"embeds.{number}", embed)
    total = sum(embed_length(embed) for embed in embeds)
    if total > EMBEDS_TOTAL:
        problems.append(f"embeds: {total} of {EMBEDS_TOTAL} in all")
    seen: set[str] = set()
    for number, row in enumerate(rows):
        payload, _attachments = row.build()
        problems += _row_problems(f"rows.{number}", payload, seen)
    return problems


def modal_problems(title: str, custom_id: str, rows: Sequence[hikari.api.ComponentBuilder]) -> list[str]:
    """Return what Discord would refuse about a modal, one line each; an empty list means that it fits."""
    problems = [
        *_too_long("title", title, MODAL_TITLE),
        *_too_long("custom_id", custom_id, CUSTOM_ID),
        *_too_many("rows", len(rows), MODAL_INPUTS),
    ]
    for number, row in enumerate(rows):
        payload, _attachments = row.build()
        for text_input in payload["components"]:
            place = f"rows.{number}"
            problems += _too_long(f"{place}.label", text_input["label"], MODAL_LABEL)
            problems += _too_long(
                f"{place}.placeholder", text_input.get("placeholder", ""), MODAL_PLACEHOLDER
            )
            # A value may hold as many characters as a person could type; Discord gave it to us.
            if len(text_input.get("value", "")) > text_input.get("max_length", MODAL_TEXT):
                problems.append(f"{place}.value: longer than the input")
    return problems


def _file_problems(files: Sequence[tuple[str, bytes]]) -> list[str]:
    problems = _too_many("files", len(files), FILES)
    problems += [
        f"files.{name}: {len(content)} of {FILE_BYTES} bytes"
        for name, content in files
        if len(content) > FILE_BYTES
    ]
    total = sum(len(content) for _, content in files)
    if total > FILES_TOTAL_BYTES:
        problems.append(f"files: {total} of {FILES_TOTAL_BYTES} bytes in all")
    return problems


def _too_long(place: str, text: str, limit: int) -> list[str]:
    length = utf16_length(text)
    return [f"{place}: {length} of {limit} characters"] if length > limit else []


def _too_many(place: str, count: int, limit: int) -> list[str]:
    return [f"{place}: {count} of {limit}"] if count > limit else []


def _embed_problems(place: str, embed: hikari.Embed) -> list[str]:
    author = embed.author.name if embed.author is not None else None
    footer = embed.footer.text if embed.footer is not None else None
    problems = [
        *_too_long(f"{place}.title", embed.title or "", EMBED_TITLE),
        *_too_long(f"{place}.description", embed.description or "", EMBED_DESCRIPTION),
        *_too_long(f"{place}.author", author or "", EMBED_AUTHOR),
        *_too_long(f"{place}.footer", footer or "", EMBED_FOOTER),
        *_too_many(f"{place}.fields", len(embed.fields), EMBED_FIELDS),
    ]
    for number, field in enumerate(embed.fields):
        problems += _required(f"{place}.fields.{number}.name", field.name, EMBED_FIELD_NAME)
        problems += _required(f"{place}.fields.{number}.value", field.value, EMBED_FIELD_VALUE)
    return problems


def _required(place: str, text: str | None, limit: int) -> list[str]:
    if not text or not text.strip():
        return [f"{place}: empty"]
    return _too_long(place, text, limit)


def _row_problems(place: str, row: Mapping[str, Any], seen: set[str]) -> list[str]:
    components: Iterable[Mapping[str, Any]] = row["components"]
    problems: list[str] = []
    buttons = 0
    for component in components:
        identifier = component.get("custom_id")
        if identifier is not None:
            problems += _required(f"{place}.custom_id", identifier, CUSTOM_ID)
            if identifier in seen:
                problems.append(f"{place}.custom_id: {identifier} stands there twice")
            seen.add(identifier)
        if component["type"] == hikari.ComponentType.BUTTON:
            buttons += 1
            problems += _too_long(f"{place}.label", component.get("label", ""), BUTTON_LABEL)
        else:
            problems += _too_long(
                f"{place}.placeholder", component.get("placeholder", ""), SELECT_PLACEHOLDER
            )
            if component["type"] == hikari.ComponentType.TEXT_SELECT_MENU:
                problems += _option_problems(place, component)
    return [*problems, *_too_many(f"{place}.buttons", buttons, BUTTONS_IN_ROW)]


def _option_problems(place: str, select: Mapping[str, Any]) -> list[str]:
    options = select.get("options", [])
    problems = _too_many(f"{place}.options", len(options), SELECT_OPTIONS)
    if not options:
        problems.append(f"{place}.options: none")
    if not 0 <= select["min_values"] <= select["max_values"] <= max(len(options), 1):
        problems.append(
            f"{place}: asks for {select['min_values']} to {select['max_values']} of {len(options)}"
        )
    values = [option["value"] for option in options]
    if len(set(values)) < len(values):
        problems.append(f"{place}.options: a value stands there twice")
    for number, option in enumerate(options):
        problems += _required(f"{place}.options.{number}.label", option["label"], OPTION_TEXT)
        problems += _required(f"{place}.options.{number}.value", option["value"], OPTION_TEXT)
        problems += _too_long(
            f"{place}.options.{number}.description", option.get("description", ""), OPTION_TEXT
        )
    return problems
