"""What the benchmarks have in common."""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import time
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

from workloads import Workload, workloads

Clock = Callable[[], float]

SHORT = 0.008  # seconds
QUICK = ("deep_copy", "generators", "template_engine")


def best_of(variants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The least that each variant gave.  They take turns, so that what disturbs the machine disturbs them all."""
    best = dict.fromkeys(variants, math.inf)
    for _ in range(rounds):
        for name, measure in variants.items():
            gc.collect()
            best[name] = min(best[name], measure())
    return best


def seconds(work: Workload, clock: Clock = time.thread_time) -> float:
    """By the processor's time, unless another clock is given: what else runs on the machine does not count."""
    begin = clock()
    work()
    return clock() - begin


def plain_seconds(work: Workload, clock: Clock = time.thread_time) -> float:
    """Without a profiler.  From 3.12 on the first run after one is slower: it takes the events out of the code."""
    work()
    return seconds(work, clock)


def enough_rounds(work: Workload, rounds: int) -> int:
    """The shorter the work, the more rounds: they are cheap, and a disturbance weighs more."""
    return rounds * max(1, min(4, round(SHORT / plain_seconds(work))))


def chosen_workloads(options: argparse.Namespace) -> list[tuple[str, Workload]]:
    """Those that the command line names, ready to run; what they have made is no matter for the garbage collector."""
    made = workloads(options.names or (QUICK if options.quick else ()))
    gc.collect()
    gc.freeze()
    return made


def python_version() -> str:
    return "{}.{}".format(*sys.version_info)


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments(description: str, rounds: int, with_names: bool = False) -> argparse.ArgumentParser:
    """The command line of one benchmark."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"turns of each variant; {rounds} when not given")
    parser.add_argument("--quick", action="store_true", help="little work, to see whether everything runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, too")
    if with_names:
        parser.add_argument("names", nargs="*", metavar="NAME", help="programs of workloads.py; all when none is given")
    return parser


def report(figures: Any, tables: Sequence[object], options: argparse.Namespace) -> None:
    print(*tables, sep="\n\n")
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
