"""What the tests of settings share: opening them, waiting for what they show, clicks that nobody makes."""

import pytest

from bot.app import BotApp
from bot.guild_settings import GuildSetting, GuildSettings
from bot.store.guilds import SettingChange
from discord_sandbox import Actor, MessageView, Response, Sandbox

STRING_MENU = 3
SMALL = {
    "num_reviews_initial_prompt": 1,
    "num_reviews_reply": 1,
    "num_required_rankings": 1,
    "max_children_count": 2,
    "max_tree_depth": 3,
    "goal_tree_size": 6,
}
"""Tree settings for a handful of people."""


async def answer_to(person: Actor, command: str, **options: object) -> MessageView:
    """Type a command, and give the answer that only the person sees."""
    answer = await person.command(command, options=options)  # type: ignore[arg-type]  # whatever options there are
    assert answer.message is not None
    assert answer.message.ephemeral
    return answer.message


async def settings_of(person: Actor, page: str = "Channels") -> MessageView:
    """Open the settings on a page."""
    panel = await answer_to(person, "settings show")
    if page != "Channels":
        await panel.click(page)
        await shows(person, panel, f"Settings · {page}")
    return panel


async def shows(person: Actor, panel: MessageView, text: str) -> None:
    """Wait until a message has a text."""
    await person.until(lambda: text in panel.text, what=text)


async def stored(bot: BotApp, sandbox: Sandbox) -> GuildSettings:
    """Read the settings of the first server."""
    return await bot.services.store.guilds.settings(sandbox.guild.id)


async def history(bot: BotApp, sandbox: Sandbox) -> list[SettingChange]:
    """Read the history of the first server."""
    return await bot.services.store.guilds.changes(sandbox.guild.id)


async def put(bot: BotApp, guild_id: int, *, by: int = 1, **values: object) -> None:
    """Set some settings, as somebody else did before."""
    await bot.services.store.guilds.replace(
        guild_id,
        {GuildSetting(name): value for name, value in values.items()},
        changed_by=by,
        interaction_id=1,
        now=bot.clock.now(),
    )


async def forge(
    person: Actor, panel: MessageView, custom_id: str, values: list[str] | None = None
) -> Response:
    """Send what Discord's own client would not: any id and any values, from a message that is there."""
    part = panel.raw.components[0]["components"][0]
    kept = part["custom_id"]
    part["custom_id"] = custom_id
    try:
        return await person.use_component(panel, custom_id, STRING_MENU, values or [])
    finally:
        if part["custom_id"] == custom_id:
            part["custom_id"] = kept


def field(panel: MessageView, name: str) -> str:
    """Give what a setting's field says."""
    for embed in panel.embeds:
        for one in embed.get("fields", ()):
            if one["name"] == name:
                return str(one["value"])
    return pytest.fail(f"There is no field {name!r} in {panel.text}")
