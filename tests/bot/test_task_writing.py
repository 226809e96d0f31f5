"""Texts: drafted, edited, too long, in parts, refused and mended, by what people see."""

import asyncio

import pytest

from bot.app import BotApp
from bot.settings import BotSettings
from discord_sandbox import Actor, BadInput, MessageView
from tests.bot.conftest import Backend, Life, shown_privately, shown_task, task, write

FIRST, SECOND = "How do bees find home?", "Where do bees sleep?"


async def begun(alice: Actor, backend: Backend) -> MessageView:
    backend.tasks.append(task("assistant_reply"))
    await alice.command("task")
    return await shown_task(alice)


async def sent(alice: Actor, controls: MessageView) -> None:
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")


async def test_a_draft_is_said_to_exist_once_it_was_submitted(backend: Backend, alice: Actor) -> None:
    controls = await begun(alice, backend)
    assert "Once you submit the form, your text is kept as a draft" in controls.content
    modal = (await controls.click("Write")).modal
    assert modal is not None
    modal.dismiss()
    again = (await controls.click("Write")).modal
    assert again is not None
    assert again.inputs == {"Your text": ""}


async def test_the_draft_is_shown_with_its_length_and_stands_in_the_form(
    backend: Backend, alice: Actor
) -> None:
    controls = await begun(alice, backend)
    await write(controls, FIRST * 60)
    assert "1,320 of 2,000 characters" in controls.content
    modal = (await controls.click("Edit")).modal
    assert modal is not None
    assert modal.inputs == {"Your text": FIRST * 60}


async def test_undo_brings_back_the_text_before_and_again_the_one_after(
    backend: Backend, alice: Actor
) -> None:
    controls = await begun(alice, backend)
    here, elsewhere = (await controls.click("Write")).modal, (await controls.click("Write")).modal
    assert here is not None
    assert elsewhere is not None
    await here.submit({"Your text": FIRST})
    assert "Undo" not in controls.buttons
    elsewhere.open = True  # on another device it stands open still
    await elsewhere.submit({"Your text": SECOND})
    assert SECOND in controls.text
    await controls.click("Undo")
    assert FIRST in controls.text
    await controls.click("Undo")
    assert SECOND in controls.text
    await sent(alice, controls)
    assert [answer["text"] for answer in backend.answers] == [SECOND]


@pytest.mark.parametrize("nothing", ["   \n ", "\u200b\u2060", "\u3164 \u2800"], ids=ascii)
async def test_a_text_with_nothing_to_see_is_not_taken(backend: Backend, alice: Actor, nothing: str) -> None:
    controls = await begun(alice, backend)
    await write(controls, FIRST)
    modal = (await controls.click("Edit")).modal
    assert modal is not None
    answer = await modal.submit({"Your text": nothing})
    assert answer.message is not None
    assert answer.message.ephemeral
    assert "nothing to read in your text" in answer.message.content
    assert FIRST in controls.text
    await sent(alice, controls)
    assert [one["text"] for one in backend.answers] == [FIRST]


async def test_a_text_submitted_while_another_one_is_being_sent_is_given_back(
    bot: BotApp, backend: Backend, alice: Actor
) -> None:
    controls = await begun(alice, backend)
    await write(controls, FIRST)
    modal = (await controls.click("Edit")).modal
    assert modal is not None
    taken = asyncio.create_task(controls.click("Send"))
    answer = await modal.submit({"Your text": SECOND})
    await taken
    if "Send" in controls.buttons:
        # Whoever pressed it saw the first text.
        assert backend.answers == []
        await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert await bot.services.delivery.drained(int(alice.id), 5)
    (given,) = backend.answers
    if given["text"] == FIRST:
        pieces = await shown_privately(alice, answer, SECOND)
        assert "was not handed in" in pieces[0].content
    else:
        assert given["text"] == SECOND


@pytest.mark.parametrize(
    ("code", "reason"), [(1008, "too long"), (1009, "same text"), (1010, "The text is empty")]
)
async def test_what_the_backend_wants_mended_is_edited_and_sent_anew(
    life: Life, backend: Backend, alice: Actor, code: int, reason: str
) -> None:
    controls = await begun(alice, backend)
    await write(controls, FIRST)
    backend.trouble.append((400, code))
    await controls.click("Send")
    await alice.until(lambda: reason in controls.content, what="what is to be mended")
    assert FIRST in controls.text
    assert controls.buttons[:2] == ["Send", "Edit"]
    await life.end()
    await life.begin()
    await write(controls, SECOND)
    await sent(alice, controls)
    assert [one["text"] for one in backend.answers] == [SECOND]
    assert [one["message_id"] for one in backend.answers] == [str(controls.id)]


class TestShortLimit:
    """The backend takes little."""

    @pytest.fixture
    def settings(self, settings: BotSettings) -> BotSettings:
        return settings.model_copy(update={"message_size_limit": 20})

    async def test_the_form_takes_no_more_than_the_backend(self, backend: Backend, alice: Actor) -> None:
        controls = await begun(alice, backend)
        with pytest.raises(BadInput):
            await write(controls, FIRST)

    async def test_a_limit_that_sank_names_the_draft_too_long_and_keeps_it(
        self, life: Life, backend: Backend, alice: Actor
    ) -> None:
        controls = await begun(alice, backend)
        await life.end()
        life.settings = life.settings.model_copy(update={"message_size_limit": 2000})
        await life.begin()
        await write(controls, FIRST)
        await life.end()
        life.settings = life.settings.model_copy(update={"message_size_limit": 20})
        await life.begin()
        late = await controls.click("Send")
        assert late.message is not None
        assert "has 22 characters; the limit is 20" in late.message.content
        modal = (await controls.click("Edit")).modal
        assert modal is not None
        assert modal.inputs == {"Your text": FIRST}
        await modal.submit({"Your text": SECOND})
        assert "20 of 20 characters" in controls.content
        await sent(alice, controls)
        assert [one["text"] for one in backend.answers] == [SECOND]


class TestLongTexts:
    """The backend takes more than one field of a form does."""

    @pytest.fixture
    def settings(self, settings: BotSettings) -> BotSettings:
        return settings.model_copy(update={"message_size_limit": 10_000})

    async def test_a_text_is_written_in_parts_shown_in_full_and_edited(
        self, life: Life, backend: Backend, alice: Actor
    ) -> None:
        controls = await begun(alice, backend)
        assert "3 fields" in controls.content
        modal = (await controls.click("Write")).modal
        assert modal is not None
        assert list(modal.inputs) == ["Part 1 of 3", "Part 2 of 3", "Part 3 of 3"]
        with pytest.raises(BadInput):
            await modal.submit({"Part 1 of 3": ""})
        words = [" ".join(f"word{part}{number}" for number in range(350)) for part in "abc"]
        # Opened before the bot started anew, it still arrives.
        await life.end()
        await life.begin()
        modal.open = True
        await modal.submit({"Part 1": words[0], "Part 2": f"{words[1]}\n ", "Part 3": words[2]})
        whole = "\n\n".join(words)
        assert f"{len(whole):,} of 10,000 characters" in controls.content
        assert "wordc349" not in controls.text
        pieces = await shown_privately(alice, await controls.click("Read in full"), "wordc349")
        read = "\n".join(one.text for one in pieces).split()
        assert [word for word in whole.split() if word not in read] == []
        again = (await controls.click("Edit")).modal
        assert again is not None
        assert again.inputs["Part 2 of 3"] == f"{words[1]}\n "
        await again.submit({"Part 2 of 3": ""})
        await sent(alice, controls)
        assert [one["text"] for one in backend.answers] == [f"{words[0]}\n\n{words[2]}"]

    async def test_a_form_with_fewer_fields_still_arrives(
        self, life: Life, backend: Backend, alice: Actor
    ) -> None:
        await life.end()
        life.settings = life.settings.model_copy(update={"message_size_limit": 2000})
        await life.begin()
        controls = await begun(alice, backend)
        modal = (await controls.click("Write")).modal
        assert modal is not None
        assert list(modal.inputs) == ["Your text"]
        await life.end()
        life.settings = life.settings.model_copy(update={"message_size_limit": 10_000})
        await life.begin()
        await modal.submit({"Your text": FIRST})
        assert "22 of 10,000 characters" in controls.content
        await sent(alice, controls)
        assert [one["text"] for one in backend.answers] == [FIRST]

    async def test_parts_that_come_too_late_are_given_back_together(
        self, backend: Backend, alice: Actor
    ) -> None:
        controls = await begun(alice, backend)
        modal = (await controls.click("Write")).modal
        assert modal is not None
        await controls.click("Stop")
        answer = await modal.submit({"Part 1 of 3": FIRST, "Part 3 of 3": SECOND})
        pieces = await shown_privately(alice, answer, SECOND)
        assert pieces[-1].embeds[0]["description"] == f"{FIRST}\n\n{SECOND}"
