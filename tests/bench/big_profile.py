"""A profile of any size, as marshal.dump writes it: `python big_profile.py OUT FUNCTIONS` or make(path, functions).

The same arguments give the same profile. Functions have three callers or four, so 100,000 of them make 350,000 edges and
20.8 MB.
"""

from __future__ import annotations

import marshal
import os
import random
import sys
from typing import Union

MODULES = 5000
PACKAGES = 50

Function = tuple[str, int, str]
Edge = tuple[int, int, float, float]


def _function(number: int) -> Function:
    module = f"/usr/lib/python3/pkg{number % PACKAGES}/mod{number % MODULES}.py"
    return module, number % 900 + 1, f"func_{number}"


def _edge(chance: random.Random) -> Edge:
    calls = chance.randrange(1, 999)
    return calls, calls, chance.random(), chance.random()


def make(path: Union[str, os.PathLike[str]], functions: int, seed: int = 1) -> None:
    """Write to `path` a profile of so many functions, which call each other at random."""
    chance = random.Random(seed)
    labels = [_function(number) for number in range(functions)]
    stats = {}
    for number, label in enumerate(labels):
        calls = chance.randrange(1, 10**6)
        tottime = chance.random()
        callers = {labels[chance.randrange(functions)]: _edge(chance) for _ in range(3 + number % 2)}
        stats[label] = (calls, calls, tottime, tottime + chance.random(), callers)
    with open(path, "wb") as file:
        marshal.dump(stats, file)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]))
