"""The C reader and writer of profiles against marshal and pstats of the running interpreter.

$STATFILE_TOOL, or the build in $PROFSTAT_BUILD, has the program that reads a profile and writes it anew.
"""

import cProfile
import json
import marshal
import os
import profile
import pstats
import random
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import pytest

import profstat
from profile_dictionaries import Statistics, statistics, write
from support import varints, zigzags


def find_tool() -> Optional[str]:
    if "STATFILE_TOOL" in os.environ:
        return os.environ["STATFILE_TOOL"]
    if "PROFSTAT_BUILD" in os.environ:
        return os.path.join(os.environ["PROFSTAT_BUILD"], "tests", "statfile_tool")
    return None


TOOL = find_tool()
needs_tool = pytest.mark.skipif(TOOL is None, reason="statfile_tool is not built")


def copy(name: str) -> bytes:
    """The bytes that the library writes for a profile."""
    subprocess.run([str(TOOL), "copy", name, "copy.stat"], check=True, timeout=60)
    return Path("copy.stat").read_bytes()


def in_order(dictionary: Statistics) -> List[Tuple[Any, ...]]:
    """For comparison of the order, too."""
    return [(label, *row[:4], list(row[4].items())) for label, row in dictionary.items()]


def with_float_times(dictionary: Statistics) -> Statistics:
    """Times are floats in what the library writes; a custom timer may have counted in integers."""

    def edge(value: Any) -> Any:
        return (*value[:2], float(value[2]), float(value[3])) if isinstance(value, tuple) else value

    return {
        label: (cc, nc, float(tt), float(ct), {caller: edge(value) for caller, value in callers.items()})
        for label, (cc, nc, tt, ct, callers) in dictionary.items()
    }


@needs_tool
@pytest.mark.parametrize("version", range(marshal.version + 1))
@pytest.mark.parametrize("seed", range(20))
def test_any_marshal_version_reads_the_same(here: Path, seed: int, version: int) -> None:
    expected = statistics(random.Random(seed), size=seed * 4, plain=seed % 3 == 2)
    write(here / "x.stat", expected, version)
    found = marshal.loads(copy("x.stat"))
    assert in_order(found) == in_order(expected)
    assert all(type(time) is float for row in found.values() for time in row[2:4])


@needs_tool
@pytest.mark.parametrize("seed", range(40))
def test_never_larger_than_marshal(here: Path, seed: int) -> None:
    made = with_float_times(statistics(random.Random(seed), size=1 + seed * 5))
    write(here / "x.stat", made)
    ours = len(copy("x.stat"))
    loaded = pstats.Stats("x.stat").stats  # type: ignore[attr-defined]
    assert ours <= len(marshal.dumps(made))
    assert ours <= len(marshal.dumps(loaded))


@needs_tool
@pytest.mark.parametrize("seed", range(10))
def test_equal_profiles_give_equal_bytes(here: Path, seed: int) -> None:
    made = statistics(random.Random(seed), size=60)
    write(here / "a.stat", made, 2)
    write(here / "b.stat", marshal.loads(marshal.dumps(made, 4)), 4)
    assert copy("a.stat") == copy("b.stat")
    first = copy("a.stat")
    assert copy("copy.stat") == first


def work() -> None:
    """A bit of everything that a profile of the standard library holds."""
    text = json.dumps({"größe": list(range(50)), "名": {str(i): None for i in range(50)}})
    assert json.loads(text)
    assert sorted(text, key=lambda character: -ord(character))
    assert random.Random(1).sample(range(100), 10)


def profiled_with(profiler: Any) -> Any:
    profiler.runcall(work)
    return profiler


@needs_tool
@pytest.mark.parametrize("make", [cProfile.Profile, profile.Profile], ids=["cProfile", "profile"])
def test_profiles_of_the_standard_library(here: Path, make: Callable[[], Any]) -> None:
    profiled_with(make()).dump_stats("x.stat")
    original = Path("x.stat").read_bytes()
    ours = copy("x.stat")
    assert in_order(marshal.loads(ours)) == in_order(marshal.loads(original))
    if make is cProfile.Profile:
        assert len(ours) <= len(original)


@needs_tool
def test_a_script_run_by_the_profile_module(here: Path) -> None:
    """It has a code object where a name should be; pstats shows its repr(), address and all."""
    (here / "script.py").write_text("def f(): pass\nf()\n")
    code = compile((here / "script.py").read_text(), "script.py", "exec")
    profile.Profile().runctx(code, {}, {}).dump_stats("x.stat")
    names = [label[2] for label in marshal.loads(copy("x.stat"))]
    assert names.count('<code object <module>, file "script.py", line 1>') == 1
    assert all(isinstance(name, str) for name in names)


@needs_tool
@pytest.mark.parametrize(
    "value, reason",
    [
        ([1, 2], "not a profile: a list where the dictionary of a profile should be (byte 0)"),
        ({("f", 1): ()}, "a tuple of 2 where a function (file, line, name) should be (byte 1)"),
        ({("f", 1, "g"): (1, 1, None, 1.0, {})}, "None where a time should be"),
        ({("f", 1, "g"): (1, 1, float("nan"), 1.0, {})}, "a time that is not a number"),
        ({("f", 1, "g"): (1, 2**70, 0.0, 1.0, {})}, "an integer of more than 64 bits where a number of calls"),
    ],
)
def test_refusals(here: Path, value: Any, reason: str) -> None:
    write(here / "x.stat", value)
    result = subprocess.run([str(TOOL), "dump", "x.stat"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert reason in result.stderr


def read_trailer(path: str) -> Tuple[Statistics, Dict[str, Any]]:
    """As tools/lib/statfile_parts.h describes it."""
    with open(path, "rb") as file:
        dictionary = marshal.load(file)
        magic, version, size, checksum = struct.unpack("<8sIQI", file.read(24))
        data = file.read()
    assert (magic, version, size, checksum) == (b"\nprofst\n", 1, len(data), zlib.crc32(data))
    return dictionary, marshal.loads(zlib.decompress(data))


def test_python_can_read_the_trailer(here: Path) -> None:
    profiled_with(profstat.Profile()).dump_stats("x.stat")
    dictionary, trailer = read_trailer("x.stat")
    assert set(trailer) == {"facts", "labels", "trees"}
    assert all(isinstance(value, (int, float, str)) for value in trailer["facts"].values())
    labels = list(dictionary) + trailer["labels"]
    calls = dict.fromkeys(labels, 0)
    for tree in trailer["trees"]:
        columns = {name: list(zigzags(values)) for name, unit, values in tree["columns"]}
        assert [unit for name, unit, values in tree["columns"]][:2] == ["calls", "ns"]
        functions = [labels[place] for place in varints(tree["function"])]
        parents = [node - distance for node, distance in enumerate(varints(tree["parent"]))]
        assert len(functions) == len(parents) == tree["count"] == len(columns["calls"]) == len(columns["self"])
        for function, number in zip(functions, columns["calls"]):
            calls[function] += number
    assert {label: row[1] for label, row in dictionary.items()} == {label: calls[label] for label in dictionary}


@needs_tool
def test_a_profile_with_call_paths_comes_back(here: Path) -> None:
    profiled_with(profstat.Profile()).dump_stats("x.stat")
    assert copy("x.stat") == Path("x.stat").read_bytes()
