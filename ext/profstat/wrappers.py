"""What takes the place of a decorated function: a wrapper of the same kind.

What runs for some time with pauses (a generator, a coroutine, an asynchronous generator) is profiled a step at a time:
the profiler is enabled when a step begins and disabled when it yields or awaits, so that neither the pause nor what
runs in it is counted; what awaits is profiled with the tasks and threads that it starts.  A generator or coroutine that
is skipped is left to the interpreter, which hands the steps on by itself at next to no cost.
"""

from __future__ import annotations

import inspect
import sys
import types
from typing import Any, AsyncGenerator, Awaitable, Callable, Generator, NamedTuple

from profstat._profstat import hide_file, untraced
from profstat.monitor import Monitor, Recording, here


class _NoRecording(Recording):
    """Of an asynchronous generator that is skipped: the steps of such a one cannot be left to the interpreter."""

    __slots__ = ()

    def __init__(self) -> None:
        pass

    def step(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    def finish(self) -> None:
        pass


class _Steps:
    """Awaits `awaitable`, each step of it as a step of the recording."""

    def __init__(self, awaitable: Any, recording: Recording) -> None:
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


def profiled_steps(recording: Recording, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Awaitable[Any]:
    """The result of a function that returns something to await: the call and each step are steps of the recording."""
    return _Steps(recording.step(function, *args, **kwargs), recording)


_NO_RECORDING = _NoRecording()


def _wrap_function(function: Callable[..., Any], monitor: Monitor) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if monitor.over:
            return function(*args, **kwargs)
        active, key = monitor.active, untraced(here)
        if key in active:
            return function(*args, **kwargs)
        recording = monitor.next_recording()
        if recording is None:
            active[key] = None
            try:
                return function(*args, **kwargs)
            finally:
                del active[key]
        try:
            return recording.step(function, *args, **kwargs)
        finally:
            recording.finish()

    return wrapper


def _wrap_generator(function: Callable[..., Any], monitor: Monitor) -> Callable[..., Any]:
    """Not by `yield from`, which would answer a GeneratorExit by itself instead of handing it in."""

    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        recording = monitor.recording()
        if recording is None:
            return (yield from function(*args, **kwargs))
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


def _wrap_coroutine(function: Callable[..., Any], monitor: Monitor) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        recording = monitor.recording()
        if recording is None:
            return await function(*args, **kwargs)
        try:
            return await profiled_steps(recording, function, *args, **kwargs)
        finally:
            recording.finish()

    return wrapper


def _wrap_async_generator(function: Callable[..., Any], monitor: Monitor) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        recording = monitor.recording() or _NO_RECORDING
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


class Kind(NamedTuple):
    """Of functions."""

    matches: Callable[[Any], bool]
    wrap: Callable[[Callable[..., Any], Monitor], Callable[..., Any]]
    awaits: bool


KINDS = [
    Kind(inspect.isasyncgenfunction, _wrap_async_generator, True),
    Kind(inspect.iscoroutinefunction, _wrap_coroutine, True),
    Kind(inspect.isgeneratorfunction, _wrap_generator, False),
    Kind(callable, _wrap_function, False),
]

hide_file(_wrap_function.__code__.co_filename)
