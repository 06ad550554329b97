"""The plugin of pytest: `pytest --profstat` writes a profile for each test.

A profile has what the test does, in all threads, and not what its fixtures do.  With pytest-xdist each worker writes the
profiles of its tests, and reports bring the names to the process that prints the summary.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import Any, Generator, Optional

import pytest

from profstat._profstat import ProfileSum, hide_file, untraced
from profstat.profile import Profile

_NAME_LENGTH = 150


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("profstat", "profiles of tests, for pstat")
    group.addoption("--profstat", action="store_true", help="write a profile for each test into the folder profiles")
    group.addoption("--profstat-dir", metavar="DIR", help="write a profile for each test into this folder")
    group.addoption("--profstat-combined", metavar="FILE", help="write the sum of the profiles of all tests")


def pytest_configure(config: pytest.Config) -> None:
    directory: Optional[str] = config.getoption("profstat_dir")
    combined: Optional[str] = config.getoption("profstat_combined")
    if directory is None and config.getoption("profstat"):
        directory = "profiles"
    if directory is not None or combined is not None:
        worker: Optional[str] = getattr(config, "workerinput", {}).get("workerid")
        config.pluginmanager.register(_Profiles(directory, combined, worker), "profstat profiles")


class _Profiles:
    """The profiles of a run, or of one of its workers."""

    def __init__(self, directory: Optional[str], combined: Optional[str], worker: Optional[str]) -> None:
        if directory is not None:
            directory = os.path.abspath(directory)
            _make_folder("--profstat-dir", directory)
        if combined is not None:
            root, suffix = os.path.splitext(os.path.abspath(combined))
            combined = f"{root}-{worker}{suffix}" if worker else root + suffix
            _make_folder("--profstat-combined", os.path.dirname(combined))
        self.directory = directory
        self.combined = combined
        self.worker = worker
        self.sum = ProfileSum()
        self.added = 0
        self.sums: dict[str, int] = {}
        self.written: dict[str, str] = {}  # of tests that have not been reported yet
        self.files: set[str] = set()

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        profile = Profile(threads=True)
        profile.enable()
        yield
        untraced(self._keep, profile, item)

    def _keep(self, profile: Profile, item: pytest.Item) -> None:
        profile.disable()
        if self.combined is not None:
            self.sum.add(profile)
            self.added += 1
        if self.directory is not None:
            path = os.path.join(self.directory, _file_name(item.nodeid))
            try:
                profile._save(path, {"test": item.nodeid})
            except OSError as error:
                item.warn(pytest.PytestWarning(f"profile not written to {path}: {error.strerror}"))
            else:
                self.written[item.nodeid] = path

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, None]:
        outcome = yield
        outcome.get_result().profstat_file = self.written.pop(item.nodeid, None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path = getattr(report, "profstat_file", None)
        if path is not None:
            self.files.add(path)

    def pytest_sessionfinish(self, session: Any) -> None:
        if self.combined is not None and self.added:
            self.sum.save(self.combined, {"tests": self.added})
            self.sums[self.combined] = self.added
            if self.worker:
                session.config.workeroutput["profstat_sums"] = self.sums

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist has ended."""
        self.sums.update(getattr(node, "workeroutput", {}).get("profstat_sums", {}))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("profiles")
        if self.directory is not None:
            terminalreporter.line(f"{_counted(len(self.files), 'file')} in {self.directory}")
        for path, tests in sorted(self.sums.items()):
            terminalreporter.line(f"{path}, the sum of {_counted(tests, 'test')}")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _make_folder(option: str, folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"{option}: cannot make the folder {folder}: {error.strerror}") from None


def _file_name(test: str) -> str:
    """The same in each run, and different for different tests."""
    plain = test.replace("/", ".").replace("::", ".").replace("[", "-")
    plain = plain[:-1] if plain.endswith("]") else plain
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", plain)[:_NAME_LENGTH]
    return f"{name}.stat" if name == plain else f"{name}-{zlib.crc32(test.encode()):08x}.stat"


hide_file(_file_name.__code__.co_filename)
