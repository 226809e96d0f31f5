"""/help as a panel: what a person may use here, each command as a mention that can be clicked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import hikari

from bot import limits
from bot.access import Deed
from bot.forms.controls import link_button, row
from bot.rendering.panels import Panel
from bot.texts import Texts

GROUPS: Final[dict[str, tuple[Deed, ...]]] = {
    "contribute": (Deed.task, Deed.contribute, Deed.label, Deed.report),
    "look": (Deed.me, Deed.leaderboard, Deed.progress),
    "yours": (Deed.tutorial, Deed.languages, Deed.privacy, Deed.data, Deed.help),
    "moderate": (Deed.reports,),
    "manage": (Deed.setup, Deed.settings),
}
"""What belongs together, in the order in which it is shown."""

_COLOUR: Final = 0x5865F2
_NESTED: Final = frozenset({hikari.OptionType.SUB_COMMAND, hikari.OptionType.SUB_COMMAND_GROUP})


def deed_of(name: str) -> Deed | None:
    """Give what a command or a menu of this name does; None where the table of deeds has no such thing."""
    lowered = name.lower()
    return Deed(lowered) if lowered in set(Deed) else None


def help_panel(
    commands: Sequence[hikari.PartialCommand], allowed: Collection[Deed], texts: Texts, *, url: str = ""
) -> Panel:
    """Show what somebody may use.

    Args:
        commands: what is registered with Discord, with its ids.
        allowed: what the person may do here.
        texts: their language.
        url: a page with more help; empty: none.
    """
    by_deed: dict[Deed, list[str]] = {}
    listed = [(deed, one) for one in commands if (deed := deed_of(one.name)) in allowed and deed]
    for deed, command in listed:
        by_deed.setdefault(deed, []).extend(_lines(command, deed, texts))
    has_menus = any(not isinstance(command, hikari.SlashCommand) for _, command in listed)
    parts = [texts("help.about_menus" if has_menus else "help.about")]
    for name, deeds in GROUPS.items():
        lines = [line for deed in deeds for line in by_deed.get(deed, ())]
        if lines:
            parts.append("\n".join([f"### {texts(f'help.group.{name}')}", *lines]))
    embeds = [hikari.Embed(description=text, color=_COLOUR) for text in _packed(parts)]
    embeds[0].title = texts("help.title")
    rows = (row(link_button(url, texts("help.more"))),) if url else ()
    return Panel(embeds=tuple(embeds), rows=rows)


def _packed(parts: Iterable[str]) -> list[str]:
    """Put parts together, as few pieces as an embed's description allows."""
    packed: list[str] = []
    for part in parts:
        joined = f"{packed[-1]}\n{part}" if packed else part
        if packed and limits.utf16_length(joined) <= limits.EMBED_DESCRIPTION:
            packed[-1] = joined
        else:
            packed.append(limits.trim(part, limits.EMBED_DESCRIPTION))
    return packed


def _lines(command: hikari.PartialCommand, deed: Deed, texts: Texts) -> list[str]:
    if not isinstance(command, hikari.SlashCommand):
        name = command.name_localizations.get(texts.locale, command.name)
        return [texts("help.menu", name=name, about=texts(f"help.menu.{deed.value}"))]
    paths = list(_paths(command.name, command.options or ()))
    whole = (command.name, command.description, command.description_localizations)
    return [
        texts("help.command", mention=f"</{path}:{command.id}>", about=said.get(texts.locale, about))
        for path, about, said in paths or [whole]
    ]


def _paths(
    above: str, options: Iterable[hikari.CommandOption]
) -> Iterable[tuple[str, str, Mapping[hikari.Locale | str, str]]]:
    """Name each command below a command, with its description."""
    for option in options:
        if option.type in _NESTED:
            path = f"{above} {option.name}"
            below = list(_paths(path, option.options or ()))
            yield from below or [(path, option.description, option.description_localizations)]
