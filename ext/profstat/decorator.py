"""The decorator that writes the profiles of a function's calls to files.

A decorated function keeps its kind: a function becomes a function, a generator function a generator function, and so
on, because callers and frameworks ask for the kind.  Everything is checked when decorating: a handler that is profiled
in production must not fail at its first request.

Two things keep the wrappers out of every profile.  Their code is hidden: the tracer makes no row for it.  And all that
they do beside running the function goes through `untraced`, during which no profiler of the thread sees anything.
"""

from __future__ import annotations

import functools
import os
from typing import Any, Callable, Mapping, Optional, TypeVar, Union, overload

from profstat.choices import Keep, checked_choices
from profstat.monitor import FunctionMonitor
from profstat.wrappers import KINDS

_Function = TypeVar(
    "_Function", bound=Union[Callable[..., Any], "classmethod[Any, Any, Any]", "staticmethod[Any, Any]"]
)
_FIELDS = ("func", "module")


@overload
def monitor_profile(function: _Function, /) -> _Function: ...
@overload
def monitor_profile(
    function: None = None,
    /,
    *,
    path: Union[str, os.PathLike[str]] = ...,
    keep: Keep = ...,
    every: int = ...,
    min_seconds: float = ...,
    budget: Optional[Mapping[str, int]] = ...,
    subcalls: bool = ...,
    builtins: bool = ...,
    clock: str = ...,
    paths: bool = ...,
    compensate: bool = ...,
) -> Callable[[_Function], _Function]: ...
def monitor_profile(
    function: Any = None,
    /,
    *,
    path: Union[str, os.PathLike[str]] = "{func}.stat",
    keep: Keep = "last",
    every: int = 1,
    min_seconds: float = 0.0,
    budget: Optional[Mapping[str, int]] = None,
    subcalls: bool = True,
    builtins: bool = True,
    clock: str = "wall",
    paths: bool = True,
    compensate: bool = False,
) -> Any:
    """Write the profiles of calls of the decorated function to a file: of each call, or of those that are asked for.

    Used bare (`@monitor_profile`) or with arguments (`@monitor_profile(path="{func}-{pid}.stat")`), on functions,
    methods, class and static methods, generators, `async def` functions and asynchronous generators.  The decorated
    function behaves as before: it returns the same result and lets its exception through (the profile is written all
    the same).  A generator or coroutine is profiled while it runs, not while it is suspended, and its file is
    written when it ends; what a coroutine starts (tasks, asyncio.to_thread() calls) is in its profile.  A call that the
    function makes to itself, directly or not, is part of the outer profile.

    path      where to write; a relative path starts from the working directory at the time of the call.  Fields:
              {func} the function's name, {module} its module, {pid} the process, {n} the number of the call in this
              process, from 1, {time} the local time of the call as YYYYMMDD-HHMMSS.  In {func} and {module} a
              character that does not belong into a file name becomes "_".
    keep      what the file holds: "last", the last call that ended; "slowest", the one that took longest so far; "sum",
              all of them added up, whichever thread they ran in.  With "slowest" and "sum" the file begins anew in each
              process, replacing what is there, and is whole after each call; {n} and {time} cannot be in its path.
    every     profile the calls whose number is a multiple of this one, the others cost next to nothing.  A call that a
              skipped function makes to itself is skipped with it; one that a skipped generator or coroutine makes to
              itself is numbered as any other.
    min_seconds
              keep no call that took less, from its beginning to its end by the clock on the wall, suspensions included.
    budget    calls allowed within one profiled call, by the name of the function as a report has it, such as
              {"get_db_user": 2}.  A call that makes more calls of a function so named logs one warning to the logger
              "profstat": how many, by which callers, and the file where the profile is kept, if it is.  Each step of a
              generator counts as a call of it, of a coroutine only the first.
    subcalls, builtins, clock, paths, compensate
              as in profstat.Profile.

    A file that cannot be written never disturbs the call: it makes one RuntimeWarning with the path and the reason.
    So does a profiler that cannot be started; the function then runs without.  Wrong arguments of a generator
    function, an `async def` function or an asynchronous generator raise their TypeError at the first step instead of
    at the call.
    With PROFSTAT=0 in the environment when the function is decorated, the function itself is returned.

    A forked child begins anew: the call in which it was forked remains its parent's, and calls are counted and kept
    from zero.  Processes that write at the same time need {pid} in their paths.

    Raises ValueError for an argument that is not one of its choices, and TypeError for one of the wrong type, for a
    class and for what cannot be called, all when decorating.
    """
    options: dict[str, Any] = {
        "subcalls": subcalls,
        "builtins": builtins,
        "clock": clock,
        "paths": paths,
        "compensate": compensate,
    }
    choices = checked_choices(path, _FIELDS, keep, every, min_seconds, budget, options)

    def decorate(target: Any) -> Any:
        if os.environ.get("PROFSTAT") == "0":
            return target
        if isinstance(target, (classmethod, staticmethod)):
            return type(target)(decorate(target.__func__))
        if not callable(target) or isinstance(target, type):
            raise TypeError(f"monitor_profile decorates functions and methods, not {target!r}")
        what_runs = _what_runs(target)
        kind = next(kind for kind in KINDS if any(map(kind.matches, what_runs)))
        return functools.wraps(target)(kind.wrap(target, FunctionMonitor(target, choices, kind.awaits)))

    return decorate if function is None else decorate(function)


def _what_runs(target: Any) -> tuple[Any, Any]:
    """The objects of which one tells what kind of function `target` is: an object is called through its type."""
    while isinstance(target, functools.partial):
        target = target.func
    return target, type(target).__call__
