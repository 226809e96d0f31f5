"""The floor that the bot is measured against: a lightbulb bot that plays a script (`task_script.py`).

For a person's first interaction it does what the script says of the first step, for the next one the next
step, and from the start again after the last: the same calls to Discord with the same bodies, the same
statements by aiosqlite, the same calls to the backend by aiohttp, in the same order. It reads no task,
renders nothing, checks nothing and could not go on after a restart. It is tuned as the bot is: kept
connections, few intents, a small cache, frozen objects.

`python benchmarks/bare_task_bot.py TOKEN REST_URL BACKEND_URL DATABASE SCRIPT`; it ends with SIGTERM.
"""

import asyncio
import gc
import json
import secrets
import signal
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import aiosqlite
import hikari
import lightbulb
from hikari.api import CacheComponents

CACHED = (
    CacheComponents.GUILDS
    | CacheComponents.GUILD_CHANNELS
    | CacheComponents.ROLES
    | CacheComponents.MEMBERS
    | CacheComponents.ME
)
KEY = "benchmark"

Interaction = hikari.CommandInteraction | hikari.ComponentInteraction | hikari.ModalInteraction


class Ids(dict[str, Any]):
    """The ids of a person's task by what they are; one that nobody gave is a key to be made up."""

    def __missing__(self, name: str) -> str:
        self[name] = secrets.token_hex(8)
        return str(self[name])


class Prebuilt(hikari.api.ComponentBuilder):
    """A row of controls that is sent as it stands in the script."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._payload = dict(payload)

    @property
    def type(self) -> int:
        """Discord's number for the kind of component."""
        return int(self._payload["type"])

    @property
    def id(self) -> hikari.UndefinedType:
        """It has no id of its own."""
        return hikari.UNDEFINED

    def build(self) -> tuple[dict[str, Any], Sequence[hikari.files.Resource[Any]]]:
        """Give it."""
        return self._payload, ()


class Call(NamedTuple):
    """A call to Discord, with what hikari's method takes besides the ids."""

    route: str
    args: tuple[Any, ...]
    options: dict[str, Any]


def _prebuilt(thing: dict[str, Any], factory: hikari.api.EntityFactory) -> Call | dict[str, Any]:
    """Turn a call to Discord into what hikari takes, once and for all; the rest stays as it is."""
    if "rest" not in thing:
        return thing
    route, body = thing["rest"], dict(thing["payload"] or {})
    args: tuple[Any, ...] = ()
    if route == "POST /interactions/{}/{}/callback":
        args, body = (body["type"],), dict(body["data"])
        if args == (hikari.ResponseType.MODAL,):
            args = ()
    elif route == "POST /channels/{}/threads":
        args = body.pop("type"), body.pop("name")
    for made_by_hikari in ("allowed_mentions", "nonce", "enforce_nonce"):
        body.pop(made_by_hikari, None)
    if "embeds" in body:
        body["embeds"] = [factory.deserialize_embed(one) for one in body["embeds"]]
    if "components" in body:
        body["components"] = [Prebuilt(one) for one in body["components"]]
    return Call(route, args, body)


class Floor:
    """Plays the script.

    Args:
        app: the connection to Discord.
        database: one that has the bot's tables.
        session: with the backend's address and key.
        script: what to do for each step.
    """

    def __init__(
        self,
        app: hikari.GatewayBot,
        database: aiosqlite.Connection,
        session: aiohttp.ClientSession,
        script: list[list[dict[str, Any]]],
    ) -> None:
        self._rest = app.rest
        self._database = database
        self._session = session
        self._script = [[_prebuilt(thing, app.entity_factory) for thing in step] for step in script]
        self._lock = asyncio.Lock()
        self._next: defaultdict[int, int] = defaultdict(int)
        self._ids: defaultdict[int, Ids] = defaultdict(Ids)

    async def play(self, interaction: Interaction) -> None:
        """Do what the next step of this person says."""
        user_id = int(interaction.user.id)
        step = self._script[self._next[user_id]]
        self._next[user_id] = (self._next[user_id] + 1) % len(self._script)
        if isinstance(interaction, hikari.CommandInteraction):
            self._ids[user_id] = Ids(user_id=user_id, messages=0)
        ids = self._ids[user_id]
        for thing in step:
            if isinstance(thing, Call):
                await self._call(thing, interaction, ids)
            elif "sql" in thing:
                await self._run(thing["sql"], ids)
            else:
                await self._ask(thing["http"].format_map(ids), thing["body"], ids)

    async def _run(self, statements: list[tuple[str, list[Any]]], ids: Ids) -> None:
        async with self._lock:
            for sql, parameters in statements:
                values = [ids[one["id"]] if isinstance(one, dict) else one for one in parameters]
                if sql.startswith("SELECT"):
                    await self._database.execute_fetchall(sql, values)
                elif sql.endswith("RETURNING id"):
                    rows = list(await self._database.execute_fetchall(sql, values))
                    ids["entry_id"] = rows[0][0]
                else:
                    await self._database.execute(sql, values)

    async def _ask(self, path: str, body: object, ids: Ids) -> None:
        async with self._session.post(path, json=body) as response:
            found = json.loads(await response.read() or "{}")
        if path.endswith("/tasks/"):
            ids["task_id"] = found["id"]

    async def _call(self, call: Call, interaction: Interaction, ids: Ids) -> None:
        match call.route:
            case "POST /interactions/{}/{}/callback" if "title" not in call.options:
                await interaction.create_initial_response(*call.args, **call.options)
            case "POST /interactions/{}/{}/callback":
                assert not isinstance(interaction, hikari.ModalInteraction)
                await interaction.create_modal_response(*call.args, **call.options)
            case "PATCH /webhooks/{}/{}/messages/{}":
                await interaction.edit_initial_response(**call.options)
            case "POST /channels/{}/threads":
                thread = await self._rest.create_thread(interaction.channel_id, *call.args, **call.options)
                ids["thread_id"] = int(thread.id)
            case "PUT /channels/{}/thread-members/{}":
                await self._rest.add_thread_member(ids["thread_id"], interaction.user.id)
            case "POST /channels/{}/messages":
                nonce = secrets.token_hex(8)
                message = await self._rest.create_message(ids["thread_id"], **call.options, nonce=nonce)
                ids[f"message_{ids['messages']}"] = int(message.id)
                ids["messages"] += 1
            case "PATCH /channels/{}":
                await self._rest.edit_channel(ids["thread_id"], **call.options)
            case _:
                raise LookupError(f"the floor does not know how to call {call.route}")


class TaskCommand(lightbulb.SlashCommand, name="task", description="Get a task"):
    """Begins a task of a kind."""

    type = lightbulb.string("type", "What kind of task")

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, floor: Floor) -> None:
        """Play the next step."""
        await floor.play(ctx.interaction)


async def main(script: list[list[dict[str, Any]]]) -> None:
    """Run until it is told to end."""
    token, rest_url, backend_url, path = sys.argv[1:5]
    app = hikari.GatewayBot(
        token,
        rest_url=rest_url,
        banner=None,
        logs="ERROR",
        intents=hikari.Intents.GUILDS,
        suppress_optimization_warning=True,
        auto_chunk_members=False,
        http_settings=hikari.impl.HTTPSettings(force_close_transports=False),
        cache_settings=hikari.impl.CacheSettings(components=CACHED, only_my_member=True),
    )
    client = lightbulb.client_from_app(app)
    client.register(TaskCommand)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with (
        aiosqlite.connect(path, isolation_level=None) as database,
        aiohttp.ClientSession(backend_url, headers={"X-API-Key": KEY}) as session,
    ):
        await database.execute("PRAGMA synchronous = FULL")
        await database.execute("PRAGMA foreign_keys = ON")
        floor = Floor(app, database, session, script)
        client.di.registry_for(lightbulb.di.Contexts.DEFAULT).register_value(Floor, floor)

        async def clicked(event: hikari.InteractionCreateEvent) -> None:
            if isinstance(event.interaction, hikari.ComponentInteraction | hikari.ModalInteraction):
                await floor.play(event.interaction)

        app.subscribe(hikari.InteractionCreateEvent, clicked)
        app.subscribe(hikari.StartingEvent, client.start)
        await app.start(check_for_updates=False)
        gc.collect()
        gc.freeze()
        await stopped.wait()
        await app.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[5]).read_text())))
