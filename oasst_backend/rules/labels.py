"""The labels of messages: their words, and which of them are asked for when."""

import random
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from oasst_client import LabelDescription, LabelTaskDisposition, LabelTaskMode, LabelWidget


class MessageKind(StrEnum):
    """What a message is in its tree, as far as labels go."""

    initial_prompt = "initial_prompt"
    assistant_reply = "assistant_reply"
    prompter_reply = "prompter_reply"

    @classmethod
    def of(cls, *, is_root: bool, is_assistant: bool) -> "MessageKind":
        """Tell the kind of a message by its place and its role."""
        if is_root:
            return cls.initial_prompt
        return cls.assistant_reply if is_assistant else cls.prompter_reply


def _described(name: str, widget: LabelWidget, display_text: str, help_text: str) -> LabelDescription:
    return LabelDescription(name=name, widget=widget, display_text=display_text, help_text=help_text)


_ALL = (
    _described(
        "spam",
        LabelWidget.yes_no,
        "Is it spam?",
        "Poor on purpose, or nothing to do with the conversation. A modest but honest try is not spam.",
    ),
    _described(
        "fails_task",
        LabelWidget.yes_no,
        "Does it fail the task?",
        "The reply does not do what was asked, however well it is written.",
    ),
    _described(
        "lang_mismatch",
        LabelWidget.flag,
        "Wrong language",
        "Most of the text is in another language than the one chosen, and nobody asked for that.",
    ),
    _described(
        "pii",
        LabelWidget.flag,
        "Names a private person",
        "It holds something that identifies a private person: an address, a number, an account, a full name.",
    ),
    _described(
        "not_appropriate",
        LabelWidget.flag,
        "Not fitting for an assistant",
        "It has no place in a conversation with an assistant.",
    ),
    _described(
        "hate_speech",
        LabelWidget.flag,
        "Hateful",
        "It abuses or threatens people for what they are: their gender, origin, religion, orientation.",
    ),
    _described(
        "sexual_content", LabelWidget.flag, "Sexual content", "It talks of sex or describes something sexual."
    ),
    _described(
        "moral_judgement",
        LabelWidget.flag,
        "Passes moral judgement",
        "It tells people what is right or wrong to do or to be.",
    ),
    _described(
        "political_content", LabelWidget.flag, "Political views", "It speaks for or against a political view."
    ),
    _described(
        "quality",
        LabelWidget.likert,
        "How good is it?",
        "From poor to excellent, all in all: clear, correct, complete, worth reading.",
    ),
    _described(
        "toxicity", LabelWidget.likert, "How rude is it?", "From kind to rude, abusive, profane or insulting."
    ),
    _described(
        "humor", LabelWidget.likert, "How funny is it?", "From serious to funny; irony and sarcasm count."
    ),
    _described(
        "helpfulness",
        LabelWidget.likert,
        "How helpful is it?",
        "From useless to very helpful for the person who asked.",
    ),
    _described(
        "creativity", LabelWidget.likert, "How creative is it?", "From ordinary to original and imaginative."
    ),
    _described(
        "violence",
        LabelWidget.likert,
        "How violent is it?",
        "From harmless to text that invites violence, abuse, terrorism or self-harm, or lets it pass.",
    ),
)

LABELS: Mapping[str, LabelDescription] = MappingProxyType({label.name: label for label in _ALL})
"""Every label by name, in the order in which they are shown."""

VALID_LABELS: tuple[str, ...] = tuple(name for name in LABELS if name != "fails_task")
"""What anyone may say of a message without knowing its place."""

PROMPT_LABELS: tuple[str, ...] = (
    "spam",
    "lang_mismatch",
    "quality",
    "creativity",
    "humor",
    "toxicity",
    "violence",
    "not_appropriate",
    "pii",
    "hate_speech",
    "sexual_content",
)
"""The full set for what a prompter wrote, unless the settings say otherwise."""

ASSISTANT_LABELS: tuple[str, ...] = (
    "spam",
    "lang_mismatch",
    "fails_task",
    "quality",
    "helpfulness",
    *PROMPT_LABELS[3:],
)
"""The full set for what an assistant wrote, unless the settings say otherwise."""

MANDATORY_LABELS: tuple[str, ...] = ("spam",)
"""What every review must say, unless the settings say otherwise."""

_SIMPLE = {
    MessageKind.initial_prompt: frozenset({"spam", "lang_mismatch"}),
    MessageKind.assistant_reply: frozenset({"spam", "lang_mismatch", "quality"}),
    MessageKind.prompter_reply: frozenset({"spam", "lang_mismatch", "quality"}),
}


def asked_labels(
    kind: MessageKind, mode: LabelTaskMode, *, full: Sequence[str], mandatory: Iterable[str]
) -> list[str]:
    """Choose what a label task asks for.

    Args:
        kind: what the message is.
        mode: `full` asks for all of `full`; `simple` for spam, lang_mismatch and, of replies, quality.
        full: the names set for this kind, in the order in which they are shown.
        mandatory: names that must be answered; the simple mode keeps them, too.

    Returns:
        Names out of `full`, in its order.
    """
    if mode is LabelTaskMode.full:
        return list(full)
    kept = _SIMPLE[kind].union(mandatory)
    return [name for name in full if name in kept]


def describe(names: Iterable[str]) -> list[LabelDescription]:
    """Give the words and the widget of each label.

    Raises:
        KeyError: a name is no label.
    """
    return [LABELS[name] for name in names]


def draw_mode(p_full: float, rng: random.Random) -> LabelTaskMode:
    """Choose full labelling with probability `p_full` (0..1), else simple."""
    return LabelTaskMode.full if rng.random() < p_full else LabelTaskMode.simple


def disposition(mode: LabelTaskMode) -> LabelTaskDisposition:
    """Say what a labelling is mainly for: the full one for quality, the simple one for spam."""
    return LabelTaskDisposition.quality if mode is LabelTaskMode.full else LabelTaskDisposition.spam
