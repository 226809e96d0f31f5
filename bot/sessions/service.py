"""The task feature in one object: what commands, clicks and workers call."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

import hikari

from bot.backend_health import BackendHealth
from bot.clock import Clock
from bot.delivery import Delivery
from bot.errors import DatabaseClosedError
from bot.forms import custom_ids
from bot.guarding import guarded_step
from bot.outgoing import Answerable, Clicked, Outgoing
from bot.router import Router
from bot.sessions import wording
from bot.sessions.admission import Admission
from bot.sessions.alerts import WorkAnnouncer
from bot.sessions.answering import Answering
from bot.sessions.authority import Authority
from bot.sessions.closing import Closing
from bot.sessions.contributing import Contributing
from bot.sessions.erasure import Erasure
from bot.sessions.fetching import TaskSource
from bot.sessions.leaving import Leaving
from bot.sessions.moving import Moving
from bot.sessions.offering import Offering
from bot.sessions.outcomes import GuildLog, Outcomes
from bot.sessions.parts import Parts
from bot.sessions.places import Places
from bot.sessions.posting import Origin, Poster
from bot.sessions.presenting import Presenter
from bot.sessions.reminding import Reminders
from bot.sessions.showing import Showing
from bot.sessions.turns import Turns
from bot.sessions.wish import Wish
from bot.settings import BotSettings
from bot.store import Store
from bot.store.contributions import KEPT_FOR as UNCONFIRMED_FOR
from bot.texts import texts_for
from oasst_client import OasstApiClient, TaskRequestType

TIME_TO_TELL = timedelta(minutes=1)
"""How long after an outcome it is left to whoever waits for it to tell of it."""

KEPT_FOR = timedelta(days=90)
"""How long a session is kept after its end: long enough for every button still in use, and for questions."""

SETTINGS_HISTORY_KEPT_FOR = timedelta(days=730)

REPORTS_KEPT_FOR = timedelta(days=365)
"""How long a report waits for a moderator; one that was settled is kept for as long as a session."""

PRUNED_AT_ONCE = 100


class TaskSessions:
    """Offers tasks, takes what people do with them, and sees them to their end; its memory is the store.

    Args:
        store: where everything is kept.
        client: the way to the backend for fetching tasks; the rest goes through the outbox.
        outgoing: the way to Discord.
        cache: what hikari knows of guilds, channels and roles.
        clock: the time.
        settings: how long a task and a text may be.
        log: is told of what people did on servers.
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
        log: GuildLog,
    ) -> None:
        parts = Parts(store, outgoing, Presenter(settings.message_size_limit), clock, Turns())
        poster = Poster(parts)
        moving = Moving(parts, poster)
        self._store = store
        self._outgoing = outgoing
        self._clock = clock
        self._moving = moving
        self._reminders = Reminders(parts, poster, moving)
        self._closing = Closing(parts)
        self._outcomes = Outcomes(parts, poster=poster, moving=moving, closing=self._closing, log=log)
        self._leaving = Leaving(parts, outcomes=self._outcomes, moving=moving)
        self.health = BackendHealth(client, clock)
        self.delivery = Delivery(store, client, self.health, clock, self._outcomes.announce)
        lifetime = timedelta(hours=settings.task_lifetime_hours)
        self._source = TaskSource(parts, client, self.delivery, self.health, lifetime)
        places = Places(cache)
        self._admission = Admission(parts, lifetime)
        self._announcer = WorkAnnouncer(parts, client, self.health, places=places, closing=self._closing)
        self._offering = Offering(
            parts,
            admission=self._admission,
            source=self._source,
            delivery=self.delivery,
            showing=Showing(parts, delivery=self.delivery, places=places, poster=poster, moving=moving),
            poster=poster,
            moving=moving,
        )
        self.contributing = Contributing(
            parts,
            admission=self._admission,
            closing=self._closing,
            source=self._source,
            delivery=self.delivery,
            outcomes=self._outcomes,
            lifetime=lifetime,
        )
        self.authority = Authority(parts, self._offering)
        self._erasure = Erasure(parts, delivery=self.delivery, outcomes=self._outcomes)
        self._answering = Answering(
            parts,
            delivery=self.delivery,
            offering=self._offering,
            outcomes=self._outcomes,
            authority=self.authority,
        )

    def add_routes(self, router: Router) -> None:
        """Take the custom_ids of tasks."""
        router.own(custom_ids.ALL, self._answering.click)
        for prefix in custom_ids.PREFIXES:
            router.own_prefix(prefix, self._answering.click)
        router.own_prefix(f"{custom_ids.Space.task}:", self._answering.click)
        router.own([wording.USE_DIRECT], self._use_direct)
        router.own([wording.NO_DIRECT], self._no_direct)
        router.own_modal(custom_ids.MODAL, custom_ids.MODAL_INPUTS, self._answering.submit_text)
        router.own_modal(custom_ids.SKIP_MODAL, [custom_ids.SKIP_MODAL_INPUT], self._answering.submit_skip)

    async def ask(
        self,
        interaction: Origin,
        task_type: TaskRequestType = TaskRequestType.random,
        lang: str | None = None,
    ) -> None:
        """Get a task for a person who may have one, or lead them to the one they have.

        Args:
            interaction: deferred with a private "thinking" (`Outgoing.defer`), which is completed here.
            task_type: the type.
            lang: a BCP 47 tag, for later tasks, too; None: one of theirs, see `Admission.ask`.
        """
        await self._offering.offer(await self._admission.ask(interaction, task_type, lang))
        await self.tell_missed(interaction)

    async def wish(
        self,
        interaction: Origin,
        task_type: TaskRequestType = TaskRequestType.random,
        lang: str | None = None,
    ) -> Wish:
        """Say what a person would wish for, as `ask` does, for `offer`; nothing is written down."""
        return (await self._admission.ask(interaction, task_type, lang)).wish

    async def offer(self, interaction: Origin, wish: Wish) -> None:
        """Go on with what a person asked for before; else as `ask`."""
        await self._offering.offer(await self._admission.ask_again(interaction, wish))
        await self.tell_missed(interaction)

    async def tell_missed(self, interaction: Answerable) -> None:
        """Tell a person, below what they asked for, of refusals that they could not be told of before.

        And of answers that the backend does not have yet.
        """
        await self._outcomes.give_back_to(interaction)
        await self.contributing.give_back_to(interaction)
        undelivered = await self._store.outbox.undelivered(int(interaction.user.id))
        if undelivered is not None:
            await self._outgoing.whisper_more(
                interaction, wording.undelivered(*undelivered, texts_for(str(interaction.locale)))
            )

    async def erase(self, interaction: Clicked, *, keep_texts: bool) -> None:
        """A person leaves, here at once and at the backend as soon as it hears of it; see `Erasure`."""
        await self._erasure.erase(interaction, keep_texts=keep_texts)

    async def thread_gone(self, channel_id: int) -> None:
        """A thread or the channel around it was deleted: tasks there move, or wait for the next /task."""
        with suppress(DatabaseClosedError):
            await self._store.shown.forget(channel_id)
            for session in await self._store.sessions.standing_in(channel_id):
                await self._moving.lose(session, "place.thread_deleted")

    async def guild_gone(self, guild_id: int) -> None:
        """The bot is not in a server any more; see `Leaving.bot_left`."""
        with suppress(DatabaseClosedError):
            await self._leaving.bot_left(guild_id)

    async def guild_joined(self, guild_id: int) -> None:
        """The bot has come into a server, or back."""
        with suppress(DatabaseClosedError):
            await self._store.left_guilds.came_back({guild_id})

    async def guilds_known(self, guild_ids: Collection[int], shard_id: int, shard_count: int) -> None:
        """Discord has said in which servers of a shard the bot is; see `Leaving.compare`."""
        with suppress(DatabaseClosedError):
            await self._leaving.compare(guild_ids, shard_id, shard_count)

    async def announce_missed(self) -> None:
        """Tell people of outcomes that no process came to tell."""
        with guarded_step("telling of outcomes"):
            await self._outcomes.announce_missed(timedelta())

    async def tidy(self) -> None:
        """Do what is to be done from time to time: what is over ends, what was left half done is finished.

        What fails keeps nothing else from being done.

        Raises:
            DatabaseClosedError: the bot is closing.
        """
        steps = {
            "ending overdue tasks": self._expire,
            "reminding": self._reminders.remind,
            "taking reminders back": self._reminders.take_back,
            "telling of outcomes": self._announce_older,
            "finishing what was being posted": self._offering.finish_posting,
            "handing in texts": self.contributing.resume,
            "looking who has left": self._leaving.look,
            "deleting threads": self._closing.delete_due,
            "closing threads": self._outcomes.close_missed,
            "forgetting old sessions": self._prune,
            "forgetting servers": self._leaving.forget_old,
            "settling requests for tasks": self._source.settle_requests,
            "telling of work": self._announcer.look,
        }
        for what, step in steps.items():
            with guarded_step(what):
                await step()

    async def close(self) -> None:
        """End what still works on its own; nothing is lost, and nothing of it may outlive the process."""
        await self._offering.close()

    async def _expire(self) -> None:
        if await self._outcomes.expire():
            self.delivery.kick()

    async def _announce_older(self) -> None:
        # Who waits for an outcome right now tells of it.
        await self._outcomes.announce_missed(TIME_TO_TELL)

    async def _prune(self) -> None:
        now = self._clock.now()
        pruning = self._store.pruning
        await pruning.sessions(now - KEPT_FOR, PRUNED_AT_ONCE)
        await pruning.outbox(now - KEPT_FOR, PRUNED_AT_ONCE)
        await pruning.settings_history(now - SETTINGS_HISTORY_KEPT_FOR, PRUNED_AT_ONCE)
        unconfirmed, reports = now - UNCONFIRMED_FOR, now - REPORTS_KEPT_FOR
        await self._store.contributions.forget_before(unconfirmed=unconfirmed, returned=now - KEPT_FOR)
        await self._store.guild_reports.forget_before(settled=now - KEPT_FOR, created=reports)
        await self._store.own_texts.prune(now)
        await self._store.label_panels.expire(now)
        await self._store.report_forms.expire(now)
        await self._store.departures.forget_closed()

    async def _use_direct(self, interaction: hikari.ComponentInteraction) -> None:
        await self._offering.choose_direct(interaction, wanted=True)

    async def _no_direct(self, interaction: hikari.ComponentInteraction) -> None:
        await self._offering.choose_direct(interaction, wanted=False)
