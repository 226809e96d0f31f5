"""The custom_ids of the settings message and of the wizard: where a control stands and what it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.guild_settings import CHANNELS, ROLES, GuildSetting


class Surface(StrEnum):
    """The message on which a control stands; the value is what its ids start with, version and all."""

    settings = "settings:2"
    setup = "setup:1"


class Page(StrEnum):
    """A page of either message; not every message has every page."""

    channels = "channels"
    roles = "roles"
    languages = "languages"
    tasks = "tasks"
    log = "log"
    work = "work"
    summary = "summary"


_LOG: Final = (GuildSetting.log_tasks, GuildSetting.log_labels, GuildSetting.log_reports)

PAGES: Final[Mapping[Surface, Mapping[Page, tuple[GuildSetting, ...]]]] = {
    Surface.settings: {
        Page.channels: CHANNELS,
        Page.roles: ROLES,
        Page.languages: (GuildSetting.languages, GuildSetting.language),
        Page.tasks: (
            GuildSetting.task_types,
            GuildSetting.task_display,
            GuildSetting.finished_threads,
            GuildSetting.daily_limit,
        ),
        Page.log: (*_LOG, GuildSetting.when_bot_leaves, GuildSetting.when_member_leaves),
    },
    Surface.setup: {
        Page.channels: CHANNELS,
        Page.roles: ROLES,
        Page.work: (GuildSetting.languages, GuildSetting.task_types),
        Page.summary: (),
    },
}
"""The pages of each message in their order, and the settings on each."""


class Act(StrEnum):
    """What a control does."""

    show = "show"
    """Shows its page."""
    choose = "choose"
    """Takes what was chosen in a menu; `part` counts the menus of one setting."""
    turn = "turn"
    """Switches on or off: `part` is 1 or 0, so that a click from an old message means what it said."""
    clear = "clear"
    """Goes back to the default."""
    ask = "ask"
    """Opens the form that asks for a number."""


CLEARED: Final = (
    *CHANNELS,
    *ROLES,
    GuildSetting.languages,
    GuildSetting.task_types,
    GuildSetting.daily_limit,
)
"""The settings with a button that clears them, where there is room for it."""

MOST_PARTS: Final = 2

_SWITCHED: Final = frozenset(_LOG)
_ASKED: Final = frozenset({GuildSetting.daily_limit})


@dataclass(frozen=True, slots=True)
class Control:
    """What a custom_id says."""

    surface: Surface
    page: Page
    act: Act = Act.show
    setting: GuildSetting | None = None
    part: int = 0

    def __str__(self) -> str:
        start = f"{self.surface.value}:{self.page.value}:{self.act.value}"
        return start if self.setting is None else f"{start}:{self.setting.value}:{self.part}"


def parse(custom_id: str) -> Control | None:
    """Return what a custom_id says; None where it is forged, or another version's."""
    return _KNOWN.get(custom_id)


def _controls(surface: Surface, page: Page) -> list[Control]:
    """List every control that a page can have."""
    controls = [Control(surface, page)]
    for setting in PAGES[surface][page]:
        for act, part in _acts(setting):
            controls.append(Control(surface, page, act, setting, part))
    return controls


def _acts(setting: GuildSetting) -> list[tuple[Act, int]]:
    if setting in _SWITCHED:
        return [(Act.turn, 0), (Act.turn, 1)]
    acts = [(Act.clear, 0)] if setting in CLEARED else []
    if setting in _ASKED:
        return [*acts, (Act.ask, 0)]
    return [*acts, *((Act.choose, part) for part in range(MOST_PARTS))]


_KNOWN: Final = {
    str(control): control
    for surface in Surface
    for page in PAGES[surface]
    for control in _controls(surface, page)
}

LIMIT_MODAL: Final = f"{Surface.settings.value}:daily_limit"
"""The form that asks for the daily limit; its input is LIMIT_INPUT."""

LIMIT_INPUT: Final = "limit"
