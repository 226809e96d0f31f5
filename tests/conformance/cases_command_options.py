"""Rows about the names, options, choices and size of application commands."""

from tests.conformance.cases_commands import has
from tests.conformance.commands import (
    around,
    choices,
    option,
    refused_command,
    sized,
    slash,
    taken,
    with_option,
)

COMMAND = "interactions/application-commands#application-command-object"
NAMING = f"{COMMAND}-application-command-naming"
OPTION = f"{COMMAND}-application-command-option-structure"
OPTION_TYPE = f"{COMMAND}-application-command-option-type"
CHOICE = f"{COMMAND}-application-command-option-choice-structure"
SLASH = "interactions/application-commands#slash-commands"
NESTING = "interactions/application-commands#subcommands-and-subcommand-groups"
MENUS = "interactions/application-commands#message-commands"
INTEGER, USER, CHANNEL, NUMBER = 4, 6, 7, 10

NAMES = [
    *around("COMMAND_NAME", 32, lambda n: slash("x" * n), "name: BASE_TYPE_BAD_LENGTH", NAMING),
    taken(NAMING, "letters, digits, - and _ of any script", slash("größe-2_ελ大")),
    taken(NAMING, "Devanagari and Thai marks", slash("हिन्दी-ภาษาไทย")),
    taken(NAMING, "the apostrophe U+02BC", slash("\u02bco\u02bc")),
    refused_command(NAMING, "not the ASCII one", slash("o'clock"), "name: STRING_TYPE_REGEX"),
    refused_command(NAMING, "no spaces", slash("two words"), "name: STRING_TYPE_REGEX"),
    refused_command(NAMING, "no marks of other scripts", slash("e\u0301"), "name: STRING_TYPE_REGEX"),
    refused_command(NAMING, "no capitals", slash("Task"), "name: APPLICATION_COMMAND_INVALID_NAME"),
    refused_command(
        NAMING, "nor in options", with_option(name="Kind"), "options.0.name: APPLICATION_COMMAND_INVALID_NAME"
    ),
    taken(NAMING, "menus may have spaces and capitals", {"name": "Look at It", "type": 3}),
    *around(
        "COMMAND_DESCRIPTION", 100, lambda n: slash(description="x" * n), "description: BASE_TYPE_BAD_LENGTH"
    ),
    refused_command(COMMAND, "a description is needed", {"name": "task"}, "description: BASE_TYPE_REQUIRED"),
    refused_command(
        MENUS,
        "menus have none",
        {"name": "Look", "type": 3, "description": "x"},
        "description: APPLICATION_COMMAND_INVALID_DESCRIPTION",
    ),
    refused_command(
        COMMAND,
        "nor options",
        {"name": "Look", "type": 2, "options": [option()]},
        "options: APPLICATION_COMMAND_INVALID_OPTIONS",
    ),
    taken(MENUS, "and are shown with an empty one", {"name": "Look", "type": 2}, shows=has(description="")),
]

OPTIONS = [
    *around(
        "COMMAND_OPTIONS",
        25,
        lambda n: slash(options=[option(f"o{one}") for one in range(n)]),
        "options: BASE_TYPE_MAX_LENGTH",
    ),
    refused_command(
        OPTION,
        "required ones stand first",
        slash(options=[option("a"), option("b", required=True)]),
        "options.1: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    refused_command(
        OPTION,
        "no two of one name",
        slash(options=[option("a"), option("a")]),
        "options.1.name: APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
    ),
    refused_command(
        OPTION_TYPE, "an unknown type", with_option(type=12), "options.0.type: BASE_TYPE_CHOICES"
    ),
    *around(
        "CHOICES",
        25,
        lambda n: with_option(choices=choices(n)),
        "options.0.choices: BASE_TYPE_MAX_LENGTH",
        OPTION,
    ),
    *around(
        "CHOICE_NAME",
        100,
        lambda n: with_option(choices=[{"name": "x" * n, "value": "v"}]),
        "options.0.choices.0.name: BASE_TYPE_BAD_LENGTH",
        CHOICE,
    ),
    *around(
        "CHOICE_VALUE",
        100,
        lambda n: with_option(choices=[{"name": "x", "value": "v" * n}]),
        "options.0.choices.0.value: BASE_TYPE_MAX_LENGTH",
        CHOICE,
    ),
    refused_command(
        CHOICE,
        "a choice has a value of its option's type",
        with_option(type=INTEGER, choices=choices(1, "one")),
        "options.0.choices.0.value: NUMBER_TYPE_COERCE",
    ),
    refused_command(
        OPTION,
        "choices are for texts and numbers",
        with_option(type=USER, choices=choices(1)),
        "options.0.choices: APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
    ),
    refused_command(
        OPTION,
        "autocomplete excludes choices",
        with_option(autocomplete=True, choices=choices(1)),
        "options.0.autocomplete: APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
    ),
    refused_command(
        OPTION,
        "and is for texts and numbers",
        with_option(type=CHANNEL, autocomplete=True),
        "options.0.autocomplete: APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
    ),
    refused_command(
        OPTION,
        "channel types are Discord's",
        with_option(type=CHANNEL, channel_types=[99]),
        "options.0.channel_types.0: BASE_TYPE_CHOICES",
    ),
    *around(
        "OPTION_LENGTH",
        6000,
        lambda n: with_option(max_length=n),
        "options.0.max_length: NUMBER_TYPE_MAX",
        OPTION,
    ),
    refused_command(
        OPTION,
        "a greatest length of 0",
        with_option(max_length=0),
        "options.0.max_length: NUMBER_TYPE_MIN",
        limits=("OPTION_LENGTH",),
    ),
    taken(OPTION, "a least length of 0", with_option(min_length=0)),
    *around(
        "LARGEST_NUMBER",
        2**53 - 1,
        lambda n: with_option(type=INTEGER, max_value=n),
        "options.0.max_value: NUMBER_TYPE_RANGE",
        OPTION_TYPE,
    ),
    taken(OPTION_TYPE, "a number up to 2^53", with_option(type=NUMBER, max_value=float(2**53))),
    refused_command(
        OPTION,
        "a whole number's bounds are whole",
        with_option(type=INTEGER, min_value=0.5),
        "options.0.min_value: NUMBER_TYPE_COERCE",
    ),
    refused_command(
        OPTION,
        "the least is not above the most",
        with_option(type=INTEGER, min_value=2, max_value=1),
        "options.0.max_value: APPLICATION_COMMAND_OPTIONS_RANGE_INVALID",
    ),
    # -- nesting --------------------------------------------------------------------------------------
    taken(
        NESTING,
        "groups and subcommands side by side",
        slash(options=[option("g", 2, options=[option("s", 1, options=[option()])]), option("t", 1)]),
    ),
    refused_command(
        NESTING,
        "no options beside subcommands",
        slash(options=[option("a"), option("s", 1)]),
        "options: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    refused_command(
        NESTING,
        "no group in a group",
        slash(options=[option("g", 2, options=[option("h", 2)])]),
        "options.0.options.0: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    refused_command(
        NESTING,
        "no subcommand in a subcommand",
        slash(options=[option("s", 1, options=[option("t", 1)])]),
        "options.0.options.0: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    refused_command(
        NESTING,
        "no plain option in a group",
        slash(options=[option("g", 2, options=[option()])]),
        "options.0.options.0: APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    # -- size -----------------------------------------------------------------------------------------
    *around("COMMAND_TOTAL", 8000, sized, ": APPLICATION_COMMAND_TOO_LARGE", SLASH),
    refused_command(
        SLASH,
        "of each text the longest translation counts",
        {**sized(8000), "description_localizations": {"de": "d" * 10, "fr": "d" * 10}},
        ": APPLICATION_COMMAND_TOO_LARGE",
        limits=("COMMAND_TOTAL",),
    ),
    taken(
        SLASH,
        "and the others do not",
        {**sized(8000), "description_localizations": {"de": "Irgendwas", "fr": "Something"}},
        limits=("COMMAND_TOTAL",),
    ),
]

CASES = [*NAMES, *OPTIONS]
