"""Rate a summary of a text."""

from bot.forms.named_texts import NamedText
from bot.forms.rating import RatingForm
from bot.rendering.conversation import ASSISTANT_COLOUR, PLAIN_COLOUR, Block
from bot.texts import Texts
from oasst_client.tasks import RateSummaryTask, RatingScale


class RateSummaryForm(RatingForm[RateSummaryTask]):
    """Say on the task's scale how well a summary gives a text's main points."""

    task_type = "rate_summary"

    def scale(self, task: RateSummaryTask) -> RatingScale:
        """Return the task's scale."""
        return task.scale

    def texts_of(self, task: RateSummaryTask, texts: Texts) -> list[NamedText]:
        """Return the text and its summary."""
        return [
            NamedText("text", Block(texts("heading.story"), task.full_text, PLAIN_COLOUR)),
            NamedText("summary", Block(texts("heading.summary"), task.summary, ASSISTANT_COLOUR)),
        ]
