"""The fixed, versioned custom_ids of every control on a task's messages and of its modals."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_VERSION: Final = "1"


class Space(StrEnum):
    """Where a control stands: on a task's message, or on the panel that labels a message outside a task."""

    task = "task"
    label = "label"


class Action(StrEnum):
    """What a person does with a control."""

    write = "write"
    text = "text"
    send = "send"
    edit = "edit"
    skip = "skip"
    pause = "pause"
    resume = "resume"
    stop = "stop"
    next = "next"
    done = "done"
    undo = "undo"
    reset = "reset"
    all_bad = "all_bad"
    rank = "rank"
    read = "read"
    as_written = "as_written"
    report = "report"
    yes = "yes"
    no = "no"
    flags = "flags"
    scale = "scale"
    rate = "rate"
    page_back = "page_back"
    page_next = "page_next"
    page = "page"


_INDEXED: Final = frozenset({Action.yes, Action.no, Action.flags, Action.scale, Action.rate, Action.page})
_LABEL_PLAIN: Final = frozenset({Action.send, Action.stop})
_LABEL_INDEXED: Final = _INDEXED - {Action.rate}
_INDEX: Final = re.compile(r"0|[1-9]\d{0,3}")


@dataclass(frozen=True)
class ControlId:
    """What a custom_id says: `index` is the row, step or page from 0, None where there is only one."""

    action: Action
    index: int | None = None
    space: Space = Space.task

    def __str__(self) -> str:
        parts = [self.space.value, _VERSION, self.action.value]
        if self.index is not None:
            parts.append(str(self.index))
        return ":".join(parts)


def custom_id(action: Action, index: int | None = None, *, space: Space = Space.task) -> str:
    """Return the custom_id of a control.

    Raises:
        ValueError: a custom_id that nothing owns was asked for.
    """
    built = str(ControlId(action, index, space))
    if parse(built) is None:
        raise ValueError(f"{built} is not among the ids that the router owns")
    return built


def parse(raw: str) -> ControlId | None:
    """Return what a custom_id says, or None if it is another feature's or another version's."""
    if raw in _PLAIN_IDS:
        return _PLAIN_IDS[raw]
    prefix, _, index = raw.rpartition(":")
    known = _INDEXED_IDS.get(f"{prefix}:")
    if known is None or not _INDEX.fullmatch(index):
        return None
    return ControlId(known.action, int(index), known.space)


def _ids(space: Space, actions: frozenset[Action], end: str = "") -> dict[str, ControlId]:
    known = [ControlId(action, None, space) for action in Action if action in actions]
    return {f"{one}{end}": one for one in known}


_TASK_IDS: Final = _ids(Space.task, frozenset(Action) - _INDEXED - {Action.text})
_LABEL_IDS: Final = _ids(Space.label, _LABEL_PLAIN)
_TASK_PREFIXES: Final = _ids(Space.task, _INDEXED, ":")
_LABEL_PREFIXES: Final = _ids(Space.label, _LABEL_INDEXED, ":")
_PLAIN_IDS: Final = _TASK_IDS | _LABEL_IDS
_INDEXED_IDS: Final = _TASK_PREFIXES | _LABEL_PREFIXES

ALL: Final = tuple(_TASK_IDS)
"""Every custom_id without an index on a task's messages."""

PREFIXES: Final = tuple(_TASK_PREFIXES)
"""What the custom_ids with an index on a task's messages start with."""

ALL_LABEL: Final = tuple(_LABEL_IDS)
"""Every custom_id without an index of the panel that labels a message outside a task."""

LABEL_PREFIXES: Final = tuple(_LABEL_PREFIXES)
"""What the custom_ids with an index of that panel start with."""

MODAL: Final = "task:1:text"
"""The modal that takes a text, in as many of MODAL_INPUTS as it needs."""

MODAL_INPUTS: Final = ("text", "text_2", "text_3", "text_4", "text_5")

REPORT_PREFIX: Final = "task_report:1:"
"""What the menus start with that ask which reply of a task is reported: then the session's code, the menu."""

SKIP_MODAL: Final = "task:1:skip_reason"
"""The modal that asks why a task is skipped; its input is SKIP_MODAL_INPUT."""

SKIP_MODAL_INPUT: Final = "reason"
