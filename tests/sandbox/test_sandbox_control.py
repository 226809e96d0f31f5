"""The control over HTTP as a whole: what is refused, waiting for the bot, reading what it did, the clock."""

from collections.abc import Callable

import hikari
import pytest

from discord_sandbox import Limit, RateLimits, Sandbox
from tests.sandbox.control_client import Control

MakeBot = Callable[..., hikari.GatewayBot]

with_bot = pytest.mark.usefixtures("bot")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/guilds", {"name": "Sandbox"}, 409, "name_taken"),
        ("/guilds/Sandbox/people", {"name": "Ada"}, 409, "name_taken"),
        ("/guilds/Sandbox/roles", {"name": "@everyone"}, 409, "name_taken"),
        ("/guilds/Sandbox/roles", {"name": "R", "permissions": ["FLY"]}, 400, "bad_body"),
        ("/guilds/Sandbox/people", {"name": " "}, 400, "bad_body"),
        ("/guilds/Sandbox/people", {"name": "Eve", "admin": True}, 400, "bad_body"),
        ("/guilds/Sandbox/people", {"name": "Eve", "roles": ["none"]}, 404, "unknown"),
        ("/guilds/Nowhere/channels", {"name": "x"}, 404, "unknown"),
        ("/guilds/Sandbox/channels/general/overwrite", {"allow": []}, 400, "bad_body"),
        ("/guilds/Sandbox/channels/nowhere/overwrite", {"role": "@everyone"}, 404, "unknown"),
        ("/people/Nobody/command", {"name": "task"}, 404, "unknown"),
        ("/people/Ada/fly", {}, 404, "refused"),
        ("/people/Ada/wait/message", {"message": {"matches": "("}}, 400, "bad_body"),
        ("/people/Ada/wait/message", {"message": {"id": "one"}}, 400, "bad_body"),
        ("/people/Ada/wait/message", {"message": "x", "timeout": 0}, 400, "bad_body"),
        ("/people/Ada/modal/submit", {}, 404, "not_visible"),
        ("/clock/advance", {"seconds": -1}, 400, "bad_body"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    control: Control, path: str, body: dict[str, object], status: int, code: str
) -> None:
    refused = await control.refused(path, **body)
    assert refused[:2] == (status, code)
    assert refused[2]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("delete", {"message": 5}, "message: a message is a text that stands on it, or an object"),
        ("delete", {"message": {"contains": 5}}, "message.contains: "),
        ("delete", {"message": {"after": ""}}, "message.after: String should have at least 1"),
        ("delete", {"message": {"id": "1" * 21}}, "message.id: String should have at most 20"),
        ("delete", {"message": {"matches": "("}}, "message.matches: '(' is no regular expression: unclosed"),
        ("delete", {"message": {"matches": "(?=a)"}}, "look-around"),
        ("delete", {"message": {"matches": "a" * 501}}, "message.matches: String should have at most 500"),
        ("command", {"nam": "x"}, "body: there is no field 'nam'; there is channel, guild, name, options"),
        ("delete", {"message": {"autor": "Ben"}}, "message: there is no field 'autor'; there is contains, "),
        ("command", {"name": "greet", "options": {"who": {"persn": "Ben"}}}, '{"person": name}'),
        ("command", {"name": "greet", "options": {"who": {"person": ""}}}, "options.who.person.person: "),
        (
            "modal/submit",
            {"values": {"Your text": {"a": "!!"}}},
            "values.Your text.files.a: a file is",
        ),
        ("modal/submit", {"values": {"Your text": 5}}, "values.Your text: a field takes a text"),
    ],
)
async def test_the_mistake_that_was_made_is_named(
    control: Control, path: str, body: dict[str, object], said: str
) -> None:
    status, code, message = await control.refused(f"/people/Ada/{path}", **body)
    assert (status, code) == (400, "bad_body")
    assert said in message
    assert "constrained-str" not in message


async def test_an_empty_body_has_no_fields(control: Control) -> None:
    headers = {"Content-Type": "application/json"}
    async with control.session.post(f"{control.base}/clock/freeze", headers=headers) as response:
        assert (response.status, (await response.json())["frozen"]) == (200, True)


async def test_what_there_is_not_is_named_with_what_there_is(control: Control) -> None:
    for method, path, status, said in (
        ("GET", "/peopel", 404, "There is no GET /peopel here."),
        ("GET", "/people/Ada/command", 405, "/people/Ada/command is called with POST, not with GET."),
        ("PUT", "/people/Ada", 405, "/people/Ada is called with GET or PATCH, not with PUT."),
        ("GET", "/people/ada", 404, "There is no person 'ada'; there is 'Olivia Owner', 'Ada', 'Ben'."),
    ):
        assert await control.call(method, path) == (
            status,
            {"error": "unknown" if "person" in said else "refused", "message": said},
        )


async def test_a_query_is_no_body_and_must_be_known(control: Control) -> None:
    status, refused = await control.call("POST", "/people/Ada/send", {"text": "x"}, channel="log")
    assert (status, refused["error"]) == (400, "bad_body")
    status, refused = await control.call("GET", "/people/Ada/messages", chanel="log")
    assert (status, refused["error"]) == (400, "bad_body")
    assert "chanel" in refused["message"]


async def test_the_bot_is_waited_for(control: Control, make_bot: MakeBot, sandbox: Sandbox) -> None:
    status, code, message = await control.refused("/bot/ready", timeout=0.05)
    assert (status, code) == (504, "timeout")
    assert "connected False" in message
    assert await control.post("/bot/gone") == {}
    told = await control.get("/sandbox")
    assert (told["rest_url"], told["token"]) == (sandbox.rest_url, sandbox.token)
    assert (told["guilds"], told["people"]) == (["Sandbox"], ["Olivia Owner", "Ada", "Ben"])
    bot = make_bot()
    await bot.start(check_for_updates=False)
    assert (await control.get("/sandbox"))["bot"]["connected"]
    assert (await control.refused("/bot/gone", timeout=0.05))[:2] == (504, "timeout")
    status, changed = await control.call("PATCH", "/sandbox", {"dm_openings": 3})
    assert (status, changed["dm_openings"], sandbox.dm_openings) == (200, 3, 3)


@with_bot
async def test_what_the_bot_did_can_be_read(control: Control) -> None:
    assert "task" in [one["name"] for one in (await control.get("/commands"))["commands"]]
    await control.post("/bot/ready")
    requests = (await control.get("/requests", limit="3"))["requests"]
    assert len(requests) == 3
    bulk = "PUT /applications/{}/commands"
    (registered,) = (await control.get("/requests", on=bulk))["requests"]
    assert (registered["method"], registered["route"], registered["status"]) == (*bulk.split(), 200)
    assert "task" in [one["name"] for one in registered["payload"]]
    status, refused = await control.call("GET", "/requests", on="POST /nowhere")
    assert (status, refused["error"]) == (400, "bad_input")
    assert (await control.get("/violations"))["violations"] == []
    assert (await control.get("/refusals"))["refusals"] == []
    await control.post("/people/Ada/command", name="task")
    last = (await control.get("/journal", limit="2"))["text"].splitlines()
    assert len(last) == 2
    assert "random in en" in last[1]


async def test_the_clock_is_moved(control: Control, sandbox: Sandbox) -> None:
    assert not (await control.get("/clock"))["frozen"]
    stands = (await control.post("/clock/freeze"))["now"]
    assert await control.post("/clock/advance", seconds=900) == {
        "now": stands + 900,
        "frozen": True,
        "rate_limits": "roomy",
        "warning": None,
    }
    assert sandbox.clock() == stands + 900
    assert not (await control.post("/clock/run"))["frozen"]


@pytest.mark.sandbox(rate_limits=RateLimits())
async def test_it_warns_where_a_bot_cannot_keep_to_the_limits(control: Control) -> None:
    assert (await control.get("/sandbox"))["rate_limits"] == "discord"
    assert (await control.get("/clock"))["warning"] is None
    assert "--rate-limits roomy" in (await control.post("/clock/advance", seconds=900))["warning"]
    assert "--rate-limits roomy" in (await control.post("/clock/freeze"))["warning"]


@pytest.mark.sandbox(rate_limits=RateLimits(bot=Limit(10, 1.0)))
async def test_limits_of_ones_own_are_told(control: Control) -> None:
    assert (await control.get("/clock"))["rate_limits"] == "own"


async def test_the_clock_stays_where_there_are_ids(control: Control) -> None:
    await control.post("/clock/freeze")
    stands = (await control.get("/clock"))["now"]
    status, code, message = await control.refused("/clock/advance", seconds=5e9)
    assert (status, code) == (400, "bad_input")
    assert "2154" in message
    assert (await control.get("/clock"))["now"] == stands
    years = await control.post("/clock/advance", seconds=100 * 365 * 86_400)
    assert years["now"] == stands + 100 * 365 * 86_400
    await control.post("/people/Ada/send", text="in a hundred years")
