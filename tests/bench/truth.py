"""How near to the truth the reported times are: with and without compensation, beside cProfile.

    python tests/bench/truth.py [--rounds N] [NAME...]

First, for each program, the sum of all self times over the unprofiled time (1.00 would be exact); then the share of
one of two functions that take equally long unprofiled, one in a single loop, one in 20,000 small calls (50 % would be
exact).
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import statistics
import time
from typing import Any, Callable, TypeVar, Union

from common import (
    arguments,
    best_of,
    chosen_workloads,
    enough_rounds,
    plain_seconds,
    progress,
    python_version,
    report,
    seconds,
)
from tables import TruthFigures, truth_table
from workloads import Workload

import profstat
from profstat import overhead

SMALL_CALLS = 20_000
SHARE_RUNS = 30
DISTURBED = 0.02
MOST_TRIES = 10

Result = TypeVar("Result")
AnyProfile = Union[cProfile.Profile, profstat.Profile]


def compensated() -> profstat.Profile:
    """What is taken off is measured anew, as if in another process: it should not depend on one moment."""
    overhead.forget()
    return profstat.Profile(compensate=True)


PROFILES: dict[str, Callable[[], AnyProfile]] = {
    "cProfile": cProfile.Profile,
    "profstat": profstat.Profile,
    "compensate=True": compensated,
}


def undisturbed(run: Callable[[], Result]) -> Result:
    """What a run gives while the processor is not lent to others, if that can be had in some tries: profilers go by the
    clock on the wall."""
    for _ in range(MOST_TRIES):
        begin, own_begin = time.perf_counter(), time.thread_time()
        result = run()
        elapsed, own = time.perf_counter() - begin, time.thread_time() - own_begin
        if elapsed - own < DISTURBED * elapsed:
            break
    return result


def entries(work: Workload, make: Callable[[], AnyProfile]) -> list[Any]:
    profile = make()

    def run() -> list[Any]:
        profile.clear()
        profile.enable()
        work()
        profile.disable()
        return list(profile.getstats())

    return undisturbed(run)


def self_seconds(work: Workload, make: Callable[[], AnyProfile]) -> float:
    return float(sum(entry.inlinetime for entry in entries(work, make)))


def self_ratios(work: Workload, rounds: int) -> dict[str, float]:
    """What the self times add up to, of the time without a profiler in the same round: the median of all rounds, since
    what is taken off may be too much as well as too little."""
    ratios: dict[str, list[float]] = {name: [] for name in PROFILES}
    for _ in range(rounds):
        gc.collect()
        plain = undisturbed(lambda: plain_seconds(work, time.perf_counter))
        for name, make in PROFILES.items():
            ratios[name].append(self_seconds(work, make) / plain)
    return {name: statistics.median(each) for name, each in ratios.items()}


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


def times_of_both(count: int) -> dict[str, float]:
    return best_of({"loop": lambda: seconds(lambda: single_loop(count)), "calls": lambda: seconds(small_calls)}, 20)


def loop_as_long_as_calls() -> int:
    """The count with which single_loop takes as long as small_calls."""
    count = SMALL_CALLS
    for _ in range(4):
        best = times_of_both(count)
        count = int(count * best["calls"] / best["loop"])
    return count


def loop_share(count: int, make: Callable[[], AnyProfile]) -> float:
    def both() -> None:
        small_calls()
        single_loop(count)

    shares: list[float] = []
    for _ in range(SHARE_RUNS):
        times = {entry.code: entry.totaltime for entry in entries(both, make)}
        loop, calls = times[single_loop.__code__], times[small_calls.__code__]
        shares.append(loop / (loop + calls))
    return statistics.median(shares)


def loop_shares() -> dict[str, float]:
    count = loop_as_long_as_calls()
    shares = {name: loop_share(count, make) for name, make in PROFILES.items()}
    best = times_of_both(count)
    return {"plain": best["loop"] / (best["loop"] + best["calls"]), **shares}


def measure(options: argparse.Namespace) -> TruthFigures:
    programs = {}
    for name, work in chosen_workloads(options):
        programs[name] = self_ratios(work, enough_rounds(work, options.rounds))
        progress(f"{name:18} " + "  ".join(f"{profile} {ratio:.2f}" for profile, ratio in programs[name].items()))
    return {"self_times": programs, "loop_share": loop_shares()}


def main() -> None:
    options = arguments(__doc__, rounds=6, with_names=True).parse_args()
    figures = measure(options)
    report(figures, [truth_table({python_version(): figures})], options)


if __name__ == "__main__":
    main()
