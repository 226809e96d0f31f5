"""The controls that change a server's settings: menus with the present value, switches, clear buttons."""

from collections.abc import Mapping, MutableMapping, Sequence
from math import ceil
from typing import Any, Final

import hikari
from hikari.impl import InteractiveButtonBuilder, SelectMenuBuilder, SelectOptionBuilder

from bot import languages
from bot.community.guild_health import CHANNEL_TYPES, GOOD, Health
from bot.community.settings_ids import CLEARED, MOST_PARTS, PAGES, Act, Control, Page, Surface
from bot.community.settings_words import is_default, kind_name, setting_name, value_words
from bot.forms import TASK_TYPES
from bot.forms.controls import menu, option, plain_button, row
from bot.guild_settings import CHANNELS, CHOICES, MOST_LANGUAGES, ROLES, GuildSetting, GuildSettings
from bot.limits import BUTTONS_IN_ROW, ROWS, SELECT_OPTIONS, SELECT_PLACEHOLDER, trim
from bot.texts import Texts

OWN_LANGUAGE: Final = "own"
"""The choice of no default language: each person's own."""


class EntityMenu(SelectMenuBuilder):
    """A menu of channels or roles that shows which is chosen; hikari's own builders leave that out."""

    def __init__(self, setting: GuildSetting, custom_id: str, placeholder: str, chosen: int | None) -> None:
        is_role = setting in ROLES
        super().__init__(
            type=hikari.ComponentType.ROLE_SELECT_MENU
            if is_role
            else hikari.ComponentType.CHANNEL_SELECT_MENU,
            custom_id=custom_id,
            placeholder=trim(placeholder, SELECT_PLACEHOLDER),
            min_values=0,
            max_values=1,
        )
        self._extra: dict[str, Any] = {} if is_role else {"channel_types": CHANNEL_TYPES[setting]}
        if chosen is not None:
            kind = "role" if is_role else "channel"
            self._extra["default_values"] = [{"id": str(chosen), "type": kind}]

    def build(self) -> tuple[MutableMapping[str, Any], Sequence[hikari.files.Resource[Any]]]:
        """Build the payload, as the page components/reference has it."""
        payload, attachments = super().build()
        payload.update(self._extra)
        return payload, attachments


def control_rows(
    surface: Surface,
    page: Page,
    settings: GuildSettings,
    health: Mapping[GuildSetting, Health],
    texts: Texts,
) -> list[hikari.api.ComponentBuilder]:
    """Make the controls of all settings on a page; one row is left free below them."""
    shown = PAGES[surface][page]
    rows: list[hikari.api.ComponentBuilder] = []
    buttons: list[InteractiveButtonBuilder] = []
    for setting in shown:
        control = Control(surface, page, setting=setting)
        rows += _menus(control, setting, settings, health.get(setting, GOOD), texts)
        buttons += _buttons(control, setting, settings, texts)
    if len(rows) < ROWS - 1:
        buttons += [_clear_button(surface, page, one, settings, texts) for one in shown if one in CLEARED]
    if buttons:
        rows.append(row(*buttons[:BUTTONS_IN_ROW]))
    return rows


def language_parts(setting: GuildSetting, settings: GuildSettings, texts: Texts) -> list[list[str]]:
    """Give the tags in each menu of a setting of languages: two menus at most, of 25 choices at most.

    The default language is one of those that are offered; what is set stands there, however unusual it is.
    """
    if setting is GuildSetting.language:
        usual: Sequence[str] = settings.languages or languages.TAGS
        present: Sequence[str] = () if settings.language is None else (settings.language,)
        first = [OWN_LANGUAGE]
    else:
        usual, present, first = languages.TAGS, settings.languages, []
    room = MOST_PARTS * SELECT_OPTIONS - len(first)
    tags = [*usual, *(tag for tag in present if tag not in usual)][:room]
    ordered = [*first, *sorted(tags, key=lambda tag: texts.language_name(tag).casefold())]
    size = ceil(len(ordered) / ceil(len(ordered) / SELECT_OPTIONS))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def _menus(
    control: Control, setting: GuildSetting, settings: GuildSettings, health: Health, texts: Texts
) -> list[hikari.api.ComponentBuilder]:
    if setting in (*CHANNELS, *ROLES):
        chosen = None if health.gone else settings.value(setting)
        placeholder = texts(f"settings.{setting.value}.choose")
        entities = EntityMenu(setting, _choose(control), placeholder, chosen)
        return [hikari.impl.MessageActionRowBuilder(components=[entities])]
    if setting in CHOICES:
        return [_choice_menu(control, setting, settings, texts)]
    if setting is GuildSetting.task_types:
        return [_kinds_menu(control, settings, texts)]
    if setting in (GuildSetting.language, GuildSetting.languages):
        return [
            _language_menu(control, setting, part, settings, texts)
            for part in enumerate(language_parts(setting, settings, texts))
        ]
    return []


def _choose(control: Control, part: int = 0) -> str:
    return str(Control(control.surface, control.page, Act.choose, control.setting, part))


def _choice_menu(
    control: Control, setting: GuildSetting, settings: GuildSettings, texts: Texts
) -> hikari.api.ComponentBuilder:
    options = [
        # What is chosen hides the placeholder, so that each choice names the setting.
        _named_option(setting, value.value, texts, chosen=settings.value(setting) is value)
        for value in CHOICES[setting]
    ]
    return row(menu(_choose(control), setting_name(setting, texts), options))


def _named_option(setting: GuildSetting, value: str, texts: Texts, *, chosen: bool) -> SelectOptionBuilder:
    words = value_words(setting, None if value == OWN_LANGUAGE else value, texts)
    return option(
        texts("settings.option", name=setting_name(setting, texts), value=words), value, chosen=chosen
    )


def _kinds_menu(control: Control, settings: GuildSettings, texts: Texts) -> hikari.api.ComponentBuilder:
    options = [
        option(kind_name(kind, texts), kind, chosen=kind in settings.task_types) for kind in TASK_TYPES
    ]
    placeholder = texts("settings.task_types.choose")
    return row(menu(_choose(control), placeholder, options, least=0, most=len(options)))


def _language_menu(
    control: Control,
    setting: GuildSetting,
    part: tuple[int, list[str]],
    settings: GuildSettings,
    texts: Texts,
) -> hikari.api.ComponentBuilder:
    number, tags = part
    names = [texts.language_name(tag) for tag in tags if tag != OWN_LANGUAGE]
    placeholder = texts(f"settings.{setting.value}.choose", first=names[0], last=names[-1])
    if setting is GuildSetting.language:
        chosen = settings.language or OWN_LANGUAGE
        options = [_named_option(setting, tag, texts, chosen=tag == chosen) for tag in tags]
        return row(menu(_choose(control, number), placeholder, options))
    options = [option(texts.language_name(tag), tag, chosen=tag in settings.languages) for tag in tags]
    most = min(len(options), MOST_LANGUAGES)
    return row(menu(_choose(control, number), placeholder, options, least=0, most=most))


def _buttons(
    control: Control, setting: GuildSetting, settings: GuildSettings, texts: Texts
) -> list[InteractiveButtonBuilder]:
    name = setting_name(setting, texts)
    value = settings.value(setting)
    if isinstance(value, bool):
        state = texts("settings.on" if value else "settings.off")
        return [
            plain_button(
                str(Control(control.surface, control.page, Act.turn, setting, int(not value))),
                texts("settings.option", name=name, value=state),
                hikari.ButtonStyle.SUCCESS if value else hikari.ButtonStyle.SECONDARY,
            )
        ]
    if setting is GuildSetting.daily_limit:
        custom_id = str(Control(control.surface, control.page, Act.ask, setting))
        return [plain_button(custom_id, texts("settings.daily_limit.choose"))]
    return []


def _clear_button(
    surface: Surface, page: Page, setting: GuildSetting, settings: GuildSettings, texts: Texts
) -> InteractiveButtonBuilder:
    custom_id = str(Control(surface, page, Act.clear, setting))
    label = texts(f"settings.{setting.value}.clear")
    return plain_button(custom_id, label, disabled=is_default(setting, settings))
