"""What becomes of the profiles of calls and requests: which are kept, what is counted and reported.

The file of a function is one process's own.  It is complete after each call that changes it, so nothing is left to do
when the process ends, however it ends; and what an earlier process left in its place is replaced, never added to.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from typing import Callable, NamedTuple, Optional, Protocol, Union

from profstat._profstat import ProfileSum, hide_file
from profstat.profile import Label, Profile

Facts = dict[str, Union[str, int, float, bool]]
OverBudget = list[tuple[Label, int, int, dict[Label, int]]]


class CallCounts(NamedTuple):
    """Of the calls that have ended, calls within a profiled call of the same function excepted."""

    profiled: int
    """Recorded, and kept if they were to be."""
    skipped: int
    """Left out by `every`."""
    failed: int
    """Not recorded or not written, for the reason that a RuntimeWarning gave."""


class MonitorStats(NamedTuple):
    """What monitor_profile did in this process: the totals, and the counts of each function by module and name."""

    profiled: int
    skipped: int
    failed: int
    functions: dict[str, CallCounts]


class Counter:
    """Counts from 1, exactly, in any number of threads, and without a lock: a fork might find that taken for ever."""

    __slots__ = "numbers", "next"

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.next: Callable[[], int] = self.numbers.__next__  # no row in an outer profile, unlike next()

    @property
    def value(self) -> int:
        """The last number that was given out, or 0.  Only the text of the iterator tells it without taking one."""
        return int(repr(self.numbers)[len("count(") : -1]) - 1


class Counts:
    """Of the functions of one name."""

    def __init__(self) -> None:
        self.profiled = Counter()
        self.skipped = Counter()
        self.failed = Counter()

    def values(self) -> CallCounts:
        return CallCounts(self.profiled.value, self.skipped.value, self.failed.value)


_counts: dict[str, Counts] = {}


def counts_of(function_name: str) -> Counts:
    return _counts.setdefault(function_name, Counts())


def forget_counts() -> None:
    _counts.clear()


def stats() -> MonitorStats:
    """How many calls of decorated functions were profiled, skipped and failed to be profiled, in this process.

    >>> profstat.stats().functions["app.login"].skipped
    99
    """
    functions = {name: counts.values() for name, counts in sorted(_counts.items())}
    profiled, skipped, failed = (sum(column) for column in zip(CallCounts(0, 0, 0), *functions.values()))
    return MonitorStats(profiled, skipped, failed, functions)


class Keeper(Protocol):
    """Of one file."""

    def keep(self, profile: Profile, seconds: float, path: str, facts: Facts) -> bool:
        """Whether the file has this call in it, which took `seconds`.  Raises OSError, MemoryError."""


class LastKeeper:
    def keep(self, profile: Profile, seconds: float, path: str, facts: Facts) -> bool:
        profile._save(path, facts)
        return True


class SlowestKeeper:
    def __init__(self) -> None:
        self.seconds = -1.0
        self.writing = threading.RLock()  # a call may end within this one, by the garbage collector or a signal

    def keep(self, profile: Profile, seconds: float, path: str, facts: Facts) -> bool:
        if seconds <= self.seconds:
            return False
        with self.writing:
            if seconds <= self.seconds:
                return False
            profile._save(path, facts)
            self.seconds = seconds
        return True


class SumKeeper:
    """Whoever finds the file being written leaves his call to the one who writes, lest requests wait for each other."""

    def __init__(self) -> None:
        self.sum = ProfileSum()
        self.unwritten = False
        self.writing = threading.Lock()

    def keep(self, profile: Profile, seconds: float, path: str, facts: Facts) -> bool:
        self.sum.add(profile)
        self.unwritten = True
        while self.unwritten and self.writing.acquire(blocking=False):
            try:
                self.unwritten = False
                self.sum.save(path, {name: value for name, value in facts.items() if name != "thread"})
            finally:
                self.writing.release()
        return True


KEEPERS: dict[str, Callable[[], Keeper]] = {"last": LastKeeper, "sum": SumKeeper, "slowest": SlowestKeeper}


def log_over_budget(function: str, over_budget: OverBudget, path: Optional[str]) -> None:
    """One warning for each function that was called too often; a logger that fails does not break the call."""
    import logging

    file = f"see {path}" if path is not None else "its profile is not kept"
    for (_, _, name), calls, allowed, callers in over_budget:
        by = ", ".join(f"{caller[2]} ({count})" for caller, count in callers.items()) or "unknown callers"
        with contextlib.suppress(Exception):
            logging.getLogger("profstat").warning(
                "%s made %d calls of %s, more than %d: by %s; %s", function, calls, name, allowed, by, file
            )


hide_file(Counter.__init__.__code__.co_filename)
