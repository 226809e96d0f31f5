"""Put first messages in order."""

from collections.abc import Sequence

from bot.forms.ranking import RankingForm
from oasst_client.models import ConversationMessage
from oasst_client.tasks import RankInitialPromptsTask


class RankInitialPromptsForm(RankingForm[RankInitialPromptsTask]):
    """Rank first messages, which have nothing before them."""

    task_type = "rank_initial_prompts"
    word = "prompt"

    def candidates(self, task: RankInitialPromptsTask) -> Sequence[ConversationMessage]:
        """Return the first messages."""
        return task.prompt_messages
