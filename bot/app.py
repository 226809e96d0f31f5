"""The bot as one object: starts everything in order, watches the workers, and stops everything in order."""

import asyncio
import importlib
import pkgutil
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import cache
from types import ModuleType

import aiohttp
import hikari
import lightbulb
import miru
from loguru import logger

import bot.extensions
from bot.access import Gate
from bot.clock import Clock, SystemClock
from bot.commands import RegisteredCommands, command_words, sync_commands
from bot.community.log import LogChannel
from bot.community.weekly_desk import WeeklyPoster
from bot.cooldowns import Clicks, Cooldowns, cooling_down
from bot.errors import DiscordUnreachableError, ExtensionError, RefusedTokenError, StartError, report
from bot.guarding import guarded_step
from bot.in_hand import InHand
from bot.outgoing import Outgoing
from bot.router import Router
from bot.services import AddRoutes, Services
from bot.sessions import TaskSessions
from bot.sessions.turns import Turns
from bot.settings import BotSettings
from bot.store import Store
from bot.texts import use_templates
from oasst_client import OasstApiClient

TIDY_SECONDS = 30.0
"""How often tasks whose time is over are looked for."""

PAUSE_AFTER_FAILURE = 5.0
"""Seconds before a worker that failed starts again."""

HAND_SECONDS = 5.0
"""How long closing waits for what is being done; with what follows it stays below ten seconds, after which
container engines kill a process."""

WORD_SECONDS = 1.0
"""How long closing takes to tell people that what they asked for was cut off."""

CLOSE_SECONDS = 2.0
"""hikari can hang for ever when it is closed just as its connection breaks; then it is helped to end."""

HELP_SECONDS = 0.5
HELPED_AT_MOST = 3
"""How long it is waited for after each help, and how often it is helped before it is left behind."""

INTENTS = hikari.Intents.GUILDS

CACHED = (
    hikari.api.CacheComponents.GUILDS
    | hikari.api.CacheComponents.GUILD_CHANNELS
    | hikari.api.CacheComponents.ROLES
    | hikari.api.CacheComponents.MEMBERS
    | hikari.api.CacheComponents.ME
)


@cache
def _certificates() -> ssl.SSLContext:
    """Read the machine's certificates, once in a process: nothing else of a start takes as long."""
    return ssl.create_default_context()


class BotApp:
    """The Discord front end.

    Args:
        settings: with a token and a backend's address.
        clock: the time.
    """

    def __init__(self, settings: BotSettings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self._workers: list[asyncio.Task[None]] = []
        self._in_hand = InHand()
        self._closing = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._router: Router | None = None
        self._bot: hikari.GatewayBot | None = None
        self._lightbulb: lightbulb.GatewayEnabledClient | None = None
        self._services: Services | None = None
        self._chores: Mapping[str, Callable[[], Awaitable[None]]] = {}

    @property
    def services(self) -> Services:
        """What the features work with, once the bot has started."""
        if self._services is None:
            raise RuntimeError("The bot has not been started.")
        return self._services

    async def start(self) -> None:
        """Start everything; returns once the bot is connected and its commands are registered.

        Raises:
            StartError: it cannot start; the message is one line that says what to do. Nothing is left open.
        """
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise

    async def join(self) -> None:
        """Wait until the bot has lost Discord for good, or was closed."""
        if self._bot is not None and self._bot.is_alive:
            await self._bot.join()

    async def close(self, seconds: float = HAND_SECONDS) -> None:
        """Take no more, finish what is in hand, and close everything; closing twice is fine.

        Args:
            seconds: how long to wait for what is in hand; then it is cut off. All of it is stored: what was
                begun is finished after the next start.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        if self._workers:
            logger.info("The bot ends; what is in hand is finished first")
        await self._finish_answers(seconds)
        self._closing.set()
        if self._services is not None:
            self._services.delivery.finish()
        workers, self._workers = self._workers, []
        if workers:
            left = max(deadline - asyncio.get_running_loop().time(), 0.0)
            await asyncio.wait(workers, timeout=left)
        if self._looking is not None:
            workers.append(self._looking)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._services is not None:
            await self._services.sessions.close()
        await self._disconnect()

    async def _finish_answers(self, seconds: float) -> None:
        cut_off = await self._in_hand.finish(seconds)
        router = self._router
        if router is None or not cut_off:
            return
        logger.warning("Closing has cut off {} answers; what people did is stored", len(cut_off))
        with suppress(TimeoutError):
            async with asyncio.timeout(WORD_SECONDS):
                await asyncio.gather(
                    *(router.say_restarting(interaction) for interaction in cut_off), return_exceptions=True
                )

    async def _disconnect(self) -> None:
        lightbulb_client, self._lightbulb = self._lightbulb, None
        if lightbulb_client is not None:
            with suppress(RuntimeError):
                await lightbulb_client.stop()
        app, self._bot = self._bot, None
        if app is not None and app.is_alive:
            await self._hang_up(app)
        services, self._services = self._services, None
        if services is not None:
            await services.client.close()
            await services.store.close()

    async def _hang_up(self, app: hikari.GatewayBot) -> None:
        """Close the connection; a shard that was just coming back swallows hikari's one request to end."""
        shards = list(app.shards.values())
        closing = asyncio.create_task(app.close())
        done, _ = await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
        for _ in range(HELPED_AT_MOST):
            if done:
                break
            for shard in shards:
                # Nothing public ends a shard that is closing; only its own task, asked once more.
                running: asyncio.Task[None] | None = getattr(shard, "_keep_alive_task", None)
                if running is not None:
                    running.cancel()
            done, _ = await asyncio.wait({closing}, timeout=HELP_SECONDS)
        if done:
            await closing
            return
        logger.warning("The connection to Discord did not close; it is left behind")
        closing.cancel()
        await asyncio.wait({closing})

    async def tidy(self) -> None:
        """One round of what is to be done from time to time: expire tasks, finish and close what was left.

        What fails keeps nothing else from being done.
        """
        await self.services.sessions.tidy()
        for what, step in self._chores.items():
            with guarded_step(what):
                await step()

    async def _start(self) -> None:
        for problem in use_templates(self.settings.templates_dir, self.settings.terms_url):
            logger.warning("{}", problem)
        app = self._make_bot()
        self._bot = app
        store = Store.at(self.settings.bot_database_url)
        client = OasstApiClient(
            self.settings.oasst_api_url,
            self.settings.oasst_api_key.get_secret_value(),
            # The outbox repeats what people did; who asks for something is told to ask again.
            retries=None,
        )
        outgoing = Outgoing(app.rest, app.cache)
        log = LogChannel(store, outgoing, app.cache)
        sessions = TaskSessions(
            store=store,
            client=client,
            outgoing=outgoing,
            cache=app.cache,
            clock=self.clock,
            settings=self.settings,
            log=log,
        )
        self._services = Services(
            settings=self.settings,
            clock=self.clock,
            store=store,
            gate=Gate(store.guilds),
            client=client,
            outgoing=outgoing,
            delivery=sessions.delivery,
            sessions=sessions,
            log=log,
            rest=app.rest,
            cache=app.cache,
            commands=RegisteredCommands(),
            gathering=Turns(),
        )
        self._chores = {"posting boards of the week": WeeklyPoster(self._services).look}
        await store.open()
        self._lightbulb = await self._load_extensions(app, self._services)
        await self._connect(app)
        try:
            await sync_commands(self._lightbulb, app.rest, app.entity_factory, self._services.commands)
        except hikari.HikariError as error:
            raise DiscordUnreachableError(
                f"Discord did not take the commands ({type(error).__name__}); try again, or see the log."
            ) from error
        self._workers = [
            asyncio.create_task(self._keep("delivery", sessions.delivery.run)),
            asyncio.create_task(self._keep("tidying", self._tidy_always)),
        ]
        self._looking = asyncio.create_task(self._keep("watching the backend", sessions.health.watch))

    def _make_bot(self) -> hikari.GatewayBot:
        token = self.settings.bot_token.get_secret_value()
        if not token:
            raise RefusedTokenError("BOT_TOKEN is empty; put the bot's token there.")
        if not self.settings.oasst_api_url:
            raise StartError("OASST_API_URL is empty; put the task backend's address there.")
        try:
            return hikari.GatewayBot(
                token,
                rest_url=self.settings.discord_rest_url,
                intents=INTENTS,
                banner=None,
                logs=None,
                suppress_optimization_warning=True,
                auto_chunk_members=False,
                max_retries=0,
                http_settings=hikari.impl.HTTPSettings(force_close_transports=False, ssl=_certificates()),
                cache_settings=hikari.impl.CacheSettings(components=CACHED, only_my_member=True),
            )
        except ValueError as error:
            raise RefusedTokenError(
                "BOT_TOKEN is not a bot's token; copy it anew from the developer portal."
            ) from error

    async def _load_extensions(
        self, app: hikari.GatewayBot, services: Services
    ) -> lightbulb.GatewayEnabledClient:
        client = lightbulb.client_from_app(
            app,
            default_enabled_guilds=self.settings.declare_guild_ids,
            localization_provider=command_words,
            sync_commands=False,
            hooks=[
                taking(self._in_hand),
                cooling_down(Cooldowns(self.clock, self.settings.cooldown_commands)),
            ],
        )
        router = Router(
            miru.Client(app, ignore_unknown_interactions=True, stop_bound_on_delete=False),
            services.outgoing,
            self._in_hand,
            Clicks(self.clock, self.settings.cooldown_clicks),
        )
        self._router = router
        client.di.registry_for(lightbulb.di.Contexts.DEFAULT).register_value(Services, services)

        @client.error_handler
        async def failed(error: lightbulb.exceptions.ExecutionPipelineFailedException) -> bool:
            await router.failed(error.context.interaction, error.causes[0] if error.causes else error)
            return True

        names = [
            f"{bot.extensions.__name__}.{found.name}"
            for found in pkgutil.iter_modules(bot.extensions.__path__)
        ]
        for name in names:
            await self._load(client, router, services, name)
        await client.start()
        return client

    async def _load(
        self, client: lightbulb.GatewayEnabledClient, router: Router, services: Services, name: str
    ) -> None:
        """Load one extension; lightbulb itself would only log a failure, and the commands would be lost."""
        try:
            module: ModuleType = importlib.import_module(name)
            for loader in {
                id(item): item for item in vars(module).values() if isinstance(item, lightbulb.Loader)
            }.values():
                await loader.add_to_client(client)
            add_routes: AddRoutes | None = getattr(module, "add_routes", None)
            if add_routes is not None:
                add_routes(router, services)
        except Exception as error:
            error_id = report(error)
            raise ExtensionError(f"{name} could not be loaded; see {error_id} in the log.") from error

    async def _connect(self, app: hikari.GatewayBot) -> None:
        try:
            await app.start(check_for_updates=False)
        except hikari.UnauthorizedError as error:
            raise RefusedTokenError(
                "Discord refuses BOT_TOKEN; copy it anew from the developer portal."
            ) from error
        except hikari.GatewayServerClosedConnectionError as error:
            raise RefusedTokenError(f"Discord refuses the connection: {error.reason}.") from error
        except (hikari.HikariError, aiohttp.ClientError, OSError) as error:
            raise DiscordUnreachableError(
                f"Discord cannot be reached at {self.settings.discord_rest_url} ({type(error).__name__})."
            ) from error

    async def _tidy_always(self) -> None:
        await self.services.sessions.announce_missed()
        while not self._closing.is_set():
            await self.tidy()
            await self._pause(TIDY_SECONDS)

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run a worker until the bot closes: when it fails, say so and start it again."""
        while not self._closing.is_set():
            try:
                await work()
            except Exception as error:  # noqa: BLE001  # a worker must not end
                logger.error(
                    "The worker for {} failed and starts again in {:.0f} s", name, PAUSE_AFTER_FAILURE
                )
                report(error)
                await self._pause(PAUSE_AFTER_FAILURE)

    async def _pause(self, seconds: float) -> None:
        """Let some time pass, less if the bot closes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()


def taking(in_hand: InHand) -> lightbulb.ExecutionHook:
    """Make the hook with which every command is counted among what is in hand."""

    @lightbulb.hook(lightbulb.ExecutionSteps.CHECKS, skip_when_failed=True)
    async def take(_: lightbulb.ExecutionPipeline, context: lightbulb.Context) -> None:
        in_hand.take(context.interaction)

    return take
