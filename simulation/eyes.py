"""Reading a task as a person does: from the headings, texts and controls that stand in a thread."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from discord_sandbox import MessageView

__all__ = ["LEAVE", "Kind", "SeenTask", "is_open", "mentioned_thread", "read_task", "read_texts"]

LEAVE = "Skip"
"""The button that every task has as long as it is open."""

_TURN = re.compile(r"(?P<number>\d+) · (?P<role>User|Assistant)(?P<target> · please label)?")
_CANDIDATE = re.compile(r"(?:Reply|Prompt) \d+\b")
_THREAD = re.compile(r"<#(\d+)>")
_MORE = re.compile(r"… (?P<count>[\d,]+) more characters")


class Kind(StrEnum):
    """What a task asks for, told by what is shown."""

    initial_prompt = "first messages"
    assistant_reply = "assistant replies"
    prompter_reply = "user replies"
    label_initial_prompt = "reviews of first messages"
    label_assistant_reply = "reviews of assistant replies"
    label_prompter_reply = "reviews of user replies"
    rank_assistant_replies = "rankings of assistant replies"
    rank_prompter_replies = "rankings of user replies"


@dataclass(frozen=True)
class SeenTask:
    """A task as it stands in a thread.

    Attributes:
        conversation: the texts from the prompt on.
        candidates: the texts to rank, in the order in which they are shown.
        missing: how many characters of each of them are not shown.
        controls: the message with the buttons.
    """

    kind: Kind
    conversation: tuple[str, ...]
    candidates: tuple[str, ...]
    missing: tuple[int, ...]
    controls: MessageView


@dataclass
class _Shown:
    heading: str
    text: str
    missing: int = 0


def is_open(message: MessageView) -> bool:
    """Return whether a message is the controls of a task that waits for its answer."""
    return LEAVE in message.buttons


def mentioned_thread(message: MessageView) -> int | None:
    """Return the id of the first channel or thread that a message links to."""
    found = _THREAD.search(message.text)
    return None if found is None else int(found.group(1))


def read_task(messages: Sequence[MessageView]) -> SeenTask | None:
    """Read the task that the last open controls belong to.

    Args:
        messages: what stands in the thread, in order; earlier tasks may stand above.

    Returns:
        The task; None if none of the messages has the controls of an open task.
    """
    controls = next((message for message in reversed(messages) if is_open(message)), None)
    if controls is None:
        return None
    shown = _shown(_of_task(messages, controls))
    turns = [(found, one) for one in shown if (found := _TURN.fullmatch(one.heading))]
    candidates = [one for one in shown if _CANDIDATE.match(one.heading)]
    last = turns[-1][0] if turns else None
    return SeenTask(
        kind=_kind(last, ranking=bool(candidates)),
        conversation=tuple(one.text for _, one in turns),
        candidates=tuple(one.text for one in candidates),
        missing=tuple(one.missing for one in candidates),
        controls=controls,
    )


def read_texts(messages: Iterable[MessageView]) -> list[str]:
    """Read the texts that stand in messages, each put together from its pieces."""
    return [one.text for one in _shown(messages)]


def _of_task(messages: Sequence[MessageView], controls: MessageView) -> list[MessageView]:
    """Find what belongs to the controls: a task begins with the last message above them with plain text."""
    found: list[MessageView] = []
    for message in reversed(messages[: messages.index(controls)]):
        if message.ephemeral == controls.ephemeral:
            found.insert(0, message)
            if message.content:
                break
    return found


def _shown(messages: Iterable[MessageView]) -> list[_Shown]:
    """Put the pieces of long texts together: only the first embed of a text has a heading."""
    shown: list[_Shown] = []
    for message in messages:
        for embed in message.embeds:
            heading, piece = embed.get("author", {}).get("name"), embed.get("description", "")
            if heading:
                more = _MORE.match(embed.get("footer", {}).get("text", ""))
                missing = 0 if more is None else int(more["count"].replace(",", ""))
                shown.append(_Shown(heading, piece, missing))
            elif shown:
                shown[-1].text += "\n" + piece
    return shown


def _kind(last: re.Match[str] | None, *, ranking: bool) -> Kind:
    if last is None:
        return Kind.initial_prompt
    by_user = last["role"] == "User"
    if last["target"]:
        if last["number"] == "1":
            return Kind.label_initial_prompt
        return Kind.label_prompter_reply if by_user else Kind.label_assistant_reply
    if ranking:
        return Kind.rank_assistant_replies if by_user else Kind.rank_prompter_replies
    return Kind.assistant_reply if by_user else Kind.prompter_reply
