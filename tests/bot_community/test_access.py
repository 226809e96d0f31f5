"""Who may do what is one table, and how somebody stands is worked out from their server's settings."""

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import hikari
import pytest

from bot.access import ACCESS, Deed, Role, roles_of
from bot.guild_settings import GuildSettings
from bot.texts import texts_for
from tests.bot_community.access_doc import DOCUMENTED

NO_ROLE = GuildSettings(moderator_role=8)
WITH_ROLE = GuildSettings(moderator_role=8, contributor_role=9)
NONE = hikari.Permissions.NONE


def somebody(  # what `roles_of` reads of an interaction
    permissions: hikari.Permissions, *roles: int, here: hikari.Permissions = NONE
) -> Any:  # noqa: ANN401  # as above
    member = SimpleNamespace(
        permissions=permissions | here,
        role_ids=roles,
        get_roles=lambda: [SimpleNamespace(permissions=permissions)],
    )
    return SimpleNamespace(guild_id=1, member=member)


@pytest.mark.parametrize(
    ("person", "settings", "held"),
    [
        (somebody(NONE), NO_ROLE, {Role.contributor}),
        (somebody(NONE), WITH_ROLE, set()),
        (somebody(NONE, 9), WITH_ROLE, {Role.contributor}),
        (somebody(NONE, 8), WITH_ROLE, {Role.contributor, Role.moderator}),
        (somebody(NONE, 1), GuildSettings(), {Role.contributor}),
        (somebody(hikari.Permissions.MANAGE_MESSAGES), WITH_ROLE, {Role.contributor, Role.moderator}),
        (somebody(hikari.Permissions.MANAGE_GUILD), WITH_ROLE, {Role.contributor, Role.manager}),
        (somebody(NONE, here=hikari.Permissions.MANAGE_MESSAGES), WITH_ROLE, set()),
        (
            somebody(hikari.Permissions.ADMINISTRATOR),
            WITH_ROLE,
            {Role.contributor, Role.moderator, Role.manager},
        ),
        (SimpleNamespace(guild_id=None, member=None), WITH_ROLE, {Role.contributor}),
    ],
)
def test_standing(person: Any, settings: GuildSettings, held: Collection[Role]) -> None:  # noqa: ANN401  # as above
    assert set(roles_of(person, settings)) == {Role.everybody, *held}


def test_the_table_stands_in_the_docs() -> None:
    assert list(DOCUMENTED.items()) == [(deed.value, rule) for deed, rule in ACCESS.items()]
    assert set(ACCESS) == set(Deed)


@pytest.mark.parametrize("key", ["guild_only", *(role.value for role in Role if role is not Role.everybody)])
def test_every_refusal_has_words(key: str) -> None:
    assert texts_for("en").has(f"access.{key}")
