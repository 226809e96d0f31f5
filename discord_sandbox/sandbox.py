"""The sandbox as one object: start it, point a bot at it, and let people in."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from discord_sandbox import given, limits
from discord_sandbox.clock import Clock, SharedClock
from discord_sandbox.errors import WaitTimeout
from discord_sandbox.faults.every import Faults
from discord_sandbox.gateway import GatewayHub, GatewaySettings
from discord_sandbox.guild import SandboxGuild
from discord_sandbox.loopback.server import authority
from discord_sandbox.openapi import find_description
from discord_sandbox.openapi.checker import Checker
from discord_sandbox.people.actor import Actor
from discord_sandbox.rest.rate_limits import RateLimits
from discord_sandbox.rest.service import PREFIX
from discord_sandbox.server import SandboxServer
from discord_sandbox.watching.journal import Journal
from discord_sandbox.watching.log import LoggedRequest, Refusal
from discord_sandbox.world import guilds, permissions
from discord_sandbox.world.model import Json
from discord_sandbox.world.store import Store

_CHANNELS = ("general", "tasks", "log")


class Sandbox:
    """A little Discord on one port of this machine.

    Use it as an async context manager, or call `start` and `close`.

    Args:
        host: The address to listen on; with `0.0.0.0` or `::`, which are all of this machine's, the URLs name
            the loopback address.
        port: The port; 0 takes any free one.
        clock: The time that everything goes by; the machine's by default. Several sandboxes may share one.
        guild_name: What the first guild is called; `add_guild` makes others.
        bot_name: What the bot's account is called.
        bot_permissions: The bits of the bot's own role in the first guild.
        privileged_intents: The privileged intents that are switched on for the bot.
        rate_limits: How often the bot may call; by default about as often as with Discord.
        gateway: The numbers of the gateway; Discord's by default.
        openapi: Discord's own OpenAPI description, against which every request and answer is checked; by
            default the file that the environment variable `DISCORD_OPENAPI` names, if any.

    Attributes:
        guild: The first guild.
        guilds: All guilds, oldest first.
        rate_limits: How often the bot may call.

    Raises:
        ValueError: A name is too short or too long, or a bit is no permission or no privileged intent.
        DescriptionError: The description is not there, is no description, or needs an extra to be installed.
    """

    def __init__(  # noqa: PLR0913 - they all have a default
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        *,
        guild_name: str = "Sandbox",
        bot_name: str = "Sandbox Bot",
        bot_permissions: int = permissions.BOT,
        privileged_intents: int = 0,
        rate_limits: RateLimits | None = None,
        gateway: GatewaySettings | None = None,
        openapi: Path | str | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self.clock = Clock() if clock is None else clock
        self._timing = SharedClock(self.clock)
        self.store = Store(
            self._timing,
            bot_name=given.name(bot_name, "the bot", limits.USERNAME),
            privileged_intents=given.privileged_intents(privileged_intents),
            gateway=gateway or GatewaySettings(),
        )
        self.rate_limits = rate_limits or RateLimits()
        self._server = SandboxServer(self.store, self.rate_limits)
        if (description := find_description(openapi)) is not None:
            self._server.rest.check = Checker(description, self._server.complain).check
        owner = Actor(self.store, self.store.owner, "en-US")
        self._people: dict[str, Actor] = {owner.name: owner}
        self.guilds: list[SandboxGuild] = []
        self.guild = self.add_guild(guild_name, owner, bot_permissions=bot_permissions)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # -- life -----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen.

        Raises:
            PortTakenError: Another program has the port.
        """
        self._port = await self._server.start(self._host, self._port)
        where = authority(self._host, self._port)
        self.store.base_url = f"http://{where}"
        self.store.gateway.url = f"ws://{where}/gateway"

    async def close(self) -> None:
        """Close all connections and stop listening; a second time does nothing.

        Who still waits for the bot meets `InteractionFailed`. A clock that was handed in goes on; only what
        this sandbox planned with it does not happen any more.
        """
        self._timing.close()
        self.store.interactions.close()
        await self._server.close()

    @property
    def rest_url(self) -> str:
        """Where the REST API is, for the bot's `rest_url`."""
        return f"{self.store.base_url}{PREFIX}".rstrip("/")

    @property
    def token(self) -> str:
        """The bot's token; another one after it began too many sessions in a day."""
        return self.store.token

    @property
    def bot_id(self) -> int:
        """The id of the bot's account and of its application."""
        return self.store.bot.id

    @property
    def bot_presence(self) -> str:
        """How people see the bot: its status and what it does, such as `online: Playing chess`."""
        return self.store.gateway.presence

    async def bot_ready(self, timeout: float = 15.0) -> None:  # noqa: ASYNC109 - the time belongs to the error
        """Wait until the bot is connected and has registered commands.

        Raises:
            WaitTimeout: It is not ready in time; the error says what is missing.
        """
        store = self.store

        def ready() -> bool:
            return store.gateway.connected and store.commands.registered

        try:
            await store.feed.wait(ready, None, timeout)
        except TimeoutError:
            raise WaitTimeout(
                f"The bot is not ready after {timeout:g} s: connected {store.gateway.connected}, "
                f"commands registered {store.commands.registered}; latest calls {list(self.requests)[-10:]}\n"
                f"{self.journal.latest()}"
            ) from None

    async def bot_gone(self, timeout: float = 15.0) -> None:  # noqa: ASYNC109 - the time belongs to the error
        """Wait until no connection of the bot is left, as after it was killed.

        Raises:
            WaitTimeout: It is still connected.
        """
        try:
            await self.store.feed.wait(lambda: not self.gateway.connected, None, timeout)
        except TimeoutError:
            raise WaitTimeout(
                f"The bot is still connected after {timeout:g} s.\n{self.journal.latest()}"
            ) from None

    # -- the scene ------------------------------------------------------------------------------------

    def add_guild(
        self, name: str, owner: str | Actor | None = None, *, bot_permissions: int | None = permissions.BOT
    ) -> SandboxGuild:
        """Make a guild with the channels `general`, `tasks` and `log`.

        Args:
            name: What it is called.
            owner: Who owns it: somebody from another guild, or the name of somebody new.
            bot_permissions: The bits of the bot's own role; None leaves the bot outside until `let_bot_in`.

        Raises:
            ValueError: The name of the new owner belongs to somebody, a name is too short or too long, or a
                bit is no permission.
        """
        given.name(name, "a guild", limits.GUILD_NAME)
        granted = given.permissions(permissions.BOT if bot_permissions is None else bot_permissions)
        if not isinstance(owner, Actor):
            owner = self._add_person(owner or f"{name[: limits.NICKNAME - len(' owner')]} owner")
        made = guilds.create(self.store, name, owner.user, granted)
        guild = SandboxGuild(self.store, made, self._people)
        for channel in _CHANNELS:
            guild.create_channel(channel)
        if bot_permissions is not None:
            guild.let_bot_in()
        self.guilds.append(guild)
        return guild

    @property
    def people(self) -> list[Actor]:
        """Everybody but the bot, in whichever guilds they are, and those who have left."""
        return list(self._people.values())

    def _add_person(self, name: str) -> Actor:
        if name in self._people:
            raise ValueError(f"there is already somebody called {name!r}")
        given.name(name, "a person", (1, limits.NICKNAME))
        self._people[name] = Actor(self.store, self.store.add_user(name), "en-US")
        return self._people[name]

    # -- watching -------------------------------------------------------------------------------------

    @property
    def requests(self) -> "deque[LoggedRequest]":
        """The latest 100,000 calls of the bot, oldest first; those of the latest 10,000 with what was sent.

        A call is here once it is answered.
        """
        return self._server.rest.log.calls

    def requests_to(self, on: str) -> list[LoggedRequest]:
        """Give the latest calls to one route, oldest first.

        Args:
            on: The route as `METHOD /route/pattern`, such as `POST /channels/{}/messages`.

        Raises:
            ValueError: The sandbox has no such route.
        """
        self._server.rest.table.check(on)
        method, _, pattern = on.partition(" ")
        return [one for one in self.requests if one.route == pattern and one.method == method]

    @property
    def refusals(self) -> "deque[Refusal]":
        """The latest calls that were refused, oldest first: method, route, status, code, places in the form.

        A bot may rightly meet some, such as a person who takes no direct messages (50007); a form that is not
        valid (50035), a second answer (40060), a late one (10062) or a used-up rate limit (status 429) is its
        own mistake. What a fault answered is not here.
        """
        return self._server.rest.log.refusals

    @property
    def violations(self) -> list[str]:
        """What is not as Discord has it, in the order it came; a test should find it empty.

        A line is about what the bot sent (a route, field or frame that the sandbox does not know, or that
        Discord's description does not have), or about the sandbox's own answer: where it differs from the
        description (`answer`), or where the sandbox itself failed.
        """
        return self._server.violations

    @property
    def journal(self) -> Journal:
        """What happened so far, readable as text: `print(sandbox.journal)`."""
        return self.store.journal

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self.store.feed.version

    async def changed(self, since: int, timeout: float = 25.0) -> int:  # noqa: ASYNC109 - it is no error when it ends
        """Wait until something changed after version `since`, at most for `timeout` seconds.

        Returns:
            The version now; `since` itself if nothing changed in time.
        """
        feed = self.store.feed
        try:
            await feed.wait(lambda: feed.version > since, None, timeout)
        except TimeoutError:
            return since
        return feed.version

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each batch of changes; gives the function that ends this."""
        return self.store.feed.subscribe(listener)

    def commands(self) -> list[Json]:
        """Give all registered commands as REST shows them."""
        store = self.store
        scopes = (None, *store.guilds)
        listed = [one for scope in scopes for one in store.commands.listed(scope)]
        return [one.describe(store.bot.id) for one in listed]

    # -- faults ---------------------------------------------------------------------------------------

    @property
    def faults(self) -> Faults:
        """What goes wrong on demand, by rule and count.

        Over REST: `status`, `rate_limit`, `delay`, `cut`, `lose_reply`, `break_reply`, and hooks. At the
        gateway: `drop_gateway`, `duplicate_event`, `lose_event`, `delay_event`, `ask_to_reconnect`,
        `invalidate_session`, `refuse_resume`, `refuse_identify`, `slow_hello`, `stop_heartbeat_acks`.
        """
        return self._server.rest.faults

    @property
    def gateway(self) -> GatewayHub:
        """The gateway's sessions: `drop`, `ask_to_reconnect`, `invalidate_session`, `ask_for_heartbeat`."""
        return self.store.gateway

    @property
    def answer_seconds(self) -> float:
        """How soon the bot must answer an interaction first; 3 in Discord."""
        return self.store.interactions.answer_seconds

    @answer_seconds.setter
    def answer_seconds(self, seconds: float) -> None:
        self.store.interactions.answer_seconds = seconds

    @property
    def dm_openings(self) -> int:
        """How many new direct messages the bot may open in ten minutes before it meets 40003.

        Discord has such a limit and does not tell the number; this one is the sandbox's own.
        """
        return self.store.dm_openings.most

    @dm_openings.setter
    def dm_openings(self, most: int) -> None:
        self.store.dm_openings.most = most
