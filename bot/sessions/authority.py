"""Finds the session of a click or a modal, and lets only its owner act on it."""

import hikari

from bot.forms import Panel
from bot.outgoing import Clicked
from bot.sessions import wording
from bot.sessions.offering import Offering
from bot.sessions.parts import Parts
from bot.store.sessions import ANSWERABLE, Place, Session
from bot.texts import texts_for


class Authority:
    """Asks the database at every step: a click itself grants nothing."""

    def __init__(self, parts: Parts, offering: Offering) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._offering = offering

    async def session_of_click(self, interaction: hikari.ComponentInteraction) -> Session | None:
        """Find the session whose controls were clicked, if it is the person's; else say what is amiss."""
        message_id, user_id = int(interaction.message.id), int(interaction.user.id)
        session = await self._store.sessions.by_control(message_id)
        if session is None:
            await self._offering.posted(user_id)
            session = await self._store.sessions.by_control(message_id)
        if session is not None and session.user_id == user_id:
            return session
        if session is None:
            session = await self._store.sessions.by_ack(message_id)
        if session is not None and session.user_id != user_id:
            text = texts_for(str(interaction.locale))("task.not_yours")
            await self._outgoing.whisper(interaction, Panel(text))
        else:
            await self.say_elsewhere(interaction)
        return None

    async def session_of_modal(self, interaction: hikari.ModalInteraction) -> Session | None:
        """Find the person's session for which a modal was opened; its controls may have moved since.

        Never by the person alone: they may have another task by now.
        """
        if interaction.message is None:
            return None
        opened_on = int(interaction.message.id)
        session = await self._store.sessions.by_control(opened_on)
        moved = session is None
        if session is None:
            session = await self._store.sessions.by_ack(opened_on)
        if session is None or session.user_id != int(interaction.user.id):
            return None
        is_private = session.place is Place.ephemeral and session.channel_id == int(interaction.channel_id)
        if moved and is_private and session.state in ANSWERABLE:
            # The newer controls cannot be changed from here, so these count again.
            await self._store.sessions.move_controls(session.code, opened_on)
        return session

    async def session_of_code(self, interaction: hikari.ComponentInteraction, code: str) -> Session | None:
        """Find the session that a button or menu outside its messages names, if it is the person's."""
        session = await self._store.sessions.by_code(code)
        return session if session is not None and session.user_id == int(interaction.user.id) else None

    async def say_elsewhere(self, interaction: Clicked) -> None:
        """Say that a control is of no use any more, and where the person's open task is."""
        live = await self._store.sessions.live_of(int(interaction.user.id))
        await self._outgoing.whisper(interaction, wording.elsewhere(live, interaction))
