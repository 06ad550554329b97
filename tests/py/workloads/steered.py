"""Programs that take the profiler and switch it in odd places."""

import contextlib
import sys

from .registry import fail, leaf, steered
from .suspended import count_up


@steered
def enabled_deep_and_disabled_higher(profiler):
    def top():
        middle()
        leaf(1)
        abs(-1)

    def middle():
        deep()
        leaf(2)

    def deep():
        leaf(3)
        profiler.enable()
        leaf(4)

    top()
    leaf(5)
    profiler.disable()
    leaf(6)


@steered
def enabled_deep_and_disabled_at_once_higher(profiler):
    def enable():
        profiler.enable()

    def disable():
        leaf()
        profiler.disable()

    enable()
    leaf()
    disable()
    leaf()
    enable()
    sorted([2, 1], key=leaf)
    disable()


@steered
def disabled_lower(profiler):
    def down(n):
        if n:
            down(n - 1)
            leaf()
        else:
            profiler.disable()

    profiler.enable()
    down(4)
    leaf()
    profiler.enable()
    sorted([1], key=lambda n: down(2))


@steered
def recursive_calls_end_unseen(profiler):
    def down(n):
        if n == 3:
            profiler.enable()
        if n:
            down(n - 1)
            leaf(n)

    down(6)
    profiler.disable()


@steered
def disabled_in_recursion_and_enabled_again(profiler):
    def down(n):
        if n == 2:
            profiler.disable()
        if n == 1:
            profiler.enable()
        if n:
            down(n - 1)
        leaf(n)

    profiler.enable()
    down(4)
    profiler.disable()


@steered
def never_enabled(profiler):
    leaf()
    profiler.disable()


@steered
def options_changed_on_the_way(profiler):
    def both():
        leaf()
        abs(-1)

    for subcalls in (True, False, True):
        for builtins in (False, True):
            profiler.enable(subcalls=subcalls, builtins=builtins)
            both()
            profiler.disable()


@steered
def generator_across_the_border(profiler):
    generator = count_up(5)
    next(generator)
    profiler.enable()
    next(generator)
    profiler.disable()
    next(generator)
    profiler.enable()
    list(generator)
    profiler.disable()

    def switch():
        profiler.enable()
        yield leaf(1)
        yield leaf(2)
        profiler.disable()
        yield leaf(3)

    list(switch())
    leaf()


@steered
def exception_past_enable_and_disable(profiler):
    def raises():
        profiler.enable()
        fail()

    def outer():
        raises()

    with contextlib.suppress(ValueError):
        outer()
    leaf()
    profiler.disable()

    def disables():
        profiler.disable()
        fail()

    profiler.enable()
    with contextlib.suppress(ValueError):
        sorted([1], key=lambda n: disables())


@steered
def cleared_while_enabled(profiler):
    def outer():
        leaf()
        inner()
        leaf()

    def inner():
        leaf()
        profiler.clear()
        leaf()

    profiler.enable()
    leaf()
    profiler.clear()
    leaf()
    outer()
    outer()
    profiler.disable()


@steered
def cleared_between(profiler):
    profiler.enable()
    leaf()
    profiler.disable()
    profiler.clear()
    profiler.enable()
    abs(-1)
    profiler.disable()


@steered
def looked_at_while_enabled(profiler):
    def outer(n):
        profiler.getstats()
        if n:
            outer(n - 1)
        profiler.getstats()

    profiler.enable()
    outer(2)
    profiler.getstats()
    profiler.disable()


@steered
def context_manager_and_methods(profiler):
    with profiler:
        leaf()
    profiler.runcall(leaf, 3)
    profiler.runctx("leaf(); len('a')", globals(), None)
    with contextlib.suppress(ValueError):
        profiler.runcall(fail)
    with contextlib.suppress(ValueError), profiler:
        fail()


# From CPython 3.12 on cProfile refuses to be enabled twice.


@(steered if sys.version_info < (3, 12) else lambda function: function)
def enabled_twice(profiler):
    profiler.enable()
    leaf()
    profiler.enable()
    leaf()
    profiler.disable()
    profiler.disable()
    leaf()


@(steered if sys.version_info < (3, 12) else lambda function: function)
def enabled_again_inside_a_call(profiler):
    def inner():
        leaf()
        profiler.enable()
        leaf()

    profiler.enable()
    inner()
    inner()
    profiler.disable()
