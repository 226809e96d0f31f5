"""What the demo shows in the terminal: live progress, and a summary at the end."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulation.community import Counts


class DemoProgress:
    """Three bars and a line: replies, rankings and finished trees, and what else people did."""

    def __init__(self, *, trees: int, replies: int, rankings: int) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        )
        self._replies = self._bars.add_task("replies written", total=replies)
        self._rankings = self._bars.add_task("rankings", total=rankings)
        self._trees = self._bars.add_task("finished trees", total=trees)
        self._line = ""

    def __rich__(self) -> RenderableType:
        return Group(self._bars, self._line)

    def people(self, counts: Counts) -> None:
        """Show what people have done so far."""
        self._bars.update(self._replies, completed=counts.replies)
        self.rankings(counts.ranked)
        self._line = (
            f"{counts.labelled} reviews, {counts.spam_found} of them found spam, "
            f"{counts.skipped} tasks handed back, {counts.finished} tasks finished"
        )

    def rankings(self, made: int) -> None:
        """Show how many rankings there are."""
        self._bars.update(self._rankings, completed=made)

    def trees(self, finished: int) -> None:
        """Show how many trees are finished."""
        self._bars.update(self._trees, completed=finished)


def summary(rows: Mapping[str, object]) -> Table:
    """Lay out the result as a table of what and how many."""
    table = Table(show_header=False, title="What the community made", title_justify="left")
    for what, how_many in rows.items():
        table.add_row(what, str(how_many))
    return table
