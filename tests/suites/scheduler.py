"""Runs suites side by side, each after those that it needs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from counts import Counts, nothing

LONGEST_SUITE = 600  # seconds
Step = tuple[str, ...]


@dataclass(frozen=True)
class Suite:
    """Commands run one after the other until one fails, and how to count what they tested."""

    name: str
    steps: tuple[Step, ...]
    count: Callable[[Path], Counts] = nothing
    results: Path | None = None  # what is counted; the log where there is none
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    suite: Suite
    counts: Counts
    seconds: float
    log: Path

    @property
    def failed(self) -> bool:
        return self.counts.failed > 0


class Runner:
    """Runs suites in `root`, their logs in `logs`."""

    def __init__(self, root: Path, logs: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.logs = logs
        self.environment = environment
        self.processes: set[subprocess.Popen[bytes]] = set()
        self.stopped = False

    def run_all(self, suites: list[Suite], jobs: int) -> Iterator[Outcome]:
        """The outcomes as they come.  A suite whose needs failed is not started, and failed too."""
        waiting = {suite.name: suite for suite in suites}
        done: dict[str, Outcome] = {}
        running: dict[Future[Outcome], str] = {}
        with ThreadPoolExecutor(jobs) as pool:
            try:
                while waiting or running:
                    for suite in [suite for suite in waiting.values() if done.keys() >= set(suite.needs)]:
                        del waiting[suite.name]
                        broken = [name for name in suite.needs if done[name].failed]
                        running[pool.submit(self.skip if broken else self.run, suite)] = suite.name
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        outcome = done[running.pop(future)] = future.result()
                        yield outcome
            finally:
                self.stop()

    def run(self, suite: Suite) -> Outcome:
        started = time.monotonic()
        log = self.log(suite)
        results = suite.results or log
        results.unlink(missing_ok=True)
        with log.open("wb") as output:
            succeeded = all(not self.stopped and self.succeeds(step, suite, output) for step in suite.steps)
        try:
            counts = suite.count(results)
        except (OSError, ValueError, SyntaxError):  # no file, no JSON, no XML
            counts = Counts()
        empty = suite.count is not nothing and not sum(counts)
        if not counts.failed and (empty or not succeeded):
            counts = counts._replace(failed=1)
        return Outcome(suite, counts, time.monotonic() - started, log)

    def skip(self, suite: Suite) -> Outcome:
        log = self.log(suite)
        log.write_text(f"not run, since one of these failed: {', '.join(suite.needs)}\n")
        return Outcome(suite, Counts(failed=1), 0.0, log)

    def log(self, suite: Suite) -> Path:
        return self.logs / f"{suite.name}.log"

    def succeeds(self, step: Step, suite: Suite, output: BinaryIO) -> bool:
        """Runs one command; it and what it started are gone when this returns."""
        output.write(f"$ {' '.join(step)}\n".encode())
        output.flush()
        try:
            process = subprocess.Popen(
                step,
                cwd=self.root,
                env={**self.environment, **suite.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            output.write(f"{error}\n".encode())
            return False
        self.processes.add(process)
        try:
            if not ends_within(process, LONGEST_SUITE):
                output.write(f"ended after {LONGEST_SUITE} seconds\n".encode())
        finally:
            self.processes.discard(process)
            end_group(process)
        return process.returncode == 0

    def stop(self) -> None:
        """Ends what still runs, for instance after an interrupt, and starts nothing more."""
        self.stopped = True
        for process in tuple(self.processes):
            os.killpg(process.pid, signal.SIGKILL)


def ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits for a process without reaping it, so that its id stays taken and its group can be named."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            return True
        time.sleep(0.05)
    return False


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kills a process that was not reaped, and whatever it left running, and reaps it."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
