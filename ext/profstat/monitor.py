"""Calls of a decorated function, or requests to an application: which are profiled, and how one is recorded.

Whether a call is the outermost one is known per thread, or greenlet, and for the current step: while a step of a function
runs, calls of it that begin there belong to the profile that is being recorded; a second task or generator of the same
function that runs while the first one is suspended is a call of its own.

A step runs exactly once, whether or not the profiler can be started for it: an exception that comes before the profiler
has called the function is the profiler's, any other one the step's.

All this is a part of what profiling a request costs, so it does nothing twice: the path, above all, is made when
decorating if it is the same for every call.  A call that is skipped is numbered and counted, and that is all.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import re
import sys
import threading
import time
import warnings
import weakref
from typing import Any, Callable, NamedTuple, Optional

from profstat._profstat import hide_file, untraced
from profstat.choices import Choices
from profstat.keeping import KEEPERS, Counter, Facts, Keeper, counts_of, forget_counts, log_over_budget
from profstat.profile import Profile

_modules = sys.modules
_get_ident = threading.get_ident


def _greenlet() -> Any:
    """The one that runs; None where there are none."""
    module: Any = _modules.get("greenlet")
    return module.getcurrent() if hasattr(module, "getcurrent") else None  # it may be half imported


def here() -> int:
    """The running greenlet, or where there are none the thread.

    No context variable tells it: there would be one for each decorated function, which contexts keep for ever.
    """
    greenlet = _greenlet() if "greenlet" in _modules else None
    return _get_ident() if greenlet is None else id(greenlet)


def _others_may_run() -> bool:
    """Other greenlets in the same thread, while this one waits."""
    greenlet = _greenlet()
    if greenlet is None:
        return False
    monkey: Any = _modules.get("gevent.monkey")
    return greenlet.parent is not None or (monkey is not None and monkey.is_anything_patched())


_collector: Optional[int] = None  # the thread that collects garbage now


def _note_collection(phase: str, info: dict[str, int]) -> None:
    """Before 3.12 garbage may be collected while a context variable is being set.  What ends then must not set one in the
    same context, as the profile of a context does: the interpreter would use a freed map.  Other threads have contexts of
    their own, and may run while a finalizer does."""
    global _collector
    _collector = untraced(_get_ident) if phase == "start" else None


def _collects_here() -> bool:
    return _collector == untraced(_get_ident)


class Place(NamedTuple):
    """Where the profile of a call goes."""

    name: str
    """Of the call, in warnings."""
    path: str
    keeper: Keeper
    facts: Facts


def module_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__module__", None) or "unknown"


def name_of(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return f"{module_of(function)}.{getattr(function, '__qualname__', name)}"


def safe_name(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


class CallFields(dict[str, Any]):
    """The fields of a path: the constant ones, and those of one call as soon as the template asks for them."""

    def __init__(self, constant_fields: dict[str, str], number: int) -> None:
        super().__init__(constant_fields)
        self.number = number

    def __missing__(self, field: str) -> Any:
        if field == "n":
            value: Any = self.number
        elif field == "pid":
            value = os.getpid()
        else:
            value = time.strftime("%Y%m%d-%H%M%S")
        self[field] = value
        return value


class Recording:
    """The profile of one call, from its first step to what is kept of it.

    A call with a step for which the profiler could not be started gets none: without that step its numbers would be
    wrong.
    """

    __slots__ = "monitor", "in_context", "finished", "number", "process", "place", "profile", "started", "failure"

    started: float

    def __init__(self, monitor: Monitor, number: int = 0) -> None:
        self.monitor = monitor
        self.finished = False
        self.number = number  # 0: it has none yet
        self.in_context = monitor.awaits or untraced(_others_may_run)
        self.process = 0
        self.place: Optional[Place] = None
        self.profile: Optional[Profile] = None
        self.failure: Optional[str] = None  # why this call is not profiled

    def begin(self) -> Profile:
        monitor = self.monitor
        self.process = os.getpid()
        self.number = self.number or monitor.next_number()
        self.place = monitor.place(self.number)
        self.profile = Profile(context=self.in_context, **monitor.choices.options)
        self.started = time.perf_counter()
        return self.profile

    def step(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call `function` as a part of this call: its result and its exception are those of the step."""
        monitor = self.monitor
        if monitor.over:
            return function(*args, **kwargs)
        active, key = monitor.active, untraced(here)
        is_outermost = key not in active
        if is_outermost:
            active[key] = self
        try:
            if self.failure is None and not (_collector is not None and self.in_context and _collects_here()):
                profile = self.profile
                try:
                    profile = profile or untraced(self.begin)
                    return profile._call(function, *args, **kwargs)
                except Exception as error:
                    if profile is not None and profile._ran:
                        raise
                    untraced(self.fail, error)
            return function(*args, **kwargs)
        finally:
            if is_outermost:
                del active[key]

    def fail(self, error: Exception) -> None:
        self.failure = _reason(error)

    def finish(self) -> None:
        if not self.finished and not self.monitor.over:
            self.finished = True
            if self.profile is not None or self.failure is not None:
                untraced(self.end)

    def end(self) -> None:
        if os.getpid() != self.process:
            return  # a child that was forked during the call and returns from it, too
        seconds = time.perf_counter() - self.started if self.failure is None else 0.0
        if self.profile is not None:
            self.profile.disable()
        place = self.final_place()
        kept = False
        over_budget: list[Any] = []
        if self.failure is None:
            assert self.profile is not None
            choices = self.monitor.choices
            try:
                if choices.budget:
                    over_budget = self.profile._over_budget(choices.budget)
                if seconds >= choices.min_seconds:
                    kept = place.keeper.keep(self.profile, seconds, place.path, place.facts)
            except Exception as error:
                self.fail(error)
        counts = self.monitor.counts
        (counts.profiled if self.failure is None else counts.failed).next()
        if over_budget:
            log_over_budget(place.name, over_budget, place.path if kept else None)
        if self.failure is not None:
            _warn(f"profile not written to {place.path}: {self.failure}")

    def final_place(self) -> Place:
        monitor = self.monitor
        return self.place or Place(monitor.name, monitor.choices.template, monitor.keeper, {})


class Monitor:
    """What the calls of one decorated function, or all requests to an application, have in common.  A copy in another
    process, or the same one in a forked child, begins anew: it numbers and counts calls of its own, and keeps no
    profile of its parent's."""

    recording_type: type[Recording] = Recording
    over = False
    """The interpreter ends: what is called from now on, by finalizers, is not profiled, since it may find the modules that
    this needs without what was in them."""

    def __init__(self, name: str, choices: Choices, awaits: bool) -> None:
        self.name = name
        self.choices = choices
        self.awaits = awaits
        self.every = choices.every
        self.begin_anew()

    def begin_anew(self) -> None:
        self.active: dict[int, Optional[Recording]] = {}  # by place: whose step runs there; None: one that is skipped
        self.numbers = Counter()
        self.counts = counts_of(self.name)
        self.keeper = KEEPERS[self.choices.keep]()
        self.next_number = self.numbers.next
        self.count_skipped = self.counts.skipped.next
        _monitors.add(self)

    def __getstate__(self) -> dict[str, Any]:
        own = {"numbers", "counts", "keeper", "next_number", "count_skipped", "active"}
        return {name: value for name, value in vars(self).items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.begin_anew()

    def recording(self) -> Any:
        """A Recording for a call that begins; None when it is to be skipped, or is a part of another one."""
        return None if self.over or untraced(here) in self.active else self.next_recording()

    def next_recording(self) -> Any:
        """For a call that is no part of another one."""
        if self.every == 1:
            return self.recording_type(self)
        number = self.next_number()
        if number % self.every == 0:
            return self.recording_type(self, number)
        self.count_skipped()
        return None

    def place(self, number: int) -> Place:
        """Of a call that begins."""
        raise NotImplementedError


class FunctionMonitor(Monitor):
    def __init__(self, function: Callable[..., Any], choices: Choices, awaits: bool) -> None:
        name: str = getattr(function, "__name__", type(function).__name__)
        super().__init__(name_of(function), choices, awaits)
        self.constant_fields = {"func": safe_name(name), "module": safe_name(module_of(function))}
        try:
            self.path: Optional[str] = choices.template.format_map(self.constant_fields)
        except KeyError:
            self.path = None  # differs from call to call
        self.has_full_path = self.path is not None and os.path.isabs(self.path)

    def place(self, number: int) -> Place:
        facts: Facts = {"function": self.name, "thread": threading.current_thread().name}
        return Place(self.name, self.file_path(number), self.keeper, facts)

    def file_path(self, number: int) -> str:
        path = self.path
        if path is None:
            path = self.choices.template.format_map(CallFields(self.constant_fields, number))
        if self.has_full_path or os.path.isabs(path):
            return path
        try:
            return os.path.join(os.getcwd(), path)
        except OSError:  # the working directory is gone; saving will say so
            return path


_monitors: weakref.WeakSet[Monitor] = weakref.WeakSet()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _warn(message: str) -> None:
    try:
        # 5: from here over end, finish and the wrapper to the caller of the decorated function.
        warnings.warn(message, RuntimeWarning, stacklevel=5)
    except Exception:  # filters make the warning an error, and the call is not to be broken
        with contextlib.suppress(Exception):
            if sys.stderr is not None:
                print(f"RuntimeWarning: {message}", file=sys.stderr)


def _begin_anew_in_child() -> None:
    """The thread that forked is the only one here: what it was recording is its parent's."""
    forget_counts()
    for monitor in list(_monitors):
        recording = monitor.active.get(here())
        monitor.begin_anew()
        if recording is not None and recording.profile is not None:
            with contextlib.suppress(Exception):
                recording.profile.disable()


@atexit.register
def _end() -> None:
    Monitor.over = True


hide_file(Recording.step.__code__.co_filename)
if sys.version_info < (3, 12):
    gc.callbacks.append(_note_collection)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew_in_child)
