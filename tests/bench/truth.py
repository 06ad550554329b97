"""How near to the truth the reported times are: with and without compensation, beside cProfile.

    python tests/bench/truth.py [--rounds N]

First, for each workload, the sum of all self times over the unprofiled time (1.00 would be exact); then the share of one
of two functions that take equally long unprofiled, one in a single loop, one in 20,000 small calls (50 % would be exact).
"""

from __future__ import annotations

import argparse
import cProfile
import math
import sys
import time
from typing import Any, Callable

from tracing import geometric_mean
from workloads import Workload, workloads

import profstat

Profiler = Callable[[], Any]

PROFILERS: dict[str, Profiler] = {
    "cProfile": cProfile.Profile,
    "profstat": profstat.Profile,
    "compensated": lambda: profstat.Profile(compensate=True),
}


def self_seconds(work: Workload, profiler: Profiler) -> float:
    profile = profiler()
    profile.enable()
    work()
    profile.disable()
    return float(sum(entry.inlinetime for entry in profile.getstats()))


def plain_seconds(work: Workload) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def ratios(work: Workload, rounds: int) -> dict[str, float]:
    plain = math.inf
    best = dict.fromkeys(PROFILERS, math.inf)
    for _ in range(rounds):
        plain = min(plain, plain_seconds(work))
        for name, profiler in PROFILERS.items():
            best[name] = min(best[name], self_seconds(work, profiler))
    return {name: seconds / plain for name, seconds in best.items()}


def add_one(value: int) -> int:
    return value + 1


def small_calls() -> int:
    total = 0
    for _ in range(20_000):
        total = add_one(total)
    return total


def single_loop(count: int) -> int:
    total = 0
    for _ in range(count):
        total += 1
    return total


def loop_as_long_as(seconds: float) -> int:
    """The count with which single_loop takes as long as small_calls."""
    count = 20_000
    for _ in range(8):
        count = int(count * seconds / min(plain_seconds(lambda: single_loop(count)) for _ in range(20)))
    return count


def loop_share(profiler: Profiler, count: int) -> float:
    profile = profiler()
    profile.enable()
    small_calls()
    single_loop(count)
    profile.disable()
    seconds = {entry.code.co_name: entry.totaltime for entry in profile.getstats() if not isinstance(entry.code, str)}
    return float(seconds["single_loop"] / (seconds["single_loop"] + seconds["small_calls"]))


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    all_ratios: dict[str, list[float]] = {name: [] for name in PROFILERS}
    for name, work in workloads():
        found = ratios(work, options.rounds)
        print(f"{name:18} " + "  ".join(f"{profiler} {ratio:5.2f}" for profiler, ratio in found.items()), flush=True)
        for profiler, ratio in found.items():
            all_ratios[profiler].append(ratio)
    version = ".".join(map(str, sys.version_info[:2]))
    means = "  ".join(f"{name} {geometric_mean(values):.2f}" for name, values in all_ratios.items())
    print(f"CPython {version}: self times / unprofiled time, geometric mean: {means}")
    count = loop_as_long_as(min(plain_seconds(small_calls) for _ in range(50)))
    shares = {
        name: median([loop_share(profiler, count) for _ in range(21)]) for name, profiler in PROFILERS.items()
    }
    print(f"CPython {version}: share of the single loop: " + "  ".join(f"{n} {s:.0%}" for n, s in shares.items()))


if __name__ == "__main__":
    main()
