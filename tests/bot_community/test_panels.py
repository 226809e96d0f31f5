"""What names, the terms and the settings show, and that it always fits into a Discord message."""

import re
from typing import Any
from uuid import UUID

import hikari
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import limits
from bot.community.guild_health import Health
from bot.community.names import safe_name
from bot.community.settings_ids import PAGES, Act, Page, Surface, parse
from bot.community.settings_panel import settings_panel
from bot.community.setup_panel import STEPS, step_panel, summary_panel
from bot.community.setup_people import people_needed
from bot.forms import TASK_TYPES
from bot.guild_settings import GuildSetting, GuildSettings
from bot.permissions import FOR_ANNOUNCEMENTS, FOR_TASKS
from bot.rendering.panels import Panel
from bot.sessions.terms import (
    TERMS_VERSION,
    Acceptance,
    LabelWish,
    Purpose,
    accept_id,
    parse_accept_id,
    terms_panel,
)
from bot.sessions.wish import Wish
from bot.texts import Texts, texts_for
from oasst_client.tasks import TaskRequestType

TEXTS = texts_for("en-US")
REGIONS = ("CA", "IN", "AU", "FR", "TW")
NUMBERS = (
    "num_reviews_initial_prompt",
    "num_reviews_reply",
    "num_required_rankings",
    "max_children_count",
    "max_tree_depth",
    "goal_tree_size",
)


def fits(panel: Panel) -> bool:
    return limits.message_problems(panel.content, panel.embeds, panel.rows) == []


def components(panel: Panel) -> list[dict[str, Any]]:
    return [component for row in panel.rows for component in row.build()[0]["components"]]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Alice", "Alice"),
        ("**bold** _u_ ~s~ `c`", r"\*\*bold\*\* \_u\_ \~s\~ \`c\`"),
        ("[click](https://evil.example)", r"\[click\]\(https\://evil.example\)"),
        ("<@123> @everyone <#4>", r"\<\@123\> \@everyone \<\#4\>"),
        ("two\nlines\t and   gaps", "two lines and gaps"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\u200b\u200d ", "?"),
        ("", "?"),
        ("\u3164", "?"),
        ("\u2800 \u115f\u0301", "?"),
        ("Семён", "Семён"),
        ("👩‍🚀", "👩‍🚀"),
    ],
)
def test_names_render_as_themselves_and_do_nothing(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@given(
    st.one_of(
        st.builds(
            Wish,
            st.sampled_from(TaskRequestType),
            st.sampled_from(["en", "pt-BR", "de" + "-abcde" * 5]),
            st.booleans(),
        ),
        st.builds(LabelWish, st.uuids()),
    )
)
def test_the_button_that_accepts_carries_what_the_person_came_for(purpose: Purpose) -> None:
    panel = terms_panel(purpose, TEXTS)
    assert fits(panel)
    accept, decline, full = components(panel)
    assert (accept["label"], decline["label"]) == ("I accept", "Not now")
    assert parse_accept_id(full["custom_id"]) is None
    assert parse_accept_id(accept["custom_id"]) == Acceptance(TERMS_VERSION, purpose)
    assert parse_accept_id(decline["custom_id"]) is None


@pytest.mark.parametrize(
    "custom_id",
    [
        "terms:1:accept:",
        "terms:1:accept:x:task:random:en",
        "terms:1:accept:1:task:fly:en",
        "terms:1:accept:1:label:none",
        "terms:1:accept:1:dance:x",
        "terms:2:accept:1:task:random:en",
    ],
)
def test_an_unknown_button_accepts_nothing(custom_id: str) -> None:
    assert parse_accept_id(custom_id) is None


def test_a_wish_keeps_its_terms_version() -> None:
    wish = LabelWish(UUID(int=7))
    assert parse_accept_id(accept_id(wish, version=3)) == Acceptance(3, wish)


def test_the_terms_say_what_counts() -> None:
    text = str(terms_panel(Wish(TaskRequestType.random, "en"), TEXTS).embeds[0].description)
    for said in ("public dataset", "Discord id", "private person", "private thread", "stop at any time"):
        assert said in text


def settings_text(panel: Panel) -> dict[str, str]:
    return {str(field.name): str(field.value) for field in panel.embeds[0].fields}


EVERYTHING = GuildSettings(
    task_channel=2**63 - 1,
    log_channel=2**63 - 2,
    announcement_channel=2**63 - 3,
    moderator_role=2**63 - 4,
    contributor_role=2**63 - 5,
    language="uk-UA",
    # Tags that nobody is offered, and as many as there can be.
    languages=tuple(f"{tag}-{region}" for tag in ("en", "fr", "pt", "es", "zh") for region in REGIONS),
    task_types=TASK_TYPES,
    daily_limit=1000,
)
AMISS = Health(missing=(*FOR_TASKS, *FOR_ANNOUNCEMENTS))


def test_settings_show_what_is_set_what_is_not_and_what_is_amiss() -> None:
    panel = settings_panel(
        Page.channels,
        GuildSettings(task_channel=70, log_channel=90),
        {
            GuildSetting.task_channel: Health(
                missing=(hikari.Permissions.MANAGE_THREADS, hikari.Permissions.CREATE_PRIVATE_THREADS)
            ),
            GuildSetting.log_channel: Health(gone=True),
        },
        TEXTS,
        notice="Saved.",
    )
    shown = settings_text(panel)
    assert "<#70>" in shown["Task channel"]
    assert "Manage Threads, Create Private Threads" in shown["Task channel"]
    assert "cannot find it" in shown["Log channel"]
    assert shown["Announcement channel"].startswith("not set")
    assert panel.content == "Saved."
    # What is gone cannot be shown as chosen.
    menus = [one for one in components(panel) if one["type"] == hikari.ComponentType.CHANNEL_SELECT_MENU]
    assert [menu.get("default_values") for menu in menus] == [[{"id": "70", "type": "channel"}], None, None]


def all_pages(settings: GuildSettings, health: Health, texts: Texts) -> list[Panel]:
    every = dict.fromkeys(GuildSetting, health)
    steps = [step_panel(step, settings, every, texts, notice="!") for step in STEPS[:-1]]
    pages = [settings_panel(page, settings, every, texts, notice="!") for page in PAGES[Surface.settings]]
    needed = people_needed({"tree_manager": dict.fromkeys(NUMBERS, 10**9)})
    return [*pages, *steps, summary_panel(settings, every, needed, texts)]


@pytest.mark.parametrize("locale", ["en-US", "de"])
@pytest.mark.parametrize("settings", [GuildSettings(), EVERYTHING], ids=["defaults", "everything"])
@pytest.mark.parametrize("health", [Health(), AMISS], ids=["well", "amiss"])
def test_every_page_fits_and_each_control_is_read_back(
    locale: str, settings: GuildSettings, health: Health
) -> None:
    changed = set()
    for panel in all_pages(settings, health, texts_for(locale)):
        assert limits.message_problems(panel.content, panel.embeds, panel.rows) == []
        assert not re.search(r"(settings|setup|permission)\.\w", str(settings_text(panel)))
        for control in components(panel):
            known = parse(control["custom_id"])
            assert known is not None
            if known.surface is Surface.settings and known.act is not Act.clear:
                changed.add(known.setting)
    assert changed == {None, *GuildSetting}


def test_every_setting_has_one_page() -> None:
    pages = PAGES[Surface.settings].values()
    assert sorted(setting for page in pages for setting in page) == sorted(GuildSetting)
