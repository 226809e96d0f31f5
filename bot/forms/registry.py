"""Which form a task has."""

from typing import Final

from bot import limits
from bot.forms.base import TaskForm
from bot.forms.labels import LabelForm
from bot.forms.ranking import RankingForm
from bot.forms.rating import RatingForm
from bot.forms.writing import WritingForm
from oasst_client.tasks import Task

_CHOICES: Final[dict[str, TaskForm]] = {
    "rate_summary": RatingForm(),
    **dict.fromkeys(
        ("rank_initial_prompts", "rank_prompter_replies", "rank_assistant_replies"), RankingForm()
    ),
    **dict.fromkeys(("label_initial_prompt", "label_prompter_reply", "label_assistant_reply"), LabelForm()),
}
_WRITING: Final = frozenset({"summarize_story", "initial_prompt", "prompter_reply", "assistant_reply"})

TASK_TYPES: Final = (*sorted(_WRITING), *_CHOICES)
"""Every type of task that has a form."""


class NoFormError(LookupError):
    """There is no form for this type of task."""


def form_for(task: Task, *, longest_text: int = limits.MODAL_TEXT) -> TaskForm:
    """Return the form of a task.

    Args:
        task: any task of the protocol.
        longest_text: how many characters (code points) the backend takes.

    Raises:
        NoFormError: the end of an exchange is no task.
    """
    if task.type in _WRITING:
        return WritingForm(longest_text)
    if task.type in _CHOICES:
        return _CHOICES[task.type]
    raise NoFormError(f"{task.type} has no form")
