"""Sum a text up."""

from bot.forms.named_texts import NamedText
from bot.forms.writing import WritingForm
from bot.rendering.conversation import PLAIN_COLOUR, Block
from bot.texts import Texts
from oasst_client.tasks import SummarizeStoryTask


class SummarizeStoryForm(WritingForm[SummarizeStoryTask]):
    """Write a summary of a text."""

    task_type = "summarize_story"

    def read_before(self, task: SummarizeStoryTask, texts: Texts) -> list[NamedText]:
        """Return the text."""
        return [NamedText("text", Block(texts("heading.story"), task.story, PLAIN_COLOUR))]
