"""Takes ballots: orders of the replies to a message, or of a handful of prompts."""

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.rules.scoring import PLACES_WITH_POINTS
from oasst_backend.service.context import new_id
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.places import Answering
from oasst_backend.service.prompt_groups import take_group_ranking
from oasst_backend.service.scores import ScoreDelta, credit
from oasst_backend.service.work import Reserves
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, rankings, trees
from oasst_client import MessageRanking, OasstErrorCode

_EARLIER_OF_PARENT = Prepared(
    sa.select(rankings.c.task_id).where(
        rankings.c.parent_id == sa.bindparam("subject_id"), rankings.c.person_id == sa.bindparam("person_id")
    )
)
_EARLIER_OF_GROUP = Prepared(
    sa.select(rankings.c.task_id).where(
        rankings.c.prompt_group_id == sa.bindparam("subject_id"),
        rankings.c.prompt_group_id.is_not(None),
        rankings.c.person_id == sa.bindparam("person_id"),
    )
)
_AUTHORS_OF_REPLIES = Prepared(
    sa.select(messages.c.id, messages.c.person_id).where(messages.c.parent_id == sa.bindparam("subject_id"))
)
_AUTHORS_OF_GROUP = Prepared(
    sa.select(trees.c.id, trees.c.author_id.label("person_id")).where(
        trees.c.prompt_group_id == sa.bindparam("subject_id"), trees.c.prompt_group_id.is_not(None)
    )
)
_COUNT_RANKING = Prepared(
    messages.update()
    .where(messages.c.id == sa.bindparam("at"))
    .values(ranking_count=messages.c.ranking_count + 1)
)
_FEWEST_RANKINGS = Prepared(
    sa.select(sa.func.min(messages.c.ranking_count)).where(
        messages.c.parent_id == sa.bindparam("parent_id"),
        ~messages.c.deleted,
        ~messages.c.surplus,
        messages.c.review_result,
    )
)
_INSERT = Prepared.insert(rankings)


def take_ranking(answering: Answering, answer: MessageRanking) -> None:
    """Add a ballot; one has no say that comes when there are enough, a person's second, or an author's own.

    Raises:
        Refusal: the task asks for something else (2102), the ranking does not fit the replies (2003), or this
            person has answered the task, which is open to many, already (2105).
    """
    connection, context, task = answering.connection, answering.context, answering.task
    of_group = task.kind == Reserves.prompt_ranking.value
    if task.kind != Reserves.ranking.value and not of_group:
        raise Refusal(OasstErrorCode.task_payload_type_mismatch, "The task does not ask for a ranking.")
    ranked = _ranked_ids(task.payload["reply_ids"], answer)
    key = {"subject_id": task.subject_id, "person_id": answering.person.id}
    earlier = (_EARLIER_OF_GROUP if of_group else _EARLIER_OF_PARENT).all(connection, key)
    if any(ranking.task_id == task.id for ranking in earlier):
        raise Refusal(OasstErrorCode.task_already_done, "This person has answered the task already.")
    found = (_AUTHORS_OF_GROUP if of_group else _AUTHORS_OF_REPLIES).all(connection, key)
    there = {row.id: row.person_id for row in found}
    # What was removed for good since the task was handed out stands on no ballot.
    ranked = [one for one in ranked if one in there]
    authors = {one: there[one] for one in ranked if there[one] is not None}
    # Only a task for many can reach an author: of the others none is handed out to them.
    own = answering.person.id in authors.values()
    in_time = answering.has_room and not earlier and not own
    _INSERT.run(
        connection,
        {
            "id": new_id(),
            "parent_id": None if of_group else task.subject_id,
            "tree_id": task.tree_id,
            "prompt_group_id": task.subject_id if of_group else None,
            "person_id": answering.person.id,
            "task_id": task.id,
            "ranked_ids": ranked,
            "not_rankable": bool(answer.not_rankable),
            "counted": in_time,
            "created_date": context.now,
        },
    )
    deltas = [ScoreDelta(answering.person.id, "rankings_total", context.now)]
    if in_time and not of_group and not answer.not_rankable:
        deltas += _credit_of_places(answering, ranked, authors)
    credit(connection, context, deltas)
    if not in_time or answering.work is None:
        answering.give_back()
    elif of_group:
        take_group_ranking(connection, context, answering.work, answering.released)
    else:
        _count(answering, ranked)


def _ranked_ids(served: list[str], answer: MessageRanking) -> list[str]:
    if len(answer.ranking) != len(served):
        raise Refusal(
            OasstErrorCode.invalid_ranking_value,
            f"The ranking must name each of the {len(served)} replies once.",
        )
    return [served[index] for index in answer.ranking]


def _credit_of_places(answering: Answering, ranked: list[str], authors: dict[str, str]) -> list[ScoreDelta]:
    """Credit the authors of the best replies on a ballot."""
    return [
        ScoreDelta(authors[reply], f"reply_ranked_{place}", answering.context.now)
        for place, reply in enumerate(ranked[:PLACES_WITH_POINTS], start=1)
        if reply in authors
    ]


def _count(answering: Answering, ranked: list[str]) -> None:
    """Count a ballot for the replies that it names; a reply that came later may still lack ballots."""
    connection, context, task = answering.connection, answering.context, answering.task
    _COUNT_RANKING.run_each(connection, [{"at": reply} for reply in ranked])
    fewest = _FEWEST_RANKINGS.scalar(connection, {"parent_id": task.subject_id}) or 0
    wanted = context.trees.num_required_rankings - fewest
    if wanted > 0:
        answering.settle(wanted)
    else:
        refresh_tree(connection, context, task.tree_id, released=answering.released)
