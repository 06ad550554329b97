"""What profiling one request costs: @monitor_profile beside the usual cProfile decorator, the file written each time.

    python tests/bench/request.py [--rounds N]

The handler takes about half a millisecond and reaches some 270 functions.

And what a call costs that is skipped.
"""

from __future__ import annotations

import argparse
import cProfile
import functools
import os
import tempfile
import time
from typing import Any, Callable

from common import arguments, best_of, python_version, report, seconds
from profilers import EmptyHook
from tables import RequestFigures, request_table

from profstat import monitor_profile

FUNCTIONS = 270
CALLS_EACH = 3
CALLS_A_TURN = 20
SKIPPED_A_TURN = 20_000

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


def with_empty_hook(function: Handler) -> Handler:
    """What switching events on and off and the events themselves cost, whatever is done with them."""

    def wrapper() -> None:
        hook = EmptyHook()
        hook.enable()
        function()
        hook.disable()

    return wrapper


def best_call(handler: Handler) -> float:
    """By the clock on the wall, since files are written."""
    return min(seconds(handler, time.perf_counter) for _ in range(CALLS_A_TURN))


def no_work(request: object) -> None:
    pass


def calls(handler: Callable[[object], None]) -> float:
    def work() -> None:
        for _ in range(SKIPPED_A_TURN):
            handler(None)

    return seconds(work)


def skipped_seconds(rounds: int) -> float:
    """What the decorator adds to a call that it does not profile."""
    skipping = monitor_profile(every=1_000_000_000)(no_work)
    variants = {"plain": functools.partial(calls, no_work), "skipped": functools.partial(calls, skipping)}
    best = best_of(variants, rounds)
    return (best["skipped"] - best["plain"]) / SKIPPED_A_TURN


def measure(options: argparse.Namespace) -> RequestFigures:
    handler = make_handler()
    with tempfile.TemporaryDirectory() as folder:
        variants = {
            "plain": handler,
            "empty hook": with_empty_hook(handler),
            "profstat": monitor_profile(path=os.path.join(folder, "handler.stat"))(handler),
            "paths=False": monitor_profile(path=os.path.join(folder, "pairs.stat"), paths=False)(handler),
            "cProfile": usual_decorator(os.path.join(folder, "usual.prof"))(handler),
        }
        best = best_of({name: functools.partial(best_call, call) for name, call in variants.items()}, options.rounds)
    return {"seconds": best, "skipped": skipped_seconds(options.rounds)}


def main() -> None:
    options = arguments(__doc__, rounds=20).parse_args()
    figures = measure(options)
    report(figures, [request_table({python_version(): figures})], options)


if __name__ == "__main__":
    main()
