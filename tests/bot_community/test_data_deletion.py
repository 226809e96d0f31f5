"""/data delete: a person goes from every table of bot and backend, whatever they did and whatever breaks."""

import asyncio
import random
from pathlib import Path

import hikari
import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from discord_sandbox import Actor, MessageView, Response, Sandbox
from oasst_backend.server import BackendServer
from oasst_backend.service.recount import check_scores
from tests.bot_community.village import Row, Village, Villager, naming
from tests.meeting import welcomed

KEEP, REMOVE = "Take my name away", "Delete everything I gave"
YES = {KEEP: "Yes, take my name away", REMOVE: "Yes, delete everything"}
DONE = "Done, here and in the dataset"


@pytest.fixture
def backend(own_backend: BackendServer) -> BackendServer:
    """The project's own task backend, in place of the small one."""
    return own_backend


async def asked(person: Actor) -> MessageView:
    """Ask to delete one's data."""
    panel = (await person.command("data delete")).message
    assert panel is not None
    assert panel.ephemeral
    return panel


async def confirmed(panel: MessageView, way: str) -> Response:
    """Choose a way and confirm it."""
    await panel.click(way)
    return await panel.click(YES[way])


async def gone(person: Actor, way: str) -> MessageView:
    """Delete one's data, up to the word that it is done."""
    panel = await asked(person)
    await confirmed(panel, way)
    await person.until(lambda: DONE in panel.text, what="the word that it is done")
    return panel


async def nothing_left(bot: BotApp, person_id: int) -> None:
    """Wait until the last entry about a person is gone."""
    assert await bot.services.delivery.drained(person_id, 5)
    # The last word has been said by then; only the entry's own end may still be on its way to the disk.
    await bot.tidy()
    found = await bot.services.store.database.fetch_all(
        "SELECT * FROM outbox WHERE user_id = ?", (person_id,)
    )
    assert found == []


def of_others(rows: set[Row], person: Villager, *more: str) -> set[Row]:
    return rows - naming(rows, str(person.id), *more)


@pytest.mark.parametrize("way", [KEEP, REMOVE])
@pytest.mark.parametrize("seed", [1, 2])
async def test_after_a_random_history_nothing_is_left_and_nobody_else_has_lost_anything(
    bot: BotApp, sandbox: Sandbox, backend: BackendServer, tmp_path: Path, seed: int, way: str
) -> None:
    village = Village(bot, sandbox, tmp_path, random.Random(seed))  # noqa: S311  # a history that repeats
    await village.live(60)
    leaving = village.people[0]
    await leaving.draft(f"{leaving.mark} is not sent yet")
    await village.fill_tables()
    await village.settled()
    here, there, backend_id = village.bot_rows(), village.backend_rows(), village.backend_id(leaving)

    await gone(leaving.actor, way)
    await nothing_left(bot, leaving.id)

    check_bot(village, leaving, here)
    left = village.backend_rows()
    assert naming(left, str(leaving.id), leaving.actor.name) == set()
    assert backend.storage is not None
    assert backend.storage.read_now(check_scores) == []
    if way == REMOVE:
        assert {table for table, _ in naming(left, leaving.mark)} == set()
        assert {table for table, _ in naming(left, backend_id)} <= {"journal"}
    else:
        # What they gave stays word for word, under the id that was random from the start.
        texts = {dict(row)["text"] for table, row in naming(there, backend_id) if table == "messages"}
        assert texts == {dict(row)["text"] for table, row in naming(left, backend_id) if table == "messages"}
        for table in ("messages", "labellings", "rankings", "people", "scores"):
            others = {row for row in of_others(there, leaving, backend_id, leaving.mark) if row[0] == table}
            assert others <= left, table


def check_bot(village: Village, leaving: Villager, before: set[Row]) -> None:
    """See that the bot's database holds nothing of somebody, and the rest as it was."""
    after = village.bot_rows()
    kept = naming(after, str(leaving.id))
    # Declared: a report about a message of theirs that no moderator has settled.
    assert {table for table, _ in kept} <= {"guild_reports"}
    for _, columns in kept:
        report = dict(columns)
        assert (report["author_id"], report["settled_at"]) == (leaving.id, None)
    assert naming(after, leaving.actor.name) == set()
    # Declared: a text of theirs that was shown to somebody else in a task stands there for that task's time.
    others = {person.id for person in village.people if person is not leaving}
    for table, columns in naming(after, leaving.mark):
        row = dict(columns)
        assert table in {"sessions", "outbox", "label_panels"}
        assert row["user_id"] in others
        shown = {"task", "payload", "form_state"}
        assert leaving.mark not in str([value for name, value in columns if name not in shown])
    own_threads = {
        dict(row)["thread_id"] for table, row in naming(before, str(leaving.id)) if table == "sessions"
    }
    in_them = {row for row in before if row[0] == "shown" and dict(row[1])["channel_id"] in own_threads}
    assert in_them
    assert in_them & after == set()
    assert of_others(before, leaving) - in_them <= after


@pytest.fixture
def quentin(bot: BotApp, sandbox: Sandbox, tmp_path: Path) -> Villager:
    """The first of the villagers."""
    return Village(bot, sandbox, tmp_path, random.Random(4)).people[0]  # noqa: S311  # words that repeat


async def test_what_is_open_ends_first_and_who_comes_back_is_somebody_new(
    bot: BotApp, quentin: Villager
) -> None:
    controls = await quentin.draft(quentin.words())
    thread = next(one for one in quentin.actor.threads() if one.id == controls.channel_id)
    panel = await asked(quentin.actor)
    assert "open task goes back" in panel.text
    await confirmed(panel, REMOVE)
    await quentin.actor.until(lambda: DONE in panel.text, what="the word that it is done")
    await quentin.actor.until(
        lambda: thread in quentin.actor.threads(archived=True), what="the closed thread"
    )
    assert controls.buttons == []
    assert quentin.mark not in controls.text
    await bot.tidy()
    rows = await bot.services.store.database.fetch_all("SELECT * FROM sessions")
    assert rows == []
    # Terms again, then a task.
    back = (await quentin.actor.command("task", type="initial_prompt")).message
    assert back is not None
    assert "I accept" in back.buttons
    await welcomed(quentin.actor, back)
    await quentin.actor.until(lambda: quentin.open_task, what="the task")
    assert len(quentin.actor.threads()) == 1


async def test_a_form_that_is_still_open_gives_its_text_back(quentin: Villager, bot: BotApp) -> None:
    controls = await quentin.draft("a first try")
    modal = (await controls.click("Edit")).modal
    assert modal is not None
    await gone(quentin.actor, KEEP)
    answer = await modal.submit({"Your text": "typed meanwhile"})
    assert answer.message is not None
    assert "typed meanwhile" in answer.message.text
    assert await bot.services.store.database.fetch_all("SELECT * FROM sessions WHERE user_id <> 0") == []


async def test_who_never_did_anything_can_leave(sandbox: Sandbox, bot: BotApp) -> None:
    nobody = sandbox.guild.add_member("Nobody")
    for way in (KEEP, REMOVE):
        await gone(nobody, way)
    await nothing_left(bot, nobody.id)


async def test_a_change_of_mind_changes_nothing(quentin: Villager, bot: BotApp) -> None:
    await quentin.draft(quentin.words())
    before = await bot.services.store.database.fetch_all("SELECT * FROM sessions")
    panel = await asked(quentin.actor)
    await panel.click(REMOVE)
    await panel.click("Back")
    assert KEEP in panel.buttons
    await panel.click(KEEP)
    await panel.click("Cancel")
    assert "nothing was deleted" in panel.text
    assert panel.buttons == []
    assert await bot.services.store.database.fetch_all("SELECT * FROM sessions") == before


async def test_a_servers_history_of_settings_stays_without_a_name(sandbox: Sandbox, bot: BotApp) -> None:
    owner = sandbox.guild.owner
    await bot.services.store.guilds.replace(
        sandbox.guild.id,
        {GuildSetting.daily_limit: 7},
        changed_by=owner.id,
        interaction_id=1,
        now=bot.clock.now(),
    )
    await gone(owner, KEEP)
    history = (await owner.command("settings history")).message
    assert history is not None
    await owner.until(lambda: "somebody who has left" in history.text, what="the change")
    assert owner.mention not in history.text


async def test_two_presses_at_once_delete_once(quentin: Villager, bot: BotApp) -> None:
    await quentin.draft(quentin.words())
    panel = await asked(quentin.actor)
    await panel.click(REMOVE)
    await asyncio.gather(panel.click(YES[REMOVE]), panel.click(YES[REMOVE]), return_exceptions=True)
    await quentin.actor.until(lambda: DONE in panel.text, what="the word that it is done")
    await nothing_left(bot, quentin.id)


@pytest.mark.parametrize(
    "forged",
    [
        "data:1:do:remove:{other}",
        "data:1:do:{own}",
        "data:1:do:everything:{own}",
        "data:1:do:remove:0{own}",
        "data:1:do:remove:",
        "data:1:do:remove:{own}:x",
        "data:2:do:remove:{own}",
        "data:1:cancel:keep:{own}",
    ],
)
async def test_a_forged_button_deletes_nothing(
    quentin: Villager, sandbox: Sandbox, bot: BotApp, forged: str
) -> None:
    other = sandbox.guild.add_member("Other")
    await quentin.draft(quentin.words())
    assert await bot.services.delivery.drained(quentin.id, 5)
    await bot.services.store.people.set_language(other.id, "de", now=bot.clock.now())
    tables = ("sessions", "people", "terms_ledger", "outbox")
    before = [await bot.services.store.database.fetch_all(f"SELECT * FROM {table}") for table in tables]  # noqa: S608  # the names above
    row = hikari.impl.MessageActionRowBuilder()
    custom_id = forged.format(own=quentin.id, other=other.id)
    row.add_interactive_button(hikari.ButtonStyle.DANGER, custom_id, label="forged")
    channel = sandbox.guild.channel("general")
    await bot.services.rest.create_message(channel.id, "Press here!", components=[row])
    answer = await quentin.actor.messages(channel)[-1].click("forged")
    assert answer.message is not None
    assert "expired" in answer.message.text or "somebody else's" in answer.message.text
    after = [await bot.services.store.database.fetch_all(f"SELECT * FROM {table}") for table in tables]  # noqa: S608  # the names above
    assert after == before
