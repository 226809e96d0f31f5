"""The numbers by which trees grow: the settings `TREE_MANAGER__*`, and presets of them."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import NoDecode

from oasst_backend.rules.labels import ASSISTANT_LABELS, LABELS, MANDATORY_LABELS, PROMPT_LABELS
from oasst_backend.rules.trees import MAX_DEPTH


def split_list(value: object) -> object:
    """Take a list as JSON or separated by commas."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise ValueError("must be separated by commas, or a JSON list") from None
    return [part.strip() for part in text.split(",") if part.strip()]


def _known_labels(names: list[str]) -> list[str]:
    if unknown := [name for name in names if name not in LABELS]:
        raise ValueError(f"unknown label {', '.join(unknown)}; the labels are {', '.join(LABELS)}")
    if len(set(names)) < len(names):
        raise ValueError("names a label twice")
    return names


Labels = Annotated[list[str], NoDecode, BeforeValidator(split_list), AfterValidator(_known_labels)]
Languages = Annotated[list[str], NoDecode, BeforeValidator(split_list)]
Probability = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


class Preset(StrEnum):
    """Numbers that fit a size of community."""

    small = "small"
    normal = "normal"
    large = "large"


PRESETS: Mapping[Preset, Mapping[str, int]] = {
    Preset.small: {
        "num_reviews_initial_prompt": 1,
        "num_reviews_reply": 1,
        "num_required_rankings": 1,
        "max_children_count": 2,
        "goal_tree_size": 6,
    },
    Preset.normal: {},
    Preset.large: {
        "max_active_trees": 100,
        "max_initial_prompt_review": 500,
        "max_prompt_lottery_waiting": 1000,
        "max_tree_depth": 5,
        "max_children_count": 4,
        "goal_tree_size": 24,
    },
}
"""What each preset changes; `normal` is every field's own default."""


class TreeManagerSettings(BaseModel):
    """The numbers by which trees grow; what is set by name wins over the preset."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    preset: Preset = Field(
        default=Preset.normal,
        description="small (a handful of people), normal, or large; fills the defaults.",
    )
    max_active_trees: Count = Field(default=10, description="Trees of one language that grow at a time.")
    max_initial_prompt_review: Count = Field(
        default=100, description="Prompts of one language under review at a time."
    )
    max_prompt_lottery_waiting: Count = Field(
        default=250, description="Accepted prompts of one language that wait to grow."
    )
    max_tree_depth: Count = Field(default=3, le=MAX_DEPTH, description="Levels of replies below a prompt.")
    max_children_count: Positive = Field(
        default=3, description="Replies wanted to each message of a prompter."
    )
    num_prompter_replies: Count = Field(
        default=1, description="Replies wanted to each message of an assistant."
    )
    goal_tree_size: Positive = Field(default=12, description="Accepted messages that make a tree complete.")
    random_goal_tree_size: bool = Field(
        default=False, description="Draw each tree's goal between min_goal_tree_size and goal_tree_size."
    )
    min_goal_tree_size: Positive = Field(default=5, description="The smallest goal that is drawn.")
    num_reviews_initial_prompt: Positive = Field(default=3, description="Reviews that decide about a prompt.")
    num_reviews_reply: Positive = Field(default=3, description="Reviews that decide about a reply.")
    auto_mod_enabled: bool = Field(
        default=True, description="Let people's flags and skips act by themselves."
    )
    auto_mod_max_skip_reply: Positive = Field(
        default=25, description="Skipped replies to a message that halt its tree."
    )
    auto_mod_red_flags: Positive = Field(default=4, description="Red flags that remove a message.")
    p_full_labeling_review_prompt: Probability = Field(
        default=1.0, description="Chance that a prompt's review asks for all labels."
    )
    p_full_labeling_review_reply_assistant: Probability = Field(
        default=1.0, description="Chance that the review of an assistant's reply asks for all labels."
    )
    p_full_labeling_review_reply_prompter: Probability = Field(
        default=0.1, description="Chance that the review of a prompter's reply asks for all labels."
    )
    acceptance_threshold_initial_prompt: Probability = Field(
        default=0.6, description="The acceptance that a prompt must exceed."
    )
    acceptance_threshold_reply: Probability = Field(
        default=0.6, description="The acceptance that a reply must exceed."
    )
    num_required_rankings: Positive = Field(
        default=3, description="Rankings of the replies to one message that decide their order."
    )
    p_activate_backlog_tree: Probability = Field(
        default=0.1, description="Chance that a finished tree brings one from the backlog to ranking."
    )
    min_active_rankings_per_lang: Count = Field(
        default=0, description="Rankings to do in a language below which the backlog is used."
    )
    labels_initial_prompt: Labels = Field(
        default=list(PROMPT_LABELS), description="Labels of a prompt's full review."
    )
    labels_assistant_reply: Labels = Field(
        default=list(ASSISTANT_LABELS), description="Labels of the full review of an assistant's reply."
    )
    labels_prompter_reply: Labels = Field(
        default=list(PROMPT_LABELS), description="Labels of the full review of a prompter's reply."
    )
    mandatory_labels_initial_prompt: Labels = Field(
        default=list(MANDATORY_LABELS), description="Labels that a prompt's review must give."
    )
    mandatory_labels_assistant_reply: Labels = Field(
        default=list(MANDATORY_LABELS),
        description="Labels that the review of an assistant's reply must give.",
    )
    mandatory_labels_prompter_reply: Labels = Field(
        default=list(MANDATORY_LABELS), description="Labels that the review of a prompter's reply must give."
    )
    rank_prompter_replies: bool = Field(default=False, description="Have prompters' replies ranked, too.")
    lonely_children_count: Count = Field(
        default=2, description="A prompter's message with fewer replies than this, but some, is lonely."
    )
    p_lonely_child_extension: Probability = Field(
        default=0.75, description="Chance that the next reply goes to a lonely message."
    )
    recent_tasks_span_sec: Count = Field(
        default=300, description="Seconds for which a message is not handed out again to be replied to."
    )
    max_pending_tasks_per_user: Positive = Field(
        default=8, description="Unfinished tasks of one person in that span."
    )
    init_prompt_disabled_langs: Languages = Field(
        default_factory=list, description="Languages in which no prompts are asked for."
    )
    prompts_per_ranking: int = Field(
        default=4, ge=0, le=25, description="Waiting prompts that are ranked together; 0: none are ranked."
    )
    num_summaries_story: Count = Field(default=2, description="Summaries wanted of each story.")
    num_ratings_summary: Count = Field(default=3, description="Ratings wanted of each summary.")

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        try:
            preset = Preset(data.get("preset", Preset.normal))
        except ValueError:
            return data  # the field's own check says what is wrong
        return {**PRESETS[preset], **data}

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.random_goal_tree_size and self.min_goal_tree_size > self.goal_tree_size:
            raise ValueError("min_goal_tree_size must not exceed goal_tree_size")
        for kind in ("initial_prompt", "assistant_reply", "prompter_reply"):
            asked = set(getattr(self, f"labels_{kind}"))
            if not asked.issuperset(getattr(self, f"mandatory_labels_{kind}")):
                raise ValueError(f"mandatory_labels_{kind} must be among labels_{kind}")
        return self
