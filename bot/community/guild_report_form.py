"""The form in which people tell a server's moderators what is wrong with somebody's message."""

from typing import Final

import hikari
from hikari.impl import ModalActionRowBuilder, TextInputBuilder

from bot import limits
from bot.numbers import number_in
from bot.rendering.blank import is_blank
from bot.rendering.giving_back import given_back
from bot.rendering.panels import ModalPanel, Panel
from bot.router import value_of
from bot.services import Services
from bot.store.guild_reports import GuildReport
from bot.store.report_forms import ReportForm
from bot.texts import Texts, texts_for

ID_PREFIX: Final = "guild_report:1:"
"""What the form's id starts with; then comes the id of the interaction that opened it."""

NOTE_INPUT: Final = "note"

MOST_OPEN: Final = 25
"""Reports of one person that the moderators of a server may have before them at the same time."""


class GuildReportForm:
    """Takes reports of ordinary messages: records for the server's moderators, never part of a dataset."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._reports = services.store.guild_reports
        self._forms = services.store.report_forms

    async def ask(self, interaction: hikari.CommandInteraction, target: hikari.Message) -> None:
        """Answer by opening the form; who reported the message before finds what they said.

        Args:
            interaction: unanswered, on a server.
            target: an ordinary message of somebody else; nothing of what it says is kept.
        """
        texts = texts_for(str(interaction.locale))
        guild_id, user_id = interaction.guild_id, int(interaction.user.id)
        if guild_id is None:
            raise ValueError("a report for moderators belongs to a server")
        form = ReportForm(
            interaction_id=int(interaction.id),
            guild_id=int(guild_id),
            channel_id=int(interaction.channel_id),
            message_id=int(target.id),
            author_id=int(target.author.id),
            reporter_id=user_id,
        )
        earlier = await self._reports.of(user_id, form.message_id)
        if await self._is_one_too_many(form, earlier):
            await self._outgoing.whisper(interaction, Panel(texts("guild_report.too_many", count=MOST_OPEN)))
            return
        await self._forms.open(form, now=self._services.clock.now())
        await self._outgoing.ask(
            interaction, _modal(form.interaction_id, texts, earlier.note if earlier else "")
        )

    async def submit(self, interaction: hikari.ModalInteraction) -> None:
        """Take a report: it is kept before anybody is thanked."""
        texts = texts_for(str(interaction.locale))
        note = value_of(interaction, NOTE_INPUT).strip()
        form = await self._form(interaction)
        if form is None:
            await self._outgoing.whisper_all(interaction, given_back(note, texts("guild_report.expired")))
            return
        if is_blank(note):
            await self._outgoing.whisper(interaction, Panel(texts("guild_report.empty")))
            return
        async with self._services.store.database.transaction():
            # Asked again: any number of forms can be open at the same time.
            earlier = await self._reports.of(form.reporter_id, form.message_id)
            is_too_many = await self._is_one_too_many(form, earlier)
            taken = None if is_too_many else await self._keep(form, note)
        if taken is None:
            why = texts("guild_report.too_many", count=MOST_OPEN)
            await self._outgoing.whisper_all(interaction, given_back(note, why))
            return
        is_first, is_news = taken
        key = "guild_report.taken" if is_first else "guild_report.corrected"
        await self._outgoing.whisper(interaction, Panel(texts(key)))
        if is_news:
            await self._services.log.reported(form)

    async def _is_one_too_many(self, form: ReportForm, earlier: GuildReport | None) -> bool:
        """Whether a report would be one open report more than a person may have; a correction is none."""
        if earlier is not None and earlier.settled_at is None:
            return False
        return await self._reports.count_open_by(form.guild_id, form.reporter_id) >= MOST_OPEN

    async def _keep(self, form: ReportForm, note: str) -> tuple[bool, bool]:
        """Keep a report, in the caller's transaction; give whether it is the person's first, and is news."""
        is_news = not await self._reports.is_open_of(form.message_id)
        is_first = await self._reports.put(
            guild_id=form.guild_id,
            channel_id=form.channel_id,
            message_id=form.message_id,
            author_id=form.author_id,
            reporter_id=form.reporter_id,
            note=limits.trim(note, limits.REPORT_NOTE),
            now=self._services.clock.now(),
        )
        await self._forms.close(form.interaction_id)
        return is_first, is_news

    async def _form(self, interaction: hikari.ModalInteraction) -> ReportForm | None:
        """Find what a form is about, if it was opened for this person on this server."""
        opened_by = number_in(interaction.custom_id.removeprefix(ID_PREFIX))
        form = None if opened_by is None else await self._forms.get(opened_by)
        is_theirs = (
            form is not None
            and form.reporter_id == int(interaction.user.id)
            and interaction.guild_id is not None
            and form.guild_id == int(interaction.guild_id)
        )
        return form if is_theirs else None


def _modal(interaction_id: int, texts: Texts, note: str) -> ModalPanel:
    """Return the form, with what the person said of the message before."""
    entry = TextInputBuilder(
        custom_id=NOTE_INPUT,
        label=limits.trim(texts("guild_report.label"), limits.MODAL_LABEL),
        style=hikari.TextInputStyle.PARAGRAPH,
        placeholder=limits.trim(texts("guild_report.placeholder"), limits.MODAL_PLACEHOLDER),
        value=note or hikari.UNDEFINED,
        required=True,
        max_length=limits.REPORT_NOTE,
    )
    return ModalPanel(
        f"{ID_PREFIX}{interaction_id}",
        limits.trim(texts("guild_report.title"), limits.MODAL_TITLE),
        (ModalActionRowBuilder(components=[entry]),),
    )
