"""What tracing costs, beside other profilers and beside hooks that do nothing.

    python tests/bench/tracing.py [--rounds N] [NAME...]

The time that a profiler adds is the traced time less the plain time; switching it on and off is not part of it.
"""

from __future__ import annotations

import argparse
import functools
import gc
import marshal
import tempfile
import zlib
from typing import Any, Callable

from common import (
    arguments,
    best_of,
    chosen_workloads,
    enough_rounds,
    plain_seconds,
    progress,
    python_version,
    report,
)
from profilers import PROFILERS, traced_seconds
from tables import TracingFigures, WholeLibrary, deep_table, program_table, tracing_table
from workloads import Workload, whole_library

import profstat

TRAILER = b"\nprofst\n"
TRAILER_HEADER = 24  # bytes


def best_times(work: Workload, rounds: int) -> dict[str, float]:
    variants: dict[str, Callable[[], float]] = {"plain": functools.partial(plain_seconds, work)}
    for name, make in PROFILERS.items():
        variants[name] = functools.partial(traced_seconds, work, make)
    return best_of(variants, enough_rounds(work, rounds))


def trees(profile: profstat.Profile) -> list[dict[str, Any]]:
    """The call trees of a profile, as its file has them."""
    with tempfile.NamedTemporaryFile() as file:
        profile.dump_stats(file.name)
        with open(file.name, "rb") as stored:
            data = stored.read()
    trailer = marshal.loads(zlib.decompress(data[data.rindex(TRAILER) + TRAILER_HEADER :]))
    return list(trailer["trees"])


def deep_recursion(options: argparse.Namespace) -> WholeLibrary:
    work = whole_library(most_files=8 if options.quick else None)
    gc.collect()
    gc.freeze()
    profile = profstat.Profile()
    profile.runcall(work)
    calls = sum(entry.callcount for entry in profile.getstats())
    paths = sum(tree["count"] for tree in trees(profile))
    profile.clear()
    best = best_times(work, max(1, options.rounds // 6))
    return {"seconds": best, "calls": calls, "paths": paths}


def measure(options: argparse.Namespace) -> TracingFigures:
    programs = {}
    for name, work in chosen_workloads(options):
        programs[name] = best_times(work, options.rounds)
        progress(f"{name:18} " + "  ".join(f"{v} {s * 1e3:.1f}" for v, s in programs[name].items()) + "  ms")
    return {"programs": programs, "whole_library": None if options.names else deep_recursion(options)}


def main() -> None:
    options = arguments(__doc__, rounds=20, with_names=True).parse_args()
    figures = measure(options)
    version = python_version()
    by_version = {version: figures}
    report(figures, [program_table(version, figures), deep_table(by_version), tracing_table(by_version)], options)


if __name__ == "__main__":
    main()
