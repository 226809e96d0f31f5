"""How fast the backend is with few and with many trees, and beside a bare floor, in one run.

Sixteen people do full cycles (fetch, ack, interaction) over HTTP, with SQLite at `synchronous=FULL`; the load
comes from a process of its own. All servers run at the same time and get their rounds in turns, so that a
busy machine slows all of them. Printed are requests a second (the median of the rounds), the ratio to the
fastest size and to the floor, the CPU of the server for a request, the time from its start to its first
answer, and its memory.

`python benchmarks/backend.py [--sizes 10,1000,10000,100000] [--rounds 5] [--seconds 6]`
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.load import Round, serve_load  # noqa: E402  # the path first
from benchmarks.seed import fill  # noqa: E402
from oasst_backend.settings import BackendSettings, load_settings  # noqa: E402

KEY = "benchmark"
WARM_UP_SECONDS = 2.0
SETTINGS = {
    "BACKEND_API_KEYS": KEY,
    "BACKEND_PORT": "0",
    "TREE_MANAGER__PRESET": "normal",
    "TREE_MANAGER__MAX_ACTIVE_TREES": "100",
    "TREE_MANAGER__MAX_PENDING_TASKS_PER_USER": "1000",
    "DUPLICATE_WINDOW_MINUTES": "120",
}


@dataclass
class Server:
    """One server under load, with what was measured of it."""

    name: str
    command: list[str]
    env: dict[str, str]
    key: str | None
    rounds: list[Round] = field(default_factory=list)
    cpu_seconds: float = 0.0
    start_seconds: float = 0.0
    start_megabytes: float = 0.0

    def start(self) -> Self:
        """Start it, and the process that will load it."""
        begin = time.perf_counter()
        self.process = subprocess.Popen(  # noqa: S603  # our own programs
            self.command, env=self.env, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]
        if self.key:
            urllib.request.urlopen(f"{self.url}/healthz").close()  # noqa: S310  # a loopback address
        self.start_seconds = time.perf_counter() - begin
        self.start_megabytes = self.megabytes
        context = get_context("spawn")
        self.orders, theirs = context.Pipe()
        self.load = context.Process(target=serve_load, args=(theirs, self.url, self.key), daemon=True)
        self.load.start()
        return self

    def run(self, seconds: float, *, measured: bool) -> None:
        """Give it one round of load."""
        before = self.cpu
        self.orders.send(seconds)
        result: Round = self.orders.recv()
        if measured:
            self.rounds.append(result)
            self.cpu_seconds += self.cpu - before

    def stop(self) -> None:
        """End it and its load."""
        self.orders.send(None)
        self.load.join()
        self.process.terminate()
        self.process.communicate()

    @property
    def cpu(self) -> float:
        """The CPU that the server has used so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """The memory that the server holds now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def requests_a_second(self) -> float:
        """The median of the rounds."""
        return statistics.median(done.requests / done.seconds for done in self.rounds)

    @property
    def cpu_milliseconds(self) -> float:
        """The server's CPU for one request."""
        return 1000 * self.cpu_seconds / sum(done.requests for done in self.rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10,1000,10000,100000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    os.environ.update(SETTINGS)
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="oasst-benchmark-") as folder:
        servers = [_floor(Path(folder)), *(_backend(Path(folder), settings, size) for size in sizes)]
        try:
            for server in servers:
                server.start().run(WARM_UP_SECONDS, measured=False)
            for _ in range(options.rounds):
                for server in servers:
                    server.run(options.seconds, measured=True)
            _report(servers)
        finally:
            for server in servers:
                server.stop()


def _floor(folder: Path) -> Server:
    script = Path(__file__).with_name("floor.py")
    return Server("floor", [sys.executable, str(script), str(folder / "floor.db")], dict(os.environ), None)


def _backend(folder: Path, settings: BackendSettings, size: int) -> Server:
    path = folder / f"{size}.db"
    begin = time.perf_counter()
    fill(path, settings, size)
    # What was made must not be written to the disk while the start is measured.
    os.sync()
    print(f"{size} trees made in {time.perf_counter() - begin:.1f} s", file=sys.stderr)
    env = {**os.environ, "BACKEND_DATABASE_URL": f"sqlite:///{path}"}
    command = [sys.executable, "-m", "oasst_backend", "serve"]
    return Server(f"{size} trees", command, env, KEY)


def _report(servers: list[Server]) -> None:
    floor, *sized = servers
    fastest = max(server.requests_a_second for server in sized)
    print(
        f"{'':>14} {'req/s':>7} {'cycles/s':>9} {'of fastest':>11} {'of floor':>9} "
        f"{'CPU ms/req':>11} {'start s':>8} {'MB start':>9} {'MB now':>7}"
    )
    for server in servers:
        rate = server.requests_a_second
        cycles = f"{rate / 3:9.0f}" if server is not floor else f"{'':>9}"
        of_fastest = f"{rate / fastest:11.2f}" if server is not floor else f"{'':>11}"
        print(
            f"{server.name:>14} {rate:7.0f} {cycles} {of_fastest} {rate / floor.requests_a_second:9.2f} "
            f"{server.cpu_milliseconds:11.2f} {server.start_seconds:8.2f} {server.start_megabytes:9.0f} "
            f"{server.megabytes:7.0f}"
        )
    slowest = min(server.requests_a_second for server in sized)
    print(f"slowest of fastest: {slowest / fastest:.2f} (wanted: 0.75 or more)")
    print(f"slowest of the floor: {slowest / floor.requests_a_second:.2f} (wanted: 0.2 or more)")
    for server in sized:
        kinds: Counter[str] = sum((done.kinds for done in server.rounds), Counter())
        refused: Counter[str] = sum((done.refused for done in server.rounds), Counter())
        print(f"{server.name}: {dict(kinds.most_common())}, not answered: {dict(refused)}")


if __name__ == "__main__":
    main()
