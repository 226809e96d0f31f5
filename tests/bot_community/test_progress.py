"""/progress as people see it: over the project's own backend, and over others that tell less."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot import limits
from bot.app import BotApp
from bot.community.progress_facts import Facts
from bot.community.progress_panel import STATES, milestone_after, progress_bars, progress_panel
from bot.rendering.panels import Panel
from bot.settings import BotSettings
from bot.texts import Texts, texts_for
from discord_sandbox import MessageView, Sandbox
from oasst_backend.rules.trees import TreeState
from oasst_backend.server import BackendServer
from oasst_client import OasstApiClient, TaskRequestType, WorkOfWeek, WrittenMessages
from tests.backend.conftest import Worker
from tests.made_databases import bot_database

TEXTS = texts_for("en-US")
GERMAN = texts_for("de")

FOREIGN_ROW = {
    "user_id": "00000000-0000-4000-8000-000000000001",
    "username": "5",
    "auth_method": "discord",
    "display_name": "Zoe",
}


StartAt = Callable[[str], Awaitable[BotApp]]


@pytest.fixture
async def start_at(tmp_path: Path, sandbox: Sandbox) -> AsyncIterator[StartAt]:
    """Starts the bot on a backend."""
    running: list[BotApp] = []

    async def start(url: str) -> BotApp:
        settings = BotSettings(
            _env_file=None,
            bot_token=sandbox.token,
            discord_rest_url=sandbox.rest_url,
            oasst_api_url=url,
            oasst_api_key="key",
            bot_database_url=bot_database(tmp_path / "bot.db"),
        )
        running.append(BotApp(settings))
        await running[-1].start()
        await sandbox.bot_ready()
        return running[-1]

    yield start
    for app in running:
        await app.close()


@pytest.fixture
async def foreign_backend() -> AsyncIterator[Callable[[dict[str, Any]], Awaitable[str]]]:
    """Starts a backend that answers what it is told to, by address, and knows no other call."""
    runners: list[web.AppRunner] = []

    async def start(answers: dict[str, Any]) -> str:
        async def answer(request: web.Request) -> web.Response:
            if request.path not in answers:
                return web.json_response({"detail": "Not Found"}, status=404)
            found = answers[request.path]
            if isinstance(found, int):
                return web.json_response({"error_code": 2, "message": "no"}, status=found)
            return web.json_response(found)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runners.append(web.AppRunner(app))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runners[-1].addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


async def progress_of(sandbox: Sandbox, locale: str = "en-US") -> MessageView:
    alice = sandbox.guild.add_member("Alice", locale=locale)
    answer = await alice.command("progress")
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message


def fields(shown: MessageView) -> dict[str, list[str]]:
    return {field["name"]: field["value"].splitlines() for field in shown.embeds[0].get("fields", [])}


async def test_an_empty_dataset_invites_to_the_first_message(
    sandbox: Sandbox, own_backend: BackendServer, start_at: StartAt
) -> None:
    await start_at(own_backend.url)
    shown = await progress_of(sandbox)
    assert "Nothing yet. Do a task with /task" in shown.text
    assert "It was quiet" in shown.text


async def test_what_was_gathered_is_shown_with_bars(
    sandbox: Sandbox, own_backend: BackendServer, start_at: StartAt
) -> None:
    async with OasstApiClient(own_backend.url, "key") as client:
        for name in ("ann", "bob"):
            await Worker(client, name).write(TaskRequestType.initial_prompt, f"Why, asks {name}?", "en")
        await Worker(client, "ann").write(TaskRequestType.initial_prompt, "Warum?", "de")
        await Worker(client, "cat").label(TaskRequestType.label_initial_prompt, lang="en")
        await Worker(client, "cat").write(TaskRequestType.assistant_reply, "Because.", "en")
    await start_at(own_backend.url)
    shown = await progress_of(sandbox)
    found = fields(shown)
    assert "Messages: **4**" in shown.text
    assert "People who took part: **3**" in shown.text
    assert "6 more to **10**" in shown.text
    assert found["What was written"] == [
        "▰▰▰▰▰▰▰▰▰▰▰▰ First messages · **3**",
        "▰▰▰▰▱▱▱▱▱▱▱▱ Assistant replies · **1**",
        "▱▱▱▱▱▱▱▱▱▱▱▱ User replies · **0**",
    ]
    assert found["In which languages"] == [
        "▰▰▰▰▰▰▰▰▰▰▰▰ English · **3**",
        "▰▰▰▰▱▱▱▱▱▱▱▱ German · **1**",
    ]
    assert found["What was looked through"][0] == "▰▰▰▰▰▰▰▰▰▰▰▰ Labels · **1**"
    assert "▰▰▰▰▰▰▱▱▱▱▱▱ growing · **1**" in found["How far the conversations are"]
    week = found["The last 7 days, and the 7 before"]
    assert "First messages: **3** ▲ 3 more" in week
    assert "People: **3** ▲ 3 more" in week


async def test_it_speaks_the_readers_language(
    sandbox: Sandbox, own_backend: BackendServer, start_at: StartAt
) -> None:
    async with OasstApiClient(own_backend.url, "key") as client:
        await Worker(client, "ann").write(TaskRequestType.initial_prompt, "Why?", "en")
    await start_at(own_backend.url)
    shown = await progress_of(sandbox, "de")
    assert "Was wir zusammen gesammelt haben" in shown.text
    assert "Englisch" in shown.text


async def test_another_backend_shows_its_statistics_where_the_key_may_read_them(
    sandbox: Sandbox, start_at: StartAt, foreign_backend: Callable[[dict[str, Any]], Awaitable[str]]
) -> None:
    await start_at(
        await foreign_backend(
            {
                "/api/v1/stats/": {
                    "all": 9,
                    "active": 7,
                    "active_by_lang": {"en": 2, "xx-<@1>": 5},
                    "deleted": 2,
                    "message_trees": 3,
                },
                "/api/v1/stats/tree_manager/state_counts": {"growing": 2, "**dreaming** @everyone": 1},
            }
        )
    )
    shown = await progress_of(sandbox)
    assert "Messages: **7**" in shown.text
    found = fields(shown)
    assert [line.partition(" ")[2] for line in found["How far the conversations are"]] == [
        "growing · **2**",
        r"\*\*dreaming\*\* \@everyone · **1**",
    ]
    assert "who took part" not in shown.text
    assert "The last 7 days, and the 7 before" not in found
    assert not shown.pings_everyone


async def test_a_key_that_may_read_no_statistics_shows_what_the_board_adds_up_to(
    sandbox: Sandbox, start_at: StartAt, foreign_backend: Callable[[dict[str, Any]], Awaitable[str]]
) -> None:
    rows = [
        {**FOREIGN_ROW, "prompts": 2, "labels_simple": 3, "rankings_total": 1},
        {**FOREIGN_ROW, "replies_assistant": 1, "labels_full": 1},
    ]
    await start_at(
        await foreign_backend(
            {
                "/api/v1/stats/": 403,
                "/api/v1/leaderboards/total": {"time_frame": "total", "leaderboard": rows},
            }
        )
    )
    shown = await progress_of(sandbox)
    assert "Messages: **3**" in shown.text
    assert "People who took part: **2**" in shown.text
    assert "Labels · **4**" in shown.text
    assert "there is more" not in shown.text


async def test_a_backend_that_cannot_be_reached_is_said_kindly(sandbox: Sandbox, start_at: StartAt) -> None:
    await start_at("http://127.0.0.1:9")
    shown = await progress_of(sandbox)
    assert "cannot be reached" in shown.text


def fits(panel: Panel) -> bool:
    return limits.message_problems(panel.content, panel.embeds, panel.rows) == []


numbers = st.integers(min_value=0, max_value=10**15)


@pytest.mark.parametrize("texts", [TEXTS, GERMAN], ids=["en", "de"])
@given(
    written=st.builds(WrittenMessages, prompts=numbers, replies_assistant=numbers, replies_prompter=numbers),
    languages=st.dictionaries(st.text(max_size=32), numbers, max_size=60),
    trees=st.dictionaries(st.one_of(st.sampled_from(STATES), st.text(max_size=300)), numbers, max_size=40),
    weeks=st.tuples(st.builds(WorkOfWeek, prompts=numbers, people=numbers), st.builds(WorkOfWeek)),
)
def test_it_fits_however_much_there_is(
    texts: Texts,
    written: WrittenMessages,
    languages: dict[str, int],
    trees: dict[str, int],
    weeks: tuple[WorkOfWeek, WorkOfWeek],
) -> None:
    facts = Facts(
        messages=sum(languages.values()),
        kinds=written,
        languages=languages,
        trees=trees,
        reviews=10**15,
        rankings=0,
        people=10**9,
        week=weeks[0],
        week_before=weeks[1],
        at_least=True,
    )
    assert fits(progress_panel(facts, texts))
    assert len(progress_bars(facts, texts)) <= 6


@pytest.mark.parametrize("texts", [TEXTS, GERMAN], ids=["en", "de"])
def test_every_state_of_a_conversation_has_plain_words(texts: Texts) -> None:
    assert set(STATES) == set(TreeState)
    panel = progress_panel(Facts(messages=1, trees=dict.fromkeys(STATES, 1)), texts)
    (field,) = [field for field in panel.embeds[0].fields if "·" in field.value]
    assert "_" not in field.value
    assert len(field.value.splitlines()) == len(STATES)


def test_a_backend_that_tells_nothing_is_said_to() -> None:
    assert "does not tell" in str(progress_panel(Facts(), TEXTS).embeds[0].description)


def test_a_trend_says_more_fewer_or_as_many() -> None:
    facts = Facts(
        messages=1,
        week=WorkOfWeek(prompts=5, reviews=1, rankings=2),
        week_before=WorkOfWeek(prompts=2, reviews=4, rankings=2),
    )
    (field,) = progress_panel(facts, TEXTS).embeds[0].fields
    assert field.value.splitlines() == [
        "First messages: **5** ▲ 3 more",
        "Labels: **1** ▼ 3 fewer",
        "Rankings: **2** as many",
    ]


@pytest.mark.parametrize(
    ("count", "goal"),
    [(0, 10), (9, 10), (10, 25), (99, 100), (100, 250), (999, 1000), (1000, 2500), (4 * 10**6, 5 * 10**6)],
)
def test_the_next_milestone_lies_ahead(count: int, goal: int) -> None:
    assert milestone_after(count) == goal
