"""What a server's settings do to the tasks that people ask for there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Role, Sandbox
from tests.bot.conftest import Join, TestClock, failure, shown_task, task, write
from tests.bot.guild_set_up import set_up
from tests.bot.rooms import controls_in, said_in, use_direct
from tests.bot.work_backend import WorkBackend


@dataclass
class PickyBackend(WorkBackend):
    """Has no work but that of some languages or kinds.

    Attributes:
        has: the languages and kinds that it has work of; None: all.
    """

    has: set[str] | None = None

    async def _task(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.has is None or self.has & {body["lang"], body["type"]}:
            return await super()._task(request)
        self.asked.append(body)
        return failure(503, 1006)


BACKEND = PickyBackend
REFUSED = "only members with the contributor role"


async def asks(person: Actor, kind: str = "random", lang: str | None = None) -> MessageView:
    """Ask for a task, and read the answer."""
    reply = await person.command("task", type=kind, language=lang)
    assert reply.message is not None
    return reply.message


async def says(person: Actor, message: MessageView, words: str) -> None:
    """Wait until a message has these words."""
    await person.until(lambda: words in message.content, what=f"“{words}”")


async def finish_one(person: Actor, backend: PickyBackend) -> MessageView:
    """Get a task, and hand in a text."""
    backend.tasks.append(task("initial_prompt"))
    await person.command("task")
    controls = await shown_task(person)
    await hand_in(person, controls)
    return controls


async def hand_in(person: Actor, controls: MessageView, text: str = "How do bees find home?") -> None:
    await write(controls, text)
    await controls.click("Send")
    await person.until(lambda: "Next task" in controls.buttons, what="thanks")


async def can(bot: BotApp, person: Actor, *langs: str) -> None:
    """Let somebody have chosen languages before."""
    await bot.services.store.people.set_languages(int(person.id), langs, now=bot.clock.now())


# ---- who


@pytest.fixture
async def contributors(bot: BotApp, sandbox: Sandbox) -> Role:
    """Let only holders of a role contribute."""
    role = sandbox.guild.create_role("Contributors")
    await set_up(bot, sandbox, contributor_role=int(role.id))
    return role


async def test_who_has_the_contributor_role_gets_tasks_and_others_do_not(
    backend: PickyBackend, sandbox: Sandbox, alice: Actor, contributors: Role
) -> None:
    assert REFUSED in (await asks(alice)).content
    assert backend.asked == []
    sandbox.guild.give_role(alice, contributors)
    await finish_one(alice, backend)
    assert len(backend.answers) == 1


async def test_direct_messages_know_no_roles(
    backend: PickyBackend,
    alice: Actor,
    contributors: Role,  # noqa: ARG001  # that there is one is enough
) -> None:
    room = alice.open_dm()
    backend.tasks.append(task("initial_prompt"))
    await alice.command("task", room)
    await controls_in(alice, room)


async def next_task(person: Actor, backend: PickyBackend) -> Callable[[], Awaitable[MessageView]]:
    controls = await finish_one(person, backend)

    async def click() -> MessageView:
        await controls.click("Next task")
        return await said_in(person, person.threads()[0], REFUSED)

    return click


async def try_again(person: Actor, backend: PickyBackend) -> Callable[[], Awaitable[MessageView]]:
    backend.task_trouble.append((429, 0))
    answer = await asks(person)

    async def click() -> MessageView:
        await answer.click("Try again")
        await says(person, answer, REFUSED)
        return answer

    return click


async def take_instead(person: Actor, backend: PickyBackend) -> Callable[[], Awaitable[MessageView]]:
    backend.counts = {"en": {"rate_summary": 2}}
    answer = await asks(person)

    async def choose() -> MessageView:
        await answer.choose("Take this instead", "Rate a summary")
        await says(person, answer, REFUSED)
        return answer

    return choose


async def tell_me(person: Actor, backend: PickyBackend) -> Callable[[], Awaitable[MessageView]]:
    answer = await asks(person)
    assert backend.asked

    async def click() -> MessageView:
        reply = await answer.click("Tell me when there is work")
        assert reply.message is not None
        return reply.message

    return click


@pytest.mark.parametrize("begin", [next_task, try_again, take_instead, tell_me])
async def test_every_step_asks_for_the_role_again(
    bot: BotApp,
    backend: PickyBackend,
    sandbox: Sandbox,
    alice: Actor,
    begin: Callable[[Actor, PickyBackend], Awaitable[Callable[[], Awaitable[MessageView]]]],
) -> None:
    go_on = await begin(alice, backend)
    role = sandbox.guild.create_role("Contributors")
    await set_up(bot, sandbox, contributor_role=int(role.id))
    backend.tasks.append(task("initial_prompt"))
    asked = len(backend.asked)
    assert REFUSED in (await go_on()).content
    assert len(backend.asked) == asked


async def test_who_accepts_the_terms_is_asked_for_the_role_too(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox
) -> None:
    ben = sandbox.guild.add_member("Ben")
    terms = await asks(ben)
    role = sandbox.guild.create_role("Contributors")
    await set_up(bot, sandbox, contributor_role=int(role.id))
    await terms.click("I accept")
    await terms.click("Straight to my task")
    await says(ben, terms, REFUSED)
    assert backend.asked == []


# ---- kinds


async def test_a_kind_that_is_not_offered_is_refused_with_those_that_are(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_types=["initial_prompt", "rate_summary"])
    answer = await asks(alice, "assistant_reply")
    assert "does not offer that kind of task" in answer.content
    assert "write a first message, rate a summary" in answer.content
    assert backend.asked == []
    await set_up(bot, sandbox, task_types=[])
    backend.tasks.append(task("assistant_reply"))
    await asks(alice, "assistant_reply")
    await shown_task(alice)


async def test_whatever_is_needed_is_chosen_among_what_is_offered(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_types=["initial_prompt", "rate_summary"])
    backend.counts = {"en": {"random": 20, "assistant_reply": 14, "rate_summary": 5, "initial_prompt": 1}}
    backend.tasks.append(task("rate_summary"))
    await asks(alice)
    await shown_task(alice)
    assert [one["type"] for one in backend.asked] == ["rate_summary"]


async def test_what_is_gone_in_that_moment_leads_to_the_next_kind(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_types=["initial_prompt", "rate_summary"])
    backend.counts = {"en": {"rate_summary": 5, "initial_prompt": 1}}
    backend.has = {"initial_prompt"}
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    await shown_task(alice)
    assert [one["type"] for one in backend.asked] == ["rate_summary", "initial_prompt"]


async def test_nothing_but_what_is_offered_is_handed_out_or_named(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_types=["initial_prompt", "rate_summary"])
    backend.counts = {"en": {"random": 14, "assistant_reply": 14}}
    backend.tasks.append(task("assistant_reply"))
    answer = await asks(alice)
    assert "nothing to do in English" in answer.content
    assert "This server offers: write a first message, rate a summary." in answer.content
    assert answer.selects == []
    assert backend.asked == []
    backend.counts["en"]["rate_summary"] = 1
    (menu,) = (await asks(alice, "initial_prompt")).selects
    assert [label for label, _ in menu.options] == ["Rate a summary"]


async def test_a_backend_that_hands_out_another_kind_gets_it_back(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_types=["rate_summary"])
    wrong = task("assistant_reply")
    backend.tasks.append(wrong)
    answer = await asks(alice, "rate_summary")
    assert "nothing to do of that kind" in answer.content
    await bot.services.delivery.drained(int(alice.id), 5)
    assert [task_id for task_id, _ in backend.nacks] == [wrong["id"]]


async def test_a_report_names_only_what_is_offered(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_types=["initial_prompt", "rate_summary"], languages=["en", "es", "de"])
    backend.report = {
        "en": {
            "types": {"initial_prompt": {"count": 0}, "assistant_reply": {"count": 9}},
            "languages": {"es": 12, "de": 4, "fr": 30},
        }
    }
    backend.counts = {"es": {"assistant_reply": 12}, "de": {"rate_summary": 3, "assistant_reply": 1}}
    (menu,) = (await asks(alice, "initial_prompt")).selects
    assert [(label, value.rpartition(":")[2]) for label, value in menu.options] == [
        ("Whatever is needed most", "de")
    ]


async def test_in_direct_messages_every_kind_and_language_is_offered(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_types=["rate_summary"], languages=["de"], daily_limit=1)
    room = alice.open_dm()
    backend.tasks.append(task("assistant_reply"))
    await alice.command("task", room, type="assistant_reply", language="fr")
    await controls_in(alice, room)
    assert backend.asked[-1]["lang"] == "fr"


# ---- languages


async def test_a_language_that_is_not_offered_is_refused_with_those_that_are(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, languages=["de", "fr"])
    answer = await asks(alice, lang="English")
    assert "does not offer tasks in that language" in answer.content
    assert "German, French" in answer.content
    assert backend.asked == []
    await asks(alice, lang="French")
    assert backend.asked[-1]["lang"] == "fr"
    # Now it is theirs; what was refused is not.
    await asks(alice)
    assert backend.asked[-1]["lang"] == "fr"
    await set_up(bot, sandbox, languages=[])
    await asks(alice, lang="English")
    assert backend.asked[-1]["lang"] == "en"


async def test_who_chose_no_language_gets_that_of_the_server(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor, join: Join
) -> None:
    await asks(alice)
    assert backend.asked[-1]["lang"] == "en"
    await set_up(bot, sandbox, language="pt-BR")
    await asks(alice)
    assert backend.asked[-1]["lang"] == "pt-BR"
    ben = await join("Ben")
    await can(bot, ben, "es")
    await asks(ben)
    assert backend.asked[-1]["lang"] == "es"


async def test_the_only_language_of_a_server_need_not_be_named(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, languages=["de"])
    await asks(alice)
    assert backend.asked[-1]["lang"] == "de"
    await set_up(bot, sandbox, languages=["de", "fr"])
    assert "It offers them in: German, French" in (await asks(alice)).content


async def test_the_other_languages_of_a_person_are_tried_in_their_order(
    bot: BotApp, backend: PickyBackend, alice: Actor
) -> None:
    await can(bot, alice, "de", "fr", "en")
    await bot.services.store.people.set_language(int(alice.id), "fr", now=bot.clock.now())
    backend.has = {"en"}
    backend.tasks.append(task("initial_prompt"))
    answer = await asks(alice)
    assert [one["lang"] for one in backend.asked] == ["fr", "de", "en"]
    assert "There was nothing to do in French, so it is in English." in answer.content
    controls = await shown_task(alice)
    assert "Language: English" in alice.messages(alice.threads()[0])[0].content
    await hand_in(alice, controls)
    assert backend.answers[-1]["lang"] == "en"
    # The next one is in the same language, or in another of theirs; that is said below it.
    backend.has = {"fr"}
    backend.tasks.append(task("prompter_reply"))
    await controls.click("Next task")
    await said_in(alice, alice.threads()[0], "There was nothing to do in English, so it is in French.")
    assert [one["lang"] for one in backend.asked[3:]] == ["en", "fr"]


async def test_where_a_language_is_named_no_other_is_tried(
    bot: BotApp, backend: PickyBackend, alice: Actor
) -> None:
    await can(bot, alice, "de", "fr")
    answer = await asks(alice, lang="German")
    assert [one["lang"] for one in backend.asked] == ["de"]
    assert "also looked" not in answer.content
    answer = await asks(alice)
    assert [one["lang"] for one in backend.asked[1:]] == ["de", "fr"]
    assert "I have also looked in: French." in answer.content


async def test_only_those_that_the_server_offers_are_tried(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await can(bot, alice, "de", "fr", "es")
    await set_up(bot, sandbox, languages=["es", "fr"])
    await asks(alice)
    assert [one["lang"] for one in backend.asked] == ["fr", "es"]
    await can(bot, alice, "pt-BR")
    assert "It offers them in: Spanish, French" in (await asks(alice)).content


async def test_terms_that_were_accepted_lead_to_the_languages_that_would_have_done(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox
) -> None:
    ben, cleo = sandbox.guild.add_member("Ben"), sandbox.guild.add_member("Cleo")
    for person, lang, tried in ((ben, None, ["de", "fr"]), (cleo, "German", ["de"])):
        await can(bot, person, "de", "fr")
        terms = await asks(person, lang=lang)
        backend.asked.clear()
        await terms.click("I accept")
        await terms.click("Straight to my task")
        await says(person, terms, "nothing to do")
        assert [one["lang"] for one in backend.asked] == tried


# ---- places


async def test_tasks_can_be_shown_to_their_people_alone(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_display="ephemeral")
    general = sandbox.guild.channel("general")
    backend.tasks.append(task("initial_prompt"))
    answer = await asks(alice)
    assert (await controls_in(alice, general)).ephemeral
    assert alice.threads() == []
    assert "so your task is" not in answer.content, "it is where it is expected"
    await answer.click("Use direct messages")
    await controls_in(alice, alice.open_dm())


async def test_tasks_can_be_shown_directly_and_count_for_the_server(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    log = sandbox.guild.channel("log")
    await set_up(bot, sandbox, task_display="direct", log_channel=int(log.id), daily_limit=1)
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    controls = await controls_in(alice, alice.open_dm())
    await hand_in(alice, controls)
    await said_in(sandbox.guild.owner, log, "wrote a first message")
    assert "this server takes one a day" in (await asks(alice)).content
    assert await bot.services.store.contributors.of_guild(int(sandbox.guild.id), 9) == [int(alice.id)]


async def test_who_takes_no_direct_messages_sees_the_task_where_they_are(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, task_display="direct")
    alice.block_dms()
    backend.tasks.append(task("initial_prompt"))
    answer = await asks(alice)
    await controls_in(alice, sandbox.guild.channel("general"))
    assert "You do not take direct messages from me" in answer.content


async def test_direct_messages_that_a_person_chose_stay_theirs(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await use_direct(bot, alice)
    await set_up(bot, sandbox, task_display="ephemeral")
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    await controls_in(alice, alice.open_dm())


# ---- days


async def test_at_the_limit_of_a_day_it_is_said_when_it_goes_on(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor, clock: TestClock, join: Join
) -> None:
    begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    clock.ahead = begin + timedelta(hours=20) - datetime.now(UTC)
    await set_up(bot, sandbox, daily_limit=2)
    await finish_one(alice, backend)
    second = await finish_one(alice, backend)
    asked = len(backend.asked)
    tomorrow = f"<t:{int((begin + timedelta(days=1)).timestamp())}:R>"
    answer = await asks(alice)
    assert "You have finished 2 tasks here today" in answer.content
    assert tomorrow in answer.content
    await second.click("Next task")
    assert tomorrow in (await said_in(alice, alice.threads()[-1], "finished 2 tasks here")).content
    assert len(backend.asked) == asked
    await finish_one(await join("Ben"), backend)
    clock.ahead += timedelta(hours=5)
    await finish_one(alice, backend)


async def test_without_a_limit_the_day_is_long(backend: PickyBackend, alice: Actor) -> None:
    for _ in range(3):
        await finish_one(alice, backend)
    assert len(backend.answers) == 3


async def test_what_is_on_its_way_counts_and_what_was_refused_does_not(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await set_up(bot, sandbox, daily_limit=1)
    backend.trouble.append((400, 2010))
    await finish_one(alice, backend)
    backend.trouble += [(503, 0)] * 9
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    controls = await shown_task(alice)
    await write(controls, "And at night?")
    await controls.click("Send")
    await alice.until(lambda: "Your answer is saved" in controls.content, what="the answer kept")
    assert "You have finished a task here today" in (await asks(alice)).content


async def test_a_task_that_is_open_at_the_limit_can_be_finished(
    bot: BotApp, backend: PickyBackend, sandbox: Sandbox, alice: Actor
) -> None:
    await finish_one(alice, backend)
    backend.tasks.append(task("initial_prompt"))
    await asks(alice)
    controls = await shown_task(alice)
    await set_up(bot, sandbox, daily_limit=1)
    assert "You have an open task" in (await asks(alice)).content
    await hand_in(alice, controls, "And at night?")
    assert len(backend.answers) == 2


async def test_an_answer_whose_reply_was_lost_makes_one_contribution(
    bot: BotApp, backend: PickyBackend, alice: Actor, clock: TestClock
) -> None:
    backend.trouble.append((0, 0))
    await finish_one(alice, backend)
    clock.ahead += timedelta(minutes=10)
    bot.services.delivery.kick()
    assert await bot.services.delivery.drained(int(alice.id), 5)
    rows = await bot.services.store.database.fetch_all("SELECT user_id, tasks FROM contributors")
    assert [tuple(row) for row in rows] == [(alice.id, 1)]
