"""Takes what people hand in for a task: texts, rankings and labels."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.rules.selection import WorkKind
from oasst_backend.rules.trees import TreeState, accepts_replies
from oasst_backend.service.context import ApiClient, Context, new_id
from oasst_backend.service.conversations import MessageRow, message_row
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.open_tasks import (
    TaskRow,
    acked_task,
    check_answerable,
    finish_task,
    task_by_frontend_id,
    task_done,
)
from oasst_backend.service.people import Person, acting_person, record_activity
from oasst_backend.service.planting import NewMessage, add_message, add_tree, text_hash
from oasst_backend.service.tasks import DEFAULT_LANG
from oasst_backend.storage.columns import as_dict
from oasst_backend.storage.tables import labellings, messages, ranking_places, rankings, trees
from oasst_client import (
    Interaction,
    MessageRanking,
    MessageRating,
    OasstErrorCode,
    TaskDone,
    TextLabels,
    TextReplyToMessage,
)

PLACES_WITH_POINTS = 3
"""The first places of a ballot that earn their authors something."""

_PARENT = (
    sa.select(
        messages.c.id,
        messages.c.tree_id,
        messages.c.role,
        messages.c.depth,
        messages.c.deleted,
        messages.c.reply_slots,
        trees.c.state,
        trees.c.reply_places,
        sa.exists(sa.literal(1))
        .where(
            (other := messages.alias("other")).c.parent_id == messages.c.id,
            other.c.person_id == sa.bindparam("person_id"),
            ~other.c.deleted,
        )
        .correlate(messages)
        .label("replied"),
    )
    .select_from(messages.join(trees, trees.c.id == messages.c.tree_id))
    .where(messages.c.id == sa.bindparam("message_id"))
)
_EARLIER_RANKINGS = sa.select(rankings.c.task_id).where(
    rankings.c.parent_id == sa.bindparam("parent_id"), rankings.c.person_id == sa.bindparam("person_id")
)
_EARLIER_REVIEW = (
    sa.select(labellings.c.id)
    .where(
        labellings.c.message_id == sa.bindparam("message_id"),
        labellings.c.person_id == sa.bindparam("person_id"),
        labellings.c.task_id.is_not(None),
    )
    .limit(1)
)
_SAME_TEXT = (
    sa.select(messages.c.id)
    .where(
        messages.c.person_id == sa.bindparam("person_id"),
        messages.c.text_hash == sa.bindparam("text_hash"),
        messages.c.created_date > sa.bindparam("since", type_=messages.c.created_date.type),
    )
    .limit(1)
)
_SAME_FRONTEND_ID = (
    sa.select(messages.c.id)
    .where(
        messages.c.api_client_id == sa.bindparam("client_id"),
        messages.c.frontend_message_id == sa.bindparam("frontend_id"),
    )
    .limit(1)
)


def take_answer(
    connection: sa.Connection, context: Context, client: ApiClient, interaction: Interaction
) -> TaskDone:
    """Take an answer; a refused one leaves everything as it was, and the task open.

    Raises:
        Refusal: for the reasons that the three functions below name, and those of `check_answerable`.
    """
    person = acting_person(connection, context, interaction.user)
    if isinstance(interaction, TextLabels):
        task = acked_task(connection, client, interaction.task_id)
    else:
        task = task_by_frontend_id(connection, client, interaction.message_id)
    check_answerable(context, task, person)
    match interaction:
        case TextReplyToMessage():
            _take_text(connection, context, client, task, person, interaction)
        case MessageRanking():
            _take_ranking(connection, context, task, person, interaction)
        case TextLabels():
            _take_labels(connection, context, task, person, interaction)
        case MessageRating():
            raise Refusal(OasstErrorCode.task_payload_type_mismatch, "The task does not ask for a rating.")
    if not task.collective:
        finish_task(connection, context, task)
    record_activity(connection, person, context.now, finished=True)
    return task_done()


def _take_text(
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    task: TaskRow,
    person: Person,
    answer: TextReplyToMessage,
) -> None:
    """Add a prompt or a reply.

    Raises:
        Refusal: the task asks for something else (2107); too long (1008); repeated (1009); the frontend's
            id is taken (1004); a second reply of this person (1011); or the tree takes nothing more (2010).
    """
    if task.kind not in {WorkKind.prompt.value, WorkKind.reply.value}:
        raise Refusal(OasstErrorCode.task_unexpected_payload_type, "The task does not ask for a text.")
    _check_text(connection, context, client, person, answer)
    message_id = new_id()
    written: dict[str, Any] = {
        "id": message_id,
        "lang": answer.lang or DEFAULT_LANG,
        "text": answer.text,
        "source": "person",
        "created_date": context.now,
        "person_id": person.id,
        "api_client_id": client.id,
        "frontend_message_id": answer.user_message_id,
    }
    if task.message_id is None:
        add_tree(
            connection, context, tree_id=message_id, lang=answer.lang or DEFAULT_LANG, author_id=person.id
        )
        prompt = NewMessage(**written, tree_id=message_id, parent_id=None, depth=0, role="prompter")
        add_message(connection, context, prompt)
        refresh_tree(connection, context, message_id)
        return
    parent = connection.execute(_PARENT, {"message_id": task.message_id, "person_id": person.id}).one()
    if parent.replied:
        raise Refusal(
            OasstErrorCode.task_message_duplicate_reply, "This person has replied to this message already."
        )
    if not accepts_replies(TreeState(parent.state)):
        raise Refusal(OasstErrorCode.tree_in_aborted_state, "The tree takes no more messages.")
    reply = NewMessage(
        **written,
        tree_id=parent.tree_id,
        parent_id=parent.id,
        depth=parent.depth + 1,
        role="prompter" if parent.role == "assistant" else "assistant",
        deleted=parent.deleted,
        late=parent.reply_slots <= 0 or parent.reply_places <= 0,
    )
    add_message(connection, context, reply)
    if not reply.late:
        refresh_tree(connection, context, parent.tree_id)


def _check_text(
    connection: sa.Connection,
    context: Context,
    client: ApiClient,
    person: Person,
    answer: TextReplyToMessage,
) -> None:
    limit = context.settings.message_size_limit
    if len(answer.text) > limit:
        raise Refusal(
            OasstErrorCode.task_message_too_long, f"The text has more than {limit} characters; shorten it."
        )
    if connection.execute(
        _SAME_FRONTEND_ID, {"client_id": client.id, "frontend_id": answer.user_message_id}
    ).first():
        raise Refusal(
            OasstErrorCode.task_interaction_request_failed,
            "user_message_id stands for another message already.",
        )
    since = context.now - timedelta(minutes=context.settings.duplicate_window_minutes)
    key = {"person_id": person.id, "text_hash": text_hash(answer.text), "since": since}
    if connection.execute(_SAME_TEXT, key).first():
        raise Refusal(
            OasstErrorCode.task_message_duplicated, "This person has handed in the same text not long ago."
        )


def _take_ranking(
    connection: sa.Connection, context: Context, task: TaskRow, person: Person, answer: MessageRanking
) -> None:
    """Add a ballot; one has no say that comes when there are enough, a person's second, or an author's own.

    Raises:
        Refusal: the task asks for something else (2102), the ranking does not fit the replies (2003), or this
            person has answered the task, which is open to many, already (2105).
    """
    if task.kind != WorkKind.ranking.value:
        raise Refusal(OasstErrorCode.task_payload_type_mismatch, "The task does not ask for a ranking.")
    served: list[str] = task.payload["reply_ids"]
    if len(answer.ranking) != len(served):
        raise Refusal(
            OasstErrorCode.invalid_ranking_value,
            f"The ranking must name each of the {len(served)} replies once.",
        )
    ranked = [served[index] for index in answer.ranking]
    parent = message_row(connection, task.message_id)
    key = {"parent_id": parent.id, "person_id": person.id}
    earlier = connection.execute(_EARLIER_RANKINGS, key).scalars().all()
    if task.id in earlier:
        raise Refusal(OasstErrorCode.task_already_done, "This person has answered the task already.")
    # Only a task for many can reach an author: of the others none is handed out to them.
    own = task.collective and _wrote_one_of(connection, person, ranked)
    counted = parent.ranking_slots > 0 and not earlier and not own
    ranking_id = new_id()
    connection.execute(
        rankings.insert(),
        {
            **key,
            "id": ranking_id,
            "tree_id": parent.tree_id,
            "task_id": task.id,
            "ranked_ids": ranked,
            "not_rankable": bool(answer.not_rankable),
            "counted": counted,
            "created_date": context.now,
        },
    )
    if not counted:
        return
    if not answer.not_rankable:
        _add_places(connection, context, ranking_id, ranked)
    connection.execute(
        messages.update().where(messages.c.id.in_(ranked)).values(ranking_count=messages.c.ranking_count + 1)
    )
    refresh_tree(connection, context, parent.tree_id)


def _wrote_one_of(connection: sa.Connection, person: Person, message_ids: list[str]) -> bool:
    own = sa.select(messages.c.id).where(messages.c.id.in_(message_ids), messages.c.person_id == person.id)
    return connection.execute(own.limit(1)).first() is not None


def _add_places(connection: sa.Connection, context: Context, ranking_id: str, ranked: list[str]) -> None:
    """Credit the authors of the best replies on a ballot."""
    best = ranked[:PLACES_WITH_POINTS]
    authors = as_dict(
        connection.execute(
            sa.select(messages.c.id, messages.c.person_id).where(
                messages.c.id.in_(best), messages.c.person_id.is_not(None)
            )
        )
    )
    rows = [
        {
            "ranking_id": ranking_id,
            "message_id": reply,
            "place": place,
            "author_id": authors[reply],
            "created_date": context.now,
        }
        for place, reply in enumerate(best, start=1)
        if reply in authors
    ]
    if rows:
        connection.execute(ranking_places.insert(), rows)


def _take_labels(
    connection: sa.Connection, context: Context, task: TaskRow, person: Person, answer: TextLabels
) -> None:
    """Add a review; one that comes when there are enough is kept, but does not decide.

    Raises:
        Refusal: the task asks for something else (2102), for another message (2050), for other labels (2051)
            or for more of them (2052); or the message is this person's own or labelled already (2053).
    """
    if task.kind != "review":
        raise Refusal(OasstErrorCode.task_payload_type_mismatch, "The task does not ask for labels.")
    if str(answer.message_id) != task.message_id:
        raise Refusal(OasstErrorCode.text_labels_wrong_message_id, "The task is about another message.")
    if unknown := answer.labels.keys() - set(task.payload["valid"]):
        raise Refusal(
            OasstErrorCode.text_labels_invalid_label,
            f"The task does not ask for: {', '.join(sorted(unknown))}.",
        )
    if missing := [name for name in task.payload["mandatory"] if name not in answer.labels]:
        raise Refusal(
            OasstErrorCode.text_labels_mandatory_label_missing,
            f"These labels are missing: {', '.join(missing)}.",
        )
    message = message_row(connection, task.message_id)
    key = {"message_id": message.id, "person_id": person.id}
    if message.person_id == person.id or connection.execute(_EARLIER_REVIEW, key).first():
        raise Refusal(
            OasstErrorCode.text_labels_no_self_labeling,
            "The message is this person's own, or was labelled by them before.",
        )
    _add_review(connection, context, task, message, person, answer)


def _add_review(
    connection: sa.Connection,
    context: Context,
    task: TaskRow,
    message: MessageRow,
    person: Person,
    answer: TextLabels,
) -> None:
    counted = message.review_slots > 0
    connection.execute(
        labellings.insert(),
        {
            "id": new_id(),
            "message_id": message.id,
            "person_id": person.id,
            "task_id": task.id,
            "mode": task.payload["mode"],
            "labels": answer.labels,
            "text": answer.text,
            "is_report": bool(answer.is_report),
            "counted": counted,
            "created_date": context.now,
        },
    )
    if counted:
        connection.execute(
            messages.update()
            .where(messages.c.id == message.id)
            .values(review_count=messages.c.review_count + 1)
        )
        refresh_tree(connection, context, message.tree_id)
