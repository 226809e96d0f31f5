"""Every panel of the tutorial fits Discord's limits, in every language and for whatever a person came for."""

import pytest

from bot.community.tutorial import QUESTIONS, STEPS, Step, parse_tutorial_id, tutorial_panel
from bot.limits import message_problems
from bot.sessions.terms import LabelWish
from bot.sessions.wish import Wish
from bot.texts import texts_for
from oasst_client import TaskRequestType
from tests.bot_community.small_backend import PROMPT_ID

PURPOSES = [
    None,
    LabelWish(PROMPT_ID),
    Wish(TaskRequestType.rank_assistant_replies, "de" + "-abcde" * 5, remembers_lang=True),
]


@pytest.mark.parametrize("purpose", PURPOSES, ids=["none", "labels", "task"])
@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("step", STEPS)
def test_every_panel_fits_and_every_button_leads_somewhere(
    step: Step, locale: str, purpose: Wish | LabelWish | None
) -> None:
    answers = QUESTIONS[step].answers if step in QUESTIONS else ()
    for answer in (None, *answers):
        panel = tutorial_panel(step, purpose, texts_for(locale), answer=answer)
        assert message_problems(panel.content, panel.embeds, panel.rows) == []
        for line in panel.rows:
            for part in line.build()[0]["components"]:
                known = parse_tutorial_id(part["custom_id"])
                assert known is not None
                assert known.purpose == purpose
                assert str(known) == part["custom_id"]


@pytest.mark.parametrize("locale", ["en", "de"])
def test_what_to_flag_and_report_is_shown_by_an_example_in_the_labels_own_words(locale: str) -> None:
    texts = texts_for(locale)
    text = tutorial_panel(Step.report, None, texts).embeds[0].description or ""
    assert "\n> " in text, "a message that is looked at"
    _, _, judged = text.partition("\n> ")
    for name in ("pii", "not_appropriate", "hate_speech"):
        assert f"- **{texts(f'label.{name}')}**: " in judged


def test_every_question_has_one_right_answer_among_its_answers() -> None:
    assert all(question.right in question.answers for question in QUESTIONS.values())
