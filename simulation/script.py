"""The script of a simulated community: who may write which text where, and how to rank what is visible."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from simulation.matching import closest, normalised
from simulation.spam import spam_texts
from simulation.trees import MODAL_LIMIT, LeftOut, Node, read_trees

__all__ = ["Ballot", "Part", "Requirements", "Script", "Sighting", "UnknownTextError"]

RANKINGS = 3
REVIEWS = 3
MIN_ACTORS = 12
SPAM_PROMPTS = 2


class UnknownTextError(Exception):
    """Somebody sees a text that is nowhere in the file and that nobody planted."""


@dataclass(frozen=True)
class Requirements:
    """What a backend must be set to so that the file can come out as it went in.

    The names are those of the backend's tree manager, `message_size_limit` (code points) and `actors` apart.
    """

    num_prompter_replies: int
    max_children_count: int
    max_tree_depth: int
    rank_prompter_replies: bool
    num_reviews_initial_prompt: int
    num_reviews_reply: int
    num_required_rankings: int
    max_initial_prompt_review: int
    max_prompt_lottery_waiting: int
    auto_mod_max_skip_reply: int
    message_size_limit: int
    actors: int

    def tree_manager(self) -> dict[str, int | bool]:
        """Return the settings of the tree manager, by name."""
        return {k: v for k, v in vars(self).items() if k not in {"message_size_limit", "actors"}}


@dataclass(frozen=True)
class Sighting:
    """What a conversation is: the message at its end, or `spam` if it holds a planted text."""

    node: Node | None
    spam: bool


@dataclass(frozen=True, eq=False)
class Part:
    """A text for one person to write below a message: a reply of the file, or spam if `node` is None."""

    text: str
    below: Node | None
    node: Node | None


@dataclass(frozen=True, eq=False)
class Ballot:
    """An order of visible replies: their indices, best first; `number` counts a message's ballots from 0."""

    order: tuple[int, ...]
    below: Node
    number: int


class Script:
    """A file of trees as parts to play; it remembers what was written. Not shared between threads.

    Attributes:
        trees: the prompts with all replies that are played.
        left_out: what is not played, and why.
        planted: the spam that people sent so far.
    """

    def __init__(self, trees: Sequence[Node], left_out: Sequence[LeftOut] = (), *, seed: int = 0) -> None:
        """Prepare trees as `read_trees` gives them; the same seed gives the same choices."""
        self.trees = list(trees)
        self.left_out = list(left_out)
        self.planted: list[str] = []
        self._seed = seed
        self._rng = random.Random(seed)  # noqa: S311  # a rehearsal must be repeatable, not unguessable
        self._roots = {root: root.key for root in self.trees}
        self._open: dict[Node, list[Node]] = {n: list(n.children) for n in self._nodes()}
        self._held: dict[Part, str] = {}
        self._sent: dict[str, set[str]] = {}
        self._ballots: dict[Node, set[int]] = {}
        self._written = 0
        self._plan_spam()

    @classmethod
    def read(cls, path: Path, *, seed: int = 0) -> "Script":
        """Read a file in the dataset's format.

        Raises:
            ScriptError: there is nothing in it that can be played; the problems are named by line.
        """
        trees, left_out = read_trees(path)
        return cls(trees, left_out, seed=seed)

    @property
    def languages(self) -> list[str]:
        """The languages of the prompts, as in the file, the most frequent first."""
        langs = [root.lang for root in self.trees]
        return sorted(dict.fromkeys(langs), key=lambda lang: -langs.count(lang))

    @property
    def messages(self) -> int:
        """How many messages are played, prompts included."""
        return len(self._open)

    @property
    def rankings(self) -> int:
        """How many messages have replies that people must rank."""
        ranked = self.ranks_prompter_replies
        return sum(len(n.children) > 1 for n in self._open if n.role == "prompter" or ranked)

    @property
    def replies_left(self) -> int:
        """How many replies of the file nobody has written yet."""
        return self.messages - len(self.trees) - self._written

    @property
    def spam_prompts_left(self) -> int:
        """How many spam prompts nobody has sent yet."""
        return len(self._spam_prompts)

    @property
    def ranks_prompter_replies(self) -> bool:
        """Whether the file ranks replies of the prompter's."""
        return any(n.ranked_children() for n in self._open if n.role == "assistant")

    def prompts(self) -> list[dict[str, Any]]:
        """Return the prompts to import, each with the size, depth and width of its tree."""
        return [
            {
                "text": root.text,
                "lang": root.lang,
                "goal_tree_size": sum(1 for _ in root.walk()),
                "max_depth": max(1, *(n.depth for n in root.walk())),
                "max_children_count": max(1, *(len(n.children) for n in root.walk() if n.role == "prompter")),
            }
            for root in self.trees
        ]

    def requirements(self) -> Requirements:
        """Return what the file asks of a backend, and how many people it takes."""
        by_role = {role: [n for n in self._open if n.role == role] for role in ("prompter", "assistant")}
        most = {role: max((len(n.children) for n in nodes), default=0) for role, nodes in by_role.items()}
        people = max(len(n.children) + RANKINGS for n in self._open)
        actors = max(MIN_ACTORS, people)
        prompts = len(self.trees) + SPAM_PROMPTS
        longest = max(len(n.text) for n in self._open)
        return Requirements(
            num_prompter_replies=max(1, most["assistant"]),
            max_children_count=max(1, most["prompter"]),
            max_tree_depth=max(1, *(n.depth for n in self._open)),
            rank_prompter_replies=self.ranks_prompter_replies,
            num_reviews_initial_prompt=REVIEWS,
            num_reviews_reply=REVIEWS,
            num_required_rankings=RANKINGS,
            # Room for every imported prompt, and for what people add.
            max_initial_prompt_review=2 * prompts,
            max_prompt_lottery_waiting=2 * prompts,
            # Everybody may once have nothing to say to a message; that must not halt its tree.
            auto_mod_max_skip_reply=2 * actors + 1,
            message_size_limit=max(MODAL_LIMIT, longest),
            actors=actors,
        )

    def find(self, texts: Sequence[str]) -> Sighting:
        """Return what a visible conversation is, from the prompt on.

        Raises:
            UnknownTextError: it is nothing of the file and no spam.
        """
        node: Node | None = None
        for place, text in enumerate(texts, start=1):
            if self.is_spam(text):
                return Sighting(None, spam=True)
            known = self._roots if node is None else {child: child.key for child in node.children}
            found = closest(text, known)
            if found is None:
                where = "the prompts" if node is None else f"the replies to {node.name}"
                raise UnknownTextError(
                    f"message {place} of a conversation is not among {where}: {text[:80]!r}"
                )
            node = found
        if node is None:
            raise UnknownTextError("a conversation without any message")
        return Sighting(node, spam=False)

    def is_spam(self, text: str) -> bool:
        """Return whether people planted this text."""
        return closest(text, [(spam, normalised(spam)) for spam in self.planted]) is not None

    def hand_out(self, below: Node, person: str) -> Part | None:
        """Return what a person shall reply to a message; None: nothing (any more).

        A text goes to one person at a time, and never twice to the same one. Close each part with `taken` or
        `give_back`.
        """
        sent = self._sent.setdefault(person, set())
        if below in self._spam_below:
            return self._hold(Part(self._spam_below.pop(below), below, None), person)
        choices = [child for child in self._open[below] if child.key not in sent]
        if not choices:
            return None
        child = self._rng.choice(choices)
        self._open[below].remove(child)
        return self._hold(Part(child.text, below, child), person)

    def hand_out_prompt(self, person: str) -> Part | None:
        """Return a spam prompt for a person to send; None: there is none (any more)."""
        if not self._spam_prompts:
            return None
        return self._hold(Part(self._spam_prompts.pop(), None, None), person)

    def being_written(self, below: Node) -> bool:
        """Return whether somebody holds a reply to this message; it may come back."""
        return any(part.below is below for part in self._held)

    def taken(self, part: Part) -> None:
        """Close a part: the bot took the text."""
        self._held.pop(part)
        self._written += part.node is not None

    def give_back(self, part: Part) -> None:
        """Close a part: the text was not taken, somebody else shall write it."""
        self._held.pop(part)
        if part.node is not None and part.below is not None:
            # It stays among what the person sent: a backend may remember it as theirs.
            self._open[part.below].append(part.node)
            return
        self.planted.remove(part.text)
        if part.below is None:
            self._spam_prompts.append(part.text)
        else:
            self._spam_below[part.below] = part.text

    def rank(self, below: Node, replies: Sequence[str]) -> Ballot:
        """Return an order of the visible replies: by the file's ranks, then the unranked ones, spam last.

        One of the first three ballots on a message has two neighbours of the file's order swapped. Give a
        ballot that was not taken to `withdraw`.

        Raises:
            UnknownTextError: a reply is nothing of the file and no spam.
        """
        nodes = [self._reply(below, text) for text in replies]
        numbers = self._ballots.setdefault(below, set())
        number = next(n for n in range(len(numbers) + 1) if n not in numbers)
        numbers.add(number)
        wanted = [n for n in self._order(below, number) if n in nodes]
        order = [nodes.index(n) for n in wanted]
        order += [i for i in range(len(nodes)) if i not in order]
        return Ballot(tuple(order), below, number)

    def withdraw(self, ballot: Ballot) -> None:
        """Forget a ballot that was not taken, so that the next one takes its place."""
        self._ballots[ballot.below].discard(ballot.number)

    def open_places(self) -> list[str]:
        """Say which messages still lack replies of the file, one line each."""
        held = {part.node: person for part, person in self._held.items()}
        lines = []
        for below, children in self._open.items():
            writers = [held[child] for child in below.children if child in held]
            if children or writers:
                by = f", being written by {', '.join(writers)}" if writers else ""
                lines.append(f"  {below.name} lacks {len(children) + len(writers)} replies{by}")
        return lines

    def _nodes(self) -> list[Node]:
        return [node for root in self.trees for node in root.walk()]

    def _plan_spam(self) -> None:
        """Choose where spam goes: where enough people are left who wrote nothing there."""
        texts = spam_texts()
        roomy = [n for n, kids in self._open.items() if kids and len(kids) + 1 + RANKINGS <= MIN_ACTORS]
        wanted = min(len(roomy), 8, max(2, len(self.trees) // 6))
        self._spam_below = dict(zip(self._rng.sample(roomy, wanted), texts, strict=False))
        self._spam_prompts = list(islice(texts, SPAM_PROMPTS))

    def _hold(self, part: Part, person: str) -> Part:
        self._held[part] = person
        if part.node is None:
            self.planted.append(part.text)
        else:
            self._sent[person].add(part.node.key)
        return part

    def _reply(self, below: Node, text: str) -> Node | None:
        found = closest(text, {child: child.key for child in below.children})
        if found is None and not self.is_spam(text):
            raise UnknownTextError(f"a reply to {below.name} is not in the file: {text[:80]!r}")
        return found

    def _order(self, below: Node, number: int) -> list[Node]:
        ranked = below.ranked_children()
        rng = random.Random(f"{self._seed}/{below.name}")  # noqa: S311  # as above
        careless = rng.randrange(RANKINGS)
        if number == careless and ranked:
            place = rng.randrange(len(ranked) - 1)
            ranked[place], ranked[place + 1] = ranked[place + 1], ranked[place]
        return ranked + [child for child in below.children if child not in ranked]
