"""Three people live for a while between bot and backend; then all tables of both can be searched."""

import json
import random
import sqlite3
import string
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from bot.store.report_forms import ReportForm
from bot.store.sessions import Place
from bot.store.work_alerts import WorkAlert
from discord_sandbox import (
    Actor,
    InteractionFailed,
    MessageView,
    ModalView,
    NotVisible,
    Permission,
    Sandbox,
    WaitTimeout,
)
from oasst_client import AuthMethod, TaskRequestType, User
from tests.bot_community.odd_jobs import BY_ODD_JOBS, ODD_JOBS
from tests.chaos.person import Person

KINDS = ("random", "initial_prompt", "label_initial_prompt", "assistant_reply", "label_assistant_reply")
Row = tuple[str, tuple[tuple[str, Any], ...]]
"""A table, and the columns with their values."""


class Villager(Person):
    """Somebody all of whose words hold a mark that nothing else holds."""

    def __init__(self, actor: Actor, sandbox: Sandbox, chance: random.Random) -> None:
        super().__init__(actor, sandbox.guild.channel("general"), KINDS[0], is_hasty=True)
        self.mark = "mark" + "".join(chance.choices(string.ascii_lowercase, k=12))
        self.chance = chance
        actor.patience = 5.0

    @property
    def id(self) -> int:
        """Their Discord id."""
        return int(self.actor.id)

    def words(self) -> str:
        """Make up a text."""
        words = ["".join(self.chance.choices(string.ascii_lowercase, k=7)) for _ in range(8)]
        return " ".join([*words, self.mark])

    async def submit(self, modal: ModalView) -> None:
        """Fill in the modal for a text."""
        await modal.submit({"Your text": self.words()})

    async def step(self) -> None:
        """Do whatever comes next."""
        with suppress(InteractionFailed, WaitTimeout, NotVisible):
            controls = self.open_task
            if controls is None:
                self.kind = self.chance.choice(KINDS)
                await self.ask()
            elif self.chance.random() < 0.1:
                await self.skip(controls)
            else:
                await self.answer(controls)
        await self.glance(None)

    async def skip(self, controls: MessageView) -> None:
        """Give the task back, and say why."""
        modal = (await controls.click("Skip")).modal
        if modal is not None:
            await modal.submit({modal.fields[0].label: f"{self.mark} does not like it"})

    async def label(self) -> None:
        """Label something that stands in a thread of theirs, with the message menu."""
        with suppress(InteractionFailed, WaitTimeout, NotVisible):
            for post in reversed(list(self.messages())):
                panel = (await self.actor.context_menu("Label", post)).message
                if panel is None or "Send" not in [one.label for one in panel.all_buttons]:
                    continue
                # What they said before ends with a sign: who said all of it before says the opposite.
                await panel.click(next(label for label in panel.buttons if label.endswith((": no", ": yes"))))
                await panel.click("Send")
                return

    async def draft(self, text: str) -> MessageView:
        """Have a task in hand with a text that is not sent."""
        while (open_task := self.open_task) is not None and "Write" not in open_task.buttons:
            await self.skip(open_task)
            await self.glance(None)
        self.kind = "initial_prompt"
        controls = await self.take_task()
        modal = (await controls.click("Write")).modal
        assert modal is not None
        await modal.submit({"Your text": text})
        return controls


class Village:
    """The people, and what both databases hold.

    Attributes:
        people: of whom the first is to leave.
    """

    def __init__(self, bot: BotApp, sandbox: Sandbox, folder: Path, chance: random.Random) -> None:
        self.bot = bot
        self.sandbox = sandbox
        self.folder = folder
        self.chance = chance
        self.people = [
            Villager(sandbox.guild.add_member(name, permissions=Permission.MANAGE_GUILD), sandbox, chance)
            for name in ("Quentin", "Walburga", "Xaver")
        ]

    async def live(self, steps: int) -> None:
        """Let everybody do this and that, each odd job among it at least once, and wait until all is said."""
        jobs = self.chance.sample(ODD_JOBS, len(ODD_JOBS))
        for number in range(steps):
            person = self.chance.choice(self.people)
            if number % 5 == 4:
                with suppress(InteractionFailed, WaitTimeout, NotVisible):
                    await jobs[number // 5 % len(jobs)](self, person)
            elif self.chance.random() < 0.15:
                await person.label()
            else:
                await person.step()
        await self.settled()
        assert {table for table, _ in self.bot_rows()} >= BY_ODD_JOBS, "nobody did what is done now and then"

    def neighbour(self, person: Villager) -> Villager:
        """Give the next of the people."""
        return self.people[(self.people.index(person) + 1) % len(self.people)]

    async def settled(self) -> None:
        """Wait until the backend has heard of everything."""
        for person in self.people:
            await self.bot.services.delivery.drained(person.id, 5)

    async def fill_tables(self) -> None:
        """Write for each of the people what chance may have left out, and what a death of the bot leaves."""
        store, now = self.bot.services.store, self.bot.clock.now()
        guild_id, channel_id = self.sandbox.guild.id, self.sandbox.guild.channel("general").id
        for person in self.people:
            other = self.neighbour(person)
            user = User(id=str(person.id), display_name=person.actor.name, auth_method=AuthMethod.discord)
            await store.people.set_languages(person.id, ["en", "de"], now=now)
            await store.people.set_anonymous(person.id, wanted=True, now=now)
            wish = WorkAlert(
                user,
                "en-US",
                TaskRequestType.rate_summary,
                "fr",
                guild_id,
                Place.thread,
                channel_id,
                None,
                now,
            )
            await store.work_alerts.put(wish)
            await store.news_threads.add(person.id + 5 * 10**12, wish, now + timedelta(days=1))
            await store.report_forms.open(
                ReportForm(
                    interaction_id=person.id + 8 * 10**12,
                    guild_id=guild_id,
                    channel_id=channel_id,
                    message_id=person.id + 10**12,
                    author_id=other.id,
                    reporter_id=person.id,
                ),
                now=now,
            )
            await store.contributions.add(
                user,
                person.words(),
                locale="en-US",
                guild_id=guild_id,
                channel_id=channel_id,
                submitted_by=person.id + 9 * 10**12,
                now=now,
            )
            await store.given_labels.put(
                person.id, uuid4(), {"spam": 1.0}, is_report=True, outbox_id=person.id + 4 * 10**12, now=now
            )
            for settled in (False, True):
                await store.guild_reports.put(
                    guild_id=guild_id,
                    channel_id=channel_id,
                    message_id=person.id + 10**12 + settled,
                    author_id=other.id,
                    reporter_id=person.id,
                    note=f"{person.mark} finds it rude",
                    now=now,
                )
            reports = await store.guild_reports.open_for(0, guild_id, 100)
            await store.guild_reports.settle(reports[-1].id, guild_id, person.id, now)
            await store.guilds.replace(
                guild_id,
                {GuildSetting.daily_limit: self.people.index(person) + 100},
                changed_by=person.id,
                interaction_id=person.id + 7 * 10**12,
                now=now,
            )
            await store.own_texts.keep(person.id, uuid4(), person.words(), now=now)
            await store.contributors.note(guild_id, person.id, now)
            await store.database.execute(
                "INSERT INTO task_requests (request_key, user_id, display_name, task_type, lang, created_at)"
                " VALUES (?, ?, ?, 'random', 'en', ?)",
                (str(uuid4()), person.id, person.actor.name, (now + timedelta(hours=1)).timestamp()),
            )
            await store.database.execute(
                "INSERT INTO label_panels VALUES (?, ?, ?, ?)",
                (person.id + 6 * 10**12, person.id, json.dumps({"note": person.mark}), now.timestamp()),
            )

    def bot_rows(self) -> set[Row]:
        """Read every row of the bot's database."""
        return _rows(self.folder / "bot.db")

    def backend_rows(self) -> set[Row]:
        """Read every row of the backend's database."""
        return _rows(self.folder / "backend.db")

    def backend_id(self, person: Villager) -> str:
        """Give the backend's own id of somebody."""
        (found,) = [
            dict(row)["id"]
            for table, row in self.backend_rows()
            if table == "people" and dict(row)["username"] == str(person.id)
        ]
        return str(found)


def naming(rows: Iterable[Row], *words: str) -> set[Row]:
    """Find the rows in which a column, as text, holds one of the words."""
    return {
        (table, row) for table, row in rows if any(word in str(value) for _, value in row for word in words)
    }


def _rows(file: Path) -> set[Row]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        found: set[Row] = set()
        for (name,) in names:
            cursor = connection.execute(f"SELECT * FROM {name}")  # noqa: S608  # a name of the schema
            columns = [column[0] for column in cursor.description]
            found |= {(name, tuple(zip(columns, row, strict=True))) for row in cursor}
        return found
