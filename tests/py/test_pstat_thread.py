"""pstat --thread: the statistics of a thread, from its call tree."""

import itertools
import marshal
import random
import threading
from pathlib import Path

import pytest

import profstat
from pstat_program import PSTAT, run_pstat
from workloads import PROGRAMS, leaf

pytestmark = pytest.mark.skipif(PSTAT is None, reason="pstat is not built")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ticks():
    """A timer of whole seconds, which the file keeps exactly."""
    choose = random.Random(3)
    return itertools.accumulate(itertools.cycle([choose.randrange(1, 1000) for _ in range(997)])).__next__


def part(name: str, file: str = "x.stat") -> dict:
    done = run_pstat("--thread", name, "-o", "part.stat", file)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return marshal.loads(Path("part.stat").read_bytes())


def approximately(stats: dict) -> dict:
    return {
        label: (*row[:2], *(pytest.approx(seconds) for seconds in row[2:4]), {
            caller: (*edge[:2], *(pytest.approx(seconds) for seconds in edge[2:])) for caller, edge in row[4].items()
        })
        for label, row in stats.items()
    }  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_of_the_only_thread_it_is_the_whole(name: str) -> None:
    profile = profstat.Profile(ticks(), 1.0, threads=True)
    profile.enable()
    try:
        PROGRAMS[name]()
    except Exception:
        pass
    profile.disable()
    profile.create_stats()
    profile.dump_stats("x.stat")
    assert part("MainThread") == approximately(profile.stats)


def work(count: int) -> None:
    for _ in range(count):
        leaf()


def test_threads_are_told_apart() -> None:
    profile = profstat.Profile(threads=True)
    with profile:
        for name, count in (("odd", 3), ("even", 4), ("odd", 5)):
            thread = threading.Thread(target=work, args=(count,), name=name)
            thread.start()
            thread.join()
        work(7)
    profile.dump_stats("x.stat")
    counts = {}
    for name in ("odd", "even", "MainThread"):
        counts[name] = {label[2]: row[1] for label, row in part(name).items() if label[2] in ("leaf", "work")}
    assert counts == {
        "odd": {"work": 2, "leaf": 8},
        "even": {"work": 1, "leaf": 4},
        "MainThread": {"work": 1, "leaf": 7},
    }
    report = run_pstat("--thread", "even", "--callers=leaf", "x.stat").stdout.decode()
    assert "4    0.000    0.000" in report


@pytest.mark.parametrize(
    ("options", "name", "reason"),
    [
        ({"threads": True}, "nobody", b"no thread 'nobody' among 1: 'MainThread'"),
        ({}, "MainThread", b"no threads are told apart in it"),
        ({"threads": True, "paths": False}, "MainThread", b"no threads are told apart in it"),
        ({"threads": True, "max_path_bytes": 0}, "MainThread", b"its call paths are cut, and threads with them"),
    ],
)
def test_what_is_not_there_is_an_error(options: dict, name: str, reason: bytes) -> None:
    profile = profstat.Profile(**options)
    profile.runcall(work, 3)
    profile.dump_stats("x.stat")
    done = run_pstat("--thread", name, "-o", "part.stat", "x.stat")
    assert (done.returncode, done.stderr) == (2, b"pstat: x.stat: " + reason + b"\n")
    assert not Path("part.stat").exists()
