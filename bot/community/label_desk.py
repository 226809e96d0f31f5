"""Answers the message menu "Label": finds the message of the dataset, asks for labels, hands them in."""

from typing import Final
from uuid import UUID

import hikari
from loguru import logger

from bot.community.label_choice import choice_panel, chosen_message, post_of
from bot.forms.base import FormEvent, FormProblem
from bot.forms.custom_ids import Action, parse
from bot.forms.labels import FreeLabelForm, FreeLabelState
from bot.guild_settings import GuildSettings
from bot.outgoing import Answerable
from bot.people import backend_user
from bot.permissions import may_label
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.presenting import problem_text
from bot.sessions.terms import LabelWish, terms_needed, terms_panel
from bot.store.label_panels import LabelPanel
from bot.store.outbox import OutboxState
from bot.texts import Texts, texts_for
from oasst_client import (
    Message,
    NotFoundError,
    OasstError,
    OasstErrorCode,
    User,
    UserDisabledError,
)

SECONDS_FOR_OUTCOME: Final = 3.0
"""How long a person waits to read what the backend says; after that they read that it is kept."""

_FORM: Final = FreeLabelForm()


class LabelDesk:
    """Lets people label messages of the dataset where the bot posted them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._panels = services.store.label_panels

    async def open(self, interaction: hikari.CommandInteraction, target: hikari.Message) -> None:
        """Answer the menu on a post: ask for labels, or which message is meant, or say why not."""
        await self._outgoing.defer(interaction)
        if not await self._allowed(interaction):
            return
        texts = texts_for(str(interaction.locale))
        shown = await self._services.store.shown.on(int(target.id))
        if not shown or target.author.id != interaction.application_id:
            await self._outgoing.finish(interaction, Panel(content=texts("label_menu.not_a_task")))
        elif len(shown) > 1:
            await self._outgoing.finish(interaction, choice_panel(target, shown, texts))
        else:
            await self.begin(interaction, shown[0].backend_message_id)

    async def choose(self, interaction: hikari.ComponentInteraction) -> None:
        """Go on with the message that the person chose among several."""
        await self._outgoing.defer_update(interaction)
        texts = texts_for(str(interaction.locale))
        post_id = post_of(interaction.custom_id)
        shown = [] if post_id is None else await self._services.store.shown.on(post_id)
        chosen = chosen_message(interaction.values, shown)
        if chosen is None:
            await self._outgoing.finish(interaction, Panel(content=texts("label_menu.not_a_task")))
        else:
            await self.begin(interaction, chosen.backend_message_id)

    async def begin(
        self, interaction: hikari.CommandInteraction | hikari.ComponentInteraction, message_id: UUID
    ) -> None:
        """Ask for labels of one message, or for the terms first.

        Args:
            interaction: deferred; its answer is completed here.
            message_id: the backend's id of the message.
        """
        if not await self._allowed(interaction):
            return
        texts = texts_for(str(interaction.locale))
        if await terms_needed(self._services.store.people, int(interaction.user.id)):
            await self._outgoing.finish(interaction, terms_panel(LabelWish(message_id), texts))
            return
        try:
            state = await self._first_state(message_id, backend_user(interaction))
        except _NotLabelledError as reason:
            await self._outgoing.finish(interaction, Panel(content=texts(reason.key)))
            return
        await self.show(interaction, state)

    async def show(
        self, interaction: hikari.CommandInteraction | hikari.ComponentInteraction, state: FreeLabelState
    ) -> None:
        """Open the panel that takes the answers, as the answer to a deferred interaction."""
        texts = texts_for(str(interaction.locale))
        # The row is there before anybody can press a button of the panel.
        if isinstance(interaction, hikari.ComponentInteraction):
            panel_message_id = int(interaction.message.id)
        else:
            panel_message_id = int((await interaction.fetch_initial_response()).id)
        await self._panels.open(
            LabelPanel(panel_message_id, int(interaction.user.id), state.model_dump_json()),
            now=self._services.clock.now(),
        )
        await self._outgoing.finish(interaction, _FORM.panel(state, texts))
        await self._services.sessions.tell_missed(interaction)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take an answer on a label panel, turn its page, send it or close it."""
        texts = texts_for(str(interaction.locale))
        control = parse(interaction.custom_id)
        if not may_label(*await self._standing(interaction)):
            await self._outgoing.update(interaction, Panel(content=texts("label_menu.not_allowed")))
            return
        shown: Panel | None
        entry_id = None
        # Two clicks at once: each builds on what the other left.
        async with self._services.store.database.transaction():
            panel = await self._panels.get(int(interaction.message.id))
            if panel is None or panel.user_id != int(interaction.user.id) or control is None:
                shown = Panel(content=texts("label_menu.expired"))
            elif control.action is Action.stop:
                await self._panels.close(panel.panel_message_id)
                shown = Panel(content=texts(f"{_words(panel)}.stopped"))
            else:
                event = FormEvent(control.action, control.index, tuple(interaction.values))
                shown, entry_id = await self._take(panel, event, backend_user(interaction), texts)
        if panel is not None and entry_id is not None:
            await self._tell_outcome(interaction, entry_id, _words(panel), texts)
        elif shown is None:
            await self._outgoing.defer_update(interaction)
        else:
            await self._outgoing.update(interaction, shown)

    async def _take(
        self, panel: LabelPanel, event: FormEvent, user: User, texts: Texts
    ) -> tuple[Panel | None, int | None]:
        """Keep an answer, or hand all of them in; give what is shown then, or the outbox entry's id."""
        state = FreeLabelState.model_validate_json(panel.form_state)
        if state.sent:
            return None, None
        try:
            after = _FORM.apply(state, event)
        except FormProblem as problem:
            return _FORM.panel(state, texts).with_notice(problem.text(texts)), None
        # What was sent stays known as such: a second press of Send must not read that the panel has expired.
        await self._panels.save_state(panel.panel_message_id, after.model_dump_json())
        if not after.sent:
            return _FORM.panel(after, texts), None
        labels = _FORM.interaction(after, user=user)
        return None, await self._services.store.outbox.add_labels(labels, self._services.clock.now())

    async def _tell_outcome(
        self, interaction: hikari.ComponentInteraction, entry_id: int, words: str, texts: Texts
    ) -> None:
        """Say what became of labels that were sent, in the words of a section of the catalogue."""
        await self._outgoing.defer_update(interaction)
        entry = await self._services.delivery.outcome(entry_id, SECONDS_FOR_OUTCOME)
        text = texts(f"{words}.kept")
        if entry is not None and entry.state is OutboxState.done:
            text = texts(f"{words}.sent")
        elif entry is not None and entry.state is OutboxState.refused:
            text = texts(f"{words}.refused", reason=problem_text(entry.error_code, texts))
        await self._outgoing.finish(interaction, Panel(content=text))
        if entry is not None:
            await self._services.store.outbox.set_announced(entry.id)

    async def _first_state(self, message_id: UUID, user: User) -> FreeLabelState:
        """Read the message and what may be asked about it.

        Raises:
            _NotLabelledError: it cannot be labelled by this person now.
        """
        client = self._services.client
        try:
            message = await self._message(message_id, user)
            labels = await client.fetch_valid_labels(message_id)
        except NotFoundError as error:
            raise _NotLabelledError("label_menu.gone") from error
        except UserDisabledError as error:
            raise _NotLabelledError("label_menu.disabled") from error
        except OasstError as error:
            logger.warning("A message to label could not be read: {}", type(error).__name__)
            raise _NotLabelledError("label_menu.backend_away") from error
        if message.deleted:
            raise _NotLabelledError("label_menu.gone")
        if message.user_is_author:
            raise _NotLabelledError("label_menu.own")
        if not labels.valid_labels:
            raise _NotLabelledError("label_menu.nothing")
        return _FORM.first_state(message_id, message.text, labels.valid_labels)

    async def _message(self, message_id: UUID, user: User) -> Message:
        try:
            return await self._services.client.fetch_message(message_id, user)
        except NotFoundError as error:
            if error.code != OasstErrorCode.user_not_found:
                raise
            # The backend first hears of a person with what they hand in.
            return await self._services.client.fetch_message(message_id)

    async def _allowed(self, interaction: Answerable) -> bool:
        """Tell whether the person may label here; if not, complete the deferred answer with why."""
        if may_label(*await self._standing(interaction)):
            return True
        text = texts_for(str(interaction.locale))("label_menu.not_allowed")
        await self._outgoing.finish(interaction, Panel(content=text))
        return False

    async def _standing(self, interaction: Answerable) -> tuple[hikari.Permissions, list[int], GuildSettings]:
        """Return what a person may do in this channel, their roles, and the server's settings."""
        if interaction.guild_id is None or interaction.member is None:
            # A direct message is seen by the person alone.
            return hikari.Permissions.VIEW_CHANNEL, [], GuildSettings()
        settings = await self._services.store.guilds.settings(int(interaction.guild_id))
        member = interaction.member
        return member.permissions, [int(role_id) for role_id in member.role_ids], settings


def _words(panel: LabelPanel) -> str:
    """Return the section of the catalogue with what is said about a panel's answers."""
    return "report" if FreeLabelState.model_validate_json(panel.form_state).is_report else "label_menu"


class _NotLabelledError(Exception):
    """A message cannot be labelled; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
