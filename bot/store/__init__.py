"""The bot's memory: everything that must outlive the process, in one database."""

from typing import Self

from bot.store.contributions import Contributions
from bot.store.contributors import Contributors
from bot.store.database import Database, database_path
from bot.store.departures import Departures
from bot.store.finished_threads import FinishedThreads
from bot.store.given_labels import GivenLabels
from bot.store.guild_members import GuildMembers
from bot.store.guild_reports import GuildReports
from bot.store.guilds import Guilds
from bot.store.label_panels import LabelPanels
from bot.store.left_guilds import LeftGuilds
from bot.store.news_threads import NewsThreads
from bot.store.outbox import Outbox
from bot.store.own_texts import OwnTexts
from bot.store.people import People
from bot.store.personal import Personal
from bot.store.pruning import Pruning
from bot.store.report_forms import ReportForms
from bot.store.sessions import Sessions
from bot.store.shown import Shown
from bot.store.task_requests import TaskRequests
from bot.store.weekly_boards import WeeklyBoards
from bot.store.work_alerts import WorkAlerts


class Store:
    """All tables over one database; `store.database.transaction()` makes several calls one step."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sessions = Sessions(database)
        self.outbox = Outbox(database)
        self.shown = Shown(database)
        self.people = People(database)
        self.guilds = Guilds(database)
        self.guild_reports = GuildReports(database)
        self.report_forms = ReportForms(database)
        self.given_labels = GivenLabels(database)
        self.contributions = Contributions(database)
        self.contributors = Contributors(database)
        self.guild_members = GuildMembers(database)
        self.left_guilds = LeftGuilds(database)
        self.finished_threads = FinishedThreads(database)
        self.label_panels = LabelPanels(database)
        self.own_texts = OwnTexts(database)
        self.task_requests = TaskRequests(database)
        self.work_alerts = WorkAlerts(database)
        self.news_threads = NewsThreads(database)
        self.weekly_boards = WeeklyBoards(database)
        self.pruning = Pruning(database)
        self.personal = Personal(database)
        self.departures = Departures(database)

    @classmethod
    def at(cls, url: str) -> Self:
        """Make the store of a database address (`BOT_DATABASE_URL`); `open` comes next.

        Raises:
            DatabaseError: the address names no SQLite file.
        """
        return cls(Database(database_path(url)))

    async def open(self) -> None:
        """Migrate and open the database.

        Raises:
            DatabaseError: the file cannot be used.
        """
        await self.database.open()

    async def close(self) -> None:
        """Close the database; closing twice is fine."""
        await self.database.close()
