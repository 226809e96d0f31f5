"""The pieces that all task forms share: buttons and menus, the text above a task, and how a task ends."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Never

import hikari
from hikari import ButtonStyle
from hikari.impl import (
    InteractiveButtonBuilder,
    LinkButtonBuilder,
    MessageActionRowBuilder,
    ModalActionRowBuilder,
    SelectOptionBuilder,
    TextInputBuilder,
    TextSelectMenuBuilder,
)

from bot import limits
from bot.forms import custom_ids
from bot.forms.custom_ids import Action, Space
from bot.rendering import times
from bot.rendering.panels import ModalPanel
from bot.texts import Texts

_STYLES: Final = {
    Action.write: ButtonStyle.PRIMARY,
    Action.send: ButtonStyle.SUCCESS,
    Action.next: ButtonStyle.PRIMARY,
}


def row(
    *components: InteractiveButtonBuilder | LinkButtonBuilder | TextSelectMenuBuilder[Never],
) -> MessageActionRowBuilder:
    """Return one row of controls."""
    return MessageActionRowBuilder(components=list(components))


def button(
    action: Action,
    label: str,
    *,
    index: int | None = None,
    space: Space = Space.task,
    style: ButtonStyle | None = None,
    disabled: bool = False,
) -> InteractiveButtonBuilder:
    """Return a button; without a style it has the one that its action always has."""
    return plain_button(
        custom_ids.custom_id(action, index, space=space),
        label,
        style or _STYLES.get(action, ButtonStyle.SECONDARY),
        disabled=disabled,
    )


def plain_button(
    custom_id: str, label: str, style: ButtonStyle = ButtonStyle.SECONDARY, *, disabled: bool = False
) -> InteractiveButtonBuilder:
    """Return a button of any feature, its words shortened to what Discord takes."""
    return InteractiveButtonBuilder(
        custom_id=custom_id,
        label=limits.trim(label, limits.BUTTON_LABEL),
        style=style,
        is_disabled=disabled,
    )


def link_button(url: str, label: str) -> LinkButtonBuilder:
    """Return a button that opens a page of the web."""
    return LinkButtonBuilder(url=url, label=limits.trim(label, limits.BUTTON_LABEL))


def option(
    label: str, value: str, *, description: str | None = None, chosen: bool = False
) -> SelectOptionBuilder:
    """Return one choice of a menu, its words shortened to what Discord takes."""
    return SelectOptionBuilder(
        limits.trim(label, limits.OPTION_TEXT),
        value,
        description=limits.trim(description, limits.OPTION_TEXT) if description else hikari.UNDEFINED,
        is_default=chosen,
    )


def menu(
    custom_id: str,
    placeholder: str,
    options: Sequence[SelectOptionBuilder],
    *,
    least: int = 1,
    most: int = 1,
) -> TextSelectMenuBuilder[Never]:
    """Return a select menu that takes `least` to `most` of at most 25 options."""
    return TextSelectMenuBuilder(
        custom_id=custom_id,
        options=options,
        placeholder=limits.trim(placeholder, limits.SELECT_PLACEHOLDER),
        min_values=least,
        max_values=most,
    )


def leaving_row(texts: Texts, *, paused: bool, as_written: bool = False) -> MessageActionRowBuilder:
    """Return the buttons that every open task has: skip it, keep it for another day, or stop altogether.

    Args:
        texts: the reader's language.
        paused: the task is kept, so that the button takes it up again.
        as_written: the task shows texts, so that their raw form is offered.
    """
    pause = Action.resume if paused else Action.pause
    buttons = [
        button(Action.skip, texts("button.skip")),
        button(pause, texts(f"button.{pause.value}")),
        button(Action.stop, texts("button.stop")),
    ]
    if as_written:
        buttons.append(button(Action.as_written, texts("button.as_written")))
    return row(*buttons)


def intro(
    task_type: str,
    texts: Texts,
    *,
    lang: str | None,
    closes_at: datetime | None,
    context: Iterable[tuple[str, object]] = (),
) -> str:
    """Return what stands above a task: what to do, in which language, and until when."""
    known: dict[str, object] = {"hint": None, "count": 0, "purpose": "", "low": 1, "high": 5, **dict(context)}
    notes = []
    if lang:
        notes.append(texts("intro.language", language=texts.language_name(lang)))
    if closes_at is not None:
        notes.append(texts("intro.closes", time=times.relative(closes_at)))
    lines = [texts.template(f"intro_{task_type}.md.j2", **known)]
    if notes:
        lines.append("-# " + " · ".join(notes))
    return "\n".join(lines)


def ending_rows(texts: Texts) -> tuple[hikari.api.ComponentBuilder, ...]:
    """Return the controls under a task that is over: another one, or enough for now."""
    return (row(button(Action.next, texts("button.next")), button(Action.done, texts("button.done"))),)


def thanks(task_type: str, texts: Texts) -> str:
    """Return what stands where the controls were once an answer is safe."""
    return texts.template(f"thanks_{task_type}.md.j2")


def skip_modal(texts: Texts) -> ModalPanel:
    """Return the modal that asks why a task is skipped."""
    reason = TextInputBuilder(
        custom_id=custom_ids.SKIP_MODAL_INPUT,
        label=limits.trim(texts("skip.label"), limits.MODAL_LABEL),
        style=hikari.TextInputStyle.PARAGRAPH,
        placeholder=limits.trim(texts("skip.placeholder"), limits.MODAL_PLACEHOLDER),
        required=False,
        max_length=limits.SKIP_REASON,
    )
    return ModalPanel(
        custom_ids.SKIP_MODAL,
        limits.trim(texts("skip.title"), limits.MODAL_TITLE),
        (ModalActionRowBuilder(components=[reason]),),
    )
