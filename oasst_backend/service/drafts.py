"""Puts a piece of open work into the words of a task, and a task that was handed out into them again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules import labels as label_rules
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.conversations import (
    Emojis,
    MessageRow,
    conversation_message,
    conversation_of,
    rows_to_root,
)
from oasst_backend.service.work import Reserves
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, stories, summaries, trees
from oasst_client import (
    AssistantReplyTask,
    ConversationMessage,
    InitialPromptTask,
    LabelAssistantReplyTask,
    LabelInitialPromptTask,
    LabelPrompterReplyTask,
    LabelTaskMode,
    PrompterReplyTask,
    RankAssistantRepliesTask,
    RankInitialPromptsTask,
    RankPrompterRepliesTask,
    RateSummaryTask,
    RatingScale,
    SummarizeStoryTask,
    Task,
    TaskRequestType,
)

RATING_SCALE = RatingScale(min=1, max=5)
"""The steps of a rating, the protocol's own."""

_RANKED_CHILDREN = Prepared(
    sa.select(messages)
    .where(
        messages.c.parent_id == sa.bindparam("subject_id"),
        ~messages.c.deleted,
        ~messages.c.surplus,
        messages.c.review_result,
    )
    .order_by(messages.c.id)
)
_PROMPTS_OF_GROUP = Prepared(
    sa.select(messages)
    .join_from(trees, messages, messages.c.id == trees.c.id)
    .where(
        trees.c.prompt_group_id == sa.bindparam("subject_id"),
        trees.c.state == "prompt_lottery_waiting",
        ~messages.c.deleted,
    )
    .order_by(messages.c.id)
)
_RANKED: Mapping[Reserves, Prepared] = {
    Reserves.ranking: _RANKED_CHILDREN,
    Reserves.prompt_ranking: _PROMPTS_OF_GROUP,
}
"""What is put in order, by what a task holds a place at."""

_BY_IDS = sa.select(messages).where(messages.c.id.in_(sa.bindparam("ids", expanding=True)))
_STORY = Prepared(sa.select(stories.c.text).where(stories.c.id == sa.bindparam("story_id")))
_SUMMARY = Prepared(
    sa.select(summaries.c.text, stories.c.text.label("story"))
    .join_from(summaries, stories, stories.c.id == summaries.c.story_id)
    .where(summaries.c.id == sa.bindparam("summary_id"))
)


@dataclass(frozen=True)
class Draft:
    """A task before it has its row: what is sent, and what its answer is checked against."""

    type: TaskRequestType
    task: Task
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Piece:
    """A piece of work that is put into words: a row of `open_work`, or of `tasks` once it was handed out."""

    connection: sa.Connection
    task_id: UUID
    work: AnyRow
    person_id: str | None
    payload: Mapping[str, Any]
    ranked: Sequence[MessageRow]
    """What is put in order, as far as it is still there."""


def prompt_draft() -> Draft:
    """Ask for a prompt."""
    return Draft(TaskRequestType.initial_prompt, InitialPromptTask(id=UUID(new_id())))


def draft_of(
    connection: sa.Connection, context: Context, work: AnyRow, person_id: str, *, by_type: bool
) -> Draft:
    """Make the task for a piece of work.

    Args:
        connection: any connection.
        context: settings, moment and chance.
        work: the row of `open_work`.
        person_id: who gets the task.
        by_type: whether the person asked for this very type, so that replies are labelled fully.
    """
    kind = Reserves(work.kind)
    payload: dict[str, Any] = {}
    ranked: list[MessageRow] = []
    if kind is Reserves.review:
        payload = _drawn_labels(context, work, by_type=by_type)
    elif kind in _RANKED:
        ranked = _RANKED[kind].all(connection, {"subject_id": work.subject_id})
        context.rng.shuffle(ranked)
        payload = {"reply_ids": [row.id for row in ranked]}
    piece = _Piece(connection, UUID(new_id()), work, person_id, payload, ranked)
    return Draft(TaskRequestType(work.type), _WORDS[kind](piece), payload)


def task_again(connection: sa.Connection, task: AnyRow) -> Task:
    """Put a task that was handed out into words again, for the person who got it.

    Order, labels and mode are those that were drawn then; texts and marks are as they stand now. A reply that
    was removed for good since keeps its place, without its text, because the answer names places.

    Args:
        connection: any connection.
        task: the row of `tasks`; what it was made of is still there.
    """
    kind, task_id = Reserves(task.kind), UUID(task.id)
    if kind is Reserves.prompt:
        return InitialPromptTask(id=task_id)
    ranked = connection.execute(_BY_IDS, {"ids": task.payload["reply_ids"]}).all() if kind in _RANKED else ()
    return _WORDS[kind](_Piece(connection, task_id, task, task.person_id, task.payload, ranked))


def labels_for(
    context: Context, kind: label_rules.MessageKind, mode: LabelTaskMode
) -> tuple[list[str], list[str]]:
    """Name the labels that are asked for of a kind of message, and those of them that must be given."""
    full: Sequence[str] = getattr(context.trees, f"labels_{kind.value}")
    mandatory: Sequence[str] = getattr(context.trees, f"mandatory_labels_{kind.value}")
    return label_rules.asked_labels(kind, mode, full=full, mandatory=mandatory), list(mandatory)


def _reply_task(piece: _Piece) -> Task:
    is_prompters = piece.work.type == TaskRequestType.prompter_reply.value
    task_class = PrompterReplyTask if is_prompters else AssistantReplyTask
    rows = rows_to_root(piece.connection, piece.work.subject_id)
    return task_class(id=piece.task_id, conversation=conversation_of(piece.connection, rows, piece.person_id))


def _ranking_task(piece: _Piece) -> Task:
    is_prompters = piece.work.type == TaskRequestType.rank_prompter_replies.value
    task_class = RankPrompterRepliesTask if is_prompters else RankAssistantRepliesTask
    reveal = all(row.synthetic for row in piece.ranked)
    rows = rows_to_root(piece.connection, piece.work.subject_id)
    emojis = Emojis(piece.connection, [row.id for row in (*piece.ranked, *rows)], piece.person_id)
    replies = _in_order(piece, emojis, is_assistant=not is_prompters)
    if not reveal:
        replies = [reply.model_copy(update={"synthetic": None}) for reply in replies]
    return task_class(
        id=piece.task_id,
        conversation=conversation_of(piece.connection, rows, piece.person_id, emojis),
        replies=[reply.text for reply in replies],
        reply_messages=replies,
        message_tree_id=UUID(piece.work.tree_id),
        ranking_parent_id=UUID(piece.work.subject_id),
        reveal_synthetic=reveal,
    )


def _prompt_ranking_task(piece: _Piece) -> Task:
    emojis = Emojis(piece.connection, [row.id for row in piece.ranked], piece.person_id)
    prompts = _in_order(piece, emojis, is_assistant=False)
    return RankInitialPromptsTask(
        id=piece.task_id, prompts=[prompt.text for prompt in prompts], prompt_messages=prompts
    )


def _in_order(piece: _Piece, emojis: Emojis, *, is_assistant: bool) -> list[ConversationMessage]:
    """Give what is put in order, in the order in which it is served."""
    there = {row.id: conversation_message(row, emojis, piece.person_id) for row in piece.ranked}
    return [
        there.get(one) or ConversationMessage(id=UUID(one), text="", is_assistant=is_assistant)
        for one in piece.payload["reply_ids"]
    ]


def _summary_task(piece: _Piece) -> Task:
    story = _STORY.scalar(piece.connection, {"story_id": piece.work.subject_id})
    return SummarizeStoryTask(id=piece.task_id, story=story)


def _rating_task(piece: _Piece) -> Task:
    row = _SUMMARY.one(piece.connection, {"summary_id": piece.work.subject_id})
    return RateSummaryTask(id=piece.task_id, full_text=row.story, summary=row.text, scale=RATING_SCALE)


def _label_task(piece: _Piece) -> Task:
    mode = LabelTaskMode(piece.payload["mode"])
    rows = rows_to_root(piece.connection, piece.work.subject_id)
    conversation = conversation_of(piece.connection, rows, piece.person_id)
    text = conversation.messages[-1].text
    shared: dict[str, Any] = {
        "id": piece.task_id,
        "message_id": UUID(piece.work.subject_id),
        "conversation": conversation,
        "valid_labels": piece.payload["valid"],
        "mandatory_labels": piece.payload["mandatory"],
        "mode": mode,
        "disposition": label_rules.disposition(mode),
        "labels": label_rules.describe(piece.payload["valid"]),
    }
    kind = _labelled_kind(piece.work)
    if kind is label_rules.MessageKind.initial_prompt:
        return LabelInitialPromptTask(**shared, prompt=text)
    if kind is label_rules.MessageKind.assistant_reply:
        return LabelAssistantReplyTask(**shared, reply=text)
    return LabelPrompterReplyTask(**shared, reply=text)


_WORDS: Mapping[Reserves, Callable[[_Piece], Task]] = {
    Reserves.reply: _reply_task,
    Reserves.review: _label_task,
    Reserves.ranking: _ranking_task,
    Reserves.prompt_ranking: _prompt_ranking_task,
    Reserves.summary: _summary_task,
    Reserves.rating: _rating_task,
}


def _labelled_kind(work: AnyRow) -> label_rules.MessageKind:
    return label_rules.MessageKind(work.type.removeprefix("label_"))


def _drawn_labels(context: Context, work: AnyRow, *, by_type: bool) -> dict[str, Any]:
    kind = _labelled_kind(work)
    mode = _draw_mode(context, kind, by_type=by_type)
    valid, mandatory = labels_for(context, kind, mode)
    return {"mode": mode.value, "valid": valid, "mandatory": mandatory}


def _draw_mode(context: Context, kind: label_rules.MessageKind, *, by_type: bool) -> LabelTaskMode:
    """Choose how thoroughly to label: a reply asked for by its type always fully, else by chance."""
    rules = context.trees
    if kind is label_rules.MessageKind.initial_prompt:
        return label_rules.draw_mode(rules.p_full_labeling_review_prompt, context.rng)
    if by_type:
        return LabelTaskMode.full
    if kind is label_rules.MessageKind.assistant_reply:
        return label_rules.draw_mode(rules.p_full_labeling_review_reply_assistant, context.rng)
    return label_rules.draw_mode(rules.p_full_labeling_review_reply_prompter, context.rng)
