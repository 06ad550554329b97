"""What tracing adds to a call, measured here and now.

A loop of calls that do nothing is timed without a profiler and with one.  The difference is what a call costs more.  The
profiler says how it falls on the callee (between its two readings of the clock) and on the caller; of the call's own,
untraced cost half is taken to be the callee's.
"""

from __future__ import annotations

import functools
import threading
import time
from typing import Any, Callable, Iterator

from profstat._profstat import Profiler, untraced

Loop = Callable[[int], None]
_CALLS = 300
_ROUNDS = 5


def _no_calls(count: int) -> None:
    for _ in range(count):
        pass


def _nothing() -> None:
    pass


def _python_calls(count: int) -> None:
    call = _nothing
    for _ in range(count):
        call()


def _steps(count: int) -> Iterator[None]:
    for _ in range(count):
        yield


def _resumptions(count: int) -> None:
    for _ in _steps(count):
        pass


def _c_calls(count: int) -> None:
    items = {0: 0}
    for _ in range(count // 2):
        len(items)
        items.get(0)


_LOOPS: tuple[Loop, ...] = (_python_calls, _resumptions, _c_calls)


def _plain(loop: Loop, clock: Callable[[], int]) -> float:
    """Seconds of an untraced call of `loop`, per count."""
    begin = clock()
    loop(_CALLS)
    return (clock() - begin) / _CALLS * 1e-9


def _traced(loop: Loop, options: dict[str, Any]) -> tuple[float, float]:
    """Own seconds of the callees of `loop` and of `loop` itself, per count."""
    profiler = Profiler(**options)
    profiler._call(loop, _CALLS)
    entries = profiler.getstats()
    own = sum(entry.inlinetime for entry in entries if entry.code is loop.__code__)
    total = sum(entry.inlinetime for entry in entries)
    return (total - own) / _CALLS, own / _CALLS


def _measure_loop(loop: Loop, options: dict[str, Any], clock: Callable[[], int]) -> tuple[float, float]:
    """(inside, outside): seconds that a call adds to the callee's own time, and to the caller's."""
    empty = min(_plain(_no_calls, clock) for _ in range(_ROUNDS))
    call = max(min(_plain(loop, clock) for _ in range(_ROUNDS)) - empty, 0.0)
    callee, caller = min((_traced(loop, options) for _ in range(_ROUNDS)), key=sum)
    return max(callee - call / 2, 0.0), max(caller - empty - call / 2, 0.0)


@functools.lru_cache(maxsize=None)
def measure(clock: str, builtins: bool) -> tuple[float, ...]:
    """Seconds that a call adds (inside, outside), in turn for Python functions, steps of generators, C functions.

    Takes some milliseconds at the first call for each pair of arguments.  It runs in a thread of its own, where nothing
    else is traced.
    """
    options = {"clock": clock, "builtins": bool(builtins), "subcalls": False}
    read = time.thread_time_ns if clock == "cpu" else time.perf_counter_ns
    result: list[float] = []

    def run() -> None:
        for loop in _LOOPS:
            result.extend(_measure_loop(loop, options, read))

    def in_thread() -> None:
        thread = threading.Thread(target=run, name="profstat-overhead")
        thread.start()
        thread.join()

    untraced(in_thread)
    return tuple(result)
