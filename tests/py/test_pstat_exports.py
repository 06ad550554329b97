"""pstat -o: what formats without a reader of their own hold, compared with what marshal reads."""

import csv
import json
import marshal
import os
import sys
import types
from pathlib import Path
from typing import Any, Dict

import pytest

import profstat
from pstat_program import PSTAT, run_pstat
from support import trailer_of
from workloads import PROGRAMS

pytestmark = pytest.mark.skipif(PSTAT is None, reason="pstat is not built")

DATA = Path(__file__).resolve().parents[1] / "data"
OWN = "%d.%d" % sys.version_info[:2]
# Names in profiles of the old profiler are code objects, which no other version reads.
PYTHON_3 = sorted(path for path in DATA.glob("3.*/*.stat") if path.parent.name == OWN or "old" not in path.name)
HOSTILE = ["", '"', "a,b", "a\nb\r\n", "\0", "x" * 10_000, "\u202egnp", "\ud800", "a;b", "=1+1", "\\n", "\x1b[2J", "'", " "]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(source: str, output: str, *options: str) -> str:
    done = run_pstat("-o", output, *options, source)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    with open(output, encoding="utf-8", newline="") as file:
        return file.read()


def hostile_stats() -> Dict[Any, Any]:
    names = [(file, line, name) for line, file in enumerate(HOSTILE) for name in HOSTILE]
    return {label: (1, 2, 0.25, 0.5, {names[i - 1]: (2, 1, 0.25, 0.5)}) for i, label in enumerate(names)}


def of_json(text: str) -> Dict[Any, Any]:
    functions = json.loads(text)["functions"]
    labels = [(row["file"], row["line"], row["name"]) for row in functions]
    numbers = ("ncalls", "primitive_calls", "tottime", "cumtime")
    return {
        label: tuple(row[key] for key in numbers)
        + ({labels[edge["function"]]: tuple(edge.get(key) for key in numbers) for edge in row["callers"]},)
        for label, row in zip(labels, functions)
        if "ncalls" in row
    }


def named(label: Any) -> Any:
    """The old profiler has code objects among its names."""
    file, line, name = label
    if isinstance(name, types.CodeType):
        name = f'<code object {name.co_name}, file "{name.co_filename}", line {name.co_firstlineno}>'
    return file, line, name


def of_marshal(stats: Dict[Any, Any]) -> Dict[Any, Any]:
    def numbers(edge: Any) -> Any:
        return edge if isinstance(edge, tuple) else (edge, None, None, None)

    return {
        named(label): (nc, cc, tt, ct, {named(caller): numbers(edge) for caller, edge in callers.items()})
        for label, (cc, nc, tt, ct, callers) in stats.items()
    }


@pytest.mark.parametrize("path", PYTHON_3, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_json_holds_what_marshal_reads(path: Path) -> None:
    assert of_json(export(str(path), "x.json")) == of_marshal(marshal.loads(path.read_bytes()))


def escaped(part: Any) -> Any:
    """As CSV has the parts of a label."""
    if isinstance(part, int):
        return part
    return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in part).replace("\0", "\\x00")


@pytest.mark.parametrize("path", PYTHON_3, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_csv_holds_what_marshal_reads(path: Path) -> None:
    rows = list(csv.DictReader(export(str(path), "x.csv").splitlines(True)))
    stats = marshal.loads(path.read_bytes())
    assert {
        (row["file"], int(row["line"]), row["name"]): (
            int(row["primitive_calls"]), int(row["ncalls"]), float(row["tottime"]), float(row["cumtime"])
        )
        for row in rows
    } == {tuple(map(escaped, named(label))): numbers[:4] for label, numbers in stats.items()}  # fmt: skip


def test_hostile_names() -> None:
    Path("x.stat").write_bytes(marshal.dumps(hostile_stats()))
    assert of_json(export("x.stat", "x.json")) == of_marshal(hostile_stats())
    rows = list(csv.reader(export("x.stat", "x.csv", "-s", "line", "-s", "name").splitlines(True)))
    assert [tuple(row[:3]) for row in rows[1:]] == [
        (escaped(file), str(line), escaped(name)) for file, line, name in sorted(hostile_stats(), key=lambda x: x[1:])
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_json_has_the_call_paths(name: str) -> None:
    profile = profstat.Profile()
    profile.enable()
    try:
        PROGRAMS[name]()
    except Exception:
        pass
    profile.disable()
    profile.dump_stats("x.stat")
    exported = json.loads(export("x.stat", "x.json"))
    trailer = trailer_of("x.stat")
    assert exported["facts"] == {name: trailer["facts"][name] for name in trailer["facts"]}
    (tree,) = exported["trees"]
    columns = {column["name"]: column["values"] for column in tree["columns"]}
    functions = exported["functions"]
    for number, row in enumerate(functions):
        nodes = [i for i, function in enumerate(tree["function"]) if function == number]
        assert sum(columns["calls"][i] for i in nodes) == row.get("ncalls", 0)
        assert sum(columns["self"][i] for i in nodes) / 1e9 == pytest.approx(row.get("tottime", 0), abs=len(nodes) * 1e-9)
    assert all(parent is None or parent < i for i, parent in enumerate(tree["parent"]))
    assert os.path.basename(exported["files"][0]) == "x.stat"
