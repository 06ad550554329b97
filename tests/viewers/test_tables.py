"""callgrind_annotate, gprof2dot and snakeviz, and the schemas of JSON."""

from __future__ import annotations

import collections
import json
import marshal
import pstats
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, Tuple

import profiles
import pytest
from profiles import Label, export, read
from test_stacks import text_of

LINE = re.compile(r"^\s*([\d,]+)\s+(.*:.*)$")
needs_callgrind = pytest.mark.skipif(not shutil.which("callgrind_annotate"), reason="valgrind is not installed")


def name_of(label: Label) -> str:
    file, line, name = label
    return text_of(f"{file or '?'}:{name}" + (f":{line}" if line or not name else ""))


def annotate(path: Path, *options: str) -> Dict[str, int]:
    command = ["callgrind_annotate", "--threshold=100", "--show-percs=no", "--auto=no", *options, str(path)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True, cwd=path.parent)
    assert done.stderr == b""
    table = done.stdout.decode().split("file:function\n")[1]
    return {found[2]: int(found[1].replace(",", "")) for found in map(LINE.match, table.splitlines()) if found}


def of_calls(path: Path) -> Dict[Label, float]:
    """The time of all calls of a function by others."""
    times: Dict[Label, float] = collections.Counter()
    for label, row in marshal.loads(path.read_bytes()).items():
        for caller, edge in row[4].items():
            times[label] += edge[3] * 1e9 if caller != label else 0
    return times


def is_in_circle(label: Label, stats: Dict[Label, Any]) -> bool:
    """Whether the function led to itself, by way of others."""
    seen, waiting = set(), [caller for caller in stats[label][4] if caller != label]
    while waiting:
        caller = waiting.pop()
        if caller not in seen:
            seen.add(caller)
            waiting += stats[caller][4] if caller in stats else []
    return label in seen


def check_annotated(output: Path, path: Path) -> None:
    own, cumulative = annotate(output), annotate(output, "--inclusive=yes")
    calls, stats = of_calls(path), marshal.loads(path.read_bytes())
    for label, totals in read(path).items():
        name = name_of(label)
        assert own[name] == round(totals.own)
        # It adds up all calls, and so makes too much of functions that call each other in a circle.
        wanted = calls[label] if is_in_circle(label, stats) else totals.cumulative
        assert cumulative[name] == pytest.approx(wanted, abs=1000)


@needs_callgrind
def test_callgrind_annotate(profile: Path, tmp_path: Path) -> None:
    output = export(profile, tmp_path / "x.callgrind")
    check_annotated(output, profile)


@pytest.mark.parametrize("path", profiles.of_interpreters(), ids=lambda path: f"{path.parent.name}-{path.stem}")
@needs_callgrind
def test_callgrind_annotate_of_all_interpreters(path: Path, tmp_path: Path) -> None:
    stat = export(path, tmp_path / "x.stat")
    if not profiles.is_readable(stat):
        pytest.skip("has code objects for names")
    output = export(stat, tmp_path / "x.callgrind")
    if "old" in path.name:  # callers are counts; there is no time of calls
        own = annotate(output)
        assert {name_of(label): round(totals.own) for label, totals in read(stat).items()}.items() <= own.items()
    else:
        check_annotated(output, stat)


def test_gprof2dot_of_callgrind(files: Dict[str, Path], tmp_path: Path) -> None:
    """The own time of every function, and how often every function called every other."""
    gprof2dot = pytest.importorskip("gprof2dot")
    for name, path in files.items():
        if "hostile" in name:
            continue  # its names cannot be told apart there
        with open(export(path, tmp_path / "x.callgrind"), encoding="utf-8") as file:
            shown = gprof2dot.CallgrindParser(file).parse()
        own: Dict[str, float] = collections.Counter()
        wanted: Dict[str, float] = collections.Counter()
        calls: Dict[Tuple[str, str], int] = collections.Counter()
        wanted_calls: Dict[Tuple[str, str], int] = collections.Counter()
        for function in shown.functions.values():
            own[function.name] += function[gprof2dot.SAMPLES]
            for call in function.calls.values():
                calls[function.name, shown.functions[call.callee_id].name] += call[gprof2dot.CALLS]
        for label, row in marshal.loads(path.read_bytes()).items():
            plain = name_of(label).split(":", 1)[1]
            wanted[plain] += round(row[2] * 1e9)
            for caller, edge in row[4].items():
                wanted_calls[name_of(caller).split(":", 1)[1], plain] += edge[0]
        assert own == wanted
        assert calls == wanted_calls


def test_gprof2dot_of_profiles(profile: Path, tmp_path: Path) -> None:
    """Of those that pstat wrote: calls, own and cumulative time of every function."""
    gprof2dot = pytest.importorskip("gprof2dot")
    for path in (profile, export(profile, tmp_path / "x.stat")):
        parser = gprof2dot.PstatsParser(str(path))
        functions = parser.parse().functions
        shown = {label: functions[number] for label, number in parser.function_ids.items()}
        for label, totals in read(path).items():
            assert shown[label].called == totals.calls
            assert shown[label][gprof2dot.TIME] * 1e9 == totals.own
            assert shown[label][gprof2dot.TOTAL_TIME] * 1e9 == totals.cumulative


def test_snakeviz_and_pstats(files: Dict[str, Path], tmp_path: Path) -> None:
    """On a profile that pstat wrote."""
    stats = pytest.importorskip("snakeviz.stats")
    for name, path in files.items():
        output = export(path, tmp_path / f"{name}.stat")
        assert pstats.Stats(str(output)).stats == pstats.Stats(str(path)).stats
        rows = stats.table_rows(pstats.Stats(str(output)))
        assert len(rows) == len(read(path))
        own = {row["display_name"]: row["stats"] for row in stats.json_stats(pstats.Stats(str(output))).values()}
        assert own == {
            row["display_name"]: row["stats"] for row in stats.json_stats(pstats.Stats(str(path))).values()
        }


def test_python_2_becomes_readable(tmp_path: Path) -> None:
    for path in sorted((profiles.DATA / "2.7").glob("*.stat")):
        output = export(path, tmp_path / path.name)
        if profiles.is_readable(output):
            assert all(isinstance(name, str) for name in (label[2] for label in pstats.Stats(str(output)).stats))


def test_json_is_of_its_schema(profile: Path, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((Path(__file__).resolve().parents[2] / "tools/pstat/profile.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(json.loads(export(profile, tmp_path / "x.json").read_text()))
    for broken in ({}, {"format": "profstat", "version": 2}):
        assert not validator.is_valid(broken)
