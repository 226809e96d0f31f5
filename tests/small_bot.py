"""A real small bot (hikari, lightbulb, miru) that nothing is changed in, and the fixtures that run it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import hikari
import lightbulb
import miru
import pytest

from discord_sandbox import Sandbox

EPHEMERAL = hikari.MessageFlag.EPHEMERAL
INTENTS = (
    hikari.Intents.GUILDS
    | hikari.Intents.GUILD_MESSAGES
    | hikari.Intents.GUILD_MESSAGE_REACTIONS
    | hikari.Intents.DM_MESSAGES
)
LANGUAGES = {"German": "de", "Greek": "el", "English": "en"}


class AnswerModal(miru.Modal, title="Your answer"):
    """A modal with one prefilled field."""

    text = miru.TextInput(
        label="Your text",
        style=hikari.TextInputStyle.PARAGRAPH,
        value="draft",
        custom_id="text",
        required=True,
        max_length=40,
    )

    async def callback(self, ctx: miru.ModalContext) -> None:
        await ctx.respond(f"Thanks for “{ctx.get_value_by_id('text')}”", flags=EPHEMERAL)


class Controls(miru.View):
    """Buttons and a menu with fixed ids."""

    @miru.button(label="Press", custom_id="press")
    async def press(self, ctx: miru.ViewContext, _: miru.Button) -> None:
        await ctx.edit_response("pressed")

    @miru.button(label="Later", custom_id="later")
    async def later(self, ctx: miru.ViewContext, _: miru.Button) -> None:
        await ctx.defer(hikari.ResponseType.DEFERRED_MESSAGE_UPDATE)
        await ctx.edit_response("later came")

    @miru.button(label="Write", custom_id="write")
    async def write(self, ctx: miru.ViewContext, _: miru.Button) -> None:
        await ctx.respond_with_modal(AnswerModal())

    @miru.button(label="Off", custom_id="off", disabled=True)
    async def off(self, ctx: miru.ViewContext, _: miru.Button) -> None:
        await ctx.edit_response("cannot be")

    @miru.text_select(
        placeholder="Choose the best",
        options=[miru.SelectOption(label=f"{n}. reply", value=str(n)) for n in (1, 2, 3)],
        custom_id="best",
    )
    async def best(self, ctx: miru.ViewContext, select: miru.TextSelect) -> None:
        await ctx.edit_response(f"chose {select.values[0]}")


class Person(lightbulb.SlashCommand, name="greet", description="Greet somebody"):
    """Takes a person, a number and a yes or no."""

    who = lightbulb.user("who", "Whom to greet")
    times = lightbulb.integer("times", "How often", min_value=1, max_value=3, default=1)

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"{'Hello ' * self.times}{self.who.mention}", user_mentions=False)


async def _languages(ctx: lightbulb.AutocompleteContext[str]) -> None:
    typed = str(ctx.focused.value or "").lower()
    await ctx.respond([(name, code) for name, code in LANGUAGES.items() if name.lower().startswith(typed)])


class Task(lightbulb.SlashCommand, name="task", description="Ask for a task"):
    """Answers after a deferral, for the invoker alone."""

    kind = lightbulb.string("type", "Which", choices=[lightbulb.Choice("Random", "random")], default="random")
    language = lightbulb.string("language", "In which language", autocomplete=_languages, default="en")

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.defer(ephemeral=True)
        await ctx.respond(f"{self.kind} in {self.language}", components=Controls(timeout=None))


class Room(lightbulb.SlashCommand, name="room", description="Open a private thread"):
    """Opens a private thread with messages for the invoker."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.defer(ephemeral=True)
        rest = ctx.client.rest
        thread = await rest.create_thread(
            ctx.channel_id, hikari.ChannelType.GUILD_PRIVATE_THREAD, "task ab12"
        )
        await rest.add_thread_member(thread, ctx.user)
        for number in (1, 2):
            embed = hikari.Embed(description=f"message {number}").set_author(name=f"{number} · User")
            await rest.create_message(thread, embed=embed)
        await rest.create_message(thread, "Your turn", components=Controls(timeout=None))
        await ctx.respond(f"Your task is ready: {thread.mention}")


class Silent(lightbulb.SlashCommand, name="silent", description="Never answers"):
    """Never answers."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        pass


class Manage(
    lightbulb.SlashCommand,
    name="manage",
    description="For managers",
    default_member_permissions=hikari.Permissions.MANAGE_GUILD,
):
    """Only for those who manage the guild."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.respond("managed")


class Label(lightbulb.MessageCommand, name="Label"):
    """A menu entry of messages."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"You label “{self.target.content}”", flags=EPHEMERAL)


class Greeted(lightbulb.UserCommand, name="Greeted"):
    """A menu entry of people."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"{self.target.username} is greeted")


class Count(lightbulb.SlashCommand, name="count", description="Count to three"):
    """Answers at once, changes the answer, and sends a follow-up that it changes and takes back."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        first = await ctx.respond("one")
        await ctx.edit_response(first, "one!")
        second = await ctx.respond("two")
        await ctx.edit_response(second, "two!")
        third = await ctx.respond("three")
        await ctx.delete_response(third)


settings = lightbulb.Group("settings", "What the guild decides")


@settings.register
class ShowSettings(lightbulb.SlashCommand, name="channel", description="Choose a channel"):
    """A subcommand that takes a channel."""

    channel = lightbulb.channel("channel", "Which channel")

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"tasks go to #{self.channel.name}")


@dataclass
class RunningBot:
    """The bot, with what it heard."""

    gateway: hikari.GatewayBot
    events: list[hikari.Event] = field(default_factory=list)

    @property
    def rest(self) -> hikari.api.RESTClient:
        return self.gateway.rest

    def heard(self, kind: type[hikari.Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
async def make_bot(sandbox: Sandbox) -> AsyncIterator[Callable[..., hikari.GatewayBot]]:
    """Make a bot without commands that is not started yet; it is closed in the end."""
    made: list[hikari.GatewayBot] = []

    def make(token: str | None = None, intents: hikari.Intents = INTENTS) -> hikari.GatewayBot:
        gateway = hikari.GatewayBot(
            token or sandbox.token,
            rest_url=sandbox.rest_url,
            banner=None,
            logs=None,
            max_retries=0,
            intents=intents,
            http_settings=hikari.impl.HTTPSettings(force_close_transports=False),
        )
        made.append(gateway)
        return gateway

    yield make
    for gateway in made:
        if gateway.is_alive:
            # hikari hangs when it is closed in the same turn in which a gateway connection ends.
            await asyncio.wait_for(gateway.close(), timeout=10)


@pytest.fixture
async def bot(sandbox: Sandbox, make_bot: Callable[..., hikari.GatewayBot]) -> RunningBot:
    gateway = make_bot()
    running = RunningBot(gateway)
    client = lightbulb.client_from_app(gateway)
    for command in (Person, Task, Room, Silent, Manage, Label, Greeted, Count):
        client.register(command)
    client.register(settings)
    miru_client = miru.Client(gateway, ignore_unknown_interactions=True)
    miru_client.start_view(Controls(timeout=None), bind_to=None)

    async def hear(event: hikari.Event) -> None:
        running.events.append(event)
        sandbox.store.feed.notify()

    gateway.subscribe(hikari.StartingEvent, client.start)
    gateway.subscribe(hikari.Event, hear)
    await gateway.start(check_for_updates=False)
    await sandbox.bot_ready()
    return running
