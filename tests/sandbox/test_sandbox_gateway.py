"""The gateway: sessions that are dropped, resumed and refused, and tokens that are wrong."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp
import hikari
import pytest

from discord_sandbox import Actor, InteractionFailed, PortTakenError, Sandbox, WaitTimeout
from tests.calling import client_headers
from tests.raw_gateway import raw_gateway

BotMaker = Callable[..., hikari.GatewayBot]


class HearingBot(Protocol):
    """The running bot of conftest."""

    gateway: hikari.GatewayBot

    def heard(self, kind: type[hikari.Event]) -> list[Any]:
        """Give the events of a kind that it heard."""


@pytest.mark.parametrize("code", [None, 4000])
async def test_a_dropped_connection_is_resumed_and_what_was_missed_is_replayed(
    bot: HearingBot,
    alice: Actor,
    sandbox: Sandbox,
    code: int | None,
) -> None:
    sandbox.answer_seconds = 10
    sandbox.gateway.drop(code)
    assert not sandbox.gateway.connected

    response = await alice.command("task")

    assert response.message is not None
    assert response.message.content == "random in en"
    assert len(bot.heard(hikari.ShardReadyEvent)) == 1
    assert len(bot.heard(hikari.ShardResumedEvent)) == 1


async def test_a_refused_resume_begins_a_new_session(bot: HearingBot, alice: Actor, sandbox: Sandbox) -> None:
    sandbox.faults.refuse_resume(times=None)
    sandbox.gateway.ask_to_reconnect()
    await alice.until(lambda: len(bot.heard(hikari.ShardReadyEvent)) == 2, what="a second session")
    assert (await alice.command("task")).message is not None


async def test_a_bot_that_says_goodbye_is_gone(bot: HearingBot, alice: Actor, sandbox: Sandbox) -> None:
    await bot.gateway.close()
    await sandbox.bot_gone()
    assert sandbox.bot_presence == "offline"
    with pytest.raises(InteractionFailed, match="not connected"):
        await alice.command("task")
    await bot.gateway.start(check_for_updates=False)
    assert (await alice.command("task")).message is not None


async def test_a_wrong_token_is_refused(sandbox: Sandbox, make_bot: BotMaker) -> None:
    first, _, rest = sandbox.token.partition(".")
    stranger = make_bot(token=f"{first}.other.{rest[::-1]}")
    with pytest.raises(hikari.UnauthorizedError):
        await stranger.start(check_for_updates=False)


async def test_privileged_intents_must_be_switched_on(sandbox: Sandbox, make_bot: BotMaker) -> None:
    greedy = make_bot(intents=hikari.Intents.ALL)
    with pytest.raises(hikari.GatewayServerClosedConnectionError) as refused:
        await greedy.start(check_for_updates=False)
    assert refused.value.code == 4014
    assert sandbox.gateway.sessions == {}


async def test_the_bot_hears_what_happens(bot: HearingBot, alice: Actor, sandbox: Sandbox) -> None:
    general = sandbox.guild.channel("general")
    message = alice.send(general, f"Hello <@{sandbox.bot_id}>")
    other = alice.send(general, "a secret")
    alice.react(message, "👍")
    alice.unreact(message, "👍")
    alice.edit(message, "Good bye")
    alice.delete(message)
    sandbox.guild.create_channel("new")
    await alice.until(lambda: bot.heard(hikari.GuildChannelCreateEvent), what="the new channel")

    first, second = bot.heard(hikari.GuildMessageCreateEvent)
    assert (first.content, first.author_id) == (f"Hello <@{sandbox.bot_id}>", alice.id)
    assert second.message_id == other.id
    assert second.content is None, "content needs an intent unless the bot is mentioned"
    assert [event.emoji_name for event in bot.heard(hikari.GuildReactionAddEvent)] == ["👍"]
    assert len(bot.heard(hikari.GuildReactionDeleteEvent)) == 1
    assert len(bot.heard(hikari.GuildMessageUpdateEvent)) == 1
    assert [event.message_id for event in bot.heard(hikari.GuildMessageDeleteEvent)] == [message.id]


async def test_the_bot_hears_nothing_of_channels_that_it_cannot_see(
    bot: HearingBot,
    alice: Actor,
    sandbox: Sandbox,
) -> None:
    log = sandbox.guild.channel("log")
    sandbox.guild.overwrite(log, sandbox.guild.bot_role, deny=hikari.Permissions.VIEW_CHANNEL)
    alice.send(log, "not for bots")
    alice.send(sandbox.guild.channel("general"), "for all")
    await alice.until(lambda: bot.heard(hikari.GuildMessageCreateEvent))
    assert [event.channel_id for event in bot.heard(hikari.GuildMessageCreateEvent)] == [
        sandbox.guild.channel("general").id
    ]


async def test_a_taken_port_says_so(sandbox: Sandbox) -> None:
    port = int(sandbox.rest_url.split(":")[2].split("/")[0])
    with pytest.raises(PortTakenError, match=str(port)):
        await Sandbox(port=port).start()


@pytest.mark.parametrize(
    ("host", "named"),
    [("::1", "[::1]"), ("::", "[::1]"), ("0.0.0.0", "127.0.0.1")],  # noqa: S104 - for the length of a test
)
async def test_a_bot_finds_its_way_to_any_address(host: str, named: str) -> None:
    sandbox = Sandbox(host)
    try:
        await sandbox.start()
    except OSError as error:
        pytest.skip(f"this machine has no {host}: {error}")
    async with aiohttp.ClientSession(headers=client_headers(sandbox)) as session:
        assert sandbox.rest_url.startswith(f"http://{named}:")
        async with session.get(f"{sandbox.rest_url}/gateway/bot") as response:
            found = await response.json()
        assert found["url"].startswith(f"ws://{named}:")
        async with raw_gateway(sandbox, 0):
            assert sandbox.gateway.connected
    await sandbox.close()


async def test_waiting_for_a_bot_that_never_comes_explains_itself(sandbox: Sandbox) -> None:
    with pytest.raises(WaitTimeout, match="connected False, commands registered False"):
        await sandbox.bot_ready(timeout=0.05)


async def test_a_bot_that_restarts_too_soon_waits_its_five_seconds(
    sandbox: Sandbox, make_bot: BotMaker, alice: Actor
) -> None:
    """Discord takes one new session in five seconds; hikari comes again until it is taken."""
    sandbox.gateway.settings.identify_seconds = 5
    sandbox.clock.freeze()
    first = make_bot()
    await first.start(check_for_updates=False)
    await first.close()
    starting = asyncio.ensure_future(make_bot().start(check_for_updates=False))
    await alice.until(lambda: "too soon" in str(sandbox.journal), what="an identify that came too soon")
    sandbox.clock.advance(5)
    await starting
    assert sandbox.gateway.connected


async def test_what_the_bot_does_is_shown_beside_its_name(bot: HearingBot, sandbox: Sandbox) -> None:
    assert sandbox.bot_presence == "online"
    await bot.gateway.update_presence(
        status=hikari.Status.IDLE,
        activity=hikari.Activity(name="42 prompts", type=hikari.ActivityType.WATCHING),
    )
    await sandbox.guild.owner.until(lambda: sandbox.bot_presence == "idle: Watching 42 prompts")
