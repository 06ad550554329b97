"""What tracing costs: profstat beside cProfile, in one run.

    python tests/bench/tracing.py [--rounds N] [--whole-library] [NAME...]

The time that a profiler adds is the traced time less the plain time.  Each round runs every variant of a workload in
turn; the best of all rounds counts.  The last line is the geometric mean of added(profstat) / added(cProfile).
"""

from __future__ import annotations

import argparse
import cProfile
import math
import sys
import time
from typing import Any, Callable, Optional

from workloads import Workload, whole_library, workloads

import profstat

Profiler = Callable[[], Any]

VARIANTS: dict[str, Optional[Profiler]] = {
    "plain": None,
    "cProfile": cProfile.Profile,
    "profstat": profstat.Profile,
    "no paths": lambda: profstat.Profile(paths=False),
}


def measure(work: Workload, profiler: Optional[Profiler]) -> float:
    """Seconds of one run; switching the profiler on and off is not part of it."""
    profile = profiler() if profiler is not None else None
    if profile is not None:
        profile.enable()
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    if profile is not None:
        profile.disable()
    return seconds


def best_times(work: Workload, rounds: int) -> dict[str, float]:
    best = dict.fromkeys(VARIANTS, math.inf)
    for _ in range(rounds):
        for name, profiler in VARIANTS.items():
            best[name] = min(best[name], measure(work, profiler))
    return best


def ratio(best: dict[str, float], name: str) -> float:
    return (best[name] - best["plain"]) / (best["cProfile"] - best["plain"])


def report(name: str, best: dict[str, float]) -> None:
    print(
        f"{name:18} plain {best['plain'] * 1e3:8.2f} ms  cProfile x{best['cProfile'] / best['plain']:5.2f}"
        f"  profstat x{best['profstat'] / best['plain']:5.2f}"
        f"  added/cProfile {ratio(best, 'profstat'):5.2f}  no paths {ratio(best, 'no paths'):5.2f}",
        flush=True,
    )


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--whole-library", action="store_true", help="add ast.unparse over the standard library")
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads; all when none is given")
    options = parser.parse_args()
    ratios: dict[str, list[float]] = {"profstat": [], "no paths": []}
    for name, work in workloads():
        if options.names and name not in options.names:
            continue
        best = best_times(work, options.rounds)
        report(name, best)
        for variant, values in ratios.items():
            values.append(max(ratio(best, variant), 1e-3))
    if options.whole_library:
        report("whole library", best_times(whole_library(), 2))
    version = ".".join(map(str, sys.version_info[:2]))
    means = "  ".join(f"{variant} {geometric_mean(values):.3f}" for variant, values in ratios.items())
    print(f"CPython {version}: added / cProfile's, geometric mean of {len(ratios['profstat'])}: {means}")


if __name__ == "__main__":
    main()
