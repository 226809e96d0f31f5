"""What people read and can do where there is no task for them: why, what instead, when again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import hikari
from hikari import ButtonStyle
from hikari.impl import InteractiveButtonBuilder

from bot import limits
from bot.forms.controls import menu, option, plain_button, row
from bot.rendering import times
from bot.rendering.panels import Panel
from bot.sessions.guild_rules import Search, named_kinds
from bot.sessions.wish import Wish
from bot.sessions.work_found import WorkFound
from bot.sessions.work_ids import CHOOSE, WorkAction, WorkId, value_of
from bot.texts import Texts
from oasst_client import (
    NotAuthorizedError,
    NoWorkReason,
    OasstError,
    RefusedError,
    TaskRequestType,
    TaskUnavailableError,
    TermsNotAcceptedError,
    TooManyPendingError,
    UserDisabledError,
    WaitingTrees,
)

_REFUSED: Final[tuple[tuple[type[OasstError], str], ...]] = (
    (TooManyPendingError, "task.too_many"),
    (UserDisabledError, "task.disabled"),
    (TermsNotAcceptedError, "backend.4003"),
    (RefusedError, "task.backend_trouble"),
)

_MAY_PASS: Final = frozenset({"task.too_many", "task.backend_trouble"})


def nothing(search: Search, found: WorkFound, texts: Texts) -> Panel:
    """Say that there is nothing of what a person asked for, why, and offer what there is instead."""
    wish = search.wish
    language = texts.language_name(wish.lang)
    at_all = wish.task_type is TaskRequestType.random
    key = "work.nothing_at_all" if at_all else "work.nothing"
    lines = [texts(key, what=wish.words(texts), language=language)]
    if found.reason is not None and texts.has(f"work.reason.{found.reason}"):
        lines.append(texts(f"work.reason.{found.reason}"))
    if len(search.langs) > 1:
        also = ", ".join(texts.language_name(lang) for lang in search.langs[1:])
        lines.append(texts("work.also_looked", languages=also))
    instead = _instead(wish, found, texts)
    otherwise = "work.later" if at_all else "work.other_kind"
    lines.append(texts("work.instead" if instead else otherwise))
    waiting = _waiting(found.waiting, texts)
    if waiting:
        lines.append("-# " + texts("work.waiting", language=language, what=waiting))
    if search.kinds and at_all:
        lines.append("-# " + texts("rules.only", offered=named_kinds(search.kinds, texts)))
    rows: list[hikari.api.ComponentBuilder] = []
    if instead:
        rows.append(row(menu(CHOOSE, texts("work.choose"), instead)))
    if found.reason != NoWorkReason.never_handed_out:
        rows.append(row(work_button(WorkAction.tell, wish, texts)))
    return Panel("\n".join(lines), rows=tuple(rows))


def again(key: str, wish: Wish, at: datetime, texts: Texts) -> Panel:
    """Say, in the words of a key, when to try again."""
    return Panel(
        texts(key, time=times.relative(at + timedelta(seconds=1))),
        rows=(row(work_button(WorkAction.take, wish, texts)),),
    )


def away(wish: Wish, at: datetime, texts: Texts) -> Panel:
    """Say that no task can be had, when to try again, and what goes on meanwhile."""
    panel = again("task.backend_away", wish, at, texts)
    buttons = [work_button(action, wish, texts) for action in (WorkAction.take, WorkAction.tell)]
    return replace(panel, content=f"{panel.content}\n{texts('task.still_works')}", rows=(row(*buttons),))


def is_known(error: OasstError) -> bool:
    """Whether a failure says something that is said to its person, or is told to operators elsewhere."""
    is_said = any(isinstance(error, kind) for kind, _ in _REFUSED[:-1])
    return is_said or isinstance(error, TaskUnavailableError) or not isinstance(error, RefusedError)


def refused(error: NotAuthorizedError | RefusedError, wish: Wish, texts: Texts) -> Panel:
    """Say why the backend gives a person no task at all, and let them try again where that may help."""
    try_again = (row(work_button(WorkAction.take, wish, texts)),)
    if isinstance(error, NotAuthorizedError):
        return Panel("\n".join([texts("task.backend_refuses"), texts("task.still_works")]), rows=try_again)
    key = next(key for kind, key in _REFUSED if isinstance(error, kind))
    return Panel(texts(key), rows=try_again if key in _MAY_PASS else ())


def work_button(
    action: WorkAction, wish: Wish, texts: Texts, *, key: str | None = None
) -> InteractiveButtonBuilder:
    """Return a button about work; `key` names other words for it than usual."""
    style = ButtonStyle.PRIMARY if action is WorkAction.take else ButtonStyle.SECONDARY
    return plain_button(str(WorkId(action, wish)), texts(key or f"work.button.{action.value}"), style)


def _instead(wish: Wish, found: WorkFound, texts: Texts) -> list[hikari.impl.SelectOptionBuilder]:
    wishes = [(Wish(kind, wish.lang), count) for kind, count in found.kinds.items()]
    wishes += [(Wish(TaskRequestType.random, lang), count) for lang, count in found.languages.items()]
    return [
        option(
            _first_upper(texts(f"command.task.type.{one.task_type.value}")),
            value_of(one),
            description=texts("work.count", count=count, language=texts.language_name(one.lang)),
        )
        for one, count in wishes[: limits.SELECT_OPTIONS]
    ]


def _waiting(trees: Iterable[WaitingTrees], texts: Texts) -> str:
    sums: dict[str, int] = {}
    for one in trees:
        if texts.has(f"work.waits_for.{one.waits_for}"):
            sums[one.waits_for] = sums.get(one.waits_for, 0) + one.trees
    return ", ".join(texts(f"work.waits_for.{what}", count=count) for what, count in sums.items())


def _first_upper(words: str) -> str:
    return words[:1].upper() + words[1:]
