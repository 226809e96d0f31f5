"""Random histories: by a seed, people and a moderator do something again and again."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

from tests.backend.playing import LABELLING, RANKING, Play

KINDS = ("assistant_reply", "prompter_reply", "summarize_story", "rate_summary", *LABELLING, *RANKING)

Act = Callable[[Play, str, random.Random], bool]

ACTS: dict[str, tuple[float, Act]] = {
    "prompt": (3, lambda play, person, chance: play.work(person, chance, "initial_prompt")),
    "reply": (
        12,
        lambda play, person, chance: play.work(person, chance, "assistant_reply", "prompter_reply"),
    ),
    "label": (24, lambda play, person, chance: play.work(person, chance, *LABELLING)),
    "rank": (10, lambda play, person, chance: play.work(person, chance, *RANKING)),
    "summarize": (1, lambda play, person, chance: play.work(person, chance, "summarize_story")),
    "rate": (2, lambda play, person, chance: play.work(person, chance, "rate_summary")),
    "anything": (6, lambda play, person, chance: play.work(person, chance)),
    "hold": (
        10,
        lambda play, person, chance: any(
            play.hold(person, kind) for kind in chance.sample(KINDS, len(KINDS))
        ),
    ),
    "answer_held": (8, lambda play, _, chance: play.answer_held(chance)),
    "renew": (1, lambda play, _, chance: play.renew(chance)),
    "skip": (3, lambda play, person, _: play.skip(person)),
    "flag": (2, lambda play, person, chance: play.flag(person, chance)),
    "delete": (0.7, lambda play, _, chance: play.delete(chance)),
    "restore": (0.7, lambda play, _, chance: play.restore(chance)),
    "halt": (0.5, lambda play, _, chance: play.halt(chance)),
    "resume": (1, lambda play, _, chance: play.resume(chance)),
    "disable": (0.4, lambda play, person, _: play.set_enabled(person, enabled=False)),
    "enable": (
        2,
        lambda play, _, chance: (
            bool(play.ledger.disabled)
            and play.set_enabled(chance.choice(sorted(play.ledger.disabled)), enabled=True)
        ),
    ),
}
"""What may happen, with its weight: mostly work, now and then something that goes against it."""

PEACEFUL = (
    *("prompt", "reply", "label", "rank", "summarize", "rate"),
    *("anything", "skip", "hold", "answer_held", "renew"),
)
"""Acts that take nothing back."""


def people_named(number: int) -> list[str]:
    """Name some people."""
    return [f"person{index}" for index in range(number)]


def play_history(
    play: Play,
    seed: int,
    steps: int,
    *,
    people: Sequence[str],
    pass_time: Callable[[float], None] | None = None,
    acts: Sequence[str] = tuple(ACTS),
) -> Counter[str]:
    """Play a random history; the same seed on the same backend gives the same choices.

    Args:
        play: the people's hands; its ledger says afterwards what they did.
        seed: where the choices start.
        steps: how many acts are tried.
        people: who takes part.
        pass_time: moves the backend's clock by minutes; without it no time passes between the acts.
        acts: names out of `ACTS`.

    Returns:
        How often each act did something.
    """
    chance = random.Random(seed)  # noqa: S311  # choices that repeat
    weights = [ACTS[name][0] for name in acts]
    done: Counter[str] = Counter()
    for _ in range(steps):
        name = chance.choices(acts, weights=weights)[0]
        done[name] += ACTS[name][1](play, chance.choice(people), chance)
        if pass_time is not None:
            # Mostly moments, now and then so long that what is held goes back.
            pass_time(chance.choice((0.1,) * 19 + (45,)))
    return done
