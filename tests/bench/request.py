"""What profiling one request costs: @monitor_profile beside the usual cProfile decorator, the file written each time.

    python tests/bench/request.py [--rounds N] [--calls N]

The handler takes about half a millisecond and reaches some 270 functions.  Variants take turns, the best time of a
call counts, and the last line is added(monitor_profile) / added(cProfile decorator).
"""

from __future__ import annotations

import argparse
import cProfile
import functools
import math
import os
import sys
import tempfile
import time
from typing import Any, Callable

from profstat import monitor_profile

FUNCTIONS = 270
CALLS_EACH = 3

Handler = Callable[[], Any]


def make_handler() -> Handler:
    """A tree of functions: each calls two others, looks at a row and formats a line."""
    source = []
    for i in range(FUNCTIONS):
        callees = [j for j in (2 * i + 1, 2 * i + 2) if j < FUNCTIONS]
        calls = "".join(f"    step_{j}(rows)\n" for j in callees)
        source.append(
            f"def step_{i}(rows):\n"
            f"    row = rows.get({i % 50}, None)\n"
            f"    text = '%s:%d' % (row, {i})\n"
            f"    total = 0\n"
            f"    for value in (1, 2, 3, 4, 5):\n"
            f"        total += value * {i}\n"
            f"{calls}"
            f"    return text.upper()\n"
        )
    source.append(
        "def handler():\n"
        "    rows = {i: 'row' + str(i) for i in range(50)}\n"
        f"    for _ in range({CALLS_EACH}):\n"
        "        step_0(rows)\n"
    )
    namespace: dict[str, Any] = {}
    exec(compile("\n".join(source), "handler.py", "exec"), namespace)
    return namespace["handler"]  # type: ignore[no-any-return]


def usual_decorator(path: str) -> Callable[[Handler], Handler]:
    """The snippet that goes around."""

    def decorate(function: Handler) -> Handler:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> None:
            names = {"function": function, "args": args, "kwargs": kwargs}
            cProfile.runctx("function(*args, **kwargs)", globals(), names, path)

        return wrapper

    return decorate


def best_call(handler: Handler, calls: int) -> float:
    best = math.inf
    for _ in range(calls):
        begin = time.perf_counter()
        handler()
        best = min(best, time.perf_counter() - begin)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--calls", type=int, default=20, help="calls of each variant in a round")
    options = parser.parse_args()
    handler = make_handler()
    with tempfile.TemporaryDirectory() as folder:
        variants = {
            "plain": handler,
            "cProfile": usual_decorator(os.path.join(folder, "usual.prof"))(handler),
            "profstat": monitor_profile(path=os.path.join(folder, "handler.stat"))(handler),
            "no paths": monitor_profile(path=os.path.join(folder, "pairs.stat"), paths=False)(handler),
        }
        best = dict.fromkeys(variants, math.inf)
        for _ in range(options.rounds):
            for name, variant in variants.items():
                best[name] = min(best[name], best_call(variant, options.calls))
    added = {name: seconds - best["plain"] for name, seconds in best.items()}
    for name, seconds in best.items():
        print(f"{name:10} {seconds * 1e6:8.0f} us   added {added[name] * 1e6:8.0f} us")
    version = ".".join(map(str, sys.version_info[:2]))
    ratios = "  ".join(f"{name} {added[name] / added['cProfile']:.3f}" for name in ("profstat", "no paths"))
    print(f"CPython {version}: added / the cProfile decorator's: {ratios}")


if __name__ == "__main__":
    main()
