"""check.py FIGURES: whether a file that run.py wrote has every figure; their size does not matter.

Prints a line for each thing that is wrong and, at the end, `N passed, N failed`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tables import Figures, Reading, Seconds

EVENTS = {"plain", "empty hook", "clock hook", "profstat", "paths=False", "builtins=False"}
EVENTS |= {"context=True", "another context", "cProfile"}
TRACED = EVENTS | {"yappi", "pyinstrument"}
REQUEST = {"plain", "empty hook", "profstat", "paths=False", "cProfile"}
TRUTH = {"cProfile", "profstat", "compensate=True"}


def has_times(seconds: Seconds, variants: set[str]) -> bool:
    return seconds.keys() == variants and all(each > 0 for each in seconds.values())


def has_runs(reading: Reading) -> bool:
    runs = reading["runs"]
    positive = all(run["seconds"] > 0 and run["kib"] > 0 for run in runs.values())
    return runs.keys() == {"pstat", "pstats"} and positive


def checks(figures: Figures) -> Iterator[tuple[str, bool]]:
    """What is looked at, and whether it is there."""
    versions = figures["tracing"].keys()
    yield "an interpreter", len(versions) > 0
    others = figures["events"].keys(), figures["request"].keys(), figures["truth"].keys()
    yield "the same interpreters everywhere", all(other == versions for other in others)
    for version, events in figures["events"].items():
        for kind, taken in events["calls"].items():
            yield f"{version}: events of {kind}", has_times(taken, EVENTS)
    for version, tracing in figures["tracing"].items():
        yield f"{version}: programs", len(tracing["programs"]) >= 3
        for program, seconds in tracing["programs"].items():
            yield f"{version}: times of {program}", has_times(seconds, TRACED)
        whole = tracing["whole_library"]
        yield f"{version}: the library", whole is not None and has_times(whole["seconds"], TRACED)
        yield f"{version}: calls and paths", whole is not None and whole["calls"] > whole["paths"] > 1000
    for version, request in figures["request"].items():
        yield f"{version}: a request", has_times(request["seconds"], REQUEST)
        yield f"{version}: a call that is skipped", request["skipped"] > 0
    for version, truth in figures["truth"].items():
        for program, ratios in truth["self_times"].items():
            yield f"{version}: self times of {program}", has_times(ratios, TRUTH)
        shares = truth["loop_share"]
        yield f"{version}: shares", shares.keys() == TRUTH | {"plain"} and all(0 < share < 1 for share in shares.values())
    reading = figures["reading"]
    yield "reading", reading is not None
    if reading is not None:
        for kind, readings in (("reports", reading["reports"]), ("sums", reading["sums"])):
            yield f"several {kind}", len(readings) > 1
            for number, each in readings.items():
                yield f"{kind} of {number}", has_runs(each)
        yield "start", has_runs(reading["start"])
        for kind, exports in (("sums with call paths", reading["merged"]), ("formats", reading["exports"])):
            yield f"several {kind}", len(exports) > 1
            for name, each in exports.items():
                yield f"{kind}: {name}", each["seconds"] > 0 and each["kib"] > 0 and each["bytes"] > 0


def main() -> int:
    results = list(checks(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
    failed = [what for what, fine in results if not fine]
    for what in failed:
        print(f"missing or wrong: {what}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
