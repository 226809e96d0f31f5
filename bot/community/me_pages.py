"""Builds the pages of /me from what the backend tells and the bot has kept."""

from collections.abc import Awaitable, Mapping
from typing import Final
from uuid import UUID

from loguru import logger

from bot.community.history import History, HistoryPage, NotOwnError
from bot.community.history_panel import OwnView, draft_panel, own_panel, page_panel
from bot.community.me_form import form_parts
from bot.community.me_ids import FIRST_PAGE, MeAction, MeId, PageRef
from bot.community.me_overview import Standing, newcomer_panel, overview_panel, problem_panel
from bot.outgoing import Answerable
from bot.people import backend_user
from bot.rendering.panels import Panel
from bot.services import Services
from bot.sessions.posting import Origin
from bot.store.outbox import OutboxEntry, OutboxKind
from bot.texts import texts_for
from oasst_client import (
    Contribution,
    NotFoundError,
    OasstError,
    OasstErrorCode,
    RefusedError,
    TaskRequestType,
    TextReplyToMessage,
    UserScore,
    interaction_adapter,
)

_HISTORY: Final = MeId(MeAction.page)


class MePages:
    """The pages, each for the one person who asks; what is amiss becomes a page that says so."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.store
        self._client = services.client
        self._history = History(services.client)

    async def overview(self, interaction: Origin, *, notice: str = "") -> Panel:
        """Show where somebody stands."""
        again = MeId(MeAction.overview)
        return await self._or_problem(self._overview(interaction, notice), again, interaction)

    async def page(self, interaction: Origin, here: PageRef = FIRST_PAGE, *, notice: str = "") -> Panel:
        """Show a page of somebody's texts."""
        again = MeId(MeAction.page, page=here)
        return await self._or_problem(self._page(interaction, here, notice), again, interaction)

    async def one(
        self,
        interaction: Answerable,
        message_id: UUID,
        *,
        back: PageRef = FIRST_PAGE,
        notice: str = "",
        asks: bool = False,
        with_draft: bool = True,
    ) -> Panel:
        """Show one text whole.

        Args:
            interaction: of whoever wrote it.
            message_id: the backend's id of it.
            back: the page of the list that it was chosen on.
            notice: a line about what they just did.
            asks: whether to ask if it is really to be withdrawn, where that can be done.
            with_draft: whether to show another wording that is not saved.
        """

        async def make() -> Panel:
            item, told_all = await self._history.one(backend_user(interaction), message_id)
            return await self.shown(
                interaction,
                item,
                told_all=told_all,
                back=back,
                notice=notice,
                asks=asks,
                with_draft=with_draft,
            )

        panel = await self._or_problem(make(), MeId(MeAction.one, message_id), interaction)
        own = await self._store.own_texts.get(int(interaction.user.id), message_id) if with_draft else None
        if panel.embeds or own is None or own.draft is None:
            return panel
        # The text cannot be shown; what was not saved is there all the same.
        return draft_panel(own, texts_for(str(interaction.locale)), notice=panel.content)

    async def shown(
        self,
        interaction: Answerable,
        item: Contribution,
        *,
        told_all: bool = True,
        back: PageRef = FIRST_PAGE,
        notice: str = "",
        asks: bool = False,
        with_draft: bool = True,
    ) -> Panel:
        """Show one text that was read; what a form is to be filled with is kept first. See `one`."""
        user_id = int(interaction.user.id)
        own = await self._store.own_texts.get(user_id, item.id)
        if item.may_edit:
            now = self._services.clock.now()
            own = await self._store.own_texts.keep(user_id, item.id, item.text, now=now)
        draft = own.draft if own is not None and with_draft else None
        view = OwnView(
            item=item,
            told_all=told_all,
            draft=draft,
            editable=item.may_edit and form_parts(draft or item.text) is not None,
            back=back,
        )
        texts = texts_for(str(interaction.locale))
        return own_panel(view, texts, notice=notice, asks=asks and item.may_withdraw)

    async def _overview(self, interaction: Origin, notice: str) -> Panel:
        texts = texts_for(str(interaction.locale))
        anonymous = await self._store.people.is_anonymous(int(interaction.user.id))
        try:
            person = await self._client.fetch_user(backend_user(interaction))
        except NotFoundError as error:
            if error.code != OasstErrorCode.user_not_found:
                raise
            return await self._newcomer(interaction, anonymous=anonymous, notice=notice)
        scores = await self._scores(person.user_id)
        return overview_panel(Standing(person, scores, anonymous), texts, notice=notice)

    async def _scores(self, user_id: UUID) -> Mapping[str, UserScore]:
        try:
            return await self._client.fetch_user_scores(user_id)
        except NotFoundError:
            # Somebody without a score, or a backend without scores.
            return {}

    async def _page(self, interaction: Origin, here: PageRef, notice: str) -> Panel:
        texts = texts_for(str(interaction.locale))
        user_id = int(interaction.user.id)
        waiting = [_text_in(entry) for entry in reversed(await self._store.outbox.waiting_of(user_id))]
        drafts = [] if here != FIRST_PAGE else await self._store.own_texts.drafted(user_id)
        try:
            page = await self._history.page(backend_user(interaction), here)
        except NotFoundError as error:
            if error.code != OasstErrorCode.user_not_found:
                raise
            anonymous = await self._store.people.is_anonymous(user_id)
            return await self._newcomer(interaction, anonymous=anonymous, notice=notice)
        except RefusedError as error:
            if error.code != OasstErrorCode.invalid_cursor_value or here == FIRST_PAGE:
                raise
            return await self._page(interaction, FIRST_PAGE, notice)
        except OasstError as error:
            logger.warning("Somebody's texts could not be read: {}", type(error).__name__)
            page, notice = HistoryPage.unread(), texts("me.backend_away")
        arrived = {item.frontend_message_id for item in page.items}
        under_way = [one.text for one in waiting if one is not None and one.user_message_id not in arrived]
        return page_panel(page, under_way, drafts, texts, notice=notice)

    async def _newcomer(self, interaction: Origin, *, anonymous: bool, notice: str) -> Panel:
        wish = await self._services.sessions.wish(interaction, TaskRequestType.random, None)
        texts = texts_for(str(interaction.locale))
        return newcomer_panel(wish, anonymous=anonymous, texts=texts, notice=notice)

    async def _or_problem(self, making: Awaitable[Panel], again: MeId, interaction: Answerable) -> Panel:
        texts = texts_for(str(interaction.locale))
        try:
            return await making
        except NotOwnError:
            return problem_panel(texts("me.not_own"), _HISTORY, texts, key="me.button.back")
        except OasstError as error:
            logger.warning("/me could not read the page {}: {}", again.action.value, type(error).__name__)
            return problem_panel(texts("me.backend_away"), again, texts)


def _text_in(entry: OutboxEntry) -> TextReplyToMessage | None:
    """Read the text out of an entry of the outbox; None where it holds something else."""
    if entry.kind is not OutboxKind.answer:
        return None
    answer = interaction_adapter.validate_json(entry.payload)
    return answer if isinstance(answer, TextReplyToMessage) else None
