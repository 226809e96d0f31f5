"""Takes what people hand in for a task, and tells the tree, the boards and the open work of it."""

import sqlalchemy as sa

from oasst_backend.service.answered_labels import take_labels
from oasst_backend.service.answered_rankings import take_ranking
from oasst_backend.service.answered_ratings import take_rating
from oasst_backend.service.answered_texts import take_text
from oasst_backend.service.context import ApiClient, Context
from oasst_backend.service.open_tasks import (
    acked_task,
    check_answerable,
    finish_task,
    task_by_frontend_id,
    task_done,
)
from oasst_backend.service.people import acting_person, record_activity
from oasst_backend.service.places import Answering
from oasst_client import (
    Interaction,
    MessageRanking,
    MessageRating,
    TaskDone,
    TextLabels,
    TextReplyToMessage,
)


def take_answer(
    connection: sa.Connection, context: Context, client: ApiClient, interaction: Interaction
) -> TaskDone:
    """Take an answer; a refused one leaves everything as it was, and the task open.

    Raises:
        Refusal: for the reasons that `take_text`, `take_ranking`, `take_labels`, `take_rating` and
            `check_answerable` name.
    """
    person = acting_person(connection, context, interaction.user)
    if isinstance(interaction, TextLabels):
        task = acked_task(connection, client, interaction.task_id)
    else:
        task = task_by_frontend_id(connection, client, interaction.message_id)
    check_answerable(context, task, person)
    answering = Answering(connection, context, client, task, person)
    match interaction:
        case TextReplyToMessage():
            take_text(answering, interaction)
        case MessageRanking():
            take_ranking(answering, interaction)
        case TextLabels():
            take_labels(answering, interaction)
        case MessageRating():
            take_rating(answering, interaction)
    if not task.collective:
        finish_task(connection, context, task)
    record_activity(connection, person, context.now, finished=True)
    return task_done()
