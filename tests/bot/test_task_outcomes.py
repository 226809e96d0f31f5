"""What becomes of an answer when the backend is away, slow, or does not want it."""

import asyncio
import sqlite3
from datetime import timedelta
from uuid import UUID

import pytest

from bot.app import BotApp
from bot.backoff import LONGEST_PAUSE
from bot.delivery import SPREAD
from bot.sessions import outcomes
from bot.store.sessions import Sessions
from bot.verdicts import Verdict, pause_after, verdict
from discord_sandbox import Actor, MessageView, Permission, Sandbox
from oasst_client.errors import InvalidResponseError, TransportError, UnknownTaskTypeError, error_for
from tests.bot.conftest import Backend, Join, TestClock, appears, shown_task, task, write
from tests.bot.rooms import controls_in, said_in, use_direct, without_threads

TEXT = "How do bees find home?"


async def sent(alice: Actor, backend: Backend, text: str = TEXT) -> MessageView:
    """Get a task, answer it and send the answer."""
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await write(controls, text)
    await controls.click("Send")
    return controls


def hurry(bot: BotApp, clock: TestClock) -> None:
    """Let the pause before the next try pass."""
    clock.ahead += timedelta(seconds=LONGEST_PAUSE * SPREAD + 1)
    bot.services.delivery.kick()


@pytest.mark.parametrize("trouble", [(502, 0), (500, 0), (429, 429), (503, 4), (401, 0), (403, 2)])
async def test_an_answer_that_does_not_arrive_is_kept_and_tried_again(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor, trouble: tuple[int, int]
) -> None:
    backend.trouble.append(trouble)
    controls = await sent(alice, backend)
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    assert backend.answers == []
    hurry(bot, clock)
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    assert [answer["text"] for answer in backend.answers] == [TEXT]


async def test_an_answer_whose_reply_was_lost_counts_once(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    backend.trouble.append((0, 0))
    controls = await sent(alice, backend)
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    hurry(bot, clock)
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    assert len(backend.answers) == 1


async def test_an_answer_waits_while_the_backend_is_away(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    await bot.services.delivery.drained(int(alice.id), 5)
    await backend.stop()
    await write(controls, TEXT)
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    reply = await controls.click("Next task")
    assert reply.message is not None
    await alice.until(
        lambda: any("cannot be reached" in one.content for one in alice.messages(alice.threads()[0])),
        what="the word that there is no task now",
    )
    await backend.start()
    hurry(bot, clock)
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    assert len(backend.answers) == 1


async def test_a_page_of_somebody_else_is_not_the_backends_word(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    backend.trouble.append((203, 0))
    controls = await sent(alice, backend)
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    hurry(bot, clock)
    await alice.until(lambda: "saved" not in controls.content, what="thanks")
    assert len(backend.answers) == 1


@pytest.mark.parametrize(
    ("code", "reason"), [(1008, "too long"), (1009, "same text"), (1010, "empty"), (4003, "terms")]
)
async def test_what_the_person_can_mend_comes_back_to_them(
    backend: Backend, alice: Actor, code: int, reason: str
) -> None:
    # Told that the terms are accepted, the backend demands them still.
    backend.trouble += [(451, code), (451, code)] if code == 4003 else [(400, code)]
    controls = await sent(alice, backend)
    await alice.until(lambda: reason in controls.content, what="what is to be mended")
    assert TEXT in controls.text
    await write(controls, "Where do bees sleep?")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["text"] for answer in backend.answers] == ["Where do bees sleep?"]


@pytest.mark.parametrize("trouble", [(400, 2101), (400, 2010), (503, 4001), (422, '{"detail": []}')])
async def test_a_refused_text_is_given_back_in_the_thread(
    backend: Backend, alice: Actor, trouble: tuple[int, int | str]
) -> None:
    backend.trouble.append(trouble)
    controls = await sent(alice, backend)
    await alice.until(lambda: "could not be taken" in controls.content, what="the refusal")
    thread = alice.threads()[0]
    back = await appears(
        alice,
        lambda: (last := alice.latest(thread)) and (last if last != controls and last.embeds else None),
        "the text",
    )
    assert TEXT in back.text
    assert "Next task" in controls.buttons


async def test_a_task_whose_time_is_over_is_closed_and_its_draft_given_back(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor
) -> None:
    body = task("initial_prompt")
    backend.tasks.append(body)
    await alice.command("task")
    controls = await shown_task(alice)
    thread = alice.threads()[0]
    modal = (await controls.click("Write")).modal
    assert modal is not None
    await write(controls, TEXT)
    clock.ahead += timedelta(hours=47, minutes=1)
    await bot.tidy()
    assert alice.threads(archived=True) == [thread]
    assert "time for this task is over" in controls.content
    assert TEXT in alice.messages(thread)[-1].text
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [task_id for task_id, _ in backend.nacks] == [body["id"]]
    late = await modal.submit({"Your text": "Too late, alas."})
    assert late.message is not None
    assert late.message.ephemeral


async def test_a_text_that_cannot_be_kept_is_given_back_at_once(
    backend: Backend, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    modal = (await controls.click("Write")).modal
    assert modal is not None

    async def disk_is_full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Sessions, "save_form", disk_is_full)
    reply = await modal.submit({"Your text": TEXT})
    assert reply.message is not None
    assert reply.message.ephemeral
    assert "went wrong" in reply.message.content
    monkeypatch.undo()
    back = await appears(
        alice,
        lambda: (last := alice.latest(alice.threads()[0])) and (last if last.embeds else None),
        "the text",
    )
    assert back.ephemeral
    assert TEXT in back.text


async def test_people_are_answered_while_the_backend_hangs(backend: Backend, join: Join) -> None:
    alice, bob = await join("Alice"), await join("Bob")
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task")
    controls = await shown_task(alice)
    release = asyncio.Event()
    backend.before_task = release.wait  # type: ignore[assignment]  # what it gives back is of no interest
    waiting = asyncio.create_task(bob.command("task"))
    await write(controls, TEXT)
    assert TEXT in controls.text
    assert not waiting.done()
    backend.tasks.append(task("initial_prompt"))
    release.set()
    await waiting


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransportError("x"), Verdict.again),
        (error_for(status=429, code=429, message="x"), Verdict.again),
        (error_for(status=500, code=0, message="x"), Verdict.again),
        (error_for(status=503, code=4, message="x"), Verdict.again),
        (error_for(status=401, code=600, message="x"), Verdict.operator),
        (error_for(status=403, code=2, message="x"), Verdict.operator),
        (error_for(status=400, code=1009, message="x"), Verdict.person),
        (error_for(status=451, code=4003, message="x"), Verdict.person),
        (error_for(status=400, code=2052, message="x"), Verdict.person),
        (error_for(status=400, code=2105, message="x"), Verdict.done),
        (error_for(status=400, code=2101, message="x"), Verdict.refused),
        (error_for(status=500, code=2008, message="x"), Verdict.refused),
        (error_for(status=503, code=4001, message="x"), Verdict.refused),
        (error_for(status=422, code=0, message="x"), Verdict.refused),
        (InvalidResponseError("x", http_status=200), Verdict.again),
        (InvalidResponseError("x", http_status=307), Verdict.again),
        (UnknownTaskTypeError("new", UUID(int=1)), Verdict.done),
    ],
)
def test_each_failure_has_its_consequence(error: TransportError, expected: Verdict) -> None:
    assert verdict(error) is expected


def test_pauses_grow_up_to_a_limit() -> None:
    pauses = [pause_after(attempts, TransportError("x")) for attempts in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == LONGEST_PAUSE
    slow_down = error_for(status=429, code=429, message="x", retry_after=42)
    assert pause_after(1, slow_down) == 42


async def refuse_later(alice: Actor, backend: Backend, code: int) -> MessageView:
    """Send an answer that the backend does not get yet, and will not take then."""
    backend.trouble.extend([(502, 0), (400, code)])
    controls = await sent(alice, backend)
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    return controls


@pytest.mark.parametrize("code", [2010, 1009], ids=["refused", "to be mended"])
async def test_bad_news_open_a_closed_thread_again(
    bot: BotApp, backend: Backend, clock: TestClock, alice: Actor, code: int
) -> None:
    controls = await refuse_later(alice, backend, code)
    await controls.click("Done")
    await alice.until(lambda: alice.threads(archived=True), what="the closed thread")
    hurry(bot, clock)
    await alice.until(lambda: "saved" not in controls.content, what="the news")
    await alice.until(alice.threads, what="the open thread")
    if code == 1009:
        await write(controls, "Where do bees sleep?")
        await controls.click("Send")
        await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    else:
        back = await said_in(alice, alice.threads()[0], "Here it is, so that it is not lost")
        assert TEXT in back.text


@pytest.mark.parametrize("how", ["command", "Next task"])
async def test_what_is_to_be_mended_of_a_private_task_is_shown_instead_of_the_next_task(
    backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor, how: str
) -> None:
    """The backend says so only while the next task is being asked for."""
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", quiet)
    controls = await controls_in(alice, quiet)
    await write(controls, TEXT)
    backend.trouble.extend([(502, 0), (400, 1009)])
    await controls.click("Send")
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    clock.ahead += timedelta(minutes=10)
    backend.tasks.append(task("initial_prompt"))
    if how == "command":
        await alice.command("task", quiet)
    else:
        await controls.click(how)
    await said_in(alice, quiet, "Here it is again")
    again = await controls_in(alice, quiet, after=controls)
    assert "Not taken yet" in again.content
    await write(again, "Where do bees sleep?")
    await again.click("Send")
    await alice.until(lambda: "Next task" in again.buttons, what="thanks")
    assert [answer["text"] for answer in backend.answers] == ["Where do bees sleep?"]


@pytest.mark.parametrize("chose_direct", [False, True], ids=["at the next command", "directly"])
async def test_a_refused_text_whose_thread_is_gone_finds_its_person(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor, *, chose_direct: bool
) -> None:
    await refuse_later(alice, backend, 2010)
    sandbox.guild.delete_channel(alice.threads()[0])
    if chose_direct:
        await use_direct(bot, alice)
    hurry(bot, clock)
    await bot.services.delivery.drained(int(alice.id), 5)
    where = alice.open_dm() if chose_direct else sandbox.guild.channel("general")
    if not chose_direct:
        await alice.command("task", channel=where)
    back = await said_in(alice, where, "Your text could not be taken")
    assert TEXT in back.text
    await alice.command("task", channel=where)
    assert len([one for one in alice.messages(where) if "Your text could not be taken" in one.text]) == 1


@pytest.mark.parametrize("left", ["thread", "channel", "server"])
async def test_a_refused_text_finds_who_has_left_its_thread(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor, left: str
) -> None:
    await refuse_later(alice, backend, 2010)
    (thread,) = alice.threads()
    if left == "thread":
        alice.leave_thread(thread)
    elif left == "channel":
        general = sandbox.guild.channel("general")
        sandbox.guild.overwrite(general, alice, deny=Permission.VIEW_CHANNEL)
    else:
        sandbox.add_guild("Second", owner="Keeper").join(alice)
        alice.leave(sandbox.guild)
    hurry(bot, clock)
    await bot.services.delivery.drained(int(alice.id), 5)
    await bot.tidy()
    where = thread if left == "thread" else alice.open_dm()
    if left != "thread":
        await alice.command("task", channel=where)
    back = await said_in(alice, where, "Here it is, so that it is not lost")
    assert TEXT in back.text


async def test_a_refused_text_that_waited_comes_as_soon_as_direct_messages_are_chosen(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    reply = (await alice.command("task", channel=quiet)).message
    assert reply is not None
    await (await controls_in(alice, quiet)).click("Stop")
    await refuse_later(alice, backend, 2010)
    sandbox.guild.delete_channel(alice.threads()[0])
    hurry(bot, clock)
    await bot.services.delivery.drained(int(alice.id), 5)
    clock.ahead += timedelta(minutes=2)
    await bot.tidy()
    assert await bot.services.store.outbox.unannounced(10, before=clock.now()) == []
    await reply.click("Use direct messages")
    await bot.tidy()
    back = await said_in(alice, alice.open_dm(), "Your text could not be taken")
    assert TEXT in back.text


async def test_outcomes_that_cannot_be_shown_now_keep_no_others_from_being_shown(
    bot: BotApp,
    backend: Backend,
    clock: TestClock,
    join: Join,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcomes, "AT_A_TIME", 1)
    people = [await join(name) for name in ("Alice", "Bob")]
    backend.trouble.extend([(502, 0)] * 50)
    kept = [await sent(person, backend) for person in people]
    cannot_be_edited = str(kept[0].channel_id)
    sandbox.faults.status(
        500, on=lambda call: call.method == "PATCH" and cannot_be_edited in call.params, times=None
    )
    backend.trouble.clear()
    backend.trouble.extend([(400, 2010)] * 2)
    hurry(bot, clock)
    for person in people:
        await bot.services.delivery.drained(int(person.id), 5)
    clock.ahead += timedelta(minutes=2)
    for _ in people:
        await bot.tidy()
    await people[1].until(lambda: "saved" not in kept[1].content, what="the news")
    assert "saved" in kept[0].content


async def test_what_is_to_be_mended_comes_to_direct_messages_when_the_thread_is_gone(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    first = await refuse_later(alice, backend, 1009)
    await use_direct(bot, alice)
    sandbox.guild.delete_channel(alice.threads()[0])
    hurry(bot, clock)
    controls = await controls_in(alice, alice.open_dm())
    assert "same text" in controls.content
    await write(controls, "Where do bees sleep?")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [answer["message_id"] for answer in backend.answers] == [str(first.id)]


async def test_who_saw_the_task_alone_gets_a_refused_text_back_at_once(
    backend: Backend, sandbox: Sandbox, alice: Actor
) -> None:
    quiet = without_threads(sandbox)
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", channel=quiet)
    controls = await controls_in(alice, quiet)
    await write(controls, TEXT)
    backend.trouble.append((400, 2010))
    await controls.click("Send")
    back = await said_in(alice, quiet, "Your text was not handed in")
    assert back.ephemeral
    assert TEXT in back.text
    await alice.command("task", channel=quiet)
    assert len([one for one in alice.messages(quiet) if "Your text was not handed in" in one.text]) == 1
    assert len(sandbox.requests_to("PATCH /channels/{}/messages/{}")) == 0


async def test_news_that_discord_did_not_take_come_soon_after(
    bot: BotApp, backend: Backend, sandbox: Sandbox, clock: TestClock, alice: Actor
) -> None:
    backend.trouble.append((502, 0))
    controls = await sent(alice, backend)
    await alice.until(lambda: "saved" in controls.content, what="the word that it is kept")
    with sandbox.faults.status(503, on="PATCH /channels/{}/messages/{}", times=4) as fault:
        hurry(bot, clock)
        await fault.happened(4)
    assert "saved" in controls.content
    clock.ahead += timedelta(minutes=2)
    await bot.tidy()
    assert "saved" not in controls.content
