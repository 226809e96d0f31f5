"""Takes the ratings of summaries."""

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import new_id
from oasst_backend.service.drafts import RATING_SCALE
from oasst_backend.service.places import Answering
from oasst_backend.service.stories import refresh_summary
from oasst_backend.service.work import Reserves
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import ratings, summaries
from oasst_client import MessageRating, OasstErrorCode

_EARLIER = Prepared(
    sa.select(ratings.c.task_id).where(
        ratings.c.summary_id == sa.bindparam("summary_id"), ratings.c.person_id == sa.bindparam("person_id")
    )
)
_AUTHOR = Prepared(sa.select(summaries.c.person_id).where(summaries.c.id == sa.bindparam("summary_id")))
_INSERT = Prepared.insert(ratings)


def take_rating(answering: Answering, answer: MessageRating) -> None:
    """Add a rating; one has no say that comes when there are enough, a person's second, or an author's own.

    Raises:
        Refusal: the task asks for something else (2102), the rating is not on its scale (2002), or this
            person has answered the task, which is open to many, already (2105).
    """
    connection, context, task = answering.connection, answering.context, answering.task
    if task.kind != Reserves.rating.value:
        raise Refusal(OasstErrorCode.task_payload_type_mismatch, "The task does not ask for a rating.")
    if not RATING_SCALE.min <= answer.rating <= RATING_SCALE.max:
        raise Refusal(
            OasstErrorCode.rating_out_of_range,
            f"The rating must be from {RATING_SCALE.min} to {RATING_SCALE.max}.",
        )
    key = {"summary_id": task.subject_id, "person_id": answering.person.id}
    earlier = _EARLIER.all(connection, key)
    if any(rating.task_id == task.id for rating in earlier):
        raise Refusal(OasstErrorCode.task_already_done, "This person has answered the task already.")
    author = _AUTHOR.scalar(connection, {"summary_id": task.subject_id})
    in_time = answering.has_room and not earlier and author != answering.person.id
    _INSERT.run(
        connection,
        {
            **key,
            "id": new_id(),
            "task_id": task.id,
            "rating": answer.rating,
            "counted": in_time,
            "created_date": context.now,
        },
    )
    if in_time:
        refresh_summary(connection, context, task.subject_id, answering.released)
    else:
        answering.give_back()
