"""Checks buttons and select menus, and gives them back as Discord stores them."""

from collections.abc import Iterable, Iterator
from itertools import count

from discord_sandbox import limits
from discord_sandbox.errors import FormErrors
from discord_sandbox.forms.base import (
    Path,
    child,
    known_fields,
    no_snowflake,
    number,
    objects,
    one_of,
    snowflake,
    text,
    truth,
    values,
    web_url,
    whole,
)
from discord_sandbox.world.model import Json

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, TEXT = 1, 2, 3, 4, 10
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
ENTITY_SELECTS = frozenset({USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT})
SELECTS = ENTITY_SELECTS | {STRING_SELECT}
LINK_STYLE, PREMIUM_STYLE = 5, 6

_TYPES = frozenset({*range(1, 15), 17, 18, 19, 21, 22, 23})
"""All types of component that Discord has."""

_DEFAULTS = {
    USER_SELECT: ("user",),
    ROLE_SELECT: ("role",),
    MENTIONABLE_SELECT: ("user", "role"),
    CHANNEL_SELECT: ("channel",),
}
"""What the default values of a menu may be."""

_CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)

_BUTTON = ("type", "id", "style", "label", "emoji", "custom_id", "url", "disabled")
_SELECT = (
    "type",
    "id",
    "custom_id",
    "placeholder",
    "min_values",
    "max_values",
    "required",
    "disabled",
    "options",
    "channel_types",
    "default_values",
)
OPTION = ("label", "value", "description", "default")
"""What an option of a group in a modal may have; those of menus have an emoji besides."""


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Give all components from top to bottom, each before those inside it."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        for key in ("accessory", "component"):
            if inner := component.get(key):
                yield inner


class Checker:
    """Checks the components of one message or modal; ids and custom ids must be unique in all of it."""

    def __init__(self, errors: FormErrors) -> None:
        self._errors = errors
        self._custom_ids: set[str] = set()
        self._ids: set[int] = set()

    def taken(self, raw: Json, path: Path) -> Json:
        """Give a copy of a component without its empty fields, after checking its id."""
        part = {key: value for key, value in raw.items() if value is not None}
        found = whole(self._errors, part, "id", path, least=0, most=limits.COMPONENT_ID)
        if found in self._ids:
            self._errors.add((*path, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        elif found:
            self._ids.add(found)
        return part

    def fill_ids(self, components: Iterable[Json]) -> None:
        """Give each component without an id the next one that is free, as Discord does."""
        if self._errors:
            return
        free = (one for one in count(1) if one not in self._ids)
        for part in walk(components):
            if not part.get("id"):
                part["id"] = next(free)

    def misplaced(self, raw: Json, path: Path, allowed: Iterable[int]) -> Json:
        """Note a component that cannot be here, or that nobody knows."""
        kind = number(raw)
        if kind is None or kind in _TYPES:
            listed = ", ".join(map(str, sorted(allowed)))
            self._errors.add(path, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({listed}).')
        else:
            self._errors.unknown_field((*path, "type"), "The sandbox does not know this type of component.")
        return raw

    # -- rows, buttons and texts ----------------------------------------------------------------------

    def row(self, raw: Json, path: Path) -> Json:
        """Check a row of a message."""
        if number(raw) != ROW:
            return self.misplaced(raw, path, (ROW,))
        known_fields(self._errors, raw, ("type", "id", "components"), path)
        row = self.taken(raw, path)
        found = objects(self._errors, raw, "components", path, least=1, most=limits.BUTTONS_PER_ROW)
        row["components"] = [self.part(one, (*path, "components", i)) for i, one in enumerate(found)]
        if len(found) > 1 and any(number(one) in SELECTS for one in found):
            self._errors.add(
                (*path, "components"),
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                "A select menu needs a row of its own.",
            )
        return row

    def part(self, raw: Json, path: Path) -> Json:
        """Check a button or a menu of a message."""
        kind = number(raw)
        if kind != BUTTON and kind not in SELECTS:
            return self.misplaced(raw, path, (BUTTON, *SELECTS))
        part = self.taken(raw, path)
        truth(self._errors, part, "disabled", path, default=False)
        if kind == BUTTON:
            self._button(part, path)
        else:
            # It means something in modals only.
            part.pop("required", None)
            self.select(part, path)
        return part

    def text_display(self, part: Json, path: Path) -> int:
        """Check a text among components, and give its length."""
        known_fields(self._errors, part, ("type", "id", "content"), path)
        content = text(self._errors, part, "content", path, least=1, most=limits.V2_TEXT, required=True)
        return limits.units(content or "")

    def custom_id(self, part: Json, path: Path) -> None:
        """Check that a custom id is there, fits and is new."""
        custom_id = text(self._errors, part, "custom_id", path, least=1, most=limits.CUSTOM_ID, required=True)
        if custom_id in self._custom_ids:
            self._errors.add(
                (*path, "custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        elif custom_id is not None:
            self._custom_ids.add(custom_id)

    def _button(self, part: Json, path: Path) -> None:
        errors = self._errors
        style = number(part, "style")
        if style == PREMIUM_STYLE:
            errors.unknown_field((*path, "style"), "The sandbox has nothing to sell with a premium button.")
            return
        known_fields(errors, part, _BUTTON, path)
        text(errors, part, "label", path, most=limits.BUTTON_LABEL)
        if style == LINK_STYLE:
            web_url(
                errors,
                part,
                "url",
                path,
                least=1,
                most=limits.BUTTON_URL,
                required=True,
                schemes=("http", "https", "discord"),
            )
        else:
            if style not in {1, 2, 3, 4}:
                errors.bad_choice((*path, "style"), (1, 2, 3, 4, 5, 6))
            self.custom_id(part, path)
        if ("custom_id" if style == LINK_STYLE else "url") in part:
            errors.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL", "A custom id and url cannot both be specified")
        self._emoji(part, path)
        if not part.get("label") and "emoji" not in part:
            errors.add(path, "BUTTON_COMPONENT_INVALID_EMOJI", "A button must have a label or an emoji")

    def _emoji(self, part: Json, path: Path) -> None:
        errors, where = self._errors, (*path, "emoji")
        emoji = child(errors, part, "emoji", path)
        if emoji is not None:
            known_fields(errors, emoji, ("id", "name", "animated"), where)
            text(errors, emoji, "name", where, most=100)
            truth(errors, emoji, "animated", where)
            emoji_id = emoji.get("id")
            if emoji_id is not None and snowflake(emoji_id) is None:
                no_snowflake(errors, (*where, "id"), emoji_id)
            elif emoji_id is None and not emoji.get("name"):
                errors.add((*where, "name"), "COMPONENT_INVALID_EMOJI", "Invalid emoji")
            part["emoji"] = {"name": "", **{key: one for key, one in emoji.items() if one is not None}}

    # -- menus ----------------------------------------------------------------------------------------

    def select(self, part: Json, path: Path) -> None:
        """Check a menu, and fill in how many it takes; where it may be and be disabled is not checked."""
        known_fields(self._errors, part, _SELECT, path)
        self.custom_id(part, path)
        text(self._errors, part, "placeholder", path, most=limits.PLACEHOLDER)
        self.amounts(part, path, limits.OPTIONS)
        if part["type"] != STRING_SELECT:
            self._default_values(part, path)
            self._channel_types(part, path)
            return
        self.options(part, path, (1, limits.OPTIONS), part["max_values"], known=(*OPTION, "emoji"))
        offered = len(part["options"])
        if offered and part["max_values"] > offered:
            self._errors.bad_length((*path, "options"), part["max_values"], limits.OPTIONS)

    def amounts(self, part: Json, path: Path, highest: int, default_most: int = 1) -> None:
        """Check how few and how many are to be chosen, and fill in what is not said."""
        errors = self._errors
        least = whole(errors, part, "min_values", path, least=0, most=highest)
        most = whole(errors, part, "max_values", path, least=1, most=highest)
        part["min_values"] = least = 1 if least is None else least
        part["max_values"] = most = default_most if most is None else most
        if most < least <= highest:
            errors.add((*path, "min_values"), "NUMBER_TYPE_MAX", "min_values must not be above max_values.")

    def options(
        self, part: Json, path: Path, size: tuple[int, int], most: int, known: Iterable[str] = OPTION
    ) -> None:
        """Check what is offered to choose from.

        Args:
            part: The menu or group.
            path: Where it is.
            size: How few and how many options it may have.
            most: How many of them may be chosen at most.
            known: The fields of an option.
        """
        errors = self._errors
        where = (*path, "options")
        found = objects(errors, part, "options", path, least=size[0], most=size[1])
        part["options"] = [self._option(one, (*where, i), known) for i, one in enumerate(found)]
        if sum(one.get("default") is True for one in found) > most:
            errors.add(where, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "Too many default values.")
        offered = [one.get("value") for one in found]
        for i, value in enumerate(offered):
            if value in offered[:i]:
                errors.add(
                    (*where, i, "value"),
                    "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                    "The specified option value is already used",
                )

    def _option(self, raw: Json, path: Path, known: Iterable[str]) -> Json:
        errors = self._errors
        option = {key: value for key, value in raw.items() if value is not None}
        known_fields(errors, option, known, path)
        text(errors, option, "label", path, least=1, most=limits.OPTION_TEXT, required=True)
        text(errors, option, "value", path, least=1, most=limits.OPTION_TEXT, required=True)
        text(errors, option, "description", path, most=limits.OPTION_TEXT)
        truth(errors, option, "default", path)
        self._emoji(option, path)
        return option

    def _default_values(self, part: Json, path: Path) -> None:
        errors = self._errors
        where = (*path, "default_values")
        found = objects(errors, part, "default_values", path, most=limits.OPTIONS)
        for i, one in enumerate(found):
            known_fields(errors, one, ("id", "type"), (*where, i))
            if snowflake(one.get("id")) is None:
                no_snowflake(errors, (*where, i, "id"), one.get("id"))
            if one.get("type") not in _DEFAULTS[part["type"]]:
                errors.bad_choice((*where, i, "type"), _DEFAULTS[part["type"]])
        if found and not part["min_values"] <= len(found) <= part["max_values"]:
            errors.bad_length(where, part["min_values"], part["max_values"])

    def _channel_types(self, part: Json, path: Path) -> None:
        for i, kind in enumerate(values(self._errors, part, "channel_types", path)):
            if not one_of(kind, _CHANNEL_TYPES):
                self._errors.bad_choice((*path, "channel_types", i), _CHANNEL_TYPES)


def components(errors: FormErrors, body: Json, path: Path) -> list[Json] | None:
    """Check the components of a message body.

    Returns:
        The rows, numbered and with defaults filled in; None if the body has no components at all.
    """
    if "components" not in body:
        return None
    checker = Checker(errors)
    found = objects(errors, body, "components", path, most=limits.ROWS)
    kept = [checker.row(one, (*path, "components", i)) for i, one in enumerate(found)]
    checker.fill_ids(kept)
    return kept
