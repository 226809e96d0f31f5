"""Puts a piece of open work into the words of a task."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules import labels as label_rules
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.conversations import Emojis, conversation_message, conversation_of, rows_to_root
from oasst_backend.service.work import Reserves
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, stories, summaries, trees
from oasst_client import (
    AssistantReplyTask,
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
        messages.c.parent_id == sa.bindparam("parent_id"),
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
        trees.c.prompt_group_id == sa.bindparam("group_id"),
        trees.c.state == "prompt_lottery_waiting",
        ~messages.c.deleted,
    )
    .order_by(messages.c.id)
)
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
    if work.kind == Reserves.review.value:
        return _label_draft(connection, context, work, person_id, by_type=by_type)
    return _DRAFTS[Reserves(work.kind)](connection, context, work, person_id)


def labels_for(
    context: Context, kind: label_rules.MessageKind, mode: LabelTaskMode
) -> tuple[list[str], list[str]]:
    """Name the labels that are asked for of a kind of message, and those of them that must be given."""
    full: Sequence[str] = getattr(context.trees, f"labels_{kind.value}")
    mandatory: Sequence[str] = getattr(context.trees, f"mandatory_labels_{kind.value}")
    return label_rules.asked_labels(kind, mode, full=full, mandatory=mandatory), list(mandatory)


def _reply_draft(connection: sa.Connection, _context: Context, work: AnyRow, person_id: str) -> Draft:
    task_type = TaskRequestType(work.type)
    task_class = PrompterReplyTask if task_type is TaskRequestType.prompter_reply else AssistantReplyTask
    conversation = conversation_of(connection, rows_to_root(connection, work.subject_id), person_id)
    return Draft(task_type, task_class(id=UUID(new_id()), conversation=conversation))


def _ranking_draft(connection: sa.Connection, context: Context, work: AnyRow, person_id: str) -> Draft:
    children = list(_RANKED_CHILDREN.all(connection, {"parent_id": work.subject_id}))
    context.rng.shuffle(children)
    reveal = all(child.synthetic for child in children)
    rows = rows_to_root(connection, work.subject_id)
    emojis = Emojis(connection, [row.id for row in (*children, *rows)], person_id)
    replies = [conversation_message(child, emojis, person_id) for child in children]
    if not reveal:
        replies = [reply.model_copy(update={"synthetic": None}) for reply in replies]
    task_type = TaskRequestType(work.type)
    task_class = (
        RankPrompterRepliesTask
        if task_type is TaskRequestType.rank_prompter_replies
        else RankAssistantRepliesTask
    )
    task = task_class(
        id=UUID(new_id()),
        conversation=conversation_of(connection, rows, person_id, emojis),
        replies=[reply.text for reply in replies],
        reply_messages=replies,
        message_tree_id=UUID(work.tree_id),
        ranking_parent_id=UUID(work.subject_id),
        reveal_synthetic=reveal,
    )
    return Draft(task_type, task, {"reply_ids": [child.id for child in children]})


def _prompt_ranking_draft(connection: sa.Connection, context: Context, work: AnyRow, person_id: str) -> Draft:
    rows = list(_PROMPTS_OF_GROUP.all(connection, {"group_id": work.subject_id}))
    context.rng.shuffle(rows)
    emojis = Emojis(connection, [row.id for row in rows], person_id)
    prompts = [conversation_message(row, emojis, person_id) for row in rows]
    task = RankInitialPromptsTask(
        id=UUID(new_id()), prompts=[prompt.text for prompt in prompts], prompt_messages=prompts
    )
    return Draft(TaskRequestType.rank_initial_prompts, task, {"reply_ids": [row.id for row in rows]})


def _summary_draft(connection: sa.Connection, _context: Context, work: AnyRow, _person_id: str) -> Draft:
    story = _STORY.scalar(connection, {"story_id": work.subject_id})
    return Draft(TaskRequestType.summarize_story, SummarizeStoryTask(id=UUID(new_id()), story=story))


def _rating_draft(connection: sa.Connection, _context: Context, work: AnyRow, _person_id: str) -> Draft:
    row = _SUMMARY.one(connection, {"summary_id": work.subject_id})
    task = RateSummaryTask(id=UUID(new_id()), full_text=row.story, summary=row.text, scale=RATING_SCALE)
    return Draft(TaskRequestType.rate_summary, task)


_DRAFTS: Mapping[Reserves, Callable[[sa.Connection, Context, AnyRow, str], Draft]] = {
    Reserves.reply: _reply_draft,
    Reserves.ranking: _ranking_draft,
    Reserves.prompt_ranking: _prompt_ranking_draft,
    Reserves.summary: _summary_draft,
    Reserves.rating: _rating_draft,
}


def _label_draft(
    connection: sa.Connection, context: Context, work: AnyRow, person_id: str, *, by_type: bool
) -> Draft:
    task_type = TaskRequestType(work.type)
    kind = label_rules.MessageKind(task_type.value.removeprefix("label_"))
    mode = _draw_mode(context, kind, by_type=by_type)
    valid, mandatory = labels_for(context, kind, mode)
    conversation = conversation_of(connection, rows_to_root(connection, work.subject_id), person_id)
    text = conversation.messages[-1].text
    shared: dict[str, Any] = {
        "id": UUID(new_id()),
        "message_id": UUID(work.subject_id),
        "conversation": conversation,
        "valid_labels": valid,
        "mandatory_labels": mandatory,
        "mode": mode,
        "disposition": label_rules.disposition(mode),
        "labels": label_rules.describe(valid),
    }
    task: Task
    if kind is label_rules.MessageKind.initial_prompt:
        task = LabelInitialPromptTask(**shared, prompt=text)
    elif kind is label_rules.MessageKind.assistant_reply:
        task = LabelAssistantReplyTask(**shared, reply=text)
    else:
        task = LabelPrompterReplyTask(**shared, reply=text)
    return Draft(task_type, task, {"mode": mode.value, "valid": valid, "mandatory": mandatory})


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
