"""Gives people's own texts another wording, and withdraws them; what was typed is kept until it is saved."""

from typing import Final
from uuid import UUID

import hikari
from loguru import logger

from bot.backend_health import brief
from bot.community.history_panel import draft_panel
from bot.community.me_form import form_parts, wording_form, written_text
from bot.community.me_ids import MeAction, MeId, parse_modal_id
from bot.community.me_overview import problem_panel
from bot.community.me_pages import MePages
from bot.outgoing import Clicked
from bot.people import backend_user
from bot.rendering.giving_back import given_back
from bot.services import Services
from bot.sessions.presenting import problem_text
from bot.store.own_texts import OwnText
from bot.texts import texts_for
from oasst_client import (
    NotFoundError,
    NotSupportedError,
    OasstError,
    OasstErrorCode,
    RefusedError,
)

_NEVER: Final = frozenset(
    {OasstErrorCode.message_not_found, OasstErrorCode.user_not_found, OasstErrorCode.invalid_message}
)
"""Codes of a message that will not take another wording any more, whatever it is."""


class Editing:
    """Changes texts of those who wrote them; the backend checks that they did, each time."""

    def __init__(self, services: Services, pages: MePages) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._own = services.store.own_texts
        self._client = services.client
        self._pages = pages

    async def ask(self, interaction: hikari.ComponentInteraction, message_id: UUID) -> None:
        """Open the form, filled with the unsaved wording or the text, from the bot's database alone."""
        texts = texts_for(str(interaction.locale))
        own = await self._own.get(int(interaction.user.id), message_id)
        parts = None if own is None else form_parts(own.text if own.draft is None else own.draft)
        if parts is None:
            again = MeId(MeAction.one, message_id)
            panel = problem_panel(texts("me.edit.stale"), again, texts, key="me.button.look_again")
            if interaction.message.flags & hikari.MessageFlag.EPHEMERAL:
                await self._outgoing.update(interaction, panel)
            else:
                await self._outgoing.whisper(interaction, panel)
            return
        longest = self._services.settings.message_size_limit
        await self._outgoing.ask(interaction, wording_form(message_id, parts, texts, longest_text=longest))

    async def submit(self, interaction: hikari.ModalInteraction) -> None:
        """Take what was typed into the form: keep it, then hand it in."""
        texts = texts_for(str(interaction.locale))
        message_id = parse_modal_id(interaction.custom_id)
        text = written_text(interaction)
        if message_id is None:
            await self._outgoing.tell_all(interaction, given_back(text, texts("error.expired")))
            return
        if text:
            now = self._services.clock.now()
            await self._own.set_draft(int(interaction.user.id), message_id, text, now=now)
        await self._outgoing.defer_update(interaction)
        if text:
            await self.save(interaction, message_id)
        else:
            panel = await self._pages.one(interaction, message_id, notice=texts("problem.text_empty"))
            await self._outgoing.finish(interaction, panel)

    async def save(self, interaction: Clicked, message_id: UUID) -> None:
        """Hand in the wording that is kept; the interaction is deferred, and its answer completed here."""
        texts = texts_for(str(interaction.locale))
        own = await self._own.get(int(interaction.user.id), message_id)
        if own is None or own.draft is None:
            # Another click has saved or discarded it.
            await self._outgoing.finish(interaction, await self._pages.one(interaction, message_id))
            return
        longest = self._services.settings.message_size_limit
        if len(own.draft) > longest:
            notice = texts("problem.text_too_long", length=len(own.draft), longest=longest)
            await self._outgoing.finish(interaction, draft_panel(own, texts, notice=notice))
            return
        try:
            item = await self._client.edit_own_message(backend_user(interaction), message_id, own.draft)
        except OasstError as error:
            await self._not_saved(interaction, own, error)
            return
        await self._own.drop_draft(own.user_id, message_id, own.draft)
        panel = await self._pages.shown(interaction, item, notice=texts("me.edit.saved"))
        await self._outgoing.finish(interaction, panel)

    async def discard(self, interaction: hikari.ComponentInteraction, message_id: UUID) -> None:
        """Forget the wording that is kept; the interaction is deferred, and its answer completed here."""
        await self._own.drop_draft(int(interaction.user.id), message_id)
        notice = texts_for(str(interaction.locale))("me.edit.discarded")
        panel = await self._pages.one(interaction, message_id, notice=notice)
        await self._outgoing.finish(interaction, panel)

    async def withdraw(self, interaction: hikari.ComponentInteraction, message_id: UUID) -> None:
        """Withdraw a text for good; the interaction is deferred, and its answer completed here."""
        texts = texts_for(str(interaction.locale))
        try:
            await self._client.withdraw_message(backend_user(interaction), message_id)
        except OasstError as error:
            logger.warning("A text could not be withdrawn: {}", brief(error))
            if error.code == OasstErrorCode.invalid_message:
                notice = texts("me.withdraw.replied")
            elif error.code == OasstErrorCode.message_not_found:
                notice = ""
            else:
                again = MeId(MeAction.withdraw, message_id)
                panel = problem_panel(texts("me.withdraw.failed"), again, texts)
                await self._outgoing.finish(interaction, panel)
                return
        else:
            await self._own.drop_draft(int(interaction.user.id), message_id)
            notice = texts("me.withdraw.done")
        panel = await self._pages.one(interaction, message_id, notice=notice)
        await self._outgoing.finish(interaction, panel)

    async def _not_saved(self, interaction: Clicked, own: OwnText, error: OasstError) -> None:
        """Say why a wording was not taken; it stays, unless it never can be taken: then it is given back."""
        texts = texts_for(str(interaction.locale))
        logger.warning("Another wording of a text was not taken: {}", brief(error))
        if isinstance(error, NotSupportedError) or error.code in _NEVER:
            shown = await self._pages.one(interaction, own.message_id, with_draft=False)
            await self._outgoing.finish(interaction, shown)
            for panel in given_back(own.draft or "", texts("me.edit.never")):
                await self._outgoing.whisper_more(interaction, panel)
            await self._own.drop_draft(own.user_id, own.message_id, own.draft)
            return
        notice = texts("me.edit.kept")
        if isinstance(error, RefusedError) and not isinstance(error, NotFoundError):
            notice = texts("me.edit.refused", reason=problem_text(error.code, texts))
        await self._outgoing.finish(interaction, draft_panel(own, texts, notice=notice))
