"""People who play a script through the bot, from what they see to the exported dataset."""

import asyncio
import re
from pathlib import Path

import pytest

from discord_sandbox import Call
from simulation.community import Community, CommunityError, StallError
from simulation.eyes import Kind
from tests.simulation.conftest import World


async def test_a_community_turns_a_script_into_the_same_dataset(world: World) -> None:
    world.import_prompts(world.script.prompts())
    community = Community(world.sandbox, world.script, actors=8, seed=1)
    seen: list[int] = []
    counts = await community.run(world.is_finished, lambda now: seen.append(now.finished))
    assert world.differences() == []
    assert counts.replies == counts.replies_planned == 5
    assert set(counts.tasks) == set(Kind)
    assert counts.spam == len(world.script.planted) > 2
    assert counts.spam_found == 3 * counts.spam
    assert seen == sorted(seen)
    assert seen[-1] == counts.finished


class TestLongReplies:
    """People rank what they have read in full."""

    @pytest.fixture
    def tree_file(self, long_tree_file: Path) -> Path:
        return long_tree_file

    async def test_what_is_shown_shortened_is_read_in_full_and_ranked_right(self, world: World) -> None:
        world.import_prompts(world.script.prompts())
        read: list[str] = []

        async def look(call: Call) -> None:
            if isinstance(call.payload, dict) and "Reason 0.249" in str(call.payload):
                read.append(call.route)

        world.sandbox.faults.before("PATCH /webhooks/{}/{}/messages/{}", look)
        community = Community(world.sandbox, world.script, actors=8, seed=1)
        await community.run(world.is_finished)
        assert world.differences() == []
        assert read


async def test_people_press_again_when_the_bot_was_too_slow(world: World) -> None:
    world.import_prompts(world.script.prompts())
    world.sandbox.answer_seconds = 1.5
    answers = 0

    async def dawdle(call: Call) -> None:
        nonlocal answers
        answers += 1
        if answers % 40 == 0:
            late = call.store.interactions.to_answer(call.id(0), call.params[1])
            await asyncio.wait([late.answered])

    world.sandbox.faults.before("POST /interactions/{}/{}/callback", dawdle)
    community = Community(world.sandbox, world.script, actors=8, seed=2)
    counts = await community.run(world.is_finished)
    assert counts.tried_again > 0
    assert world.differences() == []


async def test_a_stall_is_told_with_who_does_what(world: World) -> None:
    # Nobody imports the prompts, so that only spam can be sent and reviewed.
    community = Community(world.sandbox, world.script, actors=5, stall_after=2.0)
    with pytest.raises(StallError) as caught:
        await community.run(world.is_finished)
    story = str(caught.value)
    assert "Nothing was finished for 2 s; 5 replies of the file are not written" in story
    assert re.search(r"^  \w+: has nothing to do.*, for \d s$", story, re.MULTILINE)
    assert "tree 1 lacks 2 replies" in story


async def test_a_text_that_nobody_wrote_stops_the_play(world: World) -> None:
    world.import_prompts([{"text": "A prompt from elsewhere", "lang": "en"}])
    community = Community(world.sandbox, world.script, actors=2)
    with pytest.raises(CommunityError, match=r"sees what nobody wrote: .*'A prompt from elsewhere'"):
        await community.run(world.is_finished)


async def test_refused_answers_stand_in_the_story(world: World) -> None:
    world.import_prompts(world.script.prompts())
    # As if an operator had changed it: the bot still lets people write longer texts.
    world.settings.message_size_limit = 40
    community = Community(world.sandbox, world.script, actors=6, stall_after=8.0)
    with pytest.raises(StallError, match=r"answers refused: .*The text is too long"):
        await community.run(world.is_finished)
    assert community.counts.refused > 0
    assert world.script.replies_left > 0


async def test_a_language_that_the_bot_does_not_know_is_told_at_once(world: World) -> None:
    for root in world.script.trees:
        root.lang = "no-such-tongue"
    community = Community(world.sandbox, world.script, actors=2)
    with pytest.raises(CommunityError, match="does not know the language 'no-such-tongue'"):
        await community.run(world.is_finished)
