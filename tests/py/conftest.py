import gc
import os
import signal
import time
from pathlib import Path
from typing import Iterator

import pytest

from profstat import Profile

# Behind "&" of a shell it is ignored, and whatever the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def collects_garbage_between_tests() -> Iterator[None]:
    """What is left of one test is not to be seen in the profiles of another."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROFSTAT", raising=False)
    return tmp_path


class HandClock:
    """A timer in whole seconds that goes on when it is told to."""

    now = 0

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: int) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    """The clock of every profile that monitor_profile records in the test."""
    clock = HandClock()
    monkeypatch.setattr("profstat.monitor.Profile", lambda **options: Profile(clock, **{**options, "clock": "wall"}))
    return clock


class Ticks:
    """Stands for the module time in profstat: how long a call took is what the test says."""

    now = 0

    def perf_counter(self) -> int:
        return self.now

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    """The clock by which the duration of decorated calls is taken."""
    ticks = Ticks()
    monkeypatch.setattr("profstat.monitor.time", ticks)
    return ticks


@pytest.fixture
def written(here: Path):
    """Tells the names of the profiles in the working directory."""
    return lambda: sorted(os.listdir(here))
