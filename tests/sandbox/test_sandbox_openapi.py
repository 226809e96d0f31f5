"""Each route of the sandbox, called once and checked against Discord's own description, if it is at hand."""

import asyncio
import copy
import json
import os
import pkgutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import hikari
import pytest

from discord_sandbox import Actor, Call, Permission, RateLimits, Reply, Sandbox, rest
from discord_sandbox.openapi.description import Description
from discord_sandbox.openapi.known import KNOWN, Known
from discord_sandbox.rest.call import Route, RouteTable
from tests.calling import Api, started
from tests.sandbox.desk import Desk, Wire
from tests.small_bot import RunningBot

Json = dict[str, Any]

EMBED: Json = {
    "title": "Title",
    "description": "Text",
    "color": 255,
    "author": {"name": "1 · User"},
    "fields": [{"name": "n", "value": "v"}],
}
ROWS: list[Json] = [
    {
        "type": 1,
        "components": [
            {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "emoji": {"name": "👍"}},
            {"type": 2, "style": 5, "label": "Read", "url": "https://example.org"},
        ],
    },
    {
        "type": 1,
        "components": [
            {"type": 3, "custom_id": "s", "placeholder": "Choose", "options": [{"label": "A", "value": "a"}]}
        ],
    },
    {"type": 1, "components": [{"type": 5, "custom_id": "who"}]},
]
COMMAND: Json = {
    "name": "task",
    "description": "Ask",
    "name_localizations": {"de": "aufgabe"},
    "default_member_permissions": "32",
    "default_permission": True,
    "dm_permission": True,
    "contexts": [0, 1],
    "integration_types": [0],
    "nsfw": False,
    "options": [
        {"type": 3, "name": "kind", "description": "Which", "choices": [{"name": "A", "value": "a"}]},
        {"type": 4, "name": "many", "description": "How many", "min_value": 1, "max_value": 5},
        {"type": 7, "name": "where", "description": "Where", "channel_types": [0]},
        {"type": 11, "name": "file", "description": "Which file", "file_types": ["image", ".pdf"]},
    ],
}
LAYOUT: Json = {
    "flags": 1 << 15,
    "components": [
        {"type": 17, "components": [{"type": 10, "content": "Hello"}, {"type": 14}]},
        {
            "type": 9,
            "components": [{"type": 10, "content": "A section"}],
            "accessory": {"type": 11, "media": {"url": "https://example.org/cat.png"}},
        },
        {"type": 12, "items": [{"media": {"url": "https://example.org/dog.png"}}]},
        ROWS[0],
    ],
}
MESSAGE: Json = {
    "content": "hello <@{alice}>",
    "embeds": [EMBED],
    "components": ROWS,
    "nonce": "n",
    "enforce_nonce": True,
    "allowed_mentions": {"parse": ["users"]},
    "message_reference": {"message_id": "{message}"},
}
CHOICES: list[Json] = [{"label": "Red", "value": "r", "description": "Warm"}, {"label": "Blue", "value": "b"}]
FORWARD: Json = {"message_reference": {"type": 1, "message_id": "{message}", "channel_id": "{channel}"}}
CHANNEL: Json = {
    "name": "new",
    "type": 0,
    "topic": "Talk",
    "nsfw": False,
    "position": 3,
    "rate_limit_per_user": 5,
    "default_auto_archive_duration": 1440,
    "default_thread_rate_limit_per_user": 5,
    "permission_overwrites": [{"id": "{role}", "type": 0, "allow": "1024", "deny": "2048"}],
}
CATEGORY: Json = {"name": "Talk", "type": 4}
FORUM: Json = {"name": "ideas", "type": 15, "topic": "Ideas"}
POST: Json = {
    "name": "idea",
    "auto_archive_duration": 60,
    "message": {"content": "An idea", "embeds": [EMBED]},
}
MODAL: Json = {
    "custom_id": "m",
    "title": "Say",
    "components": [
        {"type": 10, "content": "Fill this in."},
        *(
            {"type": 18, "label": "Field", "description": "What is meant", "component": component}
            for component in (
                {"type": 4, "custom_id": "text", "style": 2, "max_length": 40, "value": "draft"},
                {"type": 3, "custom_id": "pick", "options": CHOICES, "required": False},
                {"type": 5, "custom_id": "who", "max_values": 2},
                {"type": 19, "custom_id": "file", "file_types": ["image", ".pdf"]},
            )
        ),
    ],
}
OTHER_MODAL: Json = {
    "custom_id": "m",
    "title": "Say",
    "components": [
        {
            "type": 1,
            "components": [{"type": 4, "style": 1, "custom_id": "t", "label": "Text", "required": False}],
        },
        *(
            {"type": 18, "label": "Field", "component": component}
            for component in (
                {"type": 21, "custom_id": "radio", "options": CHOICES},
                {"type": 22, "custom_id": "boxes", "options": CHOICES, "min_values": 0, "required": False},
                {"type": 23, "custom_id": "box", "default": True},
            )
        ),
    ],
}


@dataclass(frozen=True)
class Case:
    """One call that succeeds. `{name}` in its path and body stands for an id of the fixture `ids`.

    Attributes:
        first: Calls that are made before; their answers can be named, as in `{hook[id]}`.
    """

    method: str
    path: str
    body: Any = None
    first: Mapping[str, "Case"] = field(default_factory=dict)

    def __str__(self) -> str:
        kind = f" {self.body['type']}" if isinstance(self.body, dict) and "type" in self.body else ""
        return f"{self.method} {self.path}{kind}"


A_MESSAGE = "/channels/{channel}/messages/{message}"
A_REACTION = f"{A_MESSAGE}/reactions/👍"
A_PIN = "/channels/{channel}/messages/pins/{message}"
GLOBAL = "/applications/{bot}/commands"
LOCAL = "/applications/{bot}/guilds/{guild}/commands"
HOOK = "/webhooks/{bot}/{token}"
CALLBACK = "/interactions/{interaction}/{token}/callback"
LOCAL_COMMAND = {"made": Case("POST", LOCAL, COMMAND)}
FOLLOW_UP = {"made": Case("POST", HOOK, {"content": "more"})}
PUBLIC = {"made": Case("POST", "/channels/{channel}/threads", {"name": "t", "type": 11})}
ABOUT = {"about": Case("POST", f"{A_MESSAGE}/threads", {"name": "about"})}
MADE_CATEGORY = {"made": Case("POST", "/guilds/{guild}/channels", CATEGORY)}
MADE_FORUM = {"forum": Case("POST", "/guilds/{guild}/channels", FORUM)}
PINNED = {"pinned": Case("PUT", A_PIN)}
OVERWRITTEN = {"put": Case("PUT", "/channels/{channel}/permissions/{role}", {"type": 0, "deny": "2048"})}
ARCHIVED = {**PUBLIC, "old": Case("PATCH", "/channels/{made[id]}", {"archived": True})}
BANNED = {"ban": Case("PUT", "/guilds/{guild}/bans/{bob}", {})}
ROLE: Json = {"name": "Writers", "permissions": "1024", "color": 255, "hoist": True, "mentionable": True}

CASES = [
    Case("GET", "/gateway"),
    Case("GET", "/gateway/bot"),
    Case("GET", "/applications/@me"),
    Case("PATCH", "/applications/@me", {"description": "Gives tasks", "tags": ["tasks"]}),
    Case("GET", "/oauth2/applications/@me"),
    # users
    Case("GET", "/users/@me"),
    Case("PATCH", "/users/@me", {"username": "Tasks"}),
    Case("GET", "/users/{alice}"),
    Case("DELETE", "/users/@me/guilds/{guild}"),
    Case("GET", "/users/@me/guilds?limit=5&with_counts=true"),
    Case("POST", "/users/@me/channels", {"recipient_id": "{alice}"}),
    # the guild
    Case("GET", "/guilds/{guild}?with_counts=true"),
    Case("PATCH", "/guilds/{guild}", {"name": "Renamed", "preferred_locale": "de"}),
    Case("GET", "/guilds/{guild}/channels"),
    Case("POST", "/guilds/{guild}/channels", CHANNEL),
    Case("POST", "/guilds/{guild}/channels", CATEGORY),
    Case("POST", "/guilds/{guild}/channels", {"name": "news", "type": 5, "parent_id": None}),
    Case("POST", "/guilds/{guild}/channels", FORUM),
    Case("PATCH", "/guilds/{guild}/channels", [{"id": "{channel}", "position": 2, "parent_id": None}]),
    Case("GET", "/guilds/{guild}/roles"),
    Case("POST", "/guilds/{guild}/roles", ROLE),
    Case("PATCH", "/guilds/{guild}/roles", [{"id": "{role}", "position": 0}]),
    Case("GET", "/guilds/{guild}/roles/{role}"),
    Case("PATCH", "/guilds/{guild}/roles/{role}", ROLE),
    Case("DELETE", "/guilds/{guild}/roles/{role}"),
    Case("GET", "/guilds/{guild}/members?limit=5"),
    Case("GET", "/guilds/{guild}/members/search?query=Al&limit=5"),
    Case("GET", "/guilds/{guild}/members/{alice}"),
    Case("PATCH", "/guilds/{guild}/members/@me", {"nick": "Tasks"}),
    Case(
        "PATCH",
        "/guilds/{guild}/members/{bob}",
        {"nick": "B", "roles": ["{role}"], "communication_disabled_until": None},
    ),
    Case("DELETE", "/guilds/{guild}/members/{bob}"),
    Case("PUT", "/guilds/{guild}/members/{alice}/roles/{role}"),
    Case("DELETE", "/guilds/{guild}/members/{alice}/roles/{role}"),
    Case("GET", "/guilds/{guild}/bans?limit=5&after={alice}", first=BANNED),
    Case("GET", "/guilds/{guild}/bans/{bob}", first=BANNED),
    Case("PUT", "/guilds/{guild}/bans/{bob}", {"delete_message_seconds": 60}),
    Case("DELETE", "/guilds/{guild}/bans/{bob}", first=BANNED),
    Case("GET", "/guilds/{guild}/threads/active"),
    # channels
    Case("GET", "/channels/{channel}"),
    Case("GET", "/channels/{dm}"),
    Case("GET", "/channels/{thread}"),
    Case("PATCH", "/channels/{channel}", {"name": "other", "topic": None, "rate_limit_per_user": 5}),
    Case("PATCH", "/channels/{thread}", {"archived": True, "locked": True}),
    Case("DELETE", "/channels/{channel}"),
    Case("DELETE", "/channels/{thread}"),
    Case("PATCH", "/channels/{made[id]}", {"permission_overwrites": []}, MADE_CATEGORY),
    Case("GET", "/guilds/{guild}/channels", first={**MADE_CATEGORY, **MADE_FORUM}),
    Case("PUT", "/channels/{channel}/permissions/{role}", {"type": 0, "allow": "1024", "deny": None}),
    Case("DELETE", "/channels/{channel}/permissions/{role}", first=OVERWRITTEN),
    Case("POST", "/channels/{channel}/typing"),
    # threads
    Case("POST", "/channels/{channel}/threads", {"name": "t", "type": 11, "auto_archive_duration": 60}),
    Case("POST", "/channels/{channel}/threads", {"name": "t", "type": 12, "invitable": False}),
    Case("POST", f"{A_MESSAGE}/threads", {"name": "about"}),
    Case("GET", "/channels/{about[id]}/messages", first=ABOUT),
    Case("GET", A_MESSAGE, first=ABOUT),
    Case("POST", "/channels/{forum[id]}/threads", POST, MADE_FORUM),
    Case("GET", "/channels/{thread}/thread-members"),
    Case("GET", "/channels/{thread}/thread-members?with_member=true&limit=5"),
    Case("GET", "/channels/{thread}/thread-members/{alice}?with_member=true"),
    Case("PUT", "/channels/{thread}/thread-members/{bob}"),
    Case("PUT", "/channels/{thread}/thread-members/@me"),
    Case("DELETE", "/channels/{thread}/thread-members/{alice}"),
    Case("DELETE", "/channels/{thread}/thread-members/@me"),
    Case("GET", "/channels/{channel}/threads/archived/public?limit=5", first=ARCHIVED),
    Case("GET", "/channels/{channel}/threads/archived/private"),
    Case("GET", "/channels/{channel}/users/@me/threads/archived/private"),
    # messages
    Case("POST", "/channels/{channel}/messages", MESSAGE),
    Case("POST", "/channels/{channel}/messages", LAYOUT),
    Case("GET", "/channels/{channel}/messages?limit=5&around={message}"),
    Case("POST", "/channels/{channel}/messages/bulk-delete", {"messages": ["{message}", "{second}"]}),
    Case("GET", A_MESSAGE),
    Case("PATCH", A_MESSAGE, {"content": "new", "embeds": [], "components": None}),
    Case("PATCH", A_MESSAGE, {"flags": 4}),
    Case("DELETE", A_MESSAGE),
    Case("POST", "/channels/{thread}/messages", FORWARD),
    # pins
    Case("PUT", A_PIN),
    Case("GET", "/channels/{channel}/messages/pins?limit=5", first=PINNED),
    Case("GET", "/channels/{channel}/messages", first=PINNED),
    Case("DELETE", A_PIN, first=PINNED),
    # reactions
    Case("PUT", f"{A_REACTION}/@me"),
    Case("DELETE", f"{A_REACTION}/@me"),
    Case("DELETE", f"{A_REACTION}/{{bot}}"),
    Case("DELETE", f"{A_MESSAGE}/reactions"),
    Case("DELETE", A_REACTION),
    Case("GET", f"{A_REACTION}?limit=5"),
    # commands
    Case("GET", f"{GLOBAL}?with_localizations=true"),
    Case("PUT", GLOBAL, [COMMAND, {"name": "Look", "type": 3}]),
    Case("POST", GLOBAL, {**COMMAND, "name": "other"}),
    Case("GET", f"{GLOBAL}/{{command}}"),
    Case("PATCH", f"{GLOBAL}/{{command}}", {"default_member_permissions": "8", "nsfw": True}),
    Case("DELETE", f"{GLOBAL}/{{command}}"),
    Case("GET", LOCAL, first=LOCAL_COMMAND),
    Case("PUT", LOCAL, [COMMAND]),
    Case("POST", LOCAL, COMMAND),
    Case("GET", f"{LOCAL}/{{made[id]}}", first=LOCAL_COMMAND),
    Case("PATCH", f"{LOCAL}/{{made[id]}}", {"description": "Other"}, LOCAL_COMMAND),
    Case("DELETE", f"{LOCAL}/{{made[id]}}", first=LOCAL_COMMAND),
    Case("GET", f"{LOCAL}/permissions"),
    Case("GET", f"{LOCAL}/{{command}}/permissions"),
    # interactions
    Case("POST", CALLBACK, {"type": 4, "data": {"content": "hello"}}),
    Case(
        "POST", f"{CALLBACK}?with_response=true", {"type": 4, "data": {"embeds": [EMBED], "components": ROWS}}
    ),
    Case("POST", f"{CALLBACK}?with_response=true", {"type": 5, "data": {"flags": 64}}),
    Case("POST", f"{CALLBACK}?with_response=true", {"type": 9, "data": MODAL}),
    Case("POST", f"{CALLBACK}?with_response=true", {"type": 9, "data": OTHER_MODAL}),
    Case("POST", f"{HOOK}?wait=true", {"content": "more", "flags": 64}),
    Case("GET", f"{HOOK}/messages/@original"),
    Case("GET", f"{HOOK}/messages/{{made[id]}}", first=FOLLOW_UP),
    Case("PATCH", f"{HOOK}/messages/@original", {"content": "new", "components": ROWS}),
    Case("PATCH", f"{HOOK}/messages/{{made[id]}}", {"content": "new"}, FOLLOW_UP),
    Case("DELETE", f"{HOOK}/messages/@original"),
    Case("DELETE", f"{HOOK}/messages/{{made[id]}}", first=FOLLOW_UP),
]


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
