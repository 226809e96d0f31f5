"""Who may do what, by Discord's order of rules."""

from types import SimpleNamespace
from typing import Any, cast

import hikari
import pytest
from hikari import Permissions as P  # noqa: N817  # the tables below read better

from bot.guild_settings import GuildSettings
from bot.permissions import (
    FOR_TASKS,
    is_moderator,
    may_manage_guild,
    may_see,
    missing,
    permissions_in,
)

GUILD, ME, OWNER, HELPERS, STAFF = 1, 2, 3, 10, 11
USUAL = P.VIEW_CHANNEL | P.SEND_MESSAGES


def granted(
    *,
    everyone: P = USUAL,
    helpers: P = P.NONE,
    staff: P = P.NONE,
    held: tuple[int, ...] = (HELPERS,),
    overwrites: dict[int, tuple[P, P]] | None = None,
    member: int = ME,
) -> P:
    """Work out a member's permissions; `overwrites` holds (allow, deny) by role or member."""
    # hikari's own channel and role need an app and a dozen fields that no rule reads.
    roles = {
        hikari.Snowflake(role): cast("hikari.Role", SimpleNamespace(permissions=permissions))
        for role, permissions in ((GUILD, everyone), (HELPERS, helpers), (STAFF, staff))
    }
    channel: Any = SimpleNamespace(
        guild_id=hikari.Snowflake(GUILD),
        permission_overwrites={
            hikari.Snowflake(target): SimpleNamespace(allow=allow, deny=deny)
            for target, (allow, deny) in (overwrites or {}).items()
        },
    )
    return permissions_in(channel, owner_id=OWNER, member_id=member, role_ids=held, roles=roles)


def test_roles_add_up() -> None:
    found = granted(helpers=P.MANAGE_THREADS, staff=P.MANAGE_ROLES)
    assert found == USUAL | P.MANAGE_THREADS


@pytest.mark.parametrize("held", [(), (HELPERS,)])
def test_the_owner_and_administrators_may_do_everything(held: tuple[int, ...]) -> None:
    hidden = {GUILD: (P.NONE, P.VIEW_CHANNEL)}
    assert granted(member=OWNER, held=held, overwrites=hidden) == P.all_permissions()
    assert granted(helpers=P.ADMINISTRATOR, held=(HELPERS,), overwrites=hidden) == P.all_permissions()


@pytest.mark.parametrize(
    ("overwrites", "may_send"),
    [
        ({GUILD: (P.NONE, P.SEND_MESSAGES)}, False),
        ({GUILD: (P.NONE, P.SEND_MESSAGES), HELPERS: (P.SEND_MESSAGES, P.NONE)}, True),
        ({HELPERS: (P.NONE, P.SEND_MESSAGES), STAFF: (P.SEND_MESSAGES, P.NONE)}, True),
        ({HELPERS: (P.SEND_MESSAGES, P.NONE), ME: (P.NONE, P.SEND_MESSAGES)}, False),
        ({HELPERS: (P.NONE, P.SEND_MESSAGES), ME: (P.SEND_MESSAGES, P.NONE)}, True),
        ({99: (P.NONE, P.SEND_MESSAGES)}, True),
    ],
)
def test_overwrites_count_everyone_then_roles_then_the_member(
    overwrites: dict[int, tuple[P, P]], *, may_send: bool
) -> None:
    assert bool(granted(held=(HELPERS, STAFF), overwrites=overwrites) & P.SEND_MESSAGES) is may_send


def test_who_cannot_see_a_channel_may_do_nothing_there() -> None:
    found = granted(helpers=P.MANAGE_THREADS, overwrites={GUILD: (P.NONE, P.VIEW_CHANNEL)})
    assert found == P.NONE
    assert missing(found, FOR_TASKS) == (P.VIEW_CHANNEL,)


def test_what_is_missing_is_named_in_order() -> None:
    assert missing(P.VIEW_CHANNEL | P.EMBED_LINKS, (P.VIEW_CHANNEL, P.MANAGE_THREADS, P.EMBED_LINKS)) == (
        P.MANAGE_THREADS,
    )
    assert missing(P.all_permissions(), FOR_TASKS) == ()


@pytest.mark.parametrize(
    ("permissions", "roles", "moderator_role", "moderates"),
    [
        (USUAL, (), None, False),
        (USUAL, (HELPERS,), STAFF, False),
        (USUAL, (HELPERS, STAFF), STAFF, True),
        (P.MANAGE_MESSAGES, (), None, True),
        (P.ADMINISTRATOR, (), None, True),
        (P.MANAGE_GUILD, (), None, False),
    ],
)
def test_moderators_hold_the_servers_role_or_manage_messages(
    permissions: P, roles: tuple[int, ...], moderator_role: int | None, *, moderates: bool
) -> None:
    settings = GuildSettings(moderator_role=moderator_role)
    assert is_moderator(permissions, roles, settings) is moderates


def test_who_sees_a_channel_sees_what_stands_there() -> None:
    assert may_see(P.VIEW_CHANNEL)
    assert may_see(P.ADMINISTRATOR)
    assert not may_see(P.SEND_MESSAGES | P.MANAGE_MESSAGES)


def test_only_managers_of_a_server_change_its_settings() -> None:
    assert may_manage_guild(P.MANAGE_GUILD)
    assert may_manage_guild(P.ADMINISTRATOR)
    assert not may_manage_guild(P.MANAGE_CHANNELS | P.MANAGE_MESSAGES)
