"""What the features of the bot work with, in one piece."""

from dataclasses import dataclass
from typing import Protocol

import hikari

from bot.access import Gate
from bot.clock import Clock
from bot.commands import RegisteredCommands
from bot.community.log import LogChannel
from bot.delivery import Delivery
from bot.outgoing import Outgoing
from bot.router import Router
from bot.sessions import TaskSessions
from bot.sessions.turns import Turns
from bot.settings import BotSettings
from bot.store import Store
from oasst_client import OasstApiClient


@dataclass(frozen=True)
class Services:
    """Everything that lives as long as the bot; lightbulb hands it to commands by its type."""

    settings: BotSettings
    clock: Clock
    store: Store
    gate: Gate
    client: OasstApiClient
    outgoing: Outgoing
    delivery: Delivery
    sessions: TaskSessions
    log: LogChannel
    rest: hikari.api.RESTClient
    cache: hikari.api.Cache
    commands: RegisteredCommands
    gathering: Turns
    """Whose data are being gathered: a single export of many rows is work enough."""


class AddRoutes(Protocol):
    """An extension's optional function `add_routes`: it takes the custom_ids of its feature."""

    def __call__(self, router: Router, services: Services) -> None:
        """Call `router.own...` for each; called once, before the bot connects."""
        ...
