"""Label and rating tasks as a person meets them: every set of labels a backend sends, page by page."""

import asyncio
from typing import Any
from uuid import uuid4

from bot.app import BotApp
from discord_sandbox import Actor, MessageView
from oasst_backend.rules.labels import ASSISTANT_LABELS, describe
from tests.bot.conftest import Backend, Life, shown_task, task


def asked(*names: str, mandatory: tuple[str, ...] = ("spam",), **fields: object) -> dict[str, Any]:
    """Make a label task that asks for labels of the protocol, described as our backend describes them."""
    described = [label.model_dump(mode="json") for label in describe(names)]
    return {
        **task("label_assistant_reply"),
        "labels": described,
        "valid_labels": list(names),
        "mandatory_labels": list(mandatory),
        **fields,
    }


def many_scales(count: int, *, mandatory: str) -> dict[str, Any]:
    names = [f"scale{number}" for number in range(1, count + 1)]
    labels = [{"name": name, "widget": "likert", "display_text": name.title()} for name in names]
    return asked(labels=labels, valid_labels=names, mandatory_labels=[mandatory])


async def offered(alice: Actor, backend: Backend, body: dict[str, Any]) -> MessageView:
    """Let Alice get a task; gives its controls."""
    backend.tasks.append(body)
    await alice.command("task")
    return await shown_task(alice)


async def thanked(alice: Actor, controls: MessageView) -> None:
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")


async def test_a_simple_labelling_fits_one_message(alice: Actor, backend: Backend) -> None:
    body = asked("spam", "lang_mismatch", "quality", mode="simple", disposition="spam")
    controls = await offered(alice, backend, body)
    above = alice.messages(alice.threads()[0])[0].text
    assert "A quick check: 3 questions." in above
    assert "an honest contribution, or spam?" in above
    assert "2 · Assistant · please label" in above
    assert controls.buttons == [
        "Is it spam: yes",
        "Is it spam: no",
        "Send",
        "Skip",
        "Pause",
        "Stop",
        "As written",
    ]
    await controls.click("Is it spam: no")
    await controls.choose("Choose if it applies", ["Wrong language"])
    await controls.choose("How good is it?", ["4"])
    assert "✅ **No**" in controls.text
    assert "✅ **Wrong language**" in controls.text
    assert "✅ **4 of 5**" in controls.text
    await controls.click("Send")
    await thanked(alice, controls)
    (answer,) = backend.answers
    assert answer["labels"] == {"spam": 0, "lang_mismatch": 1, "quality": 0.75}
    assert answer["task_id"] == body["id"]


async def test_a_full_labelling_stands_on_pages_of_one_message(alice: Actor, backend: Backend) -> None:
    controls = await offered(alice, backend, asked(*ASSISTANT_LABELS, mode="full", disposition="quality"))
    assert "Page 1 of 3 · 0 of 8 answered" in controls.text
    assert "Does it fail the task?" in controls.text
    await controls.click("Is it spam: no")
    await controls.choose("Choose all that apply", ["Hateful", "Sexual content"])
    assert "✅ **Hateful, Sexual content**" in controls.text
    await controls.click("More labels")
    await controls.choose("How good is it?", ["5 · Excellent"])
    await controls.click("More labels")
    assert "Page 3 of 3 · 2 of 8 answered" in controls.text
    await controls.choose("How rude is it?", ["1"])
    await controls.click("Back")
    assert "✅ **5 · Excellent**" in controls.text
    await controls.choose("How good is it?", [])
    await controls.click("Send")
    await thanked(alice, controls)
    flags = {"lang_mismatch": 0, "not_appropriate": 0, "pii": 0, "hate_speech": 1, "sexual_content": 1}
    assert backend.answers[0]["labels"] == {"spam": 0, **flags, "toxicity": 0}
    assert len(alice.messages(alice.threads()[0])) == 2


async def test_send_with_something_missing_turns_to_it_and_says_so(alice: Actor, backend: Backend) -> None:
    controls = await offered(alice, backend, many_scales(60, mandatory="scale50"))
    assert "Page 1 of 20" in controls.text
    assert "Still to answer: **Scale50** (page 17)" in controls.text
    response = await controls.click("Send")
    assert response.message in {None, controls}
    assert "Not sent yet.** Still to answer: **Scale50**" in controls.text
    assert "Page 17 of 20" in controls.text
    assert backend.answers == []
    await controls.choose("Scale50", ["2"])
    assert "Not sent yet" not in controls.text
    await controls.click("Send")
    await thanked(alice, controls)
    assert backend.answers[0]["labels"] == {"scale50": 0.25}


async def test_sixty_labels_can_all_be_given(alice: Actor, backend: Backend) -> None:
    controls = await offered(alice, backend, many_scales(60, mandatory="scale60"))
    while True:
        for menu in controls.selects:
            await controls.choose(menu.placeholder, ["5"])
        if "More labels" not in controls.buttons:
            break
        await controls.click("More labels")
    assert "Page 20 of 20 · 60 of 60 answered" in controls.text
    await controls.click("Send")
    await thanked(alice, controls)
    assert backend.answers[0]["labels"] == {f"scale{number}": 1 for number in range(1, 61)}


async def test_flags_beyond_one_menu_are_all_there(alice: Actor, backend: Backend) -> None:
    names = [f"flag{number}" for number in range(30)]
    labels = [{"name": name, "widget": "flag", "display_text": f"Flag {name}"} for name in names]
    controls = await offered(
        alice, backend, asked(labels=labels, valid_labels=names, mandatory_labels=None, mode=None)
    )
    await controls.choose("Choose all that apply (2 of 2)", ["Flag flag29"])
    await controls.click("Send")
    await thanked(alice, controls)
    assert backend.answers[0]["labels"] == {name: float(name == "flag29") for name in names}


async def test_bare_names_of_an_older_backend_get_words_and_controls(alice: Actor, backend: Backend) -> None:
    message_id = str(uuid4())
    body = {
        "id": str(uuid4()),
        "type": "label_initial_prompt",
        "message_id": message_id,
        "prompt": "How do bees find home?",
        "valid_labels": ["spam", "quality", "threat", "misleading", "unheard_of"],
    }
    controls = await offered(alice, backend, body)
    assert "How do bees find home?" in alice.messages(alice.threads()[0])[0].text
    await controls.click("Spam: no")
    await controls.choose("Choose all that apply", ["unheard of"])
    await controls.choose("Quality", ["1 · Very poor"])
    await controls.click("Send")
    await thanked(alice, controls)
    (answer,) = backend.answers
    assert answer["labels"] == {"spam": 0, "quality": 0, "threat": 0, "misleading": 0, "unheard_of": 1}
    assert answer["message_id"] == message_id


async def test_a_label_that_only_the_backend_misses_is_mended_and_sent_again(
    alice: Actor, backend: Backend
) -> None:
    controls = await offered(alice, backend, asked("spam", "quality", mandatory=()))
    await controls.click("Is it spam: no")
    backend.trouble.append((400, 2052))
    await controls.click("Send")
    await alice.until(lambda: "needs an answer has none yet" in controls.text, what="what is to be mended")
    assert "✅ **No**" in controls.text
    await controls.choose("How good is it?", ["3"])
    assert "needs an answer has none yet" not in controls.text
    await controls.click("Send")
    await thanked(alice, controls)
    assert [answer["labels"] for answer in backend.answers] == [{"spam": 0, "quality": 0.5}]


async def test_two_clicks_at_once_both_count_and_turn_one_page(alice: Actor, backend: Backend) -> None:
    controls = await offered(alice, backend, asked(*ASSISTANT_LABELS, mode="full"))
    await asyncio.gather(controls.click("Is it spam: no"), controls.click("Does it fail the task: yes"))
    await asyncio.gather(controls.click("More labels"), controls.click("More labels"))
    await alice.until(lambda: "Page 2 of 3 · 2 of 8 answered" in controls.text, what="the second page")
    await controls.click("Send")
    await thanked(alice, controls)
    labels = backend.answers[0]["labels"]
    assert (labels["spam"], labels["fails_task"]) == (0, 1)


async def test_a_page_is_as_it_was_after_a_restart(alice: Actor, backend: Backend, life: Life) -> None:
    controls = await offered(alice, backend, asked(*ASSISTANT_LABELS, mandatory=("spam", "violence")))
    await controls.click("Is it spam: yes")
    await controls.click("More labels")
    await controls.choose("How creative is it?", ["2"])
    await life.end()
    await life.begin()
    await controls.choose("How good is it?", ["2"])
    assert "Page 2 of 3 · 3 of 8 answered" in controls.text
    await controls.click("Send")
    assert "Still to answer: **How violent is it?**" in controls.text
    await controls.choose("How violent is it?", ["1"])
    await controls.click("Send")
    await thanked(alice, controls)
    labels = backend.answers[0]["labels"]
    assert {name: labels[name] for name in ("spam", "creativity", "quality", "violence")} == {
        "spam": 1,
        "creativity": 0.25,
        "quality": 0.25,
        "violence": 0,
    }


async def test_a_task_that_asks_nothing_can_be_skipped(alice: Actor, backend: Backend, bot: BotApp) -> None:
    body = asked(labels=[], valid_labels=[], mandatory_labels=[])
    controls = await offered(alice, backend, body)
    assert "Press **Skip** to give the task back" in controls.text
    assert controls.buttons == ["Skip", "Pause", "Stop", "As written"]
    asking = await controls.click("Skip")
    assert asking.modal is not None
    await asking.modal.submit({})
    await alice.until(lambda: "went back" in controls.text, what="word that it went back")
    assert await bot.services.delivery.drained(int(alice.id), 5)
    assert [task_id for task_id, _ in backend.nacks] == [body["id"]]


async def test_a_summary_is_rated_with_a_button(alice: Actor, backend: Backend) -> None:
    body = {
        "id": str(uuid4()),
        "type": "rate_summary",
        "full_text": "Bees find home by the sun. At night they rest.",
        "summary": "Bees fly by the sun.",
        "scale": {"min": 1, "max": 5},
    }
    controls = await offered(alice, backend, body)
    above = alice.messages(alice.threads()[0])[0].text
    assert "At night they rest." in above
    assert "1 is poor, 5 is excellent" in above
    assert controls.buttons == [
        "1 · poor",
        "2",
        "3",
        "4",
        "5 · excellent",
        "Skip",
        "Pause",
        "Stop",
        "As written",
    ]
    await controls.click("5 · excellent")
    await controls.click("2")
    assert "You chose **2**." in controls.text
    assert "2 ✓" in controls.buttons
    await controls.click("Send")
    await thanked(alice, controls)
    assert backend.answers[0]["rating"] == 2


async def test_a_long_scale_is_rated_in_a_menu(alice: Actor, backend: Backend) -> None:
    body = {
        "id": str(uuid4()),
        "type": "rate_summary",
        "full_text": "Long",
        "summary": "Short",
        "scale": {"min": 0, "max": 100},
    }
    controls = await offered(alice, backend, body)
    await controls.choose("Choose a rating", ["100 · excellent"])
    assert "You chose **100 · excellent**." in controls.text
    await controls.click("Send")
    await thanked(alice, controls)
    assert backend.answers[0]["rating"] == 100
