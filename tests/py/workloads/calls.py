"""Calls: plain, recursive, and through C code."""

import contextlib
import copy
import functools
import io
import json
import operator
import re
import sys

from .registry import fail, leaf, program


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
