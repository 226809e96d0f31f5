"""How the sandbox checks itself against a description: what it records, passes over, and needs."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from discord_sandbox import Call, DescriptionError, Permission, Reply, Sandbox
from tests.calling import client_headers

Json = dict[str, Any]


class Running:
    """A sandbox that checks against a description, and a plain client of it."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.general = sandbox.guild.channel("general").id

    async def __call__(self, method: str, path: str, **more: Any) -> tuple[int, Any]:  # noqa: ANN401 - passed on to aiohttp
        url = f"{self.sandbox.rest_url}{path.format(general=self.general)}"
        async with self.session.request(method, url, **more) as response:
            return response.status, await response.json() if response.status != 204 else None


Run = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Start a sandbox that checks against the given operations, by path and method."""

    @asynccontextmanager
    async def running(paths: Json, schemas: Json | None = None) -> AsyncIterator[Running]:
        place = tmp_path / "openapi.json"
        place.write_text(json.dumps({"paths": paths, "components": {"schemas": schemas or {}}}))
        sandbox = Sandbox(openapi=place, bot_permissions=Permission.ADMINISTRATOR)
        async with sandbox, aiohttp.ClientSession() as session:
            session.headers.update(client_headers(sandbox))
            yield Running(sandbox, session)

    return running


def operation(
    answer: Json | None = None, *, status: int = 200, body: Json | None = None, query: Json | None = None
) -> Json:
    """Describe an operation: the schemas of its answer, its JSON and its query."""
    described: Json = {"responses": {str(status): {}, "4XX": {}}}
    if answer is not None:
        described["responses"][str(status)]["content"] = {"application/json": {"schema": answer}}
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if query is not None:
        described["parameters"] = [
            {"name": name.removesuffix("!"), "in": "query", "required": name.endswith("!"), "schema": schema}
            for name, schema in query.items()
        ]
    return described


def fields(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


ANYTHING: Json = {}


async def test_a_wrong_answer_is_recorded_once(run: Run) -> None:
    gateway = {**fields(url={"type": "integer"}), "required": ["url", "shards"]}
    async with run({"/gateway": {"get": operation(gateway)}}) as call:
        assert (await call("GET", "/gateway"))[0] == 200
        await call("GET", "/gateway")
        url = call.sandbox.store.gateway.url
        assert sorted(call.sandbox.violations) == [
            f'GET /gateway, answer 200, $.url: "{url}" is not of type "integer"',
            'GET /gateway, answer 200, $: "shards" is a required property',
        ]


async def test_a_field_that_the_description_does_not_have_is_recorded(run: Run) -> None:
    limit = fields(total=ANYTHING, remaining=ANYTHING, max_concurrency=ANYTHING)
    answer = fields(url=ANYTHING, session_start_limit={"$ref": "#/components/schemas/Limit"})
    async with run({"/gateway/bot": {"get": operation(answer)}}, {"Limit": limit}) as call:
        await call("GET", "/gateway/bot")
        where = "GET /gateway/bot, answer 200, $"
        assert sorted(call.sandbox.violations) == [
            f"{where}.session_start_limit.reset_after: the description has no such field",
            f"{where}.shards: the description has no such field",
        ]


async def test_an_object_that_must_fit_several_schemas_may_have_the_fields_of_all(run: Run) -> None:
    answer = {"allOf": [{"$ref": "#/components/schemas/Gateway"}, fields(shards={"type": "string"})]}
    gateway = fields(url=ANYTHING, session_start_limit=ANYTHING)
    async with run({"/gateway/bot": {"get": operation(answer)}}, {"Gateway": gateway}) as call:
        await call("GET", "/gateway/bot")
        line = 'GET /gateway/bot, answer 200, $.shards: 1 is not of type "string"'
        assert call.sandbox.violations == [line]


async def test_of_several_forms_only_the_one_that_was_meant_is_told(run: Run) -> None:
    others = {"id": ANYTHING, "global_name": ANYTHING}
    person = fields(type={"type": "integer", "enum": [1]}, recipients={"type": "array"})
    text = {
        "type": "object",
        "properties": {"type": {"type": "integer", "enum": [0]}, "name": {"maxLength": 3}},
    }
    text["additionalProperties"] = others
    async with run(
        {"/channels/{channel_id}": {"get": operation({"oneOf": [{"type": "null"}, person, text]})}}
    ) as call:
        await call("GET", "/channels/{general}")
        line = 'GET /channels/{}, answer 200, $.name: "general" is longer than 3 characters'
        assert line in call.sandbox.violations
        assert not [one for one in call.sandbox.violations if "recipients" in one or "null" in one]


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        (
            {"anyOf": [fields(type={"enum": [2]}), fields(type={"enum": [4]}), {"type": "null"}]},
            "$: the object fits no form: 0 is not one of 2; 0 is not one of 4; ",
        ),
        (
            {"properties": {"type": {"oneOf": [{"const": 3}, {"const": 5}]}}, "additionalProperties": {}},
            "$.type: 0 fits no form: 3 was expected; 5 was expected",
        ),
    ],
)
async def test_what_fits_no_form_is_told_as_such(run: Run, schema: Json, line: str) -> None:
    async with run({"/channels/{channel_id}": {"get": operation(schema)}}) as call:
        await call("GET", "/channels/{general}")
        (told,) = call.sandbox.violations
        assert told.startswith(f"GET /channels/{{}}, answer 200, {line}")
        assert len(told) < 400


async def test_what_fits_several_forms_is_told_shortly(run: Run) -> None:
    async with run({"/channels/{channel_id}": {"get": operation({"oneOf": [ANYTHING, ANYTHING]})}}) as call:
        await call("GET", "/channels/{general}")
        (told,) = call.sandbox.violations
        assert told.endswith("is valid under more than one of the schemas listed in the 'oneOf' keyword")
        assert len(told) < 400


@pytest.mark.parametrize(
    ("described", "line"),
    [
        (operation({}, status=201), "$: the description has no such status, only 201"),
        (operation(), "$: the description has no body here"),
    ],
)
async def test_an_answer_has_the_described_status_and_a_body_where_there_is_one(
    run: Run, described: Json, line: str
) -> None:
    async with run({"/gateway": {"get": described}}) as call:
        await call("GET", "/gateway")
        assert call.sandbox.violations == [f"GET /gateway, answer 200, {line}"]


async def test_an_empty_answer_where_a_body_is_described_is_recorded(run: Run) -> None:
    async with run({"/channels/{channel_id}/typing": {"post": operation({}, status=204)}}) as call:
        assert await call("POST", "/channels/{general}/typing") == (204, None)
        assert call.sandbox.violations == ["POST /channels/{}/typing, answer 204, $: it must have a body"]


async def test_a_wrong_request_is_recorded_though_the_sandbox_took_it(run: Run) -> None:
    topic = fields(topic={"type": "string", "maxLength": 3})
    async with run({"/channels/{channel_id}": {"patch": operation({}, body=topic)}}) as call:
        assert (await call("PATCH", "/channels/{general}", json={"topic": "long", "nsfw": True}))[0] == 200
        assert sorted(call.sandbox.violations) == [
            "PATCH /channels/{}, request, $.nsfw: the description has no such field",
            'PATCH /channels/{}, request, $.topic: "long" is longer than 3 characters',
        ]


async def test_a_request_has_a_body_just_where_one_is_described(run: Run) -> None:
    typing, gateway = operation(body={}, status=204), operation({})
    async with run({"/channels/{channel_id}/typing": {"post": typing}, "/gateway": {"get": gateway}}) as call:
        assert (await call("POST", "/channels/{general}/typing"))[0] == 204
        assert (await call("GET", "/gateway", json={}))[0] == 200
        assert call.sandbox.violations == [
            "POST /channels/{}/typing, request, $: it must have a body",
            "GET /gateway, request, $: the description has no body here",
        ]


async def test_the_json_beside_files_is_checked(run: Run) -> None:
    body = fields(content={"type": "string", "maxLength": 3})
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps({"content": "with a file"}), content_type="application/json")
    form.add_field("files[0]", b"text", filename="a.txt")
    async with run({"/channels/{channel_id}/messages": {"post": operation({}, body=body)}}) as call:
        assert (await call("POST", "/channels/{general}/messages", data=form))[0] == 200
        line = 'POST /channels/{}/messages, request, $.content: "with a file" is longer than 3 characters'
        assert call.sandbox.violations == [line]


@pytest.mark.parametrize(
    ("query", "schemas", "wrong"),
    [
        ("limit=2", {"limit": {"type": "integer", "maximum": 2}}, []),
        ("limit=2&before=5", {"limit": {"type": "integer"}, "before": {"type": "string"}}, []),
        ("limit=2", {"limit": {"type": "boolean"}}, ["limit: '2' is not valid"]),
        ("limit=2", {"limit": {"type": "integer", "maximum": 1}}, ["limit: '2' is not valid"]),
        ("limit=2", {"before": {"type": "string"}}, ["limit: the description has no such parameter"]),
        ("limit=2", {"limit": ANYTHING, "before!": ANYTHING}, ["before: this parameter is required"]),
    ],
)
async def test_the_query_is_checked(run: Run, query: str, schemas: Json, wrong: list[str]) -> None:
    async with run({"/channels/{channel_id}/messages": {"get": operation({}, query=schemas)}}) as call:
        assert (await call("GET", f"/channels/{{general}}/messages?{query}"))[0] == 200
        where = "GET /channels/{}/messages, request, $.query"
        assert call.sandbox.violations == [f"{where}.{line}" for line in wrong]


async def test_words_of_a_query_are_read_as_yes_and_no(run: Run) -> None:
    described = operation({}, query={"with_counts": {"type": "boolean"}})
    async with run({"/guilds/{guild_id}": {"get": described}}) as call:
        assert (await call("GET", f"/guilds/{call.sandbox.guild.id}?with_counts=true"))[0] == 200
        assert call.sandbox.violations == []


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ({"type": "integer", "format": "int32"}, "1099511627776 is greater than the maximum of 2147483647"),
        ({"type": "integer", "format": "int64"}, None),
        ({"type": "string", "format": "snowflake"}, '1099511627776 is not of type "string"'),
    ],
)
async def test_numbers_have_the_range_of_their_format(run: Run, schema: Json, line: str | None) -> None:
    described = operation({}, body=fields(nonce=schema, content=ANYTHING))
    async with run({"/channels/{channel_id}/messages": {"post": described}}) as call:
        sent = {"content": "hi", "nonce": 2**40}
        assert (await call("POST", "/channels/{general}/messages", json=sent))[0] == 200
        where = "POST /channels/{}/messages, request, $.nonce"
        assert call.sandbox.violations == ([] if line is None else [f"{where}: {line}"])


@pytest.mark.parametrize(
    ("form", "line"),
    [("snowflake", "is longer than 20 characters"), ("date-time", 'is not a "date-time"')],
)
async def test_texts_have_their_format(run: Run, form: str, line: str) -> None:
    described = operation({}, body=fields(content={"type": "string", "format": form}))
    async with run({"/channels/{channel_id}/messages": {"post": described}}) as call:
        assert (await call("POST", "/channels/{general}/messages", json={"content": "1" * 21}))[0] == 200
        where = "POST /channels/{}/messages, request, $.content"
        assert call.sandbox.violations == [f'{where}: "{"1" * 21}" {line}']


async def test_a_route_that_the_description_does_not_have_is_recorded(run: Run) -> None:
    async with run({"/gateway": {"post": operation()}}) as call:
        assert (await call("GET", "/gateway"))[0] == 200
        assert call.sandbox.violations == ["GET /gateway: Discord's description has no such route"]


async def test_a_path_of_its_own_wins_over_one_that_varies(run: Run) -> None:
    path = "/channels/{channel_id}/thread-members"
    paths = {
        f"{path}/@me": {"put": operation(status=202)},
        f"{path}/{{user_id}}": {"put": operation(status=203)},
    }
    async with run(
        {**paths, "/channels/{channel_id}/threads": {"post": operation({}, body={}, status=201)}}
    ) as call:
        _, thread = await call("POST", "/channels/{general}/threads", json={"name": "t", "type": 11})
        alice = call.sandbox.guild.add_member("Alice")
        for who in ("@me", alice.id):
            assert (await call("PUT", f"/channels/{thread['id']}/thread-members/{who}"))[0] == 204
        where = "PUT /channels/{}/thread-members/{}, answer 204, $: the description has no such status, only"
        assert call.sandbox.violations == [f"{where} 202", f"{where} 203"]


async def test_what_is_refused_is_not_checked(run: Run) -> None:
    described = operation({"type": "null"}, body={"type": "null"})
    async with run({"/channels/{channel_id}/messages": {"post": described}}) as call:
        assert (await call("POST", "/channels/{general}/messages", json={}))[0] == 400
        assert call.sandbox.violations == []


async def test_only_the_sandbox_s_own_answers_are_checked(run: Run) -> None:
    async def early(_: Call) -> Reply:
        return Reply(299, {"odd": True})

    async def late(_: Call, reply: Reply) -> Reply:
        assert reply.status == 200
        return Reply(202, {"odd": True})

    async with run({"/gateway": {"get": operation(fields(url=ANYTHING))}}) as call:
        call.sandbox.faults.before("*", early, times=1)
        assert await call("GET", "/gateway") == (299, {"odd": True})
        call.sandbox.faults.after("*", late)
        assert await call("GET", "/gateway") == (202, {"odd": True})
        assert call.sandbox.violations == []


async def test_the_environment_can_name_the_description(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "named.json"
    place.write_text(json.dumps({"paths": {}, "components": {"schemas": {}}}))
    monkeypatch.setenv("DISCORD_OPENAPI", str(place))
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        await Running(sandbox, session)("GET", "/gateway")
        assert sandbox.violations == ["GET /gateway: Discord's description has no such route"]


@pytest.mark.parametrize("named", [None, ""])
async def test_without_a_description_nothing_is_checked(
    monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    monkeypatch.delenv("DISCORD_OPENAPI", raising=False)
    if named is not None:
        monkeypatch.setenv("DISCORD_OPENAPI", named)
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        assert (await Running(sandbox, session)("GET", "/gateway", json={"odd": True}))[0] == 200
        assert sandbox.violations == []


def test_a_missing_file_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "openapi.json"
    with pytest.raises(DescriptionError, match=f"no file {missing}.*unset DISCORD_OPENAPI"):
        Sandbox(openapi=missing)
    monkeypatch.setenv("DISCORD_OPENAPI", str(missing))
    with pytest.raises(DescriptionError, match=f"no file {missing}"):
        Sandbox()


@pytest.mark.parametrize(
    "text", ["not JSON", "[]", "{}", '{"paths": {}}', '{"paths": [], "components": {"schemas": {}}}']
)
def test_a_file_of_another_kind_is_said(tmp_path: Path, text: str) -> None:
    place = tmp_path / "openapi.json"
    place.write_text(text)
    with pytest.raises(DescriptionError, match=f"{place} is not Discord's OpenAPI description"):
        Sandbox(openapi=place)


def test_without_the_extra_there_is_a_sandbox_but_no_check(tmp_path: Path) -> None:
    place = tmp_path / "openapi.json"
    place.write_text("{}")
    program = (
        "import sys; sys.modules['jsonschema_rs'] = None\n"
        "from discord_sandbox import DescriptionError, Sandbox\n"
        "Sandbox()\n"
        "try:\n    Sandbox(openapi=sys.argv[1])\n"
        "except DescriptionError as error:\n    print(error)\n"
    )
    plain = {key: value for key, value in os.environ.items() if key != "DISCORD_OPENAPI"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(place)], capture_output=True, text=True, env=plain, check=True
    )
    assert "install the extra `openapi`" in done.stdout
