"""Both dialects of the protocol: what the older one lacks is filled in, what a newer one adds is ignored."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from oasst_client import (
    FrontEndUser,
    LabelAssistantReplyTask,
    LabelInitialPromptTask,
    LabelPrompterReplyTask,
    LabelWidget,
    LeaderboardStats,
    MessageStats,
    RankAssistantRepliesTask,
    RankInitialPromptsTask,
    RankPrompterRepliesTask,
    ValidLabels,
    task_adapter,
)

ID = "6f1b8a3e-1d2c-4b5a-9e8f-0a1b2c3d4e5f"
ASKED = {"text": "Why is the sky blue?", "is_assistant": False}
SAID = {"text": "Air scatters blue light.", "is_assistant": True}


def task(kind: str, **fields: object) -> Any:  # noqa: ANN401  # any task
    return task_adapter.validate_python({"id": ID, "type": kind, **fields})


def test_an_older_prompt_to_label_becomes_the_conversation() -> None:
    found = task("label_initial_prompt", message_id=ID, prompt="Why?", valid_labels=["spam", "brand_new"])
    assert isinstance(found, LabelInitialPromptTask)
    (message,) = found.conversation.messages
    assert (message.text, message.is_assistant, message.id) == ("Why?", False, UUID(ID))
    assert found.valid_labels == ["spam", "brand_new"]
    assert (found.labels, found.mode, found.disposition) == (None, None, None)


@pytest.mark.parametrize(
    ("kind", "made", "before", "is_assistant"),
    [
        ("label_assistant_reply", LabelAssistantReplyTask, [ASKED], True),
        ("label_prompter_reply", LabelPrompterReplyTask, [ASKED, SAID], False),
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_a_reply_to_label_is_the_last_message_wherever_it_was_given(
    kind: str,
    made: type[LabelAssistantReplyTask | LabelPrompterReplyTask],
    before: list[dict[str, Any]],
    *,
    is_assistant: bool,
    inside: bool,
) -> None:
    reply = {"text": "Here it is.", "is_assistant": is_assistant}
    messages = [*before, reply] if inside else before
    found = task(kind, message_id=ID, reply="Here it is.", conversation={"messages": messages})
    assert isinstance(found, made)
    texts = [message.text for message in found.conversation.messages]
    assert texts == [message["text"] for message in before] + ["Here it is."]
    assert found.conversation.messages[-1].is_assistant is is_assistant


def test_a_reply_is_recognised_by_its_id_before_its_text() -> None:
    messages = [ASKED, {**SAID, "id": ID}]
    found = task("label_assistant_reply", message_id=ID, reply="edited", conversation={"messages": messages})
    assert len(found.conversation.messages) == 2


def test_older_texts_to_rank_become_messages() -> None:
    prompts = task("rank_initial_prompts", prompts=["One?", "Two?"])
    assert isinstance(prompts, RankInitialPromptsTask)
    assert [(message.text, message.is_assistant) for message in prompts.prompt_messages] == [
        ("One?", False),
        ("Two?", False),
    ]
    replies = task("rank_assistant_replies", conversation={"messages": [ASKED]}, replies=["a", "b"])
    assert isinstance(replies, RankAssistantRepliesTask)
    assert [(message.text, message.is_assistant) for message in replies.reply_messages] == [
        ("a", True),
        ("b", True),
    ]
    replies = task("rank_prompter_replies", conversation={"messages": [ASKED, SAID]}, replies=["a", "b"])
    assert isinstance(replies, RankPrompterRepliesTask)
    assert not any(message.is_assistant for message in replies.reply_messages)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("rank_initial_prompts", {}),
        ("rank_assistant_replies", {"conversation": {"messages": [ASKED]}}),
        ("label_initial_prompt", {"message_id": ID}),
        ("reply_to_conversation", {"conversation": {"messages": []}}),
        ("rank_conversation_replies", {}),
        ("label_conversation_reply", {}),
    ],
)
def test_a_task_with_nothing_to_do_is_not_understood_and_its_texts_stay_out_of_the_error(
    kind: str, fields: dict[str, object]
) -> None:
    with pytest.raises(ValidationError) as caught:
        task(kind, secret="what somebody wrote", **fields)
    assert "somebody" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "widget", "words"),
    [
        ("spam", LabelWidget.yes_no, "spam"),
        ({"name": "quality"}, LabelWidget.likert, "quality"),
        ({"name": "threat", "display_text": "A threat"}, LabelWidget.flag, "A threat"),
        ({"name": "spam", "widget": "flag", "display_text": "Spam?"}, LabelWidget.flag, "Spam?"),
        ({"name": "quality", "widget": "slider", "display_text": "Good?"}, LabelWidget.likert, "Good?"),
        ({"name": "brand_new", "widget": "slider"}, LabelWidget.flag, "brand_new"),
    ],
)
def test_labels_without_controls_or_words_get_them(given: object, widget: LabelWidget, words: str) -> None:
    (label,) = ValidLabels.model_validate({"valid_labels": [given]}).valid_labels
    assert (label.widget, label.display_text) == (widget, words)


@pytest.mark.parametrize("given", [5, {"widget": "flag"}, {"name": 5}, {"name": "x", "widget": 7}])
def test_what_is_no_label_is_not_understood(given: object) -> None:
    with pytest.raises(ValidationError):
        ValidLabels.model_validate({"valid_labels": [given]})


def test_older_people_boards_and_statistics_are_read() -> None:
    person = {"id": 12, "display_name": "n" * 300, "auth_method": "local", "user_id": ID, "brand_new": {}}
    known = FrontEndUser.model_validate(person)
    assert (known.id, known.enabled, known.streak_days, known.tos_acceptance_date) == ("12", True, None, None)
    row = {"rank": 1, "user_id": ID, "username": "1", "auth_method": "local", "display_name": "A"}
    board = LeaderboardStats.model_validate({"time_frame": "day", "leaderboard": [row]})
    assert (board.last_updated, board.leaderboard[0].level, board.leaderboard[0].highlighted) == (
        None,
        0,
        False,
    )
    counts = {"all": 1, "active": 1, "deleted": 0, "message_trees": 1}
    assert MessageStats.model_validate(counts).active_by_lang == {}
