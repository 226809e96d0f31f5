"""Runs a simulated community through the whole product: prompts in, work in Discord, a dataset out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from rich.live import Live

from bot.cli.console import out
from bot.cli.lifecycle import stop_event
from bot.cli.local import LocalParts, local_parts, write_prompts
from bot.cli.problems import DemoError
from bot.cli.progress import DemoProgress, summary
from bot.settings import BotSettings
from oasst_backend.dataset.models import walk
from oasst_backend.dataset.reading import read_trees
from oasst_backend.exporting import export_trees
from oasst_backend.importing import import_prompts
from oasst_backend.rules.trees import TreeState
from oasst_backend.service.totals import totals
from oasst_backend.service.tree_counts import state_counts
from oasst_backend.settings import BackendSettings, TreeManagerSettings
from simulation import EXAMPLES
from simulation.community import Community, CommunityError, Counts
from simulation.script import Script
from simulation.trees import ScriptError
from simulation.verify import differences

SHOWN_DIFFERENCES = 20

P_FULL_LABELLING = 0.25
"""So often a simulated reviewer is asked for all labels; every time would only make the demo longer."""

ENDED = frozenset({TreeState.ready_for_export, TreeState.aborted_low_grade, TreeState.halted_by_moderator})


async def run_demo(settings: BotSettings, *, trees: Path | None, out_path: Path, seed: int) -> None:
    """Play a file of trees, export the dataset, and compare the two.

    Args:
        settings: the bot's settings; addresses, token and databases are those of this run.
        trees: a file in the dataset's format, None for the examples.
        out_path: where the dataset is written.
        seed: the same seed makes the same choices.

    Raises:
        DemoError: the file cannot be played, the community got stuck, or the dataset differs from the file.
    """
    try:
        script = Script.read(trees or EXAMPLES, seed=seed)
    except ScriptError as error:
        raise DemoError(*error.problems) from None
    _check_writable(out_path)
    for left_out in script.left_out:
        out.print(f"left out: {left_out}")
    with TemporaryDirectory(prefix="oasst-demo-") as folder:
        async with local_parts(settings, backend_settings_for(script), Path(folder)) as parts:
            await asyncio.to_thread(_import, parts, script, Path(folder))
            counts = await _play(parts, script, seed)
            if parts.sandbox.violations:
                raise DemoError(*parts.sandbox.violations)
            made = await parts.storage.read(totals)
            try:
                written = await asyncio.to_thread(export_trees, parts.storage, out_path)
            except OSError as error:
                raise _cannot_be_written(out_path, error) from None
    out.print()
    out.print(
        summary(
            {
                "trees": written.trees,
                "messages": written.messages,
                "reviews": made.reviews,
                "labels": _count_labels(out_path),
                "rankings": made.rankings,
                "spam planted and kept out": len(script.planted),
                "tasks handed back, not in the file": counts.skipped,
                "seconds": f"{counts.seconds:.0f}",
            }
        )
    )
    found = differences(out_path, script)
    if found:
        more = len(found) - SHOWN_DIFFERENCES
        raise DemoError(*found[:SHOWN_DIFFERENCES], *([f"and {more} more differences"] if more > 0 else []))
    out.print("The dataset holds the file's conversations and orders: nothing is missing, nothing was added.")
    out.print(str(out_path))


def _check_writable(path: Path) -> None:
    """Find out before a minute of play whether its result can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _cannot_be_written(path, error) from None
    if path.is_dir():
        raise DemoError(f"{path} is a folder; name a file with --out")


def _cannot_be_written(path: Path, error: OSError) -> DemoError:
    return DemoError(f"{path} cannot be written ({error.strerror}); name another file with --out")


def backend_settings_for(script: Script) -> BackendSettings:
    """Make the settings with which a community can write just this file."""
    needs = script.requirements()
    numbers = {
        **needs.tree_manager(),
        # The file has no ballots on prompts.
        "prompts_per_ranking": 0,
        "p_full_labeling_review_prompt": P_FULL_LABELLING,
        "p_full_labeling_review_reply_assistant": P_FULL_LABELLING,
    }
    # Built past the environment: a number set there would make another dataset of the same file.
    return BackendSettings.model_construct(
        tree_manager=TreeManagerSettings.model_validate(numbers),
        message_size_limit=needs.message_size_limit,
        # A file may hold texts that are much alike, and all of them are to be played.
        duplicate_similarity=1.0,
    )


def _import(parts: LocalParts, script: Script, folder: Path) -> None:
    import_prompts(parts.storage, parts.backend_settings, write_prompts(script.prompts(), folder))


async def _play(parts: LocalParts, script: Script, seed: int) -> Counts:
    community = Community(parts.sandbox, script, seed=seed)
    progress = DemoProgress(
        trees=len(script.trees),
        replies=script.replies_left,
        rankings=script.rankings * script.requirements().num_required_rankings,
    )

    async def is_finished() -> bool:
        states = await parts.storage.read(state_counts)
        progress.trees(states.get(TreeState.ready_for_export, 0))
        return all(state in ENDED for state, count in states.items() if count)

    trees = "1 tree" if len(script.trees) == 1 else f"{len(script.trees)} trees"
    out.print(f"{len(community.people)} people play {trees} with {script.messages} messages.")
    with Live(progress, console=out, refresh_per_second=4):
        async with interrupted_by_signals():
            try:
                counts = await community.run(is_finished, progress.people)
            except CommunityError as error:
                raise DemoError(*str(error).splitlines()) from None
        # The last ranking ends the play, before its author has read the thanks and counted it.
        progress.rankings((await parts.storage.read(totals)).rankings)
    return counts


@asynccontextmanager
async def interrupted_by_signals() -> AsyncIterator[None]:
    """Turn SIGINT and SIGTERM during the block into an error that ends it."""
    stop = stop_event()
    block = asyncio.current_task()

    async def watch() -> None:
        await stop.wait()
        if block is not None:
            block.cancel()

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if stop.is_set():
            raise DemoError("interrupted; nothing was exported") from None
        raise
    finally:
        watcher.cancel()


def _count_labels(path: Path) -> int:
    """Count the label values in a dataset, over all its messages."""
    nodes = (place.node for tree in read_trees(path) for place in walk(tree))
    return sum(label.count for node in nodes for label in (node.labels or {}).values())
