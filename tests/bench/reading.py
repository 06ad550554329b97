"""What reading profiles costs: pstat beside pstats, from their start to their end.

    python tests/bench/reading.py [--rounds N] BUILD

BUILD is a build folder that has pstat and run_child.  Profiles are made there, and kept for the next time.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Sequence

import big_profile
from common import arguments, progress, report
from tables import Export, ReadingFigures, Reading, Run, export_table, merge_table, reading_table

SIZES = (1_000, 10_000, 100_000, 1_000_000)
FILES = (1, 10, 100, 1_000)
QUICK_SIZES = (100, 1_000)
QUICK_FILES = (1, 10)
FUNCTIONS_OF_A_FILE = 300
EXPORTED, QUICK_EXPORTED = 100_000, 1_000
FORMATS = ("stat", "json", "csv", "callgrind", "pb.gz", "speedscope.json", "folded", "svg", "dot", "html")
MERGED, QUICK_MERGED = (100, 1_000, 10_000), (2, 20)
DIFFERENT = 100  # files among those that are merged
ROUNDS_TIMES_FUNCTIONS = 400_000  # pstats takes half a minute for a million
RUNS_OF_PSTAT = 5  # for one of pstats

PSTATS = """
import pstats, sys
pstats.Stats(*sys.argv[1:]).strip_dirs().sort_stats("cumulative", "time").print_stats(20)
"""

Command = Sequence[str]


class Reader:
    """Runs pstat and pstats on the same files."""

    def __init__(self, build: Path) -> None:
        self.pstat = str(build / "tools/pstat/pstat")
        self.run_child = str(build / "tests/bench/run_child")

    def run(self, command: Command) -> Run:
        output = subprocess.run([self.run_child, *command], check=True, capture_output=True, text=True).stdout
        seconds, kib = output.split()
        return {"seconds": float(seconds), "kib": int(kib)}

    def best(self, commands: dict[str, Command], rounds: int) -> dict[str, Run]:
        runs: dict[str, list[Run]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                runs[name] += [self.run(command) for _ in range(RUNS_OF_PSTAT if name == "pstat" else 1)]
        return {
            name: {"seconds": min(run["seconds"] for run in each), "kib": min(run["kib"] for run in each)}
            for name, each in runs.items()
        }

    def start(self, rounds: int) -> Reading:
        nothing: dict[str, Command] = {
            "pstat": [self.pstat, "--version"],
            "pstats": [sys.executable, "-c", "import pstats"],
        }
        return {"bytes": 0, "runs": self.best(nothing, rounds)}

    def read(self, files: Sequence[Path], rounds: int) -> Reading:
        paths = list(map(str, files))
        commands: dict[str, Command] = {
            "pstat": [self.pstat, "-s", "cumulative", "-s", "time", "-n", "20", *paths],
            "pstats": [sys.executable, "-c", PSTATS, *paths],
        }
        runs = self.best(commands, rounds)
        return {"bytes": sum(path.stat().st_size for path in files), "runs": runs}

    def merge(self, files: Sequence[Path], output: Path, rounds: int) -> Export:
        best = self.best({"pstat": [self.pstat, "-o", str(output), *map(str, files)]}, rounds)["pstat"]
        output.unlink()
        return {**best, "bytes": sum(path.stat().st_size for path in files)}

    def export(self, path: Path, output: Path, rounds: int) -> Export:
        command = [self.pstat, "-o", str(output), str(path)]
        best = self.best({"pstat": command}, rounds)["pstat"]
        size = output.stat().st_size
        output.unlink()
        return {**best, "bytes": size}


def kept(path: Path, make: Callable[[Path], object]) -> Path:
    """The path, after making the file or folder unless it is there already."""
    if not path.exists() or path.stat().st_mtime < Path(big_profile.__file__).stat().st_mtime:
        progress(f"making {path.name}")
        make(path)
    return path


def make_many(folder: Path, count: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number in range(count):
        big_profile.make(folder / f"{number}.stat", FUNCTIONS_OF_A_FILE, seed=number)


def make_recorded(folder: Path, count: int) -> None:
    """So many runs of one program; a hundred of them are different, and have several names each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number in range(count):
        path = folder / f"{number}.stat"
        if number < DIFFERENT:
            big_profile.make_recorded(path, FUNCTIONS_OF_A_FILE, seed=number)
        else:
            os.link(folder / f"{number % DIFFERENT}.stat", path)


def measure(options: argparse.Namespace) -> ReadingFigures:
    reader = Reader(options.build)
    start = reader.start(10 * options.rounds)
    reports = {}
    for functions in QUICK_SIZES if options.quick else SIZES:
        make = functools.partial(big_profile.make, functions=functions)
        path = kept(options.build / f"{functions}.stat", make)
        rounds = max(1, min(options.rounds, ROUNDS_TIMES_FUNCTIONS // functions))
        reports[str(functions)] = reader.read([path], rounds)
        progress(f"{functions} functions: {reports[str(functions)]}")
    counts = QUICK_FILES if options.quick else FILES
    folder = kept(options.build / f"files-{counts[-1]}", functools.partial(make_many, count=counts[-1]))
    sums = {}
    for files in counts:
        paths = [folder / f"{number}.stat" for number in range(files)]
        rounds = max(1, min(options.rounds, ROUNDS_TIMES_FUNCTIONS // (files * FUNCTIONS_OF_A_FILE)))
        sums[str(files)] = reader.read(paths, rounds)
        progress(f"{files} files: {sums[str(files)]}")
    counts = QUICK_MERGED if options.quick else MERGED
    folder = kept(options.build / f"recorded-{counts[-1]}", functools.partial(make_recorded, count=counts[-1]))
    merged = {}
    for files in counts:
        paths = [folder / f"{number}.stat" for number in range(files)]
        merged[str(files)] = reader.merge(paths, options.build / "merged.stat", options.rounds)
        progress(f"{files} files merged: {merged[str(files)]}")
    exported = QUICK_EXPORTED if options.quick else EXPORTED
    exports = {}
    for name in FORMATS:
        source, output = options.build / f"{exported}.stat", options.build / f"exported.{name}"
        exports[f".{name}"] = reader.export(source, output, options.rounds)
        progress(f"{name}: {exports[f'.{name}']}")
    return {
        **{"start": start, "reports": reports, "sums": sums, "merged": merged},
        **{"exported": exported, "exports": exports},
    }


def main() -> None:
    parser = arguments(__doc__, rounds=10)
    parser.add_argument("build", type=Path, metavar="BUILD")
    options = parser.parse_args()
    figures = measure(options)
    report(figures, [reading_table(figures), merge_table(figures), export_table(figures)], options)


if __name__ == "__main__":
    main()
