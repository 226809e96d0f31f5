"""Takes a report of a single text of a task: which one, what is wrong with it, then it is handed in."""

from typing import Final

import hikari
from loguru import logger

from bot.community.label_desk import LabelDesk
from bot.forms import form_for
from bot.forms.label_words import asked_labels
from bot.forms.labels import FreeLabelForm
from bot.forms.reporting import chosen_text, session_code
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import texts_for
from oasst_client import REPORT_LABELS, LabelDescription, OasstError

SECONDS_FOR_LABELS: Final = 2.0
"""How long a person waits for the backend's own reasons; after that they choose from the protocol's."""


class ReportDesk:
    """Opens the panel on which people say what is wrong with a text; from there on it is LabelDesk's."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._labels = LabelDesk(services)

    async def choose(self, interaction: hikari.ComponentInteraction) -> None:
        """Go on with the text that was chosen from the menu; the task stays as it is."""
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
        state = FreeLabelForm().first_state(
            chosen.block.message_id, chosen.block.text, await self._reasons(), report_of=chosen.block.heading
        )
        await self._labels.show(interaction, state)

    async def _reasons(self) -> list[LabelDescription]:
        try:
            listed = await self._services.client.within(SECONDS_FOR_LABELS).fetch_report_labels()
        except OasstError as error:
            logger.info("The backend lists no reasons for a report: {}", type(error).__name__)
            return asked_labels((), REPORT_LABELS, ())
        return listed.valid_labels or asked_labels((), REPORT_LABELS, ())
