"""/settings: what a server decides for itself, its history, and the same as a file."""

import hikari
import lightbulb

from bot.community import settings_file_desk, settings_history
from bot.community.settings_desk import SettingsDesk
from bot.community.settings_file_desk import SettingsFileDesk
from bot.community.settings_history import HistoryDesk
from bot.community.settings_ids import LIMIT_INPUT, LIMIT_MODAL, Surface
from bot.router import Router
from bot.services import Services

loader = lightbulb.Loader()

group = lightbulb.Group(
    "command.settings.name",
    "command.settings.description",
    localize=True,
    default_member_permissions=hikari.Permissions.MANAGE_GUILD,
    contexts=[hikari.ApplicationContextType.GUILD],
)
loader.command(group)


@group.register
class ShowSettings(
    lightbulb.SlashCommand,
    name="command.settings.show.name",
    description="command.settings.show.description",
    localize=True,
):
    """Show the settings."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await SettingsDesk(services).open(ctx.interaction)


@group.register
class SettingsHistory(
    lightbulb.SlashCommand,
    name="command.settings.history.name",
    description="command.settings.history.description",
    localize=True,
):
    """Show who changed what."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await HistoryDesk(services).open(ctx.interaction)


@group.register
class ExportSettings(
    lightbulb.SlashCommand,
    name="command.settings.export.name",
    description="command.settings.export.description",
    localize=True,
):
    """Give the settings out as a file."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await SettingsFileDesk(services).export(ctx.interaction)


@group.register
class ImportSettings(
    lightbulb.SlashCommand,
    name="command.settings.import.name",
    description="command.settings.import.description",
    localize=True,
):
    """Take the settings from a file, once that is confirmed."""

    file = lightbulb.attachment(
        "command.settings.import.file.name", "command.settings.import.file.description", localize=True
    )

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await SettingsFileDesk(services).open_import(ctx.interaction, self.file)


@group.register
class ResetSettings(
    lightbulb.SlashCommand,
    name="command.settings.reset.name",
    description="command.settings.reset.description",
    localize=True,
):
    """Put everything back to the defaults, once that is confirmed."""

    @lightbulb.invoke
    async def invoke(self, ctx: lightbulb.Context, services: Services) -> None:
        """Answer the command."""
        await SettingsFileDesk(services).open_reset(ctx.interaction)


def add_routes(router: Router, services: Services) -> None:
    """Take what is chosen, pressed and typed on the settings' messages."""
    desk = SettingsDesk(services)
    router.own_prefix(f"{Surface.settings.value}:", desk.click)
    router.own_modal(LIMIT_MODAL, [LIMIT_INPUT], desk.take_limit)
    router.own_prefix(settings_history.PREFIX, HistoryDesk(services).click)
    router.own_prefix(settings_file_desk.PREFIX, SettingsFileDesk(services).click)
