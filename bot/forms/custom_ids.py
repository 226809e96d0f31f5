"""The fixed, versioned custom_ids of every control on a task's messages and of its modals."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_INDEX: Final = 30
"""Indices of controls run over 0..MAX_INDEX-1."""

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
    stop = "stop"
    next = "next"
    done = "done"
    undo = "undo"
    reset = "reset"
    all_bad = "all_bad"
    rank = "rank"
    yes = "yes"
    no = "no"
    flags = "flags"
    scale = "scale"
    rate = "rate"
    page_back = "page_back"
    page_next = "page_next"


_INDEXED: Final = frozenset({Action.yes, Action.no, Action.flags, Action.scale, Action.rate})
_LABEL_PLAIN: Final = frozenset({Action.send, Action.stop, Action.page_back, Action.page_next})
_LABEL_INDEXED: Final = frozenset({Action.yes, Action.no, Action.flags, Action.scale})


@dataclass(frozen=True)
class ControlId:
    """What a custom_id says: `index` is the row or step, 0..MAX_INDEX-1, None where there is only one."""

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
        ValueError: a custom_id that no view owns was asked for.
    """
    built = str(ControlId(action, index, space))
    if built not in _KNOWN:
        raise ValueError(f"{built} is not among the ids that the router owns")
    return built


def parse(raw: str) -> ControlId | None:
    """Return what a custom_id says, or None if it is another feature's or another version's."""
    return _KNOWN.get(raw)


def _ids(space: Space, plain: frozenset[Action], indexed: frozenset[Action]) -> tuple[ControlId, ...]:
    ordered = list(Action)
    return (
        *(ControlId(action, None, space) for action in ordered if action in plain),
        *(ControlId(action, n, space) for action in ordered if action in indexed for n in range(MAX_INDEX)),
    )


_TASK_IDS: Final = _ids(Space.task, frozenset(Action) - _INDEXED - {Action.text}, _INDEXED)
_LABEL_IDS: Final = _ids(Space.label, _LABEL_PLAIN, _LABEL_INDEXED)
_KNOWN: Final = {str(known): known for known in (*_TASK_IDS, *_LABEL_IDS)}

ALL: Final = tuple(str(known) for known in _TASK_IDS)
"""Every custom_id that the persistent view of tasks must own."""

ALL_LABEL: Final = tuple(str(known) for known in _LABEL_IDS)
"""Every custom_id of the panel that labels a message outside a task."""

MODAL: Final = "task:1:text"
"""The modal that takes a text; its input is MODAL_INPUT."""

MODAL_INPUT: Final = "text"

SKIP_MODAL: Final = "task:1:skip_reason"
"""The modal that asks why a task is skipped; its input is SKIP_MODAL_INPUT."""

SKIP_MODAL_INPUT: Final = "reason"
