"""The profilers that are compared, each with enable() and disable(), and the least that any of them could cost."""

from __future__ import annotations

import contextvars
import cProfile
import sys
from typing import Any, Callable, Protocol

import empty_hook
import pyinstrument
import yappi
from common import seconds
from workloads import Workload

import profstat

EVENTS = (
    *("PY_START", "PY_RESUME", "PY_THROW", "PY_RETURN", "PY_YIELD", "PY_UNWIND"),
    *("CALL", "C_RETURN", "C_RAISE"),
)
TOOL_ID = 3


class Profiler(Protocol):
    def enable(self) -> Any: ...

    def disable(self) -> Any: ...


class EmptyHook:
    """What the interpreter charges for the events that profstat asks for, whatever is done with them."""

    def __init__(self, clock: bool = False) -> None:
        self.clock = clock

    if sys.version_info >= (3, 12):

        def enable(self) -> None:
            sys.monitoring.use_tool_id(TOOL_ID, "empty hook")
            callback = empty_hook.callback(self.clock)
            bits = 0
            for name in EVENTS:
                bit = getattr(sys.monitoring.events, name)
                sys.monitoring.register_callback(TOOL_ID, bit, callback)
                bits |= bit
            sys.monitoring.set_events(TOOL_ID, bits)

        def disable(self) -> None:
            sys.monitoring.set_events(TOOL_ID, 0)
            sys.monitoring.free_tool_id(TOOL_ID)

    else:

        def enable(self) -> None:
            empty_hook.hook(self.clock)

        def disable(self) -> None:
            empty_hook.unhook()


class Yappi:
    """Of one thread and with C functions, by the clock on the wall, as the others do."""

    def enable(self) -> None:
        yappi.set_clock_type("wall")
        yappi.start(builtins=True, profile_threads=False)

    def disable(self) -> None:
        yappi.stop()
        yappi.clear_stats()


class PyInstrument:
    """It samples: calls are not counted."""

    def __init__(self) -> None:
        self.profiler = pyinstrument.Profiler()

    def enable(self) -> None:
        self.profiler.start()

    def disable(self) -> None:
        self.profiler.stop()


def without_paths() -> Profiler:
    return profstat.Profile(paths=False)


def without_builtins() -> Profiler:
    return profstat.Profile(builtins=False)


def in_context() -> Profiler:
    return profstat.Profile(context=True)


class Elsewhere:
    """A profile of another context: what it costs the rest of the process."""

    def __init__(self) -> None:
        self.profiler = profstat.Profile(context=True)

    def enable(self) -> None:
        contextvars.Context().run(self.profiler.enable)

    def disable(self) -> None:
        self.profiler.disable()


def traced_seconds(work: Workload, make: Callable[[], Profiler]) -> float:
    """Switching the profiler on and off is not part of it."""
    profiler = make()
    profiler.enable()
    try:
        return seconds(work)
    finally:
        profiler.disable()


PROFILERS: dict[str, Callable[[], Profiler]] = {
    "empty hook": EmptyHook,
    "clock hook": lambda: EmptyHook(clock=True),
    "profstat": profstat.Profile,
    "paths=False": without_paths,
    "builtins=False": without_builtins,
    "context=True": in_context,
    "another context": Elsewhere,
    "cProfile": cProfile.Profile,
    "yappi": Yappi,
    "pyinstrument": PyInstrument,
}
