"""A text that was contributed arrives once or comes back whole, whatever happens on its way."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from bot.store.contributions import Contributions
from discord_sandbox import Actor, InteractionFailed, Sandbox, WaitTimeout
from oasst_client import OasstErrorCode
from tests.bot.conftest import Backend, Life, TestClock, shown_task, task
from tests.bot.contributing import TEXT, contribute, form, kept, private, set_


async def test_when_no_first_messages_are_wanted_the_text_comes_back(
    alice: Actor, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "No first messages in English are wanted" in answer.text, what="why")
    assert "Nothing was handed in or kept" in answer.text
    assert TEXT in answer.text
    assert answer.buttons == []
    assert await kept(life) == []
    assert len(backend.asked) == 1


async def test_when_the_backend_is_away_the_text_comes_back(
    alice: Actor, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    await backend.stop()
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "cannot be reached" in answer.text, what="why")
    assert TEXT in answer.text
    assert await kept(life) == []


async def test_another_kind_of_task_is_given_back(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp
) -> None:
    body = task("assistant_reply")
    backend.tasks.append(body)
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: TEXT in answer.text, what="the text")
    assert await bot.services.delivery.drained(alice.id, 5)
    assert [one for one, _ in backend.nacks] == [body["id"]]
    assert backend.answers == []


@pytest.mark.parametrize("code", [OasstErrorCode.task_message_duplicated, 2010])
async def test_a_refusal_comes_with_the_text_and_opens_no_task(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp, code: int
) -> None:
    backend.tasks.append(task("initial_prompt"))
    backend.trouble.append((400, code))
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "was not taken" in answer.text, what="the refusal")
    await alice.until(lambda: TEXT in private(alice), what="the text")
    assert await bot.services.store.sessions.live_of(alice.id) is None


async def test_a_late_refusal_comes_with_the_text_when_its_person_comes(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp
) -> None:
    backend.tasks.append(task("initial_prompt"))
    backend.trouble += [(502, 0), (400, OasstErrorCode.task_message_duplicated)]
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "is saved" in answer.text, what="that it is kept")
    await bot.services.store.outbox.hurry(bot.clock.now())
    bot.services.delivery.kick()
    await alice.until(lambda: not backend.trouble, what="the second try")
    assert await bot.services.delivery.drained(alice.id, 5)
    await bot.services.sessions.announce_missed()
    assert TEXT not in private(alice)
    for _ in range(2):
        await alice.command("task")
    await alice.until(lambda: "could not be taken" in private(alice), what="the refusal")
    assert private(alice).count(TEXT) == 1


async def test_what_came_back_in_a_thread_can_be_read_for_a_day(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp
) -> None:
    await set_(bot, sandbox, GuildSetting.finished_threads, "delete")
    backend.tasks.append(task("assistant_reply"))
    await alice.command("task")
    controls, thread = await shown_task(alice), alice.threads()[0]
    message = alice.send(thread, TEXT)
    modal = (await alice.context_menu("Contribute", message)).modal
    assert modal is not None
    await modal.submit({})
    await alice.until(lambda: TEXT in private(alice), what="the text, which nobody wants now")
    await controls.click("Stop")
    await alice.until(lambda: thread.archived, what="the end")
    await bot.tidy()
    assert thread in sandbox.guild.guild.threads.values()


async def test_a_text_that_is_deleted_while_it_waits_is_not_handed_in(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when its person has their data deleted: the backend must not hear of them again."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        asked.set()
        await go_on.wait()

    backend.before_task = wait
    backend.tasks += [task("assistant_reply"), task("initial_prompt")]
    asking = asyncio.create_task(alice.command("task"))
    await asked.wait()
    confirmed = asyncio.Event()
    contributions = bot.services.store.contributions

    async def note(*given: Any) -> bool:  # noqa: ANN401  # as it is
        is_first = await Contributions.confirm(contributions, *given)
        confirmed.set()
        return is_first

    monkeypatch.setattr(contributions, "confirm", note)
    giving = asyncio.create_task(contribute(alice, sandbox))
    await confirmed.wait()
    (waiting,) = await contributions.to_hand_in()
    await contributions.remove(waiting.id)
    go_on.set()
    await asking
    answer = await giving
    await alice.until(lambda: "nothing was handed in" in answer.text, what="that it is gone")
    assert len(backend.asked) == 1
    assert backend.answers == []


async def submit_and_die(
    life: Life, person: Actor, sandbox: Sandbox, number: int = 1, *, before: bool = False
) -> BotApp:
    """Have the bot die at its `number`-th call after somebody gave a text; gives the next one, tidied up."""
    modal = await form(person, sandbox)
    patience, person.patience = person.patience, 0.2
    life.kill_at(number, before=before)
    with suppress(InteractionFailed, WaitTimeout):
        await modal.submit({})
    await life.died()
    person.patience = patience
    bot = await life.reborn()
    await bot.tidy()
    return bot


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2])
async def test_a_text_arrives_once_whenever_the_bot_dies(
    life: Life, backend: Backend, alice: Actor, sandbox: Sandbox, number: int, *, before: bool
) -> None:
    backend.tasks += [task("initial_prompt"), task("initial_prompt")]
    bot = await submit_and_die(life, alice, sandbox, number, before=before)
    await alice.until(lambda: backend.answers, what="the answer")
    assert await bot.services.delivery.drained(alice.id, 5)
    assert [one["text"] for one in backend.answers] == [TEXT]
    await alice.command("task")
    assert TEXT not in private(alice)
    assert await kept(life) == []


async def test_what_was_confirmed_and_finds_no_task_comes_back_when_its_person_comes(
    life: Life, backend: Backend, alice: Actor, sandbox: Sandbox
) -> None:
    await submit_and_die(life, alice, sandbox)
    await alice.command("task")
    await alice.until(lambda: TEXT in private(alice), what="the text")
    assert "No first messages in English are wanted" in private(alice)
    assert await kept(life) == []
    assert backend.answers == []


async def test_a_text_about_which_nobody_could_be_asked_comes_back(
    life: Life, backend: Backend, alice: Actor, bot: BotApp, sandbox: Sandbox
) -> None:
    await bot.services.store.people.set_languages(alice.id, ["en", "de"], now=bot.clock.now())
    await submit_and_die(life, alice, sandbox)
    await alice.command("task")
    await alice.until(lambda: "I was restarted" in private(alice), what="the text")
    assert TEXT in private(alice)
    assert await kept(life) == []
    assert backend.answers == []


async def test_what_is_left_alone_is_forgotten(
    alice: Actor, backend: Backend, bot: BotApp, sandbox: Sandbox, life: Life, clock: TestClock
) -> None:
    await bot.services.store.people.set_languages(alice.id, ["en", "de"], now=bot.clock.now())
    panel = await contribute(alice, sandbox)
    clock.ahead = timedelta(hours=23)
    await bot.tidy()
    assert await kept(life) == [(TEXT,)]
    bot = await life.begin()
    clock.ahead = timedelta(days=1, minutes=1)
    await bot.tidy()
    await panel.choose("Choose the language", "German")
    await alice.until(lambda: "has expired" in private(alice), what="that it is over")
    assert await kept(life) == []
    assert backend.asked == []
