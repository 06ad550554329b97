"""What tracing adds to a call, measured here and now.

Three loops of calls that do nothing are timed without a profiler and with one: what a call of each kind costs
more.  The profiler says how it falls on the callee (between its two readings of the clock) and on the caller; of the
call's own, untraced cost half is taken to be the callee's.  A loop without calls tells how much slower the interpreter
runs traced code.  Calls of a real program cost more than those of a loop, which the processor knows by heart: a small
program is run in the same two ways, and the costs of all kinds are raised in one proportion, three quarters of the
way to the one that explains it.  What spends its time in a tight loop of calls would lose too much by the whole of it,
and a usual program too little by none.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Iterator, NamedTuple

from profstat import _sample
from profstat._profstat import Profiler

Loop = Callable[[int], object]
_CALLS = 300
_ROUNDS = 7
_MOST_TIMES, _SECONDS_APART = 5, 1.0
_SHARE_OF_RAISE = 0.75
_MOST = 2.0  # times the cost in a loop: whatever explains more is none of the tracer's


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


# What is timed, and how often it does its thing in one run.
_LOOPS: dict[Loop, int] = {
    _no_calls: _CALLS,
    _python_calls: _CALLS,
    _resumptions: _CALLS,
    _c_calls: _CALLS,
    _sample.code: _CALLS,
    _sample.program: 1,
}
_RESUMABLE = 0x20 | 0x80 | 0x200  # inspect.CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR


class _Run(NamedTuple):
    """Seconds, the least of some rounds."""

    plain: float
    total: float  # own time of all functions, traced
    own: float  # of the loop itself
    calls: tuple[int, int, int]  # by kind, without that of the loop

    def least(self, other: _Run) -> _Run:
        """Of two runs of the same loop."""
        return _Run(min(self.plain, other.plain), min(self.total, other.total), min(self.own, other.own), self.calls)


def _plain(loop: Loop, count: int, read: Callable[[], int]) -> float:
    begin = read()
    loop(count)
    return (read() - begin) * 1e-9


def _traced(loop: Loop, count: int, options: dict[str, Any]) -> tuple[float, float, tuple[int, int, int]]:
    profiler = Profiler(**options)
    profiler._call(loop, count)
    calls, own, total = [0, 0, 0], 0.0, 0.0
    for entry in profiler.getstats():
        total += entry.inlinetime
        if entry.code is loop.__code__:
            own = entry.inlinetime
        else:
            calls[_kind(entry.code)] += entry.callcount
    return total, own, (calls[0], calls[1], calls[2])


def _runs(clock: str, builtins: bool) -> dict[Loop, _Run]:
    """All take turns, so that a moment in which the machine is busy spoils none of them alone."""
    read = time.thread_time_ns if clock == "cpu" else time.perf_counter_ns
    options = {"clock": clock, "builtins": builtins, "subcalls": False}
    rounds = [
        [(loop, _plain(loop, count, read), *_traced(loop, count, options)) for loop, count in _LOOPS.items()]
        for _ in range(_ROUNDS)
    ]
    best: dict[Loop, _Run] = {}
    for loop, *runs in zip(_LOOPS, *rounds):
        best[loop] = _Run(min(run[1] for run in runs), *min(run[2:] for run in runs))
    return best


def _cost(run: _Run, empty: float, slower: float) -> tuple[float, float]:
    """(inside, outside): seconds that a call adds to the callee's own time, and to the caller's."""
    call = max((run.plain - empty) / 2, 0.0) * (1 + slower)
    callees = run.total - run.own
    return max(callees - call, 0.0) / _CALLS, max(run.own - empty * (1 + slower) - call, 0.0) / _CALLS


def _scale(run: _Run, costs: list[tuple[float, float]], slower: float) -> float:
    """How many times their cost in a loop calls are taken to cost: most of the way to what explains the program."""
    explained = sum(count * sum(cost) for count, cost in zip(run.calls, costs))
    added = run.total - run.plain * (1 + slower)
    raised = min(max(added / explained, 1.0), _MOST) - 1.0 if explained > 0 else 0.0
    return 1.0 + _SHARE_OF_RAISE * raised


def _costs(runs: dict[Loop, _Run]) -> tuple[float, ...]:
    code = runs[_sample.code]
    slower = max(code.own / code.plain - 1, 0.0)
    costs = [_cost(runs[loop], runs[_no_calls].plain, slower) for loop in (_python_calls, _resumptions, _c_calls)]
    scale = _scale(runs[_sample.program], costs, slower)
    return tuple(seconds * scale for cost in costs for seconds in cost) + (slower,)


def _kind(code: Any) -> int:
    if isinstance(code, str):
        return 2
    return 1 if code.co_flags & _RESUMABLE else 0


class _Measured:
    """What was measured for one kind of profiler, and what it comes to.

    A processor that is shared may run at half its speed for seconds: a later profiler has it measured again, some times,
    and the shortest times count.
    """

    def __init__(self) -> None:
        self.runs: dict[Loop, _Run] = {}
        self.costs: tuple[float, ...] = ()
        self.times = 0
        self.last = 0.0

    def is_due(self) -> bool:
        return self.times == 0 or (self.times < _MOST_TIMES and time.monotonic() - self.last > _SECONDS_APART)

    def measure(self, clock: str, builtins: bool) -> None:
        for loop, run in _runs(clock, builtins).items():
            self.runs[loop] = run.least(self.runs.get(loop, run))
        self.costs = _costs(self.runs)
        self.times += 1
        self.last = time.monotonic()


_measured: dict[tuple[str, bool], _Measured] = {}


def forget() -> None:
    """What is asked for is measured anew."""
    _measured.clear()


def measure(clock: str, builtins: bool) -> tuple[float, ...]:
    """Seconds that a call adds (inside, outside), in turn for Python functions, steps of generators, C functions; then
    by what part the own code of Python functions runs longer.

    Takes some milliseconds at the first call for each pair of arguments.  It runs in a thread of its own, where nothing
    else is traced.  To be called where nothing is traced, either.
    """
    measured = _measured.setdefault((clock, bool(builtins)), _Measured())
    if measured.is_due():
        thread = threading.Thread(target=measured.measure, args=(clock, bool(builtins)), name="profstat-overhead")
        thread.start()
        thread.join()
    return measured.costs
