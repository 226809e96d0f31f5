"""The languages of tasks: their tags, how people find them, and which one a person most likely wants."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError
from rapidfuzz import fuzz

from bot.limits import CHOICES

TAGS: Final = (
    *("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "eo", "es", "et", "eu", "fa", "fi", "fr", "gl"),
    *("he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "nb", "nl", "pl", "pt-BR", "ro", "ru"),
    *("sk", "sl", "sr", "sv", "ta", "th", "tr", "uk", "vi", "zh"),
)
"""The BCP 47 tags that are offered, in alphabetical order."""

FALLBACK: Final = "en"

LONGEST_TAG: Final = 32
"""The protocol's limit, in characters."""

_LIKELY: Final = 60
_TAG: Final = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<variants>(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
)
_OF_LOCALE: Final = {"pt-BR": "pt-BR", "no": "nb", "zh-TW": "zh", "zh-CN": "zh"}


def of_locale(locale: str) -> str:
    """Give the language of tasks that fits one of Discord's locales."""
    tag = _OF_LOCALE.get(locale, locale.partition("-")[0])
    return tag if tag in TAGS else FALLBACK


def choices(typed: str, locale: str) -> list[tuple[str, str]]:
    """Give the (name, tag) pairs that fit what a person has typed so far, 25 at most, best first."""
    names = _names(locale)
    typed = typed.strip().casefold()
    if not typed:
        ordered = sorted(names, key=lambda tag: (tag not in {of_locale(locale), FALLBACK}, names[tag][0]))
        return [(names[tag][0], tag) for tag in ordered][:CHOICES]
    scores = {tag: max(_score(typed, word) for word in words) for tag, words in _searched(locale).items()}
    found = sorted((tag for tag in scores if scores[tag] >= _LIKELY), key=lambda tag: -scores[tag])
    return [(names[tag][0], tag) for tag in found][:CHOICES]


def everything(first: Iterable[str], locale: str) -> list[str]:
    """Give all languages that a person may choose from, each once, in the order in which they are offered.

    Args:
        first: tags that stand first, whatever they are.
        locale: one of Discord's; its language comes next, then the others by their names in it.
    """
    names = _names(locale)
    by_name = sorted(TAGS, key=lambda tag: names[tag][0].casefold())
    return list(dict.fromkeys([*first, of_locale(locale), *by_name]))


def own_name(tag: str) -> str:
    """Give the name of a language in itself."""
    return _first_upper(_parse(tag).get_display_name() or tag)


def understand(typed: str, locale: str = FALLBACK) -> str | None:
    """Give the tag that a person means by a tag or a name; None where it is neither.

    Besides those that are offered, any other BCP 47 tag is taken, such as `uk-UA` or `zh-Hant-TW`.

    Args:
        typed: a tag, or a name in the language of the locale, in English or in itself.
        locale: one of Discord's: what is made for a locale is kept for ever.
    """
    wanted = typed.strip().casefold()
    for tag, words in _searched(locale).items():
        if wanted in words:
            return tag
    return _other_tag(wanted)


def _other_tag(wanted: str) -> str | None:
    """Give a tag of at most 32 characters in its usual spelling, if its parts mean something."""
    found = _TAG.fullmatch(wanted)
    if found is None or len(wanted) > LONGEST_TAG:
        return None
    language, script, region = (
        found["language"],
        (found["script"] or "").title(),
        (found["region"] or "").upper(),
    )
    known = Locale.parse(FALLBACK)
    if language not in known.languages or script not in {"", *known.scripts}:
        return None
    if region not in {"", *known.territories}:
        return None
    return "-".join(part for part in (language, script, region, *found["variants"].split("-")) if part)


def _score(typed: str, word: str) -> float:
    return 100.0 if word.startswith(typed) else fuzz.ratio(typed, word)


@cache
def _names(locale: str) -> dict[str, tuple[str, str, str]]:
    """By tag: its name in a person's language, in itself, and in English."""
    shown = _parse(locale)
    return {
        tag: (
            _first_upper(_parse(tag).get_display_name(shown) or tag),
            _parse(tag).get_display_name() or tag,
            _parse(tag).english_name or tag,
        )
        for tag in TAGS
    }


@cache
def _searched(locale: str) -> dict[str, frozenset[str]]:
    return {
        tag: frozenset({tag.casefold(), *(name.casefold() for name in names)})
        for tag, names in _names(locale).items()
    }


def _first_upper(name: str) -> str:
    return name[:1].upper() + name[1:]


def _parse(tag: str) -> Locale:
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(FALLBACK)
