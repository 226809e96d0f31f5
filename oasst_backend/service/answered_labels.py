"""Takes the labels of reviews."""

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.conversations import MessageRow, message_row
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.own_texts import check_wording
from oasst_backend.service.places import Answering
from oasst_backend.service.scores import ScoreDelta, credit
from oasst_backend.service.work import Reserves
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import labellings, messages
from oasst_client import OasstErrorCode, TextLabels

_EARLIER_REVIEW = Prepared(
    sa.select(labellings.c.id)
    .where(
        labellings.c.message_id == sa.bindparam("message_id"),
        labellings.c.person_id == sa.bindparam("person_id"),
        labellings.c.task_id.is_not(None),
    )
    .limit(1)
)
_COUNT_REVIEW = Prepared(
    messages.update()
    .where(messages.c.id == sa.bindparam("at"))
    .values(review_count=messages.c.review_count + 1)
)
_INSERT = Prepared.insert(labellings)


def take_labels(answering: Answering, answer: TextLabels) -> None:
    """Add a review; one that comes when there are enough is kept, but does not decide.

    Raises:
        Refusal: the task asks for something else (2102), for another message (2050), for other labels (2051)
            or for more of them (2052); the message is this person's own or labelled already (2053); its
            author has changed it since (2008); or the text beside the labels is too long (1008).
    """
    _check(answering, answer)
    connection, context, task = answering.connection, answering.context, answering.task
    message = message_row(connection, task.subject_id)
    key = {"message_id": message.id, "person_id": answering.person.id}
    if message.person_id == answering.person.id or _EARLIER_REVIEW.first(connection, key):
        raise Refusal(
            OasstErrorCode.text_labels_no_self_labeling,
            "The message is this person's own, or was labelled by them before.",
        )
    check_wording(connection, message, task.created_date)
    check_text_beside(context, message, answer)
    in_time = answering.has_room
    _INSERT.run(
        connection,
        {
            **key,
            "id": new_id(),
            "task_id": task.id,
            "mode": task.payload["mode"],
            "labels": answer.labels,
            "text": answer.text,
            "is_report": bool(answer.is_report),
            "counted": in_time,
            "created_date": context.now,
        },
    )
    credit(
        connection, context, [ScoreDelta(answering.person.id, f"labels_{task.payload['mode']}", context.now)]
    )
    if not in_time or answering.work is None:
        answering.give_back()
        return
    _COUNT_REVIEW.run(connection, {"at": message.id})
    if answering.work.wanted > 1:
        answering.settle(answering.work.wanted - 1)
    else:
        refresh_tree(connection, context, message.tree_id, released=answering.released)


def check_text_beside(context: Context, message: MessageRow, given: TextLabels) -> None:
    """See that the text that comes with labels is no longer than anybody's words or the message itself.

    Args:
        context: settings, moment and chance.
        message: the labelled message; frontends quote it, and an imported one may have any length.
        given: the labels.

    Raises:
        Refusal: it is longer (1008).
    """
    limit = max(context.settings.message_size_limit, len(message.text))
    if len(given.text) > limit:
        raise Refusal(
            OasstErrorCode.task_message_too_long,
            f"The text beside the labels has more than {limit} characters; shorten it.",
        )


def _check(answering: Answering, answer: TextLabels) -> None:
    task = answering.task
    if task.kind != Reserves.review.value:
        raise Refusal(OasstErrorCode.task_payload_type_mismatch, "The task does not ask for labels.")
    if str(answer.message_id) != task.subject_id:
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
