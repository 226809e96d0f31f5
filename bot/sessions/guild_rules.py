"""What a server's settings mean for the tasks that are asked for there: kinds, languages, days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot import languages
from bot.guild_settings import GuildSettings
from bot.rendering.panels import Panel
from bot.sessions.wish import Wish
from bot.texts import Texts
from oasst_client import TaskRequestType

_DAY: Final = timedelta(days=1)


class NotOfferedError(Exception):
    """A server does not offer what somebody asks for there.

    Attributes:
        key: of the text that says so.
        names: what it offers instead.
    """

    def __init__(self, key: str, names: Sequence[str]) -> None:
        super().__init__(key)
        self.key = key
        self.names = names

    def panel(self, texts: Texts) -> Panel:
        """Say it, and what is offered."""
        if self.key == "rules.kinds":
            return Panel(texts(self.key, offered=named_kinds(self.names, texts)))
        return Panel(texts(self.key, offered=", ".join(texts.language_name(lang) for lang in self.names)))


@dataclass(frozen=True)
class Search:
    """What may be looked for on somebody's behalf.

    Attributes:
        wish: what they asked for, in the language that is tried first.
        langs: all languages to be tried, in this order; BCP 47 tags.
        kinds: the kinds of tasks that may be handed out; empty: all.
        langs_offered: the languages in which there may be tasks at all; empty: all.
    """

    wish: Wish
    langs: tuple[str, ...]
    kinds: tuple[TaskRequestType, ...] = ()
    langs_offered: tuple[str, ...] = ()

    def takes(self, task_type: str) -> bool:
        """Whether a task of a type may be handed out."""
        if self.kinds and task_type not in self.kinds:
            return False
        return self.wish.task_type in {TaskRequestType.random, task_type}

    def offers_instead(self, lang: str) -> bool:
        """Whether work in a language may be offered instead: it is another one than what was looked for."""
        is_new = lang != self.wish.lang
        if self.wish.task_type is TaskRequestType.random:
            is_new = lang not in self.langs
        return is_new and (not self.langs_offered or lang in self.langs_offered)


def named_kinds(kinds: Iterable[str], texts: Texts) -> str:
    """Name kinds of tasks in a person's language."""
    return ", ".join(texts(f"command.task.type.{kind}") for kind in kinds)


def kinds_offered(settings: GuildSettings) -> tuple[TaskRequestType, ...]:
    """Give the kinds that a server offers; empty: all."""
    return tuple(kind for kind in settings.task_types if kind is not TaskRequestType.random)


def first_language(settings: GuildSettings, locale: str) -> str:
    """Give the language of tasks on a server for a person who chose none, by Discord's locale for them."""
    lang = settings.language or languages.of_locale(locale)
    if len(settings.languages) == 1:
        return settings.languages[0]
    return lang


def offers_language(settings: GuildSettings, lang: str) -> bool:
    """Whether a server offers tasks in a language."""
    return not settings.languages or lang in settings.languages


def search_for(wish: Wish, langs: Iterable[str], settings: GuildSettings) -> Search:
    """Give what may be looked for under a server's settings.

    Args:
        wish: what somebody asked for.
        langs: the languages that would do for them, in their order.
        settings: the server's.

    Raises:
        NotOfferedError: the server offers nothing of that.
    """
    kinds = kinds_offered(settings)
    if kinds and wish.task_type not in {TaskRequestType.random, *kinds}:
        raise NotOfferedError("rules.kinds", kinds)
    fitting = tuple(lang for lang in langs if offers_language(settings, lang))
    if not fitting:
        raise NotOfferedError("rules.languages", settings.languages)
    return Search(replace(wish, lang=fitting[0]), fitting, kinds, settings.languages)


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Give the beginning and the end of a day in UTC."""
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return begin, begin + _DAY
