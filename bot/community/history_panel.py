"""The pages of /me with somebody's texts: the list, and one text whole with what can be done about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import hikari

from bot import limits
from bot.community.history import HistoryPage
from bot.community.history_words import (
    draft_line,
    head_line,
    kind_words,
    outcome_line,
    what_can_be_done,
)
from bot.community.me_ids import FIRST_PAGE, MeAction, MeId, PageRef
from bot.forms.controls import menu, option, plain_button, row
from bot.forms.label_words import inline
from bot.rendering.blank import is_blank
from bot.rendering.characters import shown_whole
from bot.rendering.files import text_file
from bot.rendering.markdown import preview
from bot.rendering.panels import Panel
from bot.rendering.splitting import split_markdown
from bot.store.own_texts import OwnText
from bot.texts import Texts
from oasst_client import Contribution, Outcome

_PREVIEW: Final = 160
"""UTF-16 units that are shown of each text in the list."""

_UNDER_WAY: Final = 5
"""Texts on their way that are named; the rest is counted."""

_RENDERED: Final = re.compile(r"[\\*_~`|>#\[\]<]|^\s*(?:[-+]|\d+\.)\s", re.MULTILINE)
"""What Discord may show in another way than it was written."""

_COLOURS: Final = {
    Outcome.accepted: 0x3BA55D,
    Outcome.ranked: 0xE6B422,
    Outcome.rejected: 0xD9534F,
    Outcome.deleted: 0x8A8F98,
    Outcome.surplus: 0x8A8F98,
}
_COLOUR: Final = 0x5865F2
_DRAFT_COLOUR: Final = 0xA674E0


@dataclass(frozen=True, slots=True)
class OwnView:
    """One text of a person, as it is looked at.

    Attributes:
        item: the text and what became of it.
        told_all: whether the backend tells all that it knows of it.
        draft: another wording that is not saved.
        editable: whether a form can take it.
        back: the page of the list that it was chosen on.
    """

    item: Contribution
    told_all: bool
    draft: str | None = None
    editable: bool = False
    back: PageRef = FIRST_PAGE


def page_panel(
    page: HistoryPage, under_way: Sequence[str], drafts: Sequence[OwnText], texts: Texts, *, notice: str = ""
) -> Panel:
    """Show a page of somebody's texts, or what the bot has kept of them where the backend is away.

    Args:
        page: the page.
        under_way: the texts that are still on their way, newest first; only the first page names them.
        drafts: other wordings that are not saved.
        texts: the reader's language.
        notice: a line about what they just did, above everything.
    """
    parts = [] if page.here != FIRST_PAGE else _under_way_lines(under_way, texts)
    parts += [_entry(item, texts) for item in page.items]
    if not parts and not page.is_away:
        parts = [texts("me.history.empty" if page.here == FIRST_PAGE else "me.history.end")]
    embed = hikari.Embed(
        title=texts("me.history.title"), description="\n\n".join(parts), color=hikari.Color(_COLOUR)
    )
    if not page.told_all:
        embed.set_footer(texts("me.history.told_less"))
    lines = [notice, *(draft_line(own, texts) for own in drafts)]
    rows = [_turning(page, texts)]
    options = _choices(page.items, drafts, texts)
    if options:
        look = MeId(MeAction.look, page=page.here)
        rows.insert(0, row(menu(str(look), texts("me.history.look"), options)))
    content = limits.trim("\n".join(line for line in lines if line), limits.CONTENT)
    return Panel(content=content, embeds=(embed,) if parts else (), rows=tuple(rows))


def own_panel(view: OwnView, texts: Texts, *, notice: str = "", asks: bool = False) -> Panel:
    """Show one text whole, what became of it, and what can be done.

    Args:
        view: the text.
        texts: the reader's language.
        notice: what they just did, or what is amiss, above everything.
        asks: whether to ask once more before it is withdrawn.
    """
    item = view.item
    lines = [notice, head_line(item, texts), outcome_line(item, texts)]
    can = what_can_be_done(item, texts, told_all=view.told_all)
    if asks:
        lines.append(texts("me.withdraw.sure"))
    elif can:
        lines.append(f"-# {can}")
    alone = view.draft is None
    embeds, is_whole = _embeds(item.text, _colour(item), texts, alone=alone)
    files = [] if is_whole and not _shows_differently(item.text) else [text_file("text", item.text)]
    if view.draft is not None:
        draft, is_whole = _embeds(view.draft, hikari.Color(_DRAFT_COLOUR), texts, alone=False)
        draft[0].set_author(name=texts("me.draft.heading"))
        embeds += draft
        if not is_whole:
            files.append(text_file("new", view.draft))
    if files:
        lines.append(f"-# {texts('me.one.file')}")
    return Panel(
        content=limits.trim("\n".join(line for line in lines if line), limits.CONTENT),
        embeds=tuple(embeds),
        rows=_buttons(view, texts, asks=asks),
        files=tuple(files),
    )


def draft_panel(own: OwnText, texts: Texts, *, notice: str) -> Panel:
    """Show another wording that could not be saved, from what the bot itself has kept, with ways on."""
    draft = own.draft or ""
    embeds, is_whole = _embeds(draft, hikari.Color(_DRAFT_COLOUR), texts)
    embeds[0].set_author(name=texts("me.draft.heading"))
    buttons = [
        plain_button(
            str(MeId(MeAction.save, own.message_id)), texts("me.button.save"), hikari.ButtonStyle.SUCCESS
        ),
        plain_button(str(MeId(MeAction.edit, own.message_id)), texts("button.edit")),
        plain_button(str(MeId(MeAction.discard, own.message_id)), texts("me.button.discard")),
        plain_button(str(MeId(MeAction.page)), texts("me.button.back")),
    ]
    return Panel(
        content=limits.trim(notice, limits.CONTENT),
        embeds=tuple(embeds),
        rows=(row(*buttons),),
        files=() if is_whole else (text_file("new", draft),),
    )


def _entry(item: Contribution, texts: Texts) -> str:
    words = inline(item.text, _PREVIEW) or texts("text.blank")
    return f"{head_line(item, texts)}\n> {words}\n{outcome_line(item, texts)}"


def _under_way_lines(under_way: Sequence[str], texts: Texts) -> list[str]:
    lines = [
        f"> {inline(text, _PREVIEW) or texts('text.blank')}\n{texts('me.outcome.under_way')}"
        for text in under_way[:_UNDER_WAY]
    ]
    if len(under_way) > _UNDER_WAY:
        lines.append(texts("me.history.more_under_way", count=len(under_way) - _UNDER_WAY))
    return lines


def _choices(
    items: Sequence[Contribution], drafts: Sequence[OwnText], texts: Texts
) -> list[hikari.impl.SelectOptionBuilder]:
    listed = {item.id for item in items}
    options = [
        option(
            _plain(item.text, texts),
            str(item.id),
            description=preview(
                _without_marks(f"{kind_words(item, texts)} · {outcome_line(item, texts)}"), 100
            ),
        )
        for item in items
    ]
    options += [
        option(_plain(own.draft or "", texts), str(own.message_id), description=texts("me.draft.option"))
        for own in drafts
        if own.message_id not in listed
    ]
    return options[: limits.SELECT_OPTIONS]


def _plain(text: str, texts: Texts) -> str:
    return texts("text.blank") if is_blank(text) else preview(text, limits.OPTION_TEXT)


def _without_marks(markdown: str) -> str:
    """Take the marks of our own words away where nothing renders them."""
    return markdown.replace("**", "").replace("\\", "")


def _turning(page: HistoryPage, texts: Texts) -> hikari.api.ComponentBuilder:
    buttons = []
    if page.is_away:
        buttons.append(plain_button(str(MeId(MeAction.page)), texts("me.button.again")))
    if page.newer is not None:
        buttons.append(plain_button(str(MeId(MeAction.page, page=page.newer)), texts("me.button.newer")))
    # A page may stand at the very beginning and still be asked for as the one before another.
    if page.older is not None and page.older != page.newer:
        buttons.append(plain_button(str(MeId(MeAction.page, page=page.older)), texts("me.button.older")))
    return row(*buttons, plain_button(str(MeId(MeAction.overview)), texts("me.button.overview")))


def _embeds(
    text: str, colour: hikari.Color, texts: Texts, *, alone: bool = True
) -> tuple[list[hikari.Embed], bool]:
    """Show as much of a text as a message takes, or half of one takes, and say whether that is all of it."""
    room = (limits.EMBEDS_TOTAL if alone else limits.EMBEDS_TOTAL // 2) - limits.EMBED_AUTHOR
    pieces = [] if is_blank(text) else split_markdown(text, min(room, limits.EMBED_DESCRIPTION))
    shown: list[hikari.Embed] = []
    for piece in pieces or [texts("text.blank")]:
        room -= limits.utf16_length(piece)
        if room < 0 or len(shown) == limits.EMBEDS // 2:
            break
        shown.append(hikari.Embed(description=piece, color=colour))
    return shown, len(shown) == max(len(pieces), 1)


def _shows_differently(text: str) -> bool:
    return bool(_RENDERED.search(text)) or shown_whole(text) != text


def _colour(item: Contribution) -> hikari.Color:
    return hikari.Color(next((value for key, value in _COLOURS.items() if key == item.outcome), _COLOUR))


def _buttons(view: OwnView, texts: Texts, *, asks: bool) -> tuple[hikari.api.ComponentBuilder, ...]:
    message_id = view.item.id
    if asks:
        sure = plain_button(
            str(MeId(MeAction.withdraw_now, message_id)),
            texts("me.button.withdraw_now"),
            hikari.ButtonStyle.DANGER,
        )
        return (row(sure, plain_button(str(MeId(MeAction.one, message_id)), texts("me.button.keep"))),)
    buttons = []
    if view.draft is not None:
        save = MeId(MeAction.save, message_id)
        buttons.append(plain_button(str(save), texts("me.button.save"), hikari.ButtonStyle.SUCCESS))
        buttons.append(plain_button(str(MeId(MeAction.discard, message_id)), texts("me.button.discard")))
    if view.editable:
        edit = MeId(MeAction.edit, message_id)
        buttons.append(plain_button(str(edit), texts("button.edit"), hikari.ButtonStyle.PRIMARY))
    if view.item.may_withdraw:
        buttons.append(plain_button(str(MeId(MeAction.withdraw, message_id)), texts("me.button.withdraw")))
    buttons.append(plain_button(str(MeId(MeAction.page, page=view.back)), texts("me.button.back")))
    return (row(*buttons),)
