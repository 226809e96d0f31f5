"""Takes the ratings of summaries."""

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.service.context import new_id
from oasst_backend.service.drafts import RATING_SCALE
from oasst_backend.service.places import Answering
from oasst_backend.service.stories import refresh_summary
from oasst_backend.service.work import Reserves
from oasst_backend.storage.tables import ratings, summaries
from oasst_client import MessageRating, OasstErrorCode

_EARLIER = sa.select(ratings.c.task_id).where(
    ratings.c.summary_id == sa.bindparam("summary_id"), ratings.c.person_id == sa.bindparam("person_id")
)
_AUTHOR = sa.select(summaries.c.person_id).where(summaries.c.id == sa.bindparam("summary_id"))
_INSERT = ratings.insert()


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
    earlier = connection.execute(_EARLIER, key).scalars().all()
    if task.id in earlier:
        raise Refusal(OasstErrorCode.task_already_done, "This person has answered the task already.")
    author = connection.execute(_AUTHOR, {"summary_id": task.subject_id}).scalar()
    in_time = answering.has_room and not earlier and author != answering.person.id
    connection.execute(
        _INSERT,
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
