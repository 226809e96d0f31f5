"""The prompt lottery: whose waiting prompt starts to grow next."""

import random
from collections.abc import Hashable, Mapping
from statistics import fmean
from typing import TypeVar

Author = TypeVar("Author", bound=Hashable)
Prompt = TypeVar("Prompt")

DRAWS_PER_REQUEST = 2
"""How many prompts are drawn at most before one task is handed out."""

DRAWS_PER_AVAILABILITY_QUERY = 1
"""How many prompts are drawn at most before work is counted."""


def author_weight(ranked_first: int) -> int:
    """Weigh an author by how often replies of theirs were ranked first this month."""
    return 1 + ranked_first


def prompt_weight(rank: int | None, group_size: int) -> int:
    """Weigh a prompt by the consensus of its handful: 1, and 1 more for each prompt ranked below it.

    Args:
        rank: its place in the handful, 0 the best; None if it was not ranked.
        group_size: how many prompts the handful has.
    """
    return 1 if rank is None else max(1, group_size - rank)


def draw_prompts(
    waiting: Mapping[Author, Mapping[Prompt, int]],
    ranked_first: Mapping[Author, int],
    places: int,
    rng: random.Random,
) -> list[Prompt]:
    """Draw prompts: an author by weight, then by weight one of this author's, again and again.

    An author weighs `author_weight` times the mean weight of their prompts: many prompts are no advantage,
    good ones are.

    Args:
        waiting: the waiting prompts of each author who may win, with their weights (1 or more).
        ranked_first: how often replies of each author were ranked first this month; missing ones count 0.
        places: how many prompts to draw at most; 0 or less draws none.
        rng: the source of chance.

    Returns:
        Up to `places` different prompts, in the order of drawing.
    """
    left = {author: dict(prompts) for author, prompts in waiting.items() if prompts}
    drawn: list[Prompt] = []
    while left and len(drawn) < places:
        authors = list(left)
        weights = [
            author_weight(ranked_first.get(author, 0)) * fmean(left[author].values()) for author in authors
        ]
        author = rng.choices(authors, weights=weights)[0]
        prompts = left[author]
        prompt = rng.choices(list(prompts), weights=list(prompts.values()))[0]
        drawn.append(prompt)
        del prompts[prompt]
        if not prompts:
            del left[author]
    return drawn
