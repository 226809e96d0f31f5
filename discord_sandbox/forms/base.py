"""Small checks that all forms share: types, lengths, and fields that nobody knows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from discord_sandbox.errors import FormErrors
from discord_sandbox.limits import units
from discord_sandbox.world.model import Json

Path = tuple[str | int, ...]

_LARGEST_SNOWFLAKE = (1 << 64) - 1
_SNOWFLAKE_DIGITS = len(str(_LARGEST_SNOWFLAKE))


def known_fields(errors: FormErrors, node: Json, known: Iterable[str], path: Path = ()) -> None:
    """Note every field of an object that is not among the known ones."""
    for key in node.keys() - set(known):
        errors.unknown_field((*path, key))


def text(
    errors: FormErrors, node: Json, key: str, path: Path, *, most: int, least: int = 0, required: bool = False
) -> str | None:
    """Give a text field after checking its length; None if it is absent, null or not a text."""
    value = node.get(key)
    where = (*path, key)
    if value is None:
        if required:
            errors.required(where)
        return None
    if not isinstance(value, str):
        errors.add(where, "BASE_TYPE_STRING", "Could not interpret value as string.")
        return None
    if required and not value:
        errors.required(where)
    else:
        _check_size(errors, units(value), where, least, most)
    return value


def _check_size(errors: FormErrors, size: int, where: Path, least: int, most: int) -> None:
    if least <= size <= most:
        return
    if least:
        errors.bad_length(where, least, most)
    else:
        errors.too_long(where, most)


def whole(errors: FormErrors, node: Json, key: str, path: Path, *, least: int, most: int) -> int | None:
    """Give a whole number after checking its range; None if it is absent, null or no number."""
    value = node.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        errors.add((*path, key), "NUMBER_TYPE_COERCE", f"Value {value!r} is not int.")
        return None
    if value < least:
        errors.add((*path, key), "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
    elif value > most:
        errors.add((*path, key), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
    return value


def truth(errors: FormErrors, node: Json, key: str, path: Path, *, default: bool | None = None) -> None:
    """Check a yes or no, and fill in the default where it is absent or null."""
    value = node.get(key)
    if value is None:
        if default is not None:
            node[key] = default
    elif not isinstance(value, bool):
        errors.add((*path, key), "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def permission_bits(errors: FormErrors, node: Json, key: str, path: Path) -> int | None:
    """Give permission bits; None if they are absent, null or none.

    The documentation has a text here, hikari sends a number; Discord takes both.
    """
    value = node.get(key)
    if value is None:
        return None
    bits = snowflake(value)
    if bits is None:
        errors.add((*path, key), "BITFIELD_TYPE_COERCE", "This is no permission bit field.")
        return None
    return bits


def objects(errors: FormErrors, node: Json, key: str, path: Path, *, most: int, least: int = 0) -> list[Json]:
    """Give a list of objects after checking how many there are; empty if it is absent or null."""
    value: Any = node.get(key)
    where = (*path, key)
    if value is None:
        if least:
            errors.required(where)
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        errors.add(where, "LIST_TYPE_CONVERT", "Only lists of objects are allowed.")
        return []
    _check_size(errors, len(value), where, least, most)
    return value


def values(errors: FormErrors, node: Json, key: str, path: Path) -> list[Any]:
    """Give a list of plain values; empty if it is absent, null or no list."""
    value = node.get(key)
    if value is None or isinstance(value, list):
        return value or []
    errors.add((*path, key), "LIST_TYPE_CONVERT", "Only lists are allowed.")
    return []


def child(errors: FormErrors, node: Json, key: str, path: Path) -> Json | None:
    """Give an object field; None if it is absent, null or no object."""
    value = node.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        errors.add((*path, key), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return None
    return value


def snowflake(value: object) -> int | None:
    """Give an id of 64 bits that may be written as a number or as digits; None if it is neither."""
    if isinstance(value, str):
        # Digits are counted before they are read: Python refuses to read thousands of them.
        if not (len(value) <= _SNOWFLAKE_DIGITS and value.isascii() and value.isdecimal()):
            return None
        value = int(value)
    elif not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _LARGEST_SNOWFLAKE else None


def no_snowflake(errors: FormErrors, where: Path, value: object) -> None:
    """Note that something is no id."""
    errors.add(where, "NUMBER_TYPE_COERCE", f"Value {value!r} is not snowflake.")


def snowflake_list(errors: FormErrors, node: Json, key: str, path: Path) -> list[int]:
    """Give the ids of a list after checking each; empty if it is absent or null."""
    found: list[int] = []
    for index, value in enumerate(values(errors, node, key, path)):
        one = snowflake(value)
        if one is None:
            no_snowflake(errors, (*path, key, index), value)
        else:
            found.append(one)
    return found


def snowflakes(errors: FormErrors, node: Json, key: str, path: Path, *, most: int) -> frozenset[int]:
    """Give a list of ids after checking each and how many there are; empty if it is absent or null."""
    found = snowflake_list(errors, node, key, path)
    _check_size(errors, len(found), (*path, key), 0, most)
    return frozenset(found)


def utc_time(errors: FormErrors, written: str, where: Path) -> datetime | None:
    """Give a time in UTC from ISO 8601, read as UTC if it names no zone; None if it is no such time."""
    try:
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        errors.add(where, "DATE_TIME_TYPE_PARSE", f"Could not parse {written}. Should be ISO8601.")
        return None


def web_url(  # noqa: PLR0913 - as `text`
    errors: FormErrors,
    node: Json,
    key: str,
    path: Path,
    *,
    most: int,
    least: int = 0,
    required: bool = False,
    schemes: tuple[str, ...] = ("http", "https"),
) -> str | None:
    """Give an address after checking its length and its scheme; None if it is absent, null or no text."""
    url = text(errors, node, key, path, most=most, least=least, required=required)
    if url:
        scheme, colon, rest = url.partition("://")
        if not colon or not rest or (scheme != "attachment" and any(map(str.isspace, rest))):
            errors.add((*path, key), "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        elif scheme.lower() not in schemes:
            listed = ", ".join(map(repr, schemes))
            errors.add(
                (*path, key), "URL_TYPE_INVALID_SCHEME", f"Scheme {scheme!r} must be one of ({listed})."
            )
    return url


def attached(url: str | None) -> str | None:
    """Give the name of the file that an address means as `attachment://name`; None for other addresses."""
    return url.removeprefix("attachment://") if url and url.startswith("attachment://") else None


def number(node: Json, key: str = "type") -> int | None:
    """Give a field that says of which kind something is; None if it is no whole number."""
    value = node.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def one_of(value: object, allowed: Iterable[int]) -> bool:
    """Whether a value of JSON is one of some whole numbers; true and 1.0 are not 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value in allowed
