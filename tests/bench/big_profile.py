"""A profile of any size, as marshal.dump writes it: `python big_profile.py OUT FUNCTIONS` or make(path, functions).

The same arguments give the same profile. Functions have three callers or four, so 100,000 of them make 350,000 edges and
20.8 MB.
"""

from __future__ import annotations

import marshal
import os
import random
import sys
from pathlib import Path
from typing import Union

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))
from record import Tree, trailer  # noqa: E402

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


def _paths(functions: int) -> list[tuple[int, int]]:
    """Of a program of so many functions: (path it comes from or -1, function), the first of each function among them.
    Functions call functions behind them, so that none is recursive."""
    chance = random.Random(functions)
    paths = [(-1, 0)]
    for function in range(1, functions):
        paths.append((chance.randrange(max(0, function - 20), function), function))
    known = set(paths)
    while len(paths) < 3 * functions:
        parent = chance.randrange(len(paths))
        function = chance.randrange(min(paths[parent][1] + 1, functions - 1), functions)
        if function > paths[parent][1] and (parent, function) not in known:
            known.add((parent, function))
            paths.append((parent, function))
    return paths


def make_recorded(path: Union[str, os.PathLike[str]], functions: int, seed: int = 1) -> None:
    """Write to `path` the profile of a run, with its call paths. Runs of all seeds are of one program."""
    chance = random.Random(seed)
    paths = _paths(functions)
    calls = [chance.randrange(1, 99) for _ in paths]
    own = [chance.randrange(10**6) for _ in paths]
    totals = own[:]
    for place in range(len(paths) - 1, 0, -1):
        totals[paths[place][0]] += totals[place]
    labels = [_function(number) for number in range(functions)]
    rows: list[list[float]] = [[0, 0, 0] for _ in labels]
    edges: list[dict[Function, list[float]]] = [{} for _ in labels]
    for place, (parent, function) in enumerate(paths):
        sums = [rows[function]]
        if parent >= 0:
            sums.append(edges[function].setdefault(labels[paths[parent][1]], [0, 0, 0]))
        for each in sums:
            each[0] += calls[place]
            each[1] += own[place] * 1e-9
            each[2] += totals[place] * 1e-9
    stats = {
        label: (row[0], *row, {caller: (edge[0], *edge) for caller, edge in edges[number].items()})
        for number, (label, row) in enumerate(zip(labels, rows))
    }
    nodes = [
        (parent if parent >= 0 else None, labels[function], calls[place], own[place])
        for place, (parent, function) in enumerate(paths)
    ]
    facts = {"paths": "all", "clock": "wall", "started": 1.7e9 + seed}
    Path(path).write_bytes(marshal.dumps(stats) + trailer(stats, [Tree(nodes)], **facts))


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]))
