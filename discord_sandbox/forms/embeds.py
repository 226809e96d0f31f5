"""Checks embeds and gives them back as Discord stores them."""

from typing import Any

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import (
    Path,
    attached,
    child,
    known_fields,
    objects,
    text,
    truth,
    utc_time,
    web_url,
    whole,
)
from discord_sandbox.world.model import Json

_EMBED = (
    "title",
    "description",
    "url",
    "timestamp",
    "color",
    "footer",
    "image",
    "thumbnail",
    "author",
    "fields",
)

_IGNORED = frozenset({"type", "provider", "video", "flags"})
"""What Discord decides for itself, whatever a bot sends (page resources/message, "Create Message")."""

_IGNORED_OF_PARTS = frozenset(
    {"proxy_url", "proxy_icon_url", "height", "width", "flags", "content_type", "placeholder"}
)
"""As `_IGNORED`, in the parts of an embed."""

_FILES = ("http", "https", "attachment")

WITH_FILES = (("image", "url"), ("thumbnail", "url"), ("footer", "icon_url"), ("author", "icon_url"))
"""Where an embed can name a file of its message, as `attachment://name`."""


def embeds(
    errors: FormErrors, body: Json, path: Path, files: frozenset[str] = frozenset()
) -> list[Json] | None:
    """Check the embeds of a message body.

    Args:
        errors: Where problems are noted.
        body: The message body; `embeds` may be absent.
        path: Where the body is in the whole request.
        files: The names of the message's files.

    Returns:
        The embeds with their type and with texts trimmed; None if the body has none at all.
    """
    if "embeds" not in body:
        return None
    found = objects(errors, body, "embeds", path, most=limits.EMBEDS)
    kept = [_embed(errors, one, (*path, "embeds", index)) for index, one in enumerate(found)]
    for index, one in enumerate(kept):
        _check_files(errors, one, (*path, "embeds", index), files)
    if sum(map(_length, kept)) > limits.EMBED_TOTAL:
        errors.add(
            (*path, "embeds"),
            "MAX_EMBED_SIZE_EXCEEDED",
            f"Embed size exceeds maximum size of {limits.EMBED_TOTAL}",
        )
    return kept


def _trimmed(node: Json, ignored: frozenset[str] = frozenset()) -> Json:
    return {
        key: value.strip() if isinstance(value, str) else value
        for key, value in node.items()
        if value is not None and key not in ignored
    }


def _embed(errors: FormErrors, raw: Json, path: Path) -> Json:
    embed = _trimmed(raw, _IGNORED)
    known_fields(errors, embed, _EMBED, path)
    text(errors, embed, "title", path, most=limits.EMBED_TITLE)
    text(errors, embed, "description", path, most=limits.EMBED_DESCRIPTION)
    web_url(errors, embed, "url", path, most=limits.URL)
    whole(errors, embed, "color", path, least=0, most=0xFFFFFF)
    _timestamp(errors, embed, path)
    _part(errors, embed, "footer", {"text": limits.EMBED_FOOTER, "icon_url": limits.URL}, path)
    _part(
        errors,
        embed,
        "author",
        {"name": limits.EMBED_AUTHOR, "url": limits.URL, "icon_url": limits.URL},
        path,
    )
    _part(errors, embed, "image", {"url": limits.URL}, path)
    _part(errors, embed, "thumbnail", {"url": limits.URL}, path)
    if "fields" in embed:
        found = objects(errors, embed, "fields", path, most=limits.EMBED_FIELDS)
        embed["fields"] = [_field(errors, one, (*path, "fields", i)) for i, one in enumerate(found)]
    if not any(embed.get(key) for key in _EMBED if key not in {"color", "url", "timestamp"}):
        errors.required((*path, "description"))
    embed["type"] = "rich"
    return embed


def _timestamp(errors: FormErrors, embed: Json, path: Path) -> None:
    written = text(errors, embed, "timestamp", path, most=limits.URL)
    if written:
        utc_time(errors, written, (*path, "timestamp"))


def _part(errors: FormErrors, embed: Json, key: str, texts: dict[str, int], path: Path) -> None:
    part = child(errors, embed, key, path)
    if part is None:
        return
    where = (*path, key)
    part = embed[key] = _trimmed(part, _IGNORED_OF_PARTS)
    known_fields(errors, part, texts, where)
    for position, (name, most) in enumerate(texts.items()):
        # The first text is what the part is about, and must be there.
        if name in {"text", "name"}:
            text(errors, part, name, where, most=most, required=True)
        else:
            schemes = _FILES[:2] if key == "author" and name == "url" else _FILES
            web_url(errors, part, name, where, most=most, required=position == 0, schemes=schemes)


def _check_files(errors: FormErrors, embed: Json, path: Path, files: frozenset[str]) -> None:
    """Be loud about a picture that is in none of the files: Discord would show none, without a word."""
    for key, inner in WITH_FILES:
        part = embed.get(key)
        url = part.get(inner) if isinstance(part, dict) else None
        named = attached(url) if isinstance(url, str) else None
        if named and named not in files:
            errors.unknown_field(
                (*path, key, inner), f"The message has no file {named!r}, so Discord shows no picture."
            )


def _field(errors: FormErrors, raw: Json, path: Path) -> Json:
    known_fields(errors, raw, ("name", "value", "inline"), path)
    field = _trimmed(raw)
    text(errors, field, "name", path, most=limits.EMBED_FIELD_NAME, required=True)
    text(errors, field, "value", path, most=limits.EMBED_FIELD_VALUE, required=True)
    truth(errors, field, "inline", path, default=False)
    return field


def _length(embed: Json) -> int:
    parts: list[Any] = [embed.get("title"), embed.get("description")]
    for key, inner in (("footer", "text"), ("author", "name")):
        part = embed.get(key)
        parts.append(part.get(inner) if isinstance(part, dict) else None)
    for field in embed.get("fields", ()):
        parts += [field.get("name"), field.get("value")]
    return sum(limits.units(part) for part in parts if isinstance(part, str))
