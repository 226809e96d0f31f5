"""What a reviewer answers, by the words of the questions: for an honest message, and for spam."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["FLAGS", "YES_NO", "Opinion", "questions"]

YES_NO = (": yes", ": no")
"""How the two buttons of a yes/no question end."""

FLAGS = ("Choose all that apply", "Choose if it applies")
"""How a menu of flags begins; the other menus of a review are scales."""

_STEPS = 5
_BAD = ("spam", "fail", "misses")
_GOOD = ("good", "quality", "help")
_HARMFUL = ("rude", "toxic", "violen")
_UNFITTING = ("fitting", "appropriate")


@dataclass(frozen=True)
class Opinion:
    """What a person thinks of a message; `taste` (0..4) is how much they make of style."""

    spam: bool
    taste: int = 2

    def says_yes(self, question: str) -> bool:
        """Answer a yes/no question; all that are known ask for something bad."""
        return self.spam and _mentions(question, _BAD)

    def step(self, question: str) -> int:
        """Choose a step of a scale, 0 (least) to 4 (most)."""
        if _mentions(question, _GOOD):
            return 0 if self.spam else max(self.taste, _STEPS - 2)
        if _mentions(question, _HARMFUL) or self.spam:
            return 0
        return min(self.taste, _STEPS - 2)

    def matters(self, question: str) -> bool:
        """Whether even somebody in a hurry answers this scale."""
        return _mentions(question, _GOOD[:2])

    def flags(self, options: Sequence[str]) -> list[str]:
        """Choose flags: spam does not fit; an honest message has none."""
        return [option for option in options if self.spam and _mentions(option, _UNFITTING)]


def questions(buttons: Sequence[str]) -> Iterator[str]:
    """Yield the yes/no questions among the labels of buttons."""
    yes, no = YES_NO
    for label in buttons:
        question = label.removesuffix(yes)
        if question != label and question + no in buttons:
            yield question


def _mentions(words: str, parts: Sequence[str]) -> bool:
    return any(part in words.lower() for part in parts)
