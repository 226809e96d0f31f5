"""Reports: of a single text of a task, of a message of the dataset, or of what a member wrote on a server."""

import hikari

from bot.access import Deed
from bot.community.guild_report_form import GuildReportForm
from bot.community.label_choice import LabelKind
from bot.community.label_desk import LabelDesk
from bot.community.label_source import LabelSource
from bot.community.refusing import is_refused
from bot.forms import form_for
from bot.forms.reporting import chosen_text, session_code
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import texts_for


class ReportDesk:
    """Finds out what a report is about, and opens the panel or the form in which people say what is wrong."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._labels = LabelDesk(services)
        self._source = LabelSource(services)
        self._form = GuildReportForm(services)

    async def open(self, interaction: hikari.CommandInteraction, target: hikari.Message) -> None:
        """Answer the menu "Report"; a form has to be the first answer, so only the bot's memory is asked."""
        if await is_refused(self._services, interaction, Deed.report):
            return
        texts = texts_for(str(interaction.locale))
        shown = await self._labels.shown_on(interaction, target)
        if shown:
            await self._labels.open_on(interaction, target, shown, LabelKind.report)
            return
        why_not = _why_not(interaction, target)
        if why_not is None:
            await self._form.ask(interaction, target)
        else:
            await self._services.outgoing.whisper(interaction, Panel(texts(why_not)))

    async def choose(self, interaction: hikari.ComponentInteraction) -> None:
        """Go on with the text of a task that was chosen from the menu; the task stays as it is."""
        await self._services.outgoing.defer_update(interaction)
        texts = texts_for(str(interaction.locale))
        code = session_code(interaction.custom_id)
        session = await self._services.sessions.authority.session_of_code(interaction, code)
        if session is None:
            await self._services.outgoing.finish(interaction, Panel(texts("report.expired")))
            return
        reportable = form_for(session.task).reportable(session.task, texts)
        chosen = chosen_text(interaction.values, reportable)
        if chosen is None or chosen.block.message_id is None:
            await self._services.outgoing.finish(interaction, Panel(texts("report.without_id")))
            return
        block = chosen.block
        state = await self._source.report(
            chosen.block.message_id, block.text, block.heading, int(interaction.user.id)
        )
        await self._labels.show(interaction, state)


def _why_not(interaction: hikari.CommandInteraction, target: hikari.Message) -> str | None:
    """Give the key of the text that says why a message is not reported to moderators; None where it is."""
    if target.author.id == interaction.application_id:
        return "guild_report.of_the_bot"
    if target.author.id == interaction.user.id:
        return "guild_report.own"
    return "guild_report.direct" if interaction.guild_id is None else None
