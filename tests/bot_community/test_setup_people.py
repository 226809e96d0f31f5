"""How many active people a backend's tree settings need."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.community.setup_people import PeopleNeeded, people_needed
from oasst_backend.settings import BackendSettings
from tests.bot_community.settings_scene import SMALL


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({}, PeopleNeeded(3, reviewers=1, writers=2, rankers=1)),
        ({"num_reviews_reply": 5}, PeopleNeeded(6, reviewers=5, writers=2, rankers=1)),
        ({"num_reviews_initial_prompt": 4}, PeopleNeeded(5, reviewers=4, writers=2, rankers=1)),
        ({"num_required_rankings": 3, "max_children_count": 3}, PeopleNeeded(6, 1, writers=3, rankers=3)),
        # A small tree has no room for more replies to one message.
        ({"max_children_count": 9, "goal_tree_size": 4}, PeopleNeeded(4, 1, writers=3, rankers=1)),
        # One reply is not ranked, and neither is what needs no ranking.
        ({"max_children_count": 1}, PeopleNeeded(2, 1, writers=0, rankers=0)),
        ({"num_required_rankings": 0}, PeopleNeeded(2, 1, writers=0, rankers=0)),
        # A tree of one message is reviewed, and that is all.
        ({"goal_tree_size": 1, "num_reviews_reply": 9}, PeopleNeeded(2, 1, writers=0, rankers=0)),
        ({"max_tree_depth": 0}, PeopleNeeded(2, 1, writers=0, rankers=0)),
        ({"num_prompter_replies": 4}, PeopleNeeded(3, 1, writers=2, rankers=1)),
        (
            {"num_prompter_replies": 4, "rank_prompter_replies": True},
            PeopleNeeded(5, 1, writers=4, rankers=1),
        ),
    ],
)
def test_people_for_a_tree(changed: Mapping[str, Any], needed: PeopleNeeded) -> None:
    assert people_needed({"tree_manager": {**SMALL, **changed}, "other": 1}) == needed


@pytest.mark.parametrize(("preset", "people"), [("small", 3), ("normal", 6), ("large", 7)])
def test_the_presets_of_the_embedded_backend(preset: str, people: int) -> None:
    settings = BackendSettings(_env_file=None, tree_manager={"preset": preset}, backend_api_keys=["key"])
    needed = people_needed(settings.model_dump(mode="json", include={"tree_manager"}))
    assert needed is not None
    assert needed.people == people


@given(st.fixed_dictionaries(dict.fromkeys(SMALL, st.integers(1, 20))), st.sampled_from(sorted(SMALL)))
def test_more_of_anything_never_takes_fewer_people(numbers: dict[str, Any], raised: str) -> None:
    before = people_needed({"tree_manager": numbers})
    after = people_needed({"tree_manager": {**numbers, raised: numbers[raised] + 1}})
    assert before is not None
    assert after is not None
    assert after.people >= before.people > before.reviewers


@given(
    st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()))
)
def test_whatever_a_backend_says_it_is_read_or_not(said: dict[str, Any]) -> None:
    assert people_needed(said) is None or "tree_manager" in said
    assert people_needed({"tree_manager": said}) is None or set(SMALL) <= said.keys()
