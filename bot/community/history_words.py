"""What became of a text, in words."""

from collections.abc import Mapping
from typing import Final

from bot.forms.label_words import STEPS, inline
from bot.rendering import times
from bot.store.own_texts import OwnText
from bot.texts import Texts
from oasst_client import Contribution, LabelDescription, LabelWidget, Outcome

_ALL: Final = 0.95
_MOST: Final = 0.5
"""From which mean of yes or no on it is all, or most, of the reviewers who said yes."""

_GRADES: Final = ("quality", "helpfulness")
"""The grades that say how good a text is; those that only describe it explain nothing."""


def kind_words(item: Contribution, texts: Texts) -> str:
    """Name the kind of a text; a kind that nobody knows is named as the backend does."""
    key = f"me.kind.{item.type}"
    return texts(key) if texts.has(key) else inline(item.type, 40)


def head_line(item: Contribution, texts: Texts) -> str:
    """Name a text by its kind, its language and its time."""
    parts = [f"**{kind_words(item, texts)}**"]
    if item.lang:
        parts.append(inline(texts.language_name(item.lang), 40))
    if item.created_date is not None:
        parts.append(times.relative(item.created_date))
    return " · ".join(parts)


def outcome_line(item: Contribution, texts: Texts) -> str:
    """Say in a line what became of a text."""
    match item.outcome:
        case Outcome.waiting:
            return _waiting(item, texts)
        case Outcome.ranked if item.rank is not None:
            known = item.ranked_of is not None
            return texts(
                "me.outcome.ranked_of" if known else "me.outcome.ranked", rank=item.rank, of=item.ranked_of
            )
        case Outcome.rejected:
            why = why_words(item.labels or {}, texts)
            return texts("me.outcome.rejected_for", why=why) if why else texts("me.outcome.rejected")
        case Outcome.deleted:
            key = f"me.outcome.deleted.{item.deleted_by}"
            return texts(key) if texts.has(key) else texts("me.outcome.deleted")
        case Outcome.accepted if item.rating is not None:
            return texts("me.outcome.rated", rating=f"{item.rating:.1f}", reviews=item.reviews)
    key = f"me.outcome.{item.outcome}"
    return texts(key) if texts.has(key) else texts("me.outcome.other", outcome=inline(item.outcome, 40))


def why_words(means: Mapping[str, float], texts: Texts) -> str:
    """Say what reviewers found wrong, by the means (0 to 1) of their labels; empty where that is nothing."""
    found = []
    for name, mean in sorted(means.items(), key=lambda one: -one[1]):
        label = LabelDescription.model_validate(name)
        if label.widget is not LabelWidget.likert and mean > 0:
            share = "all" if mean >= _ALL else "most" if mean >= _MOST else "some"
            found.append(texts(f"me.why.{share}", label=_label_name(name, texts)))
    for name in _GRADES:
        if name in means:
            step = min(max(round(means[name] * (STEPS - 1)) + 1, 1), STEPS)
            found.append(texts("me.why.grade", label=_label_name(name, texts), step=step, of=STEPS))
    return "; ".join(found)


def what_can_be_done(item: Contribution, texts: Texts, *, told_all: bool) -> str:
    """Say what its author can still do about a text, and why not more."""
    if not told_all:
        return texts("me.one.told_less")
    if item.outcome == Outcome.deleted:
        return ""
    if item.type == "summary":
        return texts("me.one.summary")
    if item.may_edit:
        return texts("me.one.may_edit")
    return texts("me.one.may_withdraw" if item.may_withdraw else "me.one.fixed")


def draft_line(own: OwnText, texts: Texts) -> str:
    """Name a text of which another wording is not saved."""
    return texts("me.draft.line", text=inline(own.draft or "", 60) or texts("text.blank"))


def _waiting(item: Contribution, texts: Texts) -> str:
    if item.reviews_needed:
        return texts("me.outcome.waiting_for", reviews=item.reviews, needed=item.reviews_needed)
    return texts("me.outcome.waiting", reviews=item.reviews)


def _label_name(name: str, texts: Texts) -> str:
    key = f"label.{name}"
    return texts(key) if texts.has(key) else inline(name.replace("_", " "), 40)
