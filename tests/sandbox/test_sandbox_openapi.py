"""The sandbox's answers, checked against Discord's own description where that is at hand."""

import json
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it brings no types
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from discord_sandbox import Actor, Call, Reply, Sandbox

Api = Callable[..., Awaitable[tuple[int, Any]]]
Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
PLACES = (
    Path(os.environ.get("DISCORD_OPENAPI", "discord/openapi.json")),
    ROOT.parent / "shared" / "discord" / "openapi.json",
)
URI = "urn:discord-openapi"

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
            {"type": 2, "style": 1, "label": "Go", "custom_id": "go"},
            {"type": 2, "style": 5, "label": "Read", "url": "https://example.org"},
        ],
    },
    {
        "type": 1,
        "components": [
            {"type": 3, "custom_id": "s", "placeholder": "Choose", "options": [{"label": "A", "value": "a"}]}
        ],
    },
]
COMMAND: Json = {
    "name": "task",
    "description": "Ask",
    "name_localizations": {"de": "aufgabe"},
    "options": [
        {"type": 3, "name": "kind", "description": "Which", "choices": [{"name": "A", "value": "a"}]}
    ],
}


@pytest.fixture(scope="module")
def document() -> Json:
    """Give Discord's description."""
    place = next((one for one in PLACES if one.is_file()), None)
    if place is None:
        pytest.skip(
            "Discord's openapi.json is not here; name its path in DISCORD_OPENAPI to check against it"
        )
    read: Json = json.loads(place.read_text())
    return read


@pytest.fixture(scope="module")
def validators(document: Json) -> Callable[[str], Draft202012Validator]:
    """Give the validator of a body by its JSON pointer."""
    resource: Resource[Any] = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(URI, resource)

    def of(pointer: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"{URI}#{pointer}"}, registry=registry)

    return of


@pytest.fixture
async def ids(api: Api, sandbox: Sandbox, alice: Actor) -> dict[str, str]:
    """Fill the sandbox with one of everything, and give the ids."""
    general = sandbox.guild.channel("general").id
    _, message = await api("POST", f"/channels/{general}/messages", {"embeds": [EMBED], "components": ROWS})
    await api("PUT", f"/channels/{general}/messages/{message['id']}/reactions/👍/@me")
    _, thread = await api("POST", f"/channels/{general}/threads", {"name": "t", "type": 12})
    await api("PUT", f"/channels/{thread['id']}/thread-members/{alice.id}")
    _, command = await api("POST", f"/applications/{sandbox.bot_id}/commands", COMMAND)
    return {
        "channel_id": str(general),
        "message_id": message["id"],
        "thread_id": thread["id"],
        "guild_id": str(sandbox.guild.id),
        "user_id": str(alice.id),
        "role_id": str(sandbox.guild.bot_role.id),
        "application_id": str(sandbox.bot_id),
        "command_id": command["id"],
        "emoji_name": "👍",
    }


LAYOUT_BODY: Json = {
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
MESSAGE_BODY: Json = {
    "content": "hello",
    "embeds": [EMBED],
    "components": ROWS,
    "nonce": "n",
    "enforce_nonce": True,
}


@pytest.mark.parametrize(
    ("method", "template", "body", "change"),
    [
        ("GET", "/gateway", None, {}),
        ("GET", "/gateway/bot", None, {}),
        ("GET", "/users/@me", None, {}),
        ("GET", "/users/{user_id}", None, {}),
        ("GET", "/users/@me/guilds", None, {}),
        ("POST", "/users/@me/channels", {"recipient_id": "USER"}, {}),
        ("GET", "/applications/@me", None, {}),
        ("GET", "/guilds/{guild_id}", None, {}),
        ("GET", "/guilds/{guild_id}/channels", None, {}),
        ("GET", "/guilds/{guild_id}/roles", None, {}),
        ("GET", "/guilds/{guild_id}/roles/{role_id}", None, {}),
        ("GET", "/guilds/{guild_id}/members/{user_id}", None, {}),
        ("GET", "/guilds/{guild_id}/threads/active", None, {}),
        ("GET", "/channels/{channel_id}", None, {}),
        ("GET", "/channels/{channel_id}", None, {"channel_id": "thread_id"}),
        ("PATCH", "/channels/{channel_id}", {"archived": True}, {"channel_id": "thread_id"}),
        ("DELETE", "/channels/{channel_id}", None, {"channel_id": "thread_id"}),
        ("POST", "/channels/{channel_id}/threads", {"name": "public", "type": 11}, {}),
        ("POST", "/channels/{channel_id}/messages/{message_id}/threads", {"name": "about"}, {}),
        ("GET", "/channels/{channel_id}/thread-members", None, {"channel_id": "thread_id"}),
        ("GET", "/channels/{channel_id}/thread-members/{user_id}", None, {"channel_id": "thread_id"}),
        ("POST", "/channels/{channel_id}/messages", MESSAGE_BODY, {}),
        ("POST", "/channels/{channel_id}/messages", LAYOUT_BODY, {}),
        ("GET", "/channels/{channel_id}/messages", None, {}),
        ("GET", "/channels/{channel_id}/messages/{message_id}", None, {}),
        ("PATCH", "/channels/{channel_id}/messages/{message_id}", {"content": "new"}, {}),
        ("GET", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}", None, {}),
        ("GET", "/applications/{application_id}/commands", None, {}),
        ("PUT", "/applications/{application_id}/commands", [COMMAND], {}),
        ("POST", "/applications/{application_id}/commands", {**COMMAND, "name": "other"}, {}),
        ("GET", "/applications/{application_id}/commands/{command_id}", None, {}),
        ("PUT", "/applications/{application_id}/guilds/{guild_id}/commands", [COMMAND], {}),
    ],
)
async def test_answers_are_as_discord_describes_them(
    *,
    validators: Callable[[str], Draft202012Validator],
    api: Api,
    ids: dict[str, str],
    method: str,
    template: str,
    body: Any,  # noqa: ANN401 - JSON of any shape
    change: dict[str, str],
) -> None:
    if isinstance(body, dict) and "recipient_id" in body:
        body = {"recipient_id": ids["user_id"]}
    path = template.format(**{key: ids[change.get(key, key)] for key in ids})
    status, answer = await api(method, path, body)
    assert status in {200, 201}
    escaped = template.replace("/", "~1")
    pointer = f"/paths/{escaped}/{method.lower()}/responses/{status}/content/application~1json/schema"
    problems = [f"{one.json_path}: {one.message[:300]}" for one in validators(pointer).iter_errors(answer)]
    assert problems == []


def _patterns(document: Json) -> dict[tuple[str, str], str]:
    """Map (method, route with `{}`) to the path of the description."""
    return {
        (method.upper(), re.sub(r"\{[^}]+\}", "{}", path)): path
        for path, methods in document["paths"].items()
        for method in methods
    }


def _as_described(body: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Write as texts the ids of attachments, which hikari sends as numbers and Discord takes."""
    if isinstance(body, dict) and isinstance(body.get("attachments"), list):
        listed = [{**one, "id": str(one["id"])} for one in body["attachments"]]
        return {**body, "attachments": listed}
    return body


@pytest.mark.usefixtures("bot")
async def test_what_a_real_bot_sends_and_gets_is_as_described(
    sandbox: Sandbox, alice: Actor, document: Json, validators: Callable[[str], Draft202012Validator]
) -> None:
    calls: list[tuple[Call, Reply]] = []

    async def note(call: Call, reply: Reply) -> None:
        calls.append((call, reply))

    sandbox.faults.after("*", note)
    message = (await alice.command("task")).message
    assert message is not None
    await message.click("Press")
    await message.click("Later")
    await alice.until(lambda: message.content == "later came")
    modal = (await message.click("Write")).modal
    assert modal is not None
    await modal.submit({"Your text": "hello"})
    await alice.command("room")
    await alice.autocomplete("task", "language", "g")

    known = _patterns(document)
    checked: set[str] = set()
    for call, reply in calls:
        path = known[call.method, call.route].replace("/", "~1")
        base = f"/paths/{path}/{call.method.lower()}"
        problems = []
        if call.payload is not None:
            pointer = f"{base}/requestBody/content/application~1json/schema"
            problems += validators(pointer).iter_errors(_as_described(call.payload))
        if reply.body is not None:
            pointer = f"{base}/responses/{reply.status}/content/application~1json/schema"
            problems += validators(pointer).iter_errors(reply.body)
        shown = [f"{one.json_path}: {one.message[:300]}" for one in problems]
        assert shown == [], f"{call.method} {call.route}"
        checked.add(f"{call.method} {call.route}")
    assert len(checked) >= 6
