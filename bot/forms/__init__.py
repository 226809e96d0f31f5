"""Task forms: pure functions from a task and a person's choices to Discord panels and backend answers."""

from bot.forms.base import FormEvent, FormProblem, FormRules, FormState, ModalPanel, Panel, TaskForm
from bot.forms.custom_ids import Action
from bot.forms.registry import TASK_TYPES, NoFormError, form_for

__all__ = [
    "TASK_TYPES",
    "Action",
    "FormEvent",
    "FormProblem",
    "FormRules",
    "FormState",
    "ModalPanel",
    "NoFormError",
    "Panel",
    "TaskForm",
    "form_for",
]
