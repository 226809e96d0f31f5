"""A person of Discord as the backend is told of them."""

from bot.outgoing import Answerable
from oasst_client import AuthMethod, User


def backend_user(interaction: Answerable) -> User:
    """Return who clicked or typed; their name is their own, not the one they have on one server."""
    person = interaction.user
    return User(id=str(person.id), display_name=person.display_name, auth_method=AuthMethod.discord)
