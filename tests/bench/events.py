"""What one call costs, and how much more under a profiler or under a hook that does nothing.

    python tests/bench/events.py [--rounds N] [--instructions]

With --instructions, which takes minutes and needs valgrind, instructions are counted instead.
"""

from __future__ import annotations

import argparse
import functools
import random
import re
import subprocess
import sys
from typing import Any, Callable, Iterator

from common import arguments, best_of, plain_seconds, progress, python_version, report
from profilers import PROFILERS, traced_seconds
from tables import EventFigures, event_table

CALLS = 20_000
COUNTED_CALLS = 4_000  # valgrind is slow
VARIANTS = (
    *("empty hook", "clock hook", "profstat", "paths=False", "builtins=False"),
    *("context=True", "another context", "cProfile"),
)

Loop = Callable[[int], Any]


def nothing() -> None:
    pass


def python_calls(count: int) -> None:
    call = nothing
    for _ in range(count):
        call()


def steps(count: int) -> Iterator[None]:
    for _ in range(count):
        yield


def generator_steps(count: int) -> None:
    for _ in steps(count):
        pass


def c_calls(count: int) -> None:
    empty: list[int] = []
    for _ in range(count):
        len(empty)


def many_functions() -> list[Callable[[], None]]:
    """Each has a code object of its own."""
    return [eval(compile("lambda: None", f"function {i}", "eval")) for i in range(16)]


FUNCTIONS = random.Random(1).choices(many_functions(), k=CALLS)


def unordered_calls(count: int) -> None:
    """Of 16 functions, so that no order of theirs can be expected."""
    for call in FUNCTIONS[:count]:
        call()


LOOPS: dict[str, Loop] = {
    "Python function": python_calls,
    "one of 16 Python functions": unordered_calls,
    "step of a generator": generator_steps,
    "C function": c_calls,
}


def nanoseconds(loop: Loop, rounds: int) -> dict[str, float]:
    """Per call, by variant."""
    work = functools.partial(loop, CALLS)
    variants: dict[str, Callable[[], float]] = {"plain": functools.partial(plain_seconds, work)}
    for name in VARIANTS:
        variants[name] = functools.partial(traced_seconds, work, PROFILERS[name])
    return {name: seconds * 1e9 / CALLS for name, seconds in best_of(variants, rounds).items()}


def run_once(loop: str, variant: str, count: int) -> None:
    """What valgrind looks at."""
    work = functools.partial(LOOPS[loop], count)
    plain_seconds(work) if variant == "plain" else traced_seconds(work, PROFILERS[variant])


def counted(loop: str, variant: str, count: int) -> int:
    """Instructions of a whole process that runs the loop."""
    program = [sys.executable, __file__, "--once", loop, variant, str(count)]
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *program]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    found = re.search(r"Collected : (\d+)", output)
    assert found is not None, output
    return int(found[1])


def instructions(loop: str) -> dict[str, float]:
    """Per call, by variant: what a process needs more for more calls."""
    per_call = {}
    for variant in ("plain", *VARIANTS):
        runs = 2 if variant == "plain" else 1  # plain_seconds warms up
        more = counted(loop, variant, 2 * COUNTED_CALLS) - counted(loop, variant, COUNTED_CALLS)
        per_call[variant] = more / COUNTED_CALLS / runs
        progress(f"{loop}: {variant} {per_call[variant]:.1f}")
    return per_call


def measure(options: argparse.Namespace) -> EventFigures:
    if options.instructions:
        return {"unit": "instructions", "calls": {name: instructions(name) for name in LOOPS}}
    return {"unit": "nanoseconds", "calls": {name: nanoseconds(loop, options.rounds) for name, loop in LOOPS.items()}}


def main() -> None:
    parser = arguments(__doc__, rounds=40)
    parser.add_argument("--instructions", action="store_true", help="count instructions")
    parser.add_argument("--once", nargs=3, metavar=("LOOP", "VARIANT", "COUNT"), help="run a loop, measure nothing")
    options = parser.parse_args()
    if options.once is not None:
        run_once(options.once[0], options.once[1], int(options.once[2]))
        return
    figures = measure(options)
    report(figures, [event_table({python_version(): figures})], options)


if __name__ == "__main__":
    main()
