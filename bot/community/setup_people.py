"""How many active people a backend's tree settings need, so that no tree has to wait for somebody new."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError


@dataclass(frozen=True, slots=True)
class PeopleNeeded:
    """How many people a tree needs at least, and what for.

    Attributes:
        people: how many in all, 1 or more.
        reviewers: who look at one message; none of them wrote it.
        writers: whose replies to one message are put in order; 0 where nothing is ranked.
        rankers: who put them in order; none of them wrote one of them.
    """

    people: int
    reviewers: int
    writers: int
    rankers: int


class _TreeSettings(BaseModel):
    """The numbers that count here, by the protocol's names; other backends may have more."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    num_reviews_initial_prompt: int = Field(ge=0)
    num_reviews_reply: int = Field(ge=0)
    num_required_rankings: int = Field(ge=0)
    max_children_count: int = Field(ge=0)
    max_tree_depth: int = Field(ge=0)
    goal_tree_size: int = Field(ge=1)
    num_prompter_replies: int = Field(default=1, ge=0)
    rank_prompter_replies: bool = False


def people_needed(public_settings: Mapping[str, JsonValue]) -> PeopleNeeded | None:
    """Work out how many active people it takes to finish a tree, whoever does what.

    Nobody reviews a message of their own or the same one twice, writes two replies to the same message, ranks
    the same replies twice, or ranks replies of which they wrote one. So a message takes its author and its
    reviewers; replies that are ranked take their authors and their rankers. The larger number counts: people
    can do all else in turn, and whoever wrote one message can review another. It is the number with which a
    tree of full width is finished; one of fewer replies gets along with fewer people.

    Args:
        public_settings: what the backend tells of itself, with the tree settings below `tree_manager`.

    Returns:
        None where the backend does not tell.
    """
    try:
        trees = _TreeSettings.model_validate(public_settings.get("tree_manager"))
    except ValidationError:
        return None
    grows = trees.goal_tree_size > 1 and trees.max_tree_depth > 0
    reviewers = max(trees.num_reviews_initial_prompt, trees.num_reviews_reply if grows else 0)
    writers = _most_siblings(trees) if grows else 0
    # A single reply is not ranked.
    if writers <= 1 or trees.num_required_rankings == 0:
        return PeopleNeeded(max(1 + reviewers, writers), reviewers, 0, 0)
    rankers = trees.num_required_rankings
    return PeopleNeeded(max(1 + reviewers, writers + rankers), reviewers, writers, rankers)


def _most_siblings(trees: _TreeSettings) -> int:
    """Give the largest number of replies to one message that are ranked, as far as the tree's size allows."""
    widest = trees.max_children_count
    if trees.rank_prompter_replies and trees.max_tree_depth > 1:
        widest = max(widest, min(trees.num_prompter_replies, trees.goal_tree_size - 2))
    return min(widest, trees.goal_tree_size - 1)
