"""Answers /tutorial and the buttons on its panels, which end in a task."""

import hikari

from bot.access import Deed
from bot.community.going_on import GoingOn
from bot.community.refusing import is_refused
from bot.community.tutorial import Act, Step, parse_tutorial_id, tutorial_panel
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import texts_for


class TutorialDesk:
    """Shows the tutorial to one person at a time, in private; it keeps nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._going_on = GoingOn(services)

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command with the first panel."""
        if not await is_refused(self._services, interaction, Deed.tutorial):
            panel = tutorial_panel(Step.start, None, texts_for(str(interaction.locale)))
            await self._outgoing.whisper(interaction, panel)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Turn to another panel, say whether an answer is right, or go on with a task."""
        if await is_refused(self._services, interaction, Deed.tutorial):
            return
        texts = texts_for(str(interaction.locale))
        known = parse_tutorial_id(interaction.custom_id)
        if known is None:
            await self._outgoing.update(interaction, Panel(texts("tutorial.expired")))
        elif known.act is Act.task:
            await self._outgoing.defer_update(interaction)
            purpose = known.purpose or await self._services.sessions.wish(interaction)
            await self._going_on.go_on(interaction, purpose)
        else:
            panel = tutorial_panel(known.step, known.purpose, texts, answer=known.answer)
            await self._outgoing.update(interaction, panel)
