"""Checks the components of version 2: texts, sections, pictures, files, separators and containers."""

from collections.abc import Callable

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import (
    Path,
    attached,
    child,
    known_fields,
    number,
    objects,
    text,
    truth,
    web_url,
    whole,
)
from discord_sandbox.forms.components import BUTTON, ROW, TEXT, Checker, walk
from discord_sandbox.world.model import Json

SECTION, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 11, 12, 13, 14, 17

_TOP = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
_IN_CONTAINER = _TOP - {CONTAINER}


class _LayoutChecker:
    """Checks one message's tree of components, and counts them and their text."""

    def __init__(self, errors: FormErrors, checker: Checker, files: frozenset[str]) -> None:
        self._errors = errors
        self._files = files
        self._checker = checker
        self._kinds: dict[int, Callable[[Json, Path], None]] = {
            SECTION: self._section,
            TEXT: self._text,
            THUMBNAIL: self._thumbnail,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
        }
        self.written = 0

    def component(self, raw: Json, path: Path, allowed: frozenset[int]) -> Json:
        """Check one component, and give it as Discord stores it."""
        kind = number(raw)
        if kind not in allowed:
            return self._checker.misplaced(raw, path, allowed)
        if kind == ROW:
            return self._checker.row(raw, path)
        if kind == BUTTON:
            return self._checker.part(raw, path)
        part = self._checker.taken(raw, path)
        self._kinds[kind](part, path)
        return part

    def _children(self, part: Json, path: Path, allowed: frozenset[int], most: int) -> None:
        found = objects(self._errors, part, "components", path, least=1, most=most)
        part["components"] = [
            self.component(one, (*path, "components", index), allowed) for index, one in enumerate(found)
        ]

    def _container(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "components", "accent_color", "spoiler"), path)
        whole(self._errors, part, "accent_color", path, least=0, most=0xFFFFFF)
        part.setdefault("accent_color", None)
        truth(self._errors, part, "spoiler", path, default=False)
        self._children(part, path, _IN_CONTAINER, limits.V2_COMPONENTS)

    def _section(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "components", "accessory"), path)
        self._children(part, path, frozenset({TEXT}), limits.SECTION_TEXTS)
        accessory = child(self._errors, part, "accessory", path)
        if accessory is None:
            self._errors.required((*path, "accessory"))
        else:
            part["accessory"] = self.component(
                accessory, (*path, "accessory"), frozenset({BUTTON, THUMBNAIL})
            )

    def _text(self, part: Json, path: Path) -> None:
        self.written += self._checker.text_display(part, path)

    def _thumbnail(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "media", "description", "spoiler"), path)
        self._picture(part, path)

    def _gallery(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "items"), path)
        found = objects(self._errors, part, "items", path, least=1, most=limits.GALLERY_ITEMS)
        part["items"] = [dict(one) for one in found]
        for index, item in enumerate(part["items"]):
            known_fields(self._errors, item, ("media", "description", "spoiler"), (*path, "items", index))
            self._picture(item, (*path, "items", index))

    def _picture(self, part: Json, path: Path) -> None:
        self._media(part, "media", path)
        text(self._errors, part, "description", path, most=limits.ALT_TEXT)
        part.setdefault("description", None)
        truth(self._errors, part, "spoiler", path, default=False)

    def _file(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "file", "spoiler"), path)
        url = self._media(part, "file", path)
        if url is not None and not url.startswith("attachment://"):
            self._errors.add(
                (*path, "file", "url"), "URL_TYPE_INVALID_SCHEME", "Only attachment:// is allowed."
            )
        truth(self._errors, part, "spoiler", path, default=False)

    def _media(self, part: Json, key: str, path: Path) -> str | None:
        media = child(self._errors, part, key, path)
        if media is None:
            self._errors.required((*path, key))
            return None
        known_fields(self._errors, media, ("url",), (*path, key))
        part[key] = dict(media)
        where = (*path, key)
        schemes = ("http", "https", "attachment")
        url = web_url(
            self._errors, media, "url", where, least=1, most=limits.URL, required=True, schemes=schemes
        )
        named = attached(url)
        if named and named not in self._files:
            self._errors.add(
                (*where, "url"),
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                f"The referenced attachment {named!r} was not found.",
            )
        return url

    def _separator(self, part: Json, path: Path) -> None:
        known_fields(self._errors, part, ("type", "id", "divider", "spacing"), path)
        whole(self._errors, part, "spacing", path, least=1, most=2)
        truth(self._errors, part, "divider", path, default=True)
        part.setdefault("spacing", 1)


def layout(errors: FormErrors, body: Json, path: Path, files: frozenset[str]) -> list[Json] | None:
    """Check the components of a message of version 2, in which `attachment://` names one of its files.

    Returns:
        The components, numbered and with defaults filled in; None if the body has no components at all.
    """
    for key in ("content", "embeds"):
        if body.get(key):
            errors.add(
                (*path, key),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )
    if "components" not in body:
        return None
    checker = Checker(errors)
    tree = _LayoutChecker(errors, checker, files)
    found = objects(errors, body, "components", path, most=limits.V2_COMPONENTS)
    kept = [tree.component(one, (*path, "components", i), _TOP) for i, one in enumerate(found)]
    # Only a tree whose parts are right can be counted.
    if not errors and sum(1 for _ in walk(kept)) > limits.V2_COMPONENTS:
        errors.bad_length((*path, "components"), 1, limits.V2_COMPONENTS)
    if tree.written > limits.V2_TEXT:
        errors.add(
            (*path, "components"),
            "COMPONENT_MAX_TOTAL_COMPONENT_TEXT_LENGTH_EXCEEDED",
            f"The total text length of all components exceeds {limits.V2_TEXT}",
        )
    checker.fill_ids(kept)
    return kept
