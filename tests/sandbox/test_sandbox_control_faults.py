"""Over the control, things go wrong on demand: by rule and count, or at once."""

import asyncio
import inspect
import math
from collections.abc import Callable

import aiohttp
import hikari
import pytest

from discord_sandbox import Fault, Sandbox
from discord_sandbox.control.faults import KINDS
from tests.calling import Api
from tests.sandbox.control_client import Control

MakeBot = Callable[..., hikari.GatewayBot]

NEVER_SENT = (999, 1004, 1005, 1006, 1015, 2000, 5000)
"""Close codes that no application may send."""


async def test_faults_strike_by_rule_and_count(control: Control, api: Api, sandbox: Sandbox) -> None:
    channel = f"/channels/{sandbox.guild.channel('log').id}"
    made = await control.post("/faults/status", status=503, on="GET /channels/{}", times=2, skip=1)
    assert made == {
        "id": 1,
        "what": "status 503 on GET /channels/{}",
        "times": 2,
        "struck": 0,
        "active": True,
        "text": "status 503 on GET /channels/{}: struck 0 of 2, 1 more to pass",
    }
    assert [(await api("GET", channel))[0] for _ in range(4)] == [200, 503, 503, 200]
    (struck,) = (await control.get("/faults"))["faults"]
    assert (struck["struck"], struck["active"]) == (2, False)
    assert (await control.post("/faults/1/wait", times=2))["struck"] == 2

    await control.post("/faults/rate_limit", retry_after=0.1, scope="shared", on="GET /channels/{}")
    status, limited = await api("GET", channel)
    assert (status, limited["retry_after"]) == (429, 0.1)
    for kind in ("cut", "lose_reply", "break_reply"):
        await control.post(f"/faults/{kind}", on="*")
        with pytest.raises(aiohttp.ClientError):
            await api("POST", f"{channel}/messages", {"content": kind})
    left = (await control.get("/people/Ada/messages", channel="log"))["messages"]
    assert [one["content"] for one in left] == ["lose_reply", "break_reply"]


async def test_a_delay_goes_by_the_sandboxs_clock(control: Control, api: Api, sandbox: Sandbox) -> None:
    await control.post("/clock/freeze")
    await control.post("/faults/delay", seconds=60, on="GET /users/@me", times=None)
    waiting = asyncio.ensure_future(api("GET", "/users/@me"))
    assert (await control.post("/faults/1/wait"))["struck"] == 1
    assert not waiting.done()
    await control.post("/clock/advance", seconds=60)
    assert (await waiting)[0] == 200
    assert await control.call("DELETE", "/faults/1") == (
        200,
        {
            "id": 1,
            "what": "delay of 60 s on GET /users/@me",
            "times": None,
            "struck": 1,
            "active": False,
            "text": "delay of 60 s on GET /users/@me: struck 1, removed",
        },
    )
    await control.post("/faults/cut", on="*")
    assert await control.call("DELETE", "/faults") == (200, {})
    assert await control.get("/faults") == {"faults": []}
    assert sandbox.faults.waiting == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/faults/status", {"status": 503, "on": "GET /nowhere"}, 400, "bad_input"),
        ("/faults/status", {"status": 200, "on": "*"}, 400, "bad_body"),
        ("/faults/cut", {"on": "*", "times": 0}, 400, "bad_body"),
        ("/faults/rate_limit", {"on": "*", "retry_after": 1, "scope": "mine"}, 400, "bad_body"),
        ("/faults/lose_event", {"on": "NOTHING_HAPPENED"}, 400, "bad_input"),
        ("/faults/refuse_identify", {"code": 4999}, 400, "bad_input"),
        ("/faults/7/wait", {}, 404, "unknown"),
        ("/faults/rate_limit", {"on": "*", "retry_after": math.inf}, 400, "bad_body"),
        ("/faults/rate_limit", {"on": "*", "retry_after": 1e300}, 400, "bad_body"),
        ("/faults/delay", {"on": "*", "seconds": math.inf}, 400, "bad_body"),
        ("/faults/delay_event", {"on": "*", "seconds": math.nan}, 400, "bad_body"),
        ("/faults/slow_hello", {"seconds": 1e10}, 400, "bad_body"),
        *[("/faults/drop_gateway", {"on": "*", "code": code}, 400, "bad_body") for code in NEVER_SENT],
        *[("/faults/refuse_identify", {"code": code}, 400, "bad_body") for code in NEVER_SENT],
        *[("/gateway/drop", {"code": code}, 400, "bad_body") for code in NEVER_SENT],
    ],
)
async def test_faults_that_make_no_sense_are_refused(
    control: Control, path: str, body: dict[str, object], status: int, code: str
) -> None:
    assert (await control.refused(path, **body))[:2] == (status, code)


async def test_the_gateway_is_disturbed_at_once(control: Control, make_bot: MakeBot) -> None:
    bot = make_bot()
    await bot.start(check_for_updates=False)
    await control.post("/gateway/heartbeat")
    for path, body in (
        ("/gateway/reconnect", {}),
        ("/gateway/invalidate", {"resumable": True}),
        ("/gateway/drop", {"code": 4000}),
    ):
        resumed = asyncio.ensure_future(bot.wait_for(hikari.ShardResumedEvent, timeout=30))
        await control.get("/sandbox")  # the bot's wait is there before the disturbance
        await control.post(path, **body)
        await resumed


async def test_the_gateway_fails_by_rule_and_count(control: Control, make_bot: MakeBot) -> None:
    bot = make_bot()
    await bot.start(check_for_updates=False)
    again = asyncio.ensure_future(bot.wait_for(hikari.ShardReadyEvent, timeout=30))
    await control.post("/faults/drop_gateway", on="MESSAGE_CREATE", code=4000, before=True)
    await control.post("/faults/refuse_resume")
    await control.post("/people/Ada/send", text="at this moment")
    assert (await control.post("/faults/1/wait"))["struck"] == 1
    assert (await control.post("/faults/2/wait", timeout=30))["struck"] == 1
    await again


@pytest.mark.sandbox(unstruck_faults="allowed")
async def test_every_kind_of_fault_can_be_set(control: Control, sandbox: Sandbox) -> None:
    made_by_hand = {"before", "after"}  # they take a function
    kinds = {
        name
        for name, method in inspect.getmembers(type(sandbox.faults), inspect.isfunction)
        if inspect.signature(method).return_annotation is Fault and not name.startswith("_")
    }
    assert kinds - made_by_hand == KINDS.keys()
    needed = {"on": "*", "status": 503, "retry_after": 1, "seconds": 1, "resumable": True, "code": 4000}
    for kind, model in KINDS.items():
        body = {name: needed[name] for name, one in model.model_fields.items() if one.is_required()}
        assert (await control.post(f"/faults/{kind}", **body))["struck"] == 0
    assert len(sandbox.faults.waiting) == len(KINDS)


@pytest.mark.sandbox(unstruck_faults="allowed")
async def test_a_fault_that_does_not_strike_is_waited_for_in_vain(control: Control) -> None:
    await control.post("/faults/cut", on="*")
    assert (await control.refused("/faults/1/wait", timeout=0.05))[:2] == (504, "timeout")
    assert (await control.refused("/faults/1/wait", times=2))[:2] == (400, "bad_input")
