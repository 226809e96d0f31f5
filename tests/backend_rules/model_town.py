"""A small town in memory that lives by the pure rules alone: its trees, and the work in people's hands."""

import random
from collections import Counter

from oasst_backend.rules.lottery import DRAWS_PER_REQUEST, draw_prompts
from oasst_backend.rules.review import review_verdict
from oasst_backend.rules.scoring import consensus
from oasst_backend.rules.selection import Places, wanted_prompts
from oasst_backend.rules.trees import (
    ModerationAction,
    ParentFacts,
    TreeFacts,
    TreeState,
    accepts_replies,
    can_extend,
    can_halt,
    flag_action,
    settled_state,
    skip_action,
    unhalted_state,
)
from oasst_backend.settings import TreeManagerSettings
from tests.backend_rules.model_trees import Hand, Kind, Message, Tree


class Town:
    """All of it; acts give whether they did anything.

    Args:
        rules: the numbers by which trees grow.
    """

    def __init__(self, rules: TreeManagerSettings) -> None:
        self.rules = rules
        self.trees: list[Tree] = []
        self.hands: list[Hand] = []
        self.disabled: set[str] = set()
        self._deletions = 0

    # Which work there is

    def held(self, kind: Kind, subject: Message | None = None, tree: Tree | None = None) -> int:
        """Count the places of this kind that are kept, at a message or in a tree."""
        return sum(
            hand.reserved
            and hand.kind == kind
            and (subject is None or hand.subject is subject)
            and (tree is None or hand.tree is tree)
            for hand in self.hands
        )

    def places(self) -> Places:
        """Tell how full the places for trees are."""
        states = Counter(tree.state for tree in self.trees)
        return Places(
            growing=states[TreeState.growing],
            in_review=states[TreeState.initial_prompt_review] + self.held("prompt"),
            waiting=states[TreeState.prompt_lottery_waiting],
            max_growing=self.rules.max_active_trees,
            max_in_review=self.rules.max_initial_prompt_review,
            max_waiting=self.rules.max_prompt_lottery_waiting,
        )

    def room(self, message: Message) -> int:
        """Tell how many replies a message takes."""
        return self.rules.num_prompter_replies if message.is_assistant else self.rules.max_children_count

    def takes_reply(self, tree: Tree, parent: Message, *, own: int = 0) -> bool:
        """Say whether a reply is wanted beyond those that are being written, `own` of which do not count."""
        return can_extend(
            ParentFacts(
                state=tree.state,
                goal_tree_size=tree.goal,
                in_tree=sum(message.alive for message in tree.messages) + self.held("reply", tree=tree) - own,
                accepted=parent.accepted,
                deleted=parent.deleted,
                is_assistant=parent.is_assistant,
                depth=parent.depth,
                max_depth=self.rules.max_tree_depth,
                children=sum(child.alive for child in parent.children) + self.held("reply", parent) - own,
                max_children_count=self.rules.max_children_count,
                num_prompter_replies=self.rules.num_prompter_replies,
            )
        )

    def required(self, message: Message) -> int:
        """Tell how many reviews decide about a message."""
        return self.rules.num_reviews_initial_prompt if message.depth == 0 else self.rules.num_reviews_reply

    def missing_reviews(self, tree: Tree, message: Message) -> int:
        """Count the reviews that a message lacks, whether or not somebody is at them."""
        under_review = message.depth == 0 or tree.state is TreeState.growing
        if tree.state not in {TreeState.initial_prompt_review, TreeState.growing} or not under_review:
            return 0
        return (
            self.required(message) - len(message.reviews) if message.alive and message.verdict is None else 0
        )

    def rankable(self, parent: Message) -> list[Message]:
        """Give the replies to a message that are put in order."""
        if parent.deleted or (parent.is_assistant and not self.rules.rank_prompter_replies):
            return []
        replies = [child for child in parent.children if child.accepted]
        return replies if len(replies) > 1 else []

    def missing_rankings(self, parent: Message) -> int:
        """Count the rankings that the replies to a message lack."""
        replies = self.rankable(parent)
        least = min((reply.ranked for reply in replies), default=self.rules.num_required_rankings)
        return max(0, self.rules.num_required_rankings - least)

    def work_for(self, person: str, kind: Kind) -> list[tuple[Tree, Message]]:
        """List the messages where a person could do something of a kind now."""
        found = []
        for tree in self.trees:
            for message in tree.messages:
                if (kind, person) in message.skips or any(
                    hand.person == person and hand.subject is message and hand.kind == kind
                    for hand in self.hands
                ):
                    continue
                if self._is_for(person, kind, tree, message):
                    found.append((tree, message))
        return found

    def _is_for(self, person: str, kind: Kind, tree: Tree, message: Message) -> bool:
        if kind == "reply":
            own = any(child.author == person and not child.deleted for child in message.children)
            return not own and self.takes_reply(tree, message)
        if kind == "review":
            seen = message.author == person or person in {*dict(message.reviews), *message.late_reviews}
            return not seen and self.missing_reviews(tree, message) > self.held("review", message)
        by_person = any(child.author == person for child in self.rankable(message))
        seen = by_person or person in {*(name for name, _ in message.ballots), *message.late_ballots}
        is_due = tree.state is TreeState.ranking and self.missing_rankings(message) > self.held(
            "ranking", message
        )
        return is_due and not seen

    # What people do

    def take(self, person: str, kind: Kind, chance: random.Random) -> Hand | None:
        """Hand out some work of a kind."""
        if person in self.disabled:
            return None
        self.draw(chance)
        if kind == "prompt":
            if wanted_prompts(self.places()) <= 0:
                return None
            hand = Hand(person, kind)
        else:
            if not (work := self.work_for(person, kind)):
                return None
            tree, message = chance.choice(work)
            hand = Hand(person, kind, tree, message, self.rankable(message))
            chance.shuffle(hand.served)
        self.hands.append(hand)
        return hand

    def answer(self, hand: Hand, chance: random.Random, *, spam: bool = False) -> bool:
        """Take the answer to a task; without a place it is kept as surplus, in a dead tree refused."""
        self.hands.remove(hand)
        if hand.person in self.disabled:
            return False
        if hand.tree is None or hand.subject is None:
            self.trees.append(Tree(Message(hand.person, 0), self.rules.goal_tree_size))
            return True
        if hand.kind == "reply":
            return self._add_reply(hand, hand.tree, hand.subject)
        if hand.kind == "review":
            self._add_review(hand, hand.tree, hand.subject, float(spam))
        else:
            self._add_ballot(hand, hand.tree, hand.subject, chance)
        return True

    def _add_reply(self, hand: Hand, tree: Tree, parent: Message) -> bool:
        if not accepts_replies(tree.state):
            return False
        # A place that is kept is no longer in `hands`, so it is not counted against itself.
        surplus = not self.takes_reply(tree, parent)
        deletion = parent.deletion
        reply = Message(hand.person, parent.depth + 1, parent, surplus=surplus, deletion=deletion)
        parent.children.append(reply)
        self.settle(tree)
        return True

    def _add_review(self, hand: Hand, tree: Tree, message: Message, spam: float) -> None:
        if self.missing_reviews(tree, message) <= self.held("review", message):
            message.late_reviews.append(hand.person)
            return
        message.reviews.append((hand.person, spam))
        self.settle(tree)

    def _add_ballot(self, hand: Hand, tree: Tree, parent: Message, chance: random.Random) -> None:
        is_due = tree.state is TreeState.ranking
        if not is_due or self.missing_rankings(parent) <= self.held("ranking", parent):
            parent.late_ballots.append(hand.person)
            return
        order = chance.sample(hand.served, len(hand.served))
        parent.ballots.append((hand.person, order))
        for reply in order:
            reply.ranked += 1
        self.settle(tree)

    def skip(self, hand: Hand) -> None:
        """Take a task back; many skipped replies halt the tree."""
        self.hands.remove(hand)
        if hand.subject is None or hand.tree is None:
            return
        hand.subject.skips.add((hand.kind, hand.person))
        if hand.kind == "reply":
            hand.subject.replies_skipped.add(hand.person)
            skips = len(hand.subject.replies_skipped)
            if skip_action(hand.tree.state, skips=skips, limit=self.rules.auto_mod_max_skip_reply):
                hand.tree.state = TreeState.halted_by_moderator

    def flag(self, tree: Tree, message: Message, person: str) -> None:
        """Raise a red flag; many remove the message or its tree."""
        if person in message.flags:
            return
        message.flags.add(person)
        action = flag_action(
            tree.state,
            is_root=message.depth == 0,
            red_flags=len(message.flags),
            limit=self.rules.auto_mod_red_flags,
        )
        if action is ModerationAction.abort_tree:
            tree.state = TreeState.aborted_low_grade
        elif action is ModerationAction.delete_reply:
            self.delete(tree, message)

    # What moderators do, and what happens by itself

    def delete(self, tree: Tree, message: Message) -> None:
        """Delete a message with all below it."""
        self._deletions += 1
        for each in message.below():
            if not each.deleted:
                each.deletion = self._deletions
        self.settle(tree)

    def restore(self, tree: Tree, message: Message) -> None:
        """Restore what the same act deleted, and what is above."""
        acts = {message.deletion}
        above = message.parent
        while above is not None:
            acts.add(above.deletion)
            above = above.parent
        for each in tree.messages:
            if each.deleted and each.deletion in acts:
                each.deletion = None
                each.restored = True
        self.settle(tree)

    def set_halted(self, tree: Tree, *, halt: bool) -> None:
        """Halt a tree, or let it go on where its facts put it."""
        if not can_halt(tree.state):
            return
        tree.moderated += 1
        if halt:
            tree.state = TreeState.halted_by_moderator
            return
        tree.resumed = True
        tree.state = unhalted_state(self.facts(tree))
        self.settle(tree)

    def disable(self, person: str) -> None:
        """Shut a person out; their waiting prompts are halted."""
        self.disabled.add(person)
        for tree in self.trees:
            self.settle(tree)

    def draw(self, chance: random.Random) -> None:
        """Let prompts win the lottery while there is room for growing trees."""
        waiting: dict[str, dict[Tree, int]] = {}
        for tree in self.trees:
            if tree.state is TreeState.prompt_lottery_waiting:
                waiting.setdefault(tree.root.author, {})[tree] = 1
        growing = sum(tree.state is TreeState.growing for tree in self.trees)
        places = min(DRAWS_PER_REQUEST, self.rules.max_active_trees - growing)
        for tree in draw_prompts(waiting, {}, places, chance):
            tree.won = True
            self.settle(tree)

    # What follows from the facts

    def facts(self, tree: Tree, *, ranks_computed: bool | None = None) -> TreeFacts:
        """Collect what decides about a tree's state."""
        messages = tree.messages
        accepted = sum(message.accepted for message in messages)
        awaiting = sum(message.alive and message.verdict is None for message in messages)
        growing = Tree(tree.root, tree.goal, TreeState.growing)
        can_grow = any(self.takes_reply(growing, message) for message in messages)
        return TreeFacts(
            state=tree.state,
            goal_tree_size=tree.goal if can_grow else min(tree.goal, accepted),
            messages=sum(not message.deleted for message in messages),
            accepted=accepted,
            awaiting_review=awaiting,
            root_verdict=None if tree.root.deleted else tree.root.verdict,
            rankable_parents=sum(bool(self.rankable(message)) for message in messages),
            open_parents=sum(self.missing_rankings(message) > 0 for message in messages),
            won_lottery=tree.won,
            ranks_computed=ranks_computed,
        )

    def settle(self, tree: Tree) -> None:
        """Decide about what has its reviews, and move the tree on as far as its facts carry it."""
        for message in tree.messages:
            if message.alive and message.verdict is None:
                is_root = message.depth == 0
                message.verdict = review_verdict(
                    [{"spam": spam} for _, spam in message.reviews],
                    required=self.required(message),
                    threshold=self.rules.acceptance_threshold_initial_prompt
                    if is_root
                    else self.rules.acceptance_threshold_reply,
                )
        tree.state = settled_state(self.facts(tree))
        if tree.state is TreeState.ready_for_scoring:
            self._rank(tree)
            tree.state = settled_state(self.facts(tree, ranks_computed=True))
        if tree.state is TreeState.prompt_lottery_waiting and tree.root.author in self.disabled:
            tree.state = TreeState.halted_by_moderator

    def _rank(self, tree: Tree) -> None:
        for parent in tree.messages:
            for rank, reply in enumerate(consensus([ballot for _, ballot in parent.ballots]) or []):
                reply.rank = rank
