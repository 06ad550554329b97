"""Programs to profile: what the language, its C code and its library do to a stack of calls.

Each is a function without arguments and runs the same way every time.  Those in STEERED take the profiler instead,
and switch it themselves.
"""

import argparse
import ast
import asyncio
import collections
import contextlib
import copy
import csv
import dataclasses
import difflib
import email.message
import email.policy
import enum
import fractions
import functools
import heapq
import html
import io
import itertools
import json
import operator
import pickle
import random
import re
import shlex
import statistics
import string
import sys
import textwrap
import tokenize
import types
import urllib.parse
import weakref

PROGRAMS = {}
STEERED = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def steered(function):
    STEERED[function.__name__] = function
    return function


def leaf(n=0):
    return n


def fail(error=ValueError):
    raise error("on purpose")


# ---- calls and recursion ----


@program
def nothing():
    pass


@program
def plain_calls():
    def outer(n):
        for i in range(n):
            inner(i)
        return len(str(n))

    def inner(n):
        leaf(n)
        abs(-n)
        return "".join(["a", "b"])

    for n in range(4):
        outer(n)


@program
def recursion():
    def factorial(n):
        return n * factorial(n - 1) if n else 1

    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    def ackermann(m, n):
        if m == 0:
            return n + 1
        return ackermann(m - 1, ackermann(m, n - 1) if n else 1)

    factorial(6)
    fibonacci(9)
    factorial(3)
    ackermann(2, 2)


@program
def mutual_recursion():
    def even(n):
        leaf(n)
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    even(7)
    odd(4)
    three(9, 0)


def three(n, which):
    if n:
        (three, three_b, three_c)[which](n - 1, (which + n) % 3)
    if n > 6:
        three_c(n - 5, 0)


def three_b(n, which):
    three(n, which)
    leaf()


def three_c(n, which):
    if n:
        three_b(n - 1, which)


@program
def deep_recursion():
    def down(n):
        return down(n - 1) + 1 if n else 0

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 3000)
    try:
        down(2500)
    finally:
        sys.setrecursionlimit(limit)


def recursion_to_the_limit():
    def forever():
        return forever()

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        forever()
    except RecursionError:
        pass
    finally:
        sys.setrecursionlimit(limit)


@program
def recursion_through_c():
    def depth(tree):
        return 1 + max(map(depth, tree), default=0)

    def flat(tree):
        return sorted(tree, key=flat) and [x for branch in sorted(tree, key=size) for x in flat(branch)]

    def size(tree):
        return functools.reduce(operator.add, [size(branch) for branch in tree], 1)

    tree = [[[], [[]]], [], [[], [], [[[]]]]]
    depth(tree)
    flat(tree)
    size(tree)


@program
def recursion_through_repr_and_compare():
    class Node:
        def __init__(self, *children):
            self.children = children

        def __repr__(self):
            return f"Node({', '.join(map(repr, self.children))})"

        def __eq__(self, other):
            return self.children == other.children

        def __hash__(self):
            return hash(self.children)

        def __lt__(self, other):
            return len(self.children) < len(other.children)

    tree = Node(Node(), Node(Node(), Node(Node())))
    repr(tree)
    assert tree == copy.deepcopy(tree)
    hash(tree)
    sorted([tree, Node(), Node(Node())])
    {tree: 1, Node(): 2}[Node()]


# ---- C code ----


@program
def calling_conventions():
    items = [3, 1, 2]
    list.append(items, 4)
    items.sort(reverse=True)
    sorted(items, key=int, reverse=True)
    max([0], key=leaf, default=1)
    max(*([0],), **dict(key=leaf))
    str.join("-", ["a"])
    "{}".format(1)
    str.upper("a")
    list(map(str.upper, "abc"))
    list(map(leaf, items))
    dict.fromkeys("ab", 1)
    {}.get("x", None)
    int.from_bytes(b"ab", "big")
    bytes.fromhex("00")
    type("Made", (), {"method": leaf})().method
    print(end="", file=io.StringIO())
    getattr(items, "append")(5)
    operator.methodcaller("append", 6)(items)
    operator.attrgetter("append")(items)(7)
    functools.partial(items.append, 8)()
    functools.partial(leaf, 8)()
    functools.partial(max, key=leaf)([1, 2])
    object.__repr__(items)
    items.__len__()
    list.__len__(items)
    len(items)
    isinstance(items, list)
    iter([]).__length_hint__()


@program
def exceptions_through_c():
    def attempt(function, *arguments, **keywords):
        try:
            return function(*arguments, **keywords)
        except Exception as error:
            return str(error)

    class Missing:
        def __getattr__(self, name):
            raise AttributeError(name)

        def __len__(self):
            return fail()

    attempt(int, "x")
    attempt(sorted, [1, 2], key=lambda n: fail())
    attempt(list, map(lambda n: fail(), "ab"))
    attempt(max, [])
    attempt(len, Missing())
    attempt(getattr, Missing(), "x")
    hasattr(Missing(), "y")
    attempt([].pop)
    attempt({}.__getitem__, 1)
    attempt(json.loads, "{")
    attempt(functools.reduce, lambda a, b: fail(), [1, 2, 3])
    attempt(re.sub, "a", lambda match: fail(), "banana")
    attempt(lambda: fail(KeyError))


@program
def nested_exceptions():
    def level(n):
        try:
            if n == 0:
                fail()
            level(n - 1)
        except ValueError:
            if n % 2:
                raise
            try:
                raise KeyError(n)
            except KeyError as error:
                raise ValueError(n) from error
        finally:
            leaf(n)

    for n in range(5):
        with contextlib.suppress(ValueError):
            level(n)


@program
def unwinding_many_levels():
    def down(n):
        if n == 0:
            fail(LookupError)
        sorted([n], key=down_again)

    def down_again(n):
        down(n - 1)

    try:
        down(20)
    except LookupError:
        leaf()


# ---- generators, coroutines ----


def count_up(n):
    for i in range(n):
        yield leaf(i)


@program
def generators():
    list(count_up(3))
    sum(count_up(4))
    first, *rest = count_up(3)
    for a, b in zip(count_up(2), count_up(3)):
        leaf(a + b)
    any(a == 1 for a in (1, 2))
    all(leaf(a) for a in (1, 0, 2))
    dict(zip(count_up(2), count_up(2)))
    next(count_up(0), None)
    "".join(str(i) for i in count_up(3))
    tuple(itertools.chain.from_iterable(count_up(n) for n in range(3)))
    sorted(count_up(4), key=lambda n: -n)


@program
def generators_by_hand():
    def talk():
        received = []
        while True:
            try:
                item = yield leaf(len(received))
                received.append(item)
            except KeyError:
                received.append("key")
            except GeneratorExit:
                leaf()
                raise

    generator = talk()
    next(generator)
    generator.send(1)
    generator.throw(KeyError("x"))
    generator.send(2)
    generator.close()
    generator.close()

    generator = talk()
    next(generator)
    with contextlib.suppress(ZeroDivisionError):
        generator.throw(ZeroDivisionError("z"))
    with contextlib.suppress(StopIteration):
        next(generator)

    with contextlib.suppress(ValueError):
        talk().throw(ValueError("never began"))
    talk().close()

    generator = talk()
    next(generator)
    del generator


@program
def delegating_generators():
    def walk(tree):
        for branch in tree:
            yield from walk(branch)
        yield leaf(len(tree))

    def answer():
        try:
            yield 1
        except ValueError:
            yield 2
        return 3

    def delegate():
        result = yield from answer()
        yield result
        yield from [4, 5]

    list(walk([[], [[], [[]]]]))
    generator = delegate()
    next(generator)
    generator.throw(ValueError("x"))
    list(generator)
    generator = delegate()
    next(generator)
    generator.close()
    generator = delegate()
    next(generator)
    with contextlib.suppress(KeyError):
        generator.throw(KeyError("through two"))


@program
def generator_that_breaks_the_rules():
    def stops():
        yield leaf()
        raise StopIteration

    def ignores():
        try:
            yield 1
        except GeneratorExit:
            yield 2

    def reenters():
        yield next(itself[0])

    with contextlib.suppress(RuntimeError):
        list(stops())
    generator = ignores()
    next(generator)
    with contextlib.suppress(RuntimeError):
        generator.close()
    itself = [None]
    itself[0] = reenters()
    with contextlib.suppress(ValueError):
        next(itself[0])


@types.coroutine
def pause(value=None):
    return (yield value)


@program
def coroutines():
    async def child(n):
        await pause(n)
        return leaf(n)

    async def parent(n):
        total = 0
        for i in range(n):
            total += await child(i)
        async with Gate():
            await pause()
        return total

    class Gate:
        async def __aenter__(self):
            await pause()

        async def __aexit__(self, *exc_info):
            leaf()

    class Later:
        def __await__(self):
            yield from pause()
            return leaf()

    async def waits():
        await Later()
        try:
            await pause()
        except KeyError:
            await child(1)
        await fails()

    async def fails():
        await pause()
        fail()

    running = [parent(2), parent(3), waits()]
    while running:
        for coroutine in list(running):
            try:
                coroutine.send(None)
            except (StopIteration, ValueError):
                running.remove(coroutine)
    coroutine = waits()
    coroutine.send(None)
    coroutine.send(None)
    coroutine.throw(KeyError("x"))
    coroutine.close()
    parent(1).close()


@program
def asynchronous_generators():
    async def stream(n):
        try:
            for i in range(n):
                await pause()
                yield leaf(i)
        finally:
            await pause()

    async def use():
        async for value in stream(3):
            leaf(value)
        [value async for value in stream(2) if value]
        generator = stream(5)
        await generator.__anext__()
        await generator.asend(1)
        with contextlib.suppress(KeyError):
            await generator.athrow(KeyError("x"))
        generator = stream(5)
        await generator.__anext__()
        await generator.aclose()

    coroutine = use()
    with contextlib.suppress(StopIteration):
        while True:
            coroutine.send(None)


@program
def event_loop():
    async def job(n):
        for _ in range(n):
            await asyncio.sleep(0)
        return leaf(n)

    async def main():
        return await asyncio.gather(*(job(n) for n in range(4)))

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


# ---- classes, closures ----


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


# ---- random programs ----


def random_program(seed):
    """Functions that call each other at random, directly, through C and as generators, and now and then raise."""

    def run():
        choose = random.Random(seed)
        budget = [300]

        def body(depth):
            budget[0] -= 1
            if budget[0] < 0 or depth > 12:
                return 0
            for _ in range(choose.randrange(4)):
                action = choose.randrange(9)
                function = choose.choice(functions)
                if action < 3:
                    function(depth + 1)
                elif action == 3:
                    sorted([depth + 1], key=function)
                elif action == 4:
                    list(map(function, [depth + 1, depth + 2]))
                elif action == 5:
                    sum(steps(function, depth + 1))
                elif action == 6:
                    generator = steps(function, depth + 1)
                    next(generator, None)
                    del generator
                elif action == 7:
                    try:
                        function(depth + 1)
                        fail()
                    except ValueError:
                        leaf()
                elif choose.random() < 0.2:
                    fail()
            return 0

        def steps(function, depth):
            yield function(depth)
            yield leaf()

        def a(depth):
            return body(depth)

        def b(depth):
            return body(depth)

        def c(depth):
            leaf()
            return body(depth)

        functions = [a, b, c]
        for function in functions:
            with contextlib.suppress(ValueError):
                function(0)

    return run


for _seed in range(12):
    PROGRAMS[f"random_{_seed}"] = random_program(_seed)


# ---- the standard library ----

PROSE = """It was a bright cold day in April, and the clocks were striking thirteen.  The hallway smelt of boiled
cabbage and old rag mats.  At one end of it a coloured poster, too large for indoor display, had been tacked to the
wall.  It depicted simply an enormous face, more than a metre wide."""


@program
def library_json():
    data = {"players": [{"name": f"p{n}", "cards": list(range(n)), "é": 1.5} for n in range(5)], "none": None}
    json.loads(json.dumps(data, indent=2, sort_keys=True))
    json.dumps(data, cls=type("Encoder", (json.JSONEncoder,), {}))
    json.JSONDecoder(object_hook=lambda value: value).decode('{"a": [1, {"b": 2}]}')


@program
def library_ast():
    source = textwrap.dedent(
        """
        def f(a, *b, c=1, **d):
            '''doc'''
            return [x for x in a if x] + [lambda: c]
        class C(object):
            x: int = f(1)
        """
    )
    tree = ast.parse(source)
    ast.unparse(tree)
    ast.dump(tree)
    for _ in ast.walk(tree):
        pass


@program
def library_difflib():
    a, b = PROSE.splitlines(), PROSE.replace("cold", "warm").replace("cabbage", "beans").splitlines()
    list(difflib.unified_diff(a, b))
    list(difflib.ndiff(a, b))
    difflib.get_close_matches("cumulativ", ["cumulative", "calls", "time"])


@program
def library_re():
    re.purge()
    re.findall(r"\b(?P<word>\w+)\W+(?=the)", PROSE)
    re.sub(r"(\w+) (\w+)", lambda match: match[2] + leaf(match[1]), PROSE)
    re.compile(r"(a|b)*c(?:d{2,3})?[^x-z]\s").match("abcdd! ")


@program
def library_email():
    message = email.message.EmailMessage(policy=email.policy.default)
    message["Subject"] = "Grüße"
    message["To"] = "A <a@example.org>, b@example.org"
    message.set_content(PROSE)
    email.message_from_string(message.as_string(), policy=email.policy.default).get_content()


@program
def library_argparse():
    parser = argparse.ArgumentParser(prog="prog")
    parser.add_argument("-n", type=int, default=1)
    parser.add_argument("files", nargs="*")
    commands = parser.add_subparsers() if False else None
    assert commands is None
    parser.parse_args(["-n", "3", "a", "b"])
    parser.format_help()
    with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
        parser.parse_args(["-n", "x"])


@program
def library_dataclasses():
    @dataclasses.dataclass(order=True)
    class Card:
        rank: int
        suit: str = "hearts"
        marks: list = dataclasses.field(default_factory=list)

    cards = [Card(n % 3, "abc"[n % 3]) for n in range(5)]
    sorted(cards)
    dataclasses.asdict(cards[0])
    dataclasses.replace(cards[0], rank=7) == cards[1]
    repr(cards)


@program
def library_enum():
    class Suit(enum.Enum):
        HEARTS = 1
        SPADES = 2

    class Flags(enum.Flag):
        A = enum.auto()
        B = enum.auto()

    Suit(1), Suit["SPADES"], list(Suit), repr(Flags.A | Flags.B)
    with contextlib.suppress(ValueError):
        Suit(3)


@program
def library_text():
    textwrap.fill(PROSE, 30)
    textwrap.dedent("  a\n    b\n  c")
    list(tokenize.generate_tokens(io.StringIO("def f(x):\n    return x + 1  # y\n").readline))
    shlex.split("a 'b c' \"d\" e\\ f")
    string.Template("$a ${b}").substitute(a=1, b=2)
    string.Formatter().format("{0:>{1}} {x!r}", "a", 5, x=[1])
    html.escape("<a&b>"), html.unescape("&lt;&eacute;")
    urllib.parse.urlsplit("http://a.example/b?c=d#e")
    urllib.parse.urlencode({"a": "b c", "d": [1, 2]}, doseq=True)


@program
def library_numbers():
    statistics.stdev([1, 2, 4, 8])
    statistics.median([3, 1, 2])
    fractions.Fraction(3, 4) + fractions.Fraction("1.25")
    heapq.nsmallest(2, [5, 1, 4], key=lambda n: -n)
    list(heapq.merge([1, 4], [2, 3], key=leaf))
    random.Random(3).sample(range(20), 5)
    collections.Counter("abracadabra").most_common(2)


@program
def library_files():
    writer = csv.DictWriter(io.StringIO(), ["a", "b"])
    writer.writeheader()
    writer.writerow({"a": 1, "b": "x,y"})
    list(csv.DictReader(io.StringIO("a,b\r\n1,2\r\n")))
    pickle.loads(pickle.dumps({"a": [1, (2, 3)], "f": leaf}))
    pickle._loads(pickle._dumps([1, {"a": "b"}]))
    copy.deepcopy({"a": [1, {"b": [2]}]})
    stream = io.TextIOWrapper(io.BytesIO(b"a\nb\n"))
    list(stream)


# ---- the profiler switched in odd places ----


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
