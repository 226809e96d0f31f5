"""Answers the menu "Contribute": a member gives a message of their own as the first of a conversation."""

from collections.abc import Sequence

import hikari

from bot import languages
from bot.access import Deed
from bot.community.contribute_panel import language_panel
from bot.forms.contribution import contribution_modal
from bot.forms.custom_ids import MODAL_INPUTS
from bot.forms.writing import whole_text
from bot.guild_settings import DEFAULTS, GuildSettings
from bot.outgoing import Answerable
from bot.people import backend_user
from bot.rendering.blank import is_blank
from bot.rendering.giving_back import given_back
from bot.rendering.panels import Panel
from bot.router import value_of
from bot.services import Services
from bot.sessions.contribution_ids import MODAL, contribution_of, is_cancel
from bot.sessions.terms import ContributeWish, terms_needed, terms_panel
from bot.store.contributions import Contribution
from bot.texts import texts_for
from oasst_client import TaskRequestType


class ContributeDesk:
    """Takes a text from who wrote it, and asks for what is missing: the terms, and in which language it is.

    The text is what the person submits, never what the message says by itself.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._contributions = services.store.contributions

    async def open(self, interaction: hikari.CommandInteraction, target: hikari.Message) -> None:
        """Answer the menu with a form, which must be the first answer: only the bot's memory is asked."""
        texts = texts_for(str(interaction.locale))
        refusal = await self._refusal(interaction) or _not_for(interaction, target)
        if refusal is not None:
            await self._outgoing.whisper(interaction, Panel(texts(refusal)))
            return
        known = await self._languages(interaction)
        language = texts.language_name(known[0]) if len(known) == 1 else None
        longest = self._services.settings.message_size_limit
        modal = contribution_modal(target.content or "", longest, MODAL, texts, language=language)
        await self._outgoing.ask(interaction, modal)

    async def submit(self, interaction: hikari.ModalInteraction) -> None:
        """Take a text: it is kept, and handed in as soon as nothing is left to be asked."""
        text = whole_text([value_of(interaction, input_id) for input_id in MODAL_INPUTS])
        texts = texts_for(str(interaction.locale))
        refusal = await self._refusal(interaction)
        problem = texts(refusal) if refusal is not None else self._problem(text, str(interaction.locale))
        if problem is not None:
            await self._outgoing.whisper_all(interaction, given_back(text, problem))
            return
        with self._services.sessions.contributing.handling(int(interaction.id)):
            contribution = await self._contributions.add(
                backend_user(interaction),
                text,
                locale=str(interaction.locale),
                guild_id=None if interaction.guild_id is None else int(interaction.guild_id),
                channel_id=int(interaction.channel_id),
                submitted_by=int(interaction.id),
                now=self._services.clock.now(),
            )
            # Discord closes the form with the first answer: what nothing more is asked about is safe by then.
            missing = await self._missing(interaction, contribution)
            if isinstance(missing, str):
                await self._contributions.confirm(contribution.id, missing, int(interaction.id))
            await self._outgoing.defer(interaction)
            await self._answer(interaction, contribution, missing)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take the choice of a language, or a text back."""
        contribution = await self._waiting(interaction, contribution_of(interaction.custom_id))
        if isinstance(contribution, Panel):
            # Beside the message that was clicked: by now that may hold a text which was given back.
            await self._outgoing.whisper(interaction, contribution)
            return
        await self._outgoing.defer_update(interaction)
        if is_cancel(interaction.custom_id):
            await self._take_back(interaction, contribution, "contribute.cancelled")
        else:
            await self._go_on(interaction, contribution, next(iter(interaction.values), None))

    async def accepted(self, interaction: hikari.ComponentInteraction, contribution_id: int) -> None:
        """Go on with a text whose person has accepted the terms; the click has its deferred update."""
        contribution = await self._waiting(interaction, contribution_id)
        if isinstance(contribution, Panel):
            await self._outgoing.whisper_more(interaction, contribution)
        else:
            await self._go_on(interaction, contribution)

    async def _waiting(
        self, interaction: hikari.ComponentInteraction, contribution_id: int | None
    ) -> Contribution | Panel:
        """Find a text of the person that waits for their word, or say why there is none."""
        found = None if contribution_id is None else await self._contributions.get(contribution_id)
        texts = texts_for(str(interaction.locale))
        if found is None or found.user_id != int(interaction.user.id) or found.returned is not None:
            return Panel(texts("contribute.expired"))
        return found if found.confirmed_by is None else Panel(texts("contribute.already"))

    async def _go_on(
        self,
        interaction: hikari.ComponentInteraction,
        contribution: Contribution,
        chosen: str | None = None,
    ) -> None:
        """Ask for what is still missing, else hand a text in; completes a deferred update."""
        refusal = await self._refusal(interaction)
        if refusal is not None:
            await self._take_back(interaction, contribution, refusal)
            return
        with self._services.sessions.contributing.handling(contribution.submitted_by):
            missing = await self._missing(interaction, contribution, chosen)
            if isinstance(missing, str) and not await self._contributions.confirm(
                contribution.id, missing, int(interaction.id)
            ):
                await self._say_too_late(interaction, contribution)
                return
            await self._answer(interaction, contribution, missing)

    async def _missing(
        self, interaction: Answerable, contribution: Contribution, chosen: str | None = None
    ) -> Panel | str:
        """Give the panel that asks for what is missing; where nothing is, the language."""
        texts = texts_for(str(interaction.locale))
        if await terms_needed(self._services.store.people, int(interaction.user.id)):
            return terms_panel(ContributeWish(contribution.id), texts)
        known = await self._languages(interaction)
        lang = known[0] if len(known) == 1 else chosen
        if lang is None or lang not in known:
            return language_panel(contribution, known, texts)
        return lang

    async def _answer(
        self,
        interaction: hikari.ModalInteraction | hikari.ComponentInteraction,
        contribution: Contribution,
        missing: Panel | str,
    ) -> None:
        """Complete a deferred answer: with what is still asked, or what became of the text."""
        if isinstance(missing, Panel):
            await self._outgoing.finish(interaction, missing)
            await self._contributions.set_asked(contribution.id)
            return
        await self._services.sessions.contributing.hand_in(interaction, contribution.id)
        await self._services.sessions.tell_missed(interaction)

    async def _take_back(
        self, interaction: hikari.ComponentInteraction, contribution: Contribution, key: str
    ) -> None:
        """Give a text back to its person, with why; then it is forgotten."""
        texts = texts_for(str(interaction.locale))
        if await self._contributions.take_back(contribution.id, texts(key)):
            await self._services.sessions.contributing.give_back(interaction, contribution.id)
        else:
            await self._say_too_late(interaction, contribution)

    async def _say_too_late(
        self, interaction: hikari.ComponentInteraction, contribution: Contribution
    ) -> None:
        """Another click was faster, and shows in the message what becomes of the text."""
        why = await self._waiting(interaction, contribution.id)
        if isinstance(why, Panel):
            await self._outgoing.whisper_more(interaction, why)

    async def _refusal(self, interaction: Answerable) -> str | None:
        """Give the key of the text that says why nothing can be given here; None where it can."""
        refusal = await self._services.gate.refusal(interaction, Deed.contribute)
        if refusal is not None:
            return refusal
        kinds = (await self._settings(interaction)).task_types
        is_offered = not kinds or TaskRequestType.initial_prompt in kinds
        return None if is_offered else "contribute.not_offered"

    async def _languages(self, interaction: Answerable) -> Sequence[str]:
        """List the languages that a text of a person can be in, at least one.

        Those that they work in, as far as the server offers them; else those that it offers.
        """
        people, settings = self._services.store.people, await self._settings(interaction)
        user_id = int(interaction.user.id)
        known = await people.languages(user_id)
        if not known:
            usual = await people.language(user_id) or settings.language
            known = [usual or languages.of_locale(str(interaction.locale))]
        offered = settings.languages
        return [lang for lang in known if not offered or lang in offered] or offered

    async def _settings(self, interaction: Answerable) -> GuildSettings:
        if interaction.guild_id is None:
            return DEFAULTS
        return await self._services.store.guilds.settings(int(interaction.guild_id))

    def _problem(self, text: str, locale: str) -> str | None:
        """Say what is to be mended of a text before it can be given; None where nothing is."""
        texts, longest = texts_for(locale), self._services.settings.message_size_limit
        if is_blank(text):
            return texts("problem.text_empty")
        if len(text) > longest:
            return texts("problem.text_too_long", length=len(text), longest=longest)
        return None


def _not_for(interaction: hikari.CommandInteraction, target: hikari.Message) -> str | None:
    """Give the key of the text that says why a message cannot be given by this person; None where it can."""
    if target.author.id == interaction.application_id:
        return "contribute.of_the_bot"
    if target.author.id != interaction.user.id:
        return "contribute.of_somebody_else"
    return "contribute.no_text" if is_blank(target.content or "") else None
