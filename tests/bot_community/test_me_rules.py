"""Points, levels, forms and ids of /me: the rules, apart from Discord."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import levels, limits, points
from bot.community.history_words import outcome_line, why_words
from bot.community.me_form import form_parts, wording_form
from bot.community.me_ids import MeAction, MeId, PageRef, modal_id, parse_me_id, parse_modal_id
from bot.forms.writing import whole_text
from bot.store.database import Database
from bot.store.own_texts import DRAFT_KEPT_FOR, KEPT_FOR, OwnTexts
from bot.texts import locales, texts_for
from oasst_backend.rules import scoring
from oasst_client import Contribution, LabelAssistantReplyTask, Task, TaskRequestType, UserScore

TEXTS = texts_for("en")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def a_score(leader_score: int = 0, **counts: int) -> UserScore:
    return UserScore(
        user_id=uuid4(),
        username="1",
        auth_method="discord",
        display_name="A",
        leader_score=leader_score,
        **cast("Any", counts),
    )


def a_task(task_type: str, mode: str | None = "simple") -> Task:
    """Make a task of which only type and mode are looked at."""
    labels: Any = LabelAssistantReplyTask
    made = SimpleNamespace(type=task_type)
    if task_type.startswith("label_"):
        made = labels.model_construct(type=task_type, mode=mode)
    return cast("Task", made)


def test_the_points_are_those_of_the_protocol_and_of_our_backend() -> None:
    assert {name: (rate.points, rate.each) for name, rate in points.RATES.items()} == scoring.POINTS


def test_a_score_is_taken_apart_and_what_was_never_done_left_out() -> None:
    score = a_score(24, prompts=19, replies_assistant=2, reply_ranked_1=1, labels_full=3)
    assert [(part.name, part.count, part.points) for part in points.parts_of(score)] == [
        ("prompts", 19, 1),
        ("replies_assistant", 2, 8),
        ("reply_ranked_1", 1, 9),
        ("labels_full", 3, 6),
    ]
    assert points.adds_up(score)
    assert not points.adds_up(score.model_copy(update={"leader_score": 25}))
    assert points.parts_of(a_score()) == []


def test_the_levels_begin_where_the_protocol_says() -> None:
    assert levels.THRESHOLDS == scoring.LEVEL_THRESHOLDS
    assert levels.THRESHOLDS[:4] == (0, 4, 9, 16)


@pytest.mark.parametrize(
    ("score", "level", "missing"), [(-3, 1, 4), (0, 1, 4), (3, 1, 1), (4, 2, 5), (10**9, 100, None)]
)
def test_a_level_and_the_way_to_the_next(score: int, level: int, missing: int | None) -> None:
    made = levels.progress(score)
    assert (made.level, made.missing) == (level, missing)


@given(st.integers(0, 10_000))
def test_progress_agrees_with_the_backend_and_its_bar_is_full_only_at_the_end(score: int) -> None:
    made = levels.progress(score)
    assert made.level == scoring.level(score)
    drawn = levels.bar(made.share)
    assert len(drawn) == levels.BAR_CELLS
    assert ("▱" not in drawn) == (made.missing is None)


@pytest.mark.parametrize("locale", locales())
@pytest.mark.parametrize("task_type", [one.value for one in TaskRequestType if one.value != "random"])
def test_what_a_task_earns_is_said_in_every_language(task_type: str, locale: str) -> None:
    line = points.earned_line(a_task(task_type), texts_for(locale))
    if task_type in {"summarize_story", "rate_summary"}:
        assert line == ""
    else:
        assert "earned." not in line
        assert line.startswith("-# ")


def test_what_labels_earn_hangs_on_their_number() -> None:
    def line(mode: str | None) -> str:
        return points.earned_line(a_task("label_assistant_reply", mode), TEXTS)

    assert line("simple") == "-# +1 point"
    assert line("full") == "-# +2 points"
    assert line(None) == ""


@pytest.mark.parametrize("locale", locales())
@pytest.mark.parametrize(
    "name", [*points.RATES, *(f"{one}" for one in ("initial_prompt", "assistant_reply", "prompter_reply"))]
)
def test_every_part_and_kind_has_words(name: str, locale: str) -> None:
    texts = texts_for(locale)
    assert texts.has(f"me.part.{name}") or texts.has(f"me.kind.{name}")


def test_an_outcome_and_a_reason_of_another_backend_are_named_as_it_does() -> None:
    item = Contribution(id=uuid4(), type="poem", text="a", outcome="*framed*")
    assert outcome_line(item, TEXTS) == "Its state: \\*framed\\*"
    assert why_words({"lang_mismatch": 0.6, "spam": 0.2, "rhymes": 1, "toxicity": 1}, TEXTS) == (
        "rhymes: all reviewers; Wrong language: most reviewers; Spam: some reviewers"
    )


@given(st.text(max_size=50), st.booleans())
def test_an_id_is_read_back_as_it_was_written(cursor: str, before: bool) -> None:  # noqa: FBT001  # drawn
    page = PageRef(before=cursor) if before else PageRef(after=cursor or None)
    assert parse_me_id(str(MeId(MeAction.page, page=page))) == MeId(MeAction.page, page=page)
    assert page.fits == (len(f"me:1:look:{page}") <= limits.CUSTOM_ID)


@pytest.mark.parametrize("action", list(MeAction))
def test_every_id_fits_and_is_understood(action: MeAction) -> None:
    cursor = f"{uuid4()}$2026-11-20T12:00:00.123456+00:00"
    for known in (MeId(action, uuid4(), PageRef(before=cursor)), MeId(action, uuid4())):
        written = str(known)
        assert len(written) <= limits.CUSTOM_ID
        read = parse_me_id(written)
        assert read is not None
        assert str(read) == written


@given(st.text(max_size=40))
def test_what_was_not_made_here_is_not_understood(text: str) -> None:
    read = parse_me_id(f"me:1:{text}")
    assert read is None or str(read).casefold().startswith("me:1:")
    if parse_modal_id(f"me_text:1:{text}") is not None:
        assert UUID(text)


@given(st.lists(st.text(st.sampled_from("ab \n\U0001f41d"), max_size=60), max_size=8), st.integers(1, 400))
def test_a_long_text_is_cut_so_that_the_form_gives_it_back(paragraphs: list[str], times: int) -> None:
    text = "\n\n".join(paragraph * times for paragraph in paragraphs).strip()
    parts = form_parts(text)
    if parts is None:
        assert limits.utf16_length(text) > limits.MODAL_TEXT
        return
    assert all(limits.utf16_length(part) <= limits.MODAL_TEXT for part in parts)
    if len(parts) > 1:
        assert whole_text(parts) == text


def test_a_form_fits_whatever_it_is_filled_with() -> None:
    for text in ("a", "x" * 4000, "\n\n".join("y" * 3000 for _ in range(5)), "\U0001f41d" * 2000):
        parts = form_parts(text)
        assert parts is not None
        for longest in (10, 2000, 20_000):
            modal = wording_form(uuid4(), parts, TEXTS, longest_text=longest)
            assert limits.modal_problems(modal.title, modal.custom_id, modal.rows) == []
    assert form_parts("x" * 4001) is None
    assert form_parts("\n\n".join("y" * 3000 for _ in range(6))) is None
    message_id = uuid4()
    assert parse_modal_id(modal_id(message_id)) == message_id


async def test_texts_are_forgotten_after_a_day_and_unsaved_wordings_after_a_month(database: Database) -> None:
    own = OwnTexts(database)
    looked, drafted = uuid4(), uuid4()
    await own.keep(1, looked, "a", now=NOW)
    await own.set_draft(1, drafted, "new", now=NOW)
    await own.prune(NOW + KEPT_FOR)
    assert await own.get(1, looked) is not None
    await own.prune(NOW + KEPT_FOR + timedelta(minutes=1))
    assert await own.get(1, looked) is None
    kept = await own.get(1, drafted)
    assert kept is not None
    assert (kept.text, kept.draft) == ("", "new")
    assert [one.message_id for one in await own.drafted(1)] == [drafted]
    assert await own.get(2, drafted) is None
    await own.prune(NOW + DRAFT_KEPT_FOR + timedelta(minutes=1))
    assert await own.drafted(1) == []


async def test_only_the_wording_that_was_saved_is_dropped(database: Database) -> None:
    own = OwnTexts(database)
    message_id = uuid4()
    await own.keep(1, message_id, "a", now=NOW)
    await own.set_draft(1, message_id, "newer", now=NOW)
    await own.drop_draft(1, message_id, "new")
    assert len(await own.drafted(1)) == 1
    again = await own.keep(1, message_id, "b", now=NOW)
    assert (again.text, again.draft) == ("b", "newer")
    await own.drop_draft(1, message_id, "newer")
    assert await own.drafted(1) == []
