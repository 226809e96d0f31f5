"""Forged ids and values under every id that is owned: a kind answer in time, and nothing is changed."""

import asyncio
import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bot.app import BotApp
from bot.guild_settings import CHANNELS, ROLES
from bot.limits import CUSTOM_ID
from discord_sandbox import Sandbox
from tests.bot_community.cast import Cast, assemble
from tests.bot_community.forging import owned_ids, snapshot
from tests.bot_community.small_backend import PROMPT_ID, SmallBackend

OWN = frozenset({"people", "person_languages", "work_alerts", "own_texts", "contributions", "report_forms"})
"""What people may change about themselves alone, forged or not."""

EXAMPLES = 100 if os.environ.get("OASST_LONG_TESTS") else 10
"""Forged ids for each id or prefix; each goes through the whole bot."""

TOKENS = (
    *("0", "1", "-1", "00", "9" * 9, "9" * 19, str(2**63), "9" * 40, "1e9", "٣", "²"),
    *(
        str(PROMPT_ID),
        str(UUID(int=2)),
        "x" * 40,
        "@everyone",
        "`",
        "\u202e",
        "\x00",
        "[a](https://evil.example)",
    ),
    *("accept", "decline", "page", "task", "task_in", "label", "report", "contribute", "random", "en", "de"),
    *(
        "initial_prompt",
        "total",
        "week",
        "server",
        "everywhere",
        "open",
        "settled",
        "done",
        "after",
        "before",
    ),
    *("channels", "log", "show", "choose", "turn", "clear", "log_channel", "log_tasks", "reset", "import"),
    *(
        "one",
        "look",
        "edit",
        "save",
        "withdraw_now",
        "hide",
        "do",
        "ask",
        "keep",
        "remove",
        "start",
        "answer",
    ),
    *("take", "tell", "direct", "here", "forget", "learn", "go", "languages", "language", "cancel", ""),
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=CUSTOM_ID)
TAILS = st.one_of(ANY_TEXT, st.lists(st.sampled_from(TOKENS), min_size=1, max_size=5).map(":".join))
VALUES = st.lists(st.one_of(ANY_TEXT.filter(bool), st.sampled_from(TOKENS).filter(bool)), max_size=5)

TYPED = st.dictionaries(
    st.sampled_from(("text", "text_2", "note", "reason", "limit", "nothing")),
    st.one_of(ANY_TEXT, st.just("x" * 4000)),
    max_size=5,
)


@pytest.fixture
def cooldowns() -> dict[str, int]:
    return {"cooldown_commands": 10_000, "cooldown_clicks": 1_000_000}


@pytest.fixture
async def cast(bot: BotApp, sandbox: Sandbox, backend: SmallBackend) -> Cast:
    return await assemble(bot, sandbox, backend)


def examples(strategy: st.SearchStrategy[Any], count: int, number: int) -> list[Any]:
    """Draw some examples; the same for each number."""
    drawn: list[Any] = []

    @seed(number)
    @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    @given(strategy)
    def draw(example: Any) -> None:  # noqa: ANN401  # whatever the strategy draws
        drawn.append(example)

    draw()
    return drawn


def is_kind(text: str) -> bool:
    return bool(text.strip()) and "went wrong" not in text


async def test_forged_clicks_are_answered_kindly_and_change_nothing(
    bot: BotApp, sandbox: Sandbox, cast: Cast
) -> None:
    owned = owned_ids(bot)
    unkind: list[tuple[str, Sequence[str], str]] = []

    async def forge(part_name: str, start: str, number: int) -> None:
        forger = cast.parts[part_name].forger
        for tail, values in examples(st.tuples(TAILS, VALUES), EXAMPLES, number):
            custom_id = f"{start}{tail}"[:CUSTOM_ID]
            text = (await forger.click(custom_id, values)).text
            if not is_kind(text):
                unkind.append((custom_id, values, text))

    before = await snapshot(bot, without=OWN)
    # Nobody of them may change anything of a server; each has a message of their own to forge with.
    forgers = ("everybody", "contributor", "admin of another server", "administrator in direct messages")
    queue = list(enumerate(owned.clicks))

    async def work_off(name: str) -> None:
        while queue:
            number, start = queue.pop()
            await forge(name, start, number)

    await asyncio.gather(*(work_off(name) for name in forgers))
    assert not unkind, "\n".join(map(repr, unkind))
    assert await snapshot(bot, without=OWN) == before
    assert [one for one in sandbox.refusals if one.status == 400] == []


async def test_managers_forge_nothing_that_is_not_their_servers(
    bot: BotApp, sandbox: Sandbox, cast: Cast
) -> None:
    unkind = []
    forger = cast.parts["the same at home"].forger
    first = sandbox.guild
    before = await bot.services.store.guilds.settings(first.id)
    foreign = [str(one.id) for one in first.channels] + [str(one) for one in first.guild.roles]
    values = st.lists(st.one_of(st.sampled_from(foreign), VALUES.map("".join)), max_size=2)
    for number, start in enumerate(("settings:2:", "setup:1:", "settings_file:1:", "guild_reports:1:")):
        for tail, chosen in examples(st.tuples(TAILS, values), EXAMPLES, number):
            custom_id = f"{start}{tail}"[:CUSTOM_ID]
            text = (await forger.click(custom_id, chosen)).text
            if not is_kind(text):
                unkind.append((custom_id, chosen, text))
    assert not unkind, "\n".join(map(repr, unkind))
    assert await bot.services.store.guilds.settings(first.id) == before
    theirs = await bot.services.store.guilds.settings(forger.message.raw.channel.guild_id or 0)
    named = {str(theirs.value(setting)) for setting in (*CHANNELS, *ROLES)}
    assert not named & set(foreign)


async def test_forged_forms_are_answered_kindly_and_change_nothing(
    bot: BotApp, sandbox: Sandbox, cast: Cast
) -> None:
    owned = owned_ids(bot)
    forger = cast.parts["everybody"].forger
    before = await snapshot(bot, without=OWN)
    unkind: list[tuple[str, object, str]] = []
    for number, start in enumerate(owned.forms):
        for tail, values in examples(st.tuples(st.one_of(st.just(""), TAILS), TYPED), EXAMPLES, number):
            custom_id = f"{start}{tail}"[:CUSTOM_ID]
            text = (await forger.submit(custom_id, values)).text
            if not is_kind(text):
                unkind.append((custom_id, values, text))
    assert not unkind, "\n".join(map(repr, unkind))
    assert await snapshot(bot, without=OWN) == before
    assert [one for one in sandbox.refusals if one.status == 400] == []
