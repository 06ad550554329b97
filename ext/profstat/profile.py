"""The Python face of the tracer: cProfile's class and its two functions, with cProfile's results."""

# Nothing is imported from __future__ here: the code strings that are executed below would inherit it.

import marshal
import os
from types import TracebackType
from typing import Any, Callable, Mapping, Optional, TypeVar, Union

from profstat import _profstat

Label = tuple[str, int, str]
CallerEntry = tuple[int, int, float, float]
Entry = tuple[int, int, float, float, dict[Label, CallerEntry]]
SortKey = Union[str, int]
_Result = TypeVar("_Result")
_Self = TypeVar("_Self", bound="Profile")


class Profile(_profstat.Profiler):
    """Profile(timer=None, timeunit=0.0, subcalls=True, builtins=True, *, clock="wall", paths=True,
    max_path_bytes=67108864, compensate=False, threads=False, context=False)

    Counts and times the calls of the thread that enabled it, of all threads, or of a context.  Every number that it
    gives is exact: it sees each call and each return, and reads the clock at both.

    timer     a callable without arguments that gives the time: seconds, or with a `timeunit` integers.
              None: the machine's clock, read in C.
    timeunit  what an integer of the timer is worth, in seconds; 0.0 for a timer that gives seconds.
    subcalls  record who calls whom (the callers of each function).
    builtins  record the calls of functions written in C.
    clock     "wall" for elapsed time, "cpu" for the processor time of the thread.
    paths     record call paths beside the pstats statistics; without them its call tree takes a MiB at most.
    max_path_bytes
              limit of the memory for call paths; a profile that reaches it goes on without paths, its statistics exact.
    compensate
              take off the times what tracing itself adds to each call, as measured once in this process (some
              milliseconds).  An estimate: it makes times nearer to the truth, never negative.  Not with `timer`.
    threads   record all threads: those that run already and those that start while the profile is enabled.  The
              statistics are their sum, and the file has the call paths of each thread under its name.  (Before 3.12,
              threads that start without the module threading are not seen.)
    context   record what runs in the context (see the module contextvars) that enabled it: of a coroutine its own steps,
              the coroutines that it awaits, and the tasks, asyncio.to_thread() calls and greenlets of gevent that it
              starts, in whatever thread; nothing of the tasks that run in between.

    Raises ValueError for an unknown clock, for `threads` together with `context`, and for "cpu" together with a timer.
    An error in the timer never reaches the profiled program; it goes to sys.unraisablehook.
    """

    stats: dict[Label, Entry]
    """What the last create_stats() or snapshot_stats() saw; there is no such attribute before.

    {(file, line, name): (primitive calls, calls, tottime, cumtime, callers)}, times in seconds.  `callers` is
    {(file, line, name): (calls, primitive calls, tottime, cumtime)}: what was spent in the function when it was
    called from there.  A function written in C is ("~", 0, its description).  Functions that share a label are
    added up.
    """

    def print_stats(self, sort: Union[SortKey, tuple[SortKey, ...]] = -1) -> None:
        """Disable the profiler and print its report to sys.stdout, as pstats formats it.

        `sort` is a key of pstats.Stats.sort_stats, or a tuple of them, the first one counting most.  Raises KeyError
        for an unknown key, and TypeError when nothing was recorded.
        """
        import pstats

        keys = sort if isinstance(sort, tuple) else (sort,)
        # pstats' annotations know strings or a single number, its code takes both.
        pstats.Stats(self).strip_dirs().sort_stats(*keys).print_stats()  # type: ignore[arg-type]

    def dump_stats(self, file: Union[str, bytes, os.PathLike[str], os.PathLike[bytes], int]) -> None:
        """Disable the profiler and write what it recorded to `file`, for pstat, pstats and everything that reads it.

        A path is written through a temporary file and a rename, so that no reader sees half a profile; an open file
        descriptor is written to and closed.  Raises OSError.
        """
        self.create_stats()
        if isinstance(file, int) or self._has_own_stats():
            with open(file, "wb") as stream:
                stream.write(marshal.dumps(self.stats) if self._has_own_stats() else self._encode())
        else:
            self._save(os.fsdecode(file))

    def create_stats(self) -> None:
        """Disable the profiler and set `stats` to what it recorded."""
        self.disable()
        self.snapshot_stats()

    def snapshot_stats(self) -> None:
        """Set `stats` to what is recorded up to now; calls that still run are counted when they return."""
        self.stats = self._stats()

    def run(self: _Self, cmd: str) -> _Self:
        """Profile the statements in `cmd`, executed in the namespace of __main__, and return the profiler."""
        import __main__

        namespace = __main__.__dict__
        return self.runctx(cmd, namespace, namespace)

    def runctx(self: _Self, cmd: str, globals: dict[str, Any], locals: Optional[Mapping[str, Any]]) -> _Self:
        """Profile the statements in `cmd`, executed in the given namespaces, and return the profiler.

        An exception of the statements passes through; what was recorded until then is kept.
        """
        self.enable()
        try:
            exec(cmd, globals, locals)
        finally:
            self.disable()
        return self

    def runcall(self, func: Callable[..., _Result], /, *args: Any, **kw: Any) -> _Result:
        """Profile one call of `func` and return its result; its exception passes through."""
        self.enable()
        try:
            return func(*args, **kw)
        finally:
            self.disable()

    def __enter__(self: _Self) -> _Self:
        self.enable()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.disable()

    def _has_own_stats(self) -> bool:
        """Whether a subclass makes `stats` itself, so that the file has to come from there and not from the tracer."""
        own = type(self)
        return own.create_stats is not Profile.create_stats or own.snapshot_stats is not Profile.snapshot_stats


def run(statement: str, filename: Optional[str] = None, sort: Union[SortKey, tuple[SortKey, ...]] = -1) -> None:
    """Profile `statement`, executed in the namespace of __main__.

    The profile is written to `filename` as by Profile.dump_stats, or, without one, printed to sys.stdout in the order
    `sort` as by Profile.print_stats.  SystemExit ends the statement quietly; any other exception passes through
    after the profile is written or printed.
    """
    profile = Profile()
    try:
        profile.run(statement)
    except SystemExit:
        pass
    finally:
        _show(profile, filename, sort)


def runctx(
    statement: str,
    globals: dict[str, Any],
    locals: Optional[Mapping[str, Any]],
    filename: Optional[str] = None,
    sort: Union[SortKey, tuple[SortKey, ...]] = -1,
) -> None:
    """As run(), with the namespaces to execute `statement` in."""
    profile = Profile()
    try:
        profile.runctx(statement, globals, locals)
    except SystemExit:
        pass
    finally:
        _show(profile, filename, sort)


def _show(profile: Profile, filename: Optional[str], sort: Union[SortKey, tuple[SortKey, ...]]) -> None:
    if filename is not None:
        profile.dump_stats(filename)
    else:
        profile.print_stats(sort)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_profstat.begin_in_child)
