"""Reading tasks from messages, and answering reviews by the words of the questions."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from discord_sandbox import MessageView, Sandbox
from discord_sandbox.forms.message import CREATE, CREATE_FLAGS, read_message
from discord_sandbox.world.posting import post_as
from simulation.eyes import Kind, is_open, mentioned_thread, read_task
from simulation.reviewing import Opinion, questions

Show = Callable[..., MessageView]

USER, ASSISTANT = "1 · User", "2 · Assistant"


@pytest.fixture
async def show() -> Show:
    """Give a function that posts a message as the bot and gives it as Ann sees it."""
    sandbox = Sandbox()
    ann = sandbox.guild.add_member("Ann")

    def post(
        *embeds: tuple[str | None, str], content: str = "", buttons: Sequence[str] = (), footer: str = ""
    ) -> MessageView:
        parts = [{"type": 2, "style": 2, "label": label, "custom_id": label} for label in buttons]
        body: dict[str, Any] = {
            "content": content,
            "embeds": [
                {"description": text} | ({"author": {"name": heading}} if heading else {})
                for heading, text in embeds
            ],
            "components": [{"type": 1, "components": parts}] if parts else [],
        }
        if footer:
            body["embeds"][-1]["footer"] = {"text": footer}
        draft = read_message(body, {}, known=CREATE, flags=CREATE_FLAGS)
        message = post_as(sandbox.store, sandbox.store.bot, sandbox.guild.channel("general"), draft)
        view = ann.view(message)
        assert view is not None
        return view

    return post


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        ([], Kind.initial_prompt),
        ([USER], Kind.assistant_reply),
        ([USER, ASSISTANT], Kind.prompter_reply),
        ([f"{USER} · please label"], Kind.label_initial_prompt),
        ([USER, f"{ASSISTANT} · please label"], Kind.label_assistant_reply),
        ([USER, ASSISTANT, "3 · User · please label"], Kind.label_prompter_reply),
        ([USER, "Reply 1", "Reply 2"], Kind.rank_assistant_replies),
        ([USER, ASSISTANT, "Reply 1", "Reply 2 · by a model"], Kind.rank_prompter_replies),
    ],
)
async def test_the_kind_of_a_task_is_told_by_what_is_shown(
    show: Show, headings: list[str], kind: Kind
) -> None:
    shown = show(*[(heading, heading.lower()) for heading in headings], content="What to do")
    controls = show(content="Ready?", buttons=["Skip", "Stop"])
    task = read_task([shown, controls])
    assert task is not None
    assert task.kind is kind
    assert task.controls == controls
    replies = tuple(heading.lower() for heading in headings if heading.startswith("Reply"))
    assert task.candidates == replies
    assert len(task.conversation) == len(headings) - len(replies)


async def test_the_pieces_of_a_long_text_are_put_together(show: Show) -> None:
    messages = [
        show((USER, "one"), (None, "two")),
        show((None, "three"), (ASSISTANT, "four")),
        show(("Your order so far", "not part of it"), buttons=["Write", "Skip"]),
    ]
    task = read_task(messages)
    assert task is not None
    assert task.conversation == ("one\ntwo\nthree", "four")


async def test_what_is_missing_of_a_long_candidate_is_told_by_its_note(show: Show) -> None:
    shown = show(
        (USER, "one"),
        ("Reply 1", "whole"),
        ("Reply 2", "beginning"),
        footer="… 1,234 more characters. “Read in full” shows the rest.",
    )
    task = read_task([shown, show(content="Ready?", buttons=["Skip"])])
    assert task is not None
    assert task.candidates == ("whole", "beginning")
    assert task.missing == (0, 1234)


async def test_what_is_over_is_no_task(show: Show) -> None:
    over = show(content="Thank you!", buttons=["Next task", "Done"])
    assert not is_open(over)
    assert read_task([show((USER, "one")), over]) is None


async def test_the_thread_is_found_by_its_mention(show: Show) -> None:
    assert mentioned_thread(show(content="Your task is ready: <#123>")) == 123
    assert mentioned_thread(show(content="There is nothing to do")) is None


def test_only_pairs_of_buttons_are_questions() -> None:
    buttons = ["Is it spam?: yes", "Is it spam?: no", "Half: yes", "Skip"]
    assert list(questions(buttons)) == ["Is it spam?"]


@pytest.mark.parametrize(
    ("spam", "yes", "good", "rude", "flags"),
    [(True, True, 0, 0, ["Not fitting for an assistant"]), (False, False, 3, 0, [])],
)
def test_spam_and_honest_messages_get_different_labels(  # a row of answers
    *, spam: bool, yes: bool, good: int, rude: int, flags: list[str]
) -> None:
    opinion = Opinion(spam=spam, taste=1)
    assert opinion.says_yes("Is it spam?") is yes
    assert opinion.says_yes("Does it fail the task?") is yes
    assert opinion.says_yes("Does it rain?") is False
    assert opinion.step("How good is it?") == good
    assert opinion.step("How rude is it?") == rude
    assert opinion.flags(["Wrong language", "Not fitting for an assistant"]) == flags
