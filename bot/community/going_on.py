"""Goes on with what a person came for, once nothing stands before it any more."""

import hikari

from bot.access import Deed
from bot.community.contribute_desk import ContributeDesk
from bot.community.label_choice import LabelKind
from bot.community.label_desk import LabelDesk
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.terms import (
    ContributeWish,
    LabelWish,
    Purpose,
    ReportWish,
    terms_needed,
    terms_panel,
)
from bot.sessions.wish import Wish
from bot.texts import texts_for


class GoingOn:
    """Knows for each purpose who takes it up."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._labels = LabelDesk(services)
        self._contributions = ContributeDesk(services)

    async def go_on(self, interaction: hikari.ComponentInteraction, purpose: Purpose) -> None:
        """Do what a person came for, or say why not.

        Args:
            interaction: with its deferred update, on a message of theirs; that message is changed.
            purpose: what they came for; whether they may is asked anew.
        """
        texts = texts_for(str(interaction.locale))
        match purpose:
            case Wish() as wish:
                refusal = await self._services.gate.refusal(interaction, Deed.task)
                if refusal is not None:
                    await self._services.outgoing.finish(interaction, Panel(texts(refusal)))
                elif await terms_needed(self._services.store.people, int(interaction.user.id)):
                    await self._services.outgoing.finish(interaction, terms_panel(wish, texts))
                else:
                    await self._services.sessions.offer(interaction, wish)
            case LabelWish(message_id):
                await self._labels.begin(interaction, message_id, LabelKind.labels)
            case ReportWish(message_id):
                await self._labels.begin(interaction, message_id, LabelKind.report)
            case ContributeWish(contribution_id):
                await self._contributions.accepted(interaction, contribution_id)
