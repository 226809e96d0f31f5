"""A person of Discord as the backend is told of them."""

from typing import Final

from bot.outgoing import Answerable
from oasst_client import AuthMethod, User

NAME_LENGTH: Final = 255
"""The protocol's limit for a name."""


def backend_user(interaction: Answerable) -> User:
    """Return who clicked or typed, by their own name: nicknames differ from server to server."""
    person = interaction.user
    name = person.display_name or person.username
    return User(id=str(person.id), display_name=name[:NAME_LENGTH], auth_method=AuthMethod.discord)
