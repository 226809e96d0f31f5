"""What villagers do now and then beside their tasks: each leaves its own rows in the bot's tables."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from discord_sandbox import Channel, MessageView
from tests.bot.contributing import form as contribution
from tests.bot_community.report_scene import report, written
from tests.bot_community.settings_scene import settings_of
from tests.meeting import ACCEPT

if TYPE_CHECKING:
    from tests.bot_community.village import Village, Villager

Job: TypeAlias = "Callable[[Village, Villager], Awaitable[None]]"
RARE: Final = {"type": "label_prompter_reply", "language": "fr"}
"""Work of which there is none here."""


async def _report_a_member(village: "Village", person: "Villager") -> None:
    other = village.neighbour(person)
    message = written(other.actor, person.actor, _general(village), other.words())
    await report(person.actor, message, f"{person.mark} finds it rude")


async def _contribute(village: "Village", person: "Villager") -> None:
    answer = (await (await contribution(person.actor, village.sandbox, person.words())).submit({})).message
    await _press(answer, ACCEPT)


async def _wait_for_work(village: "Village", person: "Villager") -> None:
    answer = (await person.actor.command("task", _general(village), RARE)).message
    for button in (ACCEPT, "Tell me when there is work", "Here"):
        await _press(answer, button)


async def _choose_languages(_: "Village", person: "Villager") -> None:
    panel = (await person.actor.command("languages")).message
    if panel is not None and panel.selects:
        menu = panel.selects[0]
        await panel.choose(menu.placeholder, [person.chance.choice(menu.options)[0]])


async def _be_anonymous(_: "Village", person: "Villager") -> None:
    panel = (await person.actor.command("me")).message
    await _press(panel, person.chance.choice(["Be anonymous in logs", "Be named in logs"]))


async def _change_a_setting(_: "Village", person: "Villager") -> None:
    panel = await settings_of(person.actor, "Log and leaving")
    await panel.click(next(label for label in panel.buttons if label.startswith("Log labels")))


def _general(village: "Village") -> Channel:
    return village.sandbox.guild.channel("general")


async def _press(message: MessageView | None, label: str) -> None:
    """Press a button where there is one."""
    if message is not None and label in message.buttons:
        await message.click(label)


ODD_JOBS: Final[tuple[Job, ...]] = (
    _report_a_member,
    _contribute,
    _wait_for_work,
    _choose_languages,
    _be_anonymous,
    _change_a_setting,
)

BY_ODD_JOBS: Final = frozenset({"guild_reports", "guild_settings_audit", "person_languages"})
"""Tables that get rows from these alone, whatever else chance does."""
