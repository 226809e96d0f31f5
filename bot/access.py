"""Who may do what, in one table: every command, menu and panel asks it, at every step."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import hikari

from bot.guild_settings import DEFAULTS, GuildSettings
from bot.outgoing import Answerable
from bot.permissions import is_moderator, may_manage_guild
from bot.store.guilds import Guilds


class Role(StrEnum):
    """How somebody stands on a server, one of the ways that `roles_of` gives.

    `contributor`: a member with the server's contributor role, a moderator or a manager; everybody, where
    there is no such role. `moderator`: a member with the moderator role or Manage Messages. `manager`: one
    with Manage Server, who need not moderate. Administrators are both.
    """

    everybody = "everybody"
    contributor = "contributor"
    moderator = "moderator"
    manager = "manager"


class Deed(StrEnum):
    """Something that people do with the bot, command by command and menu by menu."""

    task = "task"
    contribute = "contribute"
    label = "label"
    report = "report"
    leaderboard = "leaderboard"
    me = "me"
    progress = "progress"
    languages = "languages"
    tutorial = "tutorial"
    help = "help"
    privacy = "privacy"
    data = "data"
    reports = "reports"
    setup = "setup"
    settings = "settings"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do a deed, and where.

    Attributes:
        needs: the standing that it takes.
        guild_only: whether it means nothing outside a server.
    """

    needs: Role
    guild_only: bool = False


ACCESS: Final[Mapping[Deed, Rule]] = {
    Deed.task: Rule(Role.contributor),
    Deed.contribute: Rule(Role.contributor),
    Deed.label: Rule(Role.contributor),
    Deed.report: Rule(Role.everybody),
    Deed.leaderboard: Rule(Role.everybody),
    Deed.me: Rule(Role.everybody),
    Deed.progress: Rule(Role.everybody),
    Deed.languages: Rule(Role.everybody),
    Deed.tutorial: Rule(Role.everybody),
    Deed.help: Rule(Role.everybody),
    Deed.privacy: Rule(Role.everybody),
    Deed.data: Rule(Role.everybody),
    Deed.reports: Rule(Role.moderator, guild_only=True),
    Deed.setup: Rule(Role.manager, guild_only=True),
    Deed.settings: Rule(Role.manager, guild_only=True),
}
"""The table; `docs/commands.md` shows it, and a test holds that they are the same."""


class Gate:
    """Says whether somebody may do something here; asked anew each time, because a click proves nothing."""

    def __init__(self, guilds: Guilds) -> None:
        self._guilds = guilds

    async def refusal(self, interaction: Answerable, deed: Deed) -> str | None:
        """Give the key of the text that says why a person may not do something here; None where they may."""
        rule = ACCESS[deed]
        if interaction.guild_id is None or interaction.member is None:
            return "access.guild_only" if rule.guild_only else None
        if rule.needs is Role.everybody:
            return None
        return refusal_by(await self._guilds.settings(int(interaction.guild_id)), interaction, deed)

    async def allowed(self, interaction: Answerable) -> list[Deed]:
        """List what a person may do here, in the order of the table."""
        settings = DEFAULTS
        if interaction.guild_id is not None:
            settings = await self._guilds.settings(int(interaction.guild_id))
        held = roles_of(interaction, settings)
        is_here = interaction.guild_id is not None
        return [
            deed for deed, rule in ACCESS.items() if rule.needs in held and (is_here or not rule.guild_only)
        ]


def refusal_by(settings: GuildSettings, interaction: Answerable, deed: Deed) -> str | None:
    """Do as `Gate.refusal` does, for who has read the server's settings (in direct messages the defaults)."""
    rule = ACCESS[deed]
    if interaction.guild_id is None or interaction.member is None:
        return "access.guild_only" if rule.guild_only else None
    return None if rule.needs in roles_of(interaction, settings) else f"access.{rule.needs.value}"


def roles_of(interaction: Answerable, settings: GuildSettings) -> Collection[Role]:
    """Give how somebody stands where they are; in direct messages everybody contributes and nobody rules."""
    held = {Role.everybody}
    member = interaction.member
    if interaction.guild_id is None or member is None:
        return held | {Role.contributor}
    roles = [int(role_id) for role_id in member.role_ids]
    # No channel can grant or deny Manage Server, so this needs no roles, which may not be known yet.
    if may_manage_guild(member.permissions):
        held |= {Role.manager}
    if is_moderator(_everywhere(member), roles, settings):
        held |= {Role.moderator}
    if held & {Role.manager, Role.moderator} or settings.contributor_role in {None, *roles}:
        held |= {Role.contributor}
    return held


def _everywhere(member: hikari.InteractionMember) -> hikari.Permissions:
    """Give what a member may do on the whole server: an interaction tells what they may in its channel."""
    if member.permissions & hikari.Permissions.ADMINISTRATOR:
        return member.permissions
    granted = hikari.Permissions.NONE
    for role in member.get_roles():
        granted |= role.permissions
    return granted
