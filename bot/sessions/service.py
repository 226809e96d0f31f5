"""The task feature in one object: what commands, clicks and workers call."""

from datetime import timedelta

import hikari

from bot import languages
from bot.clock import Clock
from bot.delivery import Delivery
from bot.forms import custom_ids
from bot.outgoing import Outgoing
from bot.router import Router
from bot.sessions.answering import Answering
from bot.sessions.fetching import Wish
from bot.sessions.offering import Offering
from bot.sessions.outcomes import OnFinished, Outcomes
from bot.sessions.parts import Parts
from bot.sessions.places import Places
from bot.sessions.posting import Origin
from bot.sessions.presenting import Presenter
from bot.settings import BotSettings
from bot.store import Store
from oasst_client import OasstApiClient, TaskRequestType


class TaskSessions:
    """Offers tasks, takes what people do with them, and sees them to their end; its memory is the store.

    Args:
        store: where everything is kept.
        client: the way to the backend for fetching tasks; the rest goes through the outbox.
        outgoing: the way to Discord.
        cache: what hikari knows of guilds, channels and roles.
        clock: the time.
        settings: how long a task and a text may be.
        on_finished: is told once of each session whose answer the backend has; it raises nothing.
    """

    def __init__(
        self,
        *,
        store: Store,
        client: OasstApiClient,
        outgoing: Outgoing,
        cache: hikari.api.Cache,
        clock: Clock,
        settings: BotSettings,
        on_finished: OnFinished,
    ) -> None:
        parts = Parts(store, outgoing, Presenter(settings.message_size_limit), clock)
        self._store = store
        self._clock = clock
        self._outcomes = Outcomes(parts, on_finished)
        self.delivery = Delivery(store, client, clock, self._outcomes.announce)
        self._offering = Offering(
            parts,
            client=client,
            delivery=self.delivery,
            places=Places(cache),
            lifetime=timedelta(hours=settings.task_lifetime_hours),
        )
        self._answering = Answering(
            parts, delivery=self.delivery, offering=self._offering, outcomes=self._outcomes
        )

    def add_routes(self, router: Router) -> None:
        """Take the custom_ids of tasks."""
        router.own(custom_ids.ALL, self._answering.click)
        for prefix in custom_ids.PREFIXES:
            router.own_prefix(prefix, self._answering.click)
        router.own_modal(custom_ids.MODAL, custom_ids.MODAL_INPUTS, self._answering.submit_text)
        router.own_modal(custom_ids.SKIP_MODAL, [custom_ids.SKIP_MODAL_INPUT], self._answering.submit_skip)

    async def offer(
        self,
        interaction: Origin,
        *,
        wanted: TaskRequestType = TaskRequestType.random,
        lang: str | None = None,
    ) -> None:
        """Get a task for a person and show it, or lead them to the one they have.

        Args:
            interaction: deferred with a private "thinking" (`Outgoing.defer`), which is completed here.
            wanted: the kind of task.
            lang: a BCP 47 tag, remembered for the next time; None: the one chosen before, else the locale's.
        """
        user_id = int(interaction.user.id)
        if lang is not None:
            await self._store.people.set_language(user_id, lang, now=self._clock.now())
        chosen = lang or await self._store.people.language(user_id)
        wish = Wish(wanted, chosen or languages.of_locale(str(interaction.locale)))
        await self._offering.offer(interaction, wish)
        await self.tell_missed(interaction)

    async def tell_missed(self, interaction: Origin) -> None:
        """Tell a person, below what they asked for, of refusals that they could not be told of before."""
        await self._outcomes.give_back_to(interaction)

    async def finish_posting(self) -> None:
        """Post what an earlier process began to post."""
        await self._offering.finish_posting()

    async def announce_missed(self) -> None:
        """Tell people of outcomes that no process came to tell."""
        await self._outcomes.announce_missed()

    async def close_missed(self) -> None:
        """Close the threads that no process came to close."""
        await self._outcomes.close_missed()

    async def expire(self) -> None:
        """End the tasks whose time is over."""
        if await self._outcomes.expire():
            self.delivery.kick()
