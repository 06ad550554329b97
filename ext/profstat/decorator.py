"""The decorator that writes one profile for each call of a function.

A decorated function keeps its kind: a function becomes a function, a generator function a generator function, and so
on, because callers and frameworks ask for the kind.  What runs for some time with pauses (a generator, a coroutine,
an asynchronous generator) is profiled a step at a time: the profiler is enabled when a step begins and disabled when
it yields or awaits, so that neither the pause nor what runs in it is counted.

Two things keep the wrappers out of every profile.  Their code is hidden: the tracer makes no row for it.  And all that
they do beside running the function goes through `untraced`, during which no profiler of the thread sees anything.

Whether a call is the outermost one is known per thread, and for the current step: while a step of a function runs,
its inner calls belong to the profile that is being recorded; a second task or generator of the same function that
runs while the first one is suspended is a call of its own.

A step runs exactly once, whether or not the profiler can be started for it: an exception that comes before the profiler
has called the function is the profiler's, any other one the step's.

All this is a part of what profiling a request costs, so it does nothing twice: the path, above all, is made when
decorating if it is the same for every call.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import os
import re
import string
import sys
import threading
import time
import types
import warnings
from typing import Any, AsyncGenerator, Callable, Generator, Optional, TypeVar, Union, overload

from profstat._profstat import hide_file, untraced
from profstat.profile import Profile

_Function = TypeVar(
    "_Function", bound=Union[Callable[..., Any], "classmethod[Any, Any, Any]", "staticmethod[Any, Any]"]
)
_FIELDS = {"func": "name", "module": "name", "pid": 1, "n": 1, "time": "20000101-000000"}


@overload
def monitor_profile(function: _Function, /) -> _Function: ...
@overload
def monitor_profile(
    function: None = None,
    /,
    *,
    path: Union[str, os.PathLike[str]] = ...,
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
    subcalls: bool = True,
    builtins: bool = True,
    clock: str = "wall",
    paths: bool = True,
    compensate: bool = False,
) -> Any:
    """Write the profile of each call of the decorated function to a file.

    Used bare (`@monitor_profile`) or with arguments (`@monitor_profile(path="{func}-{pid}.stat")`), on functions,
    methods, class and static methods, generators, `async def` functions and asynchronous generators.  The decorated
    function behaves as before: it returns the same result and lets its exception through (the profile is written all
    the same).  A generator or coroutine is profiled while it runs, not while it is suspended, and its file is
    written when it ends.  A call that the function makes to itself, directly or not, is part of the outer profile.

    path      where to write; a relative path starts from the working directory at the time of the call.  Fields:
              {func} the function's name, {module} its module, {pid} the process, {n} the number of the call in this
              process, from 1, {time} the local time of the call as YYYYMMDD-HHMMSS.  In {func} and {module} a
              character that does not belong into a file name becomes "_".
    subcalls, builtins, clock, paths, compensate
              as in profstat.Profile.

    A file that cannot be written never disturbs the call: it makes one RuntimeWarning with the path and the reason.
    So does a profiler that cannot be started; the function then runs without.  Wrong arguments of a generator
    function, an `async def` function or an asynchronous generator raise their TypeError at the first step instead of
    at the call.
    With PROFSTAT=0 in the environment when the function is decorated, the function itself is returned.

    Raises ValueError for an unknown field or clock, and TypeError for a class and for what cannot be called, all when
    decorating.
    """
    options: dict[str, Any] = {
        "subcalls": subcalls,
        "builtins": builtins,
        "clock": clock,
        "paths": paths,
        "compensate": compensate,
    }
    template = _checked_template(os.fspath(path))
    Profile(**options)

    def decorate(target: Any) -> Any:
        if os.environ.get("PROFSTAT") == "0":
            return target
        if isinstance(target, (classmethod, staticmethod)):
            return type(target)(decorate(target.__func__))
        if not callable(target) or isinstance(target, type):
            raise TypeError(f"monitor_profile decorates functions and methods, not {target!r}")
        what_runs = _what_runs(target)
        wrap = next(wrap for is_kind, wrap in _KINDS if any(map(is_kind, what_runs)))
        return functools.wraps(target)(wrap(target, _Monitor(target, template, options)))

    return decorate if function is None else decorate(function)


def _what_runs(target: Any) -> tuple[Any, Any]:
    """The objects of which one tells what kind of function `target` is: an object is called through its type."""
    while isinstance(target, functools.partial):
        target = target.func
    return target, type(target).__call__


def _checked_template(template: str) -> str:
    for _, field, _, _ in string.Formatter().parse(template):
        if field is not None and field not in _FIELDS:
            valid = ", ".join("{%s}" % name for name in _FIELDS)
            raise ValueError(f"unknown field {{{field}}} in path {template!r} (choose from {valid})")
    if not template.format_map(_FIELDS):
        raise ValueError("the path is empty")
    return template


class _CallFields(dict[str, Any]):
    """The fields of a path: the constant ones, and those of one call as soon as the template asks for them."""

    def __init__(self, monitor: _Monitor) -> None:
        super().__init__(monitor.constant_fields)
        self.numbers = monitor.numbers

    def __missing__(self, field: str) -> Any:
        if field == "n":
            value: Any = next(self.numbers)
        elif field == "pid":
            value = os.getpid()
        else:
            value = time.strftime("%Y%m%d-%H%M%S")
        self[field] = value
        return value


class _ThreadState(threading.local):
    """Of one decorated function in one thread: how the step that runs now calls what is a part of it."""

    call: Optional[Callable[..., Any]] = None

    def __reduce__(self) -> Any:
        return _ThreadState, ()


class _Monitor:
    """What the calls of one decorated function have in common.  A copy in another process counts calls of its own."""

    def __init__(self, function: Callable[..., Any], template: str, options: dict[str, Any]) -> None:
        name: str = getattr(function, "__name__", type(function).__name__)
        module: str = getattr(function, "__module__", None) or "unknown"
        self.function_fact = f"{module}.{getattr(function, '__qualname__', name)}"
        self.constant_fields = {
            "func": re.sub(r"[^\w.-]", "_", name),
            "module": re.sub(r"[^\w.-]", "_", module),
        }
        self.template = template
        try:
            self.path: Optional[str] = template.format_map(self.constant_fields)
        except KeyError:
            self.path = None  # differs from call to call
        self.has_full_path = self.path is not None and os.path.isabs(self.path)
        self.options = options
        self.numbers = itertools.count(1)
        self.thread = _ThreadState()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "numbers"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, numbers=itertools.count(1))

    def file_path(self) -> str:
        path = self.template.format_map(_CallFields(self)) if self.path is None else self.path
        if self.has_full_path or os.path.isabs(path):
            return path
        try:
            return os.path.join(os.getcwd(), path)
        except OSError:  # the working directory is gone; saving will say so
            return path

    def facts(self) -> dict[str, Union[str, int, float, bool]]:
        return {"function": self.function_fact, "thread": threading.current_thread().name}


class _Recording:
    """The profile of one call, from its first step to the file.

    A call whose steps all run inside another recording of the same function gets no profile of its own.  Neither does
    one with a step for which the profiler could not be started: without that step its numbers would be wrong.
    """

    __slots__ = "monitor", "process", "path", "facts", "profile", "failure"

    facts: dict[str, Union[str, int, float, bool]]

    def __init__(self, monitor: _Monitor) -> None:
        self.monitor = monitor
        self.process = 0
        self.path = monitor.template
        self.profile: Optional[Profile] = None
        self.failure: Optional[str] = None  # why this call is not profiled

    def begin(self) -> Profile:
        self.process = os.getpid()
        self.path = self.monitor.file_path()
        self.facts = self.monitor.facts()
        self.profile = Profile(**self.monitor.options)
        return self.profile

    def step(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call `function` as a part of this call: its result and its exception are those of the step."""
        thread = self.monitor.thread
        if thread.call is not None:
            return thread.call(function, *args, **kwargs)
        profile = self.profile
        try:
            if self.failure is None:
                try:
                    profile = profile or untraced(self.begin)
                    thread.call = call = profile._call
                    return call(function, *args, **kwargs)
                except Exception as error:
                    if profile is not None and profile._ran:
                        raise
                    untraced(self.fail, error)
            thread.call = _call_unprofiled
            return function(*args, **kwargs)
        finally:
            thread.call = None

    def fail(self, error: Exception) -> None:
        self.failure = _reason(error)

    def finish(self) -> None:
        if self.profile is not None or self.failure is not None:
            untraced(self.save)

    def save(self) -> None:
        if os.getpid() != self.process:
            return  # a child that was forked during the call and returns from it, too
        failure = self.failure
        if failure is None:
            assert self.profile is not None
            try:
                self.profile._save(self.path, self.facts)
            except Exception as error:
                failure = _reason(error)
        if failure is not None:
            _warn(f"profile not written to {self.path}: {failure}")


def _call_unprofiled(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _warn(message: str) -> None:
    try:
        # 5: from here over save, finish and the wrapper to the caller of the decorated function.
        warnings.warn(message, RuntimeWarning, stacklevel=5)
    except Exception:  # filters make the warning an error, and the call is not to be broken
        with contextlib.suppress(Exception):
            if sys.stderr is not None:
                print(f"RuntimeWarning: {message}", file=sys.stderr)


class _Steps:
    """Awaits `awaitable`, each step of it as a step of the recording."""

    def __init__(self, awaitable: Any, recording: _Recording) -> None:
        self.iterator = awaitable.__await__()
        self.recording = recording

    def __await__(self) -> _Steps:
        return self

    def __iter__(self) -> _Steps:
        return self

    def __next__(self) -> Any:
        return self.recording.step(self.iterator.send, None)

    def send(self, value: Any) -> Any:
        return self.recording.step(self.iterator.send, value)

    def throw(self, *error: Any) -> Any:
        return self.recording.step(self.iterator.throw, *error)

    def close(self) -> Any:
        return self.recording.step(self.iterator.close)


def _wrap_function(function: Callable[..., Any], monitor: _Monitor) -> Callable[..., Any]:
    thread = monitor.thread

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if thread.call is not None:
            return function(*args, **kwargs)
        recording = _Recording(monitor)
        try:
            return recording.step(function, *args, **kwargs)
        finally:
            recording.finish()

    return wrapper


def _wrap_generator(function: Callable[..., Any], monitor: _Monitor) -> Callable[..., Any]:
    """Not by `yield from`, which would answer a GeneratorExit by itself instead of handing it in."""

    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        recording = _Recording(monitor)
        value: Any = None
        try:
            generator = recording.step(function, *args, **kwargs)
            advance = generator.send
            while True:
                try:
                    item = recording.step(advance, value)
                except StopIteration as stop:
                    return stop.value
                try:
                    value = yield item
                    advance = generator.send
                except BaseException as error:  # thrown in: handed on when it is no longer the context of what follows
                    value = error
                    advance = generator.throw
        finally:
            value = None  # a thrown exception and this frame refer to each other
            recording.finish()

    code = getattr(function, "__code__", None)
    is_awaitable = code is not None and code.co_flags & inspect.CO_ITERABLE_COROUTINE
    return types.coroutine(wrapper) if is_awaitable else wrapper


def _wrap_coroutine(function: Callable[..., Any], monitor: _Monitor) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        recording = _Recording(monitor)
        try:
            return await _Steps(recording.step(function, *args, **kwargs), recording)
        finally:
            recording.finish()

    return wrapper


def _wrap_async_generator(function: Callable[..., Any], monitor: _Monitor) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        recording = _Recording(monitor)
        try:
            generator = recording.step(function, *args, **kwargs)
            step = untraced(_first_step, generator)
            while True:
                try:
                    item = await _Steps(step, recording)
                except StopAsyncIteration:
                    return
                try:
                    value = yield item
                    step = untraced(generator.asend, value)
                except BaseException as error:
                    step = untraced(generator.athrow, error)
        finally:
            step = None
            recording.finish()

    return wrapper


def _first_step(generator: AsyncGenerator[Any, Any]) -> Any:
    """The event loop looks after the wrapper, which ends the generator: the loop is not to end it by itself too."""
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return generator.asend(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)


_KINDS: list[tuple[Callable[[Any], bool], Callable[[Callable[..., Any], _Monitor], Callable[..., Any]]]] = [
    (inspect.isasyncgenfunction, _wrap_async_generator),
    (inspect.iscoroutinefunction, _wrap_coroutine),
    (inspect.isgeneratorfunction, _wrap_generator),
    (callable, _wrap_function),
]

hide_file(_wrap_function.__code__.co_filename)
