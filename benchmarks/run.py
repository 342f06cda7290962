"""Measures what `design.md` promises of size and speed, against named peers: `make bench`.

Every task runs in a process of its own on one thread, and the processor time it took is compared: that says what one
thread needs, whatever else the machine does meanwhile. The fastest of several runs counts. Memory is the most a process
ever held, imports included.
"""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import data
from benchmarks.measure import ROOT, Measured, run_task

FOLDER = ROOT / "build" / "bench"
CAP = "2GB"
"""What a process may hold when told to (`ANALYSIS_MEMORY_LIMIT`)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One promise and what was measured; `limit` is the ratio or size it must stay below (or above)."""

    promise: str
    value: float
    limit: float
    unit: str = "×"
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        verdict = "kept" if self.is_kept else "MISSED"
        return f"{verdict:7}{self.promise}: {self.value:.2f} {self.unit} ({bound} {self.limit:g} {self.unit})"


@dataclass(frozen=True, slots=True)
class Bench:
    """How much is measured and with which interpreters."""

    ours: Path
    peers: Path
    repeats: int
    clients: int
    entries: int
    rows: int
    extract_rows: int

    def best(
        self,
        module: str,
        task: str,
        *arguments: object,
        fresh: Callable[[], object] | None = None,
        repeats: int | None = None,
    ) -> Measured:
        """The fastest of several runs.

        Parameters
        ----------
        fresh : what to do before each run, such as taking results away
        repeats : number of runs, where it is another than usual
        """
        runs = []
        python = self.ours if module == "benchmarks.ours" else self.peers
        for _ in range(repeats or self.repeats):
            if fresh:
                fresh()
            runs.append(run_task(python, module, task, *arguments, ANALYSIS_MEMORY_LIMIT=CAP))
        found = min(runs, key=lambda run: run.time)
        versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
        say(
            f"  {task:18}{found.seconds:8.2f} s {found.cpu_seconds:8.2f} CPU-s {found.peak_mb:8,.0f} MB  "
            f"{found.result}  [{versions}]"
        )
        return found


def entries(bench: Bench) -> Iterator[Line]:
    """Entries to client-quarter features: against the scan, against pandas, under the cap."""
    folder, target = FOLDER / f"entries-{bench.entries}", FOLDER / "activity"
    say(f"{bench.entries:,} entries, {bench.entries // data.ENTRIES_A_CLIENT:,} clients, {len(data.QUARTERS)} quarters")
    data.write_entries(folder, bench.entries)
    scans = [bench.best("benchmarks.ours", task, folder) for task in ("scan_duckdb", "scan_arrow")]
    full = bench.best("benchmarks.ours", "features", folder, target, fresh=lambda: _clear(target))
    plain, coded, by_quarter = (
        bench.best("benchmarks.peers", task, folder)
        for task in ("pandas_plain", "pandas_coded", "pandas_coded_by_quarter")
    )
    _same(full.result["rows"], plain.result["rows"], coded.result["rows"], by_quarter.result["rows"])
    yield Line("features against the faster raw scan", full.time / min(scan.time for scan in scans), 4)
    yield Line("faster than pandas", plain.time / full.time, 3, at_least=True)
    yield Line("memory against pandas", full.peak_mb / plain.peak_mb, 0.2)
    yield Line("faster than pandas with words as categories", coded.time / full.time, 3, at_least=True)
    yield Line("memory against pandas with words as categories", full.peak_mb / coded.peak_mb, 0.2)
    yield Line("faster than that a quarter at a time (no promise)", by_quarter.time / full.time, 1, at_least=True)
    yield Line("memory under the cap", full.peak_mb / 1024, 2, "GB")


def load(bench: Bench) -> Iterator[Line]:
    """A bank's folder loaded whole and after a new quarter came, as far as features, under the cap."""
    n_entries = bench.clients * data.ENTRIES_A_CLIENT // 2
    say(f"{bench.clients:,} clients, {bench.clients * 48:,} positions, {n_entries:,} entries in quarters' folders")
    folder, cache = FOLDER / f"bank-{bench.clients}-{n_entries}", FOLDER / "load-cache"
    data.write_bank(folder, bench.clients, n_entries)
    older = _without_newest(folder)
    whole = bench.best("benchmarks.ours", "load", folder, cache, fresh=lambda: _clear(cache), repeats=1)
    _clear(cache)
    bench.best("benchmarks.ours", "load", older, cache, repeats=1)
    new = bench.best("benchmarks.ours", "load", folder, cache, repeats=1)
    _same(whole.result["activity"], new.result["activity"])
    yield Line("peak of a whole load under the cap", whole.peak_mb / 1024, 2, "GB")
    yield Line("a new quarter's entries against all", new.result["entries"] / whole.result["entries"], 0.15)
    yield Line("a load with a new quarter against the whole (no promise)", new.time / whole.time, 1)


def _without_newest(folder: Path) -> Path:
    """The same bank before its last quarter came; files are linked, not copied."""
    older = folder.with_name(f"{folder.name}-older")
    _clear(older)
    for quarter in data.QUARTERS[:-1]:
        (older / quarter.label).mkdir(parents=True)
        for path in (folder / quarter.label).iterdir():
            (older / quarter.label / path.name).hardlink_to(path)
    shutil.copyfile(folder / "mapping.toml", older / "mapping.toml")
    return older


def contract(bench: Bench) -> Iterator[Line]:
    """Rows validated and split, against pandera."""
    say(f"{bench.rows:,} positions with planted faults")
    path = data.write_positions(FOLDER / f"positions-{bench.rows}.parquet", bench.rows)
    ours = bench.best("benchmarks.ours", "split", path)
    peer = bench.best("benchmarks.peers", "pandera", path)
    _same(ours.result["read"], ours.result["kept"] + ours.result["aside"])
    yield Line("validated and split against pandera", ours.result["split"] / peer.result["validate_and_split"], 2)
    both = (ours.result["map"] + ours.result["split"]) / peer.result["validate_and_split"]
    yield Line("mapped, validated and split against pandera (no promise)", both, 9)


def extract(bench: Bench) -> Iterator[Line]:
    """A GB18030 extract read, against pandas."""
    say(f"{bench.extract_rows:,} lines of a GB18030 extract")
    path = FOLDER / f"extract-{bench.extract_rows}.csv"
    if not path.exists():
        data.write_extract(path, bench.extract_rows)
    ours = bench.best("benchmarks.ours", "extract", path)
    peer = bench.best("benchmarks.peers", "extract", path)
    _same(ours.result["rows"], peer.result["rows"])
    yield Line("GB18030 read against pandas", ours.time / peer.time, 1.5)


def _clear(folder: Path) -> None:
    """Take the kept results away."""
    shutil.rmtree(folder, ignore_errors=True)


def _same(*numbers: int) -> None:
    if len(set(numbers)) > 1:
        raise SystemExit(f"The two sides did not do the same work: {numbers}.")


PARTS = {"entries": entries, "load": load, "contract": contract, "extract": extract}


def say(text: str) -> None:
    """A line for whoever watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and give 1 where a promise was not kept."""
    given = _parser().parse_args(arguments)
    bench = Bench(
        Path(sys.executable),
        Path(given.peers),
        given.repeats,
        given.clients,
        given.entries,
        given.rows,
        given.extract_rows,
    )
    say(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, one thread each")
    if not bench.peers.exists():
        say(f"The peers' environment {given.peers} is not there; run make bench.")
        return 2
    kept = [line for name in given.parts for line in PARTS[name](bench)]
    say("")
    for line in kept:
        say(str(line))
    return int(not all(line.is_kept for line in kept))


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"there is no part {name!r}; parts are {', '.join(PARTS)}")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", type=_part, default=list(PARTS), metavar="PART")
    parser.add_argument("--peers", default=str(ROOT / "build" / "bench-venv" / "bin" / "python"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clients", type=int, default=200_000)
    parser.add_argument("--entries", type=int, default=50_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--extract-rows", type=int, default=500_000)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
