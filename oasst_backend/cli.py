"""The backend's command line: serve, import, export, stats, keys."""

import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from loguru import logger
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from oasst_backend.api.app import utc_now
from oasst_backend.api.bodies import LANGUAGE
from oasst_backend.dataset.lines import DatasetError
from oasst_backend.dataset.reading import FileKind, file_kind
from oasst_backend.errors import SetupError
from oasst_backend.exporting import ExportChoice, export_stories, export_trees
from oasst_backend.importing import ImportCounts, import_prompts, import_stories, import_trees
from oasst_backend.logs import log_from, set_up_logging
from oasst_backend.progress import ProgressBars, StoppedError
from oasst_backend.server import BackendServer
from oasst_backend.service import keys as key_service
from oasst_backend.service import statistics, tree_counts, upkeep
from oasst_backend.service.context import Context
from oasst_backend.service.startup import are_rules_in_force, rules_version
from oasst_backend.service.totals import totals
from oasst_backend.settings import BackendSettings, SettingsError, load_settings
from oasst_backend.storage.database import Storage
from oasst_backend.tree_settings import Preset

app = typer.Typer(
    name="oasst_backend",
    help="The embedded task backend. Its settings are environment variables; see docs/backend.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    callback=set_up_logging,
)
keys = typer.Typer(help="Keys of frontends.", no_args_is_help=True)
app.add_typer(keys, name="keys")
out = Console(highlight=False, soft_wrap=True)

ResultT = TypeVar("ResultT")

WATCH_SECONDS = 1.0
"""How often `serve` sees whether the service still runs."""

EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2


def fail(message: str, code: int) -> NoReturn:
    """End with one line per problem on stderr."""
    for line in message.splitlines():
        sys.stderr.write(f"error: {line}\n")
    raise typer.Exit(code)


@contextmanager
def clear_faults() -> Iterator[None]:
    """Turn what an operator can mend into lines that say how, without a traceback."""
    try:
        yield
    except (SettingsError, DatasetError) as error:
        fail(str(error), EXIT_BAD_INPUT)
    except SetupError as error:
        fail(str(error), EXIT_FAILURE)
    except DBAPIError as error:
        fail(f"the database did not take it ({error.orig}); nothing was changed, try again", EXIT_FAILURE)
    except StoppedError:
        fail("stopped before anything was changed", EXIT_FAILURE)


@contextmanager
def opened_storage() -> Iterator[tuple[Storage, BackendSettings]]:
    """Open the database that the settings name."""
    with clear_faults():
        settings = load_settings()
        with Storage(settings.backend_database_url) as storage:
            yield storage, settings


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Have Ctrl+C and SIGTERM set an event; an exception would break off the wait for calls under way."""
    stop = threading.Event()
    earlier = {name: signal.signal(name, lambda *_: stop.set()) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for name, handler in earlier.items():
            signal.signal(name, handler)


@app.command()
def serve() -> None:
    """Serve the OASST task protocol over HTTP until it is stopped with Ctrl+C."""
    with clear_faults(), stop_signals() as stop:
        settings = load_settings()
        log_from(settings.backend_log_level)
        server = BackendServer(settings).start()
        if not settings.backend_api_keys:
            logger.warning("BACKEND_API_KEYS is empty; only keys made with `keys create` are taken")
        out.print(f"The backend listens on {server.url}")
        while server.is_serving and not stop.wait(WATCH_SECONDS):
            pass
        if not server.is_serving:
            fail("the service ended by itself; its log says why", EXIT_FAILURE)
        out.print("The backend is going down.")
        server.close()


@app.command(name="import")
def import_file(
    path: Annotated[
        Path, typer.Argument(help="A file of prompts, of trees or of stories, one JSON value a line.")
    ],
    *,
    lang: Annotated[str, typer.Option(help="The language of prompts and stories that name none.")] = "en",
    accepted: Annotated[
        bool, typer.Option("--accepted", help="Take prompts as reviewed: they wait for the lottery at once.")
    ] = False,
    backlog: Annotated[
        bool, typer.Option("--backlog", help="Keep trees in the backlog, to be ranked anew.")
    ] = False,
) -> None:
    """Add a file of prompts, trees or stories; with one broken line nothing is added, and nothing twice."""
    with clear_faults():
        if not LANGUAGE.fullmatch(lang):
            fail(f"--lang {lang} is no language; write a tag like en or pt-BR", EXIT_BAD_INPUT)
        kind = file_kind(path)
        if accepted and kind is not FileKind.prompts:
            fail(f"--accepted is for prompts, and this is a file of {kind}; leave it out", EXIT_BAD_INPUT)
        if backlog and kind is not FileKind.trees:
            fail(f"--backlog is for trees, and this is a file of {kind}; leave it out", EXIT_BAD_INPUT)
    with opened_storage() as (storage, settings), progress_bars() as bars:
        match kind:
            case FileKind.prompts:
                counts = import_prompts(
                    storage, settings, path, lang=lang, accepted=accepted, watch=bars.show
                )
            case FileKind.trees:
                counts = import_trees(storage, settings, path, backlog=backlog, watch=bars.show)
            case FileKind.stories:
                counts = import_stories(storage, settings, path, lang=lang, watch=bars.show)
        other_rules = _other_rules(storage, settings)
    out.print(_said(counts, kind))
    if other_rules:
        out.print(f"The backend looks at what was added when it starts again: {other_rules}")


def _said(counts: ImportCounts, kind: FileKind) -> str:
    known = f"; {_counted(counts.known, 'was', 'were')} there already" if counts.known else ""
    return f"Added {_content(kind, counts.entries, counts.parts)}{known}."


def _content(kind: FileKind, entries: int, parts: int) -> str:
    """Say how much there is of a kind: 1 story with 2 summaries."""
    if kind is FileKind.stories:
        return f"{_counted(entries, 'story', 'stories')} with {_counted(parts, 'summary', 'summaries')}"
    return f"{_counted(entries, 'tree', 'trees')} with {_counted(parts, 'message', 'messages')}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="The file to write; - is standard output.")],
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Give out what is unfinished, rejected, deleted or surplus, too.")
    ] = False,
    lang: Annotated[str | None, typer.Option(help="Only trees or stories of this language.")] = None,
    stories: Annotated[
        bool, typer.Option("--stories", help="Give out stories with summaries and ratings, not trees.")
    ] = False,
) -> None:
    """Write the finished trees as JSON lines, or the stories; the backend may run at the same time."""
    choice = ExportChoice(everything=everything, lang=lang)
    target = sys.stdout if str(path) == "-" else path
    # Where the lines go to the terminal, a bar would stand between them.
    hidden = not isinstance(target, Path)
    with opened_storage() as (storage, _settings), progress_bars(hidden=hidden) as bars:
        try:
            if stories:
                told = export_stories(storage, target, choice, bars.show)
                what = _content(FileKind.stories, told.stories, told.summaries)
            else:
                written = export_trees(storage, target, choice, bars.show)
                what = _content(FileKind.trees, written.trees, written.messages)
        except OSError as error:
            fail(f"{path} cannot be written ({error.strerror}); name another file", EXIT_FAILURE)
    if isinstance(target, Path):
        out.print(f"Wrote {what} to {path}")


@contextmanager
def progress_bars(*, hidden: bool = False) -> Iterator[ProgressBars]:
    """Show on a terminal how far it is, and end between two steps on Ctrl+C or SIGTERM."""
    with stop_signals() as stop, ProgressBars(out, stop, hidden=hidden) as bars:
        yield bars


@app.command()
def check(
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Set right what is out of step; stop the backend before.")
    ] = False,
) -> None:
    """Work the open work, the states and the scores out from scratch, and compare them with what is kept."""
    with opened_storage() as (storage, settings):
        if other_rules := _other_rules(storage, settings):
            fail(other_rules, EXIT_BAD_INPUT)
        version = storage.read_now(rules_version)
        context = Context(settings, utc_now(), random.Random(), version)  # noqa: S311  # no secret depends on it
        found = storage.read_now(lambda connection: upkeep.check(connection, context))
        for difference in found:
            out.print(difference)
        if repair and found:
            storage.write_now(lambda connection: upkeep.repair(connection, context))
            found = storage.read_now(lambda connection: upkeep.check(connection, context))
            out.print("Set right." if not found else f"{len(found)} differences are left.")
    if found:
        fail(f"{len(found)} differences; see: python -m oasst_backend check --repair", EXIT_FAILURE)
    out.print("Everything is in step.")


def _other_rules(storage: Storage, settings: BackendSettings) -> str | None:
    """Say what to set, if the backend serves by other rules than these settings give; None if by the same."""

    def in_force(given: BackendSettings) -> bool:
        return storage.read_now(lambda connection: are_rules_in_force(connection, given))

    if in_force(settings):
        return None
    fitting = next((preset for preset in Preset if in_force(load_settings(preset=preset))), None)
    advice = (
        "give this command the TREE_MANAGER__ settings of the backend, or start the backend with these"
        if fitting is None
        else f"set TREE_MANAGER__PRESET={fitting.value}"
    )
    return f"the backend last served by other rules than these settings give; {advice}"


@app.command()
def stats() -> None:
    """Show how many trees are in each state, and how many messages, reviews and rankings there are."""
    with opened_storage() as (storage, _settings):
        states = storage.read_now(tree_counts.state_counts)
        numbers = storage.read_now(statistics.message_stats)
        handed_in = storage.read_now(totals)
    table = Table("state", "trees")
    for state, count in sorted(states.items()):
        table.add_row(state, str(count))
    out.print(table)
    langs = ", ".join(f"{lang} {count}" for lang, count in sorted(numbers.active_by_lang.items()))
    out.print(f"{numbers.active} messages ({langs or 'none'}), {numbers.deleted} deleted")
    out.print(f"{handed_in.reviews} reviews and {handed_in.rankings} rankings that count")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What to call the frontend.")],
    *,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Let it moderate and change people, too.")
    ] = False,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    key = _with_storage(
        lambda storage: storage.write_now(
            lambda connection: key_service.create_key(connection, utc_now(), name, trusted=trusted)
        )
    )
    out.print(key)


@keys.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="The frontend's name.")]) -> None:
    """Make a key useless; a running backend refuses it within two seconds."""
    _with_storage(
        lambda storage: storage.write_now(lambda connection: key_service.revoke_key(connection, name))
    )
    out.print(f"The key {name} is revoked.")


@keys.command("list")
def list_keys() -> None:
    """List the frontends; the keys themselves are not kept."""
    rows = _with_storage(lambda storage: storage.read_now(key_service.list_clients))
    table = Table("name", "trusted", "state", "from", "since")
    for row in rows:
        table.add_row(
            row.name,
            "yes" if row.trusted else "no",
            "valid" if row.enabled else "revoked",
            "BACKEND_API_KEYS" if row.from_settings else "keys create",
            f"{row.created_date:%Y-%m-%d %H:%M}",
        )
    out.print(table)


def _with_storage(work: Callable[[Storage], ResultT]) -> ResultT:
    with opened_storage() as (storage, _settings):
        return work(storage)
