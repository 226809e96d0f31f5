"""The languages of Discord's clients, and which words of a command somebody sees in theirs."""

from collections.abc import Mapping

from discord_sandbox.world.model import Json

DEFAULT = "en-US"

_LISTED = (
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th "
    "zh-CN ja zh-TW ko"
)

LOCALES = frozenset(_LISTED.split())
"""The locales of the page reference, "Locales"."""

_FALLBACKS = {"en-US": "en-GB", "en-GB": "en-US", "es-419": "es-ES"}


def localized(node: Json, key: str, locale: str) -> str | None:
    """Give the words for one language; None if there are none, and the default is shown.

    The fallbacks are those of the page interactions/application-commands, "Locale fallbacks".

    Args:
        node: A command, option or choice.
        key: `name` or `description`.
        locale: The language.
    """
    words: Mapping[str, str] = node.get(f"{key}_localizations") or {}
    return words.get(locale) or words.get(_FALLBACKS.get(locale, ""))


def shown(node: Json, locale: str) -> str:
    """Give the name of a command, option or choice as somebody with this language sees it."""
    return localized(node, "name", locale) or str(node["name"])


def asked_for(headers: Mapping[str, str]) -> str:
    """Give the language that a request asks for.

    Discord looks at `X-Discord-Locale`, then at `Accept-Language`, then at the account's own language (page
    interactions/application-commands, "Retrieving localized commands"). Of several, the first known is taken.
    """
    listed = headers.get("X-Discord-Locale") or headers.get("Accept-Language") or ""
    wanted = (one.split(";")[0].strip() for one in listed.split(","))
    return next((one for one in wanted if one in LOCALES), DEFAULT)
