"""Labels that people give a message outside a task, and reports."""

from uuid import UUID

import sqlalchemy as sa

from oasst_backend.rules import labels as label_rules
from oasst_backend.service.answered_labels import check_text_beside
from oasst_backend.service.context import Context, new_id
from oasst_backend.service.conversations import message_row
from oasst_backend.service.drafts import labels_for
from oasst_backend.service.moderation import raise_flag
from oasst_backend.service.people import acting_person, record_activity
from oasst_backend.storage.tables import labellings
from oasst_client import LabelTaskMode, TextLabels, ValidLabels


def label_freely(connection: sa.Connection, context: Context, given: TextLabels) -> None:
    """Keep a person's labels of a message instead of their earlier ones; a report also raises a red flag.

    Raises:
        Refusal: nobody is named (4000), they are disabled (4001), there is no such message (2001), or the
            text beside the labels is too long (1008).
    """
    person = acting_person(connection, context, given.user)
    message = message_row(connection, given.message_id)
    check_text_beside(context, message, given)
    is_report = bool(given.is_report)
    key = {"message_id": message.id, "person_id": person.id, "is_report": is_report}
    connection.execute(
        labellings.delete().where(
            labellings.c.task_id.is_(None), *(labellings.c[name] == value for name, value in key.items())
        )
    )
    connection.execute(
        labellings.insert(),
        {
            **key,
            "id": new_id(),
            "labels": given.labels,
            "text": given.text,
            "counted": False,
            "created_date": context.now,
        },
    )
    if is_report:
        raise_flag(connection, context, message, person.id)
    record_activity(connection, person, context.now, finished=False)


def valid_labels(connection: sa.Connection, context: Context, message_id: UUID | None) -> ValidLabels:
    """Describe the labels that a message may be given; without a message, those that fit any.

    Raises:
        Refusal: there is no such message (2001).
    """
    if message_id is None:
        return ValidLabels(valid_labels=label_rules.describe(label_rules.VALID_LABELS))
    row = message_row(connection, message_id)
    kind = label_rules.MessageKind.of(is_root=row.parent_id is None, is_assistant=row.role == "assistant")
    names, _ = labels_for(context, kind, LabelTaskMode.full)
    return ValidLabels(valid_labels=label_rules.describe(names))
