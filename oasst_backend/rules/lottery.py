"""The prompt lottery: whose waiting prompt starts to grow next."""

import random
from collections.abc import Hashable, Mapping, Sequence
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


def draw_prompts(
    waiting: Mapping[Author, Sequence[Prompt]],
    ranked_first: Mapping[Author, int],
    places: int,
    rng: random.Random,
) -> list[Prompt]:
    """Draw prompts: an author by weight, then one of this author's waiting prompts, again and again.

    Args:
        waiting: the waiting prompts of each author who may win.
        ranked_first: how often replies of each author were ranked first this month; missing ones count 0.
        places: how many prompts to draw at most; 0 or less draws none.
        rng: the source of chance.

    Returns:
        Up to `places` different prompts, in the order of drawing.
    """
    left = {author: list(prompts) for author, prompts in waiting.items() if prompts}
    drawn: list[Prompt] = []
    while left and len(drawn) < places:
        authors = list(left)
        weights = [author_weight(ranked_first.get(author, 0)) for author in authors]
        author = rng.choices(authors, weights=weights)[0]
        prompts = left[author]
        drawn.append(prompts.pop(rng.randrange(len(prompts))))
        if not prompts:
            del left[author]
    return drawn
