"""Hands out tasks: draws the work, reserves it with the task's own row, and puts the task into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.rules import labels as label_rules
from oasst_backend.rules import lottery as lottery_rules
from oasst_backend.rules.selection import TYPES, WorkKind, choose_parent, draw_kind, is_lonely
from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.service.conversations import (
    Emojis,
    conversation_message,
    conversation_of,
    rows_to_root,
)
from oasst_backend.service.growth import fill_rankings
from oasst_backend.service.lottery import draw_waiting_prompts
from oasst_backend.service.people import Person, acting_person, record_activity
from oasst_backend.service.selection import count_wanted_prompts, count_work, find_work
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.tables import messages, tasks
from oasst_client import (
    AssistantReplyTask,
    Conversation,
    InitialPromptTask,
    LabelAssistantReplyTask,
    LabelInitialPromptTask,
    LabelPrompterReplyTask,
    LabelTaskMode,
    OasstErrorCode,
    PrompterReplyTask,
    RankAssistantRepliesTask,
    RankPrompterRepliesTask,
    Task,
    TaskRequest,
    TaskRequestType,
    User,
)

DEFAULT_LANG = "en"

KIND_OF_TYPE: Mapping[TaskRequestType, WorkKind] = {
    task_type: kind for kind, types in TYPES.items() for task_type in types
}

HANDED_OUT = frozenset(KIND_OF_TYPE) - {TaskRequestType.rank_initial_prompts}
"""The types that this backend has work of; any other is never available (1006)."""

_RESERVES = {
    WorkKind.ranking: "ranking",
    WorkKind.label_reply: "review",
    WorkKind.label_prompt: "review",
    WorkKind.reply: "reply",
    WorkKind.prompt: "prompt",
}
"""What a task of a kind reserves, as `tasks.kind` says it."""

_PENDING = (
    sa.select(sa.func.count())
    .select_from(tasks)
    .where(
        tasks.c.person_id == sa.bindparam("person_id"),
        tasks.c.is_open,
        tasks.c.created_date > sa.bindparam("since"),
    )
)
_RANKED_CHILDREN = (
    sa.select(messages)
    .where(messages.c.parent_id == sa.bindparam("parent_id"), ~messages.c.deleted, messages.c.review_result)
    .order_by(messages.c.id)
)


@dataclass(frozen=True)
class _Draft:
    """A task before it has its row."""

    type: TaskRequestType
    task: Task
    message_id: str | None = None
    tree_id: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)


def fetch_task(
    connection: sa.Connection, context: Context, client: ApiClient, request: TaskRequest
) -> Task | None:
    """Hand out a task; None if there is no such work for this person now.

    Raises:
        Refusal: no person (4000), a disabled one (4001), or one with too many unfinished tasks (1012).
    """
    person = acting_person(connection, context, request.user)
    pending = connection.execute(
        _PENDING, {"person_id": person.id, "since": context.reserved_since}
    ).scalar_one()
    if pending >= context.trees.max_pending_tasks_per_user:
        raise Refusal(
            OasstErrorCode.task_too_many_pending,
            "This person has too many unfinished tasks; finish or skip one.",
        )
    lang = request.lang or DEFAULT_LANG
    states = draw_waiting_prompts(connection, context, lang, at_most=lottery_rules.DRAWS_PER_REQUEST)
    fill_rankings(connection, context, lang)
    draft = _draw_work(connection, context, person, lang, request.type, states)
    record_activity(connection, person, context.now, finished=False)
    if draft is None:
        return None
    connection.execute(
        tasks.insert(),
        {
            "id": str(draft.task.id),
            "type": draft.type.value,
            "kind": _RESERVES[KIND_OF_TYPE[draft.type]],
            "lang": lang,
            "api_client_id": client.id,
            "person_id": person.id,
            "message_id": draft.message_id,
            "tree_id": draft.tree_id,
            "payload": draft.payload,
            "collective": request.collective,
            "created_date": context.now,
            "expiry_date": context.now + timedelta(hours=context.settings.task_validity_hours),
            "is_open": True,
            "done": False,
        },
    )
    return draft.task


def count_available(
    connection: sa.Connection, context: Context, user: User | None, lang: str | None
) -> dict[TaskRequestType, int]:
    """Count the work that a person could get now, by type.

    Raises:
        Refusal: no person (4000), or a disabled one (4001).
    """
    person = acting_person(connection, context, user)
    lang = lang or DEFAULT_LANG
    draw_waiting_prompts(connection, context, lang, at_most=lottery_rules.DRAWS_PER_AVAILABILITY_QUERY)
    return count_work(connection, context, person_id=person.id, lang=lang)


def _draw_work(
    connection: sa.Connection,
    context: Context,
    person: Person,
    lang: str,
    wanted: TaskRequestType,
    states: Mapping[str, int],
) -> _Draft | None:
    if wanted is not TaskRequestType.random:
        kind = KIND_OF_TYPE.get(wanted)
        if kind is None or wanted not in HANDED_OUT:
            return None
        return _draw_of_kind(connection, context, person, lang, kind, states, wanted)
    # Kinds are drawn by weight and tried until one has work: the same chances as counting all of it first.
    untried = {task_type: 1 for types in TYPES.values() for task_type in types}
    while (task_type := draw_kind(untried, context.rng)) is not None:
        kind = KIND_OF_TYPE[task_type]
        if draft := _draw_of_kind(connection, context, person, lang, kind, states, None):
            return draft
        for tried in TYPES[kind]:
            del untried[tried]
    return None


def _draw_of_kind(
    connection: sa.Connection,
    context: Context,
    person: Person,
    lang: str,
    kind: WorkKind,
    states: Mapping[str, int],
    wanted: TaskRequestType | None,
) -> _Draft | None:
    if kind is WorkKind.prompt:
        if count_wanted_prompts(connection, context, lang, states) <= 0:
            return None
        return _Draft(TaskRequestType.initial_prompt, InitialPromptTask(id=UUID(new_id())))
    found = find_work(connection, context, person_id=person.id, lang=lang, wanted=wanted or kind)
    if not found:
        return None
    if kind is WorkKind.reply:
        rules = context.trees
        parent = choose_parent(
            found,
            lambda row: is_lonely(
                is_assistant=row.role == "assistant",
                children=row.children_count,
                lonely_children_count=rules.lonely_children_count,
            ),
            rules.p_lonely_child_extension,
            context.rng,
        )
        return _reply_draft(connection, parent, person)
    row = context.rng.choice(found)
    if kind is WorkKind.ranking:
        return _ranking_draft(connection, context, row, person)
    return _label_draft(connection, context, row, person, by_type=wanted is not None)


def _reply_draft(connection: sa.Connection, parent: AnyRow, person: Person) -> _Draft:
    conversation = _conversation_to(connection, parent.id, person)
    task_id = UUID(new_id())
    if parent.role == "assistant":
        return _Draft(
            TaskRequestType.prompter_reply,
            PrompterReplyTask(id=task_id, conversation=conversation),
            parent.id,
            parent.tree_id,
        )
    return _Draft(
        TaskRequestType.assistant_reply,
        AssistantReplyTask(id=task_id, conversation=conversation),
        parent.id,
        parent.tree_id,
    )


def _ranking_draft(connection: sa.Connection, context: Context, parent: AnyRow, person: Person) -> _Draft:
    children = list(connection.execute(_RANKED_CHILDREN, {"parent_id": parent.id}).all())
    context.rng.shuffle(children)
    reveal = all(child.synthetic for child in children)
    emojis = Emojis(connection, [child.id for child in children], person.id)
    replies = [conversation_message(child, emojis, person.id) for child in children]
    if not reveal:
        replies = [reply.model_copy(update={"synthetic": None}) for reply in replies]
    task_class, task_type = (
        (RankPrompterRepliesTask, TaskRequestType.rank_prompter_replies)
        if parent.role == "assistant"
        else (RankAssistantRepliesTask, TaskRequestType.rank_assistant_replies)
    )
    task = task_class(
        id=UUID(new_id()),
        conversation=_conversation_to(connection, parent.id, person),
        replies=[reply.text for reply in replies],
        reply_messages=replies,
        message_tree_id=UUID(parent.tree_id),
        ranking_parent_id=UUID(parent.id),
        reveal_synthetic=reveal,
    )
    payload = {"reply_ids": [child.id for child in children]}
    return _Draft(task_type, task, parent.id, parent.tree_id, payload)


def _label_draft(
    connection: sa.Connection, context: Context, row: AnyRow, person: Person, *, by_type: bool
) -> _Draft:
    kind = label_rules.MessageKind.of(is_root=row.depth == 0, is_assistant=row.role == "assistant")
    mode = _draw_mode(context, kind, by_type=by_type)
    valid, mandatory = labels_for(context, kind, mode)
    conversation = _conversation_to(connection, row.id, person)
    text = conversation.messages[-1].text
    shared: dict[str, Any] = {
        "id": UUID(new_id()),
        "message_id": UUID(row.id),
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
    payload = {"mode": mode.value, "valid": valid, "mandatory": mandatory}
    return _Draft(TaskRequestType(f"label_{kind.value}"), task, row.id, row.tree_id, payload)


def labels_for(
    context: Context, kind: label_rules.MessageKind, mode: LabelTaskMode
) -> tuple[list[str], list[str]]:
    """Name the labels that are asked for of a kind of message, and those of them that must be given."""
    full: Sequence[str] = getattr(context.trees, f"labels_{kind.value}")
    mandatory: Sequence[str] = getattr(context.trees, f"mandatory_labels_{kind.value}")
    return label_rules.asked_labels(kind, mode, full=full, mandatory=mandatory), list(mandatory)


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


def _conversation_to(connection: sa.Connection, message_id: str, person: Person) -> Conversation:
    return conversation_of(connection, rows_to_root(connection, message_id), person.id)
