"""Takes texts: prompts, replies and summaries."""

from typing import Any

import sqlalchemy as sa

from oasst_backend.errors import Refusal
from oasst_backend.rules.trees import TreeState, accepts_replies
from oasst_backend.service.context import new_id
from oasst_backend.service.duplicates import check_duplicate
from oasst_backend.service.growth import refresh_tree
from oasst_backend.service.places import Answering
from oasst_backend.service.planting import NewMessage, add_message, add_tree
from oasst_backend.service.scores import ScoreDelta, credit
from oasst_backend.service.selection import count_wanted_prompts
from oasst_backend.service.stories import add_summary, refresh_story
from oasst_backend.service.tasks import DEFAULT_LANG
from oasst_backend.service.work import Reserves, release_expired
from oasst_backend.storage.columns import AnyRow
from oasst_backend.storage.prepared import Prepared
from oasst_backend.storage.tables import messages, summaries, trees
from oasst_client import OasstErrorCode, TextReplyToMessage

_other = messages.alias("other")
_PARENT = Prepared(
    sa.select(
        messages.c.id,
        messages.c.tree_id,
        messages.c.role,
        messages.c.depth,
        messages.c.deleted,
        messages.c.deletion_id,
        trees.c.state,
        trees.c.reply_places,
        trees.c.replies_under_way,
        sa.exists(sa.literal(1))
        .where(
            _other.c.parent_id == messages.c.id,
            _other.c.person_id == sa.bindparam("person_id"),
            ~_other.c.deleted,
        )
        .correlate(messages)
        .label("replied"),
    )
    .select_from(messages.join(trees, trees.c.id == messages.c.tree_id))
    .where(messages.c.id == sa.bindparam("message_id"))
)


_EARLIER_SUMMARY = Prepared(
    sa.select(summaries.c.id)
    .where(
        summaries.c.story_id == sa.bindparam("story_id"),
        summaries.c.person_id == sa.bindparam("person_id"),
        ~summaries.c.deleted,
    )
    .limit(1)
)


def _same_frontend_id(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table.c.id).where(
        table.c.api_client_id == sa.bindparam("client_id"),
        table.c.frontend_message_id == sa.bindparam("frontend_id"),
    )


_SAME_FRONTEND_ID = Prepared(sa.union_all(_same_frontend_id(messages), _same_frontend_id(summaries)).limit(1))


def take_text(answering: Answering, answer: TextReplyToMessage) -> None:
    """Add a prompt, a reply or a summary.

    Raises:
        Refusal: the task asks for something else (2107); too long (1008); repeated (1009); the frontend's
            id is taken (1004); a second reply of this person (1011); or the tree takes nothing more (2010).
    """
    match answering.task.kind:
        case Reserves.prompt:
            _check_text(answering, answer)
            _plant(answering, answer)
        case Reserves.reply:
            _check_text(answering, answer)
            _reply(answering, answer)
        case Reserves.summary:
            _check_text(answering, answer)
            _summarize(answering, answer)
        case _:
            raise Refusal(OasstErrorCode.task_unexpected_payload_type, "The task does not ask for a text.")


def _check_text(answering: Answering, answer: TextReplyToMessage) -> None:
    connection, context = answering.connection, answering.context
    limit = context.settings.message_size_limit
    if len(answer.text) > limit:
        raise Refusal(
            OasstErrorCode.task_message_too_long, f"The text has more than {limit} characters; shorten it."
        )
    if _SAME_FRONTEND_ID.first(
        connection, {"client_id": answering.client.id, "frontend_id": answer.user_message_id}
    ):
        raise Refusal(
            OasstErrorCode.task_interaction_request_failed,
            "user_message_id stands for another message already.",
        )
    check_duplicate(connection, context, answering.person.id, answer.text)


def _plant(answering: Answering, answer: TextReplyToMessage) -> None:
    connection, context = answering.connection, answering.context
    message_id = new_id()
    lang = answer.lang or DEFAULT_LANG
    in_time = _takes_prompt(answering, lang)
    add_tree(
        connection,
        context,
        tree_id=message_id,
        lang=lang,
        author_id=answering.person.id,
        # One that came too late is not reviewed, unless a moderator lets its tree go on.
        state=TreeState.initial_prompt_review if in_time else TreeState.halted_by_moderator,
    )
    prompt = NewMessage(
        **_written(answering, answer, message_id),
        tree_id=message_id,
        parent_id=None,
        depth=0,
        role="prompter",
        surplus=not in_time,
    )
    add_message(connection, prompt)
    _credit(answering, "prompts")
    if in_time:
        refresh_tree(connection, context, message_id)


def _takes_prompt(answering: Answering, lang: str) -> bool:
    """Say whether there is a place for a prompt: one that was kept for the task, or a free one."""
    context, task = answering.context, answering.task
    kept = answering.is_kept and task.lang == lang and lang not in context.trees.init_prompt_disabled_langs
    if kept and not task.collective:
        return True
    release_expired(answering.connection, context)
    return count_wanted_prompts(answering.connection, context, lang, own=int(kept)) > 0


def _reply(answering: Answering, answer: TextReplyToMessage) -> None:
    connection = answering.connection
    # Before the parent is read: places that have expired are given up by it, and the tree's row counts them.
    has_room = answering.has_room
    key = {"message_id": answering.task.subject_id, "person_id": answering.person.id}
    parent = _PARENT.one(connection, key)
    if parent.replied:
        raise Refusal(
            OasstErrorCode.task_message_duplicate_reply, "This person has replied to this message already."
        )
    if not accepts_replies(TreeState(parent.state)):
        raise Refusal(OasstErrorCode.tree_in_aborted_state, "The tree takes no more messages.")
    in_time = has_room and _has_place(answering, parent)
    reply = NewMessage(
        **_written(answering, answer, new_id()),
        tree_id=parent.tree_id,
        parent_id=parent.id,
        depth=parent.depth + 1,
        role="prompter" if parent.role == "assistant" else "assistant",
        deleted=parent.deleted,
        deletion_id=parent.deletion_id,
        surplus=not in_time,
    )
    add_message(connection, reply)
    if not reply.deleted:
        _credit(answering, f"replies_{reply.role}")
    if in_time:
        refresh_tree(connection, answering.context, parent.tree_id, released=answering.released)
    else:
        answering.give_back()


def _has_place(answering: Answering, parent: AnyRow) -> bool:
    """Say whether the tree has a place for the reply: any that is left, if one was kept for the task."""
    if answering.holds_place and not answering.task.collective:
        return bool(parent.reply_places > 0)
    return bool(parent.reply_places > parent.replies_under_way - int(answering.holds_place))


def _summarize(answering: Answering, answer: TextReplyToMessage) -> None:
    key = {"story_id": answering.task.subject_id, "person_id": answering.person.id}
    in_time = answering.has_room and not _EARLIER_SUMMARY.all(answering.connection, key)
    add_summary(
        answering.connection,
        answering.context,
        story_id=answering.task.subject_id,
        lang=answer.lang or DEFAULT_LANG,
        text=answer.text,
        person_id=answering.person.id,
        api_client_id=answering.client.id,
        frontend_message_id=answer.user_message_id,
        surplus=not in_time,
    )
    if in_time:
        refresh_story(answering.connection, answering.context, answering.task.subject_id, answering.released)
    else:
        answering.give_back()


def _written(answering: Answering, answer: TextReplyToMessage, message_id: str) -> dict[str, Any]:
    return {
        "id": message_id,
        "lang": answer.lang or DEFAULT_LANG,
        "text": answer.text,
        "source": "person",
        "created_date": answering.context.now,
        "person_id": answering.person.id,
        "api_client_id": answering.client.id,
        "frontend_message_id": answer.user_message_id,
    }


def _credit(answering: Answering, counter: str) -> None:
    delta = ScoreDelta(answering.person.id, counter, answering.context.now)
    credit(answering.connection, answering.context, [delta])
