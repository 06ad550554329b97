"""callgrind_annotate, gprof2dot and snakeviz, and the schemas of JSON."""

from __future__ import annotations

import json
import pstats
import re
import shutil
import subprocess
from pathlib import Path
from typing import Dict

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


@needs_callgrind
def test_callgrind_annotate(profile: Path, tmp_path: Path) -> None:
    output = export(profile, tmp_path / "x.callgrind")
    wanted = {name_of(label): totals for label, totals in read(profile).items()}
    own, cumulative = annotate(output), annotate(output, "--inclusive=yes")
    assert {name: round(totals.own) for name, totals in wanted.items()} == own
    for name, totals in wanted.items():
        if "even" not in name and "odd" not in name and "fibonacci" not in name:
            assert cumulative[name] == pytest.approx(totals.cumulative, abs=1000)


@pytest.mark.parametrize("path", profiles.of_interpreters(), ids=lambda path: f"{path.parent.name}-{path.stem}")
@needs_callgrind
def test_callgrind_annotate_of_all_interpreters(path: Path, tmp_path: Path) -> None:
    stat = export(path, tmp_path / "x.stat")
    if not profiles.is_readable(stat):
        pytest.skip("has code objects for names")
    own = annotate(export(stat, tmp_path / "x.callgrind"))
    for label, totals in read(stat).items():
        assert own[name_of(label)] == round(totals.own)


def test_gprof2dot(files: Dict[str, Path], tmp_path: Path) -> None:
    """It reads both formats; the calls and the shares of own time agree."""
    gprof2dot = pytest.importorskip("gprof2dot")
    for name in ("flat", "recursive"):
        output = export(files[name], tmp_path / "x.callgrind")
        with open(output, encoding="utf-8") as file:
            of_callgrind = gprof2dot.CallgrindParser(file).parse()
        of_pstats = gprof2dot.PstatsParser(str(files[name])).parse()
        own = {f.name.split(":")[0]: f[gprof2dot.TIME_RATIO] for f in of_callgrind.functions.values() if f.name[0] != "<"}
        for function in of_pstats.functions.values():
            plain = function.name.split(":")[-1]
            if plain in ("fibonacci", "flat", "even", "odd", "recursive"):
                assert own[plain] == pytest.approx(function[gprof2dot.TIME_RATIO], abs=1e-3)


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
