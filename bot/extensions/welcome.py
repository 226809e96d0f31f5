"""The welcome of those who are new."""

import lightbulb

from bot.community.welcome import ID_PREFIX
from bot.community.welcome_desk import WelcomeDesk
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()


def add_routes(router: Router, services: Services) -> None:
    """Take the choice of languages, "Show me how" and what goes straight on."""
    router.own_prefix(ID_PREFIX, WelcomeDesk(services).click)
