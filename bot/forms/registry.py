"""Finds the form of each kind of task: every concrete form in `bot/forms/kinds` is one."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from bot.forms import kinds
from bot.forms.base import Form, FormRules, TaskForm
from oasst_client.tasks import Task


class NoFormError(LookupError):
    """There is no form for this type of task."""


def find_forms() -> Mapping[str, type[TaskForm]]:
    """Look into every module of the package, and return the form of each type of task."""
    forms: dict[str, type[TaskForm]] = {}
    for module in pkgutil.iter_modules(kinds.__path__, f"{kinds.__name__}."):
        found = vars(importlib.import_module(module.name)).values()
        defined = [one for one in found if inspect.isclass(one) and one.__module__ == module.name]
        forms |= {one.task_type: one for one in defined if issubclass(one, Form)}
    return MappingProxyType(forms)


_FORMS: Final = find_forms()

TASK_TYPES: Final = tuple(sorted(_FORMS))
"""Every type of task that has a form."""


def form_for(task: Task, rules: FormRules = FormRules()) -> TaskForm:  # noqa: B008  # rules never change
    """Return the form of a task.

    Args:
        task: any task of the protocol.
        rules: what the backend takes.

    Raises:
        NoFormError: the end of an exchange is no task.
    """
    form = _forms(rules).get(task.type)
    if form is None:
        raise NoFormError(f"{task.type} has no form")
    return form


@cache
def _forms(rules: FormRules) -> Mapping[str, TaskForm]:
    return {kind: form(rules) for kind, form in _FORMS.items()}
