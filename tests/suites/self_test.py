"""Tests the runner itself: no suite that fails, dies or counts nothing may look as if it had passed."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

import scheduler
from counts import Counts, closing_lines, junit, meson_log, total
from scheduler import Runner, Suite


def shell(command: str) -> scheduler.Step:
    return ("sh", "-c", command)


class RunnerTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def outcomes(self, *suites: Suite) -> dict[str, Counts]:
        runner = Runner(self.folder, self.folder, os.environ)
        return {outcome.suite.name: outcome.counts for outcome in runner.run_all(list(suites), jobs=2)}

    def outcome(self, *commands: str) -> Counts:
        steps = tuple(map(shell, commands))
        return self.outcomes(Suite("suite", steps, closing_lines))["suite"]

    def test_counts_are_those_of_the_log(self) -> None:
        self.assertEqual(self.outcome("echo '3 passed, 0 failed'", "echo '2 passed, 0 failed, 1 skipped'"), (5, 0, 1))

    def test_failures_are_counted(self) -> None:
        self.assertEqual(self.outcome("echo '3 passed, 2 failed'; exit 1"), (3, 2, 0))

    def test_bad_status_is_a_failure(self) -> None:
        self.assertEqual(self.outcome("echo '3 passed, 0 failed'; exit 1"), (3, 1, 0))

    def test_counting_nothing_is_a_failure(self) -> None:
        self.assertEqual(self.outcome("echo fine"), (0, 1, 0))

    def test_missing_program_is_a_failure(self) -> None:
        self.assertEqual(self.outcomes(Suite("suite", (("./not-there",),)))["suite"], (0, 1, 0))

    def test_first_failure_ends_a_suite(self) -> None:
        self.assertEqual(self.outcome("exit 1", "echo '9 passed, 0 failed'"), (0, 1, 0))

    def test_results_of_an_earlier_run_do_not_count(self) -> None:
        results = self.folder / "results.xml"
        results.write_text('<testsuite tests="5" failures="0" errors="0" skipped="0"/>')
        suite = Suite("suite", (shell("true"),), junit, results)
        self.assertEqual(self.outcomes(suite)["suite"], (0, 1, 0))

    def test_needs_come_first_and_failures_spread(self) -> None:
        suites = (
            Suite("last", (shell("cat made && echo '1 passed, 0 failed'"),), closing_lines, needs=("first",)),
            Suite("first", (shell("touch made"),)),
            Suite("broken", (shell("false"),)),
            Suite("unstarted", (shell("echo '1 passed, 0 failed'"),), closing_lines, needs=("broken",)),
        )
        expected = {"first": (0, 0, 0), "last": (1, 0, 0), "broken": (0, 1, 0), "unstarted": (0, 1, 0)}
        self.assertEqual(self.outcomes(*suites), expected)

    def test_suite_that_hangs_is_ended(self) -> None:
        limit = scheduler.LONGEST_SUITE
        self.addCleanup(setattr, scheduler, "LONGEST_SUITE", limit)
        scheduler.LONGEST_SUITE = 0.2
        self.assertEqual(self.outcome("sleep 60"), (0, 1, 0))

    def test_meson_log_counts_checks(self) -> None:
        tests = (
            {"result": "OK", "stdout": "100%: Checks: 12, Failures: 0, Errors: 0\n"},
            {"result": "FAIL", "stdout": "50%: Checks: 4, Failures: 1, Errors: 1\n"},
            {"result": "FAIL", "stdout": "100%: Checks: 3, Failures: 0, Errors: 0\n"},  # a leak at the end
            {"result": "TIMEOUT"},
            {"result": "OK"},
            {"result": "SKIP"},
        )
        log = self.folder / "log.json"
        log.write_text("\n".join(map(json.dumps, tests)))
        self.assertEqual(meson_log(log), (12 + 2 + 2 + 0 + 1, 0 + 2 + 1 + 1, 1))

    def test_junit_counts_errors_as_failures(self) -> None:
        results = self.folder / "results.xml"
        results.write_text('<testsuites><testsuite tests="9" failures="1" errors="2" skipped="3"/></testsuites>')
        self.assertEqual(junit(results), (3, 3, 3))

    def test_total(self) -> None:
        self.assertEqual(str(total([Counts(1, 2), Counts(3, 4, 5)])), "4 passed, 6 failed, 5 skipped")


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=2)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"{program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
