"""Task forms: pure functions from a task and a person's choices to Discord panels and backend answers."""

from bot.forms.base import FormEvent, FormProblem, FormState, ModalPanel, Panel, TaskForm
from bot.forms.custom_ids import Action
from bot.forms.registry import NoFormError, form_for

__all__ = [
    "Action",
    "FormEvent",
    "FormProblem",
    "FormState",
    "ModalPanel",
    "NoFormError",
    "Panel",
    "TaskForm",
    "form_for",
]
