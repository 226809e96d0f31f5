"""Brings texts of the menu "Contribute" to the backend, each as the answer to a task that is got for it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from bot.delivery import Delivery
from bot.forms.writing import WritingState
from bot.guarding import guarded_row
from bot.outgoing import Answerable
from bot.rendering.giving_back import given_back
from bot.rendering.panels import Panel
from bot.sessions.admission import Admission
from bot.sessions.closing import Closing
from bot.sessions.fetching import Fetched, NoTaskError, NothingToDoError, Say, TaskSource
from bot.sessions.guild_rules import Search
from bot.sessions.outcomes import Outcomes
from bot.sessions.parts import Parts
from bot.sessions.presenting import problem_text
from bot.sessions.wish import Wish
from bot.store.contributions import Contribution
from bot.store.outbox import OutboxEntry, OutboxState
from bot.store.sessions import OpenTaskError, Place, Session, SessionState
from bot.texts import Texts, texts_for
from oasst_client import InitialPromptTask, TaskRequestType
from oasst_client.interactions import TextReplyToMessage

SECONDS_FOR_TURN: Final = 20.0
"""How long a text waits for a task that is just being fetched for the same person."""

SECONDS_FOR_OUTCOME: Final = 5.0
"""How long a person waits for the backend's word before they read that their text is kept."""

NOT_ASKED_FOR: Final = "not the task that was asked for"
HANDED_IN: Final = "the text was handed in already"


class Contributing:
    """Hands in first messages, each as a session of its own that is never its person's open task.

    The text is in the database from its submission on, until its session is, or its person has it back.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        admission: Admission,
        closing: Closing,
        source: TaskSource,
        delivery: Delivery,
        outcomes: Outcomes,
        lifetime: timedelta,
    ) -> None:
        self._store = parts.store
        self._outgoing = parts.outgoing
        self._clock = parts.clock
        self._turns = parts.turns
        self._admission = admission
        self._closing = closing
        self._source = source
        self._delivery = delivery
        self._outcomes = outcomes
        self._lifetime = lifetime
        self._in_hand: set[int] = set()

    async def hand_in(self, interaction: Answerable, contribution_id: int) -> None:
        """Hand a confirmed text in, and tell its person what became of it; it is being handled.

        Args:
            interaction: the person's, by which they said all that is needed; deferred, completed here.
            contribution_id: the text's.
        """
        texts = texts_for(str(interaction.locale))
        contribution = await self._store.contributions.get(contribution_id)
        if contribution is None:
            await self._outgoing.finish(interaction, Panel(texts("contribute.expired")))
            return

        async def say(_: Panel) -> None:
            await self._outgoing.finish(interaction, Panel(texts("contribute.slow")))

        try:
            begun = await self._begin(contribution, texts, say)
        except NoTaskError as reason:
            why = _why_none(reason, contribution, texts)
            await self._store.contributions.set_returned(contribution.id, why)
            await self.give_back(interaction, contribution.id)
            return
        if begun is None:
            await self._outgoing.finish(interaction, Panel(texts("contribute.expired")))
            return
        await self._tell_outcome(interaction, *begun, texts)

    async def give_back(self, interaction: Answerable, contribution_id: int) -> None:
        """Complete a deferred answer with why a text goes back, and the text; then it is forgotten."""
        contribution = await self._store.contributions.get(contribution_id)
        if contribution is None or contribution.returned is None:
            return
        first, *more = given_back(contribution.text, contribution.returned)
        await self._closing.keep(int(interaction.channel_id))
        await self._outgoing.finish(interaction, first)
        for panel in more:
            await self._outgoing.whisper_more(interaction, panel)
        await self._store.contributions.remove(contribution.id)

    async def give_back_to(self, interaction: Answerable) -> None:
        """Give a person, who is here now, the texts that could not be handed in while they were away."""
        for contribution in await self._store.contributions.returned_to(int(interaction.user.id)):
            if contribution.submitted_by in self._in_hand:
                continue
            why = contribution.returned or texts_for(str(interaction.locale))("contribute.interrupted")
            await self._closing.keep(int(interaction.channel_id))
            for panel in given_back(contribution.text, why):
                await self._outgoing.whisper_more(interaction, panel)
            await self._store.contributions.remove(contribution.id)

    async def resume(self) -> None:
        """Hand in what an earlier process was to hand in; what cannot be goes back once its person comes."""
        for contribution in await self._store.contributions.to_hand_in():
            if contribution.submitted_by in self._in_hand:
                continue
            with self.handling(contribution.submitted_by), guarded_row(f"handing in text {contribution.id}"):
                await self._resume(contribution)

    async def _resume(self, contribution: Contribution) -> None:
        texts = texts_for(contribution.locale)

        async def say(_: Panel) -> None:
            """Nobody waits."""

        try:
            await self._begin(contribution, texts, say)
        except NoTaskError as reason:
            why = _why_none(reason, contribution, texts)
            await self._store.contributions.set_returned(contribution.id, why)

    @contextmanager
    def handling(self, submitted_by: int) -> Iterator[None]:
        """Leave a text, named by the interaction that brought it, to the block: its person waits for that."""
        self._in_hand.add(submitted_by)
        try:
            yield
        finally:
            self._in_hand.discard(submitted_by)

    async def _begin(self, contribution: Contribution, texts: Texts, say: Say) -> tuple[str, int] | None:
        """Get a task for a text, and put the answer into the outbox.

        Returns:
            The session's code and the outbox entry's id; None where the text is not there any more.

        Raises:
            NoTaskError: there is no such task now.
        """
        async with self._turns.soon(contribution.user_id, SECONDS_FOR_TURN) as is_free:
            if not is_free:
                raise NoTaskError(Panel(texts("contribute.busy")))
            if await self._store.contributions.get(contribution.id) is None:
                # Its person had their data deleted meanwhile: the backend must not hear of them again.
                return None
            if contribution.guild_id is not None:
                settings = await self._store.guilds.settings(contribution.guild_id)
                await self._admission.check_limit(
                    contribution.guild_id, contribution.user_id, settings, texts
                )
            wish = Wish(TaskRequestType.initial_prompt, contribution.lang or "")
            search = Search(wish, (wish.lang,))
            fetched = await self._source.fetch(contribution.user, search, texts, say)
            if not isinstance(fetched.task, InitialPromptTask):
                await self._source.give_back(fetched, NOT_ASKED_FOR)
                raise NothingToDoError(Panel(texts("task.none_now")), None)
            try:
                begun = await self._write_down(contribution, fetched)
            except OpenTaskError:
                # It came of an earlier request, and has a session already.
                await self._store.task_requests.remove(fetched.request.key)
                raise NoTaskError(Panel(texts("task.none_now"))) from None
        if begun is None:
            await self._source.give_back(fetched, HANDED_IN)
        else:
            self._delivery.kick()
        return begun

    async def _write_down(self, contribution: Contribution, fetched: Fetched) -> tuple[str, int] | None:
        """Turn a text into a session whose answer is on its way, in one step."""
        session = self._session(contribution, fetched)
        answer = TextReplyToMessage(
            user=contribution.user,
            message_id=str(session.ack_message_id),
            user_message_id=str(contribution.confirmed_by),
            text=contribution.text,
            lang=contribution.lang,
        )
        now, task_id = self._clock.now(), session.task_id
        async with self._store.database.transaction():
            if not await self._store.contributions.remove(contribution.id):
                return None
            await self._store.sessions.add(session)
            await self._store.task_requests.remove(fetched.request.key)
            await self._store.outbox.add_ack(
                session.code, session.user, task_id, contribution.submitted_by, now
            )
            entry_id = await self._store.outbox.add_answer(session.code, task_id, answer, now)
        return session.code, entry_id

    def _session(self, contribution: Contribution, fetched: Fetched) -> Session:
        return Session(
            code=secrets.token_hex(4),
            user_id=contribution.user_id,
            display_name=contribution.display_name,
            locale=contribution.locale,
            guild_id=contribution.guild_id,
            place=Place.modal,
            parent_id=contribution.channel_id,
            thread_id=None,
            posted_after=contribution.submitted_by,
            # No message shows the task: it is acked with what brought the text.
            ack_message_id=contribution.submitted_by,
            control_message_id=None,
            task=fetched.task,
            lang=contribution.lang or "",
            requested_type=TaskRequestType.initial_prompt,
            state=SessionState.submitted,
            form_state=WritingState(parts=(contribution.text,)).model_dump_json(),
            problem=None,
            created_at=self._clock.now(),
            expires_at=fetched.request.asked_at + self._lifetime,
            ended_at=None,
        )

    async def _tell_outcome(self, interaction: Answerable, code: str, entry_id: int, texts: Texts) -> None:
        outcome = await self._delivery.outcome(entry_id, SECONDS_FOR_OUTCOME)
        await self._outgoing.finish(interaction, Panel(_words(outcome, texts)))
        if outcome is None:
            return
        if outcome.state is OutboxState.refused:
            await self._outcomes.give_back_to(interaction, beside=code)
        else:
            await self._outcomes.tell_rest(outcome)


def _words(outcome: OutboxEntry | None, texts: Texts) -> str:
    if outcome is None:
        return texts("contribute.kept")
    if outcome.state is OutboxState.refused:
        return texts("contribute.refused", reason=problem_text(outcome.error_code, texts))
    return texts("contribute.taken")


def _why_none(reason: NoTaskError, contribution: Contribution, texts: Texts) -> str:
    """Say why a text is not taken now, above the text."""
    words = [reason.panel.content]
    if isinstance(reason, NothingToDoError):
        language = texts.language_name(contribution.lang or "")
        words = [texts("contribute.none_wanted", language=language)]
        if reason.reason is not None and texts.has(f"work.reason.{reason.reason}"):
            words.append(texts(f"work.reason.{reason.reason}"))
    return "\n".join([*words, texts("contribute.text_back")])
