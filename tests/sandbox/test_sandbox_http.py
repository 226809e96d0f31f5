"""What every call must have: a token, a user agent, a body that can be read, a version and a method."""

import io
import json
from collections.abc import Callable

import aiohttp
import pytest

from discord_sandbox import Sandbox
from tests.calling import Api

MEBIBYTE = 1024 * 1024
UNAUTHORIZED = (401, {"message": "401: Unauthorized", "code": 0})


@pytest.fixture
def path(sandbox: Sandbox) -> str:
    return f"/channels/{sandbox.guild.channel('general').id}/messages"


@pytest.mark.parametrize("token", ["Bot wrong", "Bearer TOKEN", "TOKEN", ""])
async def test_a_wrong_token_is_unauthorized(sandbox: Sandbox, api: Api, token: str) -> None:
    headers = {"Authorization": token.replace("TOKEN", sandbox.token)}
    assert await api("GET", "/users/@me", headers=headers) == UNAUTHORIZED
    assert [one.status for one in sandbox.refusals] == [401]


async def test_a_call_without_a_token(sandbox: Sandbox) -> None:
    agent = {"User-Agent": "DiscordBot (https://example.org, 1.0)"}
    async with aiohttp.ClientSession(headers=agent) as session:
        api = Api(session, sandbox.rest_url)
        assert await api("GET", "/users/@me") == UNAUTHORIZED
        assert (await api("GET", "/gateway"))[0] == 200
        assert (await api("POST", "/interactions/1/none/callback", {"type": 4}))[1]["code"] == 10062


@pytest.mark.parametrize(
    ("agent", "status"),
    [
        ("DiscordBot (https://example.org, 1.0)", 200),
        ("DiscordBot (https://example.org, 1.0) and more", 200),
        ("DiscordBot (https://example.org,2.6.0)", 200),
        ("DiscordBot", 403),
        ("DiscordBot (https://example.org)", 403),
        ("Mozilla/5.0 (X11; Linux x86_64)", 403),
        ("", 403),
    ],
)
async def test_the_user_agent_says_which_bot_it_is(
    sandbox: Sandbox, api: Api, agent: str, status: int
) -> None:
    found, body = await api("GET", "/users/@me", headers={"User-Agent": agent})
    assert found == status
    if status == 403:
        assert body == {"message": "internal network error", "code": 40333}
        assert [(one.status, one.code) for one in sandbox.refusals] == [(403, 40333)]


@pytest.mark.parametrize(
    ("data", "kind", "status", "code"),
    [
        ('{"content": "x"}', "application/json", 200, None),
        ('{"content": "x"}', "application/json; charset=utf-8", 200, None),
        ("{", "application/json", 400, 50109),
        (b"\xff\xfe", "application/json", 400, 50109),
        ("content=x", "text/plain", 400, 50035),
        ('{"content": "x"}', None, 400, 50035),
        ("[]", "application/json", 400, 50035),
        ("", "application/json", 400, 50035),
    ],
)
async def test_a_body_is_json_and_says_so(
    api: Api, path: str, data: str | bytes, kind: str | None, status: int, code: int | None
) -> None:
    skip = [] if kind else ["Content-Type"]
    headers = {"Content-Type": kind} if kind else {}
    async with api.session.post(
        f"{api.base}{path}", data=data, headers=headers, skip_auto_headers=skip
    ) as response:
        answer = await response.json()
        assert (response.status, answer.get("code")) == (status, code)


async def test_a_form_of_key_and_value_pairs_is_not_known_here(
    strict_sandbox: Sandbox, strict_api: Api
) -> None:
    path = f"/channels/{strict_sandbox.guild.channel('general').id}/messages"
    status, answer = await strict_api("POST", path, data={"content": "x"})
    assert (status, answer["code"]) == (400, 50035)
    (violation,) = strict_sandbox.violations
    assert "application/x-www-form-urlencoded" in violation


async def test_a_form_that_cannot_be_read(api: Api, path: str) -> None:
    for kind, data in (("multipart/form-data", "x"), ("multipart/form-data; boundary=b", "nonsense")):
        status, answer = await api("POST", path, data=data, headers={"Content-Type": kind})
        assert (status, answer["code"]) == (400, 50035)


async def test_a_part_of_a_form_that_is_not_known(strict_sandbox: Sandbox, strict_api: Api) -> None:
    data = aiohttp.FormData()
    data.add_field("attachment", b"x", filename="x.txt")
    path = f"/channels/{strict_sandbox.guild.channel('general').id}/messages"
    assert (await strict_api("POST", path, data=data))[0] == 400
    assert strict_sandbox.violations == ["POST /channels/{}/messages: unknown attachment"]


def plain(size: int) -> io.BytesIO:
    return io.BytesIO(b" " * size + b'{"content": "x"}')


def form(*sizes: int) -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("payload_json", json.dumps({"content": "x"}), content_type="application/json")
    for number, size in enumerate(sizes):
        data.add_field(f"files[{number}]", io.BytesIO(b"x" * size), filename=f"{number}.bin")
    return data


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda: plain(2 * MEBIBYTE), 200),
        (lambda: plain(25 * MEBIBYTE), 413),
        (lambda: form(10 * MEBIBYTE), 200),
        (lambda: form(10 * MEBIBYTE + 1), 413),
        (lambda: form(*[9 * MEBIBYTE] * 3), 413),
    ],
    ids=["2 MiB of JSON", "over 25 MiB of JSON", "a file of 10 MiB", "a larger file", "27 MiB of files"],
)
async def test_large_bodies(
    api: Api, path: str, make: Callable[[], aiohttp.FormData | io.BytesIO], status: int
) -> None:
    data = make()
    headers = {"Content-Type": "application/json"} if isinstance(data, io.BytesIO) else {}
    found, answer = await api("POST", path, headers=headers, data=data)
    assert found == status
    if status == 413:
        assert answer == {"message": "Request entity too large", "code": 40005}


@pytest.mark.parametrize(
    ("value", "counted"),
    [("true", True), ("True", True), ("1", True), ("false", False), ("False", False), ("0", False)],
)
async def test_a_yes_or_no_of_the_query(sandbox: Sandbox, api: Api, value: str, counted: bool) -> None:  # noqa: FBT001 - it is a column
    status, guild = await api("GET", f"/guilds/{sandbox.guild.id}?with_counts={value}")
    assert status == 200
    assert ("approximate_member_count" in guild) is counted


@pytest.mark.parametrize("value", ["TRUE", "yes", ""])
async def test_a_yes_or_no_that_is_neither(sandbox: Sandbox, api: Api, value: str) -> None:
    status, answer = await api("GET", f"/guilds/{sandbox.guild.id}?with_counts={value}")
    assert (status, answer["code"]) == (400, 50035)
    assert answer["errors"]["with_counts"]["_errors"][0]["code"] == "BOOLEAN_TYPE_CONVERT"


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [("/v9", 501, 0), ("/v6", 501, 0), ("", 501, 0), ("/v5", 400, 50041), ("/v11", 400, 50041)],
)
async def test_another_version_of_the_api_is_loud(
    strict_sandbox: Sandbox, strict_api: Api, version: str, status: int, code: int
) -> None:
    base = strict_sandbox.rest_url.removesuffix("/v10")
    async with strict_api.session.get(f"{base}{version}/users/@me") as response:
        assert (response.status, (await response.json())["code"]) == (status, code)
    (violation,) = strict_sandbox.violations
    assert violation == f"GET /api{version}/users/@me: unknown version of the API, the sandbox has 10"


async def test_a_method_that_a_path_has_not_is_loud(strict_sandbox: Sandbox, strict_api: Api) -> None:
    channel = strict_sandbox.guild.channel("general").id
    status, answer = await strict_api("PUT", f"/channels/{channel}")
    assert (status, answer) == (405, {"message": "405: Method Not Allowed", "code": 0})
    assert strict_sandbox.violations == [
        f"PUT /channels/{channel}: unknown method, the sandbox has DELETE, GET, PATCH"
    ]
    assert [(one.status, one.route) for one in strict_sandbox.requests] == [(405, f"/channels/{channel}")]
