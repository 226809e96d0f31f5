"""Tasks that a backend hands out, as one union told apart by `type`."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from oasst_client.models import Conversation, ConversationMessage, LabelDescription, ProtocolModel, User


class TaskRequestType(StrEnum):
    """What kind of task a frontend may ask for."""

    random = "random"
    summarize_story = "summarize_story"
    rate_summary = "rate_summary"
    initial_prompt = "initial_prompt"
    prompter_reply = "prompter_reply"
    assistant_reply = "assistant_reply"
    rank_initial_prompts = "rank_initial_prompts"
    rank_prompter_replies = "rank_prompter_replies"
    rank_assistant_replies = "rank_assistant_replies"
    label_initial_prompt = "label_initial_prompt"
    label_assistant_reply = "label_assistant_reply"
    label_prompter_reply = "label_prompter_reply"


class TaskRequest(ProtocolModel):
    """A wish for a task; `lang` is a BCP 47 tag, null means `en`."""

    type: TaskRequestType = TaskRequestType.random
    user: User | None = None
    collective: bool = False
    lang: Annotated[str, Field(max_length=32)] | None = None


class LabelTaskMode(StrEnum):
    """How thoroughly a message is labelled."""

    simple = "simple"
    full = "full"


class LabelTaskDisposition(StrEnum):
    """What a labelling is mainly for."""

    quality = "quality"
    spam = "spam"


class _Task(ProtocolModel):
    id: UUID


class SummarizeStoryTask(_Task):
    """Write a summary of a story."""

    type: Literal["summarize_story"] = "summarize_story"
    story: str


class RatingScale(ProtocolModel):
    """The steps of a rating, both ends included."""

    min: int = 1
    max: int = 5


class RateSummaryTask(_Task):
    """Rate a summary of a text."""

    type: Literal["rate_summary"] = "rate_summary"
    full_text: str
    summary: str
    scale: RatingScale = Field(default_factory=RatingScale)


class InitialPromptTask(_Task):
    """Write the first message of a conversation."""

    type: Literal["initial_prompt"] = "initial_prompt"
    hint: str | None = None


class PrompterReplyTask(_Task):
    """Go on with a conversation as the person who asks."""

    type: Literal["prompter_reply"] = "prompter_reply"
    conversation: Conversation
    hint: str | None = None


class AssistantReplyTask(_Task):
    """Go on with a conversation as the assistant."""

    type: Literal["assistant_reply"] = "assistant_reply"
    conversation: Conversation


def _messages_of(texts: list[str], *, is_assistant: bool) -> list[ConversationMessage]:
    return [ConversationMessage(text=text, is_assistant=is_assistant) for text in texts]


class RankInitialPromptsTask(_Task):
    """Put first messages in order, best first; older backends give their texts alone (`prompts`)."""

    type: Literal["rank_initial_prompts"] = "rank_initial_prompts"
    prompts: list[str] = Field(default_factory=list)
    prompt_messages: list[ConversationMessage] = Field(default_factory=list)

    @model_validator(mode="after")
    def _of_either_dialect(self) -> Self:
        if not self.prompt_messages:
            if not self.prompts:
                raise ValueError("a ranking task has messages to rank")
            self.prompt_messages = _messages_of(self.prompts, is_assistant=False)
        return self


class _RankRepliesTask(_Task):
    """Older backends give the texts of the replies alone (`replies`)."""

    conversation: Conversation
    replies: list[str] = Field(default_factory=list)
    reply_messages: list[ConversationMessage] = Field(default_factory=list)
    message_tree_id: UUID | None = None
    ranking_parent_id: UUID | None = None
    reveal_synthetic: bool | None = None

    @model_validator(mode="after")
    def _of_either_dialect(self) -> Self:
        if not self.reply_messages:
            if not self.replies:
                raise ValueError("a ranking task has messages to rank")
            is_assistant = not self.conversation.is_prompter_turn
            self.reply_messages = _messages_of(self.replies, is_assistant=is_assistant)
        return self


class RankPrompterRepliesTask(_RankRepliesTask):
    """Put the prompter's replies to one message in order, best first."""

    type: Literal["rank_prompter_replies"] = "rank_prompter_replies"


class RankAssistantRepliesTask(_RankRepliesTask):
    """Put the assistant's replies to one message in order, best first."""

    type: Literal["rank_assistant_replies"] = "rank_assistant_replies"


class _LabelTask(_Task):
    message_id: UUID
    conversation: Conversation = Field(default_factory=Conversation)
    valid_labels: list[str] = Field(default_factory=list)
    mandatory_labels: list[str] | None = None
    mode: LabelTaskMode | None = None
    disposition: LabelTaskDisposition | None = None
    labels: list[LabelDescription] | None = None

    def _end_with(self, text: str | None, *, is_assistant: bool) -> Self:
        """Make the message to label the last of the conversation, where an older backend gives it apart."""
        messages = self.conversation.messages
        last = messages[-1] if messages else None
        if text is None:
            if last is None:
                raise ValueError("a labelling task has a message to label")
        elif last is None or (last.id != self.message_id if last.id else last.text != text):
            labelled = ConversationMessage(id=self.message_id, text=text, is_assistant=is_assistant)
            self.conversation = Conversation(messages=[*messages, labelled])
        return self


class LabelInitialPromptTask(_LabelTask):
    """Label a first message, the only one of `conversation`."""

    type: Literal["label_initial_prompt"] = "label_initial_prompt"
    prompt: str | None = None

    @model_validator(mode="after")
    def _of_either_dialect(self) -> Self:
        return self._end_with(self.prompt, is_assistant=False)


class LabelPrompterReplyTask(_LabelTask):
    """Label a prompter's reply, the last message of `conversation`."""

    type: Literal["label_prompter_reply"] = "label_prompter_reply"
    reply: str | None = None

    @model_validator(mode="after")
    def _of_either_dialect(self) -> Self:
        return self._end_with(self.reply, is_assistant=False)


class LabelAssistantReplyTask(_LabelTask):
    """Label an assistant's reply, the last message of `conversation`."""

    type: Literal["label_assistant_reply"] = "label_assistant_reply"
    reply: str | None = None

    @model_validator(mode="after")
    def _of_either_dialect(self) -> Self:
        return self._end_with(self.reply, is_assistant=True)


class TaskDone(_Task):
    """The end of an exchange."""

    type: Literal["task_done"] = "task_done"


RankRepliesTask = RankPrompterRepliesTask | RankAssistantRepliesTask
RankTask = RankInitialPromptsTask | RankRepliesTask
LabelTask = LabelInitialPromptTask | LabelPrompterReplyTask | LabelAssistantReplyTask
TextTask = SummarizeStoryTask | InitialPromptTask | PrompterReplyTask | AssistantReplyTask
Task = Annotated[
    SummarizeStoryTask
    | RateSummaryTask
    | InitialPromptTask
    | PrompterReplyTask
    | AssistantReplyTask
    | RankInitialPromptsTask
    | RankPrompterRepliesTask
    | RankAssistantRepliesTask
    | LabelInitialPromptTask
    | LabelPrompterReplyTask
    | LabelAssistantReplyTask
    | TaskDone,
    Field(discriminator="type"),
]

task_adapter: TypeAdapter[Task] = TypeAdapter(Task, config=ConfigDict(hide_input_in_errors=True))
"""Reads one task of any type."""
