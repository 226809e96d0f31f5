"""What a community has gathered, as one embed with bars of text."""

from collections.abc import Iterable, Mapping
from typing import Final

import hikari

from bot import limits
from bot.community.charts import Bar
from bot.community.progress_facts import Facts
from bot.levels import bar
from bot.rendering.markdown import escape
from bot.rendering.panels import Panel
from bot.texts import Texts
from oasst_client import WorkOfWeek

COLOUR: Final = 0x3BA55D

MOST_LANGUAGES: Final = 6

STATES: Final = (
    "initial_prompt_review",
    "prompt_lottery_waiting",
    "growing",
    "ranking",
    "ready_for_scoring",
    "scoring_failed",
    "ready_for_export",
    "backlog_ranking",
    "aborted_low_grade",
    "halted_by_moderator",
)
"""The states of conversations that have words, in the order of their lives."""

READY: Final = "ready_for_export"

KINDS: Final = ("prompts", "replies_assistant", "replies_prompter")
DONE: Final = (*KINDS, "reviews", "rankings", "people")

_MILESTONES: Final = (10, 25, 50, 100, 250, 500)
_LONGEST_STATE: Final = 40


def progress_panel(facts: Facts, texts: Texts) -> Panel:
    """Show what there is.

    Args:
        facts: what the backend told.
        texts: the reader's language.
    """
    embed = hikari.Embed(
        title=texts("progress.title"),
        description="\n".join(_headline(facts, texts)),
        color=COLOUR,
        timestamp=facts.updated,
    )
    for name, lines in (
        ("kinds", _kinds(facts, texts)),
        ("given", _given(facts, texts)),
        ("languages", _languages(facts, texts)),
        ("trees", _trees(facts.trees, texts)),
        ("week", _weeks(facts.week, facts.week_before, texts)),
    ):
        if lines:
            embed.add_field(
                texts(f"progress.{name}"), limits.trim("\n".join(lines), limits.EMBED_FIELD_VALUE)
            )
    if facts.at_least:
        embed.set_footer(texts("progress.at_least"))
    return Panel(embeds=(embed,))


def progress_bars(facts: Facts, texts: Texts) -> list[Bar]:
    """Give the numbers of messages by language as bars, or by kind where there is but one language."""
    if len(facts.languages) > 1:
        return [
            Bar(texts.language_name(lang), lang[:5], count, texts.number(count))
            for lang, count in list(facts.languages.items())[:MOST_LANGUAGES]
        ]
    return [
        Bar(texts(f"progress.kind.{kind}"), "", count, texts.number(count))
        for kind, count in _of_kinds(facts).items()
        if count
    ]


def milestone_after(count: int) -> int:
    """Give the next number worth celebrating: 10, 25, 50, 100, 250, 500, 1,000, 2,500 and so on."""
    step = 1
    while True:
        for milestone in _MILESTONES:
            if milestone * step > count:
                return milestone * step
        step *= 100


def _headline(facts: Facts, texts: Texts) -> list[str]:
    if not facts.messages:
        return [texts("progress.empty" if facts.messages == 0 else "progress.untold")]
    lines = [texts("progress.messages", count=texts.number(facts.messages))]
    if facts.people is not None:
        lines.append(texts("progress.people", count=texts.number(facts.people)))
    if facts.trees:
        lines.append(texts("progress.ready", count=texts.number(facts.trees.get(READY, 0))))
    goal = milestone_after(facts.messages)
    lines.append(
        texts(
            "progress.milestone",
            bar=bar(facts.messages / goal),
            goal=texts.number(goal),
            missing=texts.number(goal - facts.messages),
        )
    )
    return lines


def _of_kinds(facts: Facts) -> Mapping[str, int]:
    kinds = facts.kinds
    return {} if kinds is None else {kind: getattr(kinds, kind) for kind in KINDS}


def _kinds(facts: Facts, texts: Texts) -> list[str]:
    counts = _of_kinds(facts)
    if not any(counts.values()):
        return []
    return _rows([(texts(f"progress.kind.{kind}"), count) for kind, count in counts.items()], texts)


def _given(facts: Facts, texts: Texts) -> list[str]:
    given = [("reviews", facts.reviews), ("rankings", facts.rankings)]
    rows = [(texts(f"progress.kind.{kind}"), count) for kind, count in given if count is not None]
    return _rows(rows, texts) if any(count for _, count in rows) else []


def _languages(facts: Facts, texts: Texts) -> list[str]:
    listed = list(facts.languages.items())
    shown = [(escape(texts.language_name(lang)), count) for lang, count in listed[:MOST_LANGUAGES]]
    lines = _rows(shown, texts)
    left = len(listed) - len(shown)
    return [*lines, texts("progress.more_languages", count=left)] if left else lines


def _trees(trees: Mapping[str, int], texts: Texts) -> list[str]:
    known = [(state, trees[state]) for state in STATES if trees.get(state)]
    others = [(state, count) for state, count in trees.items() if state not in STATES and count]
    rows = [(texts(f"progress.state.{state}"), count) for state, count in known]
    rows += [(escape(limits.trim(state, _LONGEST_STATE)), count) for state, count in others[:5]]
    return _rows(rows, texts)


def _rows(rows: Iterable[tuple[str, int]], texts: Texts) -> list[str]:
    """Draw a bar for each, the largest as long as there is room."""
    rows = list(rows)
    largest = max((count for _, count in rows), default=0) or 1
    return [
        texts("progress.row", bar=bar(count / largest), name=name, count=texts.number(count))
        for name, count in rows
    ]


def _weeks(week: WorkOfWeek | None, before: WorkOfWeek | None, texts: Texts) -> list[str]:
    if week is None or before is None:
        return []
    lines = []
    for kind in DONE:
        now, then = getattr(week, kind), getattr(before, kind)
        if now or then:
            trend = "more" if now > then else "less" if now < then else "same"
            change = texts(f"progress.trend.{trend}", count=texts.number(abs(now - then)))
            name = texts(f"progress.kind.{kind}")
            lines.append(texts("progress.week_row", name=name, count=texts.number(now), change=change))
    return lines or [texts("progress.quiet")]
