"""Profiles that the viewers are shown, and what is true of them."""

from __future__ import annotations

import ast
import copy
import functools
import json
import marshal
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

import profstat

PSTAT = os.environ.get("PSTAT", "pstat")
DATA = Path(__file__).resolve().parents[1] / "data"
Label = Tuple[str, int, str]
HOSTILE = ['"', "'", "a,b", "a\nb\r", "\0", "x" * 10_000, "\u202egnp", "\ud800", "a;b", "f (1)", "(2) g", "\x1b[2J", "<&>"]


class Totals(NamedTuple):
    """What a viewer says of one function; times in nanoseconds."""

    calls: int
    own: float
    cumulative: float


def of_python(stats: Dict[Any, Any]) -> Dict[Label, Totals]:
    return {label: Totals(row[1], row[2] * 1e9, row[3] * 1e9) for label, row in stats.items()}


def read(path: Path) -> Dict[Label, Totals]:
    return of_python(marshal.loads(path.read_bytes()))


def export(path: Path, output: Path) -> Path:
    done = subprocess.run([PSTAT, "-o", str(output), str(path)], capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return output


def fibonacci(n: int) -> int:
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def even(n: int) -> bool:
    return n == 0 or odd(n - 1)


def odd(n: int) -> bool:
    return n != 0 and even(n - 1)


class A:
    def __init__(self) -> None:
        self.items = sorted(range(50), key=lambda x: -x)


class B:
    def __init__(self) -> None:
        self.a = [A() for _ in range(3)]


def flat() -> None:
    """Calls without recursion."""
    for _ in range(20):
        B()
        len(str(_))


def recursive() -> None:
    flat()
    fibonacci(10)
    even(30)


def library() -> None:
    """Functions that call each other in many circles."""
    tree = ast.parse(Path(ast.__file__).read_text()[:9000].rpartition("\n\n\n")[0])
    ast.unparse(tree)
    copy.deepcopy(json.loads(json.dumps([{"a": [{"b": [1, 2, {"c": "x"}]}] * 9}] * 9, indent=1)))


def hostile_stats() -> Dict[Label, Any]:
    """Everything calls the next."""
    labels = [(f"/srv/{file}.py", line + 1, name) for line, file in enumerate(HOSTILE) for name in HOSTILE]
    stats = {}
    for place, label in enumerate(labels):
        left = len(labels) - place
        callers = {labels[place - 1]: (2, 2, 0.25, 0.25 * left)} if place else {}
        stats[label] = (2, 2, 0.25, 0.25 * left, callers)
    return stats


def write_recorded(path: Path, work: Any) -> None:
    profile = profstat.Profile()
    profile.runcall(work)
    profile.dump_stats(str(path))


@functools.lru_cache(None)
def recorders() -> Dict[str, str]:
    """Other interpreters that have profstat, which $RECORDERS names (separated by blanks), by their version."""
    version = "import sys; print('%d.%d' % sys.version_info[:2])"
    pythons = os.environ.get("RECORDERS", "").split()
    return {run_python(python, "-c", version): python for python in pythons}


def run_python(python: str, *words: str) -> str:
    """What it prints; it has its own packages, not those of this interpreter."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([python, *words], env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return done.stdout.strip()


def write_recorded_by(python: str, paths: Dict[str, Path]) -> None:
    """The functions of this file, by their names."""
    run_python(python, __file__, *(f"{name}={path}" for name, path in paths.items()))


def write_estimated(path: Path, source: Path) -> None:
    """Without what stands behind the dictionary."""
    path.write_bytes(marshal.dumps(marshal.loads(source.read_bytes())))


def is_readable(path: Path) -> bool:
    """Names of the old profiler may be code objects, which this Python cannot read or viewers not show."""
    try:
        stats = marshal.loads(path.read_bytes())
    except Exception:
        return False
    return not any(isinstance(label[2], types.CodeType) for row in stats.values() for label in (*row[4], *stats))


def of_interpreters() -> List[Path]:
    return [path for path in sorted(DATA.glob("*/*.stat")) if "large" not in path.name and "integers" not in path.name]


if __name__ == "__main__":
    for word in sys.argv[1:]:
        work, _, output = word.partition("=")
        write_recorded(Path(output), globals()[work])
