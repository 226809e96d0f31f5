"""Who may have a task here now: asked at every command and click, before the backend is."""

from dataclasses import dataclass
from datetime import timedelta

from bot.access import Deed, refusal_by
from bot.guild_settings import DEFAULTS, GuildSettings
from bot.rendering import times
from bot.rendering.panels import Panel
from bot.sessions.fetching import NoTaskError
from bot.sessions.guild_rules import (
    NotOfferedError,
    Search,
    day_of,
    first_language,
    offers_language,
    search_for,
)
from bot.sessions.parts import Parts
from bot.sessions.posting import Origin
from bot.sessions.terms import terms_needed, terms_panel
from bot.sessions.wish import Wish
from bot.texts import Texts, texts_for
from oasst_client import TaskRequestType


@dataclass(frozen=True)
class Asking:
    """Somebody asks for a task.

    Attributes:
        interaction: of the person, where they ask.
        wish: what they want.
        langs: the languages that will do, first that of the wish; BCP 47 tags.
        settings: of the server; in direct messages, where nothing is restricted, the defaults.
    """

    interaction: Origin
    wish: Wish
    langs: tuple[str, ...]
    settings: GuildSettings


class Admission:
    """Applies a server's settings to those who ask for a task there.

    Args:
        parts: the store and the rest.
        lifetime: how long a task stays open.
    """

    def __init__(self, parts: Parts, lifetime: timedelta) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._lifetime = lifetime

    async def ask(self, interaction: Origin, task_type: TaskRequestType, lang: str | None) -> Asking:
        """Make out what a person asks for.

        Args:
            interaction: theirs.
            task_type: the type.
            lang: a BCP 47 tag, for later tasks, too; None: the one chosen last, else another of theirs. Who
                chose none at all gets that of the server, or that of their Discord.
        """
        settings = await self._settings(interaction)
        if lang is not None:
            return Asking(interaction, Wish(task_type, lang, remembers_lang=True), (lang,), settings)
        langs = await self._store.people.task_languages(int(interaction.user.id))
        langs = langs or [first_language(settings, str(interaction.locale))]
        usual = next((one for one in langs if offers_language(settings, one)), langs[0])
        return Asking(interaction, Wish(task_type, usual, takes_other_langs=True), tuple(langs), settings)

    async def ask_again(self, interaction: Origin, wish: Wish) -> Asking:
        """Go on with what a person asked for before."""
        settings = await self._settings(interaction)
        langs = [wish.lang]
        if wish.takes_other_langs:
            langs += await self._store.people.task_languages(int(interaction.user.id))
        return Asking(interaction, wish, tuple(dict.fromkeys(langs)), settings)

    async def first_answer(self, asking: Asking) -> Panel | None:
        """Say who may not contribute here, or has to accept the terms first; None: they may go on."""
        texts = texts_for(str(asking.interaction.locale))
        refusal = refusal_by(asking.settings, asking.interaction, Deed.task)
        if refusal is not None:
            return Panel(texts(refusal))
        if await terms_needed(self._store.people, int(asking.interaction.user.id)):
            return terms_panel(asking.wish, texts)
        wish = asking.wish
        if wish.remembers_lang and offers_language(asking.settings, wish.lang):
            user_id = int(asking.interaction.user.id)
            await self._store.people.set_language(user_id, wish.lang, now=self._clock.now())
        return None

    async def search(self, asking: Asking) -> Search:
        """Give what may be looked for on a person's behalf, who has no open task.

        Raises:
            NoTaskError: the server offers nothing of that, or no more today; it says so.
        """
        texts = texts_for(str(asking.interaction.locale))
        try:
            search = search_for(asking.wish, asking.langs, asking.settings)
        except NotOfferedError as error:
            raise NoTaskError(error.panel(texts)) from None
        if asking.interaction.guild_id is not None:
            guild_id, user_id = int(asking.interaction.guild_id), int(asking.interaction.user.id)
            await self.check_limit(guild_id, user_id, asking.settings, texts)
        return search

    async def check_limit(self, guild_id: int, user_id: int, settings: GuildSettings, texts: Texts) -> None:
        """See that a person may finish one more task on a server today.

        Raises:
            NoTaskError: the server takes no more of them today; it says so.
        """
        limit = settings.daily_limit
        if limit is None:
            return
        begin, end = day_of(self._clock.now())
        finished = await self._store.guild_members.finished(
            guild_id, user_id, since=begin, began_after=begin - self._lifetime
        )
        if finished >= limit:
            key = "rules.limit_one" if limit == 1 else "rules.limit"
            raise NoTaskError(Panel(texts(key, limit=limit, time=times.relative(end))))

    async def _settings(self, interaction: Origin) -> GuildSettings:
        if interaction.guild_id is None:
            return DEFAULTS
        return await self._store.guilds.settings(int(interaction.guild_id))
