"""The message menu "Contribute": a message of one's own becomes a first message, if its author submits it."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from bot.store.sessions import SessionState
from discord_sandbox import Actor, Sandbox
from oasst_client import TaskRequestType
from tests.bot.conftest import Backend, Join, Life, TestClock, shown_task, task, write
from tests.bot.contributing import TEXT, contribute, form, kept, private, refused, set_
from tests.bot_community.test_labels import accept


async def test_what_the_author_submits_is_handed_in_and_not_what_the_message_says(
    alice: Actor, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    body = task("initial_prompt")
    backend.tasks.append(body)
    modal = await form(alice, sandbox)
    assert "English" in modal.title
    assert list(modal.inputs.values()) == [TEXT]
    answer = (await modal.submit({"Your text": "How do bees find home at night?"})).message
    assert answer is not None
    await alice.until(lambda: "first message of a conversation" in answer.text, what="the thanks")
    (sent,) = backend.answers
    assert sent["text"] == "How do bees find home at night?"
    assert sent["lang"] == "en"
    assert backend.asked[0]["type"] == "initial_prompt"
    assert backend.acks == [(body["id"], sent["message_id"])]
    assert sent["user_message_id"].isdecimal()
    assert alice.threads() == []
    assert await kept(life) == []


async def test_an_open_task_is_not_disturbed(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp
) -> None:
    backend.tasks += [task("initial_prompt"), task("initial_prompt")]
    await alice.command("task")
    controls = await shown_task(alice)
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "Thank you" in answer.text, what="the thanks")
    live = await bot.services.store.sessions.live_of(alice.id)
    assert live is not None
    assert live.control_message_id == controls.id
    await write(controls, "What do bees eat?")
    await controls.click("Send")
    await alice.until(lambda: "Next task" in controls.buttons, what="thanks")
    assert [one["text"] for one in backend.answers] == [TEXT, "What do bees eat?"]
    assert len({one["message_id"] for one in backend.answers}) == 2


async def test_only_the_author_may_give_a_message(alice: Actor, join: Join, sandbox: Sandbox) -> None:
    bob = await join("Bob")
    theirs = alice.view(bob.send(sandbox.guild.channel("general"), TEXT).raw)
    assert theirs is not None
    assert "Only who wrote a message" in await refused(alice, theirs)
    own = (await alice.command("leaderboard")).message
    assert own is not None
    assert "messages that you wrote yourself" in await refused(alice, own)
    picture = alice.send(sandbox.guild.channel("general"), "", files={"bee.txt": b"bee"})
    assert "no text in this message" in await refused(alice, picture)


async def test_ids_of_people_and_places_stay_out(alice: Actor, sandbox: Sandbox) -> None:
    modal = await form(alice, sandbox, f"<:bee:123> {alice.mention} <@&5> <#6> <a:fly:7> and <3 <@> 1<2")
    assert list(modal.inputs.values()) == [":bee: @… @… #… :fly: and <3 <@> 1<2"]


@pytest.mark.parametrize(
    "text", ["🐝" * 1000, "מה קורה? " * 200, "**a** [b](https://c.example) @everyone " * 40]
)
async def test_texts_of_all_kinds_go_in_and_come_back_whole(
    alice: Actor, backend: Backend, sandbox: Sandbox, text: str
) -> None:
    backend.tasks.append(task("initial_prompt"))
    answer = await contribute(alice, sandbox, text)
    await alice.until(lambda: "Thank you" in answer.text, what="the thanks")
    assert backend.answers[0]["text"] == text.strip()
    again = await contribute(alice, sandbox, text)
    await alice.until(lambda: "Nothing was handed in or kept" in again.text, what="the text")
    assert not again.pings_everyone
    assert sum(len(str(one["description"])) for one in again.embeds) >= len(text.strip())


@pytest.mark.usefixtures("bot")
async def test_what_is_too_long_comes_back_whole(
    alice: Actor, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    await life.end()
    life.settings = life.settings.model_copy(update={"message_size_limit": 20})
    await life.begin()
    answer = await contribute(alice, sandbox)
    assert "22" in answer.text
    assert TEXT in answer.text
    assert backend.asked == []
    assert await kept(life) == []


async def test_blank_texts_are_not_taken(alice: Actor, backend: Backend, sandbox: Sandbox) -> None:
    answer = (await (await form(alice, sandbox)).submit({"Your text": " \u200b "})).message
    assert answer is not None
    assert backend.asked == []


@pytest.mark.usefixtures("bot")
async def test_the_terms_come_first_and_the_text_waits(
    backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    newcomer = sandbox.guild.add_member("Nora")
    backend.tasks.append(task("initial_prompt"))
    panel = await contribute(newcomer, sandbox)
    assert backend.asked == []
    await life.end()
    await life.begin()
    await accept(newcomer, panel)
    await newcomer.until(lambda: "Thank you" in panel.text, what="the thanks")
    assert [one["text"] for one in backend.answers] == [TEXT]


@pytest.mark.usefixtures("bot")
async def test_who_does_not_accept_the_terms_gets_the_text_back(
    backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    newcomer = sandbox.guild.add_member("Nora")
    panel = await contribute(newcomer, sandbox)
    await panel.click("Not now")
    await newcomer.until(lambda: TEXT in panel.text, what="the text")
    assert panel.buttons == []
    assert await kept(life) == []
    assert backend.asked == []


async def test_who_works_in_several_languages_is_asked_for_it(
    alice: Actor, bot: BotApp, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    await bot.services.store.people.set_languages(alice.id, ["en", "de"], now=bot.clock.now())
    backend.tasks.append(task("initial_prompt"))
    modal = await form(alice, sandbox)
    assert "English" not in modal.title
    panel = (await modal.submit({})).message
    assert panel is not None
    (menu,) = panel.selects
    assert [label for label, _ in menu.options] == ["English", "German"]
    assert TEXT in panel.text
    await life.end()
    await life.begin()
    await panel.choose("Choose the language", "German")
    await alice.until(lambda: "Thank you" in panel.text, what="the thanks")
    assert [(one["text"], one["lang"]) for one in backend.answers] == [(TEXT, "de")]
    assert backend.asked[0]["lang"] == "de"


async def test_two_choices_at_once_hand_it_in_once(
    alice: Actor, bot: BotApp, backend: Backend, sandbox: Sandbox
) -> None:
    await bot.services.store.people.set_languages(alice.id, ["en", "de"], now=bot.clock.now())
    backend.tasks += [task("initial_prompt"), task("initial_prompt")]
    panel = await contribute(alice, sandbox)
    await asyncio.gather(
        panel.choose("Choose the language", "German"), panel.choose("Choose the language", "English")
    )
    await alice.until(lambda: backend.answers, what="the answer")
    assert await bot.services.delivery.drained(alice.id, 5)
    assert len(backend.answers) == len(backend.asked) == 1


async def test_who_thinks_again_gets_the_text_back(
    alice: Actor, bot: BotApp, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    await bot.services.store.people.set_languages(alice.id, ["en", "de"], now=bot.clock.now())
    panel = await contribute(alice, sandbox)
    await panel.click("Cancel")
    await alice.until(lambda: "All right" in panel.text, what="the text")
    assert TEXT in panel.text
    assert await kept(life) == []
    assert backend.asked == []


async def test_somebody_elses_text_is_out_of_reach_and_so_is_nonsense(
    alice: Actor, join: Join, bot: BotApp, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    bob = await join("Bob")
    for person in (alice, bob):
        await bot.services.store.people.set_languages(person.id, ["en", "de"], now=bot.clock.now())
    theirs = await contribute(bob, sandbox, "Bob's own words")
    bobs_id = theirs.raw.components[0]["components"][0]["custom_id"]
    forgeries = (bobs_id, "contribute:1:language:", f"contribute:1:cancel:{2**65}", "contribute:1:x")
    for number, forged in enumerate(forgeries, start=1):
        panel = await contribute(alice, sandbox)
        panel.raw.components[1]["components"][0]["custom_id"] = forged
        panel.raw.components[0]["components"][0]["custom_id"] = "unused"
        await panel.click("Cancel")
        await alice.until(
            lambda count=number: private(alice).count("has expired") == count,  # type: ignore[misc]
            what="the refusal",
        )
        assert "Bob's own words" not in panel.text
    assert ("Bob's own words",) in await kept(life)
    assert backend.asked == []


async def test_what_the_server_does_not_offer_is_not_given_there(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp, life: Life
) -> None:
    await set_(bot, sandbox, GuildSetting.languages, ("de",))
    backend.tasks.append(task("initial_prompt"))
    modal = await form(alice, sandbox)
    assert "German" in modal.title
    await set_(bot, sandbox, GuildSetting.task_types, (TaskRequestType.assistant_reply,))
    answer = (await modal.submit({})).message
    assert answer is not None
    assert "not collected on this server" in answer.text
    assert TEXT in answer.text
    message = alice.send(sandbox.guild.channel("general"), TEXT)
    assert "not collected on this server" in await refused(alice, message)
    await set_(bot, sandbox, GuildSetting.task_types, ())
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "Thank you" in answer.text, what="the thanks")
    assert backend.answers[0]["lang"] == "de"
    role = sandbox.guild.create_role("Contributors")
    await set_(bot, sandbox, GuildSetting.contributor_role, role.id)
    assert "only members with the contributor role" in await refused(alice, message)
    assert await kept(life) == []


async def test_a_servers_daily_number_holds_for_it_too(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp, clock: TestClock
) -> None:
    await set_(bot, sandbox, GuildSetting.daily_limit, 1)
    backend.tasks += [task("initial_prompt") for _ in range(2)]
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "Thank you" in answer.text, what="the thanks")
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "one a day" in answer.text, what="the limit")
    assert TEXT in answer.text, "it comes back"
    assert len(backend.asked) == 1
    clock.ahead += timedelta(days=1)
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "Thank you" in answer.text, what="the thanks")


async def test_it_counts_where_it_was_given(
    alice: Actor, backend: Backend, sandbox: Sandbox, bot: BotApp
) -> None:
    await set_(bot, sandbox, GuildSetting.log_channel, sandbox.guild.channel("log").id)
    backend.tasks.append(task("initial_prompt"))
    await contribute(alice, sandbox)
    owner, log = sandbox.guild.owner, sandbox.guild.channel("log")
    await owner.until(lambda: owner.messages(log), what="the line")
    assert f"{alice.mention} wrote a first message" in owner.messages(log)[0].text


async def test_it_is_a_session_of_its_own_that_ends(
    alice: Actor, backend: Backend, sandbox: Sandbox, life: Life
) -> None:
    backend.tasks.append(task("initial_prompt"))
    answer = await contribute(alice, sandbox)
    await alice.until(lambda: "Thank you" in answer.text, what="the thanks")
    with closing(sqlite3.connect(life.memory)) as memory:
        rows = memory.execute("SELECT state, place, guild_id FROM sessions").fetchall()
    assert rows == [(SessionState.delivered, "modal", sandbox.guild.id)]
