"""The rows of the role matrix: every command, menu, component and form, what it takes, and what it shows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from bot.access import Deed
from bot.forms.custom_ids import ALL as TASK_IDS
from bot.forms.custom_ids import ALL_LABEL, LABEL_PREFIXES, MODAL_INPUTS
from bot.forms.custom_ids import PREFIXES as TASK_PREFIXES


class On(Enum):
    """Which message a menu is used on."""

    own = "own"
    others = "others"
    dataset = "dataset"


@dataclass(frozen=True)
class Command:
    """A command or a menu.

    Attributes:
        name: with its subcommand.
        shows: what stands on the answer for who may.
        on: the message, if it is a menu.
        file: whether it takes a file.
    """

    name: str
    deed: Deed
    shows: str
    on: On | None = None
    takes_file: bool = False


COMMANDS: Final = (
    Command("task", Deed.task, "There is nothing to do in English right now."),
    Command("Contribute", Deed.contribute, "A first message in English", On.own),
    Command("Contribute", Deed.contribute, "messages that you wrote yourself", On.dataset),
    Command("Label", Deed.label, "What do you think of this message?", On.dataset),
    Command("Report", Deed.report, "What is wrong with it?", On.dataset),
    Command("Report", Deed.report, "Report to the moderators", On.others),
    Command("leaderboard", Deed.leaderboard, "Leaderboard"),
    Command("me", Deed.me, "You have not given anything to this dataset so far."),
    Command("progress", Deed.progress, "What we have gathered together"),
    Command("languages", Deed.languages, "Your languages"),
    Command("tutorial", Deed.tutorial, "How it works"),
    Command("help", Deed.help, "What you can do here"),
    Command("privacy", Deed.privacy, "What is kept of you"),
    Command("data export", Deed.data, "Here is what is kept of you"),
    Command("data delete", Deed.data, "Delete your data"),
    Command("reports", Deed.reports, "open report"),
    Command("setup", Deed.setup, "Set up"),
    Command("settings show", Deed.settings, "Settings"),
    Command("settings history", Deed.settings, "Changes to the settings"),
    Command("settings export", Deed.settings, "All settings of this server are in this file."),
    Command("settings import", Deed.settings, "It is not a file that", takes_file=True),
    Command("settings reset", Deed.settings, "back to their defaults?"),
)


@dataclass(frozen=True)
class Control:
    """A component, or a form, that who may use it is asked for by role.

    Attributes:
        owned: the id or prefix under which its feature takes it.
        deed: what it does; None: it is about nobody but the person, and so everybody's.
        custom_id: what is sent; `{dataset}` is the id of the post, `{report}` that of a report.
        shows: what the person sees who may.
        values: what is chosen, or typed into the inputs of a form.
        own: tables in which the person's own rows may change though what comes after it is refused.
    """

    owned: str
    deed: Deed | None
    custom_id: str
    shows: str
    values: Collection[str] = ()
    inputs: Mapping[str, str] | None = None
    own: Collection[str] = field(default=())


NO_WORK: Final = "There is nothing to do"
CONTROLS: Final = (
    Control("data:1:export", Deed.data, "data:1:export", "Here is what is kept of you"),
    Control("data:1:delete", Deed.data, "data:1:delete", "Delete your data"),
    Control("languages:1:", Deed.languages, "languages:1:0", "Your languages"),
    Control("board:2:", Deed.leaderboard, "board:2:page:total:everywhere:1", "Leaderboard"),
    Control("me:1:", Deed.me, "me:1:overview", "You have not given anything"),
    Control("tutorial:1:", Deed.tutorial, "tutorial:1:show:start::", "How it works"),
    Control("tutorial:1:", Deed.task, "tutorial:1:task:start::", NO_WORK),
    Control("terms:1:", Deed.task, "terms:1:accept:1:task:random:en", NO_WORK),
    Control("terms:1:", Deed.label, "terms:1:accept:1:label:{prompt}", "What do you think"),
    Control(
        "welcome:1:", Deed.task, "welcome:1:go:task:random:en", NO_WORK, own=("people", "person_languages")
    ),
    Control("work:1:", Deed.task, "work:1:take:random:en", NO_WORK),
    Control("work:1:", Deed.task, "work:1:direct:random:en", "I tell you once"),
    Control("place:1:direct", None, "place:1:direct", "From now on, your tasks come in direct messages"),
    Control("place:1:here", None, "place:1:here", "I show you tasks in private answers"),
    Control("label_which:1:", Deed.label, "label_which:1:{dataset}", "What do you think", ("0",)),
    Control("report_which:1:", Deed.report, "report_which:1:{dataset}", "What is wrong with it?", ("0",)),
    Control("guild_reports:1:", Deed.reports, "guild_reports:1:settled:0", "report"),
    Control("guild_reports:1:", Deed.reports, "guild_reports:1:done:{report}:0", "report"),
    Control("settings:2:", Deed.settings, "settings:2:log:show", "Settings · Log"),
    Control("settings:2:", Deed.settings, "settings:2:log:turn:log_labels:1", "Saved"),
    Control("settings:2:", Deed.settings, "settings:2:tasks:ask:daily_limit:0", "Daily limit"),
    Control("settings:2:", Deed.settings, "settings:2:channels:clear:log_channel:0", "Cleared"),
    Control("settings_history:1:", Deed.settings, "settings_history:1:0", "Changes to the settings"),
    Control("settings_file:1:", Deed.settings, "settings_file:1:reset:0", "back to their defaults?"),
    Control("setup:1:", Deed.setup, "setup:1:channels:show", "Set up"),
    Control("setup:1:", Deed.setup, "setup:1:channels:clear:log_channel:0", "Set up"),
)
FORMS: Final = (
    Control(
        "contribute:1:text", Deed.contribute, "contribute:1:text", "", inputs={"text": "Why do bees hum?"}
    ),
    Control("me_text:1:", Deed.me, "me_text:1:{prompt}", "", inputs={"text": "Why?"}, own=("own_texts",)),
    Control(
        "settings:2:daily_limit", Deed.settings, "settings:2:daily_limit", "Saved", inputs={"limit": "5"}
    ),
)


@dataclass(frozen=True)
class Personal:
    """A component, or a form, that belongs to one person: nobody else can use it, whatever their role.

    Attributes:
        owned: the id or prefix under which its feature takes it.
        custom_id: what is sent; `{...}` names something of the person to whom it belongs.
        says: what everybody else reads.
    """

    owned: str
    custom_id: str
    says: str
    values: Collection[str] = ()
    inputs: Mapping[str, str] | None = None


EXPIRED: Final = "expired"
TEXT: Final = {MODAL_INPUTS[0]: "Why do bees hum?"}
PERSONAL: Final = (
    Personal("contribute:1:", "contribute:1:language:{contribution}", EXPIRED, ("en",)),
    Personal("contribute:1:", "contribute:1:cancel:{contribution}", EXPIRED),
    Personal("terms:1:", "terms:1:accept:1:contribute:{contribution}", EXPIRED),
    Personal("data:1:", "data:1:do:remove:{person}", "somebody else's"),
    Personal("data:1:", "data:1:do:keep:{person}", "somebody else's"),
    Personal("data:1:", "data:1:ask:remove:{person}", "somebody else's"),
    *(Personal(one, one, EXPIRED) for one in ALL_LABEL),
    *(Personal(prefix, f"{prefix}0", EXPIRED, ("4",)) for prefix in LABEL_PREFIXES),
    Personal("task_report:1:", "task_report:1:{session}:0", EXPIRED, ("0",)),
    *(Personal(custom_id, custom_id, "task", ("0",)) for custom_id in TASK_IDS),
    *(Personal(prefix, f"{prefix}0", "task", ("0",)) for prefix in TASK_PREFIXES),
    Personal("task:", "task:0:send", "task"),
)
PERSONAL_FORMS: Final = (
    Personal("guild_report:1:", "guild_report:1:{form}", EXPIRED, inputs={"note": "Rude."}),
    Personal("task:1:text", "task:1:text", "Why do bees hum?", inputs=TEXT),
    Personal("task:1:skip_reason", "task:1:skip_reason", "task", inputs={"reason": "dull"}),
)
