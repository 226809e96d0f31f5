"""Which work is drawn, for whom there are places, and who wins the lottery."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oasst_backend.rules.lottery import draw_prompts, prompt_weight
from oasst_backend.rules.selection import (
    KIND_OF_TYPE,
    WEIGHTS,
    Places,
    WorkKind,
    draw_kind,
    is_lonely,
    wanted_prompts,
)
from oasst_client import TaskRequestType


@pytest.fixture
def chance() -> random.Random:
    return random.Random(7)  # noqa: S311 - draws of work, not secrets


@given(st.sets(st.sampled_from(WorkKind)), st.randoms(use_true_random=False))
def test_what_is_drawn_has_work(kinds: set[WorkKind], rng: random.Random) -> None:
    drawn = draw_kind(kinds, rng)
    assert drawn in kinds if kinds else drawn is None


def test_kinds_are_drawn_by_weight(chance: random.Random) -> None:
    kinds = set(WorkKind) - {WorkKind.rating, WorkKind.summary}
    drawn = Counter(draw_kind(kinds, chance) for _ in range(20_000))
    share = {kind: count / 20_000 for kind, count in drawn.items()}
    assert share[WorkKind.ranking] == pytest.approx(10 / 22.01, abs=0.02)
    assert share[WorkKind.label_reply] == pytest.approx(5 / 22.01, abs=0.02)
    assert share[WorkKind.label_prompt] == pytest.approx(5 / 22.01, abs=0.02)
    assert share[WorkKind.reply] == pytest.approx(2 / 22.01, abs=0.02)
    assert share.get(WorkKind.prompt, 0) < 0.005


def test_every_type_of_task_belongs_to_one_kind() -> None:
    assert set(KIND_OF_TYPE) == set(TaskRequestType) - {TaskRequestType.random}
    assert set(KIND_OF_TYPE.values()) == set(WorkKind) == set(WEIGHTS)


def test_a_prompt_is_drawn_where_nothing_else_is_to_do(chance: random.Random) -> None:
    assert draw_kind({WorkKind.prompt}, chance) is WorkKind.prompt


@pytest.mark.parametrize(("children", "lonely"), [(0, False), (1, True), (2, False)])
def test_lonely_messages(children: int, lonely: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    assert is_lonely(is_assistant=False, children=children, lonely_children_count=2) is lonely
    assert not is_lonely(is_assistant=True, children=children, lonely_children_count=2)


@pytest.mark.parametrize(
    ("growing", "in_review", "waiting", "wanted"),
    [
        (0, 0, 0, 110),
        (10, 0, 0, 100),
        (10, 100, 0, 0),
        (4, 100, 0, 6),
        (4, 103, 0, 3),
        (4, 106, 0, 0),
        (4, 999, 0, 0),
        (0, 0, 245, 5),
        (0, 0, 251, 0),
        (12, 130, 0, 0),
    ],
)
def test_how_many_prompts_are_wanted(growing: int, in_review: int, waiting: int, wanted: int) -> None:
    places = Places(growing, in_review, waiting, max_growing=10, max_in_review=100, max_waiting=250)
    assert wanted_prompts(places) == wanted


waiting_prompts = st.dictionaries(st.sampled_from("ABCD"), st.lists(st.integers(1, 9), max_size=4))


@given(waiting_prompts, st.integers(-1, 6), st.randoms(use_true_random=False))
def test_each_waiting_prompt_wins_once_at_most(
    waiting: dict[str, list[int]], places: int, rng: random.Random
) -> None:
    named = {
        author: {(author, i): weight for i, weight in enumerate(weights)}
        for author, weights in waiting.items()
    }
    everything = [prompt for prompts in named.values() for prompt in prompts]
    drawn = draw_prompts(named, {}, places, rng)
    assert len(drawn) == len(set(drawn)) == max(0, min(places, len(everything)))
    assert set(drawn) <= set(everything)


def test_authors_win_by_weight_and_not_by_how_much_they_wait_with(chance: random.Random) -> None:
    waiting = {"flooder": dict.fromkeys(range(100), 1), "helper": {-1: 1}, "newcomer": {-2: 1}}
    drawn = Counter(draw_prompts(waiting, {"helper": 2}, 1, chance)[0] for _ in range(10_000))
    assert drawn[-1] / 10_000 == pytest.approx(3 / 5, abs=0.02)
    assert drawn[-2] / 10_000 == pytest.approx(1 / 5, abs=0.02)


def test_a_draw_leaves_what_it_was_given(chance: random.Random) -> None:
    waiting = {"a": {1: 1, 2: 3}}
    draw_prompts(waiting, {}, 2, chance)
    assert waiting == {"a": {1: 1, 2: 3}}


def test_what_people_put_first_is_likelier_to_be_drawn(chance: random.Random) -> None:
    assert [prompt_weight(rank, 4) for rank in (None, 0, 1, 2, 3)] == [1, 4, 3, 2, 1]
    of_one_author = {"ann": {"best": 4, "worst": 1}}
    drawn = Counter(draw_prompts(of_one_author, {}, 1, chance)[0] for _ in range(10_000))
    assert drawn["best"] / 10_000 == pytest.approx(4 / 5, abs=0.02)
    of_two = {"ann": {"good": 4, "bad": 1}, "bob": {"other": 1}}
    drawn = Counter(draw_prompts(of_two, {}, 1, chance)[0] for _ in range(10_000))
    assert drawn["other"] / 10_000 == pytest.approx(1 / 3.5, abs=0.02)
