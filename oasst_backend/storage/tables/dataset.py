"""Trees, messages, stories, and what people said of them."""

import sqlalchemy as sa

from oasst_backend.storage.columns import UtcDateTime
from oasst_backend.storage.tables.base import PERSONAL, Id, metadata, partial_index

# A handful of waiting prompts that are put in order; the order weighs in the lottery.
prompt_groups = sa.Table(
    "prompt_groups",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False),
    sa.Column("ranking_count", sa.Integer, nullable=False),
)

trees = sa.Table(
    "trees",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("goal_tree_size", sa.Integer, nullable=False),
    sa.Column("max_depth", sa.Integer, nullable=False),
    sa.Column("max_children_count", sa.Integer, nullable=False),
    sa.Column("origin", sa.Text),
    sa.Column("created_date", UtcDateTime, nullable=False),
    sa.Column("won_prompt_lottery_date", UtcDateTime),
    # The deletion that left it without messages and halted it; to undo it lets the tree go on.
    sa.Column("deletion_id", Id),
    # The author of the root again, so that the lottery finds authors without a join.
    sa.Column("author_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    # How many more replies the tree takes before it has its goal size, and how many are being written.
    sa.Column("reply_places", sa.Integer, nullable=False),
    sa.Column("replies_under_way", sa.Integer, nullable=False),
    # The handful of waiting prompts that its prompt is ranked in, and its place there, 0 the best.
    sa.Column("prompt_group_id", Id, sa.ForeignKey("prompt_groups.id")),
    sa.Column("prompt_rank", sa.Integer),
    # The rules by which it was last looked at; with any other than today's it has to be looked at again.
    sa.Column("rules_version", sa.Integer, nullable=False),
)
sa.Index("ix_trees_lang_state", trees.c.lang, trees.c.state, trees.c.id)
sa.Index("ix_trees_state_rules", trees.c.state, trees.c.rules_version)
sa.Index("ix_trees_author_id", trees.c.author_id)
partial_index("ix_trees_prompt_group_id", trees.c.prompt_group_id, where=trees.c.prompt_group_id.is_not(None))

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tree_id", Id, sa.ForeignKey("trees.id"), nullable=False),
    sa.Column("parent_id", Id, sa.ForeignKey("messages.id")),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    sa.Column("api_client_id", Id, sa.ForeignKey("api_clients.id")),
    sa.Column("frontend_message_id", sa.String(200), info=PERSONAL),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False, info=PERSONAL),
    # By it equal texts are found.
    sa.Column("text_hash", sa.String(64), nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
    sa.Column("deleted", sa.Boolean, nullable=False),
    # The act that deleted it; a restored message brings back what the same act took.
    sa.Column("deletion_id", Id),
    sa.Column("edited", sa.Boolean, nullable=False),
    sa.Column("synthetic", sa.Boolean, nullable=False),
    sa.Column("model_name", sa.String(255)),
    # What an imported file said of a message and cannot be told from rows of ours: labels, emojis, events.
    sa.Column("imported", sa.JSON(none_as_null=True)),
    # A reply that came when its place was taken: kept, but neither reviewed nor ranked nor counted.
    sa.Column("surplus", sa.Boolean, nullable=False),
    sa.Column("review_count", sa.Integer, nullable=False),
    sa.Column("review_result", sa.Boolean),
    sa.Column("rank", sa.Integer),
    sa.Column("ranking_count", sa.Integer, nullable=False),
    sa.UniqueConstraint("api_client_id", "frontend_message_id"),
)
sa.Index("ix_messages_tree_id", messages.c.tree_id)
sa.Index("ix_messages_parent_id", messages.c.parent_id)
sa.Index("ix_messages_person_text", messages.c.person_id, messages.c.text_hash, messages.c.created_date)
sa.Index("ix_messages_person_date", messages.c.person_id, messages.c.created_date)
sa.Index("ix_messages_client_date", messages.c.api_client_id, messages.c.created_date, messages.c.id)
sa.Index("ix_messages_date", messages.c.created_date, messages.c.id)
# Lists of a language go by its first two columns; statistics are counted from it without reading a text.
sa.Index(
    "ix_messages_lang_date",
    messages.c.lang,
    messages.c.created_date,
    messages.c.role,
    messages.c.deleted,
    messages.c.synthetic,
)
partial_index(
    "ix_messages_imported_prompts",
    messages.c.text_hash,
    where=sa.and_(messages.c.source == "import", messages.c.parent_id.is_(None)),
)
partial_index(
    "ix_messages_rejected_prompts",
    messages.c.created_date,
    messages.c.person_id,
    where=sa.and_(messages.c.review_result == sa.false(), messages.c.depth == 0),
)

message_revisions = sa.Table(
    "message_revisions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    # Who replaced this text by the next one.
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    # The text as it stood before, and when it was replaced.
    sa.Column("text", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("created_date", UtcDateTime, nullable=False),
)
sa.Index("ix_message_revisions_message_id", message_revisions.c.message_id)
sa.Index("ix_message_revisions_person_id", message_revisions.c.person_id)

labellings = sa.Table(
    "labellings",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id")),
    sa.Column("mode", sa.String(16)),
    sa.Column("labels", sa.JSON, nullable=False, info=PERSONAL),
    sa.Column("text", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("is_report", sa.Boolean, nullable=False),
    # Whether it is one of the reviews that decide; one that came too late is kept and not counted.
    sa.Column("counted", sa.Boolean, nullable=False),
    # Whether it has been held against the other reviews of the message; see `agreements`.
    sa.Column("compared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_labellings_message_person", labellings.c.message_id, labellings.c.person_id)
sa.Index("ix_labellings_person_date", labellings.c.person_id, labellings.c.created_date)

BAD_LABELS = ("spam", "not_appropriate", "pii", "hate_speech", "sexual_content")
"""Labels that tell of somebody who does harm to the dataset."""

HAS_BAD_LABEL = sa.text(
    "(" + " OR ".join(f"json_extract(labels, '$.{name}') >= 0.5" for name in BAD_LABELS) + ")"
)
"""Which labellings name one; the database uses the index only where a query says it in these words."""

sa.Index("ix_labellings_bad", labellings.c.created_date, labellings.c.message_id, sqlite_where=HAS_BAD_LABEL)

rankings = sa.Table(
    "rankings",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # The message whose replies were ranked, or the group of prompts.
    sa.Column("parent_id", Id, sa.ForeignKey("messages.id")),
    sa.Column("tree_id", Id, sa.ForeignKey("trees.id")),
    sa.Column("prompt_group_id", Id, sa.ForeignKey("prompt_groups.id")),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id")),
    sa.Column("ranked_ids", sa.JSON, nullable=False),
    sa.Column("not_rankable", sa.Boolean, nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),
    sa.Column("good", sa.Boolean),
    # Whether it has been held against the other ballots; see `agreements`.
    sa.Column("compared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_rankings_parent_person", rankings.c.parent_id, rankings.c.person_id)
sa.Index("ix_rankings_tree_id", rankings.c.tree_id)
sa.Index("ix_rankings_person_date", rankings.c.person_id, rankings.c.created_date)
partial_index(
    "ix_rankings_prompt_group",
    rankings.c.prompt_group_id,
    rankings.c.person_id,
    where=rankings.c.prompt_group_id.is_not(None),
)

reactions = sa.Table(
    "reactions",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, info=PERSONAL),
    sa.Column("emoji", sa.String(32), primary_key=True),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_reactions_person", reactions.c.person_id)

IS_BAD_REACTION = sa.text("emoji IN ('red_flag', '-1')")
"""Which reactions speak against a message; said in these words, as `HAS_BAD_LABEL` is."""

sa.Index("ix_reactions_bad", reactions.c.created_date, reactions.c.message_id, sqlite_where=IS_BAD_REACTION)

stories = sa.Table(
    "stories",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("text_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("origin", sa.Text),
    sa.Column("created_date", UtcDateTime, nullable=False),
)
sa.Index("ix_stories_date", stories.c.created_date, stories.c.id)

summaries = sa.Table(
    "summaries",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("story_id", Id, sa.ForeignKey("stories.id"), nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), info=PERSONAL),
    sa.Column("api_client_id", Id, sa.ForeignKey("api_clients.id")),
    sa.Column("frontend_message_id", sa.String(200), info=PERSONAL),
    sa.Column("lang", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False, info=PERSONAL),
    sa.Column("text_hash", sa.String(64), nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("surplus", sa.Boolean, nullable=False),
    sa.UniqueConstraint("api_client_id", "frontend_message_id"),
)
sa.Index("ix_summaries_story_id", summaries.c.story_id)
sa.Index("ix_summaries_person_date", summaries.c.person_id, summaries.c.created_date)

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("summary_id", Id, sa.ForeignKey("summaries.id"), nullable=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), nullable=False, info=PERSONAL),
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id")),
    sa.Column("rating", sa.Integer, nullable=False, info=PERSONAL),
    sa.Column("counted", sa.Boolean, nullable=False),
    sa.Column("created_date", UtcDateTime, nullable=False, info=PERSONAL),
)
sa.Index("ix_ratings_summary_person", ratings.c.summary_id, ratings.c.person_id)
sa.Index("ix_ratings_person_date", ratings.c.person_id, ratings.c.created_date)
