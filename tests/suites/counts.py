"""Counts the tests that a suite ran, from what it left behind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

CLOSING_LINE = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
CHECK_SUMMARY = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$", re.MULTILINE)
MESON_FAILED = ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS")


class Counts(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


def total(counts: list[Counts]) -> Counts:
    return Counts(*map(sum, zip(*counts)))


def nothing(_path: Path) -> Counts:
    """For a suite that only prepares others."""
    return Counts()


def closing_lines(path: Path) -> Counts:
    """The sum of all lines `N passed, N failed[, N skipped]` of a log."""
    found = CLOSING_LINE.findall(path.read_text(errors="replace"))
    return total([Counts(*(int(number or 0) for number in line)) for line in found] or [Counts()])


def junit(path: Path) -> Counts:
    """The JUnit file that pytest writes."""
    counts = []
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        tests, failures, errors, skipped = (int(suite.get(k, 0)) for k in ("tests", "failures", "errors", "skipped"))
        counts.append(Counts(tests - failures - errors - skipped, failures + errors, skipped))
    return total(counts)


def meson_log(path: Path) -> Counts:
    """The log of `meson test` in JSON.  A libcheck program counts as the checks in it, another program as one."""
    return total([meson_test(json.loads(line)) for line in path.read_text().splitlines()])


def meson_test(test: dict) -> Counts:
    summaries = CHECK_SUMMARY.findall(test.get("stdout", ""))
    checks, failures, errors = (sum(map(int, column)) for column in zip(*summaries)) if summaries else (1, 0, 0)
    if test["result"] == "SKIP":
        return Counts(skipped=1)
    failed = failures + errors
    if test["result"] in MESON_FAILED:
        failed = max(failed, 1)
    return Counts(max(checks - failed, 0), failed)
