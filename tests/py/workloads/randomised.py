"""Functions that call each other at random."""

import contextlib
import random

from .registry import PROGRAMS, fail, leaf


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
