"""How near to the truth the reported times are: with and without compensation, beside cProfile.

    python tests/bench/truth.py [--rounds N] [NAME...]

First, for each program, the sum of all self times over the unprofiled time (1.00 would be exact); then the share of
one of two functions that take equally long unprofiled, one in a single loop, one in 20,000 small calls (50 % would be
exact).
"""

from __future__ import annotations

import argparse
import cProfile
import functools
import time
from typing import Any, Callable, Union

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
from tables import TruthFigures, truth_table
from workloads import Workload

import profstat

SMALL_CALLS = 20_000
SHARE_RUNS = 30

AnyProfile = Union[cProfile.Profile, profstat.Profile]

PROFILES: dict[str, Callable[[], AnyProfile]] = {
    "cProfile": cProfile.Profile,
    "profstat": profstat.Profile,
    "compensate=True": lambda: profstat.Profile(compensate=True),
}


def entries(work: Workload, make: Callable[[], AnyProfile]) -> list[Any]:
    profile = make()
    profile.enable()
    work()
    profile.disable()
    return list(profile.getstats())


def self_seconds(work: Workload, make: Callable[[], AnyProfile]) -> float:
    return float(sum(entry.inlinetime for entry in entries(work, make)))


def best_self_seconds(work: Workload, rounds: int) -> dict[str, float]:
    variants: dict[str, Callable[[], float]] = {"plain": functools.partial(plain_seconds, work, time.perf_counter)}
    for name, make in PROFILES.items():
        variants[name] = functools.partial(self_seconds, work, make)
    return best_of(variants, enough_rounds(work, rounds))


def add_one(value: int) -> int:
    return value + 1


def small_calls() -> int:
    total = 0
    for _ in range(SMALL_CALLS):
        total = add_one(total)
    return total


def single_loop(count: int) -> int:
    total = 0
    for _ in range(count):
        total += 1
    return total


def loop_as_long_as_calls() -> int:
    """The count with which single_loop takes as long as small_calls."""
    goal = min(plain_seconds(small_calls) for _ in range(50))
    count = SMALL_CALLS
    for _ in range(8):
        count = int(count * goal / min(plain_seconds(functools.partial(single_loop, count)) for _ in range(20)))
    return count


def loop_share(count: int, make: Callable[[], AnyProfile]) -> float:
    """By the best of many times of each of the two."""

    def both() -> None:
        small_calls()
        single_loop(count)

    runs = [{entry.code: entry.totaltime for entry in entries(both, make)} for _ in range(SHARE_RUNS)]
    loop, calls = (min(run[function.__code__] for run in runs) for function in (single_loop, small_calls))
    return float(loop / (loop + calls))


def measure(options: argparse.Namespace) -> TruthFigures:
    programs = {}
    for name, work in chosen_workloads(options):
        programs[name] = best_self_seconds(work, options.rounds)
        progress(f"{name:18} " + "  ".join(f"{v} {s * 1e3:.1f}" for v, s in programs[name].items()) + "  ms")
    count = loop_as_long_as_calls()
    shares = {name: loop_share(count, make) for name, make in PROFILES.items()}
    return {"self_seconds": programs, "loop_share": shares}


def main() -> None:
    options = arguments(__doc__, rounds=6, with_names=True).parse_args()
    figures = measure(options)
    report(figures, [truth_table({python_version(): figures})], options)


if __name__ == "__main__":
    main()
