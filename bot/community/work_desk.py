"""Answers the buttons below "there is no task": what there is instead, and who wants to be told of work."""

from dataclasses import dataclass

import hikari

from bot.access import Deed
from bot.community.refusing import is_refused
from bot.forms.controls import row
from bot.people import backend_user
from bot.rendering import times
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.alerts import KEPT
from bot.sessions.no_work import work_button
from bot.sessions.places import Places
from bot.sessions.wish import Wish
from bot.sessions.work_ids import CHOOSE, WorkAction, parse_value, parse_work_id
from bot.store.sessions import Place
from bot.store.work_alerts import WorkAlert
from bot.texts import texts_for


@dataclass(frozen=True)
class _Room:
    """Where a person can be told in a thread: in theirs, or in one that is opened in a channel."""

    guild_id: int
    channel_id: int
    thread_id: int | None


class WorkDesk:
    """Takes what people choose where there was no task for them; whoever clicks acts for themselves alone."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._store = services.store
        self._places = Places(services.cache)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take a click or a choice."""
        if interaction.custom_id == CHOOSE:
            chosen = parse_value(interaction.values[0]) if interaction.values else None
            action = WorkAction.take
        else:
            known = parse_work_id(interaction.custom_id)
            chosen = None if known is None else known.wish
            action = WorkAction.take if known is None else known.action
        if chosen is None:
            text = texts_for(str(interaction.locale))("task.expired_controls")
            await self._outgoing.whisper(interaction, Panel(text))
            return
        if action is WorkAction.take:
            await self._take(interaction, chosen)
            return
        if action is not WorkAction.forget and await is_refused(self._services, interaction, Deed.task):
            return
        match action:
            case WorkAction.tell if interaction.guild_id is not None:
                await self._outgoing.update(interaction, self._where(interaction, chosen))
            case WorkAction.tell | WorkAction.direct:
                await self._keep(interaction, chosen, await self._room(interaction), Place.direct)
            case WorkAction.here:
                await self._here(interaction, chosen)
            case WorkAction.forget:
                await self._forget(interaction, chosen)

    async def _take(self, interaction: hikari.ComponentInteraction, wish: Wish) -> None:
        if interaction.message.flags & hikari.MessageFlag.EPHEMERAL:
            await self._outgoing.defer_update(interaction)
        else:
            # The news of work stays for all who can read it; what comes of a click is private.
            await self._outgoing.defer(interaction)
        await self._services.sessions.offer(interaction, wish)

    def _where(self, interaction: hikari.ComponentInteraction, wish: Wish, *, note: str = "") -> Panel:
        texts = texts_for(str(interaction.locale))
        actions = [WorkAction.here, WorkAction.direct, WorkAction.forget]
        if note:
            actions.remove(WorkAction.here)
        buttons = [work_button(action, wish, texts) for action in actions]
        question = texts("work.where", what=wish.words(texts))
        return Panel(f"{note}\n{question}".strip(), rows=(row(*buttons),))

    async def _here(self, interaction: hikari.ComponentInteraction, wish: Wish) -> None:
        room = await self._room(interaction)
        if room is not None:
            await self._keep(interaction, wish, room, Place.thread)
            return
        note = texts_for(str(interaction.locale))("work.not_here")
        await self._outgoing.update(interaction, self._where(interaction, wish, note=note))

    async def _room(self, interaction: hikari.ComponentInteraction) -> _Room | None:
        """Find the person's own thread, or a channel in which one can be opened once there is news."""
        if interaction.guild_id is None:
            return None
        guild_id, here = int(interaction.guild_id), int(interaction.channel_id)
        parent_id = await self._store.sessions.parent_of_thread(int(interaction.user.id), here)
        if parent_id is not None:
            return _Room(guild_id, parent_id, here)
        destination = self._places.choose(
            interaction, await self._store.guilds.settings(guild_id), direct=False
        )
        is_thread = destination.place is Place.thread
        return _Room(guild_id, destination.channel_id, None) if is_thread else None

    async def _keep(
        self,
        interaction: hikari.ComponentInteraction,
        wish: Wish,
        room: _Room | None,
        place: Place,
    ) -> None:
        """Write down who wants to be told of what; with direct messages the room is for need."""
        now = self._services.clock.now()
        alert = WorkAlert(
            user=backend_user(interaction),
            locale=str(interaction.locale),
            task_type=wish.task_type,
            lang=wish.lang,
            guild_id=None if room is None else room.guild_id,
            place=place,
            parent_id=int(interaction.channel_id) if room is None else room.channel_id,
            thread_id=None if room is None else room.thread_id,
            asked_at=now,
        )
        await self._store.work_alerts.put(alert)
        where = "work.told.direct"
        if place is Place.thread:
            where = "work.told.channel" if alert.thread_id is None else "work.told.here"
        texts = texts_for(str(interaction.locale))
        text = texts(
            "work.told",
            what=wish.words(texts),
            where=texts(where, channel=f"<#{alert.parent_id}>"),
            time=times.date(now + KEPT),
        )
        button = work_button(WorkAction.forget, wish, texts)
        await self._outgoing.update(interaction, Panel(text, rows=(row(button),)))

    async def _forget(self, interaction: hikari.ComponentInteraction, wish: Wish) -> None:
        await self._store.work_alerts.remove(int(interaction.user.id), wish.task_type, wish.lang)
        text = texts_for(str(interaction.locale))("work.forgotten")
        await self._outgoing.update(interaction, Panel(text))
