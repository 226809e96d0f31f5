"""Answers /data and its buttons: gives people what is kept of them, and deletes it."""

import asyncio
from typing import Any

import hikari

from bot.access import Deed
from bot.community.backend_data import read_backend_data
from bot.community.data_files import Document, files_of, plain, without_authors
from bot.community.data_panel import Step, Unfinished, Way, first_step, parse, second_step
from bot.community.refusing import is_refused
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.posting import Origin
from bot.store.outbox import OutboxKind
from bot.texts import texts_for


class DataDesk:
    """Everybody's own data: nobody gets at another's."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.store
        self._outgoing = services.outgoing

    async def export(self, interaction: Origin) -> None:
        """Give the person all that is kept of them, here and at the backend, as files that only they see.

        One after the other: who presses again and again must not keep the bot from everybody else.
        """
        if await is_refused(self._services, interaction, Deed.data):
            return
        await self._outgoing.defer(interaction)
        async with self._services.gathering.soon(int(interaction.user.id), 0.0) as is_free:
            if is_free:
                await self._give(interaction)
            else:
                busy = texts_for(str(interaction.locale))("data.export.busy")
                await self._outgoing.finish(interaction, Panel(busy))

    async def _give(self, interaction: Origin) -> None:
        """Complete a deferred answer with the person's data."""
        texts = texts_for(str(interaction.locale))
        user_id = int(interaction.user.id)
        here = await self._rows(user_id)
        backend = await read_backend_data(
            self._services.client, self._services.sessions.health, backend_user(interaction)
        )
        documents = [Document("bot", here)]
        if backend.rows is not None:
            documents.append(Document("dataset", backend.rows))
        # To write and to pack much of it takes its time, which is nobody else's.
        first, *more = await asyncio.to_thread(
            files_of, documents, person=str(user_id), made_at=self._services.clock.now()
        )
        said = f"{texts('data.export.here')}\n\n{texts(backend.note, id=f'discord:{user_id}')}"
        await self._outgoing.finish(interaction, Panel(said, files=first))
        for files in more:
            await self._outgoing.whisper_more(interaction, Panel(texts("data.export.more"), files=files))

    async def ask(self, interaction: Origin) -> None:
        """Show the two ways to delete one's data."""
        if await is_refused(self._services, interaction, Deed.data):
            return
        user_id = int(interaction.user.id)
        texts = texts_for(str(interaction.locale))
        await self._outgoing.whisper(interaction, first_step(user_id, await self._unfinished(user_id), texts))

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take a step towards a deletion, or back."""
        texts = texts_for(str(interaction.locale))
        event = parse(interaction.custom_id)
        user_id = int(interaction.user.id)
        if event is None or event.user_id != user_id:
            key = "error.expired" if event is None else "data.not_yours"
            await self._outgoing.whisper(interaction, Panel(texts(key)))
            return
        if await is_refused(self._services, interaction, Deed.data):
            return
        match event.step, event.way:
            case Step.do, Way() as way:
                await self._outgoing.defer_update(interaction)
                await self._services.sessions.erase(interaction, keep_texts=way is Way.keep)
            case Step.ask, Way() as way:
                panel = second_step(user_id, way, await self._unfinished(user_id), texts)
                await self._outgoing.update(interaction, panel)
            case Step.back, _:
                panel = first_step(user_id, await self._unfinished(user_id), texts)
                await self._outgoing.update(interaction, panel)
            case _:
                await self._outgoing.update(interaction, Panel(texts("data.cancelled")))

    async def _unfinished(self, user_id: int) -> Unfinished:
        live = await self._store.sessions.live_of(user_id)
        waiting = await self._store.outbox.waiting_of(user_id)
        given = [entry for entry in waiting if entry.kind in {OutboxKind.answer, OutboxKind.labels}]
        return Unfinished(live is not None, len(given))

    async def _rows(self, user_id: int) -> dict[str, list[dict[str, Any]]]:
        """Read all that the bot itself keeps of a person."""
        rows: dict[str, list[dict[str, Any]]] = {}
        async for table, row in self._store.personal.rows(user_id):
            if table == "outbox" and row["kind"] == OutboxKind.erase:
                # It holds what the answer to the person's press is changed with, which is no data of theirs.
                del row["payload"]
            if table == "sessions":
                row["task"] = without_authors(row["task"])
            rows.setdefault(table, []).append(plain(row))
        return rows
