"""Who may do what: everything that can be used, by everybody, by what they see and what it changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from bot.access import Deed
from bot.app import BotApp
from bot.forms.labels import FreeLabelForm
from bot.store.label_panels import LabelPanel
from discord_sandbox import Actor, MessageView, NotVisible, Sandbox
from discord_sandbox.forms.message import Upload
from oasst_client import LabelDescription
from tests.bot.conftest import shown_task
from tests.bot_community.cast import NO_REFUSAL, Cast, Part, assemble, settle
from tests.bot_community.forging import owned_ids, snapshot
from tests.bot_community.role_rows import (
    COMMANDS,
    CONTROLS,
    FORMS,
    PERSONAL,
    PERSONAL_FORMS,
    Command,
    Control,
    On,
    Personal,
)
from tests.bot_community.small_backend import PROMPT_ID, SmallBackend

WENT_WRONG = "went wrong"
SUBCOMMANDS = (1, 2)
"""Discord's types of an option that is a subcommand, or a group of them."""


@pytest.fixture
def cooldowns() -> dict[str, int]:
    return {"cooldown_commands": 10_000, "cooldown_clicks": 10_000}


@pytest.fixture
async def cast(bot: BotApp, sandbox: Sandbox, backend: SmallBackend) -> Cast:
    return await assemble(bot, sandbox, backend)


def in_discord(sandbox: Sandbox) -> set[str]:
    """Name every command as it is registered, with its subcommands."""

    def named(command: Mapping[str, Any], before: str = "") -> list[str]:
        inner = [one for one in command.get("options", ()) if one["type"] in SUBCOMMANDS]
        path = f"{before}{command['name']}"
        return [name for one in inner for name in named(one, f"{path} ")] if inner else [path]

    return {name for command in sandbox.commands() for name in named(command)}


def refused_first(parts: Iterable[Part], deed: Deed | None) -> list[Part]:
    """Order people so that those who may do something come last: until then nothing may change."""
    return sorted(parts, key=lambda part: part.refusal(deed) == NO_REFUSAL)


async def used(part: Part, row: Command) -> str:
    """Let somebody use a command or a menu; gives what they read."""
    if row.on is None:
        options = {"file": Upload("settings.json", b"[]")} if row.takes_file else {}
        return (await part.person.command(row.name, part.channel, options)).text
    target = {On.own: part.own, On.others: part.others, On.dataset: part.dataset}[row.on]
    assert target is not None
    return (await part.person.context_menu(row.name, target)).text


def is_not_there(part: Part, row: Command) -> bool:
    """Whether Discord itself does not offer a command, or there is no message to use it on."""
    if row.on is On.others:
        return part.others is None
    commands = {one.name for one in part.person.commands(part.channel)}
    return row.on is None and row.name.split()[0] not in commands


async def test_every_command_by_everybody(bot: BotApp, sandbox: Sandbox, cast: Cast) -> None:
    assert {row.name for row in COMMANDS} == in_discord(sandbox), "each has its row"
    wrong = []
    for row in COMMANDS:
        before = await snapshot(bot)
        parts = [part for part in cast.parts.values() if not is_not_there(part, row)]
        for part in refused_first(parts, row.deed):
            refusal = part.refusal(row.deed)
            if refusal == NO_REFUSAL and before:
                assert await snapshot(bot) == before, f"who may not use {row.name} changed something"
                before = {}
            text = await used(part, row)
            if not (text.startswith(refusal) if refusal else row.shows in text):
                wrong.append((row.name, part.name, text))
    assert not wrong, "\n".join(map(str, wrong))


async def test_what_belongs_to_servers_is_not_offered_elsewhere(cast: Cast) -> None:
    part = cast.parts["administrator in direct messages"]
    for row in COMMANDS:
        if is_not_there(part, row) and row.on is None:
            assert row.deed in {Deed.reports, Deed.setup, Deed.settings}
            with pytest.raises(NotVisible):
                await used(part, row)


async def test_every_component_and_form_has_its_row(bot: BotApp) -> None:
    owned = owned_ids(bot)
    clicks = {row.owned for row in CONTROLS} | {row.owned for row in PERSONAL}
    assert clicks == set(owned.clicks)
    assert {row.owned for row in FORMS} | {row.owned for row in PERSONAL_FORMS} == set(owned.forms)


async def test_every_component_and_form_by_everybody(bot: BotApp, cast: Cast) -> None:
    report = await reported(bot, cast)
    wrong = []
    for row in (*CONTROLS, *FORMS):
        before = await snapshot(bot, without=row.own)
        for part in refused_first(cast.parts.values(), row.deed):
            refusal = part.refusal(row.deed)
            if refusal == NO_REFUSAL and before:
                assert await snapshot(bot, without=row.own) == before, f"{row.custom_id} changed something"
                before = {}
            text = await sent(part, row, report=report)
            if WENT_WRONG in text or not (text.startswith(refusal) if refusal else row.shows in text):
                wrong.append((row.custom_id, part.name, text))
    assert not wrong, "\n".join(map(str, wrong))


async def test_reports_are_their_own_servers_alone(bot: BotApp, cast: Cast) -> None:
    report, home = await reported(bot, cast), cast.parts["the same at home"]
    before = await snapshot(bot)
    for custom_id in (f"guild_reports:1:done:{report}:0", "guild_reports:1:open:0"):
        text = (await home.forger.click(custom_id)).text
        assert "There are no open reports." in text
        assert "Rude" not in text
    assert await snapshot(bot) == before


async def test_help_lists_what_one_may_use_here(cast: Cast) -> None:
    for part in cast.parts.values():
        text = (await part.person.command("help", part.channel)).text
        for row in COMMANDS:
            may = part.refusal(row.deed) == NO_REFUSAL
            word = (
                f"</{row.name}:"
                if row.on is None
                else f"**Apps \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} {row.name}**"
            )
            assert (word in text) is may, (part.name, row.name, text)


async def reported(bot: BotApp, cast: Cast) -> int:
    """Have a message of the first server be reported; gives the report's id."""
    part = cast.parts["contributor"]
    assert part.others is not None
    await bot.services.store.guild_reports.put(
        guild_id=part.channel.guild_id or 0,
        channel_id=part.channel.id,
        message_id=part.others.id,
        author_id=part.others.raw.author.id,
        reporter_id=part.person.id,
        note="Rude.",
        now=bot.clock.now(),
    )
    (found,) = await bot.services.store.guild_reports.open_for(0, part.channel.guild_id or 0, 4, 0)
    return found.id


@dataclass(frozen=True)
class Belongings:
    """What somebody has under way, whose controls everybody else tries."""

    person: Actor
    controls: MessageView
    ids: Mapping[str, object]


async def under_way(bot: BotApp, sandbox: Sandbox, backend: SmallBackend, cast: Cast) -> Belongings:
    """Let somebody have a task, a text that waits for its language, an open form, and label panels."""
    pia = sandbox.guild.add_member("Pia", roles=[sandbox.guild.guild.roles[cast.contributors]])
    await settle(bot, pia)
    backend.shows_prompt()
    await pia.command("task")
    controls = await shown_task(pia)
    session = await bot.services.store.sessions.live_of(pia.id)
    assert session is not None
    subject = cast.parts["contributor"].others
    assert subject is not None
    seen = pia.view(subject.raw)
    assert seen is not None
    opened = await pia.context_menu("Report", seen)
    assert opened.modal is not None
    now = bot.clock.now()
    contribution = await bot.services.store.contributions.add(
        session.user,
        "Why do bees hum?",
        locale="en-US",
        guild_id=sandbox.guild.id,
        channel_id=subject.channel_id,
        submitted_by=1,
        now=now,
    )
    state = FreeLabelForm().first_state(
        PROMPT_ID, "How?", [LabelDescription(name="spam", widget="yes_no", display_text="Spam")]
    )
    for part in cast.parts.values():
        panel = LabelPanel(part.forger.message.id, pia.id, state.model_dump_json())
        await bot.services.store.label_panels.open(panel, now=now)
    ids = {
        "person": pia.id,
        "session": session.code,
        "contribution": contribution.id,
        "form": opened.modal.interaction.id,
    }
    return Belongings(pia, controls, ids)


async def test_what_belongs_to_somebody_is_nobody_elses(
    bot: BotApp, sandbox: Sandbox, backend: SmallBackend, cast: Cast
) -> None:
    theirs = await under_way(bot, sandbox, backend, cast)
    before, looked_like = await snapshot(bot), theirs.controls.text
    wrong = []
    for row in (*PERSONAL, *PERSONAL_FORMS):
        for part in cast.parts.values():
            text = await sent(part, row, **theirs.ids)
            if row.says not in text or WENT_WRONG in text:
                wrong.append((row.custom_id, part.name, text))
        assert await snapshot(bot) == before, f"{row.custom_id} changed something"
    assert not wrong, "\n".join(map(str, wrong))
    assert theirs.controls.text == looked_like


async def test_who_may_see_a_thread_cannot_answer_in_it(
    bot: BotApp, sandbox: Sandbox, backend: SmallBackend, cast: Cast
) -> None:
    theirs = await under_way(bot, sandbox, backend, cast)
    before, looked_like = await snapshot(bot), theirs.controls.text
    for name in ("administrator", "owner"):
        person = cast.parts[name].person
        for button in theirs.controls.buttons:
            seen = person.view(theirs.controls.raw)
            assert seen is not None, f"{name} sees private threads"
            answer = await seen.click(button)
            assert "somebody else" in answer.text
            assert answer.ephemeral
    assert await snapshot(bot) == before
    assert theirs.controls.text == looked_like


async def sent(part: Part, row: Control | Personal, **ids: object) -> str:
    """Let somebody send the id of a row; gives what they read."""
    custom_id = row.custom_id.format(dataset=part.dataset.id, prompt=PROMPT_ID, **ids)
    if row.inputs is not None:
        return (await part.forger.submit(custom_id, row.inputs)).text
    return (await part.forger.click(custom_id, list(row.values))).text
