"""Rankings: chosen, taken back, read in full, and a single reply reported, by what people see."""

import asyncio
from typing import Any

import pytest

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Sandbox
from discord_sandbox.rest.call import Call
from tests.bot.conftest import Backend, Life, said, shown_privately, shown_task, task

LONG = [f"Answer {one}. " + " ".join(f"reason{one}x{number}" for number in range(300)) for one in "abc"]


def replies(*texts: str) -> list[dict[str, Any]]:
    return [said(text, is_assistant=True) for text in texts]


async def begun(alice: Actor, backend: Backend, *texts: str) -> tuple[dict[str, Any], MessageView]:
    """Get a ranking of replies."""
    more = {"reply_messages": replies(*texts)} if texts else {}
    body = task("rank_assistant_replies", **more)
    backend.tasks.append(body)
    await alice.command("task")
    return body, await shown_task(alice)


async def thanked(alice: Actor, controls: MessageView) -> None:
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")


async def test_choices_are_taken_back_and_made_anew(backend: Backend, alice: Actor) -> None:
    _, controls = await begun(alice, backend)
    assert "Send" not in controls.buttons
    await controls.choose("Choose the best", ["3."])
    assert "**1.** Reply 3: They fly anyway." in controls.text
    await controls.click("Undo")
    assert "Reply 3:" not in controls.text
    await controls.choose("Choose the best", ["2."])
    await controls.choose("Choose the next best", ["3."])
    assert "**3.** Reply 1: They rest." in controls.text
    await controls.click("Start over")
    await controls.choose("Choose the best", ["2."])
    await controls.choose("Choose the next best", ["1."])
    await controls.click("Send")
    await thanked(alice, controls)
    assert [answer["ranking"] for answer in backend.answers] == [[1, 0, 2]]


async def test_an_unchanged_order_is_asked_about_once_over_a_restart(
    life: Life, backend: Backend, alice: Actor
) -> None:
    _, controls = await begun(alice, backend)
    await controls.choose("Choose the best", ["1."])
    await controls.choose("Choose the next best", ["2."])
    await controls.click("Send")
    assert "exactly the order in which they were shown" in controls.content
    assert backend.answers == []
    await life.end()
    await life.begin()
    await controls.click("Send this order")
    await thanked(alice, controls)
    assert [answer["ranking"] for answer in backend.answers] == [[0, 1, 2]]


async def test_all_are_bad_can_be_taken_back(backend: Backend, alice: Actor) -> None:
    _, controls = await begun(alice, backend)
    await controls.choose("Choose the best", ["2."])
    before = controls.text
    await controls.click("All are bad")
    assert controls.selects == []
    await controls.click("All are bad")
    assert controls.text == before
    await controls.click("All are bad")
    await controls.click("Send")
    await thanked(alice, controls)
    (answer,) = backend.answers
    assert answer["not_rankable"] is True
    assert sorted(answer["ranking"]) == [0, 1, 2]


async def test_long_replies_are_shown_by_their_beginnings_and_read_in_full(
    life: Life, backend: Backend, alice: Actor
) -> None:
    _, controls = await begun(alice, backend, *LONG, "Short.")
    thread = alice.threads()[0]
    shown = "\n".join(message.text for message in alice.messages(thread))
    assert "Answer c." in shown
    assert "reasonc299" not in shown
    assert "more characters" in shown
    menu = controls.selects[-1]
    assert menu.placeholder == "Read a reply in full"
    assert [label[:2] for label, _ in menu.options] == ["1.", "2.", "3."]
    await life.end()
    await life.begin()
    before = controls.text
    pieces = await shown_privately(alice, await controls.choose(menu.placeholder, ["3."]), "reasoncx299")
    read = "\n".join(one.text for one in pieces)
    assert [word for word in LONG[2].split() if word not in read] == []
    assert "Reply 3" in pieces[0].text
    assert controls.text == before


async def test_what_was_read_before_the_end_can_still_be_asked_for_after_it(
    sandbox: Sandbox, backend: Backend, alice: Actor
) -> None:
    _, controls = await begun(alice, backend, *LONG)
    held = asyncio.Event()

    async def hold(_: Call) -> None:
        await held.wait()

    # Until the new buttons are there the old ones can still be pressed.
    sandbox.faults.before(lambda call: "Thank you" in str(call.payload), hold)
    await controls.click("All are bad")
    await controls.click("Send")
    await shown_privately(alice, await controls.choose("Read a reply in full", ["1."]), "reasonax299")
    held.set()
    await thanked(alice, controls)


@pytest.mark.parametrize("count", [1, 60])
async def test_any_number_of_replies_can_be_ranked(backend: Backend, alice: Actor, count: int) -> None:
    _, controls = await begun(alice, backend, *(f"Reply text {number}" for number in range(count)))
    for place in reversed(range(1, count)):
        while not any(label.startswith(f"{place + 1}. ") for label, _ in controls.selects[0].options):
            await controls.click("More replies")
        await controls.choose("Choose the", [f"{place + 1}. "])
    await controls.click("Send")
    await thanked(alice, controls)
    assert [answer["ranking"] for answer in backend.answers] == [list(reversed(range(count)))]


async def test_odd_texts_are_told_apart(sandbox: Sandbox, backend: Backend, alice: Actor) -> None:
    texts = ["Same.", "Same.", " \n ", "\u200b", "مرحبا (3)", "# `x` [a](http://b.c) @everyone"]
    _, controls = await begun(alice, backend, *texts)
    (menu,) = controls.selects
    assert [label[:2] for label, _ in menu.options] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert [label for label, _ in menu.options][2:4] == ["3. (no text)", "4. (no text)"]
    for place in (5, 3, 1, 0, 4):
        await controls.choose("Choose the", [f"{place + 1}. "])
    await controls.click("Send")
    await thanked(alice, controls)
    assert [answer["ranking"] for answer in backend.answers] == [[5, 3, 1, 0, 4, 2]]
    assert not sandbox.refusals


async def which(alice: Actor, controls: MessageView) -> MessageView:
    """Press Report, and give the question."""
    (question,) = await shown_privately(alice, await controls.click("Report"))
    return question


async def test_a_single_reply_is_reported_once_and_the_ranking_goes_on(
    bot: BotApp, backend: Backend, alice: Actor
) -> None:
    body, controls = await begun(alice, backend)
    await controls.choose("Choose the best", ["2."])
    before = controls.text
    panel = await which(alice, controls)
    assert [label for label, _ in panel.selects[0].options] == ["Reply 1", "Reply 2", "Reply 3"]
    await panel.choose("Choose what to report", ["Reply 3"])
    await alice.until(lambda: "Spam: yes" in panel.buttons, what="the reasons")
    assert "They fly anyway." in panel.text
    await panel.click("Spam: yes")
    await asyncio.gather(panel.click("Send"), panel.click("Send"))
    await alice.until(lambda: "Your report is in" in panel.text, what="thanks")
    assert await bot.services.delivery.drained(int(alice.id), 5)
    (report,) = backend.labels
    assert report["message_id"] == body["reply_messages"][2]["id"]
    assert report["is_report"] is True
    assert report["labels"]["spam"] == 1
    assert report.get("task_id") is None
    assert controls.text == before


async def test_a_report_is_finished_after_a_restart(life: Life, backend: Backend, alice: Actor) -> None:
    _, controls = await begun(alice, backend)
    panel = await which(alice, controls)
    await life.end()
    await life.begin()
    await panel.choose("Choose what to report", ["Reply 1"])
    await alice.until(lambda: "Spam: yes" in panel.buttons, what="the reasons")
    await life.end()
    await life.begin()
    await panel.click("Spam: yes")
    await panel.click("Send")
    await alice.until(lambda: "Your report is in" in panel.text, what="thanks")
    assert len(backend.labels) == 1


@pytest.mark.parametrize("hangs", [False, True])
async def test_without_the_backends_reasons_there_are_those_of_the_protocol(
    backend: Backend, alice: Actor, *, hangs: bool
) -> None:
    _, controls = await begun(alice, backend)
    backend.report_labels = None
    over = asyncio.Event()
    if hangs:
        backend.before_report_labels = over.wait
    panel = await which(alice, controls)
    await panel.choose("Choose what to report", ["Reply 1"])
    await alice.until(lambda: "Cancel" in panel.buttons, what="the reasons")
    assert "Spam: yes" in panel.buttons
    assert "Hate speech" in panel.text
    await panel.click("Cancel")
    assert "Nothing was reported" in panel.text
    assert backend.labels == []
    over.set()


@pytest.mark.parametrize("again", ["Send", "Cancel"])
async def test_who_presses_on_a_sent_report_after_a_restart_reads_what_became_of_it(
    life: Life, backend: Backend, alice: Actor, again: str
) -> None:
    _, controls = await begun(alice, backend)
    panel = await which(alice, controls)
    await panel.choose("Choose what to report", ["Reply 1"])
    await alice.until(lambda: "Spam: yes" in panel.buttons, what="the reasons")
    await panel.click("Spam: yes")
    life.kill_at(1, before=False)
    await panel.click("Send")
    await life.died()
    await life.reborn()
    await panel.click(again)
    await alice.until(lambda: "Your report is in" in panel.text, what="thanks")
    assert panel.buttons == []


async def test_a_report_that_the_backend_cannot_take_now_is_kept(
    bot: BotApp, backend: Backend, alice: Actor
) -> None:
    _, controls = await begun(alice, backend)
    await bot.services.delivery.drained(int(alice.id), 5)
    await backend.stop()
    panel = await which(alice, controls)
    await panel.choose("Choose what to report", ["Reply 2"])
    await alice.until(lambda: "Spam: yes" in panel.buttons, what="the reasons")
    await panel.click("Spam: yes")
    await panel.click("Send")
    await alice.until(lambda: "Your report is saved" in panel.text, what="the word that it is kept")
    await backend.start()
    await bot.services.store.outbox.hurry(bot.clock.now())
    bot.services.delivery.kick()
    assert await bot.services.delivery.drained(int(alice.id), 5)
    assert len(backend.labels) == 1


async def test_replies_without_an_id_cannot_be_reported(backend: Backend, alice: Actor) -> None:
    body = task("rank_assistant_replies")
    body["replies"] = [message["text"] for message in body.pop("reply_messages")]
    backend.tasks.append(body)
    await alice.command("task")
    controls = await shown_task(alice)
    answer = await which(alice, controls)
    assert "cannot be reported from here" in answer.content
    assert answer.selects == []
