"""The pytest plugin in real runs of pytest: what it gives to a test, what it finds and what it tells."""

import re
import tomllib
from pathlib import Path

import pytest

import discord_sandbox
import discord_sandbox.public
from tests.sandbox.pytest_run import PLUGIN, ROOT, Run

TESTS = """
import asyncio

import aiohttp
import hikari
import lightbulb
import pytest

from discord_sandbox import Clock, Permission, RateLimits, WaitTimeout

pytestmark = [pytest.mark.asyncio, pytest.mark.sandbox(guild_name="Town")]
TIDY = []


def make_bot(sandbox):
    bot = hikari.GatewayBot(sandbox.token, rest_url=sandbox.rest_url, banner=None, logs=None)
    client = lightbulb.client_from_app(bot)

    @client.register
    class Hello(lightbulb.SlashCommand, name="hello", description="Say hello"):
        @lightbulb.invoke
        async def invoke(self, ctx: lightbulb.Context) -> None:
            await ctx.respond("Hello!")

    bot.subscribe(hikari.StartingEvent, client.start)
    return bot


async def call_unknown(sandbox):
    headers = {"Authorization": f"Bot {sandbox.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"{sandbox.rest_url}/nowhere") as response:
            assert response.status == 501


async def test_a_bot_answers(sandbox, guild, member, start_bot):
    bot = await start_bot(make_bot(sandbox))
    TIDY.append(bot)
    alice = member("Alice", locale="de", permissions=Permission.MANAGE_GUILD)
    response = await alice.command("hello")
    assert (response.text, alice.locale, guild.member("Alice")) == ("Hello!", "de", alice)


async def test_b_the_bot_of_an_earlier_test_is_closed(sandbox):
    assert not TIDY[0].is_alive
    assert sandbox.guild.name == "Town"
    assert len(sandbox.people) == 1


async def test_a_bot_without_commands(sandbox, start_bot):
    bot = hikari.GatewayBot(sandbox.token, rest_url=sandbox.rest_url, banner=None, logs=None)
    assert (await start_bot(bot, commands=False)).is_alive


async def test_a_violation(sandbox):
    await call_unknown(sandbox)


@pytest.mark.sandbox(violations="allowed", guild_name="Village")
async def test_a_violation_that_is_allowed(sandbox, guild):
    assert guild.name == "Village"
    await call_unknown(sandbox)


@pytest.fixture
def call_at_the_end(sandbox):
    yield
    sandbox.violations.append("GET /late: unknown route")


async def test_a_violation_at_the_end(call_at_the_end):
    pass


async def test_a_wait_in_vain(sandbox, guild, member):
    member("Bob").send(guild.channel("general"), "only this")
    await call_unknown(sandbox)
    sandbox.faults.status(503, "*")
    assert False, "it did not come"


async def test_a_fault_that_never_struck(sandbox):
    sandbox.faults.status(503, "POST /channels/{}/messages")


@pytest.mark.sandbox(unstruck_faults="allowed")
async def test_a_fault_that_need_not_strike(sandbox):
    sandbox.faults.status(503, "POST /channels/{}/messages")


@pytest.mark.sandbox(
    clock="frozen",
    privileged_intents=hikari.Intents.MESSAGE_CONTENT,
)
async def test_options(sandbox, sandbox_clock):
    assert sandbox.rate_limits == RateLimits.roomy()
    now = sandbox_clock()
    sandbox_clock.advance(900)
    assert sandbox.clock() == now + 900
    assert sandbox.store.privileged_intents == 1 << 15


@pytest.mark.sandbox(clock=lambda: Clock(start=0.0, frozen=True))
async def test_a_clock_of_ones_own(sandbox, sandbox_clock):
    assert sandbox.rate_limits == RateLimits.roomy()
    assert sandbox_clock() == 0.0


async def test_discords_limits(sandbox):
    assert sandbox.rate_limits == RateLimits()


@pytest.mark.sandbox(clock="frozen", rate_limits=RateLimits())
async def test_limits_of_ones_own(sandbox):
    assert sandbox.rate_limits == RateLimits()


@pytest.mark.sandbox(clock="frozen")
async def test_a_bot_with_a_moved_clock(sandbox, guild, member, start_bot):
    bot = await start_bot(make_bot(sandbox))
    for number in range(12):
        sandbox.clock.advance(300)
        await bot.rest.create_message(guild.channel("general").id, str(number))


@pytest.mark.sandbox(clock=Clock())
async def test_wrong_clock(sandbox):
    pass


@pytest.mark.sandbox(colour="red")
async def test_wrong_option(sandbox):
    pass


@pytest.mark.sandbox(violations="ignored")
async def test_wrong_value(sandbox):
    pass


@pytest.mark.sandbox("frozen")
async def test_wrong_argument(sandbox):
    pass
"""

NO_SANDBOX = """
import sys

def test_nothing_of_the_sandbox_is_imported_before_it_is_needed():
    loaded = [name for name in sys.modules if name.startswith("discord_sandbox.")]
    assert loaded == ["discord_sandbox.pytest_plugin"]
"""


@pytest.fixture(scope="module", params=["strict", "auto"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "test_bot.py").write_text(TESTS)
    (folder / "pytest.ini").write_text(
        f"[pytest]\nasyncio_mode = {request.param}\n"
        "asyncio_default_fixture_loop_scope = function\naddopts = --strict-markers\nfilterwarnings = error\n"
    )
    return Run(folder, "-p", "pytest_asyncio.plugin", "-p", PLUGIN)


def test_tests_with_a_bot_pass(run: Run) -> None:
    for name in (
        "test_a_bot_answers",
        "test_b_the_bot_of_an_earlier_test_is_closed",
        "test_a_bot_without_commands",
        "test_a_violation_that_is_allowed",
        "test_a_fault_that_need_not_strike",
        "test_options",
        "test_a_clock_of_ones_own",
        "test_discords_limits",
        "test_limits_of_ones_own",
        "test_a_bot_with_a_moved_clock",
    ):
        assert run.outcomes(name) == ["PASSED"], run.text
    assert run.code == 1


def test_a_violation_fails_the_test_and_is_named(run: Run) -> None:
    assert run.outcomes("test_a_violation") == ["FAILED"]
    told = run.about("test_a_violation")
    assert "This is not as Discord has it:\n  GET /nowhere: unknown route" in told
    assert run.outcomes("test_a_violation_at_the_end") == ["PASSED", "ERROR"]
    assert "GET /late: unknown route" in run.about("test_a_violation_at_the_end")


def test_a_failed_test_tells_what_happened(run: Run) -> None:
    assert run.outcomes("test_a_wait_in_vain") == ["FAILED"], "what the section tells is no second failure"
    told = run.about("test_a_wait_in_vain")
    assert "it did not come" in told
    story = told.partition("- discord sandbox -")[2]
    assert re.search(r"Bob.*only this", story)
    assert "GET /nowhere: unknown route" in story
    assert "Did not strike: status 503 on *: struck 0 of 1" in story


def test_a_fault_that_never_struck_fails_the_test(run: Run) -> None:
    assert run.outcomes("test_a_fault_that_never_struck") == ["FAILED"]
    told = run.about("test_a_fault_that_never_struck")
    assert "status 503 on POST /channels/{}/messages: struck 0 of 1" in told


def test_a_marker_that_makes_no_sense_is_explained(run: Run) -> None:
    for name, said in (
        ("test_wrong_clock", "takes 'running', 'frozen' or a function"),
        ("test_wrong_option", "has no option ['colour']"),
        ("test_wrong_value", "takes 'fail' or 'allowed', not 'ignored'"),
        ("test_wrong_argument", "takes its options by name"),
    ):
        assert run.outcomes(name) == ["ERROR"], run.text
        assert said in run.about(name)
        assert "unless they are 'allowed'" in run.about(name)


def test_an_installed_plugin_is_found_and_is_loaded_once(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = tmp_path / "installed" / "one-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: one\nVersion: 1.0\n")
    lines = [f"{name} = {place}" for name, place in project["entry-points"]["pytest11"].items()]
    (installed / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines]))
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_nothing.py").write_text(NO_SANDBOX)
    found = Run(tests, path=(installed.parent,), installed=True)
    assert found.code == 0, found.text
    (tests / "conftest.py").write_text(f"pytest_plugins = ['{PLUGIN}']\n")
    again = Run(tests, "-p", PLUGIN, path=(installed.parent,), installed=True)
    assert again.code == 0, again.text


def test_without_pytest_asyncio_other_tests_still_run(tmp_path: Path) -> None:
    (tmp_path / "no_asyncio.py").write_text("import sys\nsys.modules['pytest_asyncio'] = None\n")
    (tmp_path / "test_both.py").write_text("def test_other(): pass\n\ndef test_sandbox(sandbox): pass\n")
    ran = Run(tmp_path, "-p", "no_asyncio", "-p", PLUGIN, path=(tmp_path,))
    assert ran.outcomes("test_other") == ["PASSED"], ran.text
    assert ran.outcomes("test_sandbox") == ["ERROR"]
    assert "requested an async fixture 'sandbox'" in ran.about("test_sandbox")


def test_what_the_package_gives_is_there_when_it_is_asked_for() -> None:
    assert discord_sandbox.public.__all__ == sorted(discord_sandbox.public.__all__)
    for name in discord_sandbox.public.__all__:
        assert name[0].isupper()
        assert getattr(discord_sandbox, name) is getattr(discord_sandbox.public, name)
    with pytest.raises(AttributeError, match="Nothing"):
        _ = discord_sandbox.Nothing  # type: ignore[attr-defined]  # that it is not there is what is shown


def test_what_the_package_gives_is_listed() -> None:
    given: dict[str, object] = {}
    exec("from discord_sandbox import *", given)  # noqa: S102 - the star must find the names too
    names = set(discord_sandbox.public.__all__)
    assert names <= given.keys()
    assert names <= set(dir(discord_sandbox))


def test_the_package_says_that_it_is_typed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = project["tool"]["setuptools"]["package-data"]
    for name in ("discord_sandbox", "oasst_client"):
        assert (ROOT / name / "py.typed").is_file()
        assert "py.typed" in packed[name]
