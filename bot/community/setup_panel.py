"""The wizard that sets a server up: what each step shows."""

from collections.abc import Mapping
from typing import Final

import hikari

from bot import limits
from bot.community.guild_health import Health
from bot.community.settings_ids import PAGES, Control, Page, Surface
from bot.community.settings_menus import control_rows
from bot.community.settings_panel import COLOUR, add_settings
from bot.community.settings_words import health_lines, is_default, setting_name, short_value
from bot.community.setup_people import PeopleNeeded
from bot.forms.controls import plain_button, row
from bot.guild_settings import GuildSetting, GuildSettings
from bot.rendering.panels import Panel
from bot.texts import Texts

STEPS: Final = tuple(PAGES[Surface.setup])
"""The steps in their order; the last one sums up."""


def step_panel(
    step: Page,
    settings: GuildSettings,
    health: Mapping[GuildSetting, Health],
    texts: Texts,
    *,
    notice: str = "",
) -> Panel:
    """Show a step in which something can be set.

    Args:
        step: one of STEPS, not the last.
        settings: as they stand.
        health: of what is set in this step.
        texts: the reader's language.
        notice: one line about what the reader just did, above everything.
    """
    embed = _embed(step, texts(f"setup.about.{step.value}"), texts)
    shown = PAGES[Surface.setup][step]
    add_settings(embed, shown, settings, health, texts)
    is_untouched = all(is_default(setting, settings) for setting in shown)
    rows = control_rows(Surface.setup, step, settings, health, texts)
    way = _way(step, texts("setup.skip" if is_untouched else "setup.next"), texts)
    return Panel(content=notice, embeds=(embed,), rows=(*rows, way))


def summary_panel(
    settings: GuildSettings,
    health: Mapping[GuildSetting, Health],
    needed: PeopleNeeded | None,
    texts: Texts,
) -> Panel:
    """Show what is set, what is still amiss, and how many people it takes.

    Args:
        settings: as they stand.
        health: of all that is set.
        needed: None where the backend does not tell.
        texts: the reader's language.
    """
    embed = _embed(Page.summary, texts("setup.about.summary"), texts)
    for key, lines in (
        ("setup.set", _set_lines(settings, texts)),
        ("setup.amiss", _amiss_lines(health, texts)),
        ("setup.people", [_people(needed, texts)]),
    ):
        embed.add_field(texts(key), limits.trim("\n".join(lines), limits.EMBED_FIELD_VALUE))
    return Panel(embeds=(embed,), rows=(_way(Page.summary, texts("setup.again"), texts),))


def _embed(step: Page, about: str, texts: Texts) -> hikari.Embed:
    title = texts(
        "setup.title",
        name=texts(f"setup.step.{step.value}"),
        step=STEPS.index(step) + 1,
        steps=len(STEPS),
    )
    return hikari.Embed(title=title, description=about, color=COLOUR)


def _way(step: Page, onward: str, texts: Texts) -> hikari.api.ComponentBuilder:
    """Lead back and on; from the summary on leads to itself, looked at anew."""
    place = STEPS.index(step)
    forward = plain_button(
        str(Control(Surface.setup, STEPS[min(place + 1, len(STEPS) - 1)])), onward, hikari.ButtonStyle.PRIMARY
    )
    if place == 0:
        return row(forward)
    return row(plain_button(str(Control(Surface.setup, STEPS[place - 1])), texts("setup.back")), forward)


def _set_lines(settings: GuildSettings, texts: Texts) -> list[str]:
    lines = [
        texts(
            "setup.line",
            name=setting_name(setting, texts),
            value=short_value(setting, settings.json_value(setting), texts),
        )
        for setting in GuildSetting
        if not is_default(setting, settings)
    ]
    return lines or [texts("setup.nothing_set")]


def _amiss_lines(health: Mapping[GuildSetting, Health], texts: Texts) -> list[str]:
    lines = [
        texts("setup.line", name=setting_name(setting, texts), value=" ".join(health_lines(found, texts)))
        for setting, found in health.items()
        if not found.is_good
    ]
    return lines or [texts("setup.all_well")]


def _people(needed: PeopleNeeded | None, texts: Texts) -> str:
    if needed is None:
        return texts("setup.people.unknown")
    key = "setup.people.ranked" if needed.rankers else "setup.people.reviewed"
    return texts(
        key,
        people=texts.number(needed.people),
        reviewers=texts.number(needed.reviewers),
        writers=texts.number(needed.writers),
        rankers=texts.number(needed.rankers),
    )
