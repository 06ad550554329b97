"""The command behind tests/run.sh."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

from counts import Counts, total
from interpreters import MINORS, Interpreter, find_interpreters
from scheduler import Outcome, Runner, Suite
from table import suites

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build-ci"
SHOWN_OF_A_LOG = 200  # lines
# Would lead builds and tests astray.
DROPPED = ("DESTDIR", "NO_COLOR", "PROFSTAT", "PYTHON", "VIRTUAL_ENV")  # and what begins with them


def environment() -> dict[str, str]:
    """What every suite sees: UTF-8, git content with whoever owns the clone, pip content without a home."""
    result = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    result.update(
        LC_ALL="C.UTF-8",
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="safe.directory",
        GIT_CONFIG_VALUE_0="*",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_ROOT_USER_ACTION="ignore",
    )
    if not os.access(os.environ.get("HOME", ""), os.W_OK):
        result["HOME"] = str(WORK / "home")
    return result


def selected(table: list[Suite], words: list[str]) -> list[Suite]:
    """The suites whose names contain one of the words, and those that they need."""
    names = {suite.name for suite in table if not words or any(word in suite.name for word in words)}
    while True:
        needed = names.union(*(suite.needs for suite in table if suite.name in names))
        if needed == names:
            return [suite for suite in table if suite.name in names]
        names = needed


def announce(interpreters: list[Interpreter]) -> None:
    for interpreter in interpreters:
        print("CPython {}.{}.{}:".format(*interpreter.version), interpreter.path)
    found = {interpreter.version[:2] for interpreter in interpreters}
    missing = ["{}.{}".format(*minor) for minor in MINORS if minor not in found]
    if missing:
        print("Not found with headers, and not tested: CPython", *missing)


def report(outcome: Outcome, position: int, of: int) -> None:
    """A line for a suite, and its log when it failed."""
    ran = f"{outcome.counts}" if sum(outcome.counts) else "done"
    print(f"[{position:2}/{of}] {outcome.suite.name:24} {ran:32} {outcome.seconds:6.1f} s", flush=True)
    if outcome.failed:
        lines = outcome.log.read_text(errors="replace").splitlines()
        print(f"---- {outcome.log}", *lines[-SHOWN_OF_A_LOG:], "----", sep="\n", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/run.sh", description="Runs every test.")
    parser.add_argument("--list", action="store_true", help="name the suites and what they run")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="part of the name of a suite")
    arguments = parser.parse_args()

    started = time.monotonic()
    interpreters = find_interpreters()
    table = selected(suites(ROOT, WORK, interpreters), arguments.suites)
    if arguments.list:
        for suite in table:
            print(suite.name, *(f"    {shlex.join(step)}" for step in suite.steps), sep="\n")
        return 0

    announce(interpreters)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    logs = WORK / "logs"
    for folder in (logs, WORK / "home"):
        folder.mkdir(parents=True, exist_ok=True)
    outcomes = []
    with closing(Runner(ROOT, logs, environment()).run_all(table, jobs=os.cpu_count() or 1)) as finished:
        for outcome in finished:
            outcomes.append(outcome)
            report(outcome, len(outcomes), len(table))

    broken = [outcome.suite.name for outcome in outcomes if outcome.failed]
    if not interpreters:
        broken.append("(no interpreter)")
    if broken:
        print("Failed:", *broken)
    counted = total([Counts(failed=not interpreters), *(outcome.counts for outcome in outcomes)])
    print(f"{len(outcomes)} suites in {time.monotonic() - started:.0f} s, {counted.skipped} tests skipped")
    print(f"{counted.passed} passed, {counted.failed} failed")
    return 1 if counted.failed or not counted.passed else 0


if __name__ == "__main__":
    sys.exit(main())
