"""Every benchmark, for every interpreter that is found.

    python3 tests/bench/run.py [--quick] [--rounds N] [--json FILE] [VERSION...]

Tables are printed at the end, what is going on to standard error.  VERSION is one like 3.12; without any, every
CPython 3.9 to 3.13 is used that tests/run.sh would use (PYTHONS="PATH..." names others).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from places import HERE, ROOT, Place, environment, prepare
from tables import Figures, Table, details, event_table, origin, summary

from interpreters import Interpreter, find_interpreters

FIGURES = re.compile(r"(<!-- figures: .*? -->\n).*?(<!-- end of figures -->)", re.DOTALL)
OF_AN_INTERPRETER = ("events", "tracing", "request", "truth")
READING = "reading"
ROUNDS = {"events": 40, "tracing": 20, "request": 20, "truth": 6, "reading": 6}


def run_benchmark(name: str, place: Place, options: argparse.Namespace, *arguments: object) -> Any:
    """The figures that a benchmark gives when the place's interpreter runs it."""
    print(f"-- {place.python}: {name}", file=sys.stderr, flush=True)
    rounds = 1 if options.quick else options.rounds or ROUNDS[name]
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        command = [place.python, HERE / f"{name}.py", "--rounds", rounds, "--json", figures, *arguments]
        if options.quick:
            command.append("--quick")
        path = str(place.build / "tests/bench")
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, env=environment(PYTHONPATH=path))
        return json.loads(figures.read_text("utf-8"))


def machine() -> str:
    model = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {platform.system()} {kernel}"


def measure(interpreters: list[Interpreter], options: argparse.Namespace) -> Figures:
    date = time.strftime("%Y-%m-%d")
    places = {interpreter.minor: prepare(interpreter, options.folder) for interpreter in interpreters}
    found: dict[str, dict[str, Any]] = {name: {} for name in OF_AN_INTERPRETER}
    for minor, place in places.items():
        for name in OF_AN_INTERPRETER:
            if name in options.only:
                found[name][minor] = run_benchmark(name, place, options)
    newest = list(places.values())[-1]
    return {
        "machine": machine(),
        "date": date,
        "interpreters": ["{}.{}.{}".format(*interpreter.version) for interpreter in interpreters],
        "events": found["events"],
        "tracing": found["tracing"],
        "request": found["request"],
        "truth": found["truth"],
        "reading": run_benchmark(READING, newest, options, newest.build) if READING in options.only else None,
    }


def show(figures: Figures) -> None:
    print(origin(figures), *details(figures), *summary(figures), sep="\n\n")


def refresh(page: Path, figures: Figures, tables: list[Table]) -> None:
    """Puts tables between the marks of a page."""
    shown = "\n\n".join([origin(figures), *map(str, tables)])
    text, count = FIGURES.subn(lambda mark: f"{mark[1]}\n{shown}\n\n{mark[2]}", page.read_text("utf-8"))
    assert count == 1, f"{page} has no place for the figures"
    page.write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little work, once, to see whether everything runs")
    parser.add_argument("--rounds", type=int, help=f"turns of each variant; {ROUNDS} when not given")
    parser.add_argument("--only", action="append", choices=ROUNDS, help="this benchmark; several by several --only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, too")
    parser.add_argument("--from", type=Path, metavar="FILE", dest="saved", help="measure nothing: show such a file")
    folder = ROOT / "build-bench"
    parser.add_argument("--folder", type=Path, default=folder, help="where environments and builds are kept")
    parser.add_argument("--refresh-readme", action="store_true", help="put the tables into the READMEs")
    parser.add_argument("versions", nargs="*", metavar="VERSION")
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    options.only = options.only or list(ROUNDS)
    if options.saved is not None:
        figures: Figures = json.loads(options.saved.read_text("utf-8"))
    else:
        found = [each for each in find_interpreters() if not options.versions or each.minor in options.versions]
        if not found:
            sys.exit("no interpreter was found")
        figures = measure(found, options)
    show(figures)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    if options.refresh_readme:
        refresh(ROOT / "README.md", figures, summary(figures))
        refresh(HERE / "README.md", figures, [event_table(figures["events"])])


if __name__ == "__main__":
    main()
