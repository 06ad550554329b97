"""Classes, closures, and code made at run time."""

import collections
import contextlib
import functools
import sys
import types
import weakref

from .registry import fail, leaf, program


@program
def classes():
    class Meta(type):
        def __call__(cls, *arguments):
            return super().__call__(*arguments)

        def __prepare__(name, bases):
            return {}

    class Base(metaclass=Meta):
        count = 0

        def __new__(cls, *arguments):
            return super().__new__(cls)

        def __init__(self, value):
            self.value = value

        def __init_subclass__(cls):
            leaf()

        @property
        def double(self):
            return self.value * 2

        @double.setter
        def double(self, value):
            self.value = value // 2

        @classmethod
        def make(cls, value):
            return cls(value)

        @staticmethod
        def twice(value):
            return leaf(value) * 2

        def __add__(self, other):
            return type(self)(self.value + other.value)

        def __call__(self):
            return self.value

        def __getitem__(self, index):
            if index > 2:
                raise IndexError
            return index

        def __iter__(self):
            return iter([1, 2])

        def __contains__(self, item):
            return leaf(item)

        def __enter__(self):
            return self

        def __exit__(self, *exc_info):
            return True

        def __del__(self):
            leaf()

    class Derived(Base):
        def __init__(self, value):
            super().__init__(value)

        def twice(self, value):
            return super().twice(value)

    a, b = Base(1), Derived.make(2)
    (a + b)()
    b.double = b.double + 1
    b.twice(3)
    list(a)
    3 in a
    with a:
        fail()
    del a, b


@program
def closures_lambdas_comprehensions():
    def adder(n):
        return lambda m: leaf(n + m)

    add = adder(1)
    add(2)
    list(map(adder(3), range(3)))
    [leaf(i) for i in range(3)]
    {leaf(i) for i in range(3)}
    {leaf(i): [j for j in range(i)] for i in range(3)}
    functions = [lambda: leaf(1), lambda: leaf(2)]
    for function in functions:
        function()

    def outer():
        def inner(n):
            return inner(n - 1) if n else leaf()

        return inner

    outer()(2)
    outer()(3)


@program
def functions_with_equal_labels():
    for function in [eval("lambda n: leaf(n)", globals()) for _ in range(3)]:
        function(1)
    pair = (lambda n: leaf(n), lambda n: abs(leaf(n)))
    for function in pair * 2:
        function(1)
    for n in range(3):
        exec(f"def same(): return leaf({n})\nsame()", dict(globals()))
    point = collections.namedtuple("point", "x y")
    size = collections.namedtuple("size", "w h")
    point(1, 2)._replace(x=3)
    size(1, 2)._asdict()


@program
def decorators_and_helpers():
    @functools.lru_cache(maxsize=None)
    def cached(n):
        return cached(n - 1) + cached(n - 2) if n > 1 else leaf(n)

    @contextlib.contextmanager
    def managed():
        try:
            yield leaf()
        finally:
            leaf()

    @functools.singledispatch
    def dispatch(value):
        return leaf(value)

    @dispatch.register(str)
    def _(value):
        return len(value)

    class Lazy:
        @functools.cached_property
        def value(self):
            return leaf(3)

    cached(8)
    with managed():
        leaf()
    with contextlib.suppress(ValueError), managed():
        fail()
    dispatch(1)
    dispatch("a")
    lazy = Lazy()
    lazy.value + lazy.value


@program
def evaluated_code():
    eval("leaf(1) + len('a')", globals())
    exec("for i in range(3): leaf(i)\nclass C:\n  x = [leaf(j) for j in range(2)]\n", dict(globals()))
    compile("1 + 1", "<text>", "eval")
    types.FunctionType(leaf.__code__, {})(2)
    sys._getframe().f_locals


@program
def references_and_finalizers():
    class Thing:
        def __del__(self):
            leaf()

    weakref.ref(Thing(), lambda reference: leaf())
    thing = Thing()
    weakref.finalize(thing, leaf, 1)
    del thing
    things = [Thing() for _ in range(3)]
    things.clear()
