"""pstat -o OUT.stat writes the sum of profiles, and loses nothing of them."""

import marshal
import os
import pstats
import random
import stat
from pathlib import Path

import pytest

from profile_dictionaries import statistics, write
from pstat_program import PSTAT, run_pstat

pytestmark = pytest.mark.skipif(PSTAT is None, reason="pstat is not built")


def sum_of(*files: str) -> dict:
    done = run_pstat("-o", "sum.stat", *files)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return marshal.loads(Path("sum.stat").read_bytes())


def in_order(dictionary: dict) -> list:
    """Dictionaries compare without their order; of callers it says nothing."""
    return list(dictionary.items())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("seed", range(12))
def test_one_file_stays_what_it_is(folder: Path, seed: int) -> None:
    dictionary = statistics(random.Random(seed), 50, plain=seed % 3 == 2)
    write(folder / "one.stat", dictionary)
    assert in_order(sum_of("one.stat")) == in_order(dictionary)


@pytest.mark.parametrize("seed", range(12))
def test_several_files_are_added_as_pstats_adds_them(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    files = [write(folder / f"{i}.stat", statistics(rng, 40, plain=seed % 3 == 2)) for i in range(2 + seed % 3)]
    assert in_order(sum_of(*files)) == in_order(pstats.Stats(*files).stats)


def test_the_sum_of_nothing_is_nothing(folder: Path) -> None:
    write(folder / "empty.stat", {})
    assert sum_of("empty.stat", "empty.stat") == {}


def test_a_file_of_profstat_keeps_paths_and_facts(folder: Path) -> None:
    profstat = pytest.importorskip("profstat")

    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    profile = profstat.Profile()
    profile.runcall(fibonacci, 10)
    profile.dump_stats("one.stat")
    sum_of("one.stat")
    assert Path("sum.stat").read_bytes() == Path("one.stat").read_bytes()

    once = len(Path("one.stat").read_bytes())
    sum_of("one.stat", "one.stat")
    twice = Path("sum.stat").read_bytes()
    assert len(twice) > once
    sum_of("sum.stat")
    assert Path("sum.stat").read_bytes() == twice


def test_an_input_may_be_replaced_and_keeps_its_mode(folder: Path) -> None:
    dictionary = {("m.py", 1, "f"): (1, 1, 0.5, 0.5, {})}
    write(folder / "sum.stat", dictionary)
    os.chmod("sum.stat", 0o640)
    done = run_pstat("-o", "sum.stat", "sum.stat", "sum.stat")
    assert (done.returncode, done.stderr) == (0, b"pstat: sum.stat is written to and counted as well\n")
    assert marshal.loads(Path("sum.stat").read_bytes()) == {("m.py", 1, "f"): (2, 2, 1.0, 1.0, {})}
    assert stat.S_IMODE(os.stat("sum.stat").st_mode) == 0o640
    assert os.listdir(folder) == ["sum.stat"]


def test_counts_that_do_not_fit_are_refused(folder: Path) -> None:
    write(folder / "most.stat", {("m.py", 1, "f"): (2**61, 2**61, 0.5, 0.5, {})})
    done = run_pstat("-o", "sum.stat", *["most.stat"] * 4)
    assert done.returncode == 2
    assert done.stderr == b"pstat: more calls than 64 bits can count\n"
    assert os.listdir(folder) == ["most.stat"]
