"""The tutorial: panels with worked examples and small questions, each built from its custom_id alone."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import hikari
from hikari import ButtonStyle

from bot.forms.controls import plain_button, row
from bot.rendering.panels import Panel
from bot.sessions.terms import Purpose, parse_purpose, with_purpose
from bot.sessions.wish import Wish
from bot.texts import Texts

ID_PREFIX: Final = "tutorial:1:"

_COLOUR: Final = 0x5865F2
_RIGHT: Final = 0x3BA55D
_WRONG: Final = 0xE8A33D


class Step(StrEnum):
    """The panels, in order."""

    start = "start"
    write = "write"
    rank = "rank"
    label = "label"
    spam = "spam"
    report = "report"


class Act(StrEnum):
    """What a button does: shows a panel, answers its question, or asks for a task."""

    show = "show"
    answer = "answer"
    task = "task"


class Question(NamedTuple):
    """A question on a panel: what may be answered, in the order of the buttons, and what is right."""

    answers: tuple[str, ...]
    right: str


QUESTIONS: Final = {
    Step.write: Question(("first", "second"), "second"),
    Step.rank: Question(("first", "second", "third"), "second"),
    Step.spam: Question(("yes", "no"), "no"),
}

STEPS: Final = tuple(Step)


@dataclass(frozen=True, slots=True)
class TutorialId:
    """What a custom_id says.

    Attributes:
        act: what to do.
        step: the panel; the last one for a task.
        answer: what was answered.
        purpose: what the person came for before they were shown how; None: they came for the tutorial.
    """

    act: Act
    step: Step
    answer: str | None = None
    purpose: Purpose | None = None

    def __str__(self) -> str:
        prefix = f"{ID_PREFIX}{self.act.value}:{self.step.value}:{self.answer or ''}:"
        return prefix if self.purpose is None else with_purpose(prefix, self.purpose)


def parse_tutorial_id(custom_id: str) -> TutorialId | None:
    """Read what a custom_id says; None where it is none that was made here."""
    if not custom_id.startswith(ID_PREFIX):
        return None
    parts = custom_id.removeprefix(ID_PREFIX).split(":", maxsplit=3)
    if len(parts) != 4 or parts[0] not in set(Act) or parts[1] not in set(Step):  # noqa: PLR2004  # as `__str__` writes it
        return None
    act, step, answer = Act(parts[0]), Step(parts[1]), parts[2] or None
    purpose = parse_purpose(parts[3])
    if (purpose is None and parts[3]) or (answer is None) is (act is Act.answer):
        return None
    if answer is not None and (step not in QUESTIONS or answer not in QUESTIONS[step].answers):
        return None
    return TutorialId(act, step, answer, purpose)


def tutorial_panel(step: Step, purpose: Purpose | None, texts: Texts, *, answer: str | None = None) -> Panel:
    """Show a panel; after an answer to its question also whether that was right, and why.

    Args:
        step: which panel.
        purpose: what the person goes on with in the end; None: with any task.
        texts: the person's language.
        answer: what they answered.
    """
    number = STEPS.index(step)
    embed = hikari.Embed(
        title=texts(f"tutorial.title.{step.value}"),
        description=texts.template(f"tutorial_{step.value}.md.j2"),
        color=_COLOUR,
    ).set_footer(texts("tutorial.step", number=number + 1, count=len(STEPS)))
    rows = [_moves(number, purpose, texts)]
    if step in QUESTIONS:
        rows.insert(0, _answers(step, purpose, texts, answer))
    embeds = (embed,) if answer is None else (embed, _why(step, answer, texts))
    return Panel(embeds=embeds, rows=tuple(rows))


def _why(step: Step, answer: str, texts: Texts) -> hikari.Embed:
    is_right = answer == QUESTIONS[step].right
    return hikari.Embed(
        title=texts("tutorial.right" if is_right else "tutorial.wrong"),
        description=texts(f"tutorial.why.{step.value}.{answer}"),
        color=_RIGHT if is_right else _WRONG,
    )


def _answers(
    step: Step, purpose: Purpose | None, texts: Texts, given: str | None
) -> hikari.api.MessageActionRowBuilder:
    buttons = []
    for answer in QUESTIONS[step].answers:
        style = ButtonStyle.SECONDARY
        if answer == given:
            style = ButtonStyle.SUCCESS if answer == QUESTIONS[step].right else ButtonStyle.DANGER
        custom_id = str(TutorialId(Act.answer, step, answer, purpose))
        buttons.append(plain_button(custom_id, texts(f"tutorial.answer.{step.value}.{answer}"), style))
    return row(*buttons)


def _moves(number: int, purpose: Purpose | None, texts: Texts) -> hikari.api.MessageActionRowBuilder:
    buttons = []
    if number > 0:
        back = str(TutorialId(Act.show, STEPS[number - 1], purpose=purpose))
        buttons.append(plain_button(back, texts("tutorial.back")))
    if number < len(STEPS) - 1:
        onward = str(TutorialId(Act.show, STEPS[number + 1], purpose=purpose))
        buttons.append(plain_button(onward, texts("tutorial.next"), ButtonStyle.PRIMARY))
    else:
        words = "tutorial.to_task" if purpose is None or isinstance(purpose, Wish) else "tutorial.go_on"
        end = str(TutorialId(Act.task, STEPS[number], purpose=purpose))
        buttons.append(plain_button(end, texts(words), ButtonStyle.SUCCESS))
    return row(*buttons)
