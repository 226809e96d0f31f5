"""Answers /me and its controls, each to the one person who asked, in one message that changes in place."""

from uuid import UUID

import hikari
from loguru import logger

from bot.access import Deed
from bot.community.me_editing import Editing
from bot.community.me_ids import MeAction, MeId, parse_me_id
from bot.community.me_overview import problem_panel
from bot.community.me_pages import MePages
from bot.community.refusing import is_refused
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.services import Services
from bot.texts import texts_for
from oasst_client import NotAuthorizedError, NotFoundError, OasstError, OasstErrorCode, User


class MeDesk:
    """Shows people what they gave. Whoever clicks sees and changes what is their own, whatever an id says."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._outgoing = services.outgoing
        self._pages = MePages(services)
        self._editing = Editing(services, self._pages)

    async def open(self, interaction: hikari.CommandInteraction) -> None:
        """Answer the command."""
        await self._outgoing.defer(interaction)
        refusal = await self._services.gate.refusal(interaction, Deed.me)
        if refusal is not None:
            await self._outgoing.finish(interaction, Panel(texts_for(str(interaction.locale))(refusal)))
            return
        await self._outgoing.finish(interaction, await self._pages.overview(interaction))

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Take a click or a choice."""
        texts = texts_for(str(interaction.locale))
        refusal = await self._services.gate.refusal(interaction, Deed.me)
        known = _meant(interaction)
        if refusal is not None or known is None:
            await self._outgoing.whisper(interaction, Panel(texts(refusal or "error.expired")))
            return
        if known.action is MeAction.edit and known.message_id is not None:
            await self._editing.ask(interaction, known.message_id)
            return
        if interaction.message.flags & hikari.MessageFlag.EPHEMERAL:
            await self._outgoing.defer_update(interaction)
        else:
            # Wherever a control of this kind may stand: what it shows is for the person alone.
            await self._outgoing.defer(interaction)
        if known.message_id is not None:
            await self._on_text(interaction, known, known.message_id)
            return
        match known.action:
            case MeAction.page:
                panel = await self._pages.page(interaction, known.page)
            case MeAction.hide | MeAction.show:
                panel = await self._set_on_boards(interaction, known)
            case MeAction.anonymous | MeAction.named:
                panel = await self._set_anonymous(interaction, wanted=known.action is MeAction.anonymous)
            case _:
                panel = await self._pages.overview(interaction)
        await self._outgoing.finish(interaction, panel)

    async def submit(self, interaction: hikari.ModalInteraction) -> None:
        """Take the form with another wording."""
        if not await is_refused(self._services, interaction, Deed.me):
            await self._editing.submit(interaction)

    async def _on_text(self, interaction: hikari.ComponentInteraction, known: MeId, message_id: UUID) -> None:
        match known.action:
            case MeAction.save:
                await self._editing.save(interaction, message_id)
            case MeAction.discard:
                await self._editing.discard(interaction, message_id)
            case MeAction.withdraw_now:
                await self._editing.withdraw(interaction, message_id)
            case _:
                asks = known.action is MeAction.withdraw
                panel = await self._pages.one(interaction, message_id, back=known.page, asks=asks)
                await self._outgoing.finish(interaction, panel)

    async def _set_on_boards(self, interaction: hikari.ComponentInteraction, known: MeId) -> Panel:
        texts = texts_for(str(interaction.locale))
        shown = known.action is MeAction.show
        try:
            await self._tell_boards(backend_user(interaction), shown=shown)
        except NotAuthorizedError:
            return await self._pages.overview(interaction, notice=texts("me.boards.not_trusted"))
        except OasstError as error:
            logger.warning("Somebody could not be hidden or shown: {}", type(error).__name__)
            return problem_panel(texts("me.boards.failed"), known, texts)
        return await self._pages.overview(interaction, notice=texts(f"me.boards.{known.action.value}"))

    async def _tell_boards(self, user: User, *, shown: bool) -> None:
        client = self._services.client
        try:
            person = await client.fetch_user(user)
        except NotFoundError as error:
            if error.code != OasstErrorCode.user_not_found:
                raise
            # They have not done anything yet: the wish makes them known.
            person = await client.put_user(user)
        # Not by `put_user`: it writes back what it read, and so what a moderator changes meanwhile.
        await client.update_user(person.user_id, show_on_leaderboard=shown)

    async def _set_anonymous(self, interaction: hikari.ComponentInteraction, *, wanted: bool) -> Panel:
        texts = texts_for(str(interaction.locale))
        people = self._services.store.people
        await people.set_anonymous(int(interaction.user.id), wanted=wanted, now=self._services.clock.now())
        notice = texts("me.logs.anonymous" if wanted else "me.logs.named")
        return await self._pages.overview(interaction, notice=notice)


def _meant(interaction: hikari.ComponentInteraction) -> MeId | None:
    """Read what a click means; a choice from the list means the text that was chosen."""
    known = parse_me_id(interaction.custom_id)
    if known is None or known.action is not MeAction.look:
        return known
    try:
        return MeId(MeAction.one, UUID(next(iter(interaction.values), "")), known.page)
    except ValueError:
        return None
