"""Labels and reports of messages of the dataset: finds the message, asks what is to be said, hands it in."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import hikari

from bot.community.label_choice import LabelKind, choice_panel, chosen_message, post_of
from bot.community.label_source import LabelSource, NotLabelledError
from bot.forms.base import FormEvent, FormProblem
from bot.forms.custom_ids import Action, parse
from bot.forms.labels import FreeLabelForm, FreeLabelState
from bot.outgoing import Answerable, repeat_safely
from bot.people import backend_user
from bot.permissions import may_see
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.posting import Origin
from bot.sessions.presenting import problem_text
from bot.sessions.terms import LabelWish, ReportWish, terms_needed, terms_panel
from bot.store.label_panels import LabelPanel
from bot.store.outbox import OutboxState
from bot.store.shown import ShownMessage
from bot.texts import Texts, texts_for

SECONDS_FOR_OUTCOME: Final = 3.0
"""How long a person waits to read what the backend says; after that they read that it is kept."""

_FORM: Final = FreeLabelForm()


class LabelDesk:
    """Lets people label and report messages of the dataset where the bot posted them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._panels = services.store.label_panels
        self._source = LabelSource(services)

    async def open(self, interaction: hikari.CommandInteraction, target: hikari.Message) -> None:
        """Answer the menu "Label" on a post: ask for labels, or which message is meant, or say why not."""
        shown = await self.shown_on(interaction, target)
        if shown:
            await self.open_on(interaction, target, shown, LabelKind.labels)
        else:
            texts = texts_for(str(interaction.locale))
            await self._outgoing.whisper(interaction, Panel(content=texts("label_menu.not_a_task")))

    async def shown_on(
        self, interaction: hikari.CommandInteraction, target: hikari.Message
    ) -> list[ShownMessage]:
        """List what a post shows of the dataset, from the bot's own memory alone."""
        if target.author.id != interaction.application_id:
            return []
        return await self._services.store.shown.on(int(target.id))

    async def open_on(
        self,
        interaction: hikari.CommandInteraction,
        target: hikari.Message,
        shown: Sequence[ShownMessage],
        kind: LabelKind,
    ) -> None:
        """Answer a menu, unanswered so far, on a post that shows messages of the dataset."""
        await self._outgoing.defer(interaction)
        if not await self._allowed(interaction, kind):
            return
        if len(shown) > 1:
            texts = texts_for(str(interaction.locale))
            await self._outgoing.finish(interaction, choice_panel(target, shown, kind, texts))
        else:
            await self.begin(interaction, shown[0].backend_message_id, kind)

    async def choose(self, interaction: hikari.ComponentInteraction) -> None:
        """Go on with the message that the person chose among several."""
        await self._outgoing.defer_update(interaction)
        texts = texts_for(str(interaction.locale))
        kind, post_id = post_of(interaction.custom_id) or (LabelKind.labels, 0)
        chosen = chosen_message(interaction.values, await self._services.store.shown.on(post_id))
        if chosen is None:
            await self._outgoing.finish(interaction, Panel(content=texts(f"{kind.value}.not_a_task")))
        else:
            await self.begin(interaction, chosen.backend_message_id, kind)

    async def begin(
        self,
        interaction: Origin,
        message_id: UUID,
        kind: LabelKind,
    ) -> None:
        """Ask what is to be said of one message, or for the terms first.

        Args:
            interaction: deferred; its answer is completed here.
            message_id: the backend's id of a message that stands where the person is.
            kind: what they do with it.
        """
        if not await self._allowed(interaction, kind):
            return
        texts = texts_for(str(interaction.locale))
        if not await self._services.store.shown.stands_in(int(interaction.channel_id), message_id):
            # A control can say anything; what counts is what stands before the person.
            await self._outgoing.finish(interaction, Panel(content=texts(f"{kind.value}.not_a_task")))
            return
        if await terms_needed(self._services.store.people, int(interaction.user.id)):
            wish = ReportWish(message_id) if kind is LabelKind.report else LabelWish(message_id)
            await self._outgoing.finish(interaction, terms_panel(wish, texts))
            return
        try:
            state = await self._source.first_state(message_id, backend_user(interaction), kind, texts)
        except NotLabelledError as reason:
            await self._outgoing.finish(interaction, Panel(content=texts(reason.key)))
            return
        await self.show(interaction, state)

    async def show(self, interaction: Origin, state: FreeLabelState) -> None:
        """Open the panel that takes the answers, as the answer to a deferred interaction."""
        texts = texts_for(str(interaction.locale))
        # The row is there before anybody can press a button of the panel.
        if isinstance(interaction, hikari.ComponentInteraction):
            panel_message_id = int(interaction.message.id)
        else:
            panel_message_id = int((await repeat_safely(interaction.fetch_initial_response)).id)
        await self._panels.open(
            LabelPanel(panel_message_id, int(interaction.user.id), state.model_dump_json()),
            now=self._services.clock.now(),
        )
        await self._outgoing.finish(interaction, _FORM.panel(state, texts))
        await self._services.sessions.tell_missed(interaction)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take an answer on a panel, turn its page, send it or close it."""
        texts = texts_for(str(interaction.locale))
        control = parse(interaction.custom_id)
        shown: Panel | None
        entry_id = None
        # Two clicks at once: each builds on what the other left.
        async with self._services.store.database.transaction():
            panel = await self._panels.get(int(interaction.message.id))
            if panel is None or panel.user_id != int(interaction.user.id) or control is None:
                shown = Panel(content=texts("label_menu.expired"))
            elif refusal := await self._refusal(interaction, _kind(panel)):
                shown = Panel(content=texts(refusal))
            elif control.action is Action.stop and not _state(panel).sent:
                await self._panels.close(panel.panel_message_id)
                shown = Panel(content=texts(f"{_kind(panel).value}.stopped"))
            else:
                event = FormEvent(control.action, control.index, tuple(interaction.values))
                shown, entry_id = await self._take(panel, event, interaction, texts)
        if panel is not None and entry_id is not None:
            await self._tell_outcome(interaction, entry_id, _kind(panel).value, texts)
        elif shown is None:
            await self._outgoing.defer_update(interaction)
        else:
            await self._outgoing.update(interaction, shown)

    async def _take(
        self, panel: LabelPanel, event: FormEvent, interaction: hikari.ComponentInteraction, texts: Texts
    ) -> tuple[Panel | None, int | None]:
        """Keep an answer, or hand all of them in; give what is shown then, or the outbox entry's id."""
        state = _state(panel)
        if state.sent:
            # Whoever presses anything has not seen the outcome yet: the bot may have died before it came.
            return None, await self._services.store.given_labels.outbox_id(
                panel.user_id, state.message_id, is_report=state.is_report
            )
        try:
            after = _FORM.apply(state, event)
        except FormProblem as problem:
            return _FORM.panel(state, texts).with_notice(problem.text(texts)), None
        # What was sent stays known as such: a second press of Send must not read that the panel has expired.
        await self._panels.save_state(panel.panel_message_id, after.model_dump_json())
        if not after.sent:
            return _FORM.panel(after, texts), None
        labels, now = _FORM.interaction(after, user=backend_user(interaction)), self._services.clock.now()
        guild_id = None if interaction.guild_id is None else int(interaction.guild_id)
        entry_id = await self._services.store.outbox.add_labels(labels, now, guild_id=guild_id)
        await self._services.store.given_labels.put(
            panel.user_id,
            after.message_id,
            labels.labels,
            is_report=after.is_report,
            outbox_id=entry_id,
            now=now,
        )
        return None, entry_id

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
        if entry is None:
            return
        is_first = await self._services.store.outbox.set_announced(entry.id)
        if is_first and entry.state is OutboxState.done:
            await self._services.log.labelled(entry)

    async def _allowed(self, interaction: Answerable, kind: LabelKind) -> bool:
        """Tell whether the person may do it here; if not, complete the deferred answer with why."""
        refusal = await self._refusal(interaction, kind)
        if refusal is None:
            return True
        await self._outgoing.finish(interaction, Panel(content=texts_for(str(interaction.locale))(refusal)))
        return False

    async def _refusal(self, interaction: Answerable, kind: LabelKind) -> str | None:
        """Give the key of the text that says why a person may not do it here; None where they may."""
        refusal = await self._services.gate.refusal(interaction, kind.deed)
        if refusal is not None:
            return refusal
        # A direct message is seen by the person alone.
        member = interaction.member
        is_seen = interaction.guild_id is None or (member is not None and may_see(member.permissions))
        return None if is_seen else f"{kind.value}.not_allowed"


def _kind(panel: LabelPanel) -> LabelKind:
    """Say what a panel takes."""
    return LabelKind.report if _state(panel).is_report else LabelKind.labels


def _state(panel: LabelPanel) -> FreeLabelState:
    """Read what was answered on a panel so far."""
    return FreeLabelState.model_validate_json(panel.form_state)
