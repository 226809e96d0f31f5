"""A server's settings in tests, as its managers would have set them."""

from bot.app import BotApp
from bot.guild_settings import GuildSetting
from discord_sandbox import Sandbox


async def set_up(bot: BotApp, sandbox: Sandbox, **values: object) -> None:
    """Set some settings of the sandbox's first server, by their names."""
    await bot.services.store.guilds.replace(
        int(sandbox.guild.id),
        {GuildSetting(name): value for name, value in values.items()},
        changed_by=1,
        interaction_id=1,
        now=bot.clock.now(),
    )
