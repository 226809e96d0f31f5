"""Each route of the sandbox, called once and checked against Discord's own description, if it is at hand."""

import asyncio
import copy
import json
import os
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, Call, Permission, RateLimits, Reply, Sandbox, rest
from discord_sandbox.openapi.description import Description
from discord_sandbox.openapi.known import KNOWN, Known
from discord_sandbox.rest.call import Route, RouteTable
from tests.calling import Api, Json, started
from tests.sandbox.desk import Desk, Wire
from tests.sandbox.openapi_cases import CALLBACK, CASES, COMMAND, EMBED, LOCAL, MODAL, ROLE, ROWS, Case
from tests.small_bot import RunningBot


@pytest.fixture(scope="module")
def description() -> Path:
    """Give the path of Discord's description."""
    named = os.environ.get("DISCORD_OPENAPI")
    if not named:
        pytest.skip(
            "Discord's openapi.json is not here; name its path in DISCORD_OPENAPI to check against it"
        )
    return Path(named)


@pytest.fixture
def document(description: Path) -> Json:
    """Give Discord's description as it is."""
    read: Json = json.loads(description.read_bytes())
    return read


@pytest.fixture
async def sandbox(description: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(
        openapi=description,
        bot_permissions=Permission.ADMINISTRATOR,
        privileged_intents=hikari.Intents.ALL_PRIVILEGED,
        rate_limits=RateLimits.roomy(),
    ) as running:
        yield running
    assert running.violations == []


@asynccontextmanager
async def used_command(sandbox: Sandbox, person: Actor, api: Api) -> AsyncIterator[Json]:
    """Let a person use the command, and give the interaction as the bot gets it."""
    wire = Wire()
    sandbox.gateway.identify(0, (0, 1), wire)
    waiting = await started(person.command("task"))
    yield Desk(sandbox, sandbox.clock, api, person, wire).received()
    waiting.cancel()
    await asyncio.wait([waiting])
    sandbox.gateway.sessions.clear()


@pytest.fixture
async def ids(
    request: pytest.FixtureRequest, api: Api, sandbox: Sandbox, alice: Actor, bob: Actor
) -> AsyncIterator[Json]:
    """Fill the sandbox with one of everything, and give the ids."""
    general = sandbox.guild.channel("general").id
    sandbox.guild.give_role(alice, sandbox.guild.create_role("Helpers", 32))
    _, message = await api("POST", f"/channels/{general}/messages", {"embeds": [EMBED], "components": ROWS})
    _, second = await api("POST", f"/channels/{general}/messages", {"content": "second"})
    await api("PUT", f"/channels/{general}/messages/{message['id']}/reactions/👍/@me")
    _, thread = await api("POST", f"/channels/{general}/threads", {"name": "t", "type": 12})
    await api("PUT", f"/channels/{thread['id']}/thread-members/{alice.id}")
    _, command = await api("POST", f"/applications/{sandbox.bot_id}/commands", COMMAND)
    (known,) = sandbox.store.commands.listed(None)
    sandbox.guild.set_command_permission(known, alice, allow=True)
    _, dm = await api("POST", "/users/@me/channels", {"recipient_id": str(bob.id)})
    made = {
        "channel": str(general),
        "message": message["id"],
        "second": second["id"],
        "thread": thread["id"],
        "dm": dm["id"],
        "guild": str(sandbox.guild.id),
        "alice": str(alice.id),
        "bob": str(bob.id),
        "bot": str(sandbox.bot_id),
        "role": str(sandbox.guild.create_role("Newcomers", position=0).id),
        "command": command["id"],
    }
    case = request.getfixturevalue("case")
    if "{token}" not in case.path:
        yield made
        return
    async with used_command(sandbox, alice, api) as interaction:
        made |= {"interaction": interaction["id"], "token": interaction["token"]}
        if "{interaction}" not in case.path:
            await api("POST", CALLBACK.format_map(made), {"type": 4, "data": {"content": "first"}})
        yield made


def filled(value: Any, ids: Json) -> Any:  # noqa: ANN401 - JSON of any shape
    """Put ids in the place of their names."""
    if isinstance(value, str):
        return value.format_map(ids)
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    return {key: filled(one, ids) for key, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_route_takes_and_gives_what_discord_describes(
    sandbox: Sandbox, api: Api, ids: Json, case: Case
) -> None:
    for name, before in case.first.items():
        _, ids[name] = await api(before.method, filled(before.path, ids), filled(before.body, ids))
    came: list[Any] = []

    async def note(call: Call) -> None:
        came.append(copy.deepcopy(call.payload))

    async def compare(call: Call, _: Reply) -> None:
        assert call.payload == came.pop(), "a handler must leave the request alone: it is checked afterwards"

    sandbox.faults.before("*", note)
    sandbox.faults.after("*", compare)
    status, answer = await api(case.method, filled(case.path, ids), filled(case.body, ids))
    assert 200 <= status < 300, answer
    assert sandbox.violations == []


REFUSED = {("PUT", "/applications/{}/guilds/{}/commands/{}/permissions")}
"""What a bot can never do: its token is refused."""


def all_routes() -> list[Route]:
    modules = (import_module(f"{rest.__name__}.{one.name}") for one in pkgutil.iter_modules(rest.__path__))
    return [route for module in modules for route in getattr(module, "ROUTES", ())]


def test_each_route_has_a_case() -> None:
    table = RouteTable(all_routes())
    called = set(REFUSED)
    for case in CASES:
        found = table.find(case.method, case.path.partition("?")[0])
        assert found is not None, f"the sandbox has no route for {case}"
        called.add((found[0].method, found[0].pattern))
    new = [f"{one.method} {one.pattern}" for one in all_routes() if (one.method, one.pattern) not in called]
    assert not new, (
        f"Never checked against Discord's description: {', '.join(sorted(new))}. Add to CASES a call of each "
        'that succeeds, with all that its body can have, such as Case("PUT", "/channels/{channel}/pins/'
        '{message}"); the fixture `ids` says which names there are. Mend what it then shows; what is an '
        "error of the description itself goes into discord_sandbox/openapi/known.py."
    )


@pytest.fixture
def calls(sandbox: Sandbox) -> list[tuple[Call, Reply]]:
    """Give all calls that come, with their answers."""
    noted: list[tuple[Call, Reply]] = []

    async def note(call: Call, reply: Reply) -> None:
        noted.append((call, reply))

    sandbox.faults.after("*", note)
    return noted


def without(place: str) -> list[Known]:
    """Give what is known of the description, but for one place."""
    left = [replace(one, places=tuple(other for other in one.places if other != place)) for one in KNOWN]
    return [one for one in left if one.places]


async def test_all_that_is_known_of_the_description_is_needed(
    *,
    document: Json,
    calls: list[tuple[Call, Reply]],
    sandbox: Sandbox,
    bot: RunningBot,
    api: Api,
    alice: Actor,
) -> None:
    general = sandbox.guild.channel("general").id
    file = hikari.Bytes(b"text", "a.txt")
    message = await bot.rest.create_message(general, "with a file", attachment=file)
    await bot.rest.edit_message(general, message, attachments=[message.attachments[0]])
    commands = LOCAL.format(bot=sandbox.bot_id, guild=sandbox.guild.id)
    _, command = await api("POST", commands, COMMAND)
    changes = {"default_member_permissions": "8", "default_permission": True, "nsfw": True}
    await api("PATCH", f"{commands}/{command['id']}", changes)
    await api("PUT", commands, [COMMAND])
    asked = await started(alice.command("silent"))
    await alice.until(lambda: bool(bot.heard(hikari.InteractionCreateEvent)), what="the interaction")
    it = bot.heard(hikari.InteractionCreateEvent)[0].interaction
    await api("POST", f"/interactions/{it.id}/{it.token}/callback", {"type": 9, "data": MODAL})
    await asked

    guild = sandbox.guild.id
    _, role = await api("POST", f"/guilds/{guild}/roles", ROLE)
    await api("PATCH", f"/guilds/{guild}/roles/{role['id']}", ROLE)
    await bot.rest.edit_application(description="Gives tasks")
    await bot.rest.ban_user(guild, sandbox.guild.add_member("Bob").id)
    await bot.rest.unban_user(guild, sandbox.guild.member("Bob").id)
    overwrite = {"type": 0, "allow": "1024", "deny": "2048"}
    await api("PUT", f"/channels/{general}/permissions/{sandbox.guild.id}", overwrite)
    await api(
        "PATCH",
        f"/channels/{general}",
        {"permission_overwrites": [{"id": str(sandbox.guild.id), **overwrite}]},
    )
    await bot.rest.forward_message(general, message, general)
    forum = await bot.rest.create_guild_forum_channel(sandbox.guild.id, "ideas")
    await bot.rest.create_forum_post(forum, "idea", "An idea")
    unneeded = []
    for place in (place for one in KNOWN for place in one.places):
        strange = Description(copy.deepcopy(document), without(place))
        if not any(list(strange.differences(call, reply)) for call, reply in calls):
            unneeded.append(place)
    assert unneeded == [], "nothing here needs these: take them out of KNOWN, or send what needs them"
