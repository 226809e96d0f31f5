"""Asks the table of who may do what before a first answer, and says it where somebody may not."""

from bot.access import Deed
from bot.outgoing import Answerable
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import texts_for


async def is_refused(services: Services, interaction: Answerable, deed: Deed) -> bool:
    """Tell whether a person may not do something here; then they have read why.

    Args:
        services: the bot's.
        interaction: not answered yet.
        deed: what they are about to do.
    """
    refusal = await services.gate.refusal(interaction, deed)
    if refusal is None:
        return False
    await services.outgoing.whisper(interaction, Panel(texts_for(str(interaction.locale))(refusal)))
    return True
