"""Bodies that cannot be read, or break off, and the names of files: never the sandbox's own failure."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import hikari
import pytest
from yarl import URL

from discord_sandbox import Actor, Sandbox
from tests.calling import Api, client_headers
from tests.small_bot import RunningBot

JSON_TYPE = {"Content-Type": "application/json"}
FORM = "multipart/form-data; boundary=b"
FORM_TYPE = {"Content-Type": FORM}
DISPOSITION = b'Content-Disposition: form-data; name="payload_json"\r\n'
NESTED: dict[str, object] = {"type": 2, "name": "deep", "description": "Deep"}
for _ in range(300):
    NESTED = {**NESTED, "options": [NESTED]}


@pytest.fixture
def path(sandbox: Sandbox) -> str:
    return f"/channels/{sandbox.guild.channel('general').id}/messages"


@pytest.mark.parametrize(
    "data",
    [
        b'{"content": "x", "flags": NaN}',
        b'{"content": "x", "flags": Infinity}',
        b'{"content": "x", "flags": 1e999}',
        b'{"content": "half a sign: \\ud800"}',
        '{"content": "x"}'.encode("utf-16"),
        '{"content": "x"}'.encode("utf-32"),
        b'{"content": ' + b"[" * 100_000,
        b'{"nonce": ' + b"9" * 5000 + b"}",
    ],
)
async def test_what_is_no_json(sandbox: Sandbox, api: Api, path: str, data: bytes) -> None:
    status, answer = await api("POST", path, data=data, headers=JSON_TYPE)
    assert (status, answer["code"]) == (400, 50109)
    assert sandbox.violations == []


async def test_a_whole_sign_may_be_escaped(api: Api, path: str) -> None:
    data = b'{"content": "\\ud83d\\ude00 and 1.5e3"}'
    status, answer = await api("POST", path, data=data, headers=JSON_TYPE)
    assert (status, answer["content"]) == (200, "😀 and 1.5e3")


async def test_options_inside_options_without_end(sandbox: Sandbox, api: Api) -> None:
    body = {"name": "new", "description": "New", "options": [NESTED]}
    status, answer = await api("POST", f"/applications/{sandbox.bot_id}/commands", body)
    assert (status, answer["code"]) == (400, 50035)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"--b\r\n" + DISPOSITION + b'\r\n{"content": "x"}\r\n--b', 50035),
        (b"--b\r\n" + DISPOSITION + b'\r\n{"content": "x"}\r\n--', 50035),
        (b"--b\r\nno header\r\n\r\n{}\r\n--b--\r\n", 50035),
        (b"--b\r\n" + DISPOSITION + b"Content-Transfer-Encoding: foo\r\n\r\n{}\r\n--b--\r\n", 50035),
        (b"--b\r\n" + DISPOSITION + b"Content-Transfer-Encoding: base64\r\n\r\n{}x!y\r\n--b--\r\n", 50035),
        (b"--b\r\n" + DISPOSITION + b"\r\nNaN\r\n--b--\r\n", 50109),
    ],
    ids=["cut in the boundary", "cut before it", "header", "encoding", "base64", "json"],
)
async def test_a_malformed_form(sandbox: Sandbox, api: Api, path: str, data: bytes, code: int) -> None:
    status, answer = await api("POST", path, data=data, headers=FORM_TYPE)
    assert (status, answer["code"]) == (400, code)
    assert sandbox.violations == []


@pytest.mark.parametrize(("kind", "code"), [("application/json", 50109), (FORM, 50035)])
async def test_a_body_that_is_not_packed_as_it_says(
    sandbox: Sandbox, api: Api, path: str, kind: str, code: int
) -> None:
    async def sent() -> AsyncIterator[bytes]:
        yield b'{"content": "x"}'

    headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
    async with api.session.post(f"{api.base}{path}", data=sent(), headers=headers) as response:
        assert (response.status, (await response.json()).get("code")) == (400, code)
    assert sandbox.violations == []


async def test_a_file_with_a_number_that_no_file_has(strict_sandbox: Sandbox, strict_api: Api) -> None:
    data = aiohttp.FormData()
    data.add_field(f"files[{'9' * 5000}]", b"x", filename="x.txt")
    path = f"/channels/{strict_sandbox.guild.channel('general').id}/messages"
    status, answer = await strict_api("POST", path, data=data)
    assert (status, answer["code"]) == (400, 50035)
    assert "unknown files[999" in strict_sandbox.violations[0]


async def test_a_form_of_files_alone(api: Api, path: str) -> None:
    data = aiohttp.FormData()
    data.add_field("files[0]", b"x", filename="x.txt")
    status, answer = await api("POST", path, data=data)
    assert (status, [one["filename"] for one in answer["attachments"]]) == (200, ["x.txt"])


@pytest.mark.parametrize("kind", ["application/json", FORM])
async def test_a_client_that_goes_away_while_it_sends(strict_sandbox: Sandbox, kind: str) -> None:
    sandbox = strict_sandbox
    address = URL(sandbox.rest_url)
    _, writer = await asyncio.open_connection(address.host, address.port)
    headers = {**client_headers(sandbox), "Host": "x", "Content-Type": kind, "Content-Length": "1000"}
    head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    channel = sandbox.guild.channel("general").id
    writer.write(f"POST /api/v10/channels/{channel}/messages HTTP/1.1\r\n{head}\r\n--b\r\nabcde".encode())
    writer.write_eof()
    await sandbox.store.feed.wait(lambda: sandbox.requests, None, 5)
    assert [one.status for one in sandbox.requests] == [0]
    assert "was cut off by the client" in str(sandbox.journal)
    assert sandbox.violations == []
    writer.close()


async def test_a_hook_that_fails_is_not_the_sandbox(strict_sandbox: Sandbox, strict_api: Api) -> None:
    async def wrong(_: object) -> None:
        raise LookupError("nothing there")

    strict_sandbox.faults.before("GET /users/@me", wrong)
    assert (await strict_api("GET", "/users/@me"))[0] == 500
    assert strict_sandbox.violations == ["GET /users/@me: a hook of the tests failed: LookupError"]


NAMES = ["my file.png", "Übung.png", "#1.png", "100%.png", "a?b&c.txt", "日本.txt", "a+b.txt", "50%25.txt"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_can_be_fetched_whatever_its_name(
    sandbox: Sandbox, bot: RunningBot, alice: Actor, name: str
) -> None:
    general = sandbox.guild.channel("general")
    message = await bot.rest.create_message(general.id, attachment=hikari.Bytes(b"inside", name))
    (attachment,) = message.attachments
    assert attachment.filename == name
    assert await attachment.read() == b"inside"
    assert [one["filename"] for one in alice.messages(general)[-1].attachments] == [name]


@pytest.mark.parametrize(("name", "kept"), [("../a.txt", ".._a.txt"), ("..", "_"), ("a\\b.txt", "a_b.txt")])
async def test_a_name_leads_nowhere(api: Api, path: str, name: str, kept: str) -> None:
    data = aiohttp.FormData()
    data.add_field("files[0]", b"inside", filename=name)
    status, answer = await api("POST", path, data=data)
    (attachment,) = answer["attachments"]
    assert (status, attachment["filename"]) == (200, kept)
    async with api.session.get(attachment["url"]) as response:
        assert await response.read() == b"inside"


async def test_parts_of_a_path_may_be_encoded(sandbox: Sandbox, api: Api) -> None:
    async with api.session.get(URL(f"{api.base}/users/%40me", encoded=True)) as response:
        assert response.status == 200
    assert sandbox.violations == []


async def test_the_channel_is_looked_up_before_the_body(api: Api) -> None:
    assert (await api("POST", "/channels/1/messages", {"content": 5}))[1]["code"] == 10003


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"content": "x", "flags": 1 << 13}, "flags"),
        ({"embeds": [{"image": {"url": "attachment://nope.png"}}]}, "embeds.0.image.url"),
    ],
)
async def test_what_the_sandbox_alone_refuses_is_loud(
    strict_sandbox: Sandbox, strict_api: Api, body: object, where: str
) -> None:
    path = f"/channels/{strict_sandbox.guild.channel('general').id}/messages"
    status, answer = await strict_api("POST", path, body)
    assert (status, answer["code"]) == (400, 50035)
    assert strict_sandbox.violations == [f"POST /channels/{{}}/messages: unknown {where}"]
