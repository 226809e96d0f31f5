"""The terms before a person's first contribution."""

import lightbulb

from bot.community.terms_desk import TermsDesk
from bot.router import Router
from bot.services import Services
from bot.sessions.terms import ID_PREFIX

loader = lightbulb.Loader()


def add_routes(router: Router, services: Services) -> None:
    """Take "I accept" and "Not now"."""
    router.own_prefix(ID_PREFIX, TermsDesk(services).answer)
