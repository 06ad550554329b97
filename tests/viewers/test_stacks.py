"""Formats of stacks: pprof in `go tool pprof`, speedscope's format in its schema, folded stacks.

Calls, own and cumulative times of each function are those of the statistics, whether call paths were recorded or not.
"""

from __future__ import annotations

import collections
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Tuple

import profiles
import pytest
from profiles import Label, Totals, export, read

Stack = Tuple[Any, ...]


def text_of(text: str) -> str:
    """Control characters and halves of surrogate pairs, as formats of lines have them."""

    def escaped(character: str) -> str:
        if "\ud800" <= character <= "\udfff":
            return f"\\u{ord(character):04x}"
        return f"\\x{ord(character):02x}" if character < " " or character == "\x7f" else character

    return "".join(map(escaped, text))


def name_of(label: Label) -> str:
    file, line, name = label
    if file == "~" and line == 0:
        return "{" + name[1:-1] + "}" if name.startswith("<") else name
    return text_of(f"{Path(file).name if '/' in file else file}:{line}({name})")


def sum_up(stacks: List[Tuple[Stack, int, float]]) -> Dict[Any, Totals]:
    """What these stacks (the outermost function first) with their calls and own times come to."""
    calls: Dict[Any, int] = collections.Counter()
    own: Dict[Any, float] = collections.Counter()
    cumulative: Dict[Any, float] = collections.Counter()
    for stack, count, time in stacks:
        calls[stack[-1]] += count
        own[stack[-1]] += time
        for function in set(stack):
            cumulative[function] += time
    return {function: Totals(calls[function], own[function], cumulative[function]) for function in cumulative}


def check(shown: Dict[Any, Totals], path: Path, key: Any, with_calls: bool = True, zeros: bool = True) -> None:
    wanted = {key(label): totals for label, totals in read(path).items()}
    assert len(wanted) == len(read(path))
    if not zeros:
        wanted = {name: totals for name, totals in wanted.items() if round(totals.cumulative)}
    assert set(wanted) - set(shown) == set()
    for name, totals in wanted.items():
        estimated = "estimated" in path.name
        rounding = 2 if estimated else 2000
        assert shown[name].own == pytest.approx(totals.own, abs=rounding)
        if with_calls:
            assert shown[name].calls == totals.calls
        # What is recorded is in whole nanoseconds, for each of many paths.
        rounding = 100 if estimated else 2000
        if "library" in path.name and estimated:  # hardly ever it cannot be made true for all
            rounding = 0.005 * sum(each.own for each in wanted.values())
        assert shown[name].cumulative == pytest.approx(totals.cumulative, rel=1e-5, abs=rounding)


def test_folded(profile: Path, tmp_path: Path) -> None:
    stacks = []
    for line in export(profile, tmp_path / "x.folded").read_text().splitlines():
        names, _, time = line.rpartition(" ")
        stacks.append((tuple(names.split(";")), 0, int(time)))
    check(sum_up(stacks), profile, lambda label: name_of(label).replace(";", "\\x3b"), with_calls=False, zeros=False)


def events_as_stacks(profile: Dict[str, Any]) -> List[Tuple[Stack, float]]:
    stack: List[int] = []
    stacks = []
    at = profile["startValue"]
    for event in profile["events"]:
        assert event["at"] >= at
        if event["at"] > at:
            stacks.append((tuple(stack), event["at"] - at))
        at = event["at"]
        if event["type"] == "O":
            stack.append(event["frame"])
        else:
            assert stack.pop() == event["frame"]
    assert stack == [] and at == profile["endValue"]
    return stacks


def test_speedscope(profile: Path, tmp_path: Path) -> None:
    exported = json.loads(export(profile, tmp_path / "x.speedscope.json").read_text())
    times, calls = exported["profiles"]
    assert (times["unit"], calls["unit"]) == ("nanoseconds", "none")
    stacks = [(stack, 0, time) for stack, time in events_as_stacks(times)]
    stacks += [(stack, int(count), 0) for stack, count in events_as_stacks(calls)]
    frames = exported["shared"]["frames"]
    labels = {place: (frame["file"], frame["line"], frame["name"]) for place, frame in enumerate(frames)}
    assert len(set(labels.values())) == len(labels)
    shown = {labels[place]: totals for place, totals in sum_up(stacks).items()}
    check(shown, profile, lambda label: label)


RAW_SAMPLE = re.compile(r"^\s*(\d+)\s+(\d+): ([\d ]+)$")
RAW_LOCATION = re.compile(r"^\s*(\d+): 0x0 M=1 (.*) ([/~<].*?):(-?\d+)(?::0)? s=(-?\d+)(?:\((.*)\))?$")
needs_go = pytest.mark.skipif(not shutil.which("go"), reason="go is not installed")


def pprof(*words: str) -> str:
    done = subprocess.run(["go", "tool", "pprof", *words], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@needs_go
def test_pprof_raw(profile: Path, tmp_path: Path) -> None:
    text = pprof("-raw", str(export(profile, tmp_path / "x.pb.gz")))
    locations = {found[1]: found[2] for found in map(RAW_LOCATION.match, text.splitlines()) if found}
    samples = [found for found in map(RAW_SAMPLE.match, text.splitlines()) if found]
    stacks = [
        (tuple(locations[place] for place in reversed(found[3].split())), int(found[1]), int(found[2]))
        for found in samples
    ]
    check(sum_up(stacks), profile, name_of)


TOP = re.compile(r"^\s*(\d+)(?:ns)?\s+\S+%?\s+\S+%\s+(\d+)(?:ns)?\s+\S+%\s+(.*)$")


@needs_go
def test_pprof_top(profile: Path, tmp_path: Path) -> None:
    output = str(export(profile, tmp_path / "x.pb.gz"))
    options = ("-top", "-nodecount=100000", "-nodefraction=0", "-unit=ns")
    rows = [found for found in map(TOP.match, pprof(*options, output).splitlines()) if found]
    calls = [found for found in map(TOP.match, pprof("-sample_index=calls", *options, output).splitlines()) if found]
    counts = {found[3]: int(found[1]) for found in calls}
    shown = {found[3]: Totals(counts[found[3]], int(found[1]), int(found[2])) for found in rows}
    check(shown, profile, name_of, zeros=False)


@pytest.mark.parametrize("path", profiles.of_interpreters(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_of_all_interpreters(path: Path, tmp_path: Path) -> None:
    """What they wrote themselves, whose call paths have to be estimated."""
    stat = export(path, tmp_path / "x.stat")
    if not profiles.is_readable(stat):
        pytest.skip("has code objects for names")
    exported = json.loads(export(stat, tmp_path / "x.speedscope.json").read_text())
    times, calls = exported["profiles"]
    stacks = [(stack, 0, time) for stack, time in events_as_stacks(times)]
    stacks += [(stack, int(count), 0) for stack, count in events_as_stacks(calls)]
    shown = sum_up(stacks)
    for place, frame in enumerate(exported["shared"]["frames"]):
        totals = read(stat).get((frame["file"], frame["line"], frame["name"]))
        if totals and place in shown:
            assert shown[place].calls == totals.calls
            assert shown[place].own == pytest.approx(totals.own, abs=1)
            assert shown[place].cumulative == pytest.approx(totals.cumulative, abs=10)
        elif totals:
            assert (totals.calls, round(totals.own)) == (0, 0)
