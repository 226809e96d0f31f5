"""Answers /settings export, import and reset: a file out, a file in, everything back to how it began."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import hikari
from loguru import logger

from bot.access import Deed
from bot.community.settings_download import TooLargeError, download
from bot.community.settings_editor import SettingsEditor
from bot.community.settings_file import FILE_NAME, LARGEST, ReadFile, export_file, fingerprint, read_file
from bot.community.settings_panel import COLOUR
from bot.community.settings_words import change_lines
from bot.forms.controls import plain_button, row
from bot.guild_settings import DEFAULTS, GuildSetting, GuildSettings
from bot.limits import EMBED_DESCRIPTION, trim
from bot.outgoing import Answerable
from bot.rendering.panels import Panel, TextFile
from bot.services import Services
from bot.store.guilds import Values
from bot.texts import Texts, texts_for

PREFIX: Final = "settings_file:1:"
"""What the buttons' ids start with; then what is confirmed, and the fingerprint of what it was shown over."""

_WARNING: Final = 0xED4245

MOST_PROBLEMS: Final = 15
"""Problems of a file that are named; the others are counted."""


class _Deed(StrEnum):
    """What is confirmed."""

    take = "import"
    reset = "reset"
    keep = "keep"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is about to be done: new values, over settings that the person has seen."""

    deed: _Deed
    values: Values
    file: TextFile | None = None


class _ChangedMeanwhileError(Exception):
    """The settings are not any more what the person saw."""


class SettingsFileDesk:
    """Gives the settings out and takes them in, all of it or nothing, and never without having asked."""

    def __init__(self, services: Services) -> None:
        self._guilds = services.store.guilds
        self._outgoing = services.outgoing
        self._clock = services.clock
        self._editor = SettingsEditor(services, Deed.settings)

    async def export(self, interaction: hikari.CommandInteraction) -> None:
        """Answer with the settings as a file."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer(interaction)
        texts = texts_for(str(interaction.locale))
        file = export_file(await self._guilds.settings(guild_id))
        await self._outgoing.finish(interaction, Panel(texts("settings.export.done"), files=(file,)))

    async def open_import(
        self, interaction: hikari.CommandInteraction, attachment: hikari.Attachment
    ) -> None:
        """Answer with what a file would change, or with all that is wrong with it."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer(interaction)
        plan = await self._read(interaction, attachment, guild_id)
        if plan is not None:
            await self._ask(interaction, guild_id, plan)

    async def open_reset(self, interaction: hikari.CommandInteraction) -> None:
        """Answer with what a reset would change."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is not None:
            await self._outgoing.defer(interaction)
            await self._ask(interaction, guild_id, _RESET)

    async def click(self, interaction: hikari.ComponentInteraction) -> None:
        """Do what was asked about, or leave everything as it is."""
        guild_id = await self._editor.guild(interaction)
        if guild_id is None:
            return
        await self._outgoing.defer_update(interaction)
        word, _, seen = interaction.custom_id.removeprefix(PREFIX).partition(":")
        texts = texts_for(str(interaction.locale))
        files = interaction.message.attachments
        plan: _Plan | None = None
        if word == _Deed.reset:
            plan = _RESET
        elif word == _Deed.take and files:
            # The file hangs on our own message: a restart in between loses nothing. It is read anew.
            plan = await self._read(interaction, files[0], guild_id)
            if plan is None:
                return
        if plan is None:
            key = "settings.file.kept" if word == _Deed.keep else "error.expired"
            await self._outgoing.finish(interaction, Panel(texts(key)))
            return
        await self._do(interaction, guild_id, plan, seen)

    async def _read(
        self, interaction: Answerable, attachment: hikari.Attachment, guild_id: int
    ) -> _Plan | None:
        """Read a file; say what is wrong with it and return None where it cannot be used."""
        texts = texts_for(str(interaction.locale))
        try:
            content = await download(attachment, LARGEST)
        except TooLargeError:
            words = texts("settings.file.too_large", most=texts.number(LARGEST // 1024))
            await self._outgoing.finish(interaction, Panel(words))
            return None
        except hikari.HikariError as error:
            logger.warning("A file of settings could not be had: {}", type(error).__name__)
            await self._outgoing.finish(interaction, Panel(texts("settings.file.not_had")))
            return None
        found = read_file(content, self._editor.here(guild_id), texts)
        if found.problems:
            await self._outgoing.finish(interaction, _problems_panel(found, texts))
            return None
        return _Plan(_Deed.take, found.values, TextFile(FILE_NAME, content))

    async def _ask(self, interaction: Answerable, guild_id: int, plan: _Plan, *, notice: str = "") -> None:
        texts = texts_for(str(interaction.locale))
        before = await self._guilds.settings(guild_id)
        lines = change_lines(before, _changed(before, plan.values), texts)
        if not lines:
            panel = Panel(texts(f"settings.{plan.deed.value}.nothing"))
        else:
            panel = _question(plan, lines, fingerprint(before), texts).with_notice(notice)
        await self._outgoing.finish(interaction, panel)

    async def _do(
        self, interaction: hikari.ComponentInteraction, guild_id: int, plan: _Plan, seen: str
    ) -> None:
        texts = texts_for(str(interaction.locale))
        found: list[GuildSettings] = []

        def change(before: GuildSettings) -> Values:
            if fingerprint(before) != seen:
                raise _ChangedMeanwhileError
            found.append(before)
            return plan.values

        try:
            after = await self._guilds.rework(
                guild_id,
                change,
                changed_by=int(interaction.user.id),
                interaction_id=int(interaction.id),
                now=self._clock.now(),
            )
        except _ChangedMeanwhileError:
            await self._ask(interaction, guild_id, plan, notice=texts("settings.file.changed_meanwhile"))
            return
        lines = change_lines(found[0], after, texts)
        panel = Panel(texts(f"settings.{plan.deed.value}.done"), embeds=(_embed(lines, texts),))
        await self._outgoing.finish(interaction, panel)


_RESET: Final = _Plan(_Deed.reset, {setting: DEFAULTS.value(setting) for setting in GuildSetting})


def _changed(before: GuildSettings, values: Values) -> GuildSettings:
    return GuildSettings.model_validate(
        {**before.model_dump(), **{setting.value: value for setting, value in values.items()}}
    )


def _question(plan: _Plan, lines: Sequence[str], seen: str, texts: Texts) -> Panel:
    is_reset = plan.deed is _Deed.reset
    buttons = (
        plain_button(
            f"{PREFIX}{plan.deed.value}:{seen}",
            texts(f"settings.{plan.deed.value}.confirm"),
            hikari.ButtonStyle.DANGER if is_reset else hikari.ButtonStyle.SUCCESS,
        ),
        plain_button(f"{PREFIX}{_Deed.keep.value}", texts("settings.file.keep")),
    )
    return Panel(
        texts(f"settings.{plan.deed.value}.question"),
        embeds=(_embed(lines, texts),),
        rows=(row(*buttons),),
        files=() if plan.file is None else (plan.file,),
    )


def _embed(lines: Sequence[str], texts: Texts) -> hikari.Embed:
    return hikari.Embed(title=texts("settings.changes"), description="\n".join(lines), color=COLOUR)


def _problems_panel(found: ReadFile, texts: Texts) -> Panel:
    lines = [f"- {problem}" for problem in found.problems[:MOST_PROBLEMS]]
    more = len(found.problems) - MOST_PROBLEMS
    if more > 0:
        lines.append(texts("settings.file.more", count=texts.number(more)))
    description = trim("\n".join(lines), EMBED_DESCRIPTION)
    embed = hikari.Embed(title=texts("settings.file.wrong"), description=description, color=_WARNING)
    return Panel(texts("settings.file.refused"), embeds=(embed,))
