"""pstat prints what pstats prints, byte for byte, whatever the profile and whatever the options.

pstats is the reference, with the one difference that pstat makes on purpose: callers whose names collide when
directories are stripped are added up, where pstats keeps the last.
"""

import io
import os
import pstats
import random
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any, List, NamedTuple

import pytest

from profile_dictionaries import statistics, write
from pstat_program import PSTAT, run_pstat


pytestmark = pytest.mark.skipif(PSTAT is None, reason="pstat is not built")

DATA = Path(__file__).resolve().parent.parent / "data"
SORT_KEYS = sorted(pstats.Stats().get_sort_arg_defs())
PATTERNS = [
    *(".", "login", "py:1", r"\(get_", "^{", r"}$", "a|é", "(?i)STRASSE|LOGIN", r"\w+\.py:\d+\(\w+\)", r"[^\x00-\x7f]"),
    *("名前", "'", '"', "'\"", r"\\", "\t", r"\x1b", "nothing like it", "", r"(?P<c>.)(?P=c)", r"^[^:]{,8}:", r"\)\Z"),
    *(r"\Bo", r"\s", r"[[:alpha:]]", "\u200b", r"(.)\1", r"\u0435", "(?s)new.line", "new.line", "[]a]", "\U0001f600$"),
    *("[:alpha:]", "(?i)(?s)LOGIN.", "(?x) log in # comment (", r"[\w.]+\x2e\160y", r"\d+:|\vx", "[[a]{,}x"),
]
if sys.version_info >= (3, 11):
    PATTERNS += [r"(?>\d+):", r"\d++:"]


class MendedStats(pstats.Stats):
    """Adds callers up that strip_dirs() makes equal."""

    def strip_dirs(self) -> "MendedStats":
        merged = {}
        for func, row in self.stats.items():
            stripped: dict = {}
            for caller, edge in row[4].items():
                stripped = pstats.add_callers(stripped, {pstats.func_strip_path(caller): edge})
            merged[func] = (*row[:4], stripped)
        self.stats = merged
        return super().strip_dirs()


class Request(NamedTuple):
    """One way to ask for a report: the words for pstat, and what they mean to pstats."""

    words: List[str]
    keys: List[Any]
    reverse: bool
    keep_directories: bool
    restrictions: List[Any]
    method: str


def random_restriction(rng: random.Random, words: List[str]) -> Any:
    kind = rng.choice(["fraction", "percent", "limit", "pattern"])
    if kind == "fraction":
        fraction = rng.choice([0.0, 0.1, 0.25, 0.5, 1 / 3, 0.999, 1.0, 1e-05, 0.07])
        words += ["-p", repr(fraction)]
        return fraction
    if kind == "percent":
        percent = rng.choice([0, 10, 12.5, 50, 99, 100])
        words += [f"--percent={percent}%"]
        return percent / 100
    if kind == "limit":
        limit = rng.choice([0, 1, 2, 3, 5, 10, 1000])
        words += ["-n", str(limit)]
        return limit
    pattern = rng.choice(PATTERNS)
    words += ["-g", pattern]
    return pattern


def random_request(rng: random.Random) -> Request:
    words: List[str] = []
    keys: List[Any] = [rng.choice(SORT_KEYS) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))]
    if rng.random() < 0.1:
        keys = [rng.choice([-1, 0, 1, 2])]
    for key in keys:
        words += ["-s", str(key)]
    restrictions = [random_restriction(rng, words) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
    reverse, keep = rng.random() < 0.3, rng.random() < 0.4
    words += ["-r"] * reverse + ["-d"] * keep
    method = rng.choice(["stats", "stats", "callers", "callees"])
    if method != "stats" and rng.random() < 0.5:
        restrictions.append(rng.choice(PATTERNS))
        words.append(f"--{method}={restrictions[-1]}")
    elif method != "stats":
        words.append(f"--{method}")
    return Request(words, keys or ["cumulative", "time"], reverse, keep, restrictions or [0.5], "print_" + method)


def pstats_output(files: List[str], request: Request) -> bytes:
    stream = io.StringIO()
    stats = MendedStats(*files, stream=stream)
    if not request.keep_directories:
        stats.strip_dirs()
    stats.sort_stats(*request.keys)
    if request.reverse:
        stats.reverse_order()
    getattr(stats, request.method)(*request.restrictions)
    return stream.getvalue().encode("utf-8", "backslashreplace")


def check(files: List[str], request: Request) -> None:
    expected = pstats_output(files, request)
    got = run_pstat(*request.words, *files)
    assert got.stdout == expected, (request, files)
    nothing_listed = b"Ordered by:" not in expected
    assert got.returncode == (1 if nothing_listed else 0), (request, got.stderr)
    assert bool(got.stderr) == nothing_listed


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("seed", range(60))
def test_one_file(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    size = rng.choice([1, 2, 5, 20, 60, 300])
    dictionary = statistics(rng, size, plain=seed % 4 == 3)
    file = write(folder / "one.stat", dictionary, version=rng.choice([0, 1, 2, 3, 4]))
    for _ in range(8):
        check([file], random_request(rng))


@pytest.mark.parametrize("seed", range(30))
def test_several_files(folder: Path, seed: int) -> None:
    rng = random.Random(1000 + seed)
    plain = seed % 4 == 3
    files = []
    for i in range(rng.choice([2, 3, 5])):
        file = folder / f"{i}.stat"
        files.append(write(file, statistics(rng, rng.choice([1, 5, 40]), plain)))
        os.utime(file, (1_000_000_000 + 86_400 * i, 1_000_000_000 + 86_400 * i))
    for _ in range(8):
        check(files, random_request(rng))


def data_files(pattern: str) -> list:
    paths = sorted(DATA.glob(pattern))
    return [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in paths]


@pytest.mark.parametrize("path", [param for param in data_files("3.*/*.stat") if "old-profile" not in param.id])
def test_files_of_every_cpython(folder: Path, path: Path) -> None:
    shutil.copy2(path, "copy.stat")
    for method in ("stats", "callers", "callees"):
        words = ["-p1"] + [f"--{method}"] * (method != "stats")
        check(["copy.stat"], Request(words, ["cumulative", "time"], False, False, [1.0], "print_" + method))


@pytest.mark.parametrize("path", data_files(f"{sys.version_info[0]}.{sys.version_info[1]}/old-profile*.stat"))
def test_files_of_the_old_profile_module(folder: Path, path: Path) -> None:
    """They hold a code object, which only the same version reads and of which pstat does not show the address."""
    shutil.copy2(path, "copy.stat")
    request = Request(["-p1"], ["cumulative", "time"], False, False, [1.0], "print_stats")
    expected = re.sub(rb" at 0x[0-9a-f]+", b"", pstats_output(["copy.stat"], request))
    assert run_pstat("-p1", "copy.stat").stdout == expected


@pytest.mark.parametrize("key", [*SORT_KEYS, "-1", "0", "1", "2"])
def test_every_sort_key(folder: Path, key: str) -> None:
    file = write(folder / "keys.stat", statistics(random.Random(7), 40))
    number = int(key) if key in ("-1", "0", "1", "2") else key
    for reverse in (False, True):
        check([file], Request(["-s", key, "-n99"] + ["-r"] * reverse, [number], reverse, False, [99], "print_stats"))


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("method", ["stats", "callers", "callees"])
def test_every_pattern(folder: Path, pattern: str, method: str) -> None:
    file = write(folder / "patterns.stat", statistics(random.Random(11), 80))
    words = ["-g", pattern, "-d"] + [f"--{method}"] * (method != "stats")
    check([file], Request(words, ["cumulative", "time"], False, True, [pattern], "print_" + method))


@pytest.mark.parametrize("seconds", [0, 1, 86399, 951782400, 1e9 + 0.25, 1700000000.9999999, 4102444800, 253402300800])
def test_date_of_the_file(folder: Path, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(folder / "dated.stat", statistics(random.Random(3), 5))
    for zone in ("UTC", "America/New_York", "Asia/Kolkata"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        os.utime(file, (seconds, seconds))
        check([file], Request(["-n3"], ["cumulative", "time"], False, False, [3], "print_stats"))
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.3, 1e-5, 0.0001, 1 / 3, 2 / 3, 0.123456789012345678, 5e-324, 0.1 + 0.2])
def test_fractions_are_shown_as_python_shows_them(folder: Path, fraction: float) -> None:
    file = write(folder / "fraction.stat", statistics(random.Random(5), 60))
    words = ["-p", repr(fraction), "-g", "."]
    check([file], Request(words, ["cumulative", "time"], False, False, [fraction, "."], "print_stats"))


def test_entry_points_of_very_old_profiles(folder: Path) -> None:
    entry = ("/srv/main.py", 1, "main")
    dictionary = {entry: (1, 1, 0.5, 0.5, {("jprofile", 0, "profiler"): (1, 1, 0.5, 0.5)})}
    file = write(folder / "entry.stat", dictionary)
    for words, keep in ((["-p1"], False), (["-p1", "-d"], True)):
        check([file], Request(words, ["cumulative", "time"], False, keep, [1.0], "print_stats"))
    check([file, file], Request(["-p1"], ["cumulative", "time"], False, False, [1.0], "print_stats"))


def test_a_profile_without_functions(folder: Path) -> None:
    """pstats refuses it; the report is what it prints when all functions are taken away."""
    file = write(folder / "empty.stat", {})
    os.utime(file, (0, 0))
    got = run_pstat(file, env={**os.environ, "TZ": "UTC"})
    header = b"Thu Jan  1 00:00:00 1970    empty.stat\n\n"
    assert got.stdout == header + b"         0 function calls in 0.000 seconds\n\n"
    assert (got.returncode, got.stderr) == (0, b"")


def test_callers_that_collide_are_added_up(folder: Path) -> None:
    callee = ("m.py", 1, "f")
    callers = {("/a/x.py", 1, "g"): (2, 1, 0.25, 0.5), ("/b/x.py", 1, "g"): (3, 3, 0.5, 1.0)}
    file = write(folder / "collide.stat", {callee: (5, 5, 1.0, 2.0, callers)})
    got = run_pstat("--callers=f", file)
    assert got.stdout.splitlines()[-3] == b"m.py:1(f)  <-     5/4    0.750    1.500  x.py:1(g)"


def test_the_largest_counts(folder: Path) -> None:
    dictionary = {("m.py", i, "f"): (2**59 - i, 2**59, 0.5, 0.5, {}) for i in range(5)}
    dictionary["m.py", 9, "f"] = (2**60 - 1, 2**60 - 1, 0.5, 0.5, {})
    file = write(folder / "huge.stat", dictionary)
    check([file], Request(["-n9"], ["cumulative", "time"], False, False, [9], "print_stats"))
