"""A sandbox with a page, a small real bot with all kinds of answers, and a plain client of the page's API."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import hikari
import lightbulb
import miru
import pytest
from playwright.async_api import Page, async_playwright

from discord_sandbox import Actor, Sandbox, SandboxGuild
from discord_sandbox.page import SandboxPage
from tests.small_bot import EPHEMERAL, Label, Silent

INTENTS = hikari.Intents.GUILDS | hikari.Intents.GUILD_MESSAGES
CHROMIUM = next(
    filter(
        None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))
    ),
    None,
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
with_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)"
)
NASTY = "<img src=x onerror=\"document.title='owned'\">"


class StoryModal(miru.Modal, title="Your story"):
    """A modal with one prefilled field."""

    text = miru.TextInput(
        label="Your text",
        style=hikari.TextInputStyle.PARAGRAPH,
        value="Once",
        custom_id="text",
        required=True,
        max_length=60,
    )

    async def callback(self, ctx: miru.ModalContext) -> None:
        await ctx.respond(f"**Thanks** for {ctx.get_value_by_id('text')}", flags=EPHEMERAL)


class Controls(miru.View):
    """One of each: buttons, a menu for several, one for none or one, a menu of channels."""

    @miru.button(label="Write", custom_id="write")
    async def write(self, ctx: miru.ViewContext, _: miru.Button) -> None:
        await ctx.respond_with_modal(StoryModal())

    @miru.button(label="Off", custom_id="off", disabled=True)
    async def off(self, ctx: miru.ViewContext, _: miru.Button) -> None:
        await ctx.edit_response("cannot be")

    @miru.text_select(
        placeholder="Choose all that apply",
        options=[miru.SelectOption(label=name, value=name[0]) for name in ("alpha", "beta", "gamma")],
        custom_id="flags",
        min_values=1,
        max_values=2,
    )
    async def flags(self, ctx: miru.ViewContext, select: miru.TextSelect) -> None:
        await ctx.edit_response(f"chose {sorted(select.values)}")

    @miru.text_select(
        placeholder="How good",
        options=[miru.SelectOption(label=name, value=name[0]) for name in ("poor", "fine")],
        custom_id="scale",
        min_values=0,
        max_values=1,
    )
    async def scale(self, ctx: miru.ViewContext, select: miru.TextSelect) -> None:
        for option in select.options:
            option.is_default = option.value in select.values
        await ctx.edit_response(f"rated {list(select.values)}", components=self)

    @miru.channel_select(placeholder="Choose a channel", custom_id="where")
    async def where(self, ctx: miru.ViewContext, select: miru.ChannelSelect) -> None:
        await ctx.edit_response(f"chose #{select.values[0].name}")


async def _languages(ctx: lightbulb.AutocompleteContext[str]) -> None:
    typed = str(ctx.focused.value or "").lower()
    await ctx.respond(
        [one for one in (("German", "de"), ("Greek", "el")) if one[0].lower().startswith(typed)]
    )


class Task(lightbulb.SlashCommand, name="task", description="Ask for a task"):
    """Answers after a deferral, for the invoker alone."""

    kind = lightbulb.string(
        "type",
        "Which kind",
        choices=[lightbulb.Choice("anything", "random"), lightbulb.Choice("a story", "story")],
        default="random",
    )
    language = lightbulb.string("language", "In which language", autocomplete=_languages, default="en")
    buddy = lightbulb.user("buddy", "With whom", default=None)

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.defer(ephemeral=True)
        buddy = "" if self.buddy is None else f" with {self.buddy.username}"
        await ctx.respond(f"{self.kind} in {self.language}{buddy}", components=Controls(timeout=None))


class Room(lightbulb.SlashCommand, name="room", description="Open a private thread"):
    """Opens a private thread for the invoker."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.defer(ephemeral=True)
        rest = ctx.client.rest
        thread = await rest.create_thread(
            ctx.channel_id, hikari.ChannelType.GUILD_PRIVATE_THREAD, "task ab12"
        )
        await rest.add_thread_member(thread, ctx.user)
        embed = hikari.Embed(description=NASTY).set_author(name="1 · User")
        await rest.create_message(thread, embed=embed, components=Controls(timeout=None))
        await ctx.respond(f"Your task is ready: {thread.mention}")


class Card(lightbulb.SlashCommand, name="card", description="Show components of version 2"):
    """Answers with a container."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        box = hikari.impl.ContainerComponentBuilder(accent_color=hikari.Color(0xFF8800))
        box.add_text_display("## A *card*")
        box.add_separator()
        row = hikari.impl.MessageActionRowBuilder()
        row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "write", label="Write")
        box.add_component(row)
        await ctx.respond(components=[box], flags=hikari.MessageFlag.IS_COMPONENTS_V2)


settings = lightbulb.Group(
    "settings", "What the guild decides", default_member_permissions=hikari.Permissions.MANAGE_GUILD
)


@settings.register
class Log(lightbulb.SlashCommand, name="log", description="Where to write"):
    """A subcommand that only managers are offered."""

    channel = lightbulb.channel("channel", "Which channel")

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context) -> None:
        await ctx.respond(f"the log goes to #{self.channel.name}")


@pytest.fixture
async def bot(sandbox: Sandbox, start_bot: Callable[..., Awaitable[hikari.GatewayBot]]) -> hikari.GatewayBot:
    gateway = hikari.GatewayBot(
        sandbox.token, rest_url=sandbox.rest_url, banner=None, logs=None, intents=INTENTS
    )
    client = lightbulb.client_from_app(gateway)
    for command in (Task, Room, Card, Silent, Label):
        client.register(command)
    client.register(settings)
    miru.Client(gateway, ignore_unknown_interactions=True).start_view(Controls(timeout=None), bind_to=None)
    gateway.subscribe(hikari.StartingEvent, client.start)
    return await start_bot(gateway)


@pytest.fixture
async def page(sandbox: Sandbox) -> AsyncIterator[SandboxPage]:
    running = SandboxPage(sandbox, port=0)
    await running.start()
    yield running
    await running.close()


@pytest.fixture
def alice(guild: SandboxGuild) -> Actor:
    return guild.add_member("Alice")


@pytest.fixture
def bob(guild: SandboxGuild) -> Actor:
    return guild.add_member("Bob", locale="de")


@dataclass
class Browser:
    """Calls the page's API as its script does: (status, body) of each call."""

    session: aiohttp.ClientSession
    base: str

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(f"{self.base}api/{path}") as response:
            return response.status, await response.json()

    async def post(self, path: str, body: object) -> tuple[int, Any]:
        async with self.session.post(f"{self.base}api/{path}", json=body) as response:
            return response.status, await response.json()

    async def view(self, person: Actor, channel: int | str = "") -> Any:  # noqa: ANN401 - JSON as the page gets it
        status, body = await self.get(f"people/{person.id}/view?channel={channel}")
        assert status == 200, body
        return body

    async def command(self, person: Actor, name: str, **options: object) -> Any:  # noqa: ANN401 - as view
        place = (await self.view(person))["channel"]
        status, body = await self.post(
            f"people/{person.id}/channels/{place}/command", {"name": name, "options": options}
        )
        assert status == 200, body
        return body


@pytest.fixture
async def browser(page: SandboxPage) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        yield Browser(session, page.url)


@pytest.fixture
async def screen(page: SandboxPage, alice: Actor, bob: Actor) -> AsyncIterator[Page]:
    """The page in a fresh browser; anything the script complains of fails the test."""
    assert {alice.name, bob.name} == {"Alice", "Bob"}
    complaints: list[str] = []
    # Chromium asks nobody for a way out of this machine.
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, env=dict(environment)
        )
        tab = await browser.new_page()
        tab.set_default_timeout(10_000)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await tab.goto(page.url)
        yield tab
        await browser.close()
    assert [one for one in complaints if "status of 4" not in one and "status of 5" not in one] == []
