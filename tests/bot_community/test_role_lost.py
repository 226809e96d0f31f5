"""Who opened something while they might, and may no more, changes nothing with it."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

import pytest

from bot.access import Role
from bot.app import BotApp
from discord_sandbox import Actor, MessageView, Permission, Sandbox
from discord_sandbox import Role as GuildRole
from discord_sandbox.forms.components import BUTTON, SELECTS, walk
from discord_sandbox.forms.message import Upload
from tests.bot.conftest import shown_task
from tests.bot_community.cast import REFUSALS, Cast, Part, assemble, settle
from tests.bot_community.forging import snapshot
from tests.bot_community.settings_scene import put
from tests.bot_community.small_backend import SmallBackend
from tests.bot_community.test_role_matrix import reported

Open = Callable[[Actor, Part], Awaitable[MessageView]]
FILE = b'{"format": "oasst-discord-bot settings", "version": 1, "settings": {"daily_limit": 3}}'


@pytest.fixture
def cooldowns() -> dict[str, int]:
    return {"cooldown_commands": 10_000, "cooldown_clicks": 10_000}


@pytest.fixture
async def cast(bot: BotApp, sandbox: Sandbox, backend: SmallBackend) -> Cast:
    return await assemble(bot, sandbox, backend)


async def message_of(person: Actor, command: str, **options: Any) -> MessageView:  # noqa: ANN401  # whatever the command takes
    answer = (await person.command(command, options=options)).message
    assert answer is not None
    return answer


def page(command: str, *buttons: str) -> Open:
    """Open a command's answer, and press some buttons."""

    async def opened(person: Actor, _: Part) -> MessageView:
        panel = await message_of(person, command)
        for button in buttons:
            before = panel.text
            await panel.click(button)
            await person.until(lambda before=before: panel.text != before, what="the page")  # type: ignore[misc]
        return panel

    return opened


async def import_question(person: Actor, _: Part) -> MessageView:
    return await message_of(person, "settings import", file=Upload("settings.json", FILE))


async def label_panel(person: Actor, part: Part) -> MessageView:
    seen = person.view(part.dataset.raw)
    assert seen is not None
    panel = (await person.context_menu("Label", seen)).message
    assert panel is not None
    return panel


async def language_question(person: Actor, part: Part) -> MessageView:
    """Give a text, and be asked in which language it is."""
    own = person.send(part.channel, "Why do bees hum?")
    answer = await (await person.context_menu("Contribute", own)).submit()
    assert answer.message is not None
    return answer.message


@dataclass(frozen=True)
class Opened:
    """Something with controls.

    Attributes:
        own: tables in which the person's own rows may change though they are refused.
        stays: buttons that stay theirs, as they give nothing: they take something back.
    """

    name: str
    needs: Role
    open: Open
    own: Collection[str] = ()
    stays: Collection[str] = ()


PANELS = (
    *(
        Opened(f"settings, {name}", Role.manager, page("settings show", *buttons))
        for name, *buttons in (
            ("Channels",),
            ("Roles", "Roles"),
            ("Languages", "Languages"),
            ("Tasks", "Tasks"),
            ("Log", "Log"),
        )
    ),
    Opened("setup", Role.manager, page("setup")),
    Opened("setup, roles", Role.manager, page("setup", "Skip")),
    Opened("setup, work", Role.manager, page("setup", "Skip", "Next")),
    Opened("setup, summary", Role.manager, page("setup", "Skip", "Next", "Skip")),
    Opened("history", Role.manager, page("settings history")),
    Opened("reset", Role.manager, page("settings reset")),
    Opened("import", Role.manager, import_question),
    Opened("reports", Role.moderator, page("reports")),
    Opened("label", Role.contributor, label_panel),
    Opened("no work", Role.contributor, page("task")),
    Opened("contribute", Role.contributor, language_question, own=("contributions",), stays=("Cancel",)),
)


async def test_an_open_task_can_be_finished_and_no_other_comes(
    bot: BotApp, sandbox: Sandbox, backend: SmallBackend, cast: Cast
) -> None:
    role = sandbox.guild.guild.roles[cast.contributors]
    lou = sandbox.guild.add_member("Lou", roles=[role])
    await settle(bot, lou)
    backend.shows_prompt()
    await lou.command("task")
    controls = await shown_task(lou)
    sandbox.guild.take_role(lou, role)
    written = await controls.click("Write")
    await written.submit({"Your text": "They rest."})
    await controls.click("Send")
    await lou.until(lambda: "Next task" in controls.buttons, what="the thanks")
    asked = len(backend.asked)
    await controls.click("Next task")
    told = REFUSALS[Role.contributor]
    thread = lou.threads()[0]
    await lou.until(lambda: any(told in one.text for one in lou.messages(thread)), what="the refusal")
    assert len(backend.asked) == asked


def roles(sandbox: Sandbox, cast: Cast) -> dict[Role, GuildRole]:
    known = sandbox.guild.guild.roles
    return {
        Role.contributor: known[cast.contributors],
        Role.moderator: known[cast.moderators],
        Role.manager: sandbox.guild.create_role("Managers", Permission.MANAGE_GUILD),
    }


async def use(person: Actor, panel: MessageView, number: int) -> MessageView | None:
    """Use one of a message's controls, as its client lets somebody; gives what they see then."""
    part = [one for one in walk(panel.raw.components) if one["type"] in (BUTTON, *SELECTS)][number]
    values = []
    if part["type"] != BUTTON:
        menu = next(one for one in panel.selects if one.custom_id == part["custom_id"])
        values = [value for _, value in menu.options][: max(menu.min_values, 1)]
    return (await person.use_component(panel, part["custom_id"], part["type"], values)).message


async def test_no_control_of_an_open_panel_works_any_more(bot: BotApp, sandbox: Sandbox, cast: Cast) -> None:
    part = cast.parts["contributor"]
    await reported(bot, cast)
    for limit in range(1, 10):
        await put(bot, sandbox.guild.id, daily_limit=limit)
    held = roles(sandbox, cast)
    lou = sandbox.guild.add_member("Lou")
    await settle(bot, lou)
    await bot.services.store.people.set_languages(lou.id, ["en", "de"], now=bot.clock.now())
    tried = 0
    for panel_of in PANELS:
        role, number, count = held[panel_of.needs], 0, 1
        while number < count:
            sandbox.guild.give_role(lou, role)
            panel = await panel_of.open(lou, part)
            controls = [one for one in walk(panel.raw.components) if one["type"] in (BUTTON, *SELECTS)]
            count = len(controls)
            sandbox.guild.take_role(lou, role)
            if count == 0:
                pytest.fail(f"{panel_of.name} has nothing to press: {panel.text}")
            is_theirs = controls[number].get("label") in panel_of.stays
            if not controls[number].get("disabled") and not is_theirs:
                before = await snapshot(bot, without=panel_of.own)
                shown = await use(lou, panel, number)
                assert shown is not None, panel_of.name
                await lou.until(
                    lambda shown=shown, needs=panel_of.needs: REFUSALS[needs] in shown.text,  # type: ignore[misc]
                    what=f"the refusal of {controls[number]} on {panel_of.name}",
                )
                assert await snapshot(bot, without=panel_of.own) == before, (panel_of.name, controls[number])
                tried += 1
            number += 1
    assert tried > 50
